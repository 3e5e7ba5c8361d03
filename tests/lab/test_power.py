"""Power cuts, replayed: nothing promised is lost, and the lab would notice if it were."""

import shutil
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from dawr.settings.centre import read_centre
from lab.power.careless import HARMLESS, MUTANTS
from lab.power.crash import Disk, crashes
from lab.power.faults import FAULTS, broken_by, calls_of_a_hall, points
from lab.power.replay import Verdict, recorded, replayed
from lab.power.small_hall import CENTRE, SERVICES, SmallHall
from lab.power.trace import Cut, Deleted, Made, Renamed, Said, Step, Synced, SyncedNames, SyncFailed, Wrote, steps
from lab.power.volatile import cut
from lab.power.volatile_disk import why_not

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="Debian's strace is not installed")


def what_cuts_show(folder: Path, change: str | None = None, states: int = 150) -> Verdict:
    return replayed(recorded(folder, rounds=25, change=change), folder / "after", states, seed=1)


@needs_strace
@pytest.mark.parametrize("change", [None, *HARMLESS])
def test_no_power_cut_breaks_a_promise(tmp_path: Path, change: str | None) -> None:
    verdict = what_cuts_show(tmp_path, change)
    assert verdict.broken == {}
    assert (verdict.states, verdict.said > 80, verdict.forgotten > 1000) == (150, True, True)


@needs_strace
@pytest.mark.parametrize("mutant", MUTANTS)
def test_careless_storing_is_caught(tmp_path: Path, mutant: str) -> None:
    assert len(what_cuts_show(tmp_path, mutant).broken) >= 3


@needs_strace
@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_at_any_call_breaks_a_promise(tmp_path: Path, fault: str) -> None:
    centre, rounds = read_centre(CENTRE), 12
    called = calls_of_a_hall(tmp_path / "calls", rounds)
    chosen = list(points(called, 4, fault, Random(2)))
    seen = [broken_by(point, tmp_path / str(place), rounds, 5, centre) for place, point in enumerate(chosen)]
    assert [(point, broken) for point, (broken, _) in zip(chosen, seen, strict=True) if broken] == []
    undisturbed = 4 * rounds + rounds // 3
    assert min(promised for _, promised in seen) < undisturbed, "no fault was felt"


def test_a_log_that_is_lost_is_filled_again_by_its_kiosk(tmp_path: Path) -> None:
    with closing(SmallHall(tmp_path, lambda _fact: None)) as hall:
        hall.journal.follow(hall.log.epoch)
        given = [hall.give(service) for service in SERVICES]
        hall.hand_in(hall.do_alone)
    for file in tmp_path.glob("hall.sqlite*"):
        file.unlink()
    with closing(SmallHall(tmp_path, lambda _fact: None)) as hall:
        hall.journal.follow(hall.log.epoch)
        hall.hand_in(hall.do_alone)
        assert sorted(ticket.number for ticket in hall.writer.hall.tickets.values()) == sorted(given)


# --- The real processes on a disk that forgets ---------------------------------------------------------------------

needs_a_disk = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


@needs_a_disk
def test_no_power_cut_takes_anything_from_the_real_server_and_kiosk(tmp_path: Path) -> None:
    verdict = cut(tmp_path, cuts=8, seed=1)
    assert verdict.broken == {}
    assert verdict.said > 20


@needs_a_disk
@pytest.mark.parametrize("mutant", MUTANTS)
def test_careless_storing_of_the_real_processes_is_caught(tmp_path: Path, mutant: str) -> None:
    assert cut(tmp_path, cuts=8, seed=1, change=mutant).broken


# --- The disk --------------------------------------------------------------------------------------------------------


def after(*happened: Step) -> list[dict[str, bytes]]:
    """What a hundred cuts at the end of it leave."""
    disk = Disk()
    for step in happened:
        disk.take(step)
    return [disk.cut(Random(seed))[0] for seed in range(100)]


FILE = (Made("book", 1), Wrote(1, 0, b"old"), Synced(1), SyncedNames())


def test_what_was_synced_is_there_after_every_cut() -> None:
    assert {left["book"] for left in after(*FILE)} == {b"old"}


def test_what_was_not_synced_may_be_there_or_not() -> None:
    assert {left["book"] for left in after(*FILE, Wrote(1, 0, b"new"))} == {b"old", b"new"}


