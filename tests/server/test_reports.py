"""The report: its figures by hand from a small day, and all of them reckoned anew from the log of busy ones."""

import csv
import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dawr.errors import BadMessage
from dawr.messages import (
    DayStarted,
    IssueTicket,
    StartDay,
)
from dawr.tickets import EndedBy, State, Ticket
from dawr.words import Words
from server.keeping.log import FILE, Log
from server.reports import history
from server.reports.charts import charts
from server.reports.figures import COLUMNS, WaitingRow, percentile
from server.reports.files import FORMATS
from server.reports.groups import GROUPS
from server.reports.waiting import WaitingReport, compared_period, waiting
from tests.halls import small_centre
from tests.server.busy_log import BUSY, LAST
from tests.server.live_writer import LiveWriter, hand_in
from tests.server.recomputed import PARTS, Fold, figures, groups

DAY = date(2026, 11, 22)
NINE = datetime(2026, 11, 22, 6, tzinfo=UTC)  # 09:00 in Damascus, a Sunday
ZONE = ZoneInfo("Asia/Damascus")

VISITS = [
    # service, line, counter, state, ended by, joined, first call, call, served, ended (seconds after nine)
    ("birth", "civil", "1", "completed", "counter", 0, 60, 60, 70, 370),
    ("birth", "civil", "2", "completed", "counter", 10, 1810, 1900, None, 2000),
    ("birth", "civil", "1", "no_show", "counter", 20, 140, 140, None, 260),
    ("deed", "land", "3", "completed", "day_end", 3600, 3700, 3700, 3720, 90000),
    ("deed", "land", None, "cancelled", "visitor", 3700, None, None, None, 4000),
    ("closed-down", "land", None, "waiting", None, 7200, None, None, None, None),
]


def ticket(place: int) -> Ticket:
    service, line, counter, state, ended_by, joined, *times = VISITS[place]
    assert isinstance(joined, int)
    first_called_at, called_at, served_at, ended_at = (
        None if after_s is None else NINE + timedelta(seconds=int(after_s)) for after_s in times
    )
    joined_at = NINE + timedelta(seconds=joined)
    return Ticket(
        id=f"ticket-{place}",
        number=f"A00{place}",
        day=DAY,
        service=str(service),
        line=str(line),
        visitor_class=None,
        language="ar",
        reference=None,
        issuer="server",
        joined_at=joined_at,
        counted_from=joined_at,
        state=State(str(state)),
        first_counter=None if counter is None else str(counter),
        first_called_at=first_called_at,
        called_at=called_at,
        served_at=served_at,
        ended_at=ended_at,
        ended_by=None if ended_by is None else EndedBy(str(ended_by)),
    )


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    log = Log(tmp_path)
    log.append("start", DAY, [DayStarted(at=NINE, day=DAY)])
    log.keep_tickets(ticket(place) for place in range(len(VISITS)))
    with log.reading() as connection:
        yield connection
    log.close()


def report(database: sqlite3.Connection, by: str) -> WaitingReport:
    return waiting(database, small_centre(), DAY, DAY, by)


def test_the_total_counts_waits_of_the_called_only(database: sqlite3.Connection) -> None:
    assert report(database, "service").total == WaitingRow(
        key="all",
        visits=6,
        called=4,
        completed=3,
        no_shows=1,
        left=1,
        mean_wait_s=(60 + 1800 + 120 + 100) / 4,
        median_wait_s=100,
        p90_wait_s=1800,
        longest_wait_s=1800,
        within_target=3 / 4,
        mean_service_s=(300 + 100) / 2,
        median_service_s=100,
        transferred=0,
        parked=0,
        mean_parked_s=None,
        overtaken=0,
        most_overtaken=0,
        out_of_order=0,
    )


