"""A rectangle on a screen, in whole pixels, and the ways to cut it."""

from dataclasses import dataclass, replace
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in whole pixels from the top left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column past it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row past it."""
        return self.y + self.height

    def inset(self, across: int, down: int | None = None) -> "Box":
        """The box without a margin on each side."""
        down = across if down is None else down
        return Box(self.x + across, self.y + down, self.width - 2 * across, self.height - 2 * down)

    def top(self, height: int) -> "Box":
        """Its upper part."""
        return replace(self, height=height)

    def below(self, height: int) -> "Box":
        """What is left under its upper part."""
        return Box(self.x, self.y + height, self.width, self.height - height)

    def base(self, height: int) -> "Box":
        """Its lower part."""
        return Box(self.x, self.bottom - height, self.width, height)

    def above(self, height: int) -> "Box":
        """What is left over its lower part."""
        return replace(self, height=self.height - height)

    def left(self, width: int) -> "Box":
        """Its left part."""
        return replace(self, width=width)

    def after(self, width: int) -> "Box":
        """What is left to the right of its left part."""
        return Box(self.x + width, self.y, self.width - width, self.height)

    def end(self, width: int) -> "Box":
        """Its right part."""
        return Box(self.right - width, self.y, width, self.height)

    def before(self, width: int) -> "Box":
        """What is left to the left of its right part."""
        return replace(self, width=self.width - width)

    def middle(self, width: int, height: int) -> "Box":
        """A box of that size in its middle."""
        return Box(self.x + (self.width - width) // 2, self.y + (self.height - height) // 2, width, height)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.x <= x < self.right and self.y <= y < self.bottom

    def within(self, other: "Box") -> bool:
        """Whether all of it lies in another one."""
        return self.x >= other.x and self.y >= other.y and self.right <= other.right and self.bottom <= other.bottom

    def columns(self, *shares: float, gap: int = 0) -> "list[Box]":
        """The box cut into columns with these shares of its width, left to right."""
        free, whole = self.width - gap * (len(shares) - 1), sum(shares)
        edges = [round(free * sum(shares[:place]) / whole) for place in range(len(shares) + 1)]
        return [
            Box(self.x + left + gap * place, self.y, right - left, self.height)
            for place, (left, right) in enumerate(pairwise(edges))
        ]

    def rows(self, count: int, gap: int = 0) -> "list[Box]":
        """The box cut into equal rows, from the top."""
        turned = Box(self.y, self.x, self.height, self.width).columns(*[1.0] * count, gap=gap)
        return [Box(one.y, one.x, one.height, one.width) for one in turned]

    def take_top(self, height: int, gap: int = 0) -> "tuple[Box, Box]":
        """The top part of this height, and what is under it."""
        return (
            Box(self.x, self.y, self.width, height),
            Box(self.x, self.y + height + gap, self.width, self.height - height - gap),
        )

    def take_bottom(self, height: int, gap: int = 0) -> "tuple[Box, Box]":
        """What is above, and the bottom part of this height."""
        above, bottom = self.take_top(self.height - height - gap, gap)
        return above, bottom

    def take_right(self, width: int, gap: int = 0) -> "tuple[Box, Box]":
        """What is left of it, and the right part of this width."""
        return (
            Box(self.x, self.y, self.width - width - gap, self.height),
            Box(self.right - width, self.y, width, self.height),
        )
