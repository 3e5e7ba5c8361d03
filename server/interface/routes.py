"""The one table of what the server takes and answers: HTTP, Socket.IO, the OpenAPI document and the protocol page
are all made from it. A new command or view has one line here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from dawr.board import Board
from dawr.clock import Trust
from dawr.messages import COMMANDS, ClockJumped, Command, CounterCommand, Instant, Message, Note
from dawr.orders import ORDERS, OrderEnded
from dawr.overview import Overview
from dawr.settings.centre import Texts
from dawr.views import CopyView, CounterView, Menu, ServiceView, TicketView
from server.interface.problems import Problem
from server.reports import clerks
from server.reports.charts import Charts
from server.reports.feedback import FeedbackReport
from server.reports.files import FORMATS
from server.reports.groups import GROUPS
from server.reports.replay import Replay
from server.reports.tickets import SHOWN, PastTickets, Timeline
from server.reports.waiting import Compare, WaitingReport

FAR = 2**53
"""Beyond every number of a log, and what JavaScript still counts exactly; SQLite knows none above 2**63."""
SMALL_BYTES = 64 * 1024
LARGE_BYTES = 512 * 1024


# --- Answers --------------------------------------------------------------------------------------------------


class TicketAnswer(Message):
    """What became of a ticket."""

    ticket: TicketView
    """The ticket."""
    sequence: int
    """Sequence of the last event, this command's included."""


class SkippedAnswer(Message):
    """The log has the number."""

    sequence: int
    """Sequence of the last event, this command's included."""


class CopyAnswer(Message):
    """What became of a copy."""

    copied: Annotated[CopyView, Field(alias="copy")]
    """The copy."""
    sequence: int
    """Sequence of the last event, this command's included."""


class CopyToldAnswer(Message):
    """The log has what became of the copy."""

    sequence: int
    """Sequence of the last event, this command's included."""


class StoredAnswer(Message):
    """The tickets that a kiosk need not hand in again."""

    stored: list[str]
    """Ids of the tickets, those that were known before included."""
    sequence: int
    """Sequence of the last event, this command's included."""


class CounterAnswer(Message):
    """What a counter's command came to."""

    ticket: TicketView | None
    """The ticket it was about; none if nobody eligible waits, or nobody is at the counter."""
    counter: CounterView
    """The counter as it is now."""
    sequence: int
    """Sequence of the last event, this command's included."""


class ServiceAnswer(Message):
    """A service that was stopped or offered."""

    service: ServiceView
    """The service as it is now."""
    sequence: int
    """Sequence of the last event, this command's included."""


class PrintedOrder(Message):
    """What came of an order."""

    id: str
    """Id of the order."""
    outcome: Literal["printed", "in_doubt"]
    """`in_doubt`: it may have come out; a number that it gave holds in any case."""
    ticket: str | None
    """Id of the ticket; none for a sheet of papers."""
    number: str | None
    """Its number."""
    service: str | None
    """Id of its service."""


class OrderAnswer(Message):
    """What came of an order."""

    order: PrintedOrder
    """The order."""


class Services(Message):
    """Every service, in the order of the settings."""

    services: list[ServiceView]
    """The services."""


class Counters(Message):
    """Every counter, in the order of the settings."""

    counters: list[CounterView]
    """The counters."""


class LineView(Message):
    """A waiting line as it is now."""

    id: str
    """Id of the line."""
    letter: str
    """Its letter."""
    name: Texts
    """Its name in each language."""
    waiting: int
    """People who wait."""
    open_counters: int
    """Open counters that serve it."""


class Lines(Message):
    """Every line, in the order of the settings."""

    lines: list[LineView]
    """The lines."""


class OfferedNow(Message):
    """A service as visitors of a kiosk find it."""

    id: str
    """Id of the service."""
    open: bool
    """Whether it takes tickets now."""
    why: Texts | None
    """Why it takes none, in each language."""
    reason: Texts | None
    """The reason that staff or settings gave."""
    waiting: int | None
    """People who wait in its line."""
    wait_minutes: tuple[int, int] | None
    """Range of minutes that a ticket taken now would probably wait."""


