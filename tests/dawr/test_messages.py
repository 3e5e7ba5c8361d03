"""One example of every message, and that each survives the wire and the log unchanged."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from dawr.clock import Moment, Trust
from dawr.messages import (
    COMMANDS,
    EVENTS,
    ActionUndone,
    AskCopy,
    CallNext,
    CallTicket,
    CancelTicket,
    ClockJumped,
    CloseCounter,
    Command,
    Complete,
    CopyAsked,
    CopyEnded,
    CounterClosed,
    CounterOpened,
    CounterPaused,
    DayStarted,
    EndCopy,
    Event,
    FeedbackGiven,
    GiveFeedback,
    HandIn,
    IssueTicket,
    MarkNoShow,
    Message,
    NoteClock,
    NumberSkipped,
    OfferService,
    OpenCounter,
    Park,
    PrintedTicket,
    Recall,
    Resume,
    Serve,
    ServiceOffered,
    ServiceStopped,
    SkipNumber,
    StartDay,
    StepAside,
    StepBack,
    StopService,
    TakeBreak,
    TicketCalled,
    TicketCancelled,
    TicketCarried,
    TicketCompleted,
    TicketIssued,
    TicketMissed,
    TicketParked,
    TicketRecalled,
    TicketResumed,
    TicketServed,
    TicketSteppedAside,
    TicketSteppedBack,
    TicketTransferred,
    Transfer,
    Undo,
    to_wire,
)
from dawr.tickets import EndedBy, Place

AT = datetime(2026, 11, 22, 6, 31, 7, 250_000, tzinfo=UTC)
DAY = date(2026, 11, 22)
MOMENT = Moment("6f1d2c3b", 5400.25, AT, Trust.SERVER)
REASON = {"ar": "تعطل النظام", "en": "The system is down"}

COMMAND_EXAMPLES: list[Command] = [
    IssueTicket(service="birth", language="en", visitor_class="elderly", reference="TX 12"),
    HandIn(
        issuer="kiosk-1",
        sent=MOMENT,
        tickets=(
            PrintedTicket(
                id="t-1",
                number="A001",
                service="birth",
                language="ar",
                visitor_class="elderly",
                reference="TX 13",
                issued=MOMENT,
                in_doubt=True,
            ),
        ),
    ),
    SkipNumber(issuer="kiosk-1", line="civil", number="A002", day=DAY, why="not_printed"),
    AskCopy(ticket="A001", kiosk="kiosk-2"),
    EndCopy(
        kiosk="kiosk-2",
        id="c-1",
        ticket="t-1",
        number="A001",
        asked_by="staff",
        outcome="failed",
        why="printer.paper_out",
    ),
    CancelTicket(ticket="A001", by=EndedBy.COUNTER),
    StepAside(ticket="t-1"),
    StepBack(ticket="t-1"),
    CallNext(counter="4"),
    CallTicket(counter="4", ticket="A001"),
    Recall(counter="4"),
    Serve(counter="4"),
    Complete(counter="4"),
    MarkNoShow(counter="4"),
    Park(counter="4", reason="A paper is fetched"),
    Resume(counter="4", ticket="A001"),
    Transfer(counter="4", ticket="A001", line="land", service="deed", to_counter="5", place=Place.FIRST),
    Undo(counter="4", last=412),
    OpenCounter(counter="4", lines=("civil", "land")),
    CloseCounter(counter="4"),
    TakeBreak(counter="4", reason="صلاة"),
    StopService(service="deed", reason=REASON),
    OfferService(service="deed"),
    GiveFeedback(service="deed", score=3),
    StartDay(day=DAY),
    NoteClock(seconds=-7200.5, followed=True, trust=Trust.NTP, since=AT),
]

EVENT_EXAMPLES: list[Event] = [
    DayStarted(at=AT, day=DAY),
    TicketIssued(
        at=AT,
        ticket="t-1",
        number="A001",
        day=DAY,
        service="birth",
        line="civil",
        visitor_class="elderly",
        language="ar",
        reference="TX 13",
        issuer="kiosk-1",
        joined_at=AT,
        counted_from=AT,
        in_doubt=True,
        spare=True,
    ),
    TicketCalled(at=AT, counter="4", ticket="t-1", out_of_order=True),
    TicketRecalled(at=AT, counter="4", ticket="t-1"),
    TicketServed(at=AT, counter="4", ticket="t-1"),
    TicketCompleted(at=AT, counter="4", ticket="t-1", by=EndedBy.DAY_END),
    TicketMissed(at=AT, counter="4", ticket="t-1"),
    TicketParked(at=AT, counter="4", ticket="t-1", reason="A paper is fetched"),
    TicketResumed(at=AT, counter="4", ticket="t-1"),
    TicketTransferred(
        at=AT,
        counter="4",
        ticket="t-1",
        service="deed",
        line="land",
        to_counter="5",
        place=Place.LAST,
        counted_from=AT,
    ),
    TicketCancelled(at=AT, ticket="t-1", by=EndedBy.VISITOR),
    ActionUndone(at=AT, counter="4", undone=17),
    CounterOpened(at=AT, counter="4", lines=("civil", "land")),
    CounterClosed(at=AT, counter="4"),
    CounterPaused(at=AT, counter="4", reason="صلاة"),
    ServiceStopped(at=AT, service="deed", reason=REASON),
    ServiceOffered(at=AT, service="deed"),
    FeedbackGiven(at=AT, service="deed", score=3),
    TicketCarried(
        at=AT,
        ticket="t-1",
        number="A001",
        day=DAY,
        service="birth",
        line="civil",
        visitor_class="elderly",
        language="ar",
        reference="TX 13",
        issuer="kiosk-1",
        joined_at=AT,
        counted_from=AT,
        in_doubt=True,
        spare=True,
    ),
    ClockJumped(at=AT, seconds=7200.5, followed=True, trust=Trust.STAFF, since=AT),
    NumberSkipped(at=AT, issuer="kiosk-1", line="civil", number="A002", day=DAY, why="not_printed"),
    CopyAsked(at=AT, id="c-1", ticket="t-1", number="A001", kiosk="kiosk-2"),
    CopyEnded(
        at=AT,
        id="c-1",
        ticket="t-1",
        number="A001",
        kiosk="kiosk-2",
        asked_by="staff",
        outcome="in_doubt",
        why="printer.paper_out",
    ),
    TicketSteppedAside(at=AT, ticket="t-1"),
    TicketSteppedBack(at=AT, ticket="t-1"),
]

EXAMPLES: list[Any] = [pytest.param(one, id=type(one).__name__) for one in [*COMMAND_EXAMPLES, *EVENT_EXAMPLES]]


def test_every_message_has_one_example() -> None:
    assert [type(one) for one in COMMAND_EXAMPLES] == list(COMMANDS.values())
    assert [type(one) for one in EVENT_EXAMPLES] == list(EVENTS.values())


@pytest.mark.parametrize("message", EXAMPLES)
def test_an_example_shows_every_field(message: Message) -> None:
    """So that no field goes untested because it was at its default."""
    assert set(message.model_dump(exclude_defaults=True)) == set(type(message).model_fields)


@pytest.mark.parametrize("message", EXAMPLES)
def test_a_message_survives_the_wire(message: Message) -> None:
    assert type(message).model_validate(json.loads(json.dumps(to_wire(message)))) == message


@pytest.mark.parametrize("message", EXAMPLES)
def test_a_message_survives_the_log(message: Message) -> None:
    stored = message.model_dump_json(by_alias=True, exclude_defaults=True)
    assert type(message).model_validate_json(stored) == message


@pytest.mark.parametrize("message", EXAMPLES)
def test_a_message_refuses_what_it_does_not_know(message: Message) -> None:
    with pytest.raises(ValidationError, match="colour"):
        type(message).model_validate({**to_wire(message), "colour": "red"})


@pytest.mark.parametrize("message", EXAMPLES)
def test_every_field_of_a_message_is_explained(message: Message) -> None:
    fields = type(message).model_fields
    assert [name for name, field in fields.items() if not field.description] == []
    assert type(message).__doc__


def test_times_go_out_in_utc_with_z_and_come_in_only_with_their_zone() -> None:
    assert to_wire(DayStarted(at=AT, day=DAY))["at"] == "2026-11-22T06:31:07.250000Z"
    damascus = DayStarted.model_validate({"at": "2026-11-22T09:31:07.250+03:00", "day": "2026-11-22"})
    assert damascus.at == AT
    assert damascus.at.utcoffset() == AT.utcoffset()
    with pytest.raises(ValidationError, match="with its zone"):
        DayStarted.model_validate({"at": "2026-11-22T06:31:07", "day": "2026-11-22"})


def test_what_is_left_at_its_default_is_left_out() -> None:
    assert to_wire(CallNext(counter="4")) == {"counter": "4"}
    assert to_wire(IssueTicket(service="birth", visitor_class="elderly")) == {"service": "birth", "class": "elderly"}
