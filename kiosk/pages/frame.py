"""What stands around every page: the centre's name, the title, and the bar with back, language and comfort.

On a small screen all of it is one bar.
"""

from collections.abc import Iterator

from dawr.boxes import Box
from dawr.text import isolate
from dawr.words import Words
from kiosk.pages.look import NOTE, TITLE, Look
from kiosk.scene import Card, Icon, Item, Line, Target, height_of
from kiosk.visit import Back, Home, Open, Page, Speak


def framed(look: Look, title: str, note: str = "", *, bar: bool = True, depth: int = 0) -> tuple[list[Item], Box]:
    """The frame with a title, and the box that is left for the page. `depth`: pages to go back; `bar`: with buttons."""
    if look.measures.compact:
        return _one_bar(look, title, bar, depth)
    header = _header_height(look)
    items = [*_header(look, look.glass.top(header))]
    rest = look.glass.below(header)
    if bar:
        footer = look.measures.tile + 2 * look.measures.gap
        items += _footer(look, rest.base(footer), depth)
        rest = rest.above(footer)
    inner = rest.inset(look.margin, look.measures.gap)
    if not title:
        return items, inner
    heading = [*_heading(look, inner, title, note)]
    return items + heading, inner.below(
        height_of([one for one in heading if isinstance(one, Line)]) + look.measures.gap
    )


def other_language(look: Look) -> Speak | None:
    """What the language button does; None in a centre with one language."""
    others = [one for one in look.around.languages if one != look.visit.language]
    return Speak(others[0]) if others else None


def _header_height(look: Look) -> int:
    if look.visit.comfort.low:
        return look.measures.height // 2
    return look.measures.mm(32 if look.measures.upright else 21)


