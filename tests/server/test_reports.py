"""The waiting report: its figures, recomputed by hand from a small day."""

import csv
import io
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dawr.errors import BadMessage
from dawr.words import Words
from server.reports import GROUPS, WaitingReport, WaitingRow, percentile, waiting
from tests.halls import small_centre

DAY = date(2026, 11, 22)
NINE = datetime(2026, 11, 22, 6, tzinfo=UTC).timestamp()  # 09:00 in Damascus, a Sunday
COLUMNS = ["day", "service", "line", "first_counter", "state", "ended_by"]
COLUMNS += ["joined_at", "first_called_at", "called_at", "served_at", "ended_at"]

VISITS = [
    # service, line, counter, state, ended by, joined, first call, call, served, ended (seconds after nine)
    ("birth", "civil", "1", "completed", "counter", 0, 60, 60, 70, 370),
    ("birth", "civil", "2", "completed", "counter", 10, 1810, 1900, None, 2000),
    ("birth", "civil", "1", "no_show", "counter", 20, 140, 140, None, 260),
    ("deed", "land", "3", "completed", "day_end", 3600, 3700, 3700, 3720, 90000),
    ("deed", "land", None, "cancelled", "visitor", 3700, None, None, None, 4000),
    ("closed-down", "land", None, "waiting", None, 7200, None, None, None, None),
]


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"create table ticket({', '.join(COLUMNS)})")
    for *ids, joined, first_call, call, served, ended in VISITS:
        times = [None if at is None else NINE + at for at in (joined, first_call, call, served, ended)]
        connection.execute(
            f"insert into ticket values({', '.join('?' * len(COLUMNS))})", [DAY.isoformat(), *ids, *times]
        )
    yield connection
    connection.close()


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
    )


def test_services_come_as_in_the_settings_and_unknown_ones_last(database: sqlite3.Connection) -> None:
    rows = report(database, "service").rows
    assert [(row.key, row.visits) for row in rows] == [("birth", 3), ("deed", 2), ("closed-down", 1)]
    assert [row.name and row.name["en"] for row in rows] == ["Birth certificate", "Property statement", None]


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("line", {"civil": 3, "land": 3}),
        ("hour", {"9": 3, "10": 2, "11": 1}),
        ("weekday", {"sunday": 6}),
        ("counter", {"1": 2, "2": 1, "3": 1}),
        ("day", {"2026-11-22": 6}),
    ],
)
def test_each_grouping(database: sqlite3.Connection, by: str, groups: dict[str, int]) -> None:
    assert {row.key: row.visits for row in report(database, by).rows} == groups


@pytest.mark.parametrize("by", GROUPS)
def test_groups_add_up(database: sqlite3.Connection, by: str) -> None:
    found = report(database, by)
    assert sum(row.called for row in found.rows) == found.total.called


def test_a_period_without_visits_has_no_figures(database: sqlite3.Connection) -> None:
    found = waiting(database, small_centre(), date(2026, 1, 1), date(2026, 1, 31), "hour")
    assert (found.rows, found.total.visits, found.total.mean_wait_s) == ([], 0, None)


def test_a_grouping_that_does_not_exist_is_refused(database: sqlite3.Connection) -> None:
    with pytest.raises(BadMessage):
        report(database, "colour")
    with pytest.raises(BadMessage):
        waiting(database, small_centre(), DAY, date(2026, 11, 21), "hour")


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("by", GROUPS)
def test_csv_has_a_heading_every_group_and_the_total(database: sqlite3.Connection, by: str, language: str) -> None:
    found = report(database, by)
    table = list(csv.reader(io.StringIO(found.to_csv(Words(language)))))
    assert len(table) == 1 + len(found.rows) + 1
    assert {len(line) for line in table} == {12}
    assert table[-1][1] == str(found.total.visits)


@given(st.lists(st.floats(0, 1e5), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_the_smallest_value_that_covers_its_share(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6
    assert sum(value < found for value in values) < share * len(values) + 1e-6
