"""The pages of one service: what to know before, who the ticket is for, and the transaction number."""

from collections.abc import Iterator

from dawr.boxes import Box
from dawr.offers import Offers, ServiceOffer, fee_texts
from dawr.settings.centre import VisitorClass
from kiosk.pages.choosing import closed_note
from kiosk.pages.frame import framed
from kiosk.pages.keyboard import field, keypad
from kiosk.pages.lists import listed
from kiosk.pages.look import LABEL, NOTE, Look
from kiosk.scene import Card, Icon, Item, Line, height_of
from kiosk.visit import ChooseClass, Open, Page, PrintPapers, TakeTicket

VALUE = 0.98

Fact = tuple[str, str, str]


def service(look: Look, offers: Offers) -> list[Item]:
    """What to know before taking a ticket, and the button that takes it."""
    one = offers.service(look.visit.service or "")
    items, box = framed(look, look.words.of(one.service.name), depth=2)
    if box.height > box.width * 0.8:
        items += _upright(look, box, one)
    else:
        items += _side_by_side(look, box, one)
    return items


def classes(look: Look, _offers: Offers) -> list[Item]:
    """Who the ticket is for."""
    items, box = framed(look, look.words("kiosk.who"), depth=3)
    centre = look.around.centre
    choices: list[VisitorClass | None] = [None, *(centre.classes if centre else ())]

    def tile(place: Box, one: VisitorClass | None) -> Iterator[Item]:
        chosen = look.visit.visitor_class == (one.id if one else None)
        return look.tile(
            place,
            ChooseClass(one.id if one else None),
            _class_name(look, one),
            _class_note(look, one),
            icon="check" if chosen else "person" if one is None else "heart",
            kind="chosen" if chosen else "plain",
            size=0.95,
        )

    measures, text = look.measures, look.measures.text
    items += listed(
        look,
        box,
        choices,
        tile,
        least_width=round(text * (12 if measures.compact else 15)),
        least_height=measures.tile if measures.compact else round(text * (1 + 3 * NOTE) * 1.5),
        highest=measures.mm(46),
    )
    return items


def reference(look: Look, _offers: Offers) -> list[Item]:
    """Typing a transaction number."""
    items, box = framed(look, look.words("kiosk.reference"), depth=3)
    gap, measures = look.measures.gap, look.measures
    high = max(measures.tile, look.pitch(1.6))
    if box.height > box.width * 0.8:
        items += field(look, box.top(high), look.visit.typed, look.words("kiosk.reference_hint"))
        items += _reference_buttons(look, box.base(measures.mm(26)), sideways=True)
        pad = box.below(high + gap).above(measures.mm(26) + gap)
        items += keypad(look, pad.middle(min(pad.width, measures.mm(150)), min(pad.height, measures.mm(160))))
        return items
    half = (box.width - gap) // 2
    items += field(look, box.left(half).top(high), look.visit.typed, look.words("kiosk.reference_hint"))
    items += _reference_buttons(look, box.left(half).below(high + gap), sideways=False)
    items += keypad(look, box.end(half))
    return items


