"""Days are ready for reports before somebody asks; while they are not, the page says how far it is."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from server.keeping.log import FILE, Log
from server.reports import history
from server.reports.history import not_ready
from server.reports.prepare import prepare
from server.reports.preparing import Preparing, are_all_ready
from server.reports.waiting import waiting
from tests.browser import faultless_page, running_browser
from tests.halls import SMALL_CENTRE, small_centre
from tests.house.source import ROOT
from tests.peer import until
from tests.server.busy_log import BUSY, LAST
from tests.server.running import RunningServer

CENTRE = small_centre()
AGO = 30
"""Days that the log is made longer by, on which nobody came."""


@pytest.fixture
def folder(busy_log: Path, tmp_path: Path) -> Path:
    """A copy of the busy log of which nothing is ready yet."""
    with closing(sqlite3.connect(busy_log / FILE)) as old, closing(sqlite3.connect(tmp_path / FILE)) as new:
        old.backup(new)
    return tmp_path


@pytest.fixture
def log(folder: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(folder / FILE)) as log:
        yield log


def missing(log: sqlite3.Connection, folder: Path) -> list[date]:
    return not_ready(log, CENTRE, date.min, date.max, folder)[0]


def test_what_is_ready_is_what_a_report_has_kept(log: sqlite3.Connection, folder: Path) -> None:
    assert not_ready(log, CENTRE, date.min, date.max, folder) == ([*BUSY, LAST], 3)
    waiting(log, CENTRE, BUSY[1], BUSY[1], "line", folder=folder)
    assert not_ready(log, CENTRE, date.min, date.max, folder) == ([BUSY[0], LAST], 3)
    assert not_ready(log, CENTRE, BUSY[1], BUSY[1], folder) == ([], 1)
    assert not_ready(log, CENTRE, date(2020, 1, 1), date(2020, 1, 31), folder) == ([], 0)


def test_the_newest_days_are_ready_first_and_it_can_be_stopped(log: sqlite3.Connection, folder: Path) -> None:
    assert prepare(log, CENTRE, folder, lambda _worked_s: False) == 2
    assert missing(log, folder) == [*BUSY]
    assert prepare(log, CENTRE, folder) == 0
    assert missing(log, folder) == []


def test_what_was_made_ready_gives_the_same_figures(log: sqlite3.Connection, folder: Path) -> None:
    prepare(log, CENTRE, folder)
    assert waiting(log, CENTRE, BUSY[0], LAST, "line", folder=folder) == waiting(log, CENTRE, BUSY[0], LAST, "line")


def test_days_of_another_log_or_zone_are_not_ready(log: sqlite3.Connection, folder: Path) -> None:
    prepare(log, CENTRE, folder)
    with closing(sqlite3.connect(folder / history.FILE)) as kept:
        kept.execute("UPDATE about SET value = 'another' WHERE key = 'basis'")
        kept.commit()
    assert len(missing(log, folder)) == 3


def test_a_file_that_cannot_be_written_does_not_keep_it_for_ever(log: sqlite3.Connection, folder: Path) -> None:
    (folder / history.FILE).mkdir()
    assert prepare(log, CENTRE, folder) == 3


def test_the_process_prepares_and_ends(log: sqlite3.Connection, folder: Path) -> None:
    file = folder / "centre.toml"
    file.write_text(SMALL_CENTRE, "utf-8")
    command = [sys.executable, "-m", "server.reports.prepare", str(file), str(folder)]
    assert subprocess.run(command, cwd=ROOT, timeout=60).returncode == 0
    assert missing(log, folder) == []


@pytest.fixture
def server(busy_log: Path, tmp_path: Path) -> Iterator[RunningServer]:
    """A server that was upgraded: its log has more than a month, and nothing of it is ready."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(busy_log / FILE, data / FILE)
    with closing(sqlite3.connect(data / FILE)) as log:
        before = str(BUSY[0] - timedelta(days=AGO))
        log.execute("UPDATE ticket SET day = ? WHERE day = ? AND number = 'A901'", (before, str(BUSY[0])))
        log.commit()
    # Whoever holds this keeps it from being made ready.
    with closing(sqlite3.connect(data / history.FILE, isolation_level=None)) as hold:
        hold.execute("BEGIN IMMEDIATE")
        server = RunningServer(tmp_path)
        server.hold = hold  # type: ignore[attr-defined]
        yield server
        server.kill()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_page_shows_how_far_it_is_and_then_the_report(server: RunningServer, language: str) -> None:
    period = f"from={BUSY[0] - timedelta(days=AGO)}&to={LAST}"
    before = server.get(f"/reports/ready?{period}").json
    assert (before["days"], before["ready"], before["wait"]) == (AGO + 3, 0, True)
    with running_browser() as browser, faultless_page(browser) as page:
        page.goto(f"{server.address}/reports?{period}&compare=none&language={language}")
        bar = page.get_by_role("progressbar")
        expect(bar).to_be_visible()
        expect(page.locator("#said")).to_contain_text(str(AGO + 3))
        expect(page.locator("#report")).to_be_hidden()
        server.hold.execute("COMMIT")  # type: ignore[attr-defined]
        expect(page.locator("#report")).to_be_visible(timeout=60_000)
        expect(bar).to_be_hidden()
    until(lambda: server.get(f"/reports/ready?{period}").json["ready"] == AGO + 3, 60)


def test_a_few_days_are_not_waited_for(server: RunningServer) -> None:
    said = server.get(f"/reports/ready?from={BUSY[0]}&to={LAST}").json
    assert (said["days"], said["ready"], said["wait"]) == (3, 0, False)
    server.hold.execute("COMMIT")  # type: ignore[attr-defined]


def test_a_server_whose_days_are_ready_starts_no_process(log: sqlite3.Connection, folder: Path) -> None:
    """And one whose days are not starts it once a day."""
    own = Log(folder)
    (folder / "centre.toml").write_text(SMALL_CENTRE, "utf-8")
    preparing = Preparing(folder / "centre.toml", folder, lambda: LAST, lambda: are_all_ready(own, CENTRE))
    assert preparing.is_at_work, "nobody has looked yet"
    preparing.look()
    until(lambda: not preparing.is_at_work, 60)
    assert missing(log, folder) == []
    again = Preparing(folder / "nowhere.toml", folder, lambda: LAST, lambda: are_all_ready(own, CENTRE))
    again.look()
    assert not again.is_at_work
    own.close()
