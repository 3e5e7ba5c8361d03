"""The board in a browser: what it is told of the centre when it is loaded. The rest comes live, as to every board."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from dawr.board import board
from dawr.hall import Hall
from dawr.settings.centre import Digits, Language
from dawr.words import Words, catalogue

_A_MONDAY, _WEEK = date(2024, 1, 1), 7
_MONTHS = 12


def facts(hall: Hall) -> Mapping[str, Any]:
    """The centre's message and lines, and all words of the board in each of the centre's languages."""
    about = hall.centre.centre
    return {
        "message": about.message,
        "lines": {one.id: one.name for one in hall.centre.lines},
        "speaks": {language: _speaks(language, about.digits) for language in about.languages},
    }


def preview_facts(hall: Hall, now: datetime) -> Mapping[str, Any]:
    """The same of an invented hall, with its board: nothing comes live."""
    return {**facts(hall), "preview": board(hall, "", now).model_dump(mode="json", by_alias=True)}


def _speaks(language: Language, digits: Digits) -> Mapping[str, Any]:
    """A board's words, and the names in its date: televisions do not know those of Syria's months."""
    words = Words(language, digits)
    return {
        "board": catalogue(language)["board"],
        "weekdays": [words.weekday(_A_MONDAY + timedelta(days=day)) for day in range(_WEEK)],
        "months": [words.month(date(2024, month, 1)) for month in range(1, _MONTHS + 1)],
    }
