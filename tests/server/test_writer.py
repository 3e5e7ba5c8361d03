"""The writer: each command once, all or nothing, and the hall is always what the log says."""

import sqlite3
import threading
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest

from dawr.errors import BadMessage, BeginsAnew, KeyReused, NothingToDo, NotOffered, NumberTaken, StorageFailed
from dawr.hall import rebuild
from dawr.messages import (
    CallNext,
    CancelTicket,
    Complete,
    IssueTicket,
    MarkNoShow,
    OpenCounter,
    Park,
    Recall,
    Resume,
    Serve,
    StartDay,
    StopService,
    Transfer,
    Undo,
)
from server.interface.incoming import command_id
from server.keeping.log import Log
from server.keeping.writer import MOST_AT_ONCE, Writer, _start_of
from tests.halls import SUNDAY_MORNING, small_centre
from tests.server.live_writer import LiveWriter, hand_in

BIRTH = IssueTicket(service="birth")
NEXT = CallNext(counter="1")


def is_what_the_log_says(live: LiveWriter) -> bool:
    with live.log.reading():
        rebuilt = rebuild(small_centre(), live.log.today())
    rebuilt.changed = live.writer.hall.changed
    rebuilt._overtaken = live.writer.hall._overtaken
    return rebuilt == live.writer.hall


def test_the_first_command_of_a_day_starts_it(live_writer: LiveWriter) -> None:
    answer = live_writer.do(BIRTH)
    assert [type(event).__name__ for event in live_writer.stored[0].events] == ["DayStarted", "TicketIssued"]
    assert (answer["ticket"]["number"], answer["sequence"]) == ("A901", 2)


def test_no_command_takes_the_id_by_which_the_next_day_begins(live_writer: LiveWriter) -> None:
    live_writer.do(BIRTH)
    tomorrow = SUNDAY_MORNING.date() + timedelta(days=1)
    ours = _start_of(tomorrow).id
    live_writer.do(BIRTH, f"start-day-{tomorrow}")
    with pytest.raises(BadMessage):
        command_id(ours, "command_id")
    live_writer.do(BIRTH, after_s=86_400)
    assert live_writer.writer.hall.day == tomorrow


def test_a_command_sent_again_gets_its_first_answer_and_happens_once(live_writer: LiveWriter) -> None:
    first = live_writer.do(BIRTH, "key-1")
    live_writer.do(BIRTH, "key-2")
    assert live_writer.do(BIRTH, "key-1") == first
    live_writer.restart()
    assert live_writer.do(BIRTH, "key-1") == first
    assert len(live_writer.writer.hall.tickets) == 2


def test_a_refusal_sent_again_is_refused_in_the_same_way_though_it_would_now_be_possible(
    live_writer: LiveWriter,
) -> None:
    with pytest.raises(NothingToDo) as first:
        live_writer.do(Recall(counter="1"), "key-1")
    live_writer.do(BIRTH)
    live_writer.do(NEXT)
    with pytest.raises(NothingToDo) as second:
        live_writer.do(Recall(counter="1"), "key-1")
    assert (str(second.value), second.value.facts) == (str(first.value), first.value.facts)


def test_answers_are_forgotten_after_two_weeks_and_events_never(live_writer: LiveWriter) -> None:
    command = IssueTicket(service="deed")
    first = live_writer.do(command, "key")
    live_writer.do(StartDay(day=date(2026, 12, 6)), after_s=14 * 86_400 - 60)
    assert live_writer.do(command, "key") == first
    live_writer.do(StartDay(day=date(2026, 12, 7)), after_s=86_400)
    assert live_writer.rows("SELECT id FROM command WHERE id = 'key'") == []
    assert len(live_writer.rows("SELECT * FROM event WHERE command = 'key'")) == 1


def test_a_key_belongs_to_one_command(live_writer: LiveWriter) -> None:
    live_writer.do(BIRTH, "key-1")
    with pytest.raises(KeyReused):
        live_writer.do(IssueTicket(service="deed"), "key-1")


def test_a_refusal_changes_nothing(live_writer: LiveWriter) -> None:
    live_writer.do(StopService(service="deed", reason={"ar": "لا", "en": "no"}))
    before = (live_writer.writer.hall, live_writer.rows("SELECT * FROM event"), len(live_writer.stored))
    with pytest.raises(NotOffered):
        live_writer.do(IssueTicket(service="deed"))
    assert live_writer.writer.hall == before[0]
    assert (live_writer.rows("SELECT * FROM event"), len(live_writer.stored)) == before[1:]
    assert live_writer.rows("SELECT * FROM ticket") == []


