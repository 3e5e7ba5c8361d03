"""A damaged log, a disk that fails: it is found, it is said with the command that helps, and nothing is guessed."""

import errno
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dawr.errors import LogDamaged
from dawr.messages import IssueTicket
from dawr.words import Words
from server.audit.nightly import NightlyCheck
from server.keeping.damage import damage_of, refuse_damaged
from server.keeping.log import Log
from server.keeping.mend import mend
from server.keeping.storage_trouble import cause, sentence
from tests.halls import small_centre
from tests.house.source import ROOT
from tests.server.live_writer import LiveWriter
from tests.server.running import ALWAYS_OPEN, RunningServer

TICKETS = 250
PAGE = 4096


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of a log with many tickets."""
    live = LiveWriter(tmp_path / "data")
    for _ in range(TICKETS):
        live.writer.submit(IssueTicket(service="deed", language="ar"))
    live.stop()
    return tmp_path / "data"


def pages_of(data: Path, table: str) -> list[int]:
    """The leaf pages of a table, in its order."""
    connection = sqlite3.connect(data / "hall.sqlite")
    try:
        [[root]] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,))
    finally:
        connection.close()
    page = (data / "hall.sqlite").read_bytes()[(root - 1) * PAGE : root * PAGE]
    cells = int.from_bytes(page[3:5])
    pointers = [int.from_bytes(page[12 + 2 * n : 14 + 2 * n]) for n in range(cells)]
    return [int.from_bytes(page[place : place + 4]) for place in pointers] + [int.from_bytes(page[8:12])]


def overwrite(data: Path, page: int) -> None:
    """What a failing card does to a page."""
    with (data / "hall.sqlite").open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(b"\xff" * PAGE)


def run(module: str, *options: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, *map(str, options), "--language", "en"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def serve(data: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "centre.toml").write_text(ALWAYS_OPEN, "utf-8")
    return run("server", "--config", folder / "centre.toml", "--data", data, "--port", "0", "--no-discovery")


def numbers_in(data: Path) -> list[str]:
    log = Log(data)
    try:
        with log.reading() as connection:
            rows = connection.execute("SELECT body FROM event WHERE name = 'TicketIssued' ORDER BY sequence").fetchall()
    finally:
        log.close()
    return [json.loads(body)["number"] for (body,) in rows]


def test_a_sound_log_is_found_sound_and_left_alone(data: Path) -> None:
    before = (data / "hall.sqlite").read_bytes()
    refuse_damaged(data / "hall.sqlite")
    assert damage_of(data / "hall.sqlite") is None
    answer = run("server.keeping.mend", "--data", data)
    assert (answer.returncode, "is sound" in answer.stdout) == (0, True)
    assert (data / "hall.sqlite").read_bytes() == before


def test_a_damaged_page_is_found_at_start_and_the_server_says_what_to_type(data: Path, tmp_path: Path) -> None:
    overwrite(data, pages_of(data, "event")[3])
    answer = serve(data, tmp_path)
    assert (answer.returncode, "it is damaged" in answer.stderr) == (1, True)
    assert f"-m server.keeping.mend --data {data}" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_what_can_be_read_is_saved_and_the_damaged_file_is_kept(data: Path, tmp_path: Path) -> None:
    before = numbers_in(data)
    overwrite(data, pages_of(data, "event")[-3])
    damaged = (data / "hall.sqlite").read_bytes()
    answer = run("server.keeping.mend", "--data", data)
    assert (answer.returncode, answer.stderr) == (0, "")
    saved = numbers_in(data)
    assert saved == before[: len(saved)]
    assert len(before) / 2 < len(saved) < len(before)
    [kept] = data.glob("hall.damaged-*.sqlite")
    assert kept.read_bytes() == damaged
    assert damage_of(data / "hall.sqlite") is None


def test_a_server_goes_on_with_what_was_saved(data: Path, tmp_path: Path) -> None:
    overwrite(data, pages_of(data, "event")[-3])
    run("server.keeping.mend", "--data", data)
    server = RunningServer(tmp_path)
    try:
        assert server.get("/health").json["status"] == "ok"
        assert server.post("/tickets", {"service": "deed"}).status == 201
    finally:
        server.kill()


def test_devices_that_followed_the_damaged_log_follow_the_new_one(data: Path) -> None:
    old = Log(data)
    epoch = old.epoch
    old.close()
    overwrite(data, pages_of(data, "event")[-3])
    mend(data, datetime.now(UTC))
    new = Log(data)
    assert new.epoch != epoch
    assert epoch in new.epochs
    new.close()


def test_after_a_missing_event_nothing_is_taken_over(data: Path) -> None:
    connection = sqlite3.connect(data / "hall.sqlite", isolation_level=None)
    connection.execute("DELETE FROM event WHERE sequence = 100")
    connection.close()
    assert "missing" in str(damage_of(data / "hall.sqlite"))
    saved = mend(data, datetime.now(UTC))
    assert saved.events == 99
    assert len(numbers_in(data)) == 98, "the first event began the day"
    log = Log(data)
    with log.reading() as reading:
        assert reading.execute("SELECT count(*) FROM ticket").fetchone() == (98,)
        assert reading.execute("SELECT count(*) FROM command").fetchone() == (99,)
    log.close()


def test_a_log_in_use_is_not_mended(tmp_path: Path) -> None:
    server = RunningServer(tmp_path)
    try:
        answer = run("server.keeping.mend", "--data", server.data)
        assert (answer.returncode, "Another server works" in answer.stderr) == (1, True)
    finally:
        server.kill()


# --- At night --------------------------------------------------------------------------------------------------------


@pytest.fixture
def log(data: Path) -> Iterator[Log]:
    log = Log(data)
    yield log
    log.close()


def test_the_log_is_read_once_a_night_at_three_by_the_clock_of_the_centre(log: Log) -> None:
    now = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # 23:00 in Damascus
    night = NightlyCheck(log, small_centre().zone, lambda: now)
    assert not night.check_if_due()
    now += timedelta(hours=4)
    assert night.check_if_due()
    assert not night.check_if_due()
    now += timedelta(days=1)
    assert night.check_if_due()
    assert log.damage is None


def test_damage_that_came_by_day_is_found_at_night(data: Path, log: Log) -> None:
    now = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
    night = NightlyCheck(log, small_centre().zone, lambda: now)
    overwrite(data, pages_of(data, "event")[3])
    now += timedelta(hours=4)
    assert night.check_if_due()
    assert log.damage


# --- Words for each cause ---------------------------------------------------------------------------------------------


def failed(problem: sqlite3.Error, code: int) -> sqlite3.Error:
    problem.sqlite_errorcode = code
    return problem


@pytest.mark.parametrize(
    ("problem", "key"),
    [
        (LogDamaged("events are missing"), "log_damaged"),
        (failed(sqlite3.DatabaseError("malformed"), sqlite3.SQLITE_CORRUPT), "log_damaged"),
        (failed(sqlite3.DatabaseError("no database"), sqlite3.SQLITE_NOTADB), "log_damaged"),
        (failed(sqlite3.OperationalError("I/O"), sqlite3.SQLITE_IOERR_FSYNC), "disk_failing"),
        (failed(sqlite3.OperationalError("read-only"), sqlite3.SQLITE_READONLY), "disk_read_only"),
        (failed(sqlite3.OperationalError("full"), sqlite3.SQLITE_FULL), "disk_full"),
        (OSError(errno.EROFS, "read-only"), "disk_read_only"),
        (OSError(errno.ENOSPC, "full"), "disk_full"),
        (OSError(errno.EIO, "input/output"), "disk_failing"),
        (PermissionError(errno.EACCES, "not allowed"), "cannot_store"),
        (sqlite3.OperationalError("something else"), "cannot_store"),
    ],
)
def test_each_cause_has_its_sentence(problem: Exception, key: str) -> None:
    assert cause(problem) == key
    for language in ("ar", "en"):
        assert "/srv/dawr" in sentence(problem, Path("/srv/dawr"), Words(language))


@pytest.mark.skipif(shutil.which("strace") is None, reason="Debian's strace is not installed")
def test_a_disk_that_fails_at_start_is_said(tmp_path: Path) -> None:
    (tmp_path / "centre.toml").write_text(ALWAYS_OPEN, "utf-8")
    failing = ["strace", "--follow-forks", "--output=/dev/null", "--inject=fdatasync:error=EIO"]
    options = ["--config", tmp_path / "centre.toml", "--data", tmp_path / "data", "--port", "0", "--no-discovery"]
    command = [*failing, sys.executable, "-m", "server", *map(str, options), "--language", "en"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (answer.returncode, "the disk fails" in answer.stderr) == (1, True)
    assert "Traceback" not in answer.stderr
