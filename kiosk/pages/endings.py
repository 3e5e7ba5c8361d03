"""How a visit ends: printing, the number, a list of papers, or a refusal. And the question whether anyone is there."""

from collections.abc import Iterator
from dataclasses import replace

from dawr.boxes import Box
from dawr.offers import Offers, sentence
from dawr.text import Weight, isolate
from kiosk.issue import Refusal, Took
from kiosk.pages.frame import framed
from kiosk.pages.look import TITLE, Look
from kiosk.scene import Card, Icon, Item, Line, Target, Veil, height_of
from kiosk.theme import Colour
from kiosk.visit import Home, PrintCopy, Stay, can_copy


def printing(look: Look) -> list[Item]:
    """A slip is coming."""
    items, box = framed(look, "", bar=False)
    said = look.words("kiosk.printing_papers" if look.visit.printing_papers else "kiosk.printing")
    items += _notice(look, box, "printer", said, look.words("kiosk.one_moment"))
    return items


def ticket(look: Look, offers: Offers | None) -> list[Item]:
    """The number, as large as it goes, and what to do now."""
    took = look.visit.result
    assert isinstance(took, Took)
    items, box = framed(look, "", bar=False)
    gap = look.measures.gap
    name = look.words.of(offers.service(took.service).service.name) if offers else ""
    if box.height > box.width * 0.7:
        half = box.height // 2
        items += _number(look, box.top(half), took.number, name)
        items += _what_to_do(look, box.below(half + gap).above(_done_height(look, box) + gap), took)
        items += _done(look, box)
        return items
    half = (box.width - gap) // 2
    items += _number(look, box.left(half), took.number, name)
    items += _what_to_do(look, box.end(half).above(_done_height(look, box) + gap), took)
    items += _done(look, box.end(half))
    return items


def papers(look: Look) -> list[Item]:
    """The list of papers is there."""
    items, box = framed(look, "", bar=False)
    items += _notice(look, box, "check", look.words("kiosk.take_papers"), look.words("kiosk.papers_note"))
    return items


def refused(look: Look) -> list[Item]:
    """No ticket, and why."""
    refusal = look.visit.result
    assert isinstance(refusal, Refusal)
    items, box = framed(look, "", bar=False)
    items += _done(look, box)
    why = sentence(look.words, refusal.key, refusal.facts, refusal.reason)
    items += _notice(
        look, box.above(_done_height(look, box) + look.measures.gap), "warning", look.words("kiosk.sorry"), why
    )
    return items


