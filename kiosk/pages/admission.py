"""The page of a kiosk that no manager has admitted: to citizens that it gives no tickets, to staff the code."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from dawr.boxes import Box
from dawr.text import Weight, direction_of, fit, isolate
from dawr.words import Words
from kiosk.pages.look import NOTE, Look
from kiosk.scene import LINE_PITCH, SMALLEST_OF_TEXT, Card, Item, Line, height_of
from kiosk.theme import Colour


def admission(look: Look) -> list[Item]:
    """Both in each language at once: whoever stands there cannot be asked for theirs, and nothing is to be touched."""
    inner = look.glass.inset(look.margin)
    citizens, staff = inner.take_top(inner.height * 34 // 100, look.measures.gap)
    return [Card(look.glass, look.theme.ground), *_for_citizens(look, citizens), *_for_staff(look, staff)]


def _for_citizens(look: Look, box: Box) -> Iterator[Item]:
    ink = look.theme.warn_ink
    yield Card(box, look.theme.warn, look.measures.radius)
    for words, part in _parts(look, box.inset(look.measures.gap)):
        title = _said(look, words, "kiosk_closed", part.top(part.height * 3 // 5), 1.6, ink, weight="black")
        note = _said(look, words, "ask_staff", part.below(height_of(title)), 1.1, ink)
        down = max(0, part.height - height_of(title) - height_of(note)) // 2
        yield from (replace(line, box=replace(line.box, y=line.box.y + down)) for line in (*title, *note))


def _for_staff(look: Look, box: Box) -> Iterator[Item]:
    """For which kiosk the code is, the code as large as there is room for, and what to do with it."""
    code, measures, theme, languages = look.around.admission, look.measures, look.theme, look.around.languages
    assert code
    yield Card(box, theme.card, measures.radius, theme.brass, measures.mm(1.2))
    inner = box.inset(measures.mm(3 if measures.compact else 6), measures.mm(2 if measures.compact else 5))
    heads, rest = inner.take_top(look.pitch(NOTE))
    for language, part in zip(languages, heads.columns(*[1.0] * len(languages), gap=measures.gap), strict=True):
        words = Words(language, look.around.digits)
        yield from _said(look, words, "kiosk", part, NOTE, theme.soft, weight="bold", most_lines=1)
    room, rest = rest.take_top(rest.height * 52 // 100)
    yield _across(code.grouped, room, "black", round(room.height / LINE_PITCH), look)
    room, rest = rest.take_top(look.pitch(1.1))
    yield _across(code.page, room, "bold", round(measures.text * 1.1), look)
    for words, part in _parts(look, rest):
        yield from _said(look, words, "what_to_do", part, 1.0, theme.ink, stand="middle")


def _across(text: str, box: Box, weight: Weight, size_px: int, look: Look) -> Line:
    """What is read from left to right in every language, in one line."""
    smallest = round(look.measures.text * SMALLEST_OF_TEXT)
    size = fit(isolate(text), weight, size_px, "ltr", box.width, smallest)
    return Line(isolate(text), box, weight, size, "ltr", look.theme.tint_ink, "centre")


def _said(
    look: Look,
    words: Words,
    key: str,
    box: Box,
    size: float,
    colour: Colour,
    *,
    weight: Weight = "medium",
    most_lines: int = 3,
    stand: Literal["top", "middle"] = "top",
) -> list[Line]:
    return look.text(
        words(f"admission.{key}", id=look.around.kiosk),
        box,
        size=size,
        colour=colour,
        weight=weight,
        align="centre",
        most_lines=most_lines,
        stand=stand,
        direction=direction_of(words.language),
    )


def _parts(look: Look, box: Box) -> Iterator[tuple[Words, Box]]:
    """A part of the box for each language: one under the other on a screen that is higher than wide."""
    languages = look.around.languages
    gap = look.measures.gap
    upright = look.measures.upright
    parts = box.rows(len(languages), gap) if upright else box.columns(*[1.0] * len(languages), gap=gap)
    return ((Words(one, look.around.digits), part) for one, part in zip(languages, parts, strict=True))
