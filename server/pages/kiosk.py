"""The kiosk in a browser: what it is told of the centre when it is loaded. How things stand, it asks for."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from dawr import icons
from dawr.hall import Hall
from dawr.offers import fee_texts
from dawr.settings.centre import WEEKDAYS, Centre, Digits, Language, Service
from dawr.text import direction_of
from dawr.words import Words, catalogue
from server.pages.offered import settings_mark

_A_MONDAY = date(2024, 1, 1)
# Office weeks begin on Sunday here.
_WEEK = (6, 0, 1, 2, 3, 4, 5)
_ICONS = (
    *("back", "forward", "check", "warning", "closed", "erase", "people", "hourglass", "clock", "coins", "printer"),
    *("ticket", "board", "person", "heart", "language", "comfort", "large", "contrast", "low", "star", "offline"),
)


def facts(hall: Hall) -> Mapping[str, Any]:
    """The centre's services with all that does not change by itself, and the kiosk's words in each language."""
    centre = hall.centre
    about = centre.centre
    used = {icons.of_category(one.id) for one in centre.categories}
    return {
        "settings": settings_mark(centre),
        "kiosks": [kiosk.id for kiosk in centre.kiosks],
        "centre": about.name,
        "categories": [
            {"id": one.id, "name": one.name, "icon": icons.of_category(one.id)} for one in centre.categories
        ],
        "services": [_service(centre, one) for one in centre.services],
        "classes": [{"id": one.id, "name": one.name, "credit": one.credit_minutes} for one in centre.classes],
        "icons": {name: icons.path(name) for name in (*_ICONS, *sorted(used))},
        "directed": sorted(icons.DIRECTED),
        "speaks": {language: _speaks(centre, language, about.digits) for language in about.languages},
    }


def _service(centre: Centre, one: Service) -> Mapping[str, Any]:
    return {
        "id": one.id,
        "category": one.category,
        "name": one.name,
        "papers": one.papers,
        "fee": None if one.fee is None else fee_texts(centre, one) if one.fee else {},
        "usual": one.usual_minutes,
        "needs_reference": one.needs_reference,
    }


def _speaks(centre: Centre, language: Language, digits: Digits) -> Mapping[str, Any]:
    words = Words(language, digits)
    return {
        "name": words("languages.name"),
        "direction": direction_of(language),
        "words": {"kiosk": catalogue(language)["kiosk"]},
        "hours": [[words.weekday(_A_MONDAY + timedelta(days=index)), _hours(centre, words, index)] for index in _WEEK],
    }


def _hours(centre: Centre, words: Words, index: int) -> str:
    spans = getattr(centre.hours, WEEKDAYS[index])
    return " · ".join(words.number(f"{one.opens:%H:%M} – {one.closes_at}") for one in spans)