def test_commands_that_wait_are_stored_with_one_commit(live_writer: LiveWriter) -> None:
    live_writer.stop()
    live_writer.start(running=False)
    answers = [live_writer.writer.submit(BIRTH) for _ in range(MOST_AT_ONCE + 1)]
    live_writer.thread.start()
    numbers = [answer.result(10)["ticket"]["number"] for answer in answers]
    live_writer.stop()
    assert len(live_writer.stored) == 2
    assert numbers == [f"A{count}" for count in range(901, 901 + MOST_AT_ONCE + 1)]
    live_writer.start()


def test_a_refused_command_does_not_hurt_those_that_wait_with_it(live_writer: LiveWriter) -> None:
    live_writer.stop()
    live_writer.start(running=False)
    waiting = [live_writer.writer.submit(command) for command in (BIRTH, Recall(counter="1"), BIRTH)]
    live_writer.thread.start()
    assert [type(one.exception(10)) for one in waiting] == [type(None), NothingToDo, type(None)]
    assert is_what_the_log_says(live_writer)


def test_nobody_sees_what_is_not_stored_yet(live_writer: LiveWriter) -> None:
    published = live_writer.writer.hall
    live_writer.do(BIRTH)
    assert (len(published.tickets), len(live_writer.writer.hall.tickets)) == (0, 1)


def test_a_hall_rebuilt_from_the_log_is_the_hall_that_was(live_writer: LiveWriter) -> None:
    for command in (
        BIRTH,
        BIRTH,
        IssueTicket(service="deed", visitor_class="elderly"),
        OpenCounter(counter="2"),
        NEXT,
        Recall(counter="1"),
        Recall(counter="1"),
        MarkNoShow(counter="1"),
        Undo(counter="1"),
        Serve(counter="1"),
        Park(counter="1"),
        Resume(counter="1", ticket="A901"),
        CallNext(counter="2"),
        Transfer(counter="2", line="civil"),
        NEXT,
        Complete(counter="1"),
        CancelTicket(ticket="A902"),
    ):
        live_writer.do(command, after_s=1)
    assert is_what_the_log_says(live_writer)
    states = {row["number"]: row["state"] for row in live_writer.rows("SELECT * FROM ticket")}
    assert states == {one.number: one.state.value for one in live_writer.writer.hall.tickets.values()}


def test_what_a_counter_is_answered(live_writer: LiveWriter) -> None:
    assert live_writer.do(NEXT)["ticket"] is None
    live_writer.do(BIRTH)
    called = live_writer.do(NEXT)
    assert (called["ticket"]["number"], called["counter"]["ticket"]["number"]) == ("A901", "A901")
    done = live_writer.do(Complete(counter="1"))
    assert (done["ticket"]["state"], done["counter"]["ticket"]) == ("completed", None)
    assert live_writer.do(NEXT)["ticket"] is None


def test_times_do_not_go_back_when_a_command_begins_the_day(tmp_path: Path) -> None:
    ticks = count(1)
    log = Log(tmp_path)
    writer = Writer(small_centre(), log, lambda: SUNDAY_MORNING + timedelta(milliseconds=next(ticks)))
    writer.submit(BIRTH)
    writer.run_until_idle()
    with log.reading() as connection:
        rows = connection.execute("SELECT name, at FROM event ORDER BY sequence").fetchall()
    log.close()
    assert [name for name, _ in rows] == ["DayStarted", "TicketIssued"]
    assert rows[0][1] <= rows[1][1]


def test_tickets_of_a_day_that_is_over_are_ended_in_their_rows(live_writer: LiveWriter) -> None:
    live_writer.do(BIRTH)
    live_writer.do(BIRTH)
    live_writer.do(NEXT)
    live_writer.do(Serve(counter="1"))
    live_writer.now += timedelta(days=1)
    live_writer.do(BIRTH)
    rows = live_writer.rows("SELECT day, state, ended_by FROM ticket ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [
        ("2026-11-22", "completed", "day_end"),
        ("2026-11-22", "cancelled", "day_end"),
        ("2026-11-23", "waiting", None),
    ]
    assert is_what_the_log_says(live_writer)


def test_a_clock_that_is_set_back_does_not_set_the_log_back(live_writer: LiveWriter) -> None:
    live_writer.do(BIRTH)
    live_writer.do(BIRTH, after_s=-3600)
    times = [row["at"] for row in live_writer.rows("SELECT at FROM event ORDER BY sequence")]
    assert times == sorted(times)


def test_a_ticket_handed_in_again_on_another_day_is_known(live_writer: LiveWriter) -> None:
    early = hand_in("kiosk-1", SUNDAY_MORNING, ("t-1", "A001", SUNDAY_MORNING))
    live_writer.do(early)
    live_writer.now += timedelta(days=1)
    answer = live_writer.do(hand_in("kiosk-1", live_writer.now, ("t-1", "A001", SUNDAY_MORNING)))
    assert answer["stored"] == ["t-1"]
    issued = live_writer.rows("SELECT sequence FROM event WHERE name = 'TicketIssued'")
    assert (len(issued), live_writer.rows("SELECT state FROM ticket")) == (1, [{"state": "cancelled"}])


