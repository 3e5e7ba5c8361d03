"""How fast slips may go: a child at the glass, or a wire that ticks, must not empty the roll."""

from collections import deque

MINUTE_S = 60.0


class Pace:
    """At most `most` slips within any minute; times are seconds of a clock that never jumps."""

    def __init__(self, most: int) -> None:
        self._last: deque[float] = deque(maxlen=most)

    def note(self, now_s: float) -> None:
        """A slip has come out, or may have."""
        self._last.append(now_s)

    def is_over(self, now_s: float) -> bool:
        """Whether the next slip has to wait; it may go a minute after the oldest of them."""
        return len(self._last) == self._last.maxlen and now_s - self._last[0] < MINUTE_S
