"""Ticket numbers: a line's letter and a count, and the part of each line's numbers that one issuer owns.

Each issuer owns its part for ever, so two of them can never give the same number and none has to ask another.
"""

import re
from dataclasses import dataclass

from dawr.errors import ForeignNumber

# Without I, O, Q, S, Z and B, which people take for 1, 0, O, 5, 2 and 8.
LETTERS = "ACDEFGHJKLMNPRTUVWXY"
ROUND = 1000

_NUMBER = re.compile(rf"([{LETTERS}])(\d{{3,}})")


@dataclass(frozen=True, slots=True)
class NumberRange:
    """The counts `first` to `last` (1..999, both included) of every thousand: one issuer's part, or its spare one."""

    first: int
    last: int
    spare: bool = False

    @property
    def size(self) -> int:
        """How many numbers the part has in each thousand."""
        return self.last - self.first + 1

    def holds(self, count: int) -> bool:
        """Whether the count belongs to this part."""
        return self.first <= count % ROUND <= self.last

    def count_of(self, issued: int) -> int:
        """The count on the ticket that follows `issued` earlier ones: past the end comes the next thousand.

        `NumberRange(1, 500)` gives 1 … 500, 1001 … 1500, 2001 …: it never wraps.
        """
        rounds, place = divmod(issued, self.size)
        return self.first + place + ROUND * rounds

    def issued_before(self, count: int) -> int:
        """How many tickets came before this count. `ForeignNumber` when the count belongs to another issuer."""
        rounds, place = divmod(count, ROUND)
        if not self.holds(count):
            raise ForeignNumber(f"count {count} is not in the part {self.first}–{self.last}")
        return rounds * self.size + place - self.first


def format_number(letter: str, count: int) -> str:
    """What people read: `A012`, and `A1001` past the thousand."""
    return f"{letter}{count:03d}"


def parse_number(number: str) -> tuple[str, int]:
    """Letter and count of a number as people read or type it. ValueError when it is none."""
    match = _NUMBER.fullmatch(number.strip().upper())
    if not match:
        raise ValueError(f"{number!r} is not a ticket number")
    return match[1], int(match[2])


def share_out(firsts: dict[str, int]) -> dict[str, NumberRange]:
    """Each issuer's part from where it begins: a part ends where the next one begins, the last at 999."""
    order = sorted(firsts.items(), key=lambda item: item[1])
    ends = [first - 1 for _, first in order[1:]] + [ROUND - 1]
    return {issuer: NumberRange(first, end) for (issuer, first), end in zip(order, ends, strict=True)}