def test_each_sector_is_kept_or_lost_for_itself() -> None:
    kept = {left["book"] for left in after(*FILE, Wrote(1, 0, b"a" * 512 + b"b" * 512))}
    assert {b"old", b"a" * 512, b"old" + bytes(509) + b"b" * 512, b"a" * 512 + b"b" * 512} <= kept


def test_what_a_failed_sync_left_is_left_out_of_the_next() -> None:
    left = after(*FILE, Wrote(1, 0, b"new"), SyncFailed(1), Wrote(1, 512, b"more"), Synced(1))
    assert {content["book"][:3] for content in left} == {b"old", b"new"}
    assert {content["book"][512:] for content in left} == {b"more"}


def test_a_name_that_was_not_synced_may_be_missing_though_its_content_was_synced() -> None:
    names = [set(left) for left in after(*FILE, Made("other", 2), Wrote(2, 0, b"x"), Synced(2))]
    assert {"book"} in names
    assert {"book", "other"} in names


def test_a_deleted_file_may_come_back_with_what_it_held() -> None:
    assert {left.get("book") for left in after(*FILE, Deleted("book"))} == {b"old", None}


def test_a_name_that_is_made_again_is_another_file() -> None:
    again = after(*FILE, Deleted("book"), Made("book", 2), Wrote(2, 0, b"new"), Synced(2))
    assert {left.get("book") for left in again} == {b"old", None, b"new"}


def test_a_renamed_file_takes_the_place_of_the_other_at_once() -> None:
    both = (*FILE, Made("next", 2), Wrote(2, 0, b"new"), Synced(2), SyncedNames())
    assert {left["book"] for left in after(*both, Renamed("next", "book"))} == {b"old", b"new"}


def test_a_file_that_was_made_shorter_may_have_either_size() -> None:
    assert {left["book"] for left in after(*FILE, Cut(1, 1))} == {b"old", b"o"}


def test_a_promise_counts_from_the_cut_after_it() -> None:
    happened: list[Step] = [*FILE, Said("one\n"), Wrote(1, 0, b"new")]
    for remains in crashes(happened, 50, seed=1):
        assert remains.said == (["one\n"] if remains.step >= 5 else [])


# --- The recording ---------------------------------------------------------------------------------------------------


def hexed(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def test_calls_that_threads_interrupt_count_when_they_end() -> None:
    lines = [
        f'7  openat(AT_FDCWD, "{hexed("/data/book")}", O_RDWR|O_CREAT, 0644) = 3',
        f'7  pwrite64(3, "{hexed("old")}", 3, 9 <unfinished ...>',
        f'8  write(1, "{hexed("hello")}", 5) = 5',
        "7  <... pwrite64 resumed>) = 3",
        "7  fdatasync(3 <unfinished ...>",
        "7  <... fdatasync resumed>)  = 0",
    ]
    assert list(steps(lines, Path("/data"))) == [Made("book", 1), Said("hello"), Wrote(1, 9, b"old"), Synced(1)]


def test_what_failed_did_not_happen() -> None:
    lines = [
        f'7  openat(AT_FDCWD, "{hexed("/data/book")}", O_RDWR|O_CREAT, 0644) = 3',
        f'7  pwrite64(3, "{hexed("old")}", 3, 0) = -1 EIO (Input/output error) (INJECTED)',
        "7  fdatasync(3) = -1 EIO (Input/output error)",
        f'7  pwrite64(3, "{hexed("old")}", 3, 0) = 2',
    ]
    assert list(steps(lines, Path("/data"))) == [Made("book", 1), SyncFailed(1), Wrote(1, 0, b"ol")]


def test_files_elsewhere_and_shared_memory_are_not_recorded() -> None:
    lines = [
        f'7  openat(AT_FDCWD, "{hexed("/data/book-shm")}", O_RDWR|O_CREAT, 0644) = 3',
        f'7  openat(AT_FDCWD, "{hexed("/other/book")}", O_RDWR|O_CREAT, 0644) = 4',
        f'7  pwrite64(3, "{hexed("x")}", 1, 0) = 1',
        f'7  write(4, "{hexed("x")}", 1) = 1',
        f'7  openat(AT_FDCWD, "{hexed("/data")}", O_RDONLY) = 4',
        "7  fsync(4) = 0",
    ]
    assert list(steps(lines, Path("/data"))) == [SyncedNames()]
