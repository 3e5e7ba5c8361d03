"""Where things stand on the board and how big they are, computed from the screen and the farthest seat.

Pure: pixels, inches and metres in, boxes out. Everything is laid out left to right; a centre that reads right
to left gets the mirrored picture (`display.scene`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import ceil, hypot

from dawr.boxes import Box
from dawr.text import Weight, capital_height

# EN 301 549, 5.1.4: a capital H of at least 0.7° for the reader: 12.2 mm for each metre to the farthest seat.
CAPITAL_MM_PER_METRE = 12.2
MM_PER_INCH = 25.4

MOST_CALLS, USUAL_CALLS, FEWEST_CALLS = 6, 4, 2

# All in heights of a row's capitals. A row is this high with its air, and its width is shared out among the
# number (a letter and its digits), the arrow, the counter (two digits) and the air around them.
ROW_HEIGHT = 1.5
LETTER_WIDTH, DIGIT_WIDTH, ARROW_WIDTH, ROW_AIR = 1.3, 0.84, 0.8, 1.3
COUNTER_WIDTH = 2 * DIGIT_WIDTH
USUAL_NUMBER = len("A012")
# The latest call stands at least this much larger than the rows, and its card is this high for its own
# capitals: air, labels, number, air.
LATEST_LARGER = 1.2
LATEST_HEIGHT = 2.1
# The most that helps: beyond, rows look crowded on a board that is seen from near.
COMFORTABLE_CAPITAL = 0.078
PANEL_SHARE = 0.29


@dataclass(frozen=True, slots=True)
class Warn:
    """What does not fit on this screen: a word key under `board.` and the figures of its sentence."""

    key: str
    values: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """The board of one screen. Heights of capitals are in pixels.

    `panel` shows the lines with their names; without room for names it is a low strip (`named` is false).
    """

    width: int
    height: int
    unit: float
    number_length: int
    capital_px: int
    latest_capital_px: int
    header: Box
    latest: Box
    calls: tuple[Box, ...]
    panel: Box
    named: bool
    footer: Box
    warnings: tuple[Warn, ...]

    def px(self, at_1080: float) -> int:
        """A measure that is meant for a screen whose short side has 1080 pixels."""
        return round(at_1080 * self.unit)


@dataclass(frozen=True, slots=True)
class _Choice:
    calls: int
    columns: int
    named: bool


def required_capital_px(size_px: tuple[int, int], inches: float, farthest_m: float) -> float:
    """Height of a capital, in pixels, that the farthest seat can read (EN 301 549, 5.1.4)."""
    mm_per_px = inches * MM_PER_INCH / hypot(*size_px)
    return CAPITAL_MM_PER_METRE * farthest_m / mm_per_px


@cache
def size_for_capitals(weight: Weight, capital_px: int) -> int:
    """The font size whose capitals are at least this high."""
    size = capital_px
    while capital_height(weight, size) < capital_px:
        size += 1
    return size


def row_width(number_length: int) -> float:
    """Width of a row whose number has this many characters, in heights of its capitals."""
    number = LETTER_WIDTH + DIGIT_WIDTH * (number_length - 1)
    return number + ARROW_WIDTH + COUNTER_WIDTH + ROW_AIR


@cache
def plan(size_px: tuple[int, int], inches: float, farthest_m: float, number_length: int = USUAL_NUMBER) -> Layout:
    """The board for a screen of this many pixels and inches, read from a farthest seat at this many metres.

    The size of numbers is the law: for a far seat first the names of the lines give way, then calls. When
    even two calls are too many, the largest that fits is taken. Each of these warns. `number_length` is that
    of the longest number on the board: `A1001` needs more room than `A012`.
    """
    frame = _Frame(*size_px, number_length)
    required = required_capital_px(size_px, inches, farthest_m)
    choice = frame.best_choice(ceil(required))
    warnings = []
    if choice is None:
        choice = max(_choices(), key=frame.largest_capital)
        reach_m = farthest_m * frame.largest_capital(choice) / required
        warnings.append(Warn("too_far", (("metres", f"{farthest_m:g}"), ("reach", f"{reach_m:.1f}"))))
    if choice.calls < USUAL_CALLS:
        warnings.append(Warn("few_calls", (("count", choice.calls),)))
    if not choice.named:
        warnings.append(Warn("no_line_names"))
    capital = min(max(ceil(required), frame.comfortable_capital), frame.largest_capital(choice))
    return frame.layout(choice, capital, tuple(warnings))


def _choices() -> Iterator[_Choice]:
    """Every arrangement, the best first."""
    for calls in range(MOST_CALLS, FEWEST_CALLS - 1, -1):
        for named in (True, False) if calls <= USUAL_CALLS else (True,):
            for columns in (2, 1):
                yield _Choice(calls, columns, named)


class _Frame:
    """The fixed parts of a screen of some size: margins, header, footer and the middle between them."""

    def __init__(self, width: int, height: int, number_length: int) -> None:
        self.width, self.height = width, height
        self.number_length, self.row_width = number_length, row_width(number_length)
        self.unit = min(width, height) / 1080
        self.margin, self.gap = round(40 * self.unit), round(20 * self.unit)
        tall = height > width
        whole = Box(0, 0, width, height)
        self.header, below = whole.take_top(round((190 if tall else 132) * self.unit))
        self.middle, self.footer = below.take_bottom(round(84 * self.unit))
        self.middle = Box(
            self.margin, self.middle.y + self.gap, width - 2 * self.margin, self.middle.height - 2 * self.gap
        )
        self.tall = tall

    @property
    def comfortable_capital(self) -> int:
        """Height of capitals beyond which rows only look crowded."""
        return round(COMFORTABLE_CAPITAL * min(self.width, self.height))

    def best_choice(self, required: int) -> _Choice | None:
        """The best arrangement with capitals of this height: of equal worth is the one with larger capitals."""
        fitting = [one for one in _choices() if self.largest_capital(one) >= required]
        if not fitting:
            return None
        equal = [one for one in fitting if (one.calls, one.named) == (fitting[0].calls, fitting[0].named)]
        return max(equal, key=lambda one: min(self.largest_capital(one), self.comfortable_capital))

    def _main_and_panel(self, choice: _Choice) -> tuple[Box, Box]:
        if not choice.named:
            return self.middle.take_bottom(round(76 * self.unit), self.gap)
        if self.tall:
            return self.middle.take_bottom(round(self.middle.height * PANEL_SHARE), self.gap)
        return self.middle.take_right(round(self.middle.width * PANEL_SHARE), self.gap)

    def _lines_of_calls(self, choice: _Choice) -> int:
        return ceil(choice.calls / choice.columns)

    def largest_capital(self, choice: _Choice) -> int:
        """The highest capitals of a row for which everything of this arrangement has its place."""
        main, _ = self._main_and_panel(choice)
        lines = self._lines_of_calls(choice)
        column = (main.width - self.gap * (choice.columns - 1)) / choice.columns
        return int(
            min(
                column / self.row_width,
                main.width / (self.row_width * LATEST_LARGER),
                (main.height - self.gap * lines) / (LATEST_LARGER * LATEST_HEIGHT + ROW_HEIGHT * lines),
            )
        )

    def layout(self, choice: _Choice, capital: int, warnings: tuple[Warn, ...]) -> Layout:
        """The boxes of this arrangement with capitals of this height in its rows."""
        main, panel = self._main_and_panel(choice)
        lines = self._lines_of_calls(choice)
        rows_height = int(capital * ROW_HEIGHT) * lines + self.gap * (lines - 1)
        # What the width keeps the latest call from using is the rows' air.
        latest_most = round(main.width / self.row_width * LATEST_HEIGHT * 1.2)
        latest, below = main.take_top(min(main.height - rows_height - self.gap, latest_most), self.gap)
        columns = below.columns(*[1.0] * choice.columns, gap=self.gap)
        places = [box for column in columns for box in column.rows(lines, self.gap)][: choice.calls]
        return Layout(
            width=self.width,
            height=self.height,
            unit=self.unit,
            number_length=self.number_length,
            capital_px=capital,
            latest_capital_px=int(min(latest.height / LATEST_HEIGHT, latest.width / self.row_width)),
            header=self.header,
            latest=latest,
            calls=tuple(places),
            panel=panel,
            named=choice.named,
            footer=self.footer,
            warnings=warnings,
        )
