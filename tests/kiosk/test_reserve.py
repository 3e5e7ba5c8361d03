"""The reserve: an old or a lost journal never makes a kiosk give a number twice."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from dawr.clock import Trust
from dawr.errors import WrongMachine
from dawr.numbers import NumberRange
from dawr.settings.centre import Centre
from kiosk.issue import Refusal, Took
from kiosk.journal import Given, Journal, Wish
from kiosk.opening import Opened, open_journal
from kiosk.reserve import AHEAD, Reserve, Reserved
from tests.house.source import ROOT
from tests.kiosk.test_journal import SUNDAY, moment
from tests.kiosk.working import SMALL_TOWN, menu_of, working_kiosk

PART = NumberRange(1, 500)
TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


def opened(folder: Path, **how: bool) -> Opened:
    return open_journal(folder, "kiosk-1", folder / "boot" / "reserve", **how)


def give(journal: Journal, centre: Centre, at: object = None) -> Given:
    wish = Wish(service=centre.services[0].id, language="ar")
    return journal.give(wish, centre, PART, at or moment())  # type: ignore[arg-type]


# --- The file ------------------------------------------------------------------------------------------------------


def test_numbers_are_reserved_by_twenties(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "reserve", "kiosk-1")
    for used in range(1, AHEAD + 2):
        reserve.cover("civil", 1, used, TODAY)
    assert Reserve(tmp_path / "reserve", "kiosk-1").left == {"civil": Reserved(1, 2 * AHEAD, TODAY)}
    assert (tmp_path / "reserve").read_text().count("line\t") == 2


def test_each_line_and_each_run_is_reserved_for_itself(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "reserve", "kiosk-1")
    reserve.cover("civil", 1, 3, TODAY)
    reserve.cover("land", 1, 25, TODAY)
    reserve.cover("civil", 2, 1, TODAY + DAY)
    left = Reserve(tmp_path / "reserve", "kiosk-1").left
    assert left == {"civil": Reserved(2, AHEAD, TODAY + DAY), "land": Reserved(1, 2 * AHEAD, TODAY)}


def test_a_line_that_was_torn_by_a_power_cut_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "reserve"
    reserve = Reserve(file, "kiosk-1")
    reserve.cover("civil", 1, 1, TODAY)
    whole = file.read_bytes()
    reserve.cover("civil", 1, 21, TODAY)
    for length in range(len(whole), len(file.read_bytes()) - 1):
        file.write_bytes(file.read_bytes()[:length] if length == len(whole) else (whole + b"\nline\tcivil\t9")[:length])
        after = Reserve(file, "kiosk-1")
        assert after.left == {"civil": Reserved(1, AHEAD, TODAY)}


def test_after_a_torn_line_the_next_one_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "reserve"
    Reserve(file, "kiosk-1").cover("civil", 1, 1, TODAY)
    with file.open("a") as torn:
        torn.write("\nline\tcivil\t1\t4")
    Reserve(file, "kiosk-1").cover("civil", 1, 21, TODAY)
    assert Reserve(file, "kiosk-1").left == {"civil": Reserved(1, 2 * AHEAD, TODAY)}


def test_a_long_file_is_written_anew(tmp_path: Path) -> None:
    file = tmp_path / "reserve"
    Reserve(file, "kiosk-1").cover("civil", 1, 1, TODAY)
    with file.open("a") as long:
        long.write("nothing\n" * 20_000)
    assert Reserve(file, "kiosk-1").left == {"civil": Reserved(1, AHEAD, TODAY)}
    assert file.stat().st_size < 200


def test_the_reserve_of_another_machine_is_refused(tmp_path: Path) -> None:
    Reserve(tmp_path / "reserve", "kiosk-1 on another board")
    with pytest.raises(WrongMachine):
        Reserve(tmp_path / "reserve", "kiosk-1")


# --- An old journal ------------------------------------------------------------------------------------------------


def copy_of(folder: Path) -> bytes:
    """The journal as an image of the card would have it."""
    database = sqlite3.connect(folder / "journal.sqlite")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return (folder / "journal.sqlite").read_bytes()


def put_back(folder: Path, copy: bytes) -> None:
    for part in ("-wal", "-shm"):
        (folder / f"journal.sqlite{part}").unlink(missing_ok=True)
    (folder / "journal.sqlite").write_bytes(copy)


def test_an_old_journal_goes_on_above_every_number_that_was_given(tmp_path: Path, centre: Centre) -> None:
    journal = opened(tmp_path).journal
    give(journal, centre)
    journal.close()
    old = copy_of(tmp_path)
    journal = opened(tmp_path).journal
    given = [give(journal, centre).number for _ in range(30)]
    journal.close()
    put_back(tmp_path, old)
    after = give(opened(tmp_path).journal, centre).number
    assert (given[0], given[-1], after) == ("A002", "A031", "A032")


def test_numbers_that_an_old_journal_does_not_know_are_told_to_the_server(tmp_path: Path, centre: Centre) -> None:
    journal = opened(tmp_path).journal
    give(journal, centre)
    old = copy_of(tmp_path)
    for _ in range(3):
        give(journal, centre)
    journal.close()
    put_back(tmp_path, old)
    journal = opened(tmp_path).journal
    give(journal, centre)
    skips = journal.untold_skips(9)
    assert [(one.number, one.day, one.why) for one in skips] == [
        (number, TODAY, "journal_lost") for number in ("A002", "A003", "A004")
    ]
    journal.told([one.id for one in skips])
    assert journal.untold_skips(9) == []


def test_an_old_journal_begins_with_one_on_the_next_day(tmp_path: Path, centre: Centre) -> None:
    journal = opened(tmp_path).journal
    give(journal, centre)
    old = copy_of(tmp_path)
    for _ in range(5):
        give(journal, centre, moment(SUNDAY + DAY))
    journal.close()
    put_back(tmp_path, old)
    journal = opened(tmp_path).journal
    assert give(journal, centre, moment(SUNDAY + DAY)).number == "A006"
    assert give(journal, centre, moment(SUNDAY + 2 * DAY)).number == "A001"


def test_an_old_journal_goes_on_counting_while_nobody_vouches_for_the_clock(tmp_path: Path, centre: Centre) -> None:
    journal = opened(tmp_path).journal
    old = copy_of(tmp_path)
    for _ in range(5):
        give(journal, centre)
    journal.close()
    put_back(tmp_path, old)
    later = moment(SUNDAY + 3 * DAY, boot="boot 2", up=timedelta(minutes=1), trust=Trust.NONE)
    assert give(opened(tmp_path).journal, centre, later).number == "A006"


def test_after_a_power_cut_in_the_evening_the_morning_begins_with_one(tmp_path: Path, centre: Centre) -> None:
    give(opened(tmp_path).journal, centre)
    morning = moment(SUNDAY + DAY, boot="boot 2", up=timedelta(minutes=1))
    assert give(opened(tmp_path).journal, centre, morning).number == "A001"


def test_after_an_orderly_end_no_number_is_skipped(tmp_path: Path, centre: Centre) -> None:
    for number in ("A001", "A002", "A003"):
        journal = opened(tmp_path).journal
        assert give(journal, centre).number == number
        journal.close()


GIVE_FOR_EVER = """
import sys
from pathlib import Path
from dawr.clock import Clock
from dawr.numbers import NumberRange
from dawr.settings.centre import read_centre
from kiosk.journal import Wish
from kiosk.opening import open_journal