def test_services_come_as_in_the_settings_and_unknown_ones_last(database: sqlite3.Connection) -> None:
    rows = report(database, "service").rows
    assert [(row.key, row.visits) for row in rows] == [("birth", 3), ("deed", 2), ("closed-down", 1)]
    assert [row.name and row.name["en"] for row in rows] == ["Birth certificate", "Property statement", None]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("line", {"civil": 3, "land": 3}),
        ("half-hour", {"09:00": 3, "10:00": 2, "11:00": 1}),
        ("hour", {"9": 3, "10": 2, "11": 1}),
        ("weekday", {"sunday": 6}),
        ("counter", {"1": 2, "2": 1, "3": 1}),
        ("day", {"2026-11-22": 6}),
    ],
)
def test_each_grouping(database: sqlite3.Connection, by: str, expected: dict[str, int]) -> None:
    assert {row.key: row.visits for row in report(database, by).rows} == expected


@pytest.mark.parametrize("by", GROUPS)
def test_groups_add_up(database: sqlite3.Connection, by: str) -> None:
    found = report(database, by)
    assert sum(row.called for row in found.rows) == found.total.called


def test_a_period_without_visits_has_no_figures(database: sqlite3.Connection) -> None:
    found = waiting(database, small_centre(), date(2026, 1, 1), date(2026, 1, 31), "hour")
    assert (found.rows, found.total.visits, found.total.mean_wait_s) == ([], 0, None)


def test_a_new_log_has_no_figures(tmp_path: Path) -> None:
    log = Log(tmp_path)
    with log.reading() as connection:
        assert report(connection, "line").total.visits == 0
    log.close()


def test_a_grouping_that_does_not_exist_is_refused(database: sqlite3.Connection) -> None:
    with pytest.raises(BadMessage):
        report(database, "colour")
    with pytest.raises(BadMessage):
        waiting(database, small_centre(), DAY, date(2026, 11, 21), "hour")
    for compare in ("previous", "week", "year"):
        with pytest.raises(BadMessage):
            waiting(database, small_centre(), date.min, date.max, "hour", compare)


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("by", GROUPS)
def test_csv_has_a_heading_every_group_and_the_total(database: sqlite3.Connection, by: str, language: str) -> None:
    found = report(database, by)
    text = FORMATS["csv"].write(found, small_centre(), Words(language)).decode()
    table = list(csv.reader(io.StringIO(text)))
    assert len(table) == 1 + len(found.rows) + 1
    assert {len(line) for line in table} == {1 + len(COLUMNS)}
    assert table[-1][1] == str(found.total.visits)


