"""The quiet hours that are told to the public."""

from collections import Counter
from datetime import date, datetime
from pathlib import Path

from dawr.settings.centre import Centre
from dawr.settings.mistakes import parse
from server.keeping.log import Log
from server.practice.busy_day import busy_day
from server.practice.play_day import play
from server.reports.usual_waits import usual_waits
from tests.halls import SMALL_CENTRE

SUNDAY, MONDAY = date(2026, 11, 15), date(2026, 11, 16)
CENTRE = parse(Centre, SMALL_CENTRE, "small.toml")


def played(folder: Path) -> Log:
    log = Log(folder)
    play(CENTRE, log, busy_day(CENTRE, SUNDAY, tickets=40, seed=1))
    return log


def test_an_hour_with_fewer_than_five_visitors_is_not_told(tmp_path: Path) -> None:
    with played(tmp_path).reading() as log:
        called = log.execute("SELECT line, joined_at FROM ticket WHERE first_called_at NOT NULL")
        visitors = Counter((line, datetime.fromtimestamp(at, CENTRE.zone).hour) for line, at in called)
        told = {(line, one.hour) for line, hours in usual_waits(log, CENTRE, MONDAY).items() for one in hours}
    assert {4, 5} <= set(visitors.values())
    assert told == {hour for hour, count in visitors.items() if count >= 5}


def test_the_day_that_runs_and_days_of_long_ago_do_not_count(tmp_path: Path) -> None:
    with played(tmp_path).reading() as log:
        assert usual_waits(log, CENTRE, SUNDAY) == {}
        assert any(usual_waits(log, CENTRE, MONDAY).values())
        assert usual_waits(log, CENTRE, date(2027, 1, 10)) == {}
