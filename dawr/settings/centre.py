"""The settings of a centre: what it offers, in which lines, at which counters, when."""

import re
from collections import Counter as Tally
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, time
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from dawr.errors import ForeignNumber
from dawr.numbers import LETTERS, NumberRange, share_out
from dawr.settings.mistakes import Shape, Table, WrongKey, WrongShape, read

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SERVER = "server"

Id = Annotated[str, Shape(r"[a-z0-9][a-z0-9-]*", "id", '"tax-clearance"')]
CounterId = Annotated[str, Shape(r"[1-9][0-9]?", "counter", '"1"')]
Address = Annotated[str, Shape(r"https?://[^\s/?#]+", "bare_address", '"http://192.168.1.10:8080"')]
Language = Literal["ar", "en"]
Text = Annotated[str, StringConstraints(min_length=1)]
Texts = dict[Language, Text]
Digits = Literal["latin", "arabic"]


_STRETCH = Shape(r"\d\d:\d\d\s*[-–]\s*\d\d:\d\d", "stretch", '"08:00-15:30"')
_TIME = Shape(r"\d\d:\d\d", "time", '"04:00"')
_ZONE = Shape(r"\S+", "zone", '"Asia/Damascus"')


DAYS_END = "24:00"
"""When a stretch closes that lasts until the day is over; no clock shows it."""


class Span:
    """A stretch of a day: `08:00-15:30`. Opens at the first minute, is closed at the second."""

    __slots__ = ("closes", "opens")

    def __init__(self, opens: time, closes: time) -> None:
        self.opens, self.closes = opens, closes

    def __contains__(self, at: time) -> bool:
        return self.opens <= at < self.closes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Span) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{self.closes_at}"

    def __repr__(self) -> str:
        return f"Span({self})"

    @property
    def closes_at(self) -> str:
        """When it closes, as people write it."""
        return DAYS_END if self.closes == time.max else f"{self.closes:%H:%M}"

    @classmethod
    def parse(cls, value: object) -> "Span":
        """From `08:00-15:30`. ValueError when it is no such stretch or ends before it begins."""
        match = re.fullmatch(r"(\d\d:\d\d)\s*[-–]\s*(\d\d:\d\d)", value) if isinstance(value, str) else None
        try:
            opens, closes = (time.fromisoformat(match[1]), _end(match[2])) if match else (None, None)
        except ValueError:
            opens = closes = None
        if opens is None or closes is None or opens >= closes:
            raise WrongShape(_STRETCH)
        return cls(opens, closes)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            cls.parse, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "examples": ["08:00-15:30"]}


def _end(said: str) -> time:
    return time.max if said == DAYS_END else time.fromisoformat(said)


def _time(value: object) -> time:
    try:
        return value if isinstance(value, time) else time.fromisoformat(str(value))
    except ValueError:
        raise WrongShape(_TIME) from None


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise WrongShape(_ZONE) from None
    return name


TimeOfDay = Annotated[time, BeforeValidator(_time), PlainSerializer(lambda at: f"{at:%H:%M}")]


class Hours(Table):
    """When tickets are given, day by day, as stretches: `["08:00-12:30", "13:00-15:30"]`. A day left out is closed.

    A stretch may last until `24:00`.
    """

    monday: tuple[Span, ...] = ()
    """Monday's hours."""
    tuesday: tuple[Span, ...] = ()
    """Tuesday's hours."""
    wednesday: tuple[Span, ...] = ()
    """Wednesday's hours."""
    thursday: tuple[Span, ...] = ()
    """Thursday's hours."""
    friday: tuple[Span, ...] = ()
    """Friday's hours."""
    saturday: tuple[Span, ...] = ()
    """Saturday's hours."""
    sunday: tuple[Span, ...] = ()
    """Sunday's hours."""

    def on(self, day: date) -> tuple[Span, ...]:
        """The stretches of that weekday, in order."""
        spans: tuple[Span, ...] = getattr(self, WEEKDAYS[day.weekday()])
        return spans


class Holiday(Table):
    """A day on which the centre is closed."""

    date: date
    """The day, without quotation marks: `2026-12-25`."""
    name: Texts
    """What the kiosk says when it gives no tickets on that day."""


class VisitorClass(Table):
    """A class of visitors whose waiting counts from earlier than they came."""

    id: Id
    """Its name for machines: in the log, the reports and the API."""
    name: Texts
    """What the kiosk offers and the clerk sees."""
    credit_minutes: Annotated[int, Field(ge=0, le=120)] = 0
    """They count as if they had come this many minutes earlier."""