def test_a_late_ticket_with_a_number_that_its_day_knows_is_refused(live_writer: LiveWriter) -> None:
    live_writer.do(hand_in("kiosk-1", SUNDAY_MORNING, ("t-1", "A001", SUNDAY_MORNING)))
    live_writer.now += timedelta(days=1)
    live_writer.do(BIRTH)
    with pytest.raises(NumberTaken):
        live_writer.do(hand_in("kiosk-1", live_writer.now, ("t-2", "A001", SUNDAY_MORNING)))
    assert is_what_the_log_says(live_writer)


def fill(log: Log) -> None:
    """Let SQLite find no room for another page, as on a full disk, until the log is opened again."""
    [pages] = log._db.execute("PRAGMA page_count").fetchone()
    log._db.execute(f"PRAGMA max_page_count = {pages}")


MANY = [IssueTicket(service="birth")] * 100
"""Tickets that need more pages of the database than there are."""


def test_a_full_disk_costs_the_ballast_but_no_ticket(live_writer: LiveWriter) -> None:
    live_writer.do(BIRTH)
    fill(live_writer.log)
    for command in MANY:
        live_writer.do(command)
    assert not live_writer.log.ballast.exists()
    assert len(live_writer.writer.hall.tickets) == 101
    assert is_what_the_log_says(live_writer)


def test_what_could_not_be_stored_did_not_happen_and_the_next_is_stored_again(live_writer: LiveWriter) -> None:
    live_writer.do(BIRTH)
    live_writer.log.give_up_ballast()
    fill(live_writer.log)
    told = 0
    with pytest.raises(StorageFailed):
        for command in MANY:
            told = live_writer.do(command)["sequence"]
    assert live_writer.writer.hall.sequence == max(told, 2)
    assert live_writer.writer.trouble
    assert live_writer.do(BIRTH)["sequence"] == max(told, 2) + 1
    assert live_writer.writer.trouble is None
    assert is_what_the_log_says(live_writer)


def test_a_log_that_cannot_be_written_refuses_and_recovers(live_writer: LiveWriter) -> None:
    live_writer.do(BIRTH)
    live_writer.log._db.execute("PRAGMA query_only = ON")
    with pytest.raises(StorageFailed):
        live_writer.do(BIRTH, "key-1")
    assert live_writer.do(BIRTH, "key-1")["ticket"]["number"] == "A902"


def test_a_log_that_somebody_else_holds_refuses_and_recovers(live_writer: LiveWriter) -> None:
    live_writer.do(BIRTH)
    other = sqlite3.connect(live_writer.log.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageFailed, match="locked"):
        live_writer.do(BIRTH, "key-1")
    other.close()
    assert live_writer.do(BIRTH, "key-1")["ticket"]["number"] == "A902"


def test_two_counters_that_press_at_once_never_call_the_same_ticket(tmp_path: Path) -> None:
    live = LiveWriter(tmp_path)
    for thousand in (0, 500):
        live.do(
            hand_in(
                "kiosk-1",
                SUNDAY_MORNING,
                *(
                    (f"t-{n:04d}", f"A{n + 1:03d}" if n < 500 else f"A{n + 501}", SUNDAY_MORNING)
                    for n in range(thousand, thousand + 500)
                ),
            )
        )
    called: list[str] = []

    def press(counter: str) -> None:
        while ticket := live.writer.do(CallNext(counter=counter))["ticket"]:
            called.append(ticket["id"])

    presses = [threading.Thread(target=press, args=(counter,)) for counter in ("1", "2")]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()
    live.stop()
    assert sorted(called) == [f"t-{n:04d}" for n in range(1000)]


def test_whoever_comes_after_the_end_is_told_so_at_once(tmp_path: Path) -> None:
    live = LiveWriter(tmp_path)
    before = live.writer.submit(BIRTH)
    live.writer.end()
    assert before.result(0)["ticket"]["number"] == "A901"
    with pytest.raises(BeginsAnew):
        live.writer.submit(BIRTH).result(0)
    live.writer.end()
    live.stop()


def test_the_writer_ends_after_what_waits(tmp_path: Path) -> None:
    live = LiveWriter(tmp_path)
    answers = [live.writer.submit(BIRTH) for _ in range(100)]
    live.stop()
    assert len({answer.result(0)["ticket"]["number"] for answer in answers}) == 100
    assert Writer(small_centre(), Log(tmp_path), lambda: SUNDAY_MORNING).hall.sequence == 101
