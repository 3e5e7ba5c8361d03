"""From a figure to its tickets, from a ticket to what happened to it, and a day played again."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from dawr.errors import BadMessage, UnknownTicket
from dawr.language import LANGUAGES
from dawr.messages import EVENTS
from dawr.tickets import EndedBy
from dawr.words import catalogue
from server.keeping.log import FILE, stretch_of
from server.reports.groups import GROUPS
from server.reports.replay import replay
from server.reports.tickets import SHOWN, Which, tickets, timeline
from server.reports.waiting import waiting
from tests.halls import small_centre
from tests.server.busy_log import BUSY, LAST
from tests.server.recomputed import Fold


@pytest.fixture
def log(busy_log: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(busy_log / FILE)) as connection:
        yield connection


@pytest.mark.parametrize("by", GROUPS)
def test_behind_a_figure_are_as_many_tickets_as_it_says(log: sqlite3.Connection, busy_log: Path, by: str) -> None:
    report = waiting(log, small_centre(), BUSY[0], LAST, by, folder=busy_log)
    for row in report.rows:
        for show in SHOWN.keys() - {"over_target"}:
            found = tickets(log, small_centre(), Which(BUSY[0], LAST, by, row.key, show), folder=busy_log)
            assert found.total == getattr(row, show), (row.key, show)
    past = tickets(log, small_centre(), Which(BUSY[0], LAST, show="over_target"))
    assert report.total.within_target == pytest.approx(1 - past.total / report.total.called)


def test_pages_of_tickets_go_from_the_longest_wait_to_the_shortest(log: sqlite3.Connection) -> None:
    which = Which(*BUSY)
    first = tickets(log, small_centre(), which)
    assert (first.total, first.pages, len(first.tickets)) == (500, 10, 50)
    pages = [tickets(log, small_centre(), which, page).tickets for page in range(1, 11)]
    waits = [ticket.wait_s or 0 for page in pages for ticket in page]
    assert waits == sorted(waits, reverse=True)
    assert len({ticket.id for page in pages for ticket in page}) == 500
    assert tickets(log, small_centre(), which, 11).tickets == []


def test_what_there_is_not_is_refused(log: sqlite3.Connection) -> None:
    for which in (Which(*BUSY, by="colour"), Which(*BUSY, show="colour"), Which(BUSY[1], BUSY[0])):
        with pytest.raises(BadMessage):
            tickets(log, small_centre(), which)
    with pytest.raises(UnknownTicket):
        timeline(log, "nobody")


def test_a_story_has_every_event_of_its_ticket_and_what_was_taken_back(log: sqlite3.Connection) -> None:
    [chosen] = [one.id for one in tickets(log, small_centre(), Which(LAST, LAST)).tickets if one.number == "A903"]
    story = timeline(log, chosen)
    assert [one.name for one in story.happenings] == [
        "TicketIssued",
        "TicketCalled",
        "ActionUndone",
        "TicketCalled",
        "TicketSteppedAside",
        "TicketSteppedBack",
        "TicketCalled",
        "TicketCancelled",
    ]
    [end] = log.execute("SELECT count(*) FROM event WHERE ticket = ?", (chosen,)).fetchone()
    assert sum("ticket" in one.event for one in story.happenings) == end


def test_a_day_is_a_stretch_of_the_log_without_what_ended_it(log: sqlite3.Connection) -> None:
    for day in (*BUSY, LAST):
        first, last = stretch_of(log, day)
        names = log.execute(
            "SELECT name FROM event WHERE sequence IN (?, ?) ORDER BY sequence", (first, last)
        ).fetchall()
        assert names[0] == ("DayStarted",)
        [following] = log.execute(
            "SELECT body FROM event WHERE sequence > ? AND name = 'DayStarted'", (last,)
        ).fetchmany(1)
        assert str(day + timedelta(days=1)) in following[0]
    [(last_name,)] = log.execute("SELECT name FROM event WHERE sequence = ?", (last,))
    assert last_name == "TicketServed", "what the night ended is not of the day"
    assert stretch_of(log, date(2020, 1, 1)) == stretch_of(log, date.max) == (1, 0)


def test_a_day_played_again_ends_with_those_who_wait(log: sqlite3.Connection) -> None:
    played = replay(log, small_centre(), LAST)
    waiting_now, counters = dict[str, int](), {}
    for moment in played.moments:
        waiting_now |= moment.waiting
        counters |= moment.counters
    left = [one for one in Fold(log).tickets.values() if one["day"] == str(LAST) and one["by"] == "day_end"]
    never_called = [one for one in left if one["first_called"] is None]
    assert waiting_now == {"civil": len(never_called)}
    assert (counters["1"].state, counters["1"].doing) == ("open", "serving")


def test_a_day_played_again_calls_everybody_who_was_called(log: sqlite3.Connection) -> None:
    [calls] = log.execute(
        "SELECT count(*) FROM event WHERE name IN ('TicketCalled', 'TicketRecalled') AND sequence BETWEEN ? AND ?",
        stretch_of(log, BUSY[0]),
    ).fetchone()
    played = replay(log, small_centre(), BUSY[0])
    assert sum(len(moment.called) for moment in played.moments) == calls
    times = [moment.at_s for moment in played.moments]
    assert times == sorted(times)
    assert all(count >= 0 for moment in played.moments for count in moment.waiting.values())


def test_a_day_on_which_nothing_happened_has_no_moments(log: sqlite3.Connection) -> None:
    assert (
        replay(log, small_centre(), date(2020, 1, 1)).moments,
        replay(log, small_centre(), date(2020, 1, 1)).began_at,
    ) == ([], None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_can_happen_to_a_ticket_has_a_sentence(language: str) -> None:
    said = catalogue(language)["reports"]["event"]
    happenings = {name for name, event in EVENTS.items() if "ticket" in event.model_fields} | {"ActionUndone"}
    assert happenings == {key.partition("_")[0] for key in said}
    assert {key for key in said if key.startswith("TicketCancelled")} == {f"TicketCancelled_{by}" for by in EndedBy}