class Line(Table):
    """A waiting line with its letter. Services that the same clerks do share one."""

    id: Id
    """Its name for machines; services and counters refer to it."""
    letter: Annotated[str, Shape(f"[{LETTERS}]", "letter", " ".join(LETTERS))]
    """Stands before the number on the ticket. Letters that look like digits are not allowed."""
    name: Texts
    """What the board, the clerk and the reports call it."""


class Category(Table):
    """A group of services on the kiosk's first page, in the order of the file."""

    id: Id
    """Its name for machines; services refer to it."""
    name: Texts
    """What the kiosk shows."""


class Service(Table):
    """Something a visitor comes for."""

    id: Id
    """Its name for machines: on kiosk buttons, in the log, the reports and the API. Keep it when the name changes."""
    name: Texts
    """What the kiosk, the slip and the clerk's screen call it."""
    category: Id
    """Where it stands on the kiosk: the `id` of a `[[category]]`."""
    line: Id
    """Where its visitors wait: the `id` of a `[[line]]`."""
    papers: tuple[Texts, ...] = ()
    """What to bring, one entry a paper. The kiosk shows it before a ticket is taken, and the slip repeats it."""
    fee: Annotated[int, Field(ge=0)] | None = None
    """The centre's own fee in its currency, as a whole number. Left out: no fee."""
    usual_minutes: Annotated[int, Field(ge=1, le=240)] = 10
    """How many minutes it usually takes at the counter, until the centre has measured it itself."""
    hours: Hours | None = None
    """When tickets for it are given, instead of the centre's hours."""
    daily_cap: Annotated[int, Field(ge=1)] | None = None
    """The most tickets for it in a day. Left out: no limit."""
    needs_reference: bool = False
    """Whether the visitor has to give a transaction number with the ticket."""


class Counter(Table):
    """A place where visitors are served."""

    id: CounterId
    """The number over the counter, in quotation marks."""
    lines: Annotated[tuple[Id, ...], Field(min_length=1)]
    """The lines it serves, its main one first. Every line needs at least one counter."""
    name: Texts | None = None
    """What it is called, where the number alone does not say enough."""


class Kiosk(Table):
    """An issuer of numbers. It owns its part of each line's numbers for ever, so that no two can give the same."""

    id: Id
    """Its name, the same as in the kiosk's own file."""
    numbers_from: Annotated[int, Field(ge=1, le=999)] = 1
    """Where its part begins; it ends where the next part begins. Change it only while the centre is closed."""
    spare_from: Annotated[int | None, Field(ge=1, le=999)] = None
    """Where its spare part begins, for when its journal is lost and no server is there; without one it then waits."""


class About(Table):
    """The centre itself and how its day goes."""

    id: Id
    """The centre's name for machines, different from that of every other centre."""
    name: Texts
    """What slips, board and pages call the centre."""
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Damascus"
    """The time zone of its clock, by its IANA name."""
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("ar", "en")
    """The languages that visitors can choose, the usual one first. Every text of this file needs each of them."""
    digits: Digits = "latin"
    """One form of digits for slip, board and voice: `A012` or `A٠١٢`."""
    currency: Texts = Field(default={"ar": "ل.س", "en": "SYP"})
    """What stands after a fee."""
    message: Texts | None = None
    """A line of news at the foot of the board."""
    slip_message: Texts | None = None
    """A line at the foot of every slip."""
    day_starts: TimeOfDay = time(4)
    """When the business day begins: a ticket taken between midnight and this time belongs to the day before."""
    last_ticket_minutes: Annotated[int, Field(ge=0, le=240)] = 15
    """The last ticket is given this many minutes before each stretch of opening hours ends."""
    recalls_before_no_show: Annotated[int, Field(ge=0, le=9)] = 2
    """How often a visitor has to be called again before the clerk can mark a no-show."""
    break_reasons: tuple[Texts, ...] = ()
    """What a clerk can choose from when taking a break."""
    park_reasons: tuple[Texts, ...] = ()
    """What a clerk can choose from when setting a visit aside."""
    target_minutes: Annotated[int, Field(ge=1, le=240)] = 20
    """The centre's promise: nobody waits longer. The reports count who did."""
    server_numbers_from: Annotated[int, Field(ge=1, le=999)] = 901
    """Where the server's own part of each line's numbers begins, for reception and bookings. Without kiosks it is 1."""
    phone_address: Address | None = None
    """Where visitors' phones find the server. Slips then carry a QR code to the ticket's own page; left out: none."""


