"""The board's colours: petrol of the night sea, ivory of limestone, brass for whatever matters now.

A theme names a colour by its use. Every pair of ink and ground that the board draws is in `Theme.pairs`, so
that one test can hold all of them to WCAG 2.2, 1.4.3 (AA).
"""

from dataclasses import dataclass

Colour = tuple[int, int, int]

AA = 4.5


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by use: grounds, and the inks that stand on them."""

    ground: Colour
    band: Colour
    band_ink: Colour
    band_soft: Colour
    card: Colour
    empty: Colour
    ink: Colour
    soft: Colour
    accent: Colour
    latest: Colour
    latest_ink: Colour
    latest_soft: Colour
    latest_accent: Colour
    lit: Colour
    lit_ink: Colour
    chip: Colour
    chip_ink: Colour
    stale: Colour
    stale_ink: Colour
    brass: Colour

    def pairs(self) -> dict[str, tuple[Colour, Colour]]:
        """Every ink with the ground that it is drawn on."""
        return {
            "header": (self.band_ink, self.band),
            "second language in the header": (self.band_soft, self.band),
            "clock": (self.brass, self.band),
            "number in a row": (self.ink, self.card),
            "counter in a row": (self.accent, self.card),
            "second language on a card": (self.soft, self.card),
            "latest number": (self.latest_ink, self.latest),
            "latest labels": (self.latest_soft, self.latest),
            "latest counter": (self.latest_accent, self.latest),
            "latest, lit": (self.lit_ink, self.lit),
            "letter of a line": (self.chip_ink, self.chip),
            "connection lost": (self.stale_ink, self.stale),
        }


PETROL, IVORY, BRASS = (11, 31, 38), (247, 242, 232), (242, 184, 75)

DARK = Theme(
    ground=PETROL,
    band=(8, 23, 28),
    band_ink=IVORY,
    band_soft=(160, 190, 194),
    card=(20, 47, 55),
    empty=(15, 38, 45),
    ink=IVORY,
    soft=(165, 196, 200),
    accent=BRASS,
    latest=(18, 82, 88),
    latest_ink=(255, 255, 255),
    latest_soft=(205, 230, 231),
    latest_accent=(255, 205, 112),
    lit=BRASS,
    lit_ink=PETROL,
    chip=(38, 84, 94),
    chip_ink=IVORY,
    stale=(150, 62, 18),
    stale_ink=(255, 255, 255),
    brass=BRASS,
)

LIGHT = Theme(
    ground=(240, 234, 222),
    band=(13, 70, 76),
    band_ink=(255, 255, 255),
    band_soft=(196, 224, 225),
    card=(255, 253, 249),
    empty=(234, 227, 213),
    ink=PETROL,
    soft=(74, 96, 101),
    accent=(138, 74, 4),
    latest=(13, 91, 97),
    latest_ink=(255, 255, 255),
    latest_soft=(214, 236, 236),
    latest_accent=(255, 208, 120),
    lit=BRASS,
    lit_ink=PETROL,
    chip=(13, 91, 97),
    chip_ink=(255, 255, 255),
    stale=(150, 62, 18),
    stale_ink=(255, 255, 255),
    brass=(255, 208, 120),
)

THEMES = {"dark": DARK, "light": LIGHT}


def luminance(colour: Colour) -> float:
    """Relative luminance, 0..1 (WCAG 2.2, definition of relative luminance)."""
    red, green, blue = ((c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4) for c in _fractions(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio of two colours, 1..21 (WCAG 2.2, definition of contrast ratio)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _fractions(colour: Colour) -> tuple[float, float, float]:
    red, green, blue = colour
    return red / 255, green / 255, blue / 255
