"""How usual a day is, from the visits of the weeks before."""

import sqlite3
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.reports.usual_day import usual_tickets

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=ZoneInfo("Asia/Damascus"))


@pytest.fixture
def log() -> sqlite3.Connection:
    log = sqlite3.connect(":memory:")
    log.execute("CREATE TABLE ticket (day TEXT, joined_at REAL)")
    return log


def visits(log: sqlite3.Connection, weeks_ago: float, *hours: float) -> None:
    day = NOW.replace(hour=0) - timedelta(weeks=weeks_ago)
    for hour in hours:
        log.execute("INSERT INTO ticket VALUES (?, ?)", (str(day.date()), (day + timedelta(hours=hour)).timestamp()))


def test_a_young_log_knows_no_usual_day(log: sqlite3.Connection) -> None:
    visits(log, 0, 8, 9)
    visits(log, 1 / 7, 8, 9)
    assert usual_tickets(log, NOW) is None


def test_only_tickets_until_this_time_on_such_a_weekday_count(log: sqlite3.Connection) -> None:
    visits(log, 1, 8, 9, 10, 10.1, 14)
    visits(log, 3, 9)
    visits(log, 2 / 7, 8, 8, 8)
    visits(log, 5, 8, 8, 8)
    assert usual_tickets(log, NOW) == 2.0


def test_a_day_on_which_nobody_had_come_yet_counts_as_none_by_now(log: sqlite3.Connection) -> None:
    visits(log, 1, 8, 9)
    visits(log, 2, 12)
    assert usual_tickets(log, NOW) == 1.0
