"""Level 2: the real server and the real kiosk, as processes, on a real file system on a disk that forgets.

    python -m lab.power.volatile --cuts 300 [--sqlite journal-delete]

Needs root, FUSE and loop devices. The hall works on while each cut shows what its disk would hold at that moment.
"""

import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import click

from dawr.settings.centre import Centre
from dawr.settings.mistakes import parse
from lab.power import ext4
from lab.power.careless import MUTANTS
from lab.power.promises import STORED, broken_promises
from lab.power.real_hall import ALWAYS_OPEN, RealHall, real_hall
from lab.power.replay import Verdict
from lab.power.volatile_disk import VolatileDisk, volatile_disk, why_not
from server.keeping.log import FILE

DISK_MB = 96
APT_PACKAGES = ("fuse3", "e2fsprogs")
LONGEST_PAUSE_S = 0.3
CUTS_A_HALL = 50
"""Then another hall begins: each cut looks for everything that was promised since the hall opened."""
ON_DISK = [f"{'server' if name.startswith(FILE) else 'kiosk'}/{name}" for name in STORED]


def cut(folder: Path, cuts: int, seed: int, change: str | None = None) -> Verdict:
    """So many cuts of a hall at work, each held against what had been promised when the power failed."""
    centre, random, verdict = parse(Centre, ALWAYS_OPEN, "always_open.toml"), Random(seed), Verdict()
    with (
        volatile_disk(ext4.new_disk(folder, DISK_MB), folder) as disk,
        real_hall(folder, disk.folder, change) as hall,
        hall.at_work(),
    ):
        _until_there_is_paper(hall)
        began_s = time.monotonic()
        for number in range(cuts):
            time.sleep(random.uniform(0, LONGEST_PAUSE_S))
            broken, promised = _one_cut(hall, disk, seed + number, folder, centre, verdict)
            verdict.states, verdict.said = verdict.states + 1, promised
            if broken:
                verdict.broken[number] = list(broken)
        verdict.seconds = time.monotonic() - began_s
    return verdict


def _one_cut(
    hall: RealHall, disk: VolatileDisk, seed: int, folder: Path, centre: Centre, verdict: Verdict
) -> tuple[Sequence[str], int]:
    """What broke, and how much had been promised before the power failed."""
    promised = hall.promised()
    left = folder / "left.img"
    verdict.forgotten = disk.after_a_cut(seed, left)
    try:
        with ext4.files_on(left.read_bytes(), ON_DISK, folder) as files:
            return broken_promises(files, promised, centre, datetime.now(UTC)), len(promised)
    except RuntimeError as problem:
        return [str(problem)], len(promised)


def _until_there_is_paper(hall: RealHall) -> None:
    deadline = time.monotonic() + 60
    while not any("paper" in fact for fact in hall.promised()):
        if time.monotonic() > deadline:
            raise RuntimeError("no slip comes out")
        time.sleep(0.1)


@click.command()
@click.option("--cuts", type=click.IntRange(1), default=300, show_default=True, help="How often the power is cut.")
@click.option("--seed", type=int, default=1, show_default=True, help="Chooses the moments and what survives.")
@click.option("--sqlite", "change", type=click.Choice(list(MUTANTS)), help="Be careless: promises must break.")
def main(cuts: int, seed: int, change: str | None) -> None:
    """Cut the power of the real server and kiosk. Exit code 1 when a promise broke, 2 when it cannot be done here."""
    # What the product has to say about each folder is of no interest here.
    logging.disable()
    if why_not() and os.geteuid() == 0:
        subprocess.run(["apt-get", "install", "--yes", "--no-install-recommends", *APT_PACKAGES], check=False)
    if reason := why_not():
        click.echo(reason, err=True)
        sys.exit(2)
    broke = 0
    for first in range(0, cuts, CUTS_A_HALL):
        with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="dawr-volatile-") as name:
            verdict = cut(Path(name), min(CUTS_A_HALL, cuts - first), seed + first, change)
        broke += len(verdict.broken)
        for number, sentences in list(verdict.broken.items())[:1]:
            click.echo(f"  cut {first + number}: {sentences[0]} ({len(sentences)} in all)")
        click.echo(f"{first + verdict.states} of {cuts}, {broke} broke a promise. The last: {verdict}")
    sys.exit(1 if broke else 0)


if __name__ == "__main__":
    main()
