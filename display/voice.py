"""Which clips an announcement is made of: pure, without a sound."""

import re
from collections.abc import Iterator, Sequence

from display.phrases import Language, parts_of, phrases

_PARTS = re.compile(r"[A-Z]|[0-9]{1,4}")


def clips_of(number: str, counter: str, languages: Sequence[Language]) -> list[list[str]]:
    """The clips of "number A117, please go to counter 4", one list for each language, named `ar/number-100`.

    >>> clips_of("A117", "4", ["en"])
    [['en/number', 'en/letter-A', 'en/number-100', 'en/and-number-17', 'en/go-to-counter', 'en/number-4']]
    """
    return [[f"{language}/{name}" for name in _sentence(number, counter, language)] for language in languages]


def spoken(clips: Sequence[str]) -> str:
    """The words that these clips of one language say."""
    return " ".join(phrases(_language(clip))[clip.partition("/")[2]] for clip in clips)


def _sentence(number: str, counter: str, language: Language) -> Iterator[str]:
    yield "number"
    yield from _spelled(number, language)
    yield "go-to-counter"
    yield from _spelled(counter, language)


def _spelled(text: str, language: Language) -> Iterator[str]:
    for part in _PARTS.findall(text):
        if part.isdigit():
            yield from parts_of(int(part), language)
        else:
            yield f"letter-{part}"


def _language(clip: str) -> Language:
    return "ar" if clip.startswith("ar/") else "en"
