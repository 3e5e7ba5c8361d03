"""`python -m lab.soak`: lives through a large hall's day, and shows what it came to."""

import math
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from lab.soak.day import Plan
from lab.soak.hall import Size
from lab.soak.people import Answered
from lab.soak.soaking import Soaked, soak

_MB = 1_000_000


@click.command()
@click.option("--tickets", type=click.IntRange(100), default=5000, show_default=True, help="Tickets of the day.")
@click.option("--counters", type=click.IntRange(1), default=12, show_default=True, help="Counters that call.")
@click.option("--kiosks", type=click.IntRange(1, 9), default=3, show_default=True, help="Kiosks, the first with touch.")
@click.option("--screens", type=click.IntRange(1), default=40, show_default=True, help="Boards, two of them painting.")
@click.option("--kills", type=click.IntRange(0), default=40, show_default=True, help="Processes killed in the day.")
@click.option("--seed", default=1, show_default=True, help="Decides who is killed when, and what people do.")
@click.option("--minutes", type=float, default=math.inf, help="Close the doors then, however few tickets were given.")
@click.option("--keep", is_flag=True, help="Keep every file of the run, also if all is well.")
def main(
    tickets: int, counters: int, kiosks: int, screens: int, kills: int, seed: int, minutes: float, keep: bool
) -> None:
    """Live through a day of a large hall at speed, killing processes at random.

    Exit code 1 when a promise was broken, when a process grew by more than 5 % after the first fifth of the day, or
    leaked descriptors or threads, or when a log ran on.
    """
    folder = Path(tempfile.mkdtemp(prefix="dawr-soak-"))
    try:
        with click.progressbar(length=tickets, label="tickets", file=sys.stderr) as bar:
            size, plan = Size(counters, kiosks, screens), Plan(tickets, kills, seed, most_s=60 * minutes)
            soaked = soak(folder, size, plan, note=lambda given: bar.update(given - bar.pos))
    except (TimeoutError, RuntimeError) as stuck:
        raise click.ClickException(f"{stuck}\nEvery file of this run is in {folder}") from None
    _show(soaked)
    if soaked.wrong:
        click.echo("\n" + "\n".join(soaked.wrong))
    if soaked.wrong or keep:
        click.echo(f"Every file of this run is in {folder}", err=True)
    else:
        shutil.rmtree(folder)
    sys.exit(1 if soaked.wrong else 0)


def _show(soaked: Soaked) -> None:
    click.echo("| process | tickets | warm MB | end MB | grew | descriptors | threads | WAL MB |")
    click.echo("|---|---|---|---|---|---|---|---|")
    for one in soaked.lives:
        warm, end = one.warm, one.end
        click.echo(
            f"| {one.part} | {warm.tickets}–{end.tickets} | {warm.rss_bytes / _MB:.1f} | {end.rss_bytes / _MB:.1f} |"
            f" {one.growth:+.1%} | {warm.descriptors} → {end.descriptors} | {warm.threads} → {end.threads} |"
            f" {max(sample.wal_bytes for sample in one.samples) / _MB:.1f} |"
        )
    click.echo(
        f"\nThe server keeps {soaked.kept_bytes:.0f} bytes of each ticket of the day; they are not counted as growth."
    )
    click.echo("\n| process | lives | lines logged | per ticket | bytes |\n|---|---|---|---|---|")
    for talk in soaked.talks:
        click.echo(f"| {talk.part} | {talk.lives} | {talk.lines} | {talk.lines / talk.tickets:.2f} | {talk.bytes} |")
    day = soaked.day
    click.echo(
        f"\n{day.tickets} tickets in {day.seconds:.0f} s ({day.tickets / day.seconds:.1f} a second);"
        f" the screens agreed after {max(day.agreed_s):.1f} s at most"
        f"\nthe server was killed {len(day.restarted_s)} times"
        f" and back after {max(day.restarted_s, default=0):.1f} s at most"
    )
    first_kill_s = min(day.server_killed_s, default=float("inf"))
    calm = [one for one in soaked.answers if one.asked_s + one.seconds < first_kill_s]
    for what, answers in (("while the server lived", calm), ("in all", soaked.answers)):
        click.echo(f"next, {what}: {len(answers)} answers, {_percentiles(answers)}")


def _percentiles(answers: Sequence[Answered]) -> str:
    took_ms = sorted(one.seconds * 1000 for one in answers)
    if not took_ms:
        return "none"
    return ", ".join(f"p{share} {took_ms[len(took_ms) * share // 100]:.0f} ms" for share in (50, 99))


if __name__ == "__main__":
    main()
