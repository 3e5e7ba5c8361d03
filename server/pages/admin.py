"""The administration page: what its forms are told beside the settings, for which it asks itself."""

from collections.abc import Mapping
from typing import Any

from dawr.hall import Hall
from dawr.language import LANGUAGES
from dawr.numbers import LETTERS
from dawr.text import direction_of
from dawr.words import Words

SECTIONS = (
    "centre",
    "hours",
    "classes",
    "lines",
    "categories",
    "services",
    "counters",
    "kiosks",
    "privacy",
    "file",
    "history",
    "audit",
)
"""The sections of the page, in their order."""
WEEK = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
"""The days as a week of the region has them."""


def facts(_hall: Hall) -> Mapping[str, Any]:
    """The sections, the week, and what is different in each language."""
    return {
        "sections": SECTIONS,
        "weekdays": WEEK,
        "letters": tuple(LETTERS),
        "directions": {language: direction_of(language) for language in LANGUAGES},
        "copied": {language: Words(language)("admin.copied") for language in LANGUAGES},
    }
