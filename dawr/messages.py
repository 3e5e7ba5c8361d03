"""The messages of a hall, defined once: what may be asked (commands) and what has happened (events).

The wire, the log, the OpenAPI document and the protocol page are made from these definitions. Commands are
imperative, events past tense; both are frozen and refuse what they do not know. Times are aware UTC.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from dawr.clock import Moment, Trust
from dawr.settings.centre import Texts
from dawr.tickets import EndedBy, Place


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("write the time with its zone, such as 2026-11-22T08:31:07Z")
    return value.astimezone(UTC)


# Beyond these the days of a centre cannot be counted, and no clock shows them: a wrong one begins in 1970.
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_LONGEST_S = 50 * 365 * 86400.0


def _of_a_clock(value: Moment) -> Moment:
    if value.wall.tzinfo is None or not _EARLIEST <= value.wall <= _LATEST or not abs(value.boottime_s) <= _LONGEST_S:
        raise ValueError("no clock shows this")
    return value


Instant = Annotated[datetime, AfterValidator(_utc)]
SoundMoment = Annotated[Moment, AfterValidator(_of_a_clock)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=64)]
SCORES = (1, 2, 3)
Score = Annotated[int, Field(ge=min(SCORES), le=max(SCORES))]


AskedBy = Literal["staff", "visitor"]
CopyOutcome = Literal["printed", "in_doubt", "failed"]


class Message(BaseModel):
    """Anything that is said between the parts or kept in the log."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True)


class Note(Message):
    """Something that the staff of a device should know: what is wrong, and what to do."""

    key: Key
    """Word key of the sentence."""
    facts: dict[Key, str] = {}
    """What stands in it."""


# --- Commands -------------------------------------------------------------------------------------------------


class Command(Message):
    """Something asked for. `NAME` is its name on the wire."""

    # A counter's id or a transaction number comes as a number from those who do not think of it as a text.
    model_config = ConfigDict(coerce_numbers_to_str=True)

    NAME: ClassVar[str]


class IssueTicket(Command):
    """Give a ticket out of the server's own numbers: reception, scripts.

    A stopped service and a daily cap hold here too; opening hours close the kiosks only.
    """

    NAME = "issue"
    service: Key
    """Id of the service."""
    language: Literal["ar", "en"] | None = None
    """Language of the visitor; the centre's first one if left out."""
    visitor_class: Annotated[Key | None, Field(alias="class")] = None
    """Id of the class of visitors, for its credit."""
    reference: ShortText | None = None
    """A transaction number that the clerk shall see."""


class PrintedTicket(Message):
    """A ticket that a kiosk gave out of its own numbers."""

    id: Key
    """The ticket's id, made by the kiosk."""
    number: Key
    """What stands on the slip."""
    service: Key
    """Id of the service."""
    language: Literal["ar", "en"]
    """Language of the slip."""
    visitor_class: Annotated[Key | None, Field(alias="class")] = None
    """Id of the class of visitors."""
    reference: ShortText | None = None
    """A transaction number that the visitor typed."""
    issued: SoundMoment
    """When it was given, by the kiosk's clocks."""
    in_doubt: bool = False
    """Whether the printer did not prove that the slip came out."""


class HandIn(Command):
    """Tell the server of tickets that a kiosk has given; those that it has already are answered as stored."""

    NAME = "hand-in"
    issuer: Key
    """Id of the kiosk."""
    sent: SoundMoment
    """The kiosk's clocks at the moment of sending."""
    tickets: Annotated[tuple[PrintedTicket, ...], Field(min_length=1, max_length=500)]
    """The tickets, in the order in which they were given."""


class SkipNumber(Command):
    """Tell the server of a number that no ticket will be called by, so that the log has every number of a run."""

    NAME = "skip"
    issuer: Key
    """Id of the kiosk."""
    line: Key
    """Id of the line."""
    number: Key
    """The number."""
    day: date
    """The business day to which it belongs, as the kiosk knows it."""
    why: Literal["not_printed", "journal_lost"]
    """`not_printed`: it is on no paper; `journal_lost`: the kiosk no longer knows what became of it."""


