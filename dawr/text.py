"""Drawing a line of text, Arabic or Latin: the only path for paper and screens.

Pillow's Raqm engine shapes and orders the letters; the result is a mask that a slip thresholds and a screen
tints. Nothing here knows what the text says or where it goes.
"""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Literal

from cachetools import LRUCache, cached
from PIL import Image, ImageDraw, ImageFont, features

from dawr.errors import TextUnshapeable

Direction = Literal["rtl", "ltr"]
Weight = Literal["regular", "medium", "bold", "black"]

FONT_FOLDER = Path(__file__).parent / "fonts"
FALLBACK_FOLDER = Path("/usr/share/fonts/truetype/dejavu")
MASKS_BYTES = 8_000_000
"""Masks that are kept, by bytes and not by their count: a ticket's number is large on paper and new each time."""

_ARABIC = re.compile("[\u0590-\u08ff\ufb1d-\ufefc]")
_LRI, _FSI, _PDI = "\u2066", "\u2068", "\u2069"


def direction_of(language: str) -> Direction:
    """The reading direction of a language that Dawr speaks (`ar` is right to left)."""
    return "rtl" if language.startswith("ar") else "ltr"


def isolate(text: str) -> str:
    """Wrap a number, date, time or id so that the text around it cannot turn it round (UAX #9, LRI … PDI)."""
    return f"{_LRI}{text}{_PDI}"


def isolate_name(text: str) -> str:
    """Wrap a name in any language: its own first strong letter gives its direction (UAX #9, FSI … PDI)."""
    return f"{_FSI}{text}{_PDI}"


def without_isolates(text: str) -> str:
    """The text for a terminal or a file that knows nothing of isolates and would show or keep them."""
    return text.translate({ord(mark): None for mark in (_LRI, _FSI, _PDI)})


def has_arabic_letters(text: str) -> bool:
    """Whether any of it reads right to left by itself; Arabic digits do not."""
    return any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)


def check_shaping() -> None:
    """Raise `TextUnshapeable` when Arabic would come out as single letters or back to front."""
    if not features.check("raqm"):
        raise TextUnshapeable("Pillow cannot shape Arabic here: install the Debian package libfribidi0")


def font_file(weight: Weight) -> Path:
    """The font for a weight: Vazirmatn as fetched by the build, else Debian's DejaVu."""
    built = FONT_FOLDER / f"Vazirmatn-{weight.capitalize()}.ttf"
    if built.exists():
        return built
    return FALLBACK_FOLDER / ("DejaVuSans-Bold.ttf" if weight in ("bold", "black") else "DejaVuSans.ttf")


@lru_cache(128)
def font(weight: Weight, size_px: int) -> ImageFont.FreeTypeFont:
    """A font at a size in pixels per em."""
    return ImageFont.truetype(font_file(weight), size_px, layout_engine=ImageFont.Layout.RAQM)


@lru_cache(64)
def capital_height(weight: Weight, size_px: int) -> int:
    """Height in pixels of a Latin capital at this size."""
    box = font(weight, size_px).getbbox("H", anchor="ls", direction="ltr")
    return round(-box[1])


def _language(text: str, direction: Direction) -> str:
    return "ar" if direction == "rtl" or _ARABIC.search(text) else "en"


@lru_cache(4096)
def width(text: str, weight: Weight, size_px: int, direction: Direction) -> int:
    """Width in pixels that the line takes."""
    return round(font(weight, size_px).getlength(text, direction=direction, language=_language(text, direction)))


@cached(LRUCache(MASKS_BYTES, lambda picture: picture.width * picture.height), lock=Lock())
def mask(text: str, weight: Weight, size_px: int, direction: Direction) -> Image.Image:
    """The line as an 8-bit coverage mask, as high as the font's line so that masks of one size share a baseline."""
    face = font(weight, size_px)
    language = _language(text, direction)
    left, top, right, bottom = face.getbbox(text, direction=direction, language=language, anchor="ls")
    ascent, descent = face.getmetrics()
    above, below = max(ascent, round(-top)), max(descent, round(bottom))
    picture = Image.new("L", (max(1, round(right - left)), above + below))
    ImageDraw.Draw(picture).text(
        (-left, above), text, font=face, fill=255, direction=direction, language=language, anchor="ls"
    )
    return picture


def fit(text: str, weight: Weight, size_px: int, direction: Direction, width_px: int, smallest_px: int) -> int:
    """The largest size up to `size_px`, and not under `smallest_px`, at which the line fits the width."""
    size = size_px
    while size > smallest_px and width(text, weight, size, direction) > width_px:
        size -= max(1, size // 24)
    return max(size, smallest_px)


def wrap(text: str, weight: Weight, size_px: int, direction: Direction, width_px: int) -> list[str]:
    """The text as lines that fit the width, broken at spaces; a word wider than the line stands alone."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, weight, size_px, direction) <= width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