def _reference_buttons(look: Look, box: Box, *, sideways: bool) -> Iterator[Item]:
    gap = look.measures.gap
    if sideways:
        without, take = box.left(box.width * 2 // 5 - gap), box.end(box.width * 3 // 5)
    else:
        half = min((box.height - gap) // 2, look.measures.mm(30))
        take, without = box.base(half), box.above(half + gap).base(half)
    yield from look.button(without, TakeTicket(anyway=True), look.words("kiosk.no_reference"), size=0.95)
    if look.visit.typed:
        yield from look.button(
            take, TakeTicket(), look.words("kiosk.take_ticket"), icon="ticket", kind="main", size=1.2
        )
    else:
        yield look.card(take, "closed")
        yield from look.text(
            look.words("kiosk.take_ticket"),
            take.inset(gap, 0),
            size=1.1,
            colour=look.theme.closed_ink,
            weight="bold",
            align="centre",
            stand="middle",
            most_lines=1,
        )


def _upright(look: Look, box: Box, one: ServiceOffer) -> Iterator[Item]:
    gap, measures = look.measures.gap, look.measures
    facts = _facts(look, one)
    columns = 2 if len(facts) in (2, 4) else len(facts)
    if measures.large:
        columns = min(columns, 2)
    rows = -(-len(facts) // columns)
    high = rows * _fact_height(look)
    yield from _facts_card(look, box.top(high), facts, columns)
    box = box.below(high + gap)
    take = max(measures.tile, min(measures.mm(34), box.height // 4))
    yield from _take(look, box.base(take), one)
    box = box.above(take + gap)
    row = max(measures.tile, round(measures.text * 2.9))
    if one.offer.open and _has_classes(look):
        yield from _for_whom(look, box.base(row))
        box = box.above(row + gap)
    yield from _papers_card(look, box, one, with_button=True)


def _side_by_side(look: Look, box: Box, one: ServiceOffer) -> Iterator[Item]:
    gap, measures = look.measures.gap, look.measures
    right = box.end(round(box.width * 0.42))
    left = box.before(right.width + gap)
    facts = _facts(look, one)
    columns = 2 if left.width < look.measures.text * 34 else len(facts)
    high = -(-len(facts) // columns) * _fact_height(look)
    room = left.height - high - gap
    if room >= look.pitch(LABEL) * 4:
        yield from _facts_card(look, left.top(high), facts, columns)
        left = left.below(high + gap)
    yield from _papers_card(look, left, one, with_button=False)
    row = min(max(measures.tile, round(measures.text * 2.9)), (right.height - 2 * gap) // 3)
    row = max(row, measures.tile)
    if one.offer.open and _has_classes(look):
        yield from _for_whom(look, right.top(row))
        right = right.below(row + gap)
    if one.service.papers:
        yield from look.button(
            right.top(row), PrintPapers(), look.words("kiosk.print_papers"), icon="printer", size=0.9
        )
        right = right.below(row + gap)
    take = max(measures.tile, min(measures.mm(40), right.height) if one.offer.open else right.height)
    yield from _take(look, right.base(take), one)


def _facts(look: Look, one: ServiceOffer) -> list[Fact]:
    """Icon, label and value of what is known."""
    words = look.words
    facts: list[Fact] = []
    if one.waiting is not None and one.offer.open:
        people = words("kiosk.people", count=one.waiting) if one.waiting else words("kiosk.nobody")
        facts.append(("people", words("kiosk.waiting"), people))
    if one.wait_minutes and one.offer.open:
        low, high = one.wait_minutes
        wait = words("kiosk.wait_range", low=low, count=high) if low else words("kiosk.wait_up_to", count=high)
        facts.append(("hourglass", words("kiosk.expected_wait"), wait))
    facts.append(("clock", words("kiosk.usually_takes"), words("kiosk.minutes", count=one.service.usual_minutes)))
    if look.around.centre and one.service.fee is not None:
        fee = words.number(words.of(fee_texts(look.around.centre, one.service)))
        facts.append(("coins", words("kiosk.fee"), fee if one.service.fee else words("kiosk.no_fee")))
    return facts


def _fact_height(look: Look) -> int:
    return look.pitch(LABEL) + look.pitch(VALUE) + look.measures.mm(2 if look.measures.compact else 5)


def _facts_card(look: Look, box: Box, facts: list[Fact], columns: int) -> Iterator[Item]:
    yield look.card(box)
    pad = look.measures.mm(2 if look.measures.compact else 5)
    inner = box.inset(pad, 0)
    rows = -(-len(facts) // columns)
    wide, high = inner.width // columns, box.height // rows
    for place, (icon, label, value) in enumerate(facts):
        row, column = divmod(place, columns)
        cell = Box(inner.x + column * wide, box.y + row * high, wide - pad // 2, high)
        words = cell
        if not look.measures.compact:
            side = min(round(look.measures.text * 1.5), cell.width // 5)
            yield Icon(icon, Box(cell.x, cell.y + (cell.height - side) // 2, side, side), look.theme.tint_ink)
            words = cell.after(side + pad)
        words = words.middle(words.width, look.pitch(LABEL) + look.pitch(VALUE))
        yield from look.text(label, words.top(look.pitch(LABEL)), size=LABEL, colour=look.theme.soft, most_lines=1)
        yield from look.text(value, words.below(look.pitch(LABEL)), size=VALUE, weight="bold", most_lines=1)


def _papers_card(look: Look, box: Box, one: ServiceOffer, *, with_button: bool) -> Iterator[Item]:
    compact = look.measures.compact
    pad = look.measures.mm(1.5 if compact else 5)
    inner = box.inset(look.measures.mm(2.5 if compact else 6), pad)
    if not one.service.papers:
        note = look.text(look.words("kiosk.no_papers"), inner, colour=look.theme.soft, weight="bold")
        yield look.card(box.top(min(box.height, height_of(note) + 2 * pad)))
        yield from note
        return
    tile = look.measures.tile + look.measures.gap // 2
    sheet = [*_sheet(look, inner.above(tile) if with_button else inner, one)]
    high = min(box.height, _bottom(sheet) - box.y + pad + (tile if with_button else 0))
    yield look.card(box.top(high))
    yield from sheet
    if with_button:
        text = look.words("kiosk.print_papers")
        place = inner.top(high - 2 * pad).base(look.measures.tile)
        wide = min(look.button_width(text, 0.9), inner.width)
        yield from look.button(place.end(wide), PrintPapers(), text, icon="printer", size=0.9)


def _bottom(items: list[Item]) -> int:
    return max(item.box.bottom for item in items)


def _sheet(look: Look, box: Box, one: ServiceOffer) -> Iterator[Item]:
    """The papers, in letters as large as there is room for."""
    heading = look.text(look.words("kiosk.papers"), box, weight="bold", size=0.95, most_lines=1)
    rest = box.below(height_of(heading) + look.measures.mm(1))
    sizes = (0.8, 0.72) if look.measures.compact else (1.05, 0.9, 0.8)
    found = ([*_bullets(look, rest, one, size)] for size in sizes)
    whole = next((bullets for bullets in found if not _cut_short(look, bullets)), None)
    yield from heading
    yield from whole or [*_bullets(look, rest, one, sizes[-1])]


def _cut_short(look: Look, bullets: list[Item]) -> bool:
    last = bullets[-1]
    return isinstance(last, Line) and last.colour == look.theme.soft


def _bullets(look: Look, box: Box, one: ServiceOffer, size: float) -> Iterator[Item]:
    """The papers that fit, and how many more there are."""
    indent, dot = round(look.measures.text * 0.8), max(4, look.measures.text // 5)
    top, space = box.y, look.pitch(size) // 4
    papers = one.service.papers
    for place, paper in enumerate(papers):
        left = len(papers) - place
        room = box.bottom - top - (look.pitch(size) + space if left > 1 else 0)
        lines = look.text(look.words.of(paper), Box(box.x + indent, top, box.width - indent, box.height), size=size)
        if height_of(lines) > room:
            yield from _more(look, Box(box.x, top, box.width, max(0, box.bottom - top)), left, size)
            return
        middle = top + lines[0].box.height // 2 - dot // 2
        yield Card(Box(box.x + dot // 2, middle, dot, dot), look.theme.tint_ink, dot // 2)
        yield from lines
        top += height_of(lines) + space


def _more(look: Look, box: Box, count: int, size: float) -> list[Line]:
    return look.text(
        look.words("kiosk.more_papers", count=count),
        box,
        size=size,
        colour=look.theme.soft,
        weight="bold",
        most_lines=1,
    )


def _take(look: Look, box: Box, one: ServiceOffer) -> Iterator[Item]:
    if one.offer.open:
        yield from look.button(box, TakeTicket(), look.words("kiosk.take_ticket"), icon="ticket", kind="main", size=1.5)
        return
    yield Card(box, look.theme.warn, look.measures.radius)
    inner = box.inset(look.measures.mm(4), look.measures.mm(1))
    yield from look.text(
        closed_note(look, one), inner, colour=look.theme.warn_ink, weight="bold", align="centre", stand="middle"
    )


def _has_classes(look: Look) -> bool:
    return bool(look.around.centre and look.around.centre.classes)


def _for_whom(look: Look, box: Box) -> Iterator[Item]:
    centre = look.around.centre
    known = centre.classes if centre else ()
    one = next((each for each in known if each.id == look.visit.visitor_class), None)
    # Whoever is called earlier has to see that this tile is for them.
    note = _arrival_note(look, one) if one else " · ".join(look.words.of(each.name) for each in known)
    yield from look.tile(
        box,
        Open(Page.CLASSES),
        f"{look.words('kiosk.ticket_for')}: {_class_name(look, one)}",
        "" if box.width < 16 * look.measures.text else note,
        icon="heart" if one else "person",
        kind="chosen" if one else "plain",
        size=0.92,
        sign="forward",
    )


def _class_name(look: Look, one: VisitorClass | None) -> str:
    return look.words.of(one.name) if one else look.words("kiosk.citizen")


def _class_note(look: Look, one: VisitorClass | None) -> str:
    key = f"kiosk.class.{one.id}" if one else ""
    plain = look.words(key) if one and look.words.has(key) else ""
    if plain and look.measures.compact:
        return plain
    return f"{plain} {_arrival_note(look, one)}".strip()


def _arrival_note(look: Look, one: VisitorClass | None) -> str:
    if one is None or not one.credit_minutes:
        return look.words("kiosk.citizen_note")
    return look.words("kiosk.class_note", count=one.credit_minutes)