class AskCopy(Command):
    """Have a copy of a ticket's slip printed, marked as a copy. It gives no number and moves nobody in the line."""

    NAME = "copy"
    ticket: Key
    """Id or number of the ticket."""
    kiosk: Key | None = None
    """Id of the kiosk on whose printer it comes out; the one that gave the ticket if left out."""


class EndCopy(Command):
    """Tell the server what became of a copy; told again, it changes nothing."""

    NAME = "end-copy"
    kiosk: Key
    """Id of the kiosk."""
    id: Key
    """Id of the copy."""
    ticket: Key
    """Id of the ticket."""
    number: Key
    """Its number."""
    asked_by: AskedBy
    """Who asked for it: staff through the server, or the visitor at the kiosk."""
    outcome: CopyOutcome
    """`printed`: the printer proved it; `in_doubt`: it may have come out; `failed`: it surely did not."""
    why: Key | None = None
    """Word key of the reason, unless it was printed."""


class CancelTicket(Command):
    """The visitor leaves, or a clerk takes the ticket out."""

    NAME = "cancel"
    ticket: Key
    """Id or number of the ticket."""
    by: EndedBy = EndedBy.VISITOR
    """Who ends it."""


class StepAside(Command):
    """The visitor needs more time: the ticket is parked and keeps its place. The server says it for its page."""

    NAME = "step-aside"
    ticket: Key
    """Id of the ticket."""


class StepBack(Command):
    """The visitor who stepped aside is ready, and waits again in the old place. The server says it for its page."""

    NAME = "step-back"
    ticket: Key
    """Id of the ticket."""


class CounterCommand(Command):
    """Something that a counter asks for."""

    counter: Key
    """Id of the counter."""


class CallNext(CounterCommand):
    """Complete the visit in progress, if any, and call who is next; opens a counter that was closed or on a break."""

    NAME = "call-next"


class CallTicket(CounterCommand):
    """Call a chosen ticket, out of order: one that waits, is parked or did not show up before."""

    NAME = "call"
    ticket: Key
    """Id or number of the ticket."""


class Recall(CounterCommand):
    """Call the same ticket again."""

    NAME = "recall"


class Serve(CounterCommand):
    """The visitor has come to the counter."""

    NAME = "serve"


class Complete(CounterCommand):
    """The visit is done."""

    NAME = "complete"


class MarkNoShow(CounterCommand):
    """Nobody came, after the set number of recalls."""

    NAME = "no-show"


class Park(CounterCommand):
    """Set the visit aside while a paper is fetched; it keeps its place."""

    NAME = "park"
    reason: ShortText | None = None
    """Why."""


class Resume(CounterCommand):
    """Put a parked ticket, or a no-show who has come back, into its old place in the line."""

    NAME = "resume"
    ticket: Key
    """Id or number of the ticket."""


class Transfer(CounterCommand):
    """Send a ticket to another line, service or counter; without `ticket` the one at this counter."""

    NAME = "transfer"
    ticket: Key | None = None
    """Id or number of the ticket."""
    line: Key | None = None
    """Id of the line to go to."""
    service: Key | None = None
    """Id of the service to go on with; its line is taken if `line` is left out."""
    to_counter: Key | None = None
    """Id of the only counter that shall call it."""
    place: Place = Place.BY_ARRIVAL
    """Where it goes among those who wait there."""


class Undo(CounterCommand):
    """Take back this counter's last action, within 10 s."""

    NAME = "undo"
    last: int | None = None
    """Sequence of the last event of the action that is meant; refused if the counter has done something else since."""


class OpenCounter(CounterCommand):
    """Open the counter, end its break, or change the lines it serves while it is open."""

    NAME = "open"
    lines: tuple[Key, ...] | None = None
    """Ids of the lines to serve from now on; as they were if left out."""


class CloseCounter(CounterCommand):
    """Close the counter; a visit in progress is completed."""

    NAME = "close"


class TakeBreak(CounterCommand):
    """Stop calling for a while; a visit in progress is completed."""

    NAME = "break"
    reason: ShortText | None = None
    """Why."""


class StopService(Command):
    """Give no more tickets for a service until it is offered again, or the day ends."""

    NAME = "stop"
    service: Key
    """Id of the service."""
    reason: Texts
    """What visitors are told, in each language."""


class OfferService(Command):
    """Give tickets again for a service that was stopped."""

    NAME = "offer"
    service: Key
    """Id of the service."""