folder, centre = Path(sys.argv[1]), read_centre(Path(sys.argv[2]))
journal = open_journal(folder, "kiosk-1", folder / "boot" / "reserve").journal
clock = Clock()
wish = Wish(service=centre.services[0].id, language="ar")
while True:
    print(journal.give(wish, centre, NumberRange(1, 500), clock.now()).number, flush=True)
"""


def test_a_killed_kiosk_whose_old_journal_is_put_back_gives_no_number_twice(tmp_path: Path) -> None:
    slips: list[str] = []
    old = None
    for cut in range(9):
        run = subprocess.Popen(
            [sys.executable, "-c", GIVE_FOR_EVER, tmp_path, SMALL_TOWN], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert run.stdout is not None
        slips += [run.stdout.readline().strip() for _ in range(3 + 7 * (cut % 4))]
        os.kill(run.pid, signal.SIGKILL)
        slips += run.stdout.read().split()
        run.wait()
        if old is None:
            old = copy_of(tmp_path)
        else:
            put_back(tmp_path, old)
    assert len(slips) == len(set(slips)) > 80


# --- A lost journal ------------------------------------------------------------------------------------------------


def test_a_lost_journal_is_begun_anew_above_the_reserve(
    tmp_path: Path, centre: Centre, caplog: pytest.LogCaptureFixture
) -> None:
    journal = opened(tmp_path).journal
    for _ in range(3):
        give(journal, centre)
    journal.close()
    (tmp_path / "journal.sqlite").unlink()
    found = opened(tmp_path)
    assert found.replaced and "is gone" in caplog.text
    assert (give(found.journal, centre).number, found.journal.is_blind()) == ("A004", False)


def damage(folder: Path) -> None:
    copy_of(folder)
    (folder / "journal.sqlite").write_bytes(b"no journal " * 2000)


def test_a_damaged_journal_is_kept_aside_and_a_new_one_goes_on(tmp_path: Path, centre: Centre) -> None:
    journal = opened(tmp_path).journal
    give(journal, centre)
    journal.close()
    damage(tmp_path)
    found = opened(tmp_path)
    assert found.replaced and give(found.journal, centre).number == "A002"
    found.journal.close()
    damage(tmp_path)
    assert give(opened(tmp_path).journal, centre).number == "A003"
    aside = sorted(one.name for one in tmp_path.glob("journal.damaged-?.sqlite"))
    assert aside == ["journal.damaged-1.sqlite", "journal.damaged-2.sqlite"]
    assert (tmp_path / aside[0]).read_bytes() == b"no journal " * 2000


def test_a_new_kiosk_begins_without_having_met_a_server(tmp_path: Path, centre: Centre) -> None:
    found = opened(tmp_path)
    assert (found.replaced, found.journal.is_blind()) == (False, False)
    assert give(found.journal, centre).number == "A001"


def test_without_journal_and_reserve_a_used_kiosk_knows_nothing_even_after_another_start(tmp_path: Path) -> None:
    found = opened(tmp_path, used=True)
    assert found.replaced and found.journal.is_blind()
    found.journal.close()
    again = opened(tmp_path, used=True)
    assert not again.replaced and again.journal.is_blind()


def test_a_blind_kiosk_gives_no_ticket_until_the_server_has_said_which_numbers_are_used(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as kiosk:
        kiosk.journal.go_blind()
        service = kiosk.centre.services[0]
        wish = Wish(service=service.id, language="ar")
        assert kiosk.issuing.take(wish) == Refusal("kiosk.journal_lost")
        heard = menu_of(kiosk.centre, used_numbers={"kiosk-1": {service.line: 41}})
        kiosk.knowledge.hear_menu(heard.model_dump(mode="json"))
        assert kiosk.issuing.take(wish) == Refusal("kiosk.journal_lost"), "the server is not heard"
        kiosk.knowledge.is_fresh = lambda: True
        took = kiosk.issuing.take(wish)
        assert isinstance(took, Took) and took.number.endswith("042")
        kiosk.knowledge.is_fresh = lambda: False
        assert isinstance(kiosk.issuing.take(wish), Took), "once is enough"


def test_a_disk_that_cannot_be_used_sets_nothing_aside(tmp_path: Path) -> None:
    opened(tmp_path).journal.close()
    (tmp_path / "journal.sqlite").unlink()
    (tmp_path / "journal.sqlite").mkdir()
    with pytest.raises(OSError):
        opened(tmp_path)
    assert (tmp_path / "journal.sqlite").is_dir()
    shutil.rmtree(tmp_path / "journal.sqlite")


def test_who_takes_the_place_of_another_machine_takes_its_reserve_too(tmp_path: Path, centre: Centre) -> None:
    before = open_journal(tmp_path, "kiosk-1 on another board", tmp_path / "boot" / "reserve")
    give(before.journal, centre)
    before.journal.close()
    (tmp_path / "journal.sqlite").unlink()
    with pytest.raises(WrongMachine):
        opened(tmp_path)
    assert give(opened(tmp_path, adopts=True).journal, centre).number == "A002"