def still_here(look: Look, seconds: int) -> Iterator[Item]:
    """The warning before the page goes back to the first one: any touch keeps it."""
    measures = look.measures
    yield Veil(look.glass)
    wide = min(look.glass.width - 2 * look.margin, measures.mm(220))
    high = min(look.pitch(TITLE) + 4 * look.pitch() + measures.tile, look.glass.height - 2 * look.margin)
    low = look.glass.base(look.glass.height // 2) if look.visit.comfort.low else look.glass
    box = low.middle(wide, high)
    yield Card(box, look.theme.card, measures.radius, look.theme.brass, measures.mm(1.2))
    inner = box.inset(measures.mm(6), measures.mm(4))
    title = look.text(look.words("kiosk.still_here"), inner, size=TITLE, weight="black", align="centre", most_lines=1)
    yield from title
    rest = inner.below(height_of(title))
    note = look.words("kiosk.still_here_note", count=seconds)
    yield from look.text(note, rest, align="centre", colour=look.theme.soft, most_lines=2)
    yield from look.button(inner.base(measures.tile), Stay(), look.words("kiosk.go_on"), kind="main")
    yield Target(look.glass, Stay())


def _done_height(look: Look, box: Box) -> int:
    return max(look.measures.tile, min(look.measures.mm(26), box.height // 6))


def _done(look: Look, box: Box) -> Iterator[Item]:
    """The button that ends the visit; before it, where one may be asked for, the one for a copy."""
    high = _done_height(look, box)
    place = box.base(high)
    if can_copy(look.visit, look.around):
        half = (box.width - look.measures.gap) // 2
        yield from look.button(place.left(half), PrintCopy(), look.words("kiosk.copy"), icon="printer", kind="main")
        yield from look.button(place.end(half), Home(), look.words("kiosk.done"), icon="check")
        return
    place = place.middle(min(box.width, look.measures.mm(120)), high)
    yield from look.button(place, Home(), look.words("kiosk.done"), icon="check", kind="main", size=1.1)


def _number(look: Look, box: Box, number: str, name: str) -> Iterator[Item]:
    measures, theme = look.measures, look.theme
    yield Card(box, theme.card, measures.radius, theme.brass, measures.mm(1.2))
    inner = box.inset(measures.mm(4), measures.mm(2 if measures.compact else 4))
    share = inner.height // 4
    said = look.text(
        look.words("kiosk.your_number"),
        inner.top(share),
        size=1.2,
        colour=theme.soft,
        weight="bold",
        align="centre",
        most_lines=1,
    )
    yield from said
    below = look.text(name, inner.base(share), size=1.1, weight="bold", align="centre", most_lines=2, stand="middle")
    yield from below
    room = inner.below(height_of(said)).above(height_of(below))
    size = min(room.height / 1.5, room.width / 2.6) / measures.text
    yield from look.text(
        isolate(look.words.number(number)),
        room,
        size=size,
        colour=theme.tint_ink,
        weight="black",
        align="centre",
        stand="middle",
        most_lines=1,
        direction="ltr",
    )


def _what_to_do(look: Look, box: Box, took: Took) -> Iterator[Item]:
    if took.in_doubt:
        yield Card(box, look.theme.warn, look.measures.radius)
        inner = box.inset(look.measures.mm(6), look.measures.mm(3))
        yield from _said(
            look, inner, "warning", look.words("kiosk.in_doubt"), look.words("kiosk.in_doubt_note"), look.theme.warn_ink
        )
        return
    yield look.card(box)
    inner = box.inset(look.measures.mm(5), look.measures.mm(2))
    half = inner.height // 2
    for place, icon, key in ((inner.top(half), "ticket", "take_slip"), (inner.below(half), "board", "watch_board")):
        side = min(place.height * 2 // 3, place.width // 5, look.measures.mm(28))
        field = Box(place.x, place.y + (place.height - side) // 2, side, side)
        yield Card(field, look.theme.tint, side // 4)
        yield Icon(icon, field.inset(side // 6), look.theme.tint_ink)
        words = place.after(side + look.measures.mm(5))
        yield from look.text(look.words(f"kiosk.{key}"), words, size=1.15, weight="bold", stand="middle", most_lines=4)


def _notice(look: Look, box: Box, icon: str, title: str, note: str) -> Iterator[Item]:
    yield look.card(box)
    yield from _said(look, box.inset(look.measures.mm(6)), icon, title, note, look.theme.ink)


def _said(look: Look, box: Box, icon: str, title: str, note: str, colour: Colour) -> Iterator[Item]:
    """An icon over a sentence and what follows from it, all in the middle. The icon goes where there is no room."""
    gap = look.measures.gap
    side = min(box.height // 3, look.measures.mm(54))
    if box.height < 7 * look.pitch():
        side = gap = 0

    def said(text: str, room: Box, size: float, weight: Weight) -> list[Line]:
        return look.text(text, room, size=size, colour=colour, weight=weight, align="centre", most_lines=5)

    room = box.below(side + gap)
    lines = said(title, room.top(room.height * 2 // 5), 1.5, "black")
    under = said(note, room.below(height_of(lines)), 1.1, "medium")
    down = max(0, room.height - height_of(lines) - height_of(under)) // 2
    if side:
        yield Icon(icon, Box(box.x + (box.width - side) // 2, box.y + down, side, side), colour)
    for line in (*lines, *under):
        yield replace(line, box=replace(line.box, y=line.box.y + down))