class Privacy(Table):
    """How long the log keeps what could belong to a person. Without this table the defaults hold."""

    personal_days: Annotated[int, Field(ge=14, le=3650)] = 30
    """After so many days nobody can see any more of which class a visitor was, what clerks gave as a reason, nor who
    pressed."""
    steps_years: Annotated[int, Field(ge=1, le=50)] = 5
    """After so many years the steps of single visits are removed. The figures of every day stay."""
    clerk_figures: bool = False
    """Whether managers have figures by clerk: of one person's visits, service times and calls out of order."""


class Centre(Table):
    """A centre's file, checked as a whole."""

    centre: About
    hours: Hours
    holidays: Annotated[tuple[Holiday, ...], Field(alias="holiday")] = ()
    classes: Annotated[tuple[VisitorClass, ...], Field(alias="class")] = ()
    lines: Annotated[tuple[Line, ...], Field(alias="line", min_length=1)]
    categories: Annotated[tuple[Category, ...], Field(alias="category", min_length=1)]
    services: Annotated[tuple[Service, ...], Field(alias="service", min_length=1)]
    counters: Annotated[tuple[Counter, ...], Field(alias="counter", min_length=1)]
    kiosks: Annotated[tuple[Kiosk, ...], Field(alias="kiosk")] = ()
    privacy: Privacy = Privacy()

    def wrongs(self) -> Iterator[WrongKey]:
        """References to nothing, doubles, overlapping hours and missing languages."""
        yield from self._unknown_references()
        yield from self._doubles()
        yield from self._overlapping_hours()
        yield from self._missing_languages()

    @cached_property
    def zone(self) -> ZoneInfo:
        """The centre's time zone."""
        return ZoneInfo(self.centre.timezone)

    @cached_property
    def service(self) -> dict[str, Service]:
        """Services by id."""
        return {service.id: service for service in self.services}

    @cached_property
    def line(self) -> dict[str, Line]:
        """Lines by id."""
        return {line.id: line for line in self.lines}

    @cached_property
    def counter(self) -> dict[str, Counter]:
        """Counters by id."""
        return {counter.id: counter for counter in self.counters}

    @cached_property
    def visitor_class(self) -> dict[str, VisitorClass]:
        """Classes of visitors by id."""
        return {one.id: one for one in self.classes}

    @cached_property
    def ranges(self) -> dict[str, NumberRange]:
        """Each issuer's part of the numbers: the kiosks' and, when there is room for one, the server's.

        Without kiosks the server owns every number.
        """
        return {kiosk: self._parts[kiosk] for kiosk in [one.id for one in self.kiosks] + [SERVER]}

    @cached_property
    def spares(self) -> dict[str, NumberRange]:
        """The spare parts, of those kiosks that have one."""
        spares = {one.id: self._parts[_spare(one.id)] for one in self.kiosks if one.spare_from}
        return {kiosk: replace(part, spare=True) for kiosk, part in spares.items()}

    def part_of(self, issuer: str, count: int) -> NumberRange:
        """The issuer's part that holds the count. `ForeignNumber` when neither its own nor its spare one does."""
        for part in (self.ranges[issuer], self.spares.get(issuer)):
            if part and part.holds(count):
                return part
        raise ForeignNumber(f"{issuer} does not own {count}")

    @cached_property
    def _parts(self) -> dict[str, NumberRange]:
        """Every part, the spare ones too: each ends where the next one begins."""
        firsts = {kiosk.id: kiosk.numbers_from for kiosk in self.kiosks}
        spares = {_spare(kiosk.id): kiosk.spare_from for kiosk in self.kiosks if kiosk.spare_from}
        return share_out({**firsts, **spares, SERVER: self.centre.server_numbers_from if firsts else 1})

    def phone_page(self, ticket: str) -> str | None:
        """The address of a ticket's page for its visitor's phone, by the ticket's id; None if phones cannot come."""
        return self.centre.phone_address and f"{self.centre.phone_address}/t/{ticket}"

    def _unknown_references(self) -> Iterator[WrongKey]:
        lines, categories = {line.id for line in self.lines}, {category.id for category in self.categories}
        for place, service in enumerate(self.services, 1):
            yield from _known(f"service[{place}].line", service.line, lines, "line")
            yield from _known(f"service[{place}].category", service.category, categories, "category")
        for place, counter in enumerate(self.counters, 1):
            for n, line in enumerate(counter.lines, 1):
                yield from _known(f"counter[{place}].lines[{n}]", line, lines, "line")
        served = {line for counter in self.counters for line in counter.lines}
        for place, one in enumerate(self.lines, 1):
            if one.id not in served:
                yield WrongKey(f"line[{place}].id", "served_nowhere", value=one.id)

    def _doubles(self) -> Iterator[WrongKey]:
        yield from _unique("service", "id", (one.id for one in self.services))
        yield from _unique("category", "id", (one.id for one in self.categories))
        yield from _unique("line", "id", (one.id for one in self.lines))
        yield from _unique("line", "letter", (one.letter for one in self.lines))
        yield from _unique("counter", "id", (one.id for one in self.counters))
        yield from _unique("class", "id", (one.id for one in self.classes))
        yield from _unique("kiosk", "id", (one.id for one in self.kiosks))
        firsts = [one.numbers_from for one in self.kiosks]
        yield from _unique("kiosk", "numbers_from", map(str, firsts))
        if self.centre.server_numbers_from in firsts:
            yield WrongKey("centre.server_numbers_from", "server_numbers_taken")
        taken = {*firsts, self.centre.server_numbers_from}
        for place, one in enumerate(self.kiosks, 1):
            if one.spare_from in taken:
                yield WrongKey(f"kiosk[{place}].spare_from", "spare_numbers_taken")
            taken |= {one.spare_from} if one.spare_from else set()
            if one.id == SERVER:
                yield WrongKey(f"kiosk[{place}].id", "name_of_server", value=SERVER)

    def _overlapping_hours(self) -> Iterator[WrongKey]:
        named = [("hours", self.hours)]
        named += [(f"service[{place}].hours", one.hours) for place, one in enumerate(self.services, 1) if one.hours]
        for key, hours in named:
            for day in WEEKDAYS:
                spans = getattr(hours, day)
                if any(later.opens < earlier.closes for earlier, later in pairwise(spans)):
                    yield WrongKey(f"{key}.{day}", "overlap")

    def _missing_languages(self) -> Iterator[WrongKey]:
        for key, texts in self._all_texts():
            for language in self.centre.languages:
                if language not in texts:
                    yield WrongKey(f"{key}.{language}", "missing_language")

    def _all_texts(self) -> Iterator[tuple[str, Texts]]:
        about = self.centre
        yield from (("centre.name", about.name), ("centre.currency", about.currency))
        if about.message:
            yield "centre.message", about.message
        if about.slip_message:
            yield "centre.slip_message", about.slip_message
        for key, reasons in (("break_reasons", about.break_reasons), ("park_reasons", about.park_reasons)):
            yield from ((f"centre.{key}[{place}]", reason) for place, reason in enumerate(reasons, 1))
        yield from ((f"holiday[{place}].name", one.name) for place, one in enumerate(self.holidays, 1))
        yield from ((f"class[{place}].name", one.name) for place, one in enumerate(self.classes, 1))
        yield from ((f"line[{place}].name", one.name) for place, one in enumerate(self.lines, 1))
        yield from ((f"category[{place}].name", one.name) for place, one in enumerate(self.categories, 1))
        for place, service in enumerate(self.services, 1):
            yield f"service[{place}].name", service.name
            yield from ((f"service[{place}].papers[{n}]", paper) for n, paper in enumerate(service.papers, 1))
        yield from ((f"counter[{place}].name", one.name) for place, one in enumerate(self.counters, 1) if one.name)


def read_centre(file: Path) -> Centre:
    """A centre's settings from its file. `MistakenSettings` with every mistake in it."""
    return read(Centre, file)


def _spare(kiosk: str) -> str:
    """What the spare part is shared out under; no id has a space."""
    return f"{kiosk} spare"


def _known(key: str, value: str, known: set[str], kind: str) -> Iterator[WrongKey]:
    if value not in known:
        yield WrongKey(
            key, f"no_{kind}", value=value, known=", ".join(sorted(one for one in known if isinstance(one, str)))
        )


def _unique(table: str, key: str, values: Iterable[str]) -> Iterator[WrongKey]:
    values = list(values)
    times = Tally(values)
    for place, value in enumerate(values, 1):
        if times[value] > 1 and values.index(value) != place - 1:
            yield WrongKey(f"{table}[{place}].{key}", "twice", value=value)
