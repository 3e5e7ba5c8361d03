"""The simulated centre keeps its promises, and notices when a part of it does not."""

import subprocess
import sys
from pathlib import Path

import pytest

from dawr.clock import Clock, Moment
from kiosk.journal import Fate, Wish
from lab.simulation.hall import simulate
from lab.simulation.machines import Machine
from lab.simulation.mutants import MUTANTS
from lab.simulation.seen import Seen, Violation
from lab.simulation.stores import DiskJournal
from lab.simulation.story import story
from lab.simulation.timeline import Note, Timeline
from tests.halls import small_centre
from tests.house.source import ROOT

SEEDS = range(1, 25)
MOST_SEEDS = 150


@pytest.mark.parametrize("seeds", [SEEDS[start::4] for start in range(4)], ids=str)
def test_a_centre_keeps_its_promises_whatever_breaks(seeds: range) -> None:
    broken = {seed: [str(one) for one in simulate(seed).violations] for seed in seeds}
    assert {seed: told for seed, told in broken.items() if told} == {}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_defect_is_noticed(name: str) -> None:
    """First with the seed that is known to show it; a change of the simulation may make it another one."""
    mutant = MUTANTS[name]
    seeds = (mutant.shown_by, *range(1, MOST_SEEDS))
    assert any(simulate(seed, parts=mutant.parts).violations for seed in seeds), f"nobody noticed that {mutant.what}"


def test_a_seed_gives_the_same_again() -> None:
    once, again, other = (simulate(seed, keep_trace=True) for seed in (7, 7, 8))
    assert once.trace == again.trace
    assert once.fingerprint == again.fingerprint != other.fingerprint


def test_a_seed_gives_the_same_in_another_process() -> None:
    show = "from lab.simulation.hall import simulate; print(simulate(7).fingerprint)"
    said = {
        subprocess.run(
            [sys.executable, "-c", show],
            cwd=ROOT,
            env={"PYTHONHASHSEED": hashes, "PATH": ""},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for hashes in ("1", "2")
    }
    assert said == {simulate(7).fingerprint + "\n"}


def _moment(machine: Machine) -> Moment:
    return Clock(machine.hardware()).now()


@pytest.mark.parametrize(("synchronous", "left"), [(2, 1), (0, 0)])
def test_a_power_cut_takes_what_no_disk_was_made_to_keep(tmp_path: Path, synchronous: int, left: int) -> None:
    timeline = Timeline(1)
    machine = Machine("kiosk-1", timeline, Seen(timeline).crashed, tmp_path / "disk")
    journals: list[DiskJournal] = []

    def boot() -> None:
        journals.append(DiskJournal(machine))
        journals[-1].synchronous = synchronous

    machine.boot = boot
    machine.start()
    journals[0].note_start(_moment(machine))
    centre = small_centre()
    given = journals[0].give(Wish(service="birth", language="ar"), centre, centre.ranges["kiosk-1"], _moment(machine))
    journals[0].settle(given.id, Fate.PRINTED)
    machine.stop(1.0, why="loses power")
    timeline.run(5.0)
    assert len(journals[1].untold(9)) == left


def test_a_story_is_of_the_tickets_it_is_about_and_of_what_befell_their_machines() -> None:
    ticket, other = "1" * 36, "2" * 36
    trace = [
        Note(10.0, "kiosk-1", f"gives A001 {other}"),
        Note(90_000.0, "kiosk-1", f"gives A001 {ticket}"),
        Note(90_001.0, "kiosk-1", "loses power"),
        Note(90_002.0, "kiosk-2", "loses power"),
        Note(90_100.0, "counter-1", "call-next: A001"),
    ]
    assert story(trace, Violation("I2", "lost", ("A001", ticket))) == [trace[1], trace[2], trace[4]]


def test_the_command_tells_what_was_broken_and_how_to_see_it_again() -> None:
    seed = MUTANTS["print-before-commit"].shown_by
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "lab.simulation",
            "--from",
            str(seed),
            "--seeds",
            "1",
            "--mutant",
            "print-before-commit",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    assert f"python -m lab.simulation --trace {seed} --days 2 --mutant print-before-commit" in ran.stdout
