"""Sizes on the glass: from the screen's pixels and inches to millimetres, letters and touch targets.

A finger and an eye need millimetres, so nothing on a page is sized in pixels.
"""

from dataclasses import dataclass
from math import hypot

TILE_MM = 20.0
KEY_MM = 12.0
MM_PER_INCH = 25.4

# Letters at arm's length; a small screen stands nearer. Ems, of which a capital is about 0.7.
_LARGEST_EM_MM, _SMALLEST_EM_MM, _EM_OF_SHORT_SIDE = 9.5, 4.4, 0.0355
_LARGE_PRINT = 1.35
_LARGE_PRINT_COMPACT = 1.2
# Below this height there is no room for a header and a footer beside tiles of 20 mm.
_COMPACT_MM = 140.0
# From here on the upper part of a screen is out of reach of someone who sits in a wheelchair.
_TALL_MM = 240.0


@dataclass(frozen=True, slots=True)
class Measures:
    """A screen: pixels, diagonal in inches, and whether letters are to be larger than usual."""

    width: int
    height: int
    inches: float
    large: bool = False

    @property
    def px_per_mm(self) -> float:
        """Pixels in a millimetre."""
        return hypot(self.width, self.height) / (self.inches * MM_PER_INCH)

    def mm(self, millimetres: float) -> int:
        """A length in pixels, rounded up: 20 mm are never a pixel less."""
        return int(-(-millimetres * self.px_per_mm // 1))

    @property
    def text(self) -> int:
        """Pixels per em of ordinary text."""
        short_mm = min(self.width, self.height) / self.px_per_mm
        em_mm = min(_LARGEST_EM_MM, max(_SMALLEST_EM_MM, short_mm * _EM_OF_SHORT_SIDE))
        return round(em_mm * self.px_per_mm * self._enlarged)

    @property
    def _enlarged(self) -> float:
        if not self.large:
            return 1
        return _LARGE_PRINT_COMPACT if self.compact else _LARGE_PRINT

    @property
    def gap(self) -> int:
        """Space between tiles, in pixels."""
        return self.mm(2 if self.compact else 4)

    @property
    def radius(self) -> int:
        """Radius of a tile's corners, in pixels."""
        return self.mm(2.5 if self.compact else 4)

    @property
    def tile(self) -> int:
        """The least side of something to touch, in pixels."""
        return self.mm(TILE_MM)

    @property
    def compact(self) -> bool:
        """Whether everything has to fit under one bar."""
        return self.height / self.px_per_mm < _COMPACT_MM

    @property
    def tall(self) -> bool:
        """Whether the upper part may be out of reach."""
        return self.upright and self.height / self.px_per_mm >= _TALL_MM

    @property
    def upright(self) -> bool:
        """Whether the screen is higher than it is wide."""
        return self.height > self.width
