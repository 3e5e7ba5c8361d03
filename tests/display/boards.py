"""Boards and scenes for the tests of the display."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from dawr.board import Board, BoardCall, BoardWaiting
from dawr.numbers import LETTERS
from dawr.settings.centre import Centre, Digits, Language
from display.layout import Layout
from display.message_line import MESSAGE_WEIGHT, NOTHING, message_of, shown_at
from display.shapes import Line, Section
from display.showing import Showing, message_box, message_size

NOW = datetime(2026, 11, 22, 8, 31, 7, tzinfo=UTC)
LONG_NAME = "المصالح العقارية والسجل المؤقت والمخططات المساحية"
MESSAGE = {"ar": "تُدفع الرسوم عند الشباك. الاستراحة من 12:30", "en": "Fees are paid at the counter"}


def centre(
    lines: int = 4, languages: Sequence[Language] = ("ar", "en"), digits: Digits = "latin", message: bool = True
) -> Centre:
    ids = [f"line-{place}" for place in range(lines)]
    return Centre.model_validate(
        {
            "centre": {
                "id": "tartous",
                "name": {"ar": "مركز خدمة المواطن – مجلس مدينة طرطوس", "en": "Citizen Service Centre – Tartous"},
                "languages": list(languages),
                "digits": digits,
                **({"message": MESSAGE} if message else {}),
            },
            "hours": {},
            "line": [
                {
                    "id": one,
                    "letter": letter,
                    "name": {"ar": LONG_NAME if letter == "D" else "المالية", "en": "Finance"},
                }
                for one, letter in zip(ids, LETTERS, strict=False)
            ],
            "category": [{"id": "all", "name": {"ar": "الكل", "en": "All"}}],
            "service": [
                {"id": "any", "name": {"ar": "أي", "en": "Any"}, "category": "all", "line": ids[0]},
            ],
            "counter": [{"id": "1", "lines": ids}],
        }
    )


def call(sequence: int, number: str = "A117", counter: str = "4", at: datetime = NOW) -> BoardCall:
    return BoardCall(
        call=sequence,
        number=number,
        counter=counter,
        line="line-0",
        language="ar",
        state="called",
        called_at=at,
        recalls=0,
    )


def board(*calls: BoardCall, lines: int = 4, epoch: str = "one", at: datetime = NOW) -> Board:
    return Board(
        epoch=epoch,
        sequence=calls[0].call if calls else 0,
        at=at,
        day=at.date(),
        calls=list(calls),
        waiting=[
            BoardWaiting(line=f"line-{place}", letter=LETTERS[place], waiting=place * 13) for place in range(lines)
        ],
        counters=[],
    )


def busy_board(lines: int = 4, longest: str = "W888") -> Board:
    calls = [call(20 - place, f"{letter}117", str(place + 7)) for place, letter in enumerate("ACDEFGH")]
    return board(*calls, call(1, longest, "88"), lines=lines)


def showing(centre: Centre | None, board: Board | None, layout: Layout, **more: object) -> Showing:
    message = NOTHING
    if centre:
        width = message_box(layout).width
        message = shown_at(0, message_of(centre), MESSAGE_WEIGHT, message_size(layout), width)
    values = {"clock": NOW + timedelta(hours=3), "message": message} | more
    return Showing(centre=centre, board=board, **values)  # type: ignore[arg-type]


def lines_of(scene: Sequence[Section]) -> Iterator[Line]:
    return (item for section in scene for item in section.items if isinstance(item, Line))