class KioskOffers(Message):
    """What a kiosk offers its visitors now; what does not change by itself is in the settings."""

    kiosk: str
    """Id of the kiosk."""
    settings: str
    """Changes with the centre's settings."""
    connected: bool
    """Whether it is connected now."""
    fault: Texts | None
    """Why it gives no tickets, in each language; none while it gives them."""
    closed: Texts | None
    """Why most services take no tickets; none while any does."""
    services: list[OfferedNow]
    """Every service, in the order of the settings."""


class NoteView(Message):
    """Something that the staff of a device should know."""

    key: str
    """What it is about, for machines."""
    sentence: str
    """What is wrong and what to do, in the language that was asked for."""


class KioskView(Message):
    """A kiosk as the server knows it."""

    id: str
    """Id of the kiosk."""
    connected: bool
    """Whether it is connected now."""
    notes: list[NoteView]
    """What its staff should know, as it said itself; the first is why it gives no tickets, if it gives none."""


class Kiosks(Message):
    """Every kiosk, in the order of the settings."""

    kiosks: list[KioskView]
    """The kiosks."""


class Notes(Message):
    """What a kiosk says of itself whenever it changes; only the last one counts, and nothing is stored."""

    notes: Annotated[tuple[Note, ...], Field(max_length=20)] = ()
    """What its staff should know."""
    fault: Note | None = None
    """Why it gives no tickets, as visitors read it."""


class LogSender(Message):
    """Who sent a command."""

    id: str
    """Id of the person or the device, as long as they belong."""
    role: str
    """What they were to the centre then: `clerk`, `manager`, `kiosk`, `counter` …"""
    name: str
    """What they are called."""


class LogEntry(Message):
    """One event of the log."""

    sequence: int
    """Its place in the log, without gaps from 1."""
    command: str
    """Id of the command that made it."""
    name: str
    """Name of the event."""
    event: dict[str, Any]
    """The event; what is at its default is left out."""
    sender: LogSender | None
    """Who sent the command, where a person or a device is known, and a manager or an administrator asks."""


class LogPage(Message):
    """A stretch of the log."""

    epoch: str
    """Id born with the log."""
    sequence: int
    """Sequence of the last event stored."""
    events: list[LogEntry]
    """The events, oldest first."""


class Readiness(Message):
    """How far the days of a period, and of the one beside it, are ready for reports."""

    days: int
    """Days that are over."""
    ready: int
    """Those of them that are ready."""
    wait: bool
    """Whether it is worth to wait, for the others are being made ready now; each of them would take 0.1 s or so."""


class Health(Message):
    """Whether the server does its work."""

    status: Literal["ok", "failing"]
    """`failing` while nothing can be stored."""
    trouble: str | None
    """Why nothing can be stored."""
    ballast: bool
    """Whether the reserve for a full disk is still there."""
    version: str
    """Version of the server."""
    epoch: str
    """Id born with the log."""
    sequence: int
    """Sequence of the last event stored."""
    day: date | None
    """The business day."""
    now: Instant
    """The server's clock."""
    trust: Trust
    """Who vouches for it."""
    clock_jumped: ClockJumped | None
    """The last jump of it today."""
    rivals: list[str]
    """Where other servers of the same centre are, which keep other logs: a mistake."""


class PrintCopy(Message):
    """To the kiosk that is to print a copy. It prints one of an id at most once, however often it is told."""

    id: str
    """Id of the copy."""
    ticket: TicketView
    """The ticket."""


class Hello(Message):
    """The first word to whoever connects."""

    epoch: str
    """Id born with the log; another one means another log, so that what is known of the old one is void."""
    version: str
    """Version of the server."""
    now: Instant
    """The server's clock."""
    trust: Trust
    """Who vouches for it; `none` is told to nobody as the time."""
    centre: str
    """The centre's settings, as TOML."""


