"""Fuzz a server: `python -m lab.fuzz --examples 10000`."""

import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import click

from lab.fuzz import http, live
from lab.fuzz.target import Report, Target, target

SHOWN = 10
_KINDS: dict[str, Callable[[Target, int, int, Report], Counter[Any]]] = {"http": http.fuzz, "live": live.fuzz}


@click.command()
@click.option("--examples", default=10_000, show_default=True, help="How many of each kind.")
@click.option("--kind", type=click.Choice(sorted(_KINDS)), help="Only requests (http) or only events (live).")
@click.option("--seed", type=int, help="The same seed makes the same again.")
def main(examples: int, kind: str | None, seed: int | None) -> None:
    """Send a real server requests and events that no device of ours would.

    Exit code 1 when it answered with 5xx, printed a traceback, changed something that it refused, or stopped working.
    """
    seed = random.randrange(10**6) if seed is None else seed
    wrong = False
    for name in [kind] if kind else sorted(_KINDS):
        began_s = time.monotonic()
        with target() as aim:
            came = _KINDS[name](aim, examples, seed, lambda done: click.echo(f"  {done}", err=True))
            found = aim.defects()
        said = ", ".join(f"{times} {what}" for what, times in sorted(came.items(), key=str))
        took_s = time.monotonic() - began_s
        click.echo(f"{name}, seed {seed}: {came.total()} in {took_s:.0f} s: {said}; {len(found)} defects")
        for one in found[:SHOWN]:
            click.echo(f"  {one}")
        wrong = wrong or bool(found)
    sys.exit(wrong)


if __name__ == "__main__":
    main()
