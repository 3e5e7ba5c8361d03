"""`python -m lab.power.guest --cuts 1000`: cut the power of a real kernel on a real file system, again and again.

`machine` and `network_disk` do the work; here is who promised what, and what became of it.
"""

import json
import logging
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import click

from dawr.settings.centre import read_centre
from lab.guest.build import Parts, build, install
from lab.guest.machine import Machine
from lab.power import ext4
from lab.power.careless import MUTANTS
from lab.power.guest.machine import RECIPE, THAW_S, freeze, thaw
from lab.power.guest.network_disk import NetworkDisk
from lab.power.promises import STORED, broken_promises
from lab.power.small_hall import CENTRE
from lab.power.volatile_image import VolatileImage

DISK_MB = 48
CUTS_A_DISK = 5
"""How often a disk is used again: each cut comes upon what the ones before have left."""
LONGEST_WORK_S = 1.2

Fact = dict[str, Any]


@dataclass
class Tally:
    """What happened."""

    cuts: int = 0
    papers: int = 0
    answers: int = 0
    cuts_that_broke: int = 0


class Lab:
    """One machine, its disk, and everything that it promised since the disk was new."""

    def __init__(self, parts: Parts, folder: Path, change: str | None, seed: int) -> None:
        self.folder, self.change, self.random = folder, change, Random(seed)
        self.parts = _own(parts, folder)
        self.image = VolatileImage(ext4.new_disk(folder, DISK_MB))
        self.disk = NetworkDisk(self.image, folder / "disk")
        self.centre = read_centre(CENTRE)
        self.tally = Tally()
        self._began_s = time.monotonic()

    def freeze(self) -> None:
        """Boot once."""
        self.state = freeze(self.parts, self.folder)
        self._began_s = time.monotonic()

    def one_disk(self, cuts: int) -> None:
        """So many cuts of a new disk; then everything that was ever promised on it is looked for, from outside."""
        self._put_in(ext4.new_disk(self.folder, DISK_MB))
        promised: list[Fact] = []
        news: list[Fact] = []
        for _ in range(cuts):
            news = self._cycle(news)
            promised += news
            if not self._goes_on:
                return
        with ext4.files_on(self._left, STORED, self.folder) as left:
            self._note(broken_promises(left, promised, self.centre))

    def _cycle(self, promised: list[Fact]) -> list[Fact]:
        """Power on, recovery, work, power off at any moment. Gives what was promised meanwhile."""
        machine = thaw(self.parts, self.folder, self.state)
        # Its clock and its chance stood still as well: without these it would make the same ids in every life.
        chance = self.random.randbytes(64).hex()
        machine.say({"now": time.time(), "chance": chance, "sqlite": self.change, "promised": promised})
        news, self._goes_on = self._watch(machine)
        news += [fact for fact in machine.cut_power() if "broken" not in fact]
        self.disk.wait_until_left()
        self._put_in(self.image.after_a_cut(self.random))
        self.tally.cuts += 1
        self.tally.papers += sum("paper" in fact for fact in news)
        self.tally.answers += sum("command" in fact for fact in news)
        return news

    def _watch(self, machine: Machine) -> tuple[list[Fact], bool]:
        """Hear it until the moment of the cut, which is chosen when it begins to work."""
        begun = next(machine.hear(time.monotonic() + THAW_S), None)
        broken = ["the machine does not come back"] if begun is None else begun["broken"]
        self._note(broken)
        if broken:
            return [], False
        facts = list(machine.hear(time.monotonic() + self.random.uniform(0.0, LONGEST_WORK_S)))
        return facts, True

    def report(self) -> dict[str, object]:
        """What happened until now."""
        tally, seconds = self.tally, time.monotonic() - self._began_s
        return {
            "cuts": tally.cuts,
            "cuts that broke a promise": tally.cuts_that_broke,
            "papers": tally.papers,
            "answers": tally.answers,
            "flushes": self.image.flushes,
            "sectors forgotten": self.image.forgotten,
            "s a cut": round(seconds / max(1, tally.cuts), 2),
        }

    def _note(self, broken: list[str]) -> None:
        self.tally.cuts_that_broke += bool(broken)
        if broken:
            kept = RECIPE.cache / f"broken-{self.tally.cuts}.img"
            kept.write_bytes(self._left)
            click.echo(f"  cut {self.tally.cuts}: {broken[0]} ({len(broken)} in all; the disk is kept in {kept})")

    def _put_in(self, content: bytes) -> None:
        self._left = content
        self.image.begin_again(content)


def _own(parts: Parts, folder: Path) -> Parts:
    """Parts that stay as they are while the product is changed: a thawed machine knows its files by heart."""
    own = Parts(parts.first, *(folder / part.name for part in (parts.kernel, parts.initramfs, parts.root)))
    subprocess.run(["cp", "--sparse=always", parts.kernel, parts.initramfs, parts.root, folder], check=True)
    return own


@click.command()
@click.option("--cuts", type=click.IntRange(1), default=1000, show_default=True, help="How often the power is cut.")
@click.option("--seed", type=int, default=1, show_default=True, help="Chooses the moments and what survives.")
@click.option("--sqlite", "change", type=click.Choice(list(MUTANTS)), help="Be careless: promises must break.")
def main(cuts: int, seed: int, change: str | None) -> None:
    """Cut the power of a whole machine; after each disk's cuts, say what happened until now.

    SIGTERM or Ctrl-C ends it early. Exit code 1 when a promise broke, 130 when it was ended before all cuts were done.
    """
    # What the product has to say about each folder is of no interest here.
    logging.disable()
    install()
    parts = build(RECIPE, click.echo)
    # A shell that starts it in the background has it ignore Ctrl-C.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="dawr-guest-") as name:
        lab = Lab(parts, Path(name), change, seed)
        with closing(lab.disk), suppress(KeyboardInterrupt):
            _cut(lab, cuts)
    done = lab.tally.cuts >= cuts
    click.echo(f"{'done' if done else 'ended early'}: {json.dumps(lab.report())}")
    sys.exit(1 if lab.tally.cuts_that_broke else 0 if done else 130)


def _cut(lab: Lab, cuts: int) -> None:
    began_s = time.monotonic()
    lab.freeze()
    click.echo(f"booted and frozen in {time.monotonic() - began_s:.1f} s")
    while lab.tally.cuts < cuts:
        lab.one_disk(min(CUTS_A_DISK, cuts - lab.tally.cuts))
        click.echo(json.dumps(lab.report()))


if __name__ == "__main__":
    main()
