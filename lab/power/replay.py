"""Level 1: a real process is recorded call by call; what the disk may hold after a cut at any of them is replayed.

    python -m lab.power.replay --states 2000 [--sqlite synchronous-normal]

Needs strace, no root. Every state is opened by the product itself and held against everything that was promised.
"""

import logging
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import click

from dawr.settings.centre import read_centre
from lab.power.careless import HARMLESS, MUTANTS
from lab.power.crash import Remains, crashes
from lab.power.promises import broken_promises
from lab.power.small_hall import CENTRE, facts
from lab.power.trace import Step, record, steps
from server.keeping.log import BALLAST

ROOT = Path(__file__).parents[2]
MEMORY = Path("/dev/shm")


@dataclass
class Verdict:
    """What many cuts showed. `broken` has a sentence for each state that broke a promise, by its number."""

    states: int = 0
    forgotten: int = 0
    said: int = 0
    seconds: float = 0.0
    broken: dict[int, list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        each_ms = 1000 * self.seconds / max(1, self.states)
        return (
            f"{self.states} cuts, {self.forgotten} sectors forgotten, up to {self.said} facts promised:"
            f" {len(self.broken)} cuts broke a promise ({each_ms:.1f} ms a cut)"
        )


def recorded(folder: Path, rounds: int, change: str | None = None) -> list[Step]:
    """What the small hall does in an empty folder, by its system calls; with SQLite as it is, or changed."""
    data, trace = folder / "data", folder / "trace"
    data.mkdir()
    changed = ["lab.power.careless", change] if change else []
    done = record([sys.executable, "-m", *changed, "lab.power.small_hall", data, str(rounds)], ROOT, trace)
    if done.returncode:
        raise RuntimeError(f"the small hall ended with {done.returncode}: {done.stderr}")
    with trace.open(encoding="ascii") as lines:
        return list(steps(lines, data))


def replayed(steps: list[Step], folder: Path, states: int, seed: int) -> Verdict:
    """So many cuts of what was recorded, each held against what had been promised by then."""
    folder.mkdir()
    # Otherwise each log that is opened would set 16 MB aside.
    (folder / BALLAST).touch()
    centre, verdict, began_s = read_centre(CENTRE), Verdict(), time.monotonic()
    for number, remains in enumerate(crashes(steps, states, seed)):
        _lay_out(remains, folder)
        promised = list(facts(remains.said))
        broken = broken_promises(folder, promised, centre)
        verdict.states, verdict.forgotten = verdict.states + 1, verdict.forgotten + remains.lost
        verdict.said = max(verdict.said, len(promised))
        if broken:
            verdict.broken[number] = broken
    verdict.seconds = time.monotonic() - began_s
    return verdict


def _lay_out(remains: Remains, folder: Path) -> None:
    for old in folder.iterdir():
        if old.name != BALLAST:
            old.unlink()
    for name, content in remains.files.items():
        (folder / name).write_bytes(content)


@click.command()
@click.option("--states", type=click.IntRange(1), default=2000, show_default=True, help="How many cuts.")
@click.option("--rounds", type=click.IntRange(1), default=40, show_default=True, help="How long the hall works.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed cuts a recording alike.")
@click.option(
    "--sqlite", "change", type=click.Choice([*HARMLESS, *MUTANTS]), help="Change SQLite; a mutant must break promises."
)
def main(states: int, rounds: int, seed: int, change: str | None) -> None:
    """Cut the power of a recorded hall at any moment and see what is left. Exit code 1 when a promise broke."""
    # What the product has to say about each folder is of no interest here.
    logging.disable()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        recording = recorded(Path(name), rounds, change)
        kinds = Counter(type(step).__name__ for step in recording)
        click.echo("recorded: " + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
        verdict = replayed(recording, Path(name) / "after", states, seed)
    for number, sentences in list(verdict.broken.items())[:5]:
        click.echo(f"  cut {number}: {sentences[0]}" + (f" (and {len(sentences) - 1} more)" if sentences[1:] else ""))
    click.echo(str(verdict))
    sys.exit(1 if verdict.broken else 0)


if __name__ == "__main__":
    main()
