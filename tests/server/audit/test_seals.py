"""Days that are over are sealed: whatever is changed in their events afterwards is noticed."""

import shutil
import sqlite3
import time
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dawr.clock import Trust
from dawr.messages import DayStarted, ServiceOffered
from server.audit.seals import Sealing, seals, unsealed
from server.audit.trail import Audit
from server.keeping.log import FILE, Log
from server.keeping.mend import mend
from tests.server.audit.test_trail import command
from tests.server.busy_log import BUSY, LAST, make_busy_log
from tests.server.running import RunningServer

DAYS = [str(day) for day in (*BUSY, LAST)]
NOW = datetime(2026, 11, 18, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("played")
    make_busy_log(folder)
    return folder


@pytest.fixture
def folder(played: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(played, tmp_path / "data"))


def seal(folder: Path, day: date = LAST) -> list[str]:
    """Seal what is over; the days that are sealed then."""
    log = Log(folder)
    audit = Audit(folder / FILE, lambda: NOW, lambda: Trust.NTP)
    Sealing(log, audit, lambda: day, lambda work: work()).seal_if_due()
    log.close()
    with closing(sqlite3.connect(folder / FILE)) as db:
        return [one.day for one in seals(db)]


def tamper(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / FILE)) as log, log:
        assert log.execute(statement).rowcount > 0


def test_every_day_that_is_over_is_sealed_once(folder: Path) -> None:
    assert seal(folder) == DAYS
    assert seal(folder) == DAYS
    answer = command("verify", folder)
    assert (answer.returncode, "The events of 3 sealed days are as they were" in answer.stdout) == (0, True)


def test_the_seals_have_every_event_up_to_the_day_that_runs(folder: Path) -> None:
    seal(folder)
    with closing(sqlite3.connect(folder / FILE)) as db:
        first, second, third = seals(db)
        [running] = db.execute(
            "SELECT sequence FROM event WHERE name = ? AND day = ?", (DayStarted.__name__, "2026-11-18")
        ).fetchone()
        assert (first.first, first.last + 1, second.last + 1) == (1, second.first, third.first)
        assert (third.last + 1, unsealed(db, third.last)) == (running, None)


A_LINE = "sequence = (SELECT max(sequence) FROM event WHERE day = '2026-11-15' AND name = 'TicketCalled')"
TAMPERINGS = {
    "who was called": (f"UPDATE event SET ticket = 'x' WHERE {A_LINE}", "2026-11-15"),
    "what was said": (f"UPDATE event SET body = replace(body, '1', '2') WHERE {A_LINE}", "2026-11-15"),
    "when": (f"UPDATE event SET at = '2026-11-15T06:00:00Z' WHERE {A_LINE}", "2026-11-15"),
    "at which counter": (f"UPDATE event SET counter = NULL WHERE {A_LINE}", "2026-11-15"),
    "a line is missing": (f"DELETE FROM event WHERE {A_LINE}", "2026-11-15"),
    "the first is missing": ("DELETE FROM event WHERE sequence = 1", "2026-11-15"),
    "the last of a day is missing": (
        "DELETE FROM event WHERE sequence = (SELECT max(sequence) FROM event WHERE day = '2026-11-16')",
        "2026-11-16",
    ),
    "a whole day is missing": ("DELETE FROM event WHERE day = '2026-11-16'", "2026-11-16"),
}


@pytest.mark.parametrize(("statement", "found"), TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_an_event_that_was_changed_is_noticed(folder: Path, statement: str, found: str) -> None:
    seal(folder)
    tamper(folder, statement)
    answer = command("verify", folder)
    assert answer.returncode == 1
    assert found in answer.stderr


def test_an_event_that_is_missing_from_the_day_that_runs_is_noticed(folder: Path) -> None:
    seal(folder)
    log = Log(folder)
    with log.transaction():
        log.append("c1", LAST, [ServiceOffered(at=NOW, service="birth")] * 3)
    log.close()
    assert command("verify", folder).returncode == 0
    tamper(folder, "DELETE FROM event WHERE sequence = (SELECT max(sequence) - 1 FROM event)")
    answer = command("verify", folder)
    assert (answer.returncode, "some are missing" in answer.stderr) == (1, True)


def test_a_log_that_was_mended_is_sealed_anew_where_it_was_cut(folder: Path) -> None:
    seal(folder)
    tamper(folder, "UPDATE event SET body = '{' WHERE " + A_LINE.replace("11-15", "11-16"))
    mend(folder, NOW)
    assert "log_mended" in command("show", folder, "--json").stdout
    assert command("verify", folder).returncode == 0
    assert seal(folder, BUSY[1]) == [str(BUSY[0])]


def test_a_running_server_seals_by_itself(folder: Path) -> None:
    server = RunningServer(folder.parent)
    try:
        ends_s = time.monotonic() + 20
        while time.monotonic() < ends_s:
            told = [one["sentence"] for one in server.get("/audit?language=en").json["entries"]]
            if len(told) > len(DAYS):
                break
            time.sleep(0.1)
        assert sum("sealed the events" in one for one in told) > len(DAYS) - 1
    finally:
        server.kill()
    assert command("verify", folder).returncode == 0
