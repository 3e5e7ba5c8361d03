"""The pages on which a visitor finds the service: categories, the services of one, and the search."""

from collections.abc import Iterator, Sequence

from dawr import icons
from dawr.boxes import Box
from dawr.offers import CategoryOffer, Offers, ServiceOffer, sentence
from kiosk.pages.frame import framed
from kiosk.pages.keyboard import field, keyboard, keyboard_height
from kiosk.pages.lists import listed
from kiosk.pages.look import NOTE, Look
from kiosk.scene import Item
from kiosk.visit import Open, OpenCategory, OpenService, Page

LEAST_ROOM_TO_SEARCH_MM = 150.0


def categories(look: Look, offers: Offers) -> list[Item]:
    """The first page: what do you need?"""
    words, measures = look.words, look.measures
    title = look.words.of(look.around.centre.centre.name) if measures.compact and look.around.centre else ""
    items, box = framed(look, title or words("kiosk.choose_category"), words("kiosk.choose_category_note"))
    if can_search(look):
        high = max(measures.tile, round(measures.text * 2.4))
        items += look.button(box.top(high), Open(Page.SEARCH), words("kiosk.search"), icon="search", size=0.95)
        box = box.below(high + measures.gap)

    def tile(place: Box, one: CategoryOffer) -> Iterator[Item]:
        note = words("kiosk.services", count=len(one.services))
        return look.tile(
            place,
            OpenCategory(one.category.id),
            words.of(one.category.name),
            "" if measures.compact else note,
            icon=icons.of_category(one.category.id),
            size=1.0 if measures.compact else 1.08,
            kind="plain" if one.open else "closed",
        )

    items += listed(
        look,
        box,
        offers.categories,
        tile,
        least_width=round(measures.text * 8.6),
        least_height=round(measures.text * 3),
        highest=measures.mm(54),
    )
    return items


def services(look: Look, offers: Offers) -> list[Item]:
    """The services of the chosen category."""
    category = offers.category(look.visit.category or "")
    items, box = framed(look, look.words.of(category.category.name), look.words("kiosk.choose_service"), depth=1)
    items += _service_tiles(look, box, category.services)
    return items


def search(look: Look, offers: Offers) -> list[Item]:
    """Finding a service by its name; the first page where there is no room for a keyboard."""
    if not can_search(look):
        return categories(look, offers)
    items, box = framed(look, "", depth=1)
    high = max(look.measures.tile, look.pitch(1.4))
    items += field(look, box.top(high), look.visit.typed, look.words("kiosk.search_hint"))
    box = box.below(high + look.measures.gap)
    keys = keyboard_height(look)
    items += keyboard(look, box.base(keys))
    box = box.above(keys + look.measures.gap)
    found = offers.search(look.visit.typed)
    if look.visit.typed and not found:
        items += look.text(
            look.words("kiosk.nothing_found"), box, colour=look.theme.soft, align="centre", stand="middle"
        )
    items += _service_tiles(look, box, found)
    return items


def can_search(look: Look) -> bool:
    """Whether a keyboard and what it finds have room on this screen as it is used now."""
    free = look.measures.height // 2 if look.visit.comfort.low else look.measures.height
    return not look.measures.compact and free >= look.measures.mm(LEAST_ROOM_TO_SEARCH_MM)


def closed_note(look: Look, one: ServiceOffer) -> str:
    """Why a service takes no tickets, in words."""
    return sentence(look.words, one.offer.why or "closed.stopped", one.offer.facts, one.offer.reason)


def _service_tiles(look: Look, box: Box, offered: Sequence[ServiceOffer]) -> Iterator[Item]:
    measures, words = look.measures, look.words

    def tile(place: Box, one: ServiceOffer) -> Iterator[Item]:
        closed = not one.offer.open
        # A tile has little room: what staff wrote says more than our sentence.
        note = (look.words.of(one.offer.reason) if one.offer.reason else closed_note(look, one)) if closed else ""
        if not closed and one.waiting is not None and not measures.compact:
            note = words("kiosk.waiting_people", count=one.waiting) if one.waiting else words("kiosk.nobody_waiting")
        return look.tile(
            place,
            OpenService(one.service.id),
            words.of(one.service.name),
            note,
            kind="closed" if closed else "plain",
            size=0.92,
            sign="closed" if closed else "forward",
        )

    return listed(
        look,
        box,
        offered,
        tile,
        least_width=round(measures.text * 11),
        least_height=round(measures.text * (2.6 + 2 * NOTE)),
        highest=measures.mm(34),
    )
