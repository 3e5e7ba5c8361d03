"""A keyboard on the glass, and the field that shows what was typed."""

from collections.abc import Iterator, Sequence

from dawr.boxes import Box
from dawr.text import isolate_name
from kiosk.measures import KEY_MM
from kiosk.pages.look import Look
from kiosk.scene import Card, Icon, Item, Target, mirrored
from kiosk.visit import Action, Erase, Type

_HIGHEST_KEY_MM = 19.0
SPACE, ERASE = " ", "⌫"

# As people know them from their phones; search takes ا for أ, إ and آ.
LETTERS: dict[str, tuple[str, ...]] = {
    "ar": ("ضصثقفغعهخحجد", "شسيبلاتنمكطذ", "ئءؤرىةوزظ"),
    "en": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
}
DIGITS = ("123", "456", "789", "/0-")


def keyboard_height(look: Look) -> int:
    """Height of the letters with the row of the space bar, in pixels."""
    rows = len(LETTERS[look.visit.language]) + 1
    return rows * _key_height(look) + (rows - 1) * look.measures.mm(1.5)


def keyboard(look: Look, box: Box) -> Iterator[Item]:
    """Letters, space bar and erase key."""
    return _as_built(look, box, _keyboard(look, box))


def keypad(look: Look, box: Box) -> Iterator[Item]:
    """Digits as on a telephone, and an erase key."""
    return _as_built(look, box, _keypad(look, box))


def _as_built(look: Look, box: Box, keys: Iterator[Item]) -> Iterator[Item]:
    """A keyboard is never mirrored: turned round within its box here, it comes out of the page's own turn as it is."""
    return mirrored(keys, box.x + box.right) if look.direction == "rtl" else keys


def _keyboard(look: Look, box: Box) -> Iterator[Item]:
    gap, high = look.measures.mm(1.5), _key_height(look)
    rows = LETTERS[look.visit.language]
    wide = (box.width + gap) // max(map(len, rows)) - gap
    for place, row in enumerate(rows):
        band = Box(box.x, box.y + place * (high + gap), box.width, high)
        yield from _row(look, band.middle(len(row) * (wide + gap) - gap, high), row, gap)
    last = Box(box.x, box.y + len(rows) * (high + gap), box.width, high)
    yield from _key(look, last.before(last.width // 4 + gap).after(last.width // 4 + gap), SPACE)
    yield from _key(look, last.end(last.width // 4), ERASE)


def _keypad(look: Look, box: Box) -> Iterator[Item]:
    gap = look.measures.mm(0.6 if look.measures.compact else 1.5)
    high = (box.height + gap) // (len(DIGITS) + 1) - gap
    for place, row in enumerate(DIGITS):
        band = Box(box.x, box.y + place * (high + gap), box.width, high)
        yield from _row(look, band, row, gap)
    yield from _key(look, Box(box.x, box.bottom - high, box.width, high), ERASE)


def field(look: Look, box: Box, typed: str, hint: str) -> Iterator[Item]:
    """What was typed, with a bar where the next letter comes; a hint while it is empty."""
    yield Card(box, look.theme.card, look.measures.radius, look.theme.tint_ink, max(2, look.measures.mm(0.6)))
    inner = box.inset(look.measures.mm(4), 0)
    size = 1.3 if typed else 1.0
    text, colour = (_end_of(look, typed, inner.width, size), look.theme.ink) if typed else (hint, look.theme.soft)
    lines = look.text(text, inner, size=size, colour=colour, weight="bold", most_lines=1, stand="middle")
    yield from lines
    start = inner.x + (look.width_of(text, lines[0].size_px / look.measures.text) if typed else 0)
    thick = max(2, look.measures.mm(0.6))
    bar = Box(min(start + thick, inner.right - thick), box.y + box.height // 5, thick, box.height * 3 // 5)
    yield Card(bar, look.theme.tint_ink)


def _end_of(look: Look, typed: str, room: int, size: float) -> str:
    """What was typed, or as much of its end as there is room for."""
    shown = isolate_name(typed)
    while typed and look.width_of(shown, size) > room - look.measures.mm(2):
        typed = typed[1:]
        shown = isolate_name(f"…{typed}")
    return shown


def _key_height(look: Look) -> int:
    highest = look.measures.mm(_HIGHEST_KEY_MM)
    room = look.measures.height // (16 if look.measures.upright or look.visit.comfort.low else 11)
    return max(look.measures.mm(KEY_MM), min(highest, room))


def _row(look: Look, band: Box, letters: Sequence[str], gap: int) -> Iterator[Item]:
    wide = (band.width + gap) // len(letters) - gap
    for place, letter in enumerate(letters):
        yield from _key(look, Box(band.x + place * (wide + gap), band.y, wide, band.height), letter)


def _key(look: Look, box: Box, letter: str) -> Iterator[Item]:
    yield Card(box, look.theme.card, look.measures.mm(2), look.theme.edge, 2)
    action: Action = Erase() if letter == ERASE else Type(letter)
    if letter == ERASE:
        side = min(box.height * 2 // 3, box.width)
        yield Icon("erase", box.middle(side, side), look.theme.ink)
    elif letter != SPACE:
        shown = look.words.number(letter).upper()
        yield from look.text(shown, box, size=1.05, weight="bold", align="centre", stand="middle", most_lines=1)
    yield Target(box, action, is_key=True)