@given(st.lists(st.floats(0, 1e5), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_the_smallest_value_that_covers_its_share(values: list[float], share: float) -> None:
    found = percentile(np.array(values), share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6
    assert sum(value < found for value in values) < share * len(values) + 1e-6


@pytest.mark.parametrize(
    ("first", "last", "previous", "year"),
    [
        ("2026-11-22", "2026-11-22", ("2026-11-21", "2026-11-21"), ("2025-11-22", "2025-11-22")),
        ("2026-11-15", "2026-11-21", ("2026-11-08", "2026-11-14"), ("2025-11-15", "2025-11-21")),
        ("2026-03-01", "2026-03-31", ("2026-02-01", "2026-02-28"), ("2025-03-01", "2025-03-31")),
        ("2026-01-01", "2026-12-31", ("2025-01-01", "2025-12-31"), ("2025-01-01", "2025-12-31")),
        ("2024-02-28", "2024-02-29", ("2024-02-26", "2024-02-27"), ("2023-02-28", "2023-02-28")),
    ],
)
def test_a_period_is_held_beside_the_one_before_or_a_year_ago(
    first: str, last: str, previous: tuple[str, str], year: tuple[str, str]
) -> None:
    period = date.fromisoformat(first), date.fromisoformat(last)
    assert tuple(map(str, compared_period(*period, "previous"))) == previous
    assert tuple(map(str, compared_period(*period, "year"))) == year
    week = compared_period(*period, "week")
    assert [(day - before).days for day, before in zip(period, week, strict=True)] == [7, 7]


# --- Busy days ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [False, True], ids=["from the tickets", "from what is kept"])
@pytest.mark.parametrize("by", GROUPS)
def test_every_figure_is_the_one_reckoned_anew_from_the_log(busy_log: Path, by: str, kept: bool) -> None:
    centre = small_centre()
    with closing(sqlite3.connect(busy_log / FILE)) as log:
        found = waiting(log, centre, BUSY[0], LAST, by, folder=busy_log if kept else None)
        fold = Fold(log)
    expected = {key: figures(tickets, found.target_s) for key, tickets in groups(fold, by, ZONE).items()}
    expected["all"] = figures(list(fold.tickets.values()), found.target_s)
    assert {row.key for row in [*found.rows, found.total]} == expected.keys()
    for row in [*found.rows, found.total]:
        assert {column: getattr(row, column) for column in COLUMNS} == pytest.approx(expected[row.key], abs=1e-5)
    assert found.total.out_of_order and found.total.parked and found.total.overtaken and found.total.transferred


def test_the_time_of_counters_is_the_one_reckoned_anew_from_the_log(busy_log: Path) -> None:
    with closing(sqlite3.connect(busy_log / FILE)) as log:
        found = waiting(log, small_centre(), BUSY[0], LAST, "day")
        fold = Fold(log)
    expected = {
        counter: {part: sum(of[part] for (_, one), of in fold.spent.items() if one == counter) for part in PARTS}
        for counter in ("1", "2", "3")
    }
    reported = {one.counter: {part: getattr(one, f"{part}_s") for part in PARTS} for one in found.counters}
    assert reported.keys() == expected.keys()
    for counter, parts in reported.items():
        assert parts == pytest.approx(expected[counter], abs=1e-5)
        assert min(parts.values()) > 0


def test_charts_are_the_ones_reckoned_anew_from_the_log(busy_log: Path) -> None:
    with closing(sqlite3.connect(busy_log / FILE)) as log:
        found = charts(log, small_centre(), BUSY[0], LAST)
        tickets = list(Fold(log).tickets.values())
    waits = [one["first_called"] - one["joined"] for one in tickets if one["first_called"]]
    for step, count in enumerate(found.spread[:-1]):
        assert count == sum(step * found.bin_s <= wait < (step + 1) * found.bin_s for wait in waits)
    assert sum(found.spread) == len(waits)
    assert sum(cell.visits for cell in found.week) == sum(cell.visits for cell in found.over_the_day) == len(tickets)
    sunday_ten = [
        one["first_called"] - one["joined"]
        for one in tickets
        if one["day"] == "2026-11-15"
        and f"{datetime.fromtimestamp(one['joined'], ZONE):%H:%M}"[:4] in ("10:0", "10:1", "10:2")
        if one["first_called"]
    ]
    [cell] = [cell for cell in found.week if (cell.weekday, cell.half_hour) == ("sunday", "10:00")]
    assert cell.mean_wait_s == pytest.approx(sum(sunday_ten) / len(sunday_ten))


# --- What is kept of days that are over -----------------------------------------------------------------------


def test_a_late_ticket_of_a_day_that_is_over_is_counted(live_writer: LiveWriter) -> None:
    def visits(day: date) -> int:
        with live_writer.log.reading() as log:
            return waiting(log, small_centre(), day, day, "line", folder=live_writer.folder).total.visits

    monday = live_writer.now
    live_writer.do(IssueTicket(service="birth", language="ar"))
    live_writer.do(StartDay(day=DAY + timedelta(days=1)), after_s=86_400)
    assert visits(DAY) == 1
    live_writer.do(hand_in("kiosk-1", live_writer.now, ("late", "A001", monday)), after_s=60)
    assert visits(DAY) == 2


def test_what_is_kept_may_be_lost_or_damaged(busy_log: Path) -> None:
    def total() -> WaitingRow:
        with closing(sqlite3.connect(busy_log / FILE)) as log:
            return waiting(log, small_centre(), BUSY[0], LAST, "day", folder=busy_log).total

    expected, kept = total(), busy_log / history.FILE
    kept.write_bytes(b"no database at all" * 1000)
    assert (total(), total()) == (expected, expected)
    with closing(sqlite3.connect(kept)) as database:
        assert database.execute("SELECT count(*) FROM day").fetchone() == (3,)
    kept.unlink()
    assert total() == expected


def test_a_folder_that_cannot_be_written_costs_only_time(busy_log: Path) -> None:
    with closing(sqlite3.connect(busy_log / FILE)) as log:
        assert waiting(log, small_centre(), *BUSY, "day", folder=busy_log / "missing").total.visits == 500
