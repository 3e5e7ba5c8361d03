"""Stories of a hall: what commands do to tickets and counters, what is refused, and what a day's end leaves."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

import pytest

from dawr.board import board
from dawr.clock import Moment, Trust
from dawr.errors import (
    ActionRefused,
    ChangedSince,
    CounterBusy,
    CounterNotOpen,
    ForeignNumber,
    NoMoreTime,
    NothingToDo,
    NothingToUndo,
    NotOffered,
    NumberTaken,
    RecallFirst,
    UnknownCounter,
    UnknownIssuer,
    UnknownLine,
    UnknownService,
    UnknownTicket,
)
from dawr.hall import CounterState
from dawr.messages import (
    CallNext,
    CallTicket,
    CancelTicket,
    CloseCounter,
    Command,
    Complete,
    HandIn,
    IssueTicket,
    MarkNoShow,
    NumberSkipped,
    OfferService,
    OpenCounter,
    Park,
    PrintedTicket,
    Recall,
    Resume,
    Serve,
    SkipNumber,
    StartDay,
    StepAside,
    StepBack,
    StopService,
    TakeBreak,
    TicketCancelled,
    TicketIssued,
    Transfer,
    Undo,
)
from dawr.tickets import MOST_STEPS_ASIDE, EndedBy, Place, State
from dawr.views import NO_SHOWS_SHOWN, counter_view, menu, ticket_view
from tests.dawr.test_calling import call_next, take
from tests.halls import SUNDAY_MORNING, LiveHall

STOPPED = {"ar": "الجهاز معطل", "en": "The machine is broken"}


def printed(number: str, id: str = "k1", age_s: float = 10, service: str = "birth", boot: str = "b1") -> PrintedTicket:
    return PrintedTicket(
        id=id,
        number=number,
        service=service,
        language="ar",
        issued=Moment(boot, 1000 - age_s, SUNDAY_MORNING, Trust.NONE),
    )


def hand_in(*tickets: PrintedTicket, issuer: str = "kiosk-1") -> HandIn:
    return HandIn(issuer=issuer, sent=Moment("b1", 1000, SUNDAY_MORNING, Trust.NONE), tickets=tickets)


def test_a_visit_from_ticket_to_completion() -> None:
    hall = LiveHall()
    id = take(hall)
    hall.do(CallNext(counter="1"), 120)
    hall.do(Serve(counter="1"), 30)
    hall.do(Complete(counter="1"), 300)
    ticket = hall.hall.tickets[id]
    assert ticket.state is State.COMPLETED
    assert ticket.first_called_at and ticket.served_at and ticket.ended_at
    assert ticket.first_called_at - ticket.joined_at == timedelta(seconds=120)
    assert ticket.served_at - ticket.first_called_at == timedelta(seconds=30)
    assert ticket.ended_at - ticket.served_at == timedelta(seconds=300)
    assert hall.hall.counters["1"].ticket is None


def test_call_next_completes_the_visit_in_progress() -> None:
    hall = LiveHall()
    first, second = take(hall), take(hall)
    call_next(hall)
    call_next(hall)
    assert hall.hall.tickets[first].state is State.COMPLETED
    assert hall.hall.counters["1"].ticket == second


def test_call_next_opens_a_closed_counter_and_ends_a_break() -> None:
    hall = LiveHall()
    call_next(hall)
    assert hall.hall.counters["1"].state is CounterState.OPEN
    hall.do(TakeBreak(counter="1", reason="صلاة"))
    assert hall.hall.counters["1"].state is CounterState.BREAK
    call_next(hall)
    assert hall.hall.counters["1"].state is CounterState.OPEN


def test_a_parked_ticket_keeps_its_place_when_resumed() -> None:
    hall = LiveHall()
    first, second = take(hall), take(hall)
    call_next(hall)
    hall.do(Park(counter="1", reason="صورة الهوية"))
    call_next(hall)
    third = take(hall)
    hall.do(Resume(counter="1", ticket=first), 600)
    assert hall.hall.tickets[first].parked == timedelta(seconds=600 + 60 + 1)
    assert [t.id for t in (call_next(hall), call_next(hall)) if t] == [first, third]
    assert hall.hall.tickets[second].state is State.COMPLETED


def test_a_no_show_needs_its_recalls_first() -> None:
    hall = LiveHall()
    id = take(hall)
    call_next(hall)
    for _ in range(2):
        with pytest.raises(RecallFirst):
            hall.do(MarkNoShow(counter="1"))
        hall.do(Recall(counter="1"))
    hall.do(MarkNoShow(counter="1"))
    assert hall.hall.tickets[id].state is State.NO_SHOW


def test_a_no_show_who_comes_back_can_be_called_or_waits_in_the_old_place() -> None:
    hall = LiveHall()
    first = take(hall)
    call_next(hall)
    for command in (Recall(counter="1"), Recall(counter="1"), MarkNoShow(counter="1")):
        hall.do(command)
    take(hall)
    hall.do(Resume(counter="1", ticket=first))
    called = call_next(hall)
    assert called is not None
    assert called.id == first
    assert called.ended_at is None


@pytest.mark.parametrize(("place", "order"), [(Place.FIRST, 0), (Place.BY_ARRIVAL, 1), (Place.LAST, 2)])
def test_a_transferred_ticket_goes_first_last_or_by_arrival(place: Place, order: int) -> None:
    hall = LiveHall()
    take(hall, "deed")
    moved = take(hall, "birth")
    take(hall, "deed")
    call_next(hall, "1")
    hall.do(Transfer(counter="1", line="land", place=place), 60)
    called = [ticket.id for ticket in (call_next(hall, "3") for _ in range(3)) if ticket]
    assert called.index(moved) == order
    assert hall.hall.tickets[moved].number.startswith("A"), "the number stays"


def test_a_transfer_to_a_service_takes_its_line() -> None:
    hall = LiveHall()
    id = take(hall, "birth")
    hall.do(Transfer(counter="1", ticket=id, service="deed"))
    assert (hall.hall.tickets[id].service, hall.hall.tickets[id].line) == ("deed", "land")


def test_a_visitor_who_needs_more_time_keeps_the_place_and_takes_it_back() -> None:
    hall = LiveHall()
    late, other, last = (take(hall) for _ in range(3))
    hall.do(StepAside(ticket=late), 10)
    called = call_next(hall, "1")
    assert called is not None
    assert called.id == other
    hall.do(StepBack(ticket=late), 60)
    assert hall.hall.tickets[late].parked == timedelta(seconds=61)
    assert [ticket.id for ticket in (call_next(hall), call_next(hall)) if ticket] == [late, last]
    assert hall.hall.tickets[late].overtaken == 0


def test_a_called_visitor_who_needs_more_time_leaves_the_counter_free() -> None:
    hall = LiveHall()
    late = take(hall)
    call_next(hall)
    hall.do(StepAside(ticket=late), 5)
    assert hall.hall.counters["1"].ticket is None
    view = counter_view(hall.hall, "1", hall.now)
    assert (view.asked_for_time, [one.by_visitor for one in view.set_aside]) == ("A901", [True])
    with pytest.raises(ChangedSince):
        hall.do(Undo(counter="1"))
    hall.do(CallTicket(counter="2", ticket=late), 60)
    assert not hall.hall.tickets[late].stepped_aside
    assert counter_view(hall.hall, "1", hall.now).asked_for_time is None


def test_a_visitor_may_ask_for_more_time_three_times() -> None:
    hall = LiveHall()
    late = take(hall)
    for _ in range(MOST_STEPS_ASIDE):
        hall.do(StepAside(ticket=late), 5)
        hall.do(StepBack(ticket=late), 5)
    with pytest.raises(NoMoreTime):
        hall.do(StepAside(ticket=late))
    assert hall.hall.tickets[late].state is State.WAITING


def test_a_visitor_cannot_take_back_what_a_clerk_set_aside() -> None:
    hall = LiveHall()
    id = take(hall)
    call_next(hall)
    hall.do(Park(counter="1"))
    with pytest.raises(ActionRefused):
        hall.do(StepBack(ticket=id))


def test_nobody_steps_aside_who_is_at_the_counter() -> None:
    hall = LiveHall()
    id = take(hall)
    call_next(hall)
    hall.do(Serve(counter="1"))
    with pytest.raises(ActionRefused):
        hall.do(StepAside(ticket=id))


@pytest.mark.parametrize("gone", [StepAside, CancelTicket])
def test_an_undo_does_not_bring_back_a_visitor_who_went_away_meanwhile(gone: type[StepAside | CancelTicket]) -> None:
    hall = LiveHall()
    id = take(hall)
    call_next(hall)
    hall.do(OpenCounter(counter="1", lines=("land",)))
    hall.do(gone(ticket=id), 5)
    hall.do(Undo(counter="1"), 5)
    assert (hall.hall.counters["1"].lines, hall.hall.counters["1"].ticket) == (("civil",), None)
    assert hall.hall.counters["1"].state is CounterState.OPEN


def test_an_undo_is_refused_when_the_visitor_stepped_aside_and_back_meanwhile() -> None:
    hall = LiveHall()
    id = take(hall)
    call_next(hall)
    hall.do(Park(counter="1"))
    hall.do(Resume(counter="1", ticket=id), 60)
    hall.do(StepAside(ticket=id), 1)
    hall.do(StepBack(ticket=id), 1)
    with pytest.raises(ChangedSince):
        hall.do(Undo(counter="1"))


def test_who_stepped_aside_for_a_counter_that_closes_goes_back_to_the_line() -> None:
    hall = LiveHall()
    id = take(hall, "birth")
    hall.do(Transfer(counter="1", ticket=id, to_counter="3"))
    hall.do(StepAside(ticket=id))
    hall.do(CloseCounter(counter="3"))
    hall.do(StepBack(ticket=id))
    called = call_next(hall, "1")
    assert called is not None
    assert called.id == id


def test_who_stepped_aside_is_off_the_board() -> None:
    hall = LiveHall()
    id = take(hall)
    call_next(hall)
    hall.do(StepAside(ticket=id))
    assert board(hall.hall, "epoch", hall.now).calls == []


def test_a_ticket_meant_for_a_counter_that_closes_goes_back_to_its_line() -> None:
    hall = LiveHall()
    id = take(hall, "birth")
    hall.do(Transfer(counter="1", ticket=id, to_counter="3"))
    hall.do(CloseCounter(counter="3"))
    called = call_next(hall, "1")
    assert called is not None
    assert called.id == id


def test_a_ticket_at_another_counter_cannot_be_transferred_away() -> None:
    hall = LiveHall()
    id = take(hall)
    call_next(hall, "1")
    with pytest.raises(CounterBusy):
        hall.do(Transfer(counter="2", ticket=id, line="land"))


def test_going_on_a_break_or_closing_completes_the_visit() -> None:
    hall = LiveHall()
    first = take(hall)
    call_next(hall)
    hall.do(TakeBreak(counter="1"))
    assert hall.hall.tickets[first].state is State.COMPLETED
    with pytest.raises(CounterNotOpen):
        hall.do(TakeBreak(counter="3"))


def test_lines_of_a_counter_change_while_it_runs() -> None:
    hall = LiveHall()
    deed = take(hall, "deed")
    assert call_next(hall, "1") is None
    hall.do(OpenCounter(counter="1", lines=("land", "civil", "land")))
    assert hall.hall.counters["1"].lines == ("land", "civil")
    called = call_next(hall, "1")
    assert called is not None
    assert called.id == deed


def test_a_transfer_frees_the_counter() -> None:
    hall = LiveHall()
    take(hall)
    call_next(hall, "1")
    hall.do(Transfer(counter="1", line="land"))
    assert hall.hall.counters["1"].ticket is None


def test_a_visit_that_goes_on_is_served_anew() -> None:
    hall = LiveHall()
    id = take(hall)
    call_next(hall)
    hall.do(Serve(counter="1"))
    hall.do(Park(counter="1"))
    hall.do(CallTicket(counter="2", ticket=id), 60)
    ticket = hall.hall.tickets[id]
    assert (ticket.served_at, ticket.counter, ticket.first_counter) == (None, "2", "1")
    assert ticket.called_at != ticket.first_called_at


def test_undoing_a_call_gives_back_what_it_overtook_and_what_the_line_learned() -> None:
    hall = LiveHall()
    passed, chosen = take(hall), take(hall)
    hall.do(CallTicket(counter="1", ticket=chosen))
    hall.do(Undo(counter="1"))
    assert hall.hall.tickets[passed].overtaken == 0
    assert not hall.hall.line_calls["civil"]
    called = call_next(hall)
    assert called is not None
    assert called.id == passed


def test_undo_within_ten_seconds_and_not_later() -> None:
    hall = LiveHall()
    id = take(hall)
    call_next(hall)
    hall.do(Undo(counter="1"), 10)
    assert hall.hall.tickets[id].state is State.WAITING
    assert hall.hall.tickets[id].first_called_at is None
    call_next(hall)
    with pytest.raises(NothingToUndo):
        hall.do(Undo(counter="1"), 10.1)


def test_an_undo_that_means_one_action_takes_back_no_other() -> None:
    hall = LiveHall()
    take(hall)
    hall.do(OpenCounter(counter="1", lines=("civil", "land")))
    opened = hall.hall.sequence
    call_next(hall)
    with pytest.raises(NothingToUndo):
        hall.do(Undo(counter="1", last=opened))
    hall.do(Undo(counter="1", last=hall.hall.sequence))
    assert hall.hall.counters["1"].lines == ("civil", "land")


def test_undo_is_refused_when_the_ticket_changed_since() -> None:
    hall = LiveHall()
    id = take(hall)
    call_next(hall)
    hall.do(CancelTicket(ticket=id))
    with pytest.raises(ChangedSince):
        hall.do(Undo(counter="1"))


def test_an_action_is_undone_once_only() -> None:
    hall = LiveHall()
    take(hall)
    call_next(hall)
    hall.do(Undo(counter="1"))
    with pytest.raises(NothingToUndo):
        hall.do(Undo(counter="1"))


def test_undoing_a_transfer_keeps_what_others_did_to_the_ticket_meanwhile() -> None:
    hall = LiveHall()
    moved = take(hall, "birth")
    call_next(hall, "1")
    take(hall, "deed")
    hall.do(Transfer(counter="1", line="land", place=Place.LAST), 1)
    call_next(hall, "3")
    hall.do(Undo(counter="1"))
    assert hall.hall.tickets[moved].overtaken == 1
    assert hall.hall.counters["1"].ticket == moved


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (CallNext(counter="9"), UnknownCounter),
        (Recall(counter="1"), NothingToDo),
        (Complete(counter="1"), NothingToDo),
        (CallTicket(counter="1", ticket="A999"), UnknownTicket),
        (CallTicket(counter="9", ticket="A901"), UnknownCounter),
        (Resume(counter="1", ticket="A901"), ActionRefused),
        (IssueTicket(service="nonsense"), UnknownService),
        (Transfer(counter="1", ticket="A901", line="nowhere"), UnknownLine),
        (OpenCounter(counter="1", lines=("nowhere",)), UnknownLine),
        (StopService(service="nonsense", reason={"ar": "ا", "en": "a"}), UnknownService),
        (Undo(counter="1"), NothingToUndo),
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(command: Command, error: type[Exception]) -> None:
    hall = LiveHall()
    take(hall)
    before = (dict(hall.hall.tickets), dict(hall.hall.counters), hall.hall.sequence)
    with pytest.raises(error):
        hall.do(command)
    assert (hall.hall.tickets, hall.hall.counters, hall.hall.sequence) == before


def test_the_server_gives_numbers_from_its_own_part() -> None:
    hall = LiveHall()
    assert [hall.hall.tickets[take(hall)].number for _ in range(2)] == ["A901", "A902"]


def test_a_stopped_service_gives_no_tickets_until_it_is_offered_again() -> None:
    hall = LiveHall()
    hall.do(StopService(service="birth", reason=STOPPED))
    with pytest.raises(NotOffered) as refusal:
        take(hall)
    assert refusal.value.facts["why"] == "closed.stopped"
    hall.do(OfferService(service="birth"))
    take(hall)


def test_the_reception_gives_tickets_out_of_hours_but_not_past_a_cap() -> None:
    hall = LiveHall(now=SUNDAY_MORNING.replace(hour=20))
    take(hall)
    for _ in range(299):
        take(hall, after_s=0)
    with pytest.raises(NotOffered) as refusal:
        take(hall)
    assert refusal.value.facts["why"] == "closed.cap_reached"


def test_handed_in_tickets_take_their_true_place() -> None:
    hall = LiveHall()
    late = take(hall)
    hall.do(hand_in(printed("A001", age_s=60)), 100)
    hall.do(hand_in(printed("A501", id="k2", age_s=200), issuer="kiosk-2"))
    called = [ticket.id for ticket in (call_next(hall) for _ in range(3)) if ticket]
    assert called == ["k2", late, "k1"]


def test_a_message_that_was_long_on_its_way_turns_no_numbers_round() -> None:
    hall = LiveHall()
    hall.do(hand_in(printed("A001", id="k1", age_s=0)), 100)
    hall.do(hand_in(printed("A003", id="k3", age_s=5)), 3)
    assert called_in_order(hall, 2) == ["k1", "k3"]


def test_of_tickets_of_other_boots_none_joined_after_one_that_was_given_later() -> None:
    hall = LiveHall()
    sent = Moment("b3", 60.0, SUNDAY_MORNING, Trust.NONE)
    unknown = Moment("b1", 900.0, SUNDAY_MORNING, Trust.NONE)
    known = Moment("b2", 5.0, SUNDAY_MORNING - timedelta(hours=1), Trust.NTP)
    tickets = [
        printed("A001", id="k1").model_copy(update={"issued": unknown}),
        printed("A002", id="k2").model_copy(update={"issued": known}),
    ]
    hall.do(HandIn(issuer="kiosk-1", sent=sent, tickets=tuple(tickets)))
    assert called_in_order(hall, 2) == ["k1", "k2"]
    assert hall.hall.tickets["k2"].joined_at == known.wall


def called_in_order(hall: LiveHall, calls: int) -> list[str]:
    return [ticket.id for ticket in (call_next(hall) for _ in range(calls)) if ticket]


def test_a_ticket_handed_in_twice_is_one_ticket() -> None:
    hall = LiveHall()
    assert len(hall.do(hand_in(printed("A001"), printed("A001")))) == 1
    assert hall.do(hand_in(printed("A001"))) == []


def test_two_tickets_with_one_number_are_refused() -> None:
    hall = LiveHall()
    hall.do(hand_in(printed("A001")))
    with pytest.raises(NumberTaken):
        hall.do(hand_in(printed("A001", id="other")))


@pytest.mark.parametrize(("number", "issuer"), [("A501", "kiosk-1"), ("A001", "kiosk-2"), ("C001", "kiosk-1")])
def test_a_number_of_another_issuer_or_line_is_refused(number: str, issuer: str) -> None:
    with pytest.raises(ForeignNumber):
        LiveHall().do(hand_in(printed(number), issuer=issuer))


@pytest.mark.parametrize("issuer", ["server", "kiosk-9"])
def test_only_known_kiosks_hand_in(issuer: str) -> None:
    with pytest.raises(UnknownIssuer):
        LiveHall().do(hand_in(printed("A001"), issuer=issuer))


def test_a_ticket_of_a_day_that_is_over_is_kept_but_not_called() -> None:
    hall = LiveHall()
    events = hall.do(hand_in(printed("A001", age_s=24 * 3600)))
    assert [type(event) for event in events] == [TicketIssued, TicketCancelled]
    ticket = hall.hall.tickets["k1"]
    assert (ticket.day, ticket.state, ticket.ended_by) == (date(2026, 11, 21), State.CANCELLED, EndedBy.DAY_END)
    assert call_next(hall) is None
    hall.do(hand_in(printed("A001", id="k2")))


def test_a_new_day_ends_what_is_left_and_starts_the_numbers_again() -> None:
    hall = LiveHall()
    served, waiting = take(hall), take(hall)
    call_next(hall)
    hall.do(Serve(counter="1"))
    kept = hall.hall.tickets
    ended = {
        event.ticket: event.by for event in hall.do(StartDay(day=date(2026, 11, 23)), 86400) if hasattr(event, "by")
    }
    assert ended == {served: EndedBy.DAY_END, waiting: EndedBy.DAY_END}
    assert hall.hall.tickets == {} and kept == {}
    assert hall.hall.day == date(2026, 11, 23)
    assert hall.hall.tickets[take(hall)].number == "A901"
    assert hall.do(StartDay(day=date(2026, 11, 22))) == [], "a day never comes twice"


def test_the_board_shows_each_call_once_newest_first() -> None:
    hall = LiveHall()
    for _ in range(3):
        take(hall)
    call_next(hall, "1")
    call_next(hall, "2")
    hall.do(Recall(counter="1"))
    shown = board(hall.hall, "e1", hall.now)
    assert [(call.number, call.counter, call.recalls) for call in shown.calls] == [("A901", "1", 1), ("A902", "2", 0)]
    assert [(line.letter, line.waiting) for line in shown.waiting] == [("A", 1), ("C", 0)]
    assert [counter.number for counter in shown.counters] == ["A901", "A902", None]
    assert shown.calls[0].call == hall.hall.sequence


def test_an_undone_call_is_off_the_board() -> None:
    hall = LiveHall()
    take(hall)
    call_next(hall)
    hall.do(Undo(counter="1"))
    assert board(hall.hall, "e1", hall.now).calls == []


def test_a_full_board_stays_under_four_kilobytes() -> None:
    hall = LiveHall()
    for _ in range(30):
        take(hall)
        call_next(hall, "1")
        call_next(hall, "2")
    assert len(board(hall.hall, "e" * 36, hall.now).model_dump_json()) < 4096


def test_a_clerk_sees_who_is_next_and_what_can_be_undone() -> None:
    hall = LiveHall()
    take(hall), take(hall)
    call_next(hall)
    view = counter_view(hall.hall, "1", hall.now)
    assert view.ticket is not None
    assert (view.ticket.number, view.next, view.waiting) == ("A901", "A902", 1)
    assert view.undo_until == hall.now + timedelta(seconds=10)
    assert counter_view(hall.hall, "1", hall.now + timedelta(seconds=11)).undo_until is None


def test_a_clerk_sees_how_many_wait_in_each_line_and_who_was_sent_here() -> None:
    hall = LiveHall()
    sent = take(hall, "deed")
    take(hall), take(hall)
    hall.do(Transfer(counter="3", ticket=sent, to_counter="1"))
    view = counter_view(hall.hall, "1", hall.now)
    assert (view.waiting, view.waiting_in) == (3, {"civil": 2, "land": 1})
    assert counter_view(hall.hall, "2", hall.now).waiting_in == {"land": 0, "civil": 2}


def test_a_clerk_sees_who_was_set_aside_of_the_lines_of_the_counter_and_why() -> None:
    hall = LiveHall()
    first, second, deed = take(hall), take(hall), take(hall, "deed")
    call_next(hall)
    hall.do(Park(counter="1", reason="a paper is missing"))
    parked_at = hall.now
    call_next(hall, after_s=60)
    for _ in range(2):
        hall.do(Recall(counter="1"), 20)
    hall.do(MarkNoShow(counter="1"))
    missed_at = hall.now
    call_next(hall, "3")
    hall.do(Park(counter="3"))
    aside = counter_view(hall.hall, "1", hall.now).set_aside
    assert [(one.id, one.state, one.reason, one.since) for one in aside] == [
        (first, State.PARKED, "a paper is missing", parked_at),
        (second, State.NO_SHOW, None, missed_at),
    ]
    assert {one.id for one in counter_view(hall.hall, "2", hall.now).set_aside} == {first, second, deed}
    hall.do(Resume(counter="1", ticket=first))
    assert [one.id for one in counter_view(hall.hall, "1", hall.now).set_aside] == [second]
    assert hall.hall.tickets[first].parked_reason is None


def test_only_the_latest_no_shows_are_shown() -> None:
    hall = LiveHall()
    gone = [take(hall) for _ in range(NO_SHOWS_SHOWN + 3)]
    for _ in gone:
        call_next(hall)
        hall.do(Recall(counter="1")), hall.do(Recall(counter="1"))
        hall.do(MarkNoShow(counter="1"))
    aside = counter_view(hall.hall, "1", hall.now).set_aside
    assert [one.id for one in aside] == gone[: -NO_SHOWS_SHOWN - 1 : -1]


def test_a_clerk_sees_the_own_day_and_undo_takes_its_visit_out_of_it() -> None:
    hall = LiveHall()
    take(hall), take(hall)
    call_next(hall)
    hall.do(Serve(counter="1"), 30)
    call_next(hall, after_s=240)  # from when the visitor came
    hall.do(Complete(counter="1"), 120)  # from the call, for nobody said that the visitor came
    view = counter_view(hall.hall, "1", hall.now)
    assert (view.served, view.mean_service_s) == (2, 180.0)
    hall.do(Undo(counter="1"))
    assert counter_view(hall.hall, "1", hall.now).mean_service_s == 240.0
    untouched = counter_view(hall.hall, "2", hall.now)
    assert (untouched.served, untouched.mean_service_s) == (0, None)


def test_a_visit_that_the_end_of_the_day_or_the_visitor_ended_is_not_the_counters_work() -> None:
    hall = LiveHall()
    left = take(hall)
    call_next(hall)
    hall.do(CancelTicket(ticket=left))
    assert counter_view(hall.hall, "1", hall.now).served == 0


def test_people_ahead_are_those_of_the_same_line() -> None:
    hall = LiveHall()
    take(hall, "deed")
    take(hall)
    last = take(hall)
    view = ticket_view(hall.hall, hall.hall.tickets[last])
    assert view.ahead == 1
    assert view.wait_minutes is not None
    call_next(hall, "1"), call_next(hall, "1")
    assert ticket_view(hall.hall, hall.hall.tickets[last]).ahead is None


def test_the_menu_tells_a_kiosk_how_many_of_its_numbers_are_used() -> None:
    hall = LiveHall()
    hall.do(hand_in(printed("A007")))
    take(hall, "deed")
    told = menu(hall.hall, "e1")
    assert told.used_numbers == {"kiosk-1": {"civil": 7}, "server": {"land": 1}}
    assert told.issued_today == {"birth": 1, "deed": 1}
    assert told.lines["civil"].waiting == 1


def test_times_on_the_wire_carry_their_zone() -> None:
    with pytest.raises(ValueError, match="with its zone"):
        TicketCancelled(at=datetime(2026, 1, 1), ticket="t", by=EndedBy.VISITOR)
    assert (
        '"2026-01-01T00:00:00Z"'
        in TicketCancelled(at=datetime(2026, 1, 1, tzinfo=UTC), ticket="t", by=EndedBy.VISITOR).model_dump_json()
    )


# --- Numbers that were skipped --------------------------------------------------------------------------------------


def skip(number: str, why: Literal["not_printed", "journal_lost"] = "not_printed", line: str = "civil") -> SkipNumber:
    return SkipNumber(issuer="kiosk-1", line=line, number=number, day=SUNDAY_MORNING.date(), why=why)


def test_every_number_of_a_run_is_in_the_log_once_as_issued_or_skipped() -> None:
    hall = LiveHall()
    take(hall)
    events = hall.do(hand_in(printed("A001"), printed("A003", id="k3")))
    events += hall.do(skip("A002"))
    events += hall.do(skip("A002"))
    assert [(type(one), one.number) for one in events if isinstance(one, TicketIssued | NumberSkipped)] == [
        (TicketIssued, "A001"),
        (TicketIssued, "A003"),
        (NumberSkipped, "A002"),
    ]


def test_a_skipped_number_counts_as_used() -> None:
    hall = LiveHall()
    hall.do(hand_in(printed("A001")))
    hall.do(skip("A002"))
    assert menu(hall.hall, epoch="e").used_numbers["kiosk-1"] == {"civil": 2}


def test_a_number_that_a_lost_journal_did_not_know_may_have_been_handed_in_before() -> None:
    hall = LiveHall()
    hall.do(hand_in(printed("A001")))
    assert hall.do(skip("A001", "journal_lost")) == []
    with pytest.raises(NumberTaken):
        hall.do(skip("A001"))


@pytest.mark.parametrize(("number", "line"), [("A901", "civil"), ("C001", "civil"), ("?", "civil")])
def test_a_kiosk_can_skip_its_own_numbers_only(number: str, line: str) -> None:
    with pytest.raises(ForeignNumber):
        LiveHall().do(skip(number, line=line))


def test_a_ticket_whose_number_was_told_as_skipped_is_taken_all_the_same() -> None:
    hall = LiveHall()
    hall.do(skip("A001", "journal_lost"))
    hall.do(hand_in(printed("A001")))
    assert hall.hall.ticket("A001").state is State.WAITING
