"""The settings of a centre: what it offers, in which lines, at which counters, when."""

import re
from collections import Counter as Tally
from collections.abc import Iterable, Iterator
from datetime import date, time
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from dawr.numbers import LETTERS, NumberRange, share_out
from dawr.settings.mistakes import Table, WrongKey, WrongKeys, read

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SERVER = "server"

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Language = Literal["ar", "en"]
Text = Annotated[str, StringConstraints(min_length=1)]
Texts = dict[Language, Text]
Digits = Literal["latin", "arabic"]


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
        return f"{self.opens:%H:%M}-{self.closes:%H:%M}"

    def __repr__(self) -> str:
        return f"Span({self})"

    @classmethod
    def parse(cls, value: object) -> "Span":
        """From `08:00-15:30`. ValueError when it is no such stretch or ends before it begins."""
        match = re.fullmatch(r"(\d\d:\d\d)\s*[-–]\s*(\d\d:\d\d)", value) if isinstance(value, str) else None
        try:
            opens, closes = (time.fromisoformat(part) for part in match.groups()) if match else (None, None)
        except ValueError:
            opens = closes = None
        if opens is None or closes is None or opens >= closes:
            raise ValueError('Write a stretch of one day such as "08:00-15:30"')
        return cls(opens, closes)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            cls.parse, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "examples": ["08:00-15:30"]}


def _time(value: object) -> time:
    try:
        return value if isinstance(value, time) else time.fromisoformat(str(value))
    except ValueError:
        raise ValueError('Write a time of day such as "04:00"') from None


TimeOfDay = Annotated[time, BeforeValidator(_time), PlainSerializer(lambda at: f"{at:%H:%M}")]


class Hours(Table):
    """When tickets are given, day by day; a day that is left out is closed."""

    monday: tuple[Span, ...] = ()
    tuesday: tuple[Span, ...] = ()
    wednesday: tuple[Span, ...] = ()
    thursday: tuple[Span, ...] = ()
    friday: tuple[Span, ...] = ()
    saturday: tuple[Span, ...] = ()
    sunday: tuple[Span, ...] = ()

    def on(self, day: date) -> tuple[Span, ...]:
        """The stretches of that weekday, in order."""
        spans: tuple[Span, ...] = getattr(self, WEEKDAYS[day.weekday()])
        return spans


class Holiday(Table):
    """A day on which the centre is closed."""

    date: date
    name: Texts


class VisitorClass(Table):
    """A class of visitors whose waiting counts from earlier than they came."""

    id: Id
    name: Texts
    credit_minutes: Annotated[int, Field(ge=0, le=120)] = 0


class Line(Table):
    """A waiting line with its letter."""

    id: Id
    letter: Annotated[str, StringConstraints(pattern=f"^[{LETTERS}]$")]
    name: Texts


class Category(Table):
    """A group of services on the kiosk's first page."""

    id: Id
    name: Texts


class Service(Table):
    """Something a visitor comes for."""

    id: Id
    name: Texts
    category: Id
    line: Id
    papers: tuple[Texts, ...] = ()
    fee: Annotated[int, Field(ge=0)] | None = None
    usual_minutes: Annotated[int, Field(ge=1, le=240)] = 10
    hours: Hours | None = None
    daily_cap: Annotated[int, Field(ge=1)] | None = None
    needs_reference: bool = False


class Counter(Table):
    """A place where visitors are served."""

    id: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]?$")]
    lines: Annotated[tuple[Id, ...], Field(min_length=1)]
    name: Texts | None = None


class Kiosk(Table):
    """An issuer of numbers: its part of each line's numbers begins at `numbers_from`."""

    id: Id
    numbers_from: Annotated[int, Field(ge=1, le=999)] = 1