# --- What may be asked for in an address ----------------------------------------------------------------------


class NoQuery(Message):
    """Nothing but the language of sentences."""

    language: Literal["ar", "en"] | None = None
    """Language of the sentences; else by Accept-Language, else the centre's first one."""


class LogQuery(NoQuery):
    """Which stretch of the log."""

    after: Annotated[int, Field(ge=0, le=FAR)] = 0
    """Sequence after which to begin."""
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    """Most events to give."""


class PeriodQuery(NoQuery):
    """Which business days."""

    first: Annotated[date | None, Field(alias="from")] = None
    """First business day; today if left out."""
    last: Annotated[date | None, Field(alias="to")] = None
    """Last business day, included; today if left out."""


class ReportQuery(PeriodQuery):
    """Which report."""

    by: Annotated[str, Field(json_schema_extra={"enum": [*GROUPS, clerks.BY]})] = "service"
    """How to group."""
    compare: Compare = "none"
    """Beside which period: the one before (`previous`), or the same days a week or a year ago (`week`, `year`)."""
    format: Literal["json", "csv", "xlsx", "pdf"] = "json"
    """How to answer."""


class ReadyQuery(PeriodQuery):
    """Which period, and which beside it."""

    compare: Compare = "none"
    """As for the report."""


class TicketsQuery(PeriodQuery):
    """Which tickets."""

    by: Annotated[str, Field(json_schema_extra={"enum": ["", *GROUPS, clerks.BY]})] = ""
    """How they are grouped; empty for all of the period."""
    key: str = ""
    """Of which group, as `key` in a report's row."""
    show: Annotated[str, Field(json_schema_extra={"enum": list(SHOWN)})] = "visits"
    """Which of them: those that a figure counts."""
    page: Annotated[int, Field(ge=1, le=FAR)] = 1
    """Which page of them."""


class DayQuery(NoQuery):
    """Which business day."""

    day: date | None = None
    """The day; today if left out."""


# --- The table ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CommandRoute:
    """A command: where it is posted to, what it answers. `{name}` in the path is the field of that name."""

    path: str
    command: type[Command]
    answer: type[Message]
    status: int = 200
    only: tuple[str, type[Message]] | None = None
    """The member of the answer that HTTP gives alone, at the top level, and its type."""
    most_bytes: int = SMALL_BYTES

    @property
    def in_path(self) -> str | None:
        """The command's field that stands in the path."""
        return self.path.partition("{")[2].partition("}")[0] or None


@dataclass(frozen=True, slots=True)
class ViewRoute:
    """Something to look at. `name` finds the function that makes it."""

    path: str
    name: str
    summary: str
    answer: type[BaseModel] | None
    query: type[NoQuery] = NoQuery
    media_types: tuple[str, ...] = ("application/json",)
    facts: Mapping[str, str] = field(default_factory=dict)
    """What stands in the path, and what it means."""


def _counter_route(command: type[Command]) -> CommandRoute:
    return CommandRoute(f"/counters/{{counter}}/{command.NAME}", command, CounterAnswer)


