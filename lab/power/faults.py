"""Disks that fail and processes that are killed: at any system call of the real journal and log, then a power cut.

    python -m lab.power.faults --points 20

A fault hits one call, or all from one on. The hall goes on as well as it can; then everything that was promised must
be there: in the folder as it stands, and after power cuts at any moment before and after the fault.
"""

import logging
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import click

from dawr.settings.centre import Centre, read_centre
from lab.power.promises import broken_promises
from lab.power.replay import MEMORY, ROOT, replayed
from lab.power.small_hall import CENTRE, facts
from lab.power.trace import Said, record, steps

FAULTS = {"killed": "signal=KILL", "input/output error": "error=EIO", "disk full": "error=ENOSPC"}
"""What happens at a call, as strace says it."""
CALLS = {
    "killed": ("pwrite64", "fdatasync", "write"),
    "input/output error": ("pwrite64", "fdatasync", "ftruncate"),
    "disk full": ("pwrite64",),
}
"""The calls that it happens to."""


@dataclass(frozen=True, slots=True)
class Point:
    """A fault at the n-th call of its kind; it may last."""

    fault: str
    call: str
    number: int
    lasts: bool

    def __str__(self) -> str:
        return f"{self.fault} at {self.call} {self.number}{' and after' if self.lasts else ''}"

    def injected(self) -> str:
        """As strace wants to hear it."""
        return f"--inject={self.call}:{FAULTS[self.fault]}:when={self.number}{'+' if self.lasts else ''}"


def points(called: Counter[str], count: int, fault: str, random: Random) -> Iterator[Point]:
    """So many points for a fault, anywhere in a hall of which a thread makes so many calls."""
    for _ in range(count):
        call = random.choice(CALLS[fault])
        lasts = fault != "killed" and random.random() < 0.3
        yield Point(fault, call, random.randint(1, called[call]), lasts)


def broken_by(point: Point, folder: Path, rounds: int, states: int, centre: Centre) -> tuple[list[str], int]:
    """What breaks when this happens, in the folder itself and after so many power cuts; and how much was promised."""
    data, trace = folder / "data", folder / "trace"
    data.mkdir(parents=True)
    record([sys.executable, "-m", "lab.power.small_hall", data, str(rounds)], ROOT, trace, point.injected())
    with trace.open(encoding="ascii") as lines:
        happened = list(steps(lines, data))
    after = replayed(happened, folder / "after", states, seed=1)
    promised = list(facts([step.text for step in happened if isinstance(step, Said)]))
    broken = broken_promises(data, promised, centre)
    return broken + [sentence for sentences in after.broken.values() for sentence in sentences], len(promised)


def calls_of_a_hall(folder: Path, rounds: int) -> Counter[str]:
    """How often a thread of a hall makes each call, at most: strace counts a fault's calls by thread."""
    (folder / "data").mkdir(parents=True)
    trace = folder / "trace"
    record([sys.executable, "-m", "lab.power.small_hall", folder / "data", str(rounds)], ROOT, trace)
    with trace.open(encoding="ascii") as lines:
        made = Counter(tuple(line.partition("(")[0].split()) for line in lines if "(" in line)
    most: Counter[str] = Counter()
    for (_task, call), times in made.items():
        most[call] = max(most[call], times)
    return most


@click.command()
@click.option(
    "--points", "count", type=click.IntRange(1), default=20, show_default=True, help="How many of each fault."
)
@click.option("--states", type=click.IntRange(0), default=10, show_default=True, help="Power cuts after each of them.")
@click.option("--rounds", type=click.IntRange(1), default=20, show_default=True, help="How long the hall works.")
@click.option("--seed", type=int, default=1, show_default=True, help="Chooses the points.")
def main(count: int, states: int, rounds: int, seed: int) -> None:
    """Let disks fail and processes die at any call. Exit code 1 when a promise broke."""
    # What the product has to say about each folder is of no interest here.
    logging.disable()
    random, centre, worst = Random(seed), read_centre(CENTRE), 0
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        called = calls_of_a_hall(Path(name) / "calls", rounds)
        for fault in FAULTS:
            began_s, broke, most = time.monotonic(), 0, 0
            for number, point in enumerate(points(called, count, fault, random)):
                folder = Path(name) / f"{fault[:4]}{number}"
                broken, promised = broken_by(point, folder, rounds, states, centre)
                shutil.rmtree(folder)
                most, broke = max(most, promised), broke + bool(broken)
                if broken:
                    click.echo(f"  {point}: {broken[0]}")
            worst = max(worst, broke)
            seconds = time.monotonic() - began_s
            click.echo(
                f"{fault}: {count} points, {states} cuts each, up to {most} facts: {broke} broke ({seconds:.0f} s)"
            )
    sys.exit(1 if worst else 0)


if __name__ == "__main__":
    main()