class About(Table):
    """The centre itself and how its day goes."""

    id: Id
    name: Texts
    timezone: str = "Asia/Damascus"
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("ar", "en")
    digits: Digits = "latin"
    currency: Texts = Field(default_factory=lambda: {"ar": "ل.س", "en": "SYP"})
    message: Texts | None = None
    day_starts: TimeOfDay = time(4)
    last_ticket_minutes: Annotated[int, Field(ge=0, le=240)] = 15
    recalls_before_no_show: Annotated[int, Field(ge=0, le=9)] = 2
    break_reasons: tuple[Texts, ...] = ()
    park_reasons: tuple[Texts, ...] = ()
    target_minutes: Annotated[int, Field(ge=1, le=240)] = 20
    server_numbers_from: Annotated[int, Field(ge=1, le=999)] = 901


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

    @model_validator(mode="after")
    def _hangs_together(self) -> "Centre":
        wrongs = [
            *self._unknown_references(),
            *self._doubles(),
            *self._overlapping_hours(),
            *self._missing_languages(),
            *self._wrong_place(),
        ]
        if wrongs:
            raise WrongKeys(wrongs)
        return self

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
        firsts = {kiosk.id: kiosk.numbers_from for kiosk in self.kiosks}
        return share_out({**firsts, SERVER: self.centre.server_numbers_from if firsts else 1})

    def _unknown_references(self) -> Iterator[WrongKey]:
        lines, categories = {line.id for line in self.lines}, {category.id for category in self.categories}
        for place, service in enumerate(self.services, 1):
            yield from _known(f"service[{place}].line", service.line, lines, "line")
            yield from _known(f"service[{place}].category", service.category, categories, "category")
        for place, counter in enumerate(self.counters, 1):
            for line in counter.lines:
                yield from _known(f"counter[{place}].lines", line, lines, "line")
        served = {line for counter in self.counters for line in counter.lines}
        for place, one in enumerate(self.lines, 1):
            if one.id not in served:
                yield WrongKey(
                    f"line[{place}].id", f'"{one.id}" is served by no counter.', "Add it to one counter."
                )

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
            yield WrongKey(
                "centre.server_numbers_from",
                "is where a kiosk's numbers begin.",
                "Give the server its own part.",
            )
        for place, one in enumerate(self.kiosks, 1):
            if one.id == SERVER:
                yield WrongKey(
                    f"kiosk[{place}].id", 'is "server".', "That name is the server's own: choose another."
                )

    def _overlapping_hours(self) -> Iterator[WrongKey]:
        named = [("hours", self.hours)]
        named += [
            (f"service[{place}].hours", one.hours) for place, one in enumerate(self.services, 1) if one.hours
        ]
        for key, hours in named:
            for day in WEEKDAYS:
                spans = getattr(hours, day)
                if any(
                    later.opens < earlier.closes for earlier, later in pairwise(spans)
                ):
                    yield WrongKey(
                        f"{key}.{day}", "has stretches that overlap.", "Write them apart and in order."
                    )

    def _missing_languages(self) -> Iterator[WrongKey]:
        for key, texts in self._all_texts():
            for language in self.centre.languages:
                if language not in texts:
                    yield WrongKey(
                        f"{key}.{language}", "is missing.", "Every text needs each of the centre's languages."
                    )

    def _all_texts(self) -> Iterator[tuple[str, Texts]]:
        about = self.centre
        yield from (("centre.name", about.name), ("centre.currency", about.currency))
        if about.message:
            yield "centre.message", about.message
        for key, reasons in (("break_reasons", about.break_reasons), ("park_reasons", about.park_reasons)):
            yield from ((f"centre.{key}[{place}]", reason) for place, reason in enumerate(reasons, 1))
        yield from ((f"holiday[{place}].name", one.name) for place, one in enumerate(self.holidays, 1))
        yield from ((f"class[{place}].name", one.name) for place, one in enumerate(self.classes, 1))
        yield from ((f"line[{place}].name", one.name) for place, one in enumerate(self.lines, 1))
        yield from ((f"category[{place}].name", one.name) for place, one in enumerate(self.categories, 1))
        for place, service in enumerate(self.services, 1):
            yield f"service[{place}].name", service.name
            yield from ((f"service[{place}].papers[{n}]", paper) for n, paper in enumerate(service.papers, 1))
        yield from (
            (f"counter[{place}].name", one.name) for place, one in enumerate(self.counters, 1) if one.name
        )

    def _wrong_place(self) -> Iterator[WrongKey]:
        try:
            ZoneInfo(self.centre.timezone)
        except (KeyError, ValueError, OSError):
            yield WrongKey(
                "centre.timezone", f'is "{self.centre.timezone}".', 'Write a zone such as "Asia/Damascus".'
            )


def read_centre(file: Path) -> Centre:
    """A centre's settings from its file. `MistakenSettings` with every mistake in it."""
    return read(Centre, file)


def _known(key: str, value: str, known: set[str], kind: str) -> Iterator[WrongKey]:
    if value not in known:
        yield WrongKey(
            key, f'is "{value}", but there is no such {kind}.', f"Known: {', '.join(sorted(known))}."
        )


def _unique(table: str, key: str, values: Iterable[str]) -> Iterator[WrongKey]:
    values = list(values)
    times = Tally(values)
    for place, value in enumerate(values, 1):
        if times[value] > 1 and values.index(value) != place - 1:
            yield WrongKey(f"{table}[{place}].{key}", f'"{value}" is there twice.', "Each needs its own.")