COMMAND_ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute("/tickets", COMMANDS["issue"], TicketAnswer, status=201, only=("ticket", TicketView)),
    CommandRoute("/kiosks/{issuer}/hand-in", COMMANDS["hand-in"], StoredAnswer, most_bytes=LARGE_BYTES),
    CommandRoute("/kiosks/{issuer}/skip", COMMANDS["skip"], SkippedAnswer),
    CommandRoute("/tickets/{ticket}/copies", COMMANDS["copy"], CopyAnswer, status=201, only=("copy", CopyView)),
    CommandRoute("/kiosks/{kiosk}/end-copy", COMMANDS["end-copy"], CopyToldAnswer),
    *(
        CommandRoute(f"/kiosks/{{kiosk}}/{what}", ORDERS[name], OrderAnswer, status=201, only=("order", PrintedOrder))
        for what, name in (("tickets", "order-ticket"), ("papers", "order-papers"), ("copies", "order-copy"))
    ),
    CommandRoute("/tickets/{ticket}/cancel", COMMANDS["cancel"], TicketAnswer, only=("ticket", TicketView)),
    *(_counter_route(command) for command in COMMANDS.values() if issubclass(command, CounterCommand)),
    CommandRoute("/services/{service}/stop", COMMANDS["stop"], ServiceAnswer, only=("service", ServiceView)),
    CommandRoute("/services/{service}/offer", COMMANDS["offer"], ServiceAnswer, only=("service", ServiceView)),
)
"""Every command that may be sent; each is a Socket.IO event of the command's name as well. Days start by themselves."""

VIEW_ROUTES: tuple[ViewRoute, ...] = (
    ViewRoute(
        "/tickets/{ticket}",
        "ticket",
        "A ticket of today",
        TicketView,
        facts={"ticket": "Id or number of the ticket"},
    ),
    ViewRoute("/board", "board", "The board; answers 304 to an If-None-Match that is still right", Board),
    ViewRoute("/services", "services", "Every service", Services),
    ViewRoute("/counters", "counters", "Every counter", Counters),
    ViewRoute("/counters/{counter}", "counter", "A counter", CounterView, facts={"counter": "Id of the counter"}),
    ViewRoute("/kiosks", "kiosks", "Every kiosk, and what its staff should know", Kiosks),
    ViewRoute(
        "/kiosks/{kiosk}/offers",
        "kiosk_offers",
        "What a kiosk offers its visitors now; answers 304 to an If-None-Match that is still right",
        KioskOffers,
        facts={"kiosk": "Id of the kiosk"},
    ),
    ViewRoute("/lines", "lines", "Every line", Lines),
    ViewRoute("/overview", "overview", "The whole hall, for managers, with what needs somebody", Overview),
    ViewRoute(
        "/reports/waiting",
        "waiting_report",
        "How long people waited",
        WaitingReport,
        ReportQuery,
        ("application/json", *(form.media_type for form in FORMATS.values())),
    ),
    ViewRoute(
        "/reports/ready",
        "readiness",
        "Whether the days of a period are ready for reports; a report of many that are not takes a while",
        Readiness,
        ReadyQuery,
    ),
    ViewRoute("/reports/charts", "charts", "What the charts of a period show", Charts, PeriodQuery),
    ViewRoute("/reports/tickets", "past_tickets", "The tickets behind a figure", PastTickets, TicketsQuery),
    ViewRoute(
        "/reports/tickets/{ticket}",
        "timeline",
        "Everything that happened to a ticket of any day",
        Timeline,
        facts={"ticket": "Id of the ticket"},
    ),
    ViewRoute("/reports/feedback", "feedback", "What visitors thought of their visits", FeedbackReport, PeriodQuery),
    ViewRoute("/reports/replay", "replay", "A day of the hall, moment by moment", Replay, DayQuery),
    ViewRoute("/log", "log_after", "The log after a sequence", LogPage, LogQuery),
    ViewRoute("/health", "health", "Whether the server does its work; 503 when it cannot store", Health),
    ViewRoute("/metrics", "figures", "Figures for Prometheus", None, media_types=("text/plain",)),
    ViewRoute("/openapi.json", "openapi", "This document", None),
)
"""Everything that may be looked at over HTTP."""

EMITTED: dict[str, type[Message]] = {
    "hello": Hello,
    "board": Board,
    "menu": Menu,
    "counter": CounterView,
    "print-copy": PrintCopy,
    "sent-away": Problem,
    **ORDERS,
}
"""What the server says by itself over Socket.IO."""

TOLD: dict[str, type[Message]] = {"notes": Notes, "order-ended": OrderEnded}
"""What devices say over Socket.IO besides commands."""
