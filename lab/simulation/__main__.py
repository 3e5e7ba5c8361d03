"""Live through many days of a centre: `python -m lab.simulation --seeds 1000`."""

import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import click

from lab.simulation.checks import PROMISES
from lab.simulation.hall import Outcome, simulate
from lab.simulation.mutants import MUTANTS
from lab.simulation.story import story
from lab.simulation.timeline import Note

SHOWN = 5


@click.command()
@click.option("--seeds", default=100, show_default=True, help="How many seeds.")
@click.option("--from", "first", default=1, show_default=True, help="The first seed.")
@click.option("--days", default=2, show_default=True, help="Days of each seed.")
@click.option("--jobs", default=1, show_default=True, help="Processes.")
@click.option("--mutant", type=click.Choice(sorted(MUTANTS)), help="Put in a defect, and stop when it is caught.")
@click.option("--timeless", default=0.0, help="How often the server loses the time with its power, from 0 to 1.")
@click.option("--trace", "traced", type=int, metavar="SEED", help="Print everything that happens with one seed.")
def main(seeds: int, first: int, days: int, jobs: int, mutant: str | None, timeless: float, traced: int | None) -> None:
    """Simulate a centre under faults, one seed after the other, and check every promise.

    Exit code 1 when one is broken: the seed and its story are printed, and the same seed gives the same again.
    """
    live = _Live(days, mutant, timeless)
    if traced is not None:
        outcome = live(traced, keep_trace=True)
        _print(outcome.trace)
        sys.exit(_tell(outcome, live))
    began_s = time.monotonic()
    done: list[Outcome] = []
    todo = _outcomes(live, range(first, first + seeds), jobs)
    with click.progressbar(todo, length=seeds, label="seeds", file=sys.stderr) as bar:
        for outcome in bar:
            done.append(outcome)
            if mutant and outcome.violations:
                break
    _sum_up(done, time.monotonic() - began_s)
    broken = [outcome for outcome in done if outcome.violations]
    for outcome in broken[:SHOWN]:
        _tell(outcome, live)
    sys.exit(1 if broken else 0)


@dataclass(frozen=True, slots=True)
class _Live:
    """Lives through one seed after the other, always under the same conditions."""

    days: int
    mutant: str | None
    timeless: float

    def __call__(self, seed: int, *, keep_trace: bool = False) -> Outcome:
        parts = MUTANTS[self.mutant].parts if self.mutant else None
        return simulate(seed, self.days, parts, timeless=self.timeless, keep_trace=keep_trace)

    def again(self, seed: int) -> str:
        """The command that gives the same once more."""
        more = f" --mutant {self.mutant}" if self.mutant else ""
        more += f" --timeless {self.timeless}" if self.timeless else ""
        return f"python -m lab.simulation --trace {seed} --days {self.days}{more}"


def _outcomes(live: _Live, seeds: range, jobs: int) -> Iterator[Outcome]:
    if jobs == 1:
        yield from map(live, seeds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(live, seeds, chunksize=4)


def _sum_up(done: list[Outcome], seconds: float) -> None:
    days, tickets = sum(one.days for one in done), sum(one.tickets for one in done)
    cuts, broken = sum(one.cuts for one in done), sum(bool(one.violations) for one in done)
    click.echo(
        f"{len(done)} seeds, {days} days, {tickets} papers, {cuts} cuts, {broken} seeds with violations,"
        f" {seconds:.0f} s ({days / seconds:.1f} days/s)"
    )


def _tell(outcome: Outcome, live: _Live) -> int:
    """Print what was broken and how it came about; the exit code."""
    if not outcome.violations:
        return 0
    first = outcome.violations[0]
    click.echo(f"\nseed {outcome.seed}: {len(outcome.violations)} violations. {first}")
    click.echo(f"  the promise: {PROMISES[first.promise]}")
    told = outcome if outcome.trace else live(outcome.seed, keep_trace=True)
    _print(story(told.trace, first))
    click.echo(f"  again: {live.again(outcome.seed)}")
    return 1


def _print(notes: Sequence[Note]) -> None:
    for note in notes:
        click.echo(f"  {note}")


if __name__ == "__main__":
    main()
