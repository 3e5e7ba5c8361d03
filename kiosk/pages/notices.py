"""What everyone reads while no ticket can be had: starting, out of order, closed. Nothing on them takes a ticket."""

from collections.abc import Iterator, Mapping

from babel import Locale

from dawr.boxes import Box
from dawr.offers import Offers
from dawr.offers import sentence as told
from dawr.settings.centre import WEEKDAYS, Centre
from dawr.text import Weight, direction_of, isolate
from dawr.words import Words
from kiosk.issue import Refusal
from kiosk.pages.frame import framed
from kiosk.pages.look import NOTE, Look
from kiosk.pages.staff import sentence
from kiosk.scene import Card, Icon, Item, Line, height_of
from kiosk.theme import Colour


def starting(look: Look) -> list[Item]:
    """The kiosk has no settings to offer anything from yet."""
    return [
        Card(look.glass, look.theme.band),
        *_in_every_language(
            look,
            look.glass.inset(look.margin),
            "star",
            "kiosk.starting",
            "kiosk.starting_note",
            {},
            look.theme.band_ink,
        ),
    ]


def fault(look: Look, fault: Refusal) -> list[Item]:
    """What is wrong and whom to tell, in every language at once."""
    items: list[Item] = [Card(look.glass, look.theme.warn)]
    inner = look.glass.inset(look.margin)
    high = len(look.around.languages) * look.pitch(NOTE) * (1 if look.measures.compact else 2)
    items += _in_every_language(
        look, inner.above(high), "warning", "kiosk.out_of_order", fault.key, fault.facts, look.theme.warn_ink
    )
    items += _for_staff(look, inner.base(high))
    return items


def _for_staff(look: Look, box: Box) -> Iterator[Item]:
    """What staff have to do, small, in each language; what else there is stands on their own page."""
    languages = look.around.languages
    for language, note in ((one, note) for note in look.around.notes[:1] for one in languages):
        place, words = languages.index(language), Words(language, look.around.digits)
        high = box.height // len(languages)
        yield from look.text(
            f"{words('staff.title')}: {sentence(words, note)}",
            Box(box.x, box.y + place * high, box.width, high),
            size=NOTE,
            colour=look.theme.warn_ink,
            align="centre",
            stand="middle",
            direction=direction_of(language),
            most_lines=3,
        )


def closed(look: Look, offers: Offers) -> list[Item]:
    """Why there are no tickets now, and when there will be."""
    items, box = framed(look, look.words("kiosk.closed_now"))
    because = offers.closed_because
    why = told(look.words, because.why or "closed.over", because.facts, because.reason)
    measures = look.measures
    if box.height > box.width * 0.8:
        high = min(box.height // 3, 4 * look.pitch(1.2) + measures.mm(8))
        top, rest = box.top(high), box.below(high + measures.gap)
    else:
        wide = box.width * 2 // 5
        top, rest = box.left(wide), box.after(wide + measures.gap)
    items.append(Card(top, look.theme.warn, measures.radius))
    inner = top.inset(measures.mm(5), measures.mm(3))
    items += look.text(
        why, inner, size=1.2, colour=look.theme.warn_ink, weight="bold", align="centre", stand="middle", most_lines=6
    )
    if look.around.centre:
        items += _hours(look, rest, look.around.centre)
    return items


def _hours(look: Look, box: Box, centre: Centre) -> Iterator[Item]:
    rows = len(WEEKDAYS) + 1
    pad = look.measures.mm(2 if look.measures.compact else 5)
    pitch = min(round(look.pitch() * 1.35), (box.height - 2 * pad) // rows)
    box = box.top(pitch * rows + 2 * pad)
    yield look.card(box)
    inner = box.inset(2 * pad, pad)
    size = min(1.0, pitch / look.pitch())
    yield from look.text(
        look.words("kiosk.hours"), inner.top(pitch), size=size, weight="bold", stand="middle", most_lines=1
    )
    names = Locale.parse(look.visit.language).days["stand-alone"]["wide"]
    # The week begins on Sunday, as office weeks do here.
    for place, index in enumerate((6, 0, 1, 2, 3, 4, 5), 1):
        band = Box(inner.x, inner.y + place * pitch, inner.width, pitch)
        spans = getattr(centre.hours, WEEKDAYS[index])
        text = " · ".join(isolate(look.words.number(f"{one.opens:%H:%M} – {one.closes_at}")) for one in spans)
        ink: Colour = look.theme.ink if spans else look.theme.soft
        yield from look.text(
            names[index], band.left(inner.width * 2 // 5), size=size, colour=ink, stand="middle", most_lines=1
        )
        yield from look.text(
            text or look.words("kiosk.closed_day"),
            band.after(inner.width * 2 // 5),
            size=size,
            colour=ink,
            weight="bold",
            align="right",
            stand="middle",
            most_lines=1,
        )


def _in_every_language(
    look: Look, box: Box, icon: str, title: str, note: str, facts: Mapping[str, str], colour: Colour
) -> Iterator[Item]:
    """The same in each language of the centre, one under the other or side by side."""
    side = min(box.height // 4, look.measures.mm(60))
    languages = look.around.languages
    if look.measures.upright:
        top = box.y + (box.height // 2 - side) // 2
        parts = [box.below(box.height // 2).top(box.height // 4), box.base(box.height // 4)]
    else:
        top = box.y + box.height // 10
        rest = box.below(box.height // 10 + side + look.measures.gap)
        wide = rest.width // len(languages)
        # The page is turned round when its language is Arabic: the first one stands where reading begins.
        parts = [Box(rest.x + place * wide, rest.y, wide, rest.height) for place in range(len(languages))]
    yield Icon(icon, Box(box.x + (box.width - side) // 2, top, side, side), colour)
    for language, part in zip(languages, parts, strict=False):
        inner = part.inset(look.measures.gap)
        yield from _in_one(look, inner, Words(language, look.around.digits), title, note, facts, colour)


def _in_one(
    look: Look, box: Box, words: Words, title: str, note: str, facts: Mapping[str, str], colour: Colour
) -> Iterator[Item]:
    direction = direction_of(words.language)

    def said(text: str, room: Box, size: float, weight: Weight) -> list[Line]:
        return look.text(
            text, room, size=size, colour=colour, weight=weight, align="centre", direction=direction, most_lines=4
        )

    lines = said(words(title), box.top(box.height * 3 // 5), 1.5, "black")
    yield from lines
    yield from said(words(note, **facts), box.below(height_of(lines) + look.measures.mm(2)), 1.15, "medium")
