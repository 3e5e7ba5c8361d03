"""The kiosk's colours: limestone, petrol and brass, and a theme of strong contrast.

A theme names a colour by its use. Every pair of ink and ground that a page draws is in `Theme.pairs`, so that one test
can hold all of them to WCAG 2.2, 1.4.3 (AA).
"""

from dataclasses import dataclass

Colour = tuple[int, int, int]

AA = 4.5


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by use: grounds, and the inks that stand on them."""

    ground: Colour
    ink: Colour
    soft: Colour
    band: Colour
    band_ink: Colour
    band_soft: Colour
    brass: Colour
    card: Colour
    edge: Colour
    tint: Colour
    tint_ink: Colour
    accent: Colour
    accent_ink: Colour
    closed: Colour
    closed_ink: Colour
    warn: Colour
    warn_ink: Colour

    def pairs(self) -> dict[str, tuple[Colour, Colour]]:
        """Every ink with the ground that it is drawn on."""
        return {
            "title": (self.ink, self.ground),
            "note under a title": (self.soft, self.ground),
            "header": (self.band_ink, self.band),
            "second line of the header": (self.band_soft, self.band),
            "emblem": (self.brass, self.band),
            "tile": (self.ink, self.card),
            "note on a tile": (self.soft, self.card),
            "ticket number": (self.tint_ink, self.card),
            "icon on a tile": (self.tint_ink, self.tint),
            "chosen tile": (self.ink, self.tint),
            "note on a chosen tile": (self.soft, self.tint),
            "main button": (self.accent_ink, self.accent),
            "closed service": (self.closed_ink, self.closed),
            "warning": (self.warn_ink, self.warn),
        }


LIGHT = Theme(
    ground=(245, 240, 230),
    ink=(14, 36, 43),
    soft=(76, 92, 97),
    band=(13, 70, 76),
    band_ink=(255, 255, 255),
    band_soft=(200, 226, 227),
    brass=(244, 190, 92),
    card=(255, 254, 250),
    edge=(222, 213, 196),
    tint=(222, 237, 235),
    tint_ink=(13, 84, 90),
    accent=(12, 98, 104),
    accent_ink=(255, 255, 255),
    closed=(232, 226, 214),
    closed_ink=(92, 88, 80),
    warn=(253, 232, 196),
    warn_ink=(92, 46, 0),
)

CONTRAST = Theme(
    ground=(0, 0, 0),
    ink=(255, 255, 255),
    soft=(230, 230, 230),
    band=(0, 0, 0),
    band_ink=(255, 255, 255),
    band_soft=(230, 230, 230),
    brass=(255, 221, 64),
    card=(22, 22, 22),
    edge=(255, 255, 255),
    tint=(48, 48, 48),
    tint_ink=(255, 221, 64),
    accent=(255, 221, 64),
    accent_ink=(0, 0, 0),
    closed=(0, 0, 0),
    closed_ink=(200, 200, 200),
    warn=(255, 221, 64),
    warn_ink=(0, 0, 0),
)

THEMES = {"light": LIGHT, "contrast": CONTRAST}