class GiveFeedback(Command):
    """What a visitor thought of a visit. The server says it for the ticket's page, which asks once a visit."""

    NAME = "give-feedback"
    service: Key
    """Id of the service."""
    score: Score
    """1 poor, 2 fair, 3 good."""


class StartDay(Command):
    """Begin a business day: what is left of the day before is ended. The server does it by itself."""

    NAME = "start-day"
    day: date
    """The day that begins."""


class NoteClock(Command):
    """The server's wall clock jumped. The server says it by itself."""

    NAME = "note-clock"
    seconds: float
    """By how much, against the time that the server went by; negative if it was set back."""
    followed: bool
    """Whether the server goes by the new time."""
    trust: Trust
    """Who vouches for the time that it goes by."""
    since: Instant
    """By the time before: when the time began that was wrong, if the new one is followed."""


COMMANDS: dict[str, type[Command]] = {
    command.NAME: command
    for command in (
        IssueTicket,
        HandIn,
        SkipNumber,
        AskCopy,
        EndCopy,
        CancelTicket,
        StepAside,
        StepBack,
        CallNext,
        CallTicket,
        Recall,
        Serve,
        Complete,
        MarkNoShow,
        Park,
        Resume,
        Transfer,
        Undo,
        OpenCounter,
        CloseCounter,
        TakeBreak,
        StopService,
        OfferService,
        GiveFeedback,
        StartDay,
        NoteClock,
    )
}
"""Every command by its name on the wire."""


# --- Events ---------------------------------------------------------------------------------------------------


class Event(Message):
    """Something that has happened; the log is a sequence of these."""

    at: Instant
    """When, by the server's clock; never earlier than the event before."""


class DayStarted(Event):
    """A business day began."""

    day: date
    """The day."""


class TicketIssued(Event):
    """A visitor took a ticket."""

    ticket: Key
    """Id of the ticket."""
    number: Key
    """Its number."""
    day: date
    """The business day it belongs to."""
    service: Key
    """Id of the service."""
    line: Key
    """Id of the line it joined."""
    visitor_class: Annotated[Key | None, Field(alias="class")] = None
    """Id of the class of visitors."""
    language: Key
    """Language of the visitor."""
    reference: ShortText | None = None
    """A transaction number."""
    issuer: Key
    """Who gave the number: a kiosk's id or `server`."""
    joined_at: Instant
    """When it was taken; fixed for ever."""
    counted_from: Instant
    """The time from which it counts by the calling rule."""
    in_doubt: bool = False
    """Whether the printer did not prove that the slip came out."""
    spare: bool = False
    """Whether the number is one of the kiosk's spare ones: its journal was lost, and no server was there."""


class TicketCarried(TicketIssued):
    """A ticket went on into the day that began: it was taken on it, while the clock still showed the day before."""


class NumberSkipped(Event):
    """No ticket has this number."""

    issuer: Key
    """Id of the kiosk."""
    line: Key
    """Id of the line."""
    number: Key
    """The number."""
    day: date
    """The business day to which it belongs."""
    why: Literal["not_printed", "journal_lost"]
    """`not_printed`: it is on no paper; `journal_lost`: the kiosk no longer knows what became of it."""


class CopyAsked(Event):
    """Staff asked for a copy of a slip. None came out unless `CopyEnded` says so."""

    id: Key
    """Id of the copy."""
    ticket: Key
    """Id of the ticket."""
    number: Key
    """Its number."""
    kiosk: Key
    """Id of the kiosk on whose printer it is to come out."""


class CopyEnded(Event):
    """A copy of a slip was printed or not; one that was asked for at the kiosk has no `CopyAsked`."""

    id: Key
    """Id of the copy."""
    ticket: Key
    """Id of the ticket."""
    number: Key
    """Its number."""
    kiosk: Key
    """Id of the kiosk."""
    asked_by: AskedBy
    """Who asked for it: staff through the server, or the visitor at the kiosk."""
    outcome: CopyOutcome
    """`printed`: the printer proved it; `in_doubt`: it may have come out; `failed`: it surely did not."""
    why: Key | None = None
    """Word key of the reason, unless it was printed."""


