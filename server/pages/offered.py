"""What a kiosk offers the visitors of its page in a browser: the same as on its own screen, in each language."""

import hashlib
from datetime import datetime

from dawr.errors import UnknownKiosk
from dawr.hall import Hall
from dawr.hours import Offer
from dawr.messages import Note
from dawr.offers import ServiceOffer, offers, sentence
from dawr.settings.centre import Centre, Texts
from dawr.views import menu
from dawr.words import Words
from server.interface.routes import KioskOffers, Notes, OfferedNow


def kiosk_offers(hall: Hall, kiosk: str, now: datetime, said: Notes | None) -> KioskOffers:
    """What a kiosk offers now; `said` is what it says of itself, None while it is not connected. `UnknownKiosk`."""
    centre = hall.centre
    if kiosk not in {one.id for one in centre.kiosks}:
        raise UnknownKiosk(f"there is no kiosk {kiosk}", kiosk=kiosk)
    found = offers(centre, menu(hall, epoch=""), now, fresh=True, untold={})
    return KioskOffers(
        kiosk=kiosk,
        settings=settings_mark(centre),
        connected=said is not None,
        fault=_fault(centre, Note(key="kiosk.away") if said is None else said.fault),
        closed=None if found.open else _why(centre, found.closed_because),
        services=[_offered(centre, one) for one in found.services],
    )


def settings_mark(centre: Centre) -> str:
    """Another one for other settings, so that a page knows that it was made from old ones."""
    return hashlib.blake2b(centre.model_dump_json().encode(), digest_size=8).hexdigest()


def _offered(centre: Centre, one: ServiceOffer) -> OfferedNow:
    return OfferedNow(
        id=one.service.id,
        open=one.offer.open,
        why=None if one.offer.open else _why(centre, one.offer),
        reason=one.offer.reason,
        waiting=one.waiting,
        wait_minutes=one.wait_minutes,
    )


def _why(centre: Centre, offer: Offer) -> Texts:
    about = centre.centre
    key = offer.why or "closed.stopped"
    return {one: sentence(Words(one, about.digits), key, offer.facts, offer.reason) for one in about.languages}


def _fault(centre: Centre, fault: Note | None) -> Texts | None:
    if fault is None:
        return None
    about = centre.centre
    return {one: _said(Words(one, about.digits), fault) for one in about.languages}


def _said(words: Words, fault: Note) -> str:
    try:
        return words(fault.key, **fault.facts)
    except (KeyError, AssertionError):
        # A kiosk of another version.
        return words("kiosk.out_of_order")
