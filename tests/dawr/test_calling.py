"""The calling rule, alone and on random histories."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dawr import calling
from dawr.clock import Moment, Trust
from dawr.errors import DawrError
from dawr.hall import CounterState, Hall, rebuild
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
    OpenCounter,
    Park,
    PrintedTicket,
    Recall,
    Resume,
    Serve,
    StepAside,
    StepBack,
    TakeBreak,
    TicketCalled,
    Transfer,
    Undo,
)
from dawr.tickets import AT_COUNTER, Place, State, Ticket
from tests.halls import LiveHall, small_centre

LARGEST_CREDIT = timedelta(minutes=20)
COUNTERS = ("1", "2", "3")


def take(hall: LiveHall, service: str = "birth", visitor_class: str | None = None, after_s: float = 60) -> str:
    [event] = hall.do(IssueTicket(service=service, visitor_class=visitor_class), after_s)
    return event.ticket  # type: ignore[attr-defined, no-any-return]


def call_next(hall: LiveHall, counter: str = "1", after_s: float = 1) -> Ticket | None:
    hall.do(CallNext(counter=counter), after_s)
    called = hall.hall.counters[counter].ticket
    return hall.hall.tickets[called] if called else None


def called_order(hall: LiveHall, counter: str = "1") -> list[str]:
    order = []
    while ticket := call_next(hall, counter):
        order.append(ticket.id)
    return order


def test_without_credits_it_is_order_of_arrival() -> None:
    hall = LiveHall()
    tickets = [take(hall) for _ in range(6)]
    assert called_order(hall) == tickets


def test_elderly_people_count_as_if_they_had_come_twenty_minutes_earlier() -> None:
    hall = LiveHall()
    early = take(hall)
    late = take(hall, after_s=25 * 60)
    elderly = take(hall, visitor_class="elderly", after_s=60)
    assert called_order(hall) == [early, elderly, late]


def test_nobody_is_overtaken_more_than_five_times() -> None:
    hall = LiveHall()
    patient = take(hall)
    elderly = [take(hall, visitor_class="elderly", after_s=1) for _ in range(8)]
    assert called_order(hall) == [*elderly[:5], patient, *elderly[5:]]


def test_one_who_came_earlier_but_was_handed_in_later_is_not_left_behind_by_the_protection() -> None:
    hall = LiveHall()
    known = take(hall)
    elderly = [take(hall, visitor_class="elderly", after_s=1) for _ in range(8)]
    for _ in range(2):
        call_next(hall)
    age_s = (hall.now - hall.hall.tickets[known].joined_at).total_seconds() + 30
    late = PrintedTicket(
        id="late", number="A001", service="birth", language="ar", issued=Moment("b", 0, hall.now, Trust.NONE)
    )
    hall.do(HandIn(issuer="kiosk-1", sent=Moment("b", age_s, hall.now, Trust.NONE), tickets=(late,)))
    assert called_order(hall) == [*elderly[2:5], "late", known, *elderly[5:]]


def test_a_counter_calls_only_from_its_own_lines() -> None:
    hall = LiveHall()
    take(hall, "deed")
    birth = take(hall, "birth")
    assert [ticket.id for ticket in [call_next(hall, "1")] if ticket] == [birth]
    assert call_next(hall, "1") is None


def test_waiting_in_a_line_that_the_counter_does_not_serve_is_not_being_overtaken() -> None:
    hall = LiveHall()
    deed = take(hall, "deed")
    take(hall, "birth")
    call_next(hall, "1")
    assert hall.hall.tickets[deed].overtaken == 0


def test_a_ticket_sent_to_one_counter_is_called_there_only() -> None:
    hall = LiveHall()
    ticket = take(hall, "birth")
    hall.do(Transfer(counter="1", ticket=ticket, to_counter="3"))
    assert call_next(hall, "1") is None
    assert call_next(hall, "2") is None
    called = call_next(hall, "3")
    assert called is not None
    assert called.id == ticket


def test_a_chosen_ticket_overtakes_those_before_it_and_is_marked() -> None:
    hall = LiveHall()
    first, second, third = (take(hall) for _ in range(3))
    hall.do(CallTicket(counter="1", ticket=third))
    assert hall.hall.tickets[third].out_of_order
    assert [hall.hall.tickets[one].overtaken for one in (first, second)] == [1, 1]


def test_choosing_the_one_who_is_next_anyway_is_not_out_of_order() -> None:
    hall = LiveHall()
    first = take(hall)
    hall.do(CallTicket(counter="1", ticket=first))
    assert not hall.hall.tickets[first].out_of_order


# --- Random histories -----------------------------------------------------------------------------------------

SERVICES = ("birth", "deed")
some_ticket = st.integers(1, 40).map(lambda n: f"ticket-{n:04d}")
counters = st.sampled_from(COUNTERS)
arrivals = st.builds(
    IssueTicket, service=st.sampled_from(SERVICES), visitor_class=st.sampled_from([None, None, "elderly"])
)
calls = st.builds(CallNext, counter=counters)
visitors = st.one_of(
    st.builds(CancelTicket, ticket=some_ticket),
    st.builds(StepAside, ticket=some_ticket),
    st.builds(StepBack, ticket=some_ticket),
)
others = st.one_of(
    visitors,
    st.builds(Serve, counter=counters),
    st.builds(Complete, counter=counters),
    st.builds(Recall, counter=counters),
    st.builds(MarkNoShow, counter=counters),
    st.builds(Park, counter=counters),
    st.builds(Resume, counter=counters, ticket=some_ticket),
    st.builds(
        Transfer,
        counter=counters,
        ticket=st.none() | some_ticket,
        line=st.sampled_from([None, "civil", "land"]),
        to_counter=st.sampled_from([None, None, "1", "3"]),
        place=st.sampled_from(Place),
    ),
    st.builds(Undo, counter=counters),
    st.builds(OpenCounter, counter=counters, lines=st.sampled_from([None, ("civil",), ("land", "civil")])),
    st.builds(CloseCounter, counter=counters),
    st.builds(TakeBreak, counter=counters),
    st.builds(CallTicket, counter=counters, ticket=some_ticket),
)
pauses = st.sampled_from([0, 1, 5, 30, 200])


def histories(*kinds: st.SearchStrategy[Command]) -> st.SearchStrategy[list[tuple[Command, int]]]:
    return st.lists(st.tuples(st.one_of(*kinds), pauses), min_size=10, max_size=80)


def play(history: list[tuple[Command, int]]) -> LiveHall:
    hall = LiveHall()
    for command, pause in history:
        try:
            hall.do(command, pause)
        except DawrError:
            continue
    return hall


many = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@many
@given(histories(arrivals, arrivals, calls, others))
def test_no_ticket_is_at_two_counters_and_every_counter_knows_its_ticket(history: list[tuple[Command, int]]) -> None:
    hall = play(history).hall
    present = [one.ticket for one in hall.counters.values() if one.ticket]
    assert len(present) == len(set(present))
    assert set(present) == {t.id for t in hall.tickets.values() if t.state in AT_COUNTER}
    assert all(hall.tickets[one.ticket].counter == one.id for one in hall.counters.values() if one.ticket)


@many
@given(histories(arrivals, arrivals, calls, others), counters)
def test_call_next_never_says_nobody_while_someone_waits_for_it(
    history: list[tuple[Command, int]], counter: str
) -> None:
    hall = play(history)
    waiting = {ticket.id for ticket in hall.hall.eligible_at(counter)}
    called = call_next(hall, counter)
    assert (called.id in waiting) if called else not waiting
    assert hall.hall.counters[counter].state is CounterState.OPEN


@many
@given(histories(arrivals, arrivals, calls, others))
def test_the_fold_of_the_log_is_the_hall(history: list[tuple[Command, int]]) -> None:
    live = play(history)
    again = rebuild(small_centre(), live.log)
    assert again.tickets == live.hall.tickets
    for hall in (live.hall, again):
        by_state = {state: {one.id for one in hall.in_state(state)} for state in State}
        assert by_state == {state: {t.id for t in hall.tickets.values() if t.state is state} for state in State}
    assert again.counters == live.hall.counters
    assert (again.sequence, again.day, list(again.calls)) == (live.hall.sequence, live.hall.day, list(live.hall.calls))


@many
@given(histories(arrivals, arrivals, calls))
def test_within_a_class_and_a_line_nobody_is_called_before_an_earlier_one(history: list[tuple[Command, int]]) -> None:
    live = play(history)
    order = [
        hall_ticket(live.hall, event) for stored in live.log for _, event in stored if isinstance(event, TicketCalled)
    ]
    for line in ("civil", "land"):
        for visitor_class in (None, "elderly"):
            joined = [t.joined_at for t in order if (t.line, t.visitor_class) == (line, visitor_class)]
            assert joined == sorted(joined)


@many
@given(histories(arrivals, arrivals, calls))
def test_overtaking_is_bounded_in_number_and_in_time(history: list[tuple[Command, int]]) -> None:
    live = LiveHall()
    for command, pause in history:
        before = dict(live.hall.tickets)
        for event in live.do(command, pause):
            if isinstance(event, TicketCalled):
                called = before[event.ticket]
                passed = [
                    t for t in live.hall.tickets.values() if t.id in before and t.overtaken > before[t.id].overtaken
                ]
                assert all(called.joined_at - one.joined_at <= LARGEST_CREDIT for one in passed)
                assert all(one.overtaken <= calling.MOST_OVERTAKEN for one in passed)
                assert all(one.state is State.WAITING and one.joined_at <= called.joined_at for one in passed)


@many
@given(histories(arrivals, arrivals, calls, others), st.one_of(calls, others))
def test_undo_restores_everything(history: list[tuple[Command, int]], action: Command) -> None:
    live = play(history)
    if isinstance(action, Undo) or not hasattr(action, "counter"):
        return
    tickets, counters_before = dict(live.hall.tickets), dict(live.hall.counters)
    calls_before = list(live.hall.calls)
    try:
        done = live.do(action)
    except DawrError:
        return
    if not done:
        return
    live.do(Undo(counter=action.counter), after_s=10)
    released = (
        {id for id, t in tickets.items() if t.for_counter == action.counter}
        if isinstance(action, CloseCounter)
        else set()
    )
    assert {i: t for i, t in live.hall.tickets.items() if i not in released} == {
        i: t for i, t in tickets.items() if i not in released
    }
    assert live.hall.counters == counters_before
    assert list(live.hall.calls) == calls_before


@many
@given(histories(arrivals, arrivals, calls, others), st.one_of(calls, others), st.lists(visitors, max_size=3))
def test_whatever_visitors_do_meanwhile_an_undo_leaves_every_counter_with_its_own_ticket(
    history: list[tuple[Command, int]], action: Command, meanwhile: list[Command]
) -> None:
    if not hasattr(action, "counter"):
        return
    live = play([*history, (action, 0), *((one, 1) for one in meanwhile), (Undo(counter=action.counter), 1)])
    for one in live.hall.counters.values():
        assert one.ticket is None or live.hall.tickets[one.ticket].counter == one.id
    present = {one.ticket for one in live.hall.counters.values() if one.ticket}
    assert present == {t.id for t in live.hall.tickets.values() if t.state in AT_COUNTER}
    assert rebuild(small_centre(), live.log).tickets == live.hall.tickets


def hall_ticket(hall: Hall, event: TicketCalled) -> Ticket:
    return hall.tickets[event.ticket]


@pytest.mark.parametrize("counter", COUNTERS)
def test_an_empty_hall_has_nobody_to_call(counter: str) -> None:
    assert call_next(LiveHall(), counter) is None
