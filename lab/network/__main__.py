"""`python -m lab.network`: plays what can happen to a hall's network, and shows whether the promises were kept."""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import click

from lab.network.evidence import broken_promises, waiting
from lab.network.hall import COUNTER, Lab
from lab.network.scenarios import SCENARIOS, Row, play
from lab.network.switch import TAP


@click.command()
@click.option(
    "--scenario", "names", multiple=True, type=click.Choice(list(SCENARIOS)), help="Only this; may be repeated."
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for pictures of the screens.")
@click.option("--seed", default=1, show_default=True, help="Decides which frames are lost.")
def main(names: tuple[str, ...], out: Path | None, seed: int) -> None:
    """Break the network of a real hall in every way, and look at papers, log and screens. Needs root."""
    if hindrance := why_not():
        click.echo(hindrance, err=True)
        sys.exit(2)
    if out:
        out.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="dawr-network-"))
    lab = Lab(folder, seed)
    try:
        rows = _play_all(lab, names or tuple(SCENARIOS), out)
        left = drained(lab)
    finally:
        lab.clear_away()
    _show(rows, left)
    broken = left + [one for row in rows for one in row.broken]
    if broken:
        click.echo(f"Every file of this run is in {folder}", err=True)
        sys.exit(1)
    shutil.rmtree(folder)


def why_not() -> str | None:
    """Why the lab cannot be built on this machine, or None."""
    if os.geteuid() != 0:
        return "The network lab makes network namespaces: it has to be run by root."
    if not TAP.exists():
        return f"The network lab needs {TAP}, which this machine does not have."
    return None if shutil.which("ip") else "The network lab needs Debian's iproute2."


def drained(lab: Lab) -> list[str]:
    """Call everybody who still waits, each once; what is wrong in the end."""
    try:
        while waiting(lab.server.events()) and lab.server.call_next(COUNTER):
            pass
        log = lab.server.events()
    except OSError as problem:
        return [str(problem)]
    return broken_promises(lab.slips, log) + [f"{ticket} was never called" for ticket in waiting(log)]


def _play_all(lab: Lab, names: tuple[str, ...], out: Path | None) -> list[Row]:
    click.echo("Building the hall …", err=True)
    lab.build()
    rows = []
    for place, name in enumerate(names, 1):
        began_s = time.monotonic()
        click.echo(f"[{place}/{len(names)}] {SCENARIOS[name].fault} …", err=True, nl=False)
        rows.append(play(lab, name, out))
        click.echo(f" {'BROKEN' if rows[-1].broken else 'kept'}, {time.monotonic() - began_s:.0f} s", err=True)
    return rows


def _show(rows: list[Row], left: list[str]) -> None:
    click.echo(
        "| scenario | fault | promise kept | noticed | agreed again | what people saw |\n|---|---|---|---|---|---|"
    )
    for row in rows:
        kept = "; ".join(row.broken) or "yes"
        saw = "; ".join(row.saw)
        click.echo(
            f"| `{row.name}` | {row.fault} | {kept} | {_seconds(row.noticed_s)} | {_seconds(row.recovered_s)} | {saw} |"
        )
    click.echo(f"\nEverybody was called in the end, each once: {'; '.join(left) or 'yes'}")


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


if __name__ == "__main__":
    main()