class ClockJumped(Event):
    """The server's wall clock jumped. What was taken while the time was wrong was taken so much later."""

    seconds: float
    """By how much, against the time that the server went by; negative if it was set back."""
    followed: bool
    """Whether the server goes by the new time; else it keeps its own, by the boot clock."""
    trust: Trust
    """Who vouches for the time that it goes by: nobody (`none`), staff or NTP."""
    since: Instant
    """By the time before: when the time began that was wrong, if the new one is followed."""


class CounterEvent(Event):
    """Something that happened at a counter."""

    counter: Key
    """Id of the counter."""


class TicketEvent(CounterEvent):
    """Something that happened to a ticket at a counter."""

    ticket: Key
    """Id of the ticket."""


class TicketCalled(TicketEvent):
    """A counter called a ticket."""

    out_of_order: bool = False
    """Whether a clerk chose it instead of the calling rule."""


class TicketRecalled(TicketEvent):
    """A counter called the same ticket again."""


class TicketServed(TicketEvent):
    """The visitor came to the counter."""


class TicketCompleted(TicketEvent):
    """A visit was done."""

    by: EndedBy = EndedBy.COUNTER
    """Who ended it."""


class TicketMissed(TicketEvent):
    """Nobody came: a no-show."""


class TicketParked(TicketEvent):
    """A visit was set aside."""

    reason: ShortText | None = None
    """Why."""


class TicketResumed(TicketEvent):
    """A ticket went back into its old place in the line."""


class TicketTransferred(TicketEvent):
    """A ticket went to another line, service or counter."""

    service: Key
    """Id of its service from now on."""
    line: Key
    """Id of its line from now on."""
    to_counter: Key | None = None
    """Id of the only counter that shall call it."""
    place: Place = Place.BY_ARRIVAL
    """Where it went."""
    counted_from: Instant
    """The time from which it counts there."""


class TicketCancelled(Event):
    """A visitor left, a clerk took the ticket out, or the day ended before it was called."""

    ticket: Key
    """Id of the ticket."""
    by: EndedBy
    """Who ended it."""


class TicketSteppedAside(Event):
    """A visitor asked for more time: the ticket was parked, and left the counter that had called it."""

    ticket: Key
    """Id of the ticket."""


class TicketSteppedBack(Event):
    """A visitor who had stepped aside was ready, and waits again in the old place."""

    ticket: Key
    """Id of the ticket."""


class ActionUndone(CounterEvent):
    """A counter took its last action back: its tickets are again as they were before it."""

    undone: int
    """Sequence of the last event of the action that was taken back."""


class CounterOpened(CounterEvent):
    """A counter opened, or changed its lines."""

    lines: tuple[Key, ...]
    """Ids of the lines it serves from now on, in order."""


class CounterClosed(CounterEvent):
    """A counter closed; tickets meant for it alone went back to their lines."""


class CounterPaused(CounterEvent):
    """A counter went on a break."""

    reason: ShortText | None = None
    """Why."""


class ServiceStopped(Event):
    """A service gives no more tickets."""

    service: Key
    """Id of the service."""
    reason: Texts
    """What visitors are told."""


class ServiceOffered(Event):
    """A service gives tickets again."""

    service: Key
    """Id of the service."""


class FeedbackGiven(Event):
    """A visitor said what they thought of a visit. Nobody is named: no ticket, no counter, no clerk."""

    service: Key
    """Id of the service."""
    score: Score
    """1 poor, 2 fair, 3 good."""


EVENTS: dict[str, type[Event]] = {
    event.__name__: event
    for event in (
        DayStarted,
        TicketIssued,
        TicketCalled,
        TicketRecalled,
        TicketServed,
        TicketCompleted,
        TicketMissed,
        TicketParked,
        TicketResumed,
        TicketTransferred,
        TicketCancelled,
        ActionUndone,
        CounterOpened,
        CounterClosed,
        CounterPaused,
        ServiceStopped,
        ServiceOffered,
        FeedbackGiven,
        TicketCarried,
        ClockJumped,
        NumberSkipped,
        CopyAsked,
        CopyEnded,
        TicketSteppedAside,
        TicketSteppedBack,
    )
}
"""Every event by its name in the log."""


def to_wire(message: Message) -> dict[str, Any]:
    """A message as JSON values; what is left at its default is left out."""
    return message.model_dump(mode="json", by_alias=True, exclude_defaults=True)
