"""What the board looks like: which shape and which text stands where, for everything that it can show.

Pure: the same `Showing` always gives the same scene, and equal sections need not be painted again. Composed left to
right; for a centre that reads right to left the whole picture is mirrored at the end, the text in it is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil

from dawr.board import BoardCall, BoardWaiting
from dawr.boxes import Box
from dawr.settings.centre import Language
from dawr.text import Direction, Weight, direction_of, isolate, isolate_name, width, wrap
from dawr.words import Words
from display.admission import admission_card
from display.layout import ARROW_WIDTH, COUNTER_WIDTH, DIGIT_WIDTH, LETTER_WIDTH, Layout, size_for_capitals
from display.message_line import MESSAGE_WEIGHT
from display.shapes import (
    SMALLEST,
    Align,
    Arrow,
    Card,
    CrossedSpeaker,
    Item,
    Line,
    Pen,
    Section,
    Star,
    mirrored,
    written,
)
from display.showing import Admission, Showing, languages_of, message_box, message_size, words_of
from display.theme import Colour, Theme


def compose(showing: Showing, layout: Layout, theme: Theme) -> tuple[Section, ...]:
    """The scene of a board."""
    composer = _Composer(showing, layout, theme)
    sections = composer.sections()
    if direction_of(languages_of(showing.centre)[0]) == "ltr":
        return tuple(sections)
    return tuple(mirrored(one, layout.width) for one in sections)


@dataclass(frozen=True, slots=True)
class _Inks:
    number: Colour
    arrow: Colour
    counter: Colour


class _Composer:
    def __init__(self, showing: Showing, layout: Layout, theme: Theme) -> None:
        self.showing, self.layout, self.theme = showing, layout, theme
        self.px = layout.px
        self.words = words_of(showing.centre)
        self.waiting: Sequence[BoardWaiting] = showing.board.waiting if showing.board else ()
        self.calls: Sequence[BoardCall] = showing.board.calls if showing.board else ()

    @cached_property
    def main(self) -> Words:
        """The words of the centre's first language."""
        return self.words[0]

    def sections(self) -> Iterator[Section]:
        layout, theme = self.layout, self.theme
        yield Section("header", layout.header, theme.band, tuple(self._header()))
        yield from self._admission(self.showing.admission) if self.showing.admission else self._hall()
        footer = theme.stale if self.showing.alarm else theme.band
        yield Section("footer", layout.footer, footer, tuple(self._footer()))

    def _admission(self, admission: Admission) -> Iterator[Section]:
        """The code by which a manager admits this board, in place of all calls and lines."""
        header, footer = self.layout.header, self.layout.footer
        box = Box(0, header.bottom, self.layout.width, footer.y - header.bottom)
        items = admission_card(admission, self.words, box.inset(self.px(40), self.px(20)), self.px, self.theme)
        yield Section("admission", box, self.theme.ground, tuple(items))

    def _hall(self) -> Iterator[Section]:
        layout, theme = self.layout, self.theme
        yield Section("latest", layout.latest, theme.ground, tuple(self._latest()))
        for place, box in enumerate(layout.calls, 1):
            call = self.calls[place] if place < len(self.calls) else None
            yield Section(f"call {place}", box, theme.ground, tuple(self._call(box, call)))
        lines = self._panel() if layout.named else self._strip()
        yield Section("waiting", layout.panel, theme.ground, tuple(lines))

    # The header: who we are, what day and time it is.

    def _header(self) -> Iterator[Item]:
        box, rule = self.layout.header, self.px(6)
        yield Card(Box(box.x, box.bottom - rule, box.width, rule), self.theme.brass)
        inside = Box(box.x, box.y, box.width, box.height - rule).inset(self.px(40), self.px(10))
        tall = self.layout.height > self.layout.width
        if tall:
            inside, under = inside.take_top(round(inside.height * 0.62))
            names, clock = inside.columns(0.7, 0.3, gap=self.px(20))
            dates = under.columns(0.5, 0.5, gap=self.px(20))
        else:
            names, day, clock = inside.columns(0.6, 0.26, 0.14, gap=self.px(24))
            dates = day.inset(0, self.px(8)).rows(len(self.words))
        star, names = names.columns(self.px(76), names.width - self.px(76))
        mark = _centred(star, self.px(60), self.px(60))
        yield Star(replace(mark, x=star.x), self.theme.brass, self.theme.band)
        yield from self._names(names)
        yield from self._clock(clock)
        yield from self._dates(dates, ("start", "end") if tall else ("end", "end"))

    def _names(self, box: Box) -> Iterator[Item]:
        if not self.showing.centre:
            return
        names = self.showing.centre.centre.name
        pens = (Pen("bold", self.px(46), self.theme.band_ink), Pen("medium", self.px(28), self.theme.band_soft))
        yield from self._in_both_languages(names, pens, box, share=0.6)

    def _clock(self, box: Box) -> Iterator[Item]:
        at = self.showing.clock
        text = isolate(self.main.time(at) if at else "--:--")
        yield written(text, Pen("bold", self.px(72), self.theme.brass), "ltr", box, "end")

    def _dates(self, boxes: Sequence[Box], aligns: Sequence[Align]) -> Iterator[Item]:
        if not self.showing.clock:
            return
        colours = (self.theme.band_ink, self.theme.band_soft)
        for words, box, align, colour in zip(self.words, boxes, aligns, colours, strict=False):
            date = words.date(self.showing.clock.date())
            yield written(date, Pen("medium", self.px(28), colour), direction_of(words.language), box, align)

    # The calls: the latest one very large, the ones before it in rows.

    def _latest(self) -> Iterator[Item]:
        theme, box = self.theme, self.layout.latest
        lit = self.showing.lit and bool(self.calls)
        yield Card(box, theme.lit if lit else theme.latest, self.px(28))
        if not self.calls:
            yield from self._calm(box)
            return
        inks = _Inks(theme.latest_ink, theme.latest_soft, theme.latest_accent)
        if lit:
            inks = _Inks(theme.lit_ink, theme.lit_ink, theme.lit_ink)
        capital = self.layout.latest_capital_px
        label = Pen("medium", round(capital * 0.3), inks.arrow)
        inside = box.inset(round(capital * 0.32), round(capital * 0.2))
        labels, below = inside.take_top(round(label.size_px * 1.4), round(capital * 0.13))
        number, counter = labels.columns(1, 1)
        yield self._label("board.number", label, number, "start")
        yield self._label("board.counter", label, counter, "end")
        yield from self._number_to_counter(self.calls[0], below, capital, "black", inks)

    def _call(self, box: Box, call: BoardCall | None) -> Iterator[Item]:
        theme, capital = self.theme, self.layout.capital_px
        yield Card(box, theme.card if call else theme.empty, self.px(18))
        if not call:
            return
        if call.call in self.showing.fresh:
            edge = self.px(18)
            yield Card(Box(box.x, box.y + edge, self.px(10), box.height - 2 * edge), theme.brass)
        inks = _Inks(theme.ink, theme.soft, theme.accent)
        yield from self._number_to_counter(call, box.inset(round(capital * 0.35), 0), capital, "bold", inks)

    def _number_to_counter(
        self, call: BoardCall, box: Box, capital: int, weight: Weight, inks: _Inks
    ) -> Iterator[Item]:
        number_width = LETTER_WIDTH + DIGIT_WIDTH * (self.layout.number_length - 1)
        number, arrow, counter = box.columns(number_width, ARROW_WIDTH, COUNTER_WIDTH, gap=round(capital * 0.25))
        size, side = size_for_capitals(weight, capital), round(capital * 0.62)
        yield written(self._number(call.number), Pen(weight, size, inks.number), "ltr", number)
        yield Arrow(_centred(arrow, side, side), inks.arrow)
        yield written(self._number(call.counter), Pen(weight, size, inks.counter), "ltr", counter, "end")

    def _calm(self, box: Box) -> Iterator[Item]:
        """Nothing to show yet, and why; to whoever sets the board up also what does not fit on its screen."""
        box = box.inset(self.px(60), self.px(24))
        if not self.showing.board and self.layout.warnings:
            box, below = box.take_bottom(round(box.height * 0.22))
            yield from self._warnings(below)
        keys = ("nobody_called", "please_wait") if self.showing.board else ("no_connection", "starts_by_itself")
        big = min(self.px(78), round(box.height * 0.2))
        pens = (Pen("bold", big, self.theme.latest_ink), Pen("medium", round(big * 0.55), self.theme.latest_soft))
        lines = [
            (words, key, replace(pen, size_px=round(pen.size_px * (1 if words is self.main else 0.7))))
            for words in self.words
            for key, pen in zip(keys, pens, strict=True)
        ]
        heights = [round(pen.size_px * 1.75) for *_, pen in lines]
        top = box.y + (box.height - sum(heights)) // 2
        for (words, key, pen), height in zip(lines, heights, strict=True):
            row = Box(box.x, top, box.width, height)
            yield written(words(f"board.{key}"), pen, direction_of(words.language), row, "centre")
            top += height

    def _warnings(self, box: Box) -> Iterator[Item]:
        pen = Pen("medium", self.px(24), self.theme.latest_soft)
        for warn, row in zip(self.layout.warnings, box.rows(len(self.layout.warnings)), strict=True):
            sentence = self.main(f"board.{warn.key}", **dict(warn.values))
            yield written(sentence, pen, direction_of(self.main.language), row, "centre")

    # Who waits: every line with its letter and its people.

    def _panel(self) -> Iterator[Item]:
        box, theme = self.layout.panel, self.theme
        yield Card(box, theme.card, self.px(28))
        heading, lines = box.inset(self.px(24), self.px(20)).take_top(self.px(58), self.px(6))
        yield self._label("board.waiting", Pen("bold", self.px(34), theme.accent), heading, "start")
        columns = lines.columns(1, 1, gap=self.px(40)) if lines.width > lines.height else [lines]
        per_column = max(1, ceil(len(self.waiting) / len(columns)))
        height = min(lines.height // per_column, self.px(124))
        for place, line in enumerate(self.waiting):
            column, row = divmod(place, per_column)
            at = columns[column]
            yield from self._line(line, Box(at.x, at.y + row * height, at.width, height))

    def _line(self, line: BoardWaiting, box: Box) -> Iterator[Item]:
        side = min(round(box.height * 0.78), self.px(76))
        chip, names, count = box.columns(side, box.width - side - self.px(100), self.px(84), gap=self.px(8))
        yield from self._chip(line.letter, _centred(chip, side, side))
        yield self._count(line.waiting, count, min(self.px(54), round(box.height * 0.6)), "end")
        known = self.showing.centre.line if self.showing.centre else {}
        if line.line in known:
            size = min(self.px(38), round(box.height * 0.35))
            pens = (Pen("medium", size, self.theme.ink), Pen("regular", round(size * 0.68), self.theme.soft))
            names = names.inset(self.px(8), round(names.height * 0.08))
            yield from self._in_both_languages(known[line.line].name, pens, names, share=0.58)

    def _strip(self) -> Iterator[Item]:
        box = self.layout.panel
        yield Card(box, self.theme.card, self.px(18))
        if not self.waiting:
            return
        places = box.inset(self.px(16), 0).columns(*[1.0] * len(self.waiting), gap=self.px(12))
        for line, place in zip(self.waiting, places, strict=True):
            side = min(round(place.height * 0.72), place.width // 2)
            chip, count = place.columns(side, place.width - side)
            yield from self._chip(line.letter, _centred(chip, side, side))
            yield self._count(line.waiting, count.inset(self.px(4), 0), round(place.height * 0.6), "start")

    def _chip(self, letter: str, box: Box) -> Iterator[Item]:
        yield Card(box, self.theme.chip, box.height // 4)
        pen = Pen("bold", round(box.height * 0.72), self.theme.chip_ink)
        yield written(letter, pen, "ltr", box, "centre")

    def _count(self, waiting: int, box: Box, size: int, align: Align) -> Item:
        pen = Pen("bold", size, self.theme.ink if waiting else self.theme.soft)
        return written(self._number(waiting), pen, "ltr", box, align)

    # The footer: the centre's message, or that the server is silent.

    def _footer(self) -> Iterator[Item]:
        theme, shown, alarm = self.theme, self.showing.message, self.showing.alarm
        if self.showing.mute:
            yield self._crossed_speaker(theme.stale_ink if alarm else theme.band_soft)
        pen = Pen(MESSAGE_WEIGHT, message_size(self.layout), theme.stale_ink if alarm else theme.band_ink)
        aligns: tuple[Align, ...] = ("start", "end") if len(shown.texts) > 1 else ("centre",)
        for (text, direction), align in zip(shown.texts, aligns, strict=False):
            moved = shown.shift_px if shown.moving else None
            box = message_box(self.layout)
            yield Line(text, pen.weight, pen.size_px, direction, pen.colour, box, align, moved)

    def _crossed_speaker(self, colour: Colour) -> Item:
        footer = self.layout.footer
        end = Box(footer.right - self.px(48), footer.y, self.px(48), footer.height)
        return CrossedSpeaker(_centred(end, self.px(30), self.px(30)), colour)

    def _label(self, key: str, pen: Pen, box: Box, align: Align) -> Line:
        """A word in the main language, then in the second."""
        text = "  ".join(isolate_name(words(key)) for words in self.words)
        return written(text, pen, direction_of(self.main.language), box, align)

    def _in_both_languages(
        self, texts: Mapping[Language, str], pens: tuple[Pen, Pen], box: Box, share: float
    ) -> Iterator[Line]:
        """The main language above, the second under it; alone, the main one has the whole box."""
        boxes = box.take_top(round(box.height * share)) if len(self.words) > 1 else (box,)
        for words, pen, part in zip(self.words, pens, boxes, strict=False):
            text = words.of({str(language): text for language, text in texts.items()})
            yield from self._name(text, pen, direction_of(words.language), part)

    def _name(self, text: str, pen: Pen, direction: Direction, box: Box) -> Iterator[Line]:
        """On one line, or on two where the box is high enough for them."""
        smaller = replace(pen, size_px=round(pen.size_px * SMALLEST))
        if box.height < 2.6 * smaller.size_px or width(text, pen.weight, pen.size_px, direction) <= box.width:
            yield written(text, pen, direction, box)
            return
        first, *rest = wrap(text, smaller.weight, smaller.size_px, direction, box.width)
        for part, row in zip((first, " ".join(rest)), box.rows(2), strict=True):
            yield written(part, smaller, direction, row)

    def _number(self, number: object) -> str:
        return isolate(self.main.number(number))


def _centred(box: Box, width_px: int, height_px: int) -> Box:
    return Box(box.x + (box.width - width_px) // 2, box.y + (box.height - height_px) // 2, width_px, height_px)
