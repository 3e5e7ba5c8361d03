"""What a slip of paper says: from the facts of a ticket, or of a service, to rows from the top of the paper down.

Rows know nothing of dots: how wide the paper is and how a row is drawn on it belongs to the printer's side.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from dawr.language import LANGUAGES
from dawr.orders import OrderSheet
from dawr.text import Direction, Weight, direction_of, isolate
from dawr.words import Digits, Words

Size = Literal["small", "body", "large", "number"]
Align = Literal["start", "centre"]
Texts = Mapping[Any, str]

BULLET = "•"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. `start` is the side where reading begins; `mark` hangs before it; inverted is white on black."""

    text: str
    direction: Direction
    size: Size = "body"
    weight: Weight = "medium"
    align: Align = "centre"
    inverted: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin line across the paper."""


@dataclass(frozen=True, slots=True)
class Space:
    """Empty paper."""

    mm: float


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code of this text."""

    code: str


@dataclass(frozen=True, slots=True)
class Columns:
    """A name at the side where reading begins, and values each in a column of its own towards the other side."""

    name: str
    values: tuple[str, ...]
    direction: Direction
    size: Size = "body"
    weight: Weight = "medium"


Row = Text | Rule | Space | Qr | Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFacts:
    """Everything that a ticket's slip may say. Texts are by language; what is not known is None and says nothing.

    `ahead`: people ahead in the same line. `wait_minutes`: the expected wait from low to high. `joined_at`: aware, in
    the centre's time zone, None when the clock is not to be trusted. `code`: what the QR code holds. `copy`: this
    number is on paper already, or may be. `message`: what the centre says at the foot of every slip.
    """

    centre: Texts
    number: str
    service: Texts
    language: str
    digits: Digits = "latin"
    visitor_class: Texts | None = None
    reference: str | None = None
    ahead: int | None = None
    wait_minutes: tuple[int, int] | None = None
    papers: tuple[Texts, ...] = ()
    fee: Texts = field(default_factory=dict)
    code: str | None = None
    joined_at: datetime | None = None
    copy: bool = False
    message: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PapersFacts:
    """Everything that a sheet of required papers may say: it is for reading at home and carries no number."""

    centre: Texts
    service: Texts
    language: str
    digits: Digits = "latin"
    papers: tuple[Texts, ...] = ()
    fee: Texts = field(default_factory=dict)
    usual_minutes: int | None = None


def ticket_rows(facts: TicketFacts) -> list[Row]:
    """A ticket's slip in the ticket's language."""
    words = Words(facts.language, facts.digits)
    return [
        *_copy_band(facts.copy),
        *_heading(words, facts.centre),
        *_number(words, facts),
        *_turn(words, facts),
        *_needed(words, facts.papers, facts.fee),
        *_following(words, facts.code),
        Rule(),
        _said(words, words("slip.keep"), weight="bold"),
        *([_named(words, facts.message)] if facts.message else []),
        *_joined(words, facts.joined_at),
        *_copy_band(facts.copy),
    ]


def papers_rows(facts: PapersFacts) -> list[Row]:
    """A sheet that says what to bring for one service, its fee and how long it usually takes."""
    words = Words(facts.language, facts.digits)
    return [
        *_heading(words, facts.centre),
        _named(words, facts.service, size="large", weight="bold"),
        *_needed(words, facts.papers or (_everywhere("slip.no_papers"),), facts.fee, facts.usual_minutes),
        Rule(),
        _said(words, words("slip.not_a_ticket"), weight="bold"),
    ]


def sheet_rows(sheet: OrderSheet, centre: Texts, digits: Digits = "latin") -> list[Row]:
    """A sheet with the figures of a day, for staff; it carries no number."""
    words = Words(sheet.language, digits)
    direction = direction_of(sheet.language)
    return [
        *_heading(words, centre),
        _said(words, sheet.title, size="large", weight="bold"),
        Space(2),
        Columns("", sheet.columns, direction, size="small"),
        *(Columns(one.name, one.values, direction, weight="bold") for one in sheet.figures),
        Rule(),
        *(_said(words, sentence, size="small") for sentence in sheet.says),
    ]


def _heading(words: Words, centre: Texts) -> Iterator[Row]:
    yield _named(words, centre, weight="bold")
    yield Rule()


def _number(words: Words, facts: TicketFacts) -> Iterator[Row]:
    yield _said(words, words("slip.your_number"), size="small")
    yield Text(isolate(words.number(facts.number)), "ltr", size="number", weight="black")
    yield _named(words, facts.service, size="large", weight="bold")
    if facts.visitor_class:
        yield _named(words, facts.visitor_class, weight="bold")
    if facts.reference:
        yield _said(words, words("slip.reference", reference=facts.reference))


def _turn(words: Words, facts: TicketFacts) -> Iterator[Row]:
    if facts.ahead is None and facts.wait_minutes is None:
        return
    yield Rule()
    yield from (_said(words, sentence) for sentence in turn_sentences(words, facts.ahead, facts.wait_minutes))


def turn_sentences(words: Words, ahead: int | None, wait_minutes: tuple[int, int] | None) -> Iterator[str]:
    """How many people are ahead, and the range of minutes that it will take; what is not known is left out."""
    if ahead is not None:
        yield words("slip.ahead", count=ahead) if ahead else words("slip.next")
    if wait_minutes is not None:
        yield _wait(words, *wait_minutes)


def _wait(words: Words, low: int, high: int) -> str:
    return words("slip.wait", low=low, count=high) if low > 0 else words("slip.wait_up_to", count=high)


def _needed(words: Words, papers: tuple[Texts, ...], fee: Texts, usual_minutes: int | None = None) -> Iterator[Row]:
    if not (papers or fee or usual_minutes):
        return
    yield Rule()
    if papers:
        yield _said(words, words("slip.papers"), weight="bold", align="start")
        yield from (replace(_named(words, paper), align="start", mark=BULLET) for paper in papers)
    if fee:
        if papers:
            yield Space(1)
        yield _said(words, f"{words('slip.fee')} {words.number(words.of(fee))}", weight="bold", align="start")
    if usual_minutes:
        yield _said(words, words("slip.usual_minutes", count=usual_minutes), align="start")


def _following(words: Words, code: str | None) -> Iterator[Row]:
    if code:
        yield Rule()
        yield Qr(code)
        yield _said(words, words("slip.follow"), size="small")


def _joined(words: Words, at: datetime | None) -> Iterator[Row]:
    if at is not None:
        yield _said(words, f"{isolate(words.time(at))} {words.date(at)}", size="small")


def _copy_band(copy: bool) -> Iterator[Row]:
    if copy:
        # In every language at once: the visitor who holds it and the clerk who is shown it may read different ones.
        marks = " · ".join(Words(language)("slip.copy") for language in LANGUAGES)
        yield Space(1)
        yield Text(marks, "ltr", size="large", weight="black", inverted=True)


def _everywhere(key: str) -> Texts:
    return {language: Words(language)(key) for language in LANGUAGES}


def _said(words: Words, text: str, *, size: Size = "body", weight: Weight = "medium", align: Align = "centre") -> Text:
    return Text(text, direction_of(words.language), size, weight, align)


def _named(words: Words, texts: Texts, *, size: Size = "body", weight: Weight = "medium") -> Text:
    """One of the centre's own texts: in the slip's language, or else as the centre wrote it, in its own direction."""
    language = words.language if words.language in texts else next(iter(texts))
    return Text(words.number(texts[language]), direction_of(language), size, weight)
