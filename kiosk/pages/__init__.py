"""The kiosk's pages: what a visit looks like. Pure: values in, a scene out."""

from kiosk.pages.about_service import classes, reference, service
from kiosk.pages.admission import admission
from kiosk.pages.choosing import categories, search, services
from kiosk.pages.comfort import comfort
from kiosk.pages.endings import papers, printing, refused, still_here, ticket
from kiosk.pages.look import Look
from kiosk.pages.notices import closed, fault, starting
from kiosk.pages.staff import staff
from kiosk.scene import Item, Scene, mirrored
from kiosk.visit import Page, Surroundings, Visit, shown, warning_s

_OFFERING = {
    Page.CATEGORIES: categories,
    Page.SERVICES: services,
    Page.SEARCH: search,
    Page.SERVICE: service,
    Page.CLASSES: classes,
    Page.REFERENCE: reference,
    Page.CLOSED: closed,
}
_ALONE = {
    Page.STARTING: starting,
    Page.ADMISSION: admission,
    Page.COMFORT: comfort,
    Page.STAFF: staff,
    Page.PRINTING: printing,
    Page.PAPERS: papers,
    Page.REFUSED: refused,
}


def scene(visit: Visit, around: Surroundings, size: tuple[int, int], inches: float, now_s: float) -> Scene:
    """Everything on a screen of `size` pixels and `inches` diagonal, from the lowest to the topmost."""
    look = Look.of(visit, around, size, inches)
    items = _page(look, shown(visit, around))
    seconds = warning_s(visit, around, now_s)
    if seconds is not None:
        items += still_here(look, seconds)
    return tuple(mirrored(items, size[0]) if look.direction == "rtl" else items)


def _page(look: Look, page: Page) -> list[Item]:
    offers, wrong = look.around.offers, look.around.fault
    if page is Page.TICKET:
        return ticket(look, offers)
    if page is Page.FAULT and wrong:
        return fault(look, wrong)
    if page in _OFFERING and offers:
        return _OFFERING[page](look, offers)
    return _ALONE[page](look)
