"""Every text that a person sees, in each language; plurals and dates follow CLDR through Babel.

The words themselves are in `words/<language>.toml`, grouped by the room that shows them. A plural is a table of
CLDR categories (`zero one two few many other`) chosen by its `{count}`.
"""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from babel import Locale
from babel.dates import format_date, format_time

from dawr.text import has_arabic_letters, isolate, isolate_name

Digits = Literal["latin", "arabic"]

FOLDER = Path(__file__).parent / "words"
_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
# Syria's own month names (كانون الثاني, not يناير); British order of day and month.
_LOCALES = {"ar": "ar_SY", "en": "en_GB"}


@cache
def catalogue(language: str) -> dict[str, Any]:
    """The words of a language as nested tables. KeyError for a language without a file."""
    try:
        return tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))
    except FileNotFoundError:
        raise KeyError(language) from None


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES.get(language, language))


class Words:
    """The words of one language with one form of digits: `Words("ar")("kiosk.people_waiting", count=3)`."""

    def __init__(self, language: str, digits: Digits = "latin") -> None:
        self.language, self.digits = language, digits
        self._catalogue = catalogue(language)

    def __call__(self, key: str, **values: object) -> str:
        """The sentence for a dotted key. Values are isolated, so that no number is turned round by its neighbours.

        KeyError for an unknown key or a missing value: a missing word is a defect, never a blank.
        """
        entry = self._find(key)
        if isinstance(entry, dict):
            count = values["count"]
            assert isinstance(count, int)
            entry = entry[_locale(self.language).plural_form(count)]
        return str(entry).format_map({name: self._value(value) for name, value in values.items()})

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        try:
            self._find(key)
        except KeyError:
            return False
        return True

    def of(self, texts: Mapping[Any, str]) -> str:
        """This language's text among a setting's texts, or the first there is."""
        return texts.get(self.language) or next(iter(texts.values()), "")

    def number(self, value: object) -> str:
        """A number, ticket number or id in the centre's digits."""
        text = str(value)
        return text.translate(_ARABIC_DIGITS) if self.digits == "arabic" else text

    def time(self, at: datetime) -> str:
        """The time of day, `08:05`, of an aware datetime already in the centre's time zone."""
        return self.number(format_time(at, "HH:mm", locale="en_GB"))

    def weekday(self, day: date) -> str:
        """The name of the day's weekday."""
        return format_date(day, "EEEE", locale=_locale(self.language))

    def month(self, day: date) -> str:
        """The name of the day's month."""
        return format_date(day, "MMMM", locale=_locale(self.language))

    def date(self, day: date) -> str:
        """The day in full: `Sunday 22 November 2026`, الأحد ٢٢ تشرين الثاني ٢٠٢٦ in the centre's digits."""
        weekday, month = self.weekday(day), self.month(day)
        return f"{weekday} {isolate(self.number(day.day))} {month} {isolate(self.number(day.year))}"

    def _find(self, key: str) -> Any:
        entry: Any = self._catalogue
        for part in key.split("."):
            if not isinstance(entry, dict) or part not in entry:
                raise KeyError(key)
            entry = entry[part]
        return entry

    def _value(self, value: object) -> str:
        text = self.number(value)
        reads_left_to_right = any(c.isdigit() for c in text) and not has_arabic_letters(text)
        return isolate(text) if reads_left_to_right else isolate_name(text)
