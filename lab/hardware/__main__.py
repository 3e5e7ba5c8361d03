"""`python -m lab.hardware`: plays what can happen to a printer on USB and to buttons on pins, in one boot."""

import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import click

from lab.guest.build import build, install
from lab.hardware.drivers import TOOLS
from lab.hardware.machine import RECIPE
from lab.hardware.play import Row, play
from lab.hardware.scenarios import SCENARIOS


@click.command()
@click.option(
    "--scenario", "names", multiple=True, type=click.Choice(list(SCENARIOS)), help="Only this; may be repeated."
)
def main(names: tuple[str, ...]) -> None:
    """Try kiosk and counter box on a real kernel's USB printer and pins, in a machine in QEMU.

    The first time it fetches and builds the machine, which takes some minutes, and needs root if QEMU is not installed.
    Exit code 1 when something was not as expected.
    """
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    install(TOOLS)
    parts = build(RECIPE, lambda what: click.echo(f"{what} …", err=True))
    folder = Path(tempfile.mkdtemp(prefix="dawr-hardware-"))
    began_s = time.monotonic()
    click.echo("| scenario | what is done | what is expected | kept | s |\n|---|---|---|---|---|")
    broken = 0
    for row in play(parts, folder, names or tuple(SCENARIOS)):
        _show(row)
        broken += bool(row.broken)
    click.echo(f"\n{broken} not as expected, {time.monotonic() - began_s:.0f} s in all")
    if broken:
        click.echo(f"The server's files of this run are in {folder}", err=True)
        sys.exit(1)
    shutil.rmtree(folder)


def _show(row: Row) -> None:
    kept = f"NO: {row.broken}" if row.broken else "yes"
    click.echo(f"| `{row.name}` | {row.done} | {row.expected} | {kept} | {row.seconds:.1f} |")


if __name__ == "__main__":
    main()