def _header(look: Look, band: Box) -> Iterator[Item]:
    theme, measures = look.theme, look.measures
    yield Card(look.glass, theme.ground)
    yield Card(band, theme.band)
    yield Card(band.base(max(2, measures.mm(0.9))), theme.brass)
    name = look.words.of(look.around.centre.centre.name) if look.around.centre else "Dawr"
    if look.visit.comfort.low:
        side = min(band.height // 3, measures.mm(60))
        emblem = band.middle(side, side)
        yield Icon("star", Box(emblem.x, emblem.y - side // 3, side, side), theme.brass)
        under = band.base(band.height // 3).inset(look.margin, 0)
        yield from look.text(name, under, size=1.2, colour=theme.band_ink, weight="bold", align="centre", most_lines=2)
        corner = band.top(measures.mm(18)).inset(look.margin, 0)
    else:
        side = round(band.height * 0.56)
        yield Icon("star", Box(look.margin, band.y + (band.height - side) // 2, side, side), theme.brass)
        corner = band.inset(look.margin, 0).after(side + measures.mm(5))
        room = corner.before(_corner_width(look))
        yield from look.text(name, room, size=1.05, colour=theme.band_ink, weight="bold", most_lines=2, stand="middle")
    yield from _corner(look, corner)


def _corner_width(look: Look) -> int:
    clock = look.width_of(look.around.clock, 1.2) if look.around.clock else 0
    return clock + len(look.around.staff_marks) * look.measures.mm(10) + look.measures.mm(6)


def _corner(look: Look, box: Box) -> Iterator[Item]:
    """The time of day, and the marks that staff understand."""
    clock = look.around.clock
    yield from look.text(
        isolate(clock), box, size=1.2, colour=look.theme.band_ink, weight="bold", align="right", stand="middle"
    )
    side = look.measures.mm(7)
    right = box.right - (look.width_of(clock, 1.2) if clock else 0) - look.measures.mm(4)
    yield from _marks(look, box, right, side)
    if _opens_notes(look) and not look.visit.comfort.low:
        wide = max(look.measures.tile, box.right - right + len(look.around.staff_marks) * look.measures.mm(10))
        yield Target(box.end(wide), Open(Page.STAFF))


def _opens_notes(look: Look) -> bool:
    """Whether a touch of the marks shows what they mean: where a visit begins, so that it disturbs nobody."""
    return bool(look.around.notes) and look.visit.page is Page.CATEGORIES


def _marks(look: Look, box: Box, right: int, side: int) -> Iterator[Item]:
    for place, mark in enumerate(look.around.staff_marks):
        left = right - (place + 1) * side - place * look.measures.mm(2)
        yield Icon(mark, Box(left, box.y + (box.height - side) // 2, side, side), look.theme.brass)


def _heading(look: Look, box: Box, title: str, note: str) -> Iterator[Item]:
    lines = look.text(title, box, size=TITLE, weight="black", most_lines=2)
    yield from lines
    if note:
        yield from look.text(note, box.below(height_of(lines)), size=NOTE, colour=look.theme.soft, most_lines=1)


def _footer(look: Look, band: Box, depth: int) -> Iterator[Item]:
    inner = band.inset(look.margin, look.measures.gap)
    if depth:
        text = look.words("kiosk.back")
        box = inner.left(look.button_width(text))
        yield from look.button(box, Back(), text, icon="back")
        inner = inner.after(box.width + look.measures.gap)
    if depth > 1:
        text = look.words("kiosk.home")
        if look.button_width(text) < inner.width // 3:
            yield from look.button(inner.left(look.button_width(text)), Home(), text)
    if look.visit.page is not Page.COMFORT:
        text = look.words("kiosk.comfort")
        # Beside "back" and the language there is not always room for the words.
        named = not depth and not look.measures.large
        box = inner.end(look.button_width(text) if named else look.measures.tile)
        yield from _sign(look, box, Open(Page.COMFORT), "comfort", text if named else "")
        inner = inner.before(box.width + look.measures.gap)
    yield from _language(look, inner)


def _language(look: Look, inner: Box) -> Iterator[Item]:
    speak = other_language(look)
    if speak:
        name = Words(speak.language)("languages.name")
        yield from look.button(inner.end(look.button_width(name)), speak, name, icon="language")


def _sign(look: Look, box: Box, action: Open, icon: str, text: str) -> Iterator[Item]:
    if text:
        yield from look.button(box, action, text, icon=icon)
        return
    side = round(box.height * 0.56)
    yield look.card(box)
    yield Icon(icon, box.middle(side, side), look.theme.ink)
    yield Target(box, action)


def _one_bar(look: Look, title: str, bar: bool, depth: int) -> tuple[list[Item], Box]:
    measures, theme = look.measures, look.theme
    name = look.words.of(look.around.centre.centre.name) if look.around.centre else ""
    band = look.glass.top(measures.tile + 2 * measures.mm(1.5))
    items: list[Item] = [Card(look.glass, theme.ground), Card(band, theme.band)]
    items.append(Card(band.base(max(2, measures.mm(0.5))), theme.brass))
    inner = band.inset(look.margin, measures.mm(1.5))
    if bar and depth:
        box = inner.left(measures.tile)
        side = round(box.height * 0.45)
        items += [look.card(box), Icon("back", box.middle(side, side), theme.ink), Target(box, Back())]
        inner = inner.after(box.width + measures.gap)
    elif not depth:
        side = round(inner.height * 0.6)
        items.append(Icon("star", Box(inner.x, inner.y + (inner.height - side) // 2, side, side), theme.brass))
        inner = inner.after(side + measures.gap)
    if bar and look.visit.page is not Page.COMFORT:
        items += _sign(look, inner.end(measures.tile), Open(Page.COMFORT), "comfort", "")
        inner = inner.before(measures.tile + measures.gap)
    speak = other_language(look)
    if bar and speak:
        spoken = Words(speak.language)("languages.name")
        box = inner.end(max(measures.tile, look.width_of(spoken, 0.9) + 2 * measures.mm(3)))
        items += look.button(box, speak, spoken, size=0.9)
        inner = inner.before(box.width + measures.gap)
    marks = len(look.around.staff_marks) * measures.mm(7)
    items += _marks(look, inner, inner.right, measures.mm(5))
    if _opens_notes(look):
        items.append(Target(inner.end(max(measures.tile, marks)), Open(Page.STAFF)))
    items += look.text(
        title or name, inner.before(marks), size=1.1, colour=theme.band_ink, weight="bold", most_lines=3, stand="middle"
    )
    return items, look.glass.below(band.height).inset(look.margin, measures.gap)
