"""What the edges of a push button mean: a press, a bounce, or a button that is stuck. Times are monotonic seconds."""

SETTLE_S = 0.05
STUCK_S = 10.0


class Contact:
    """One button. A press counts once it has been held for `settle_s`; so does its release, before the next counts.

    Thus a bouncing contact is one press or none, never two. A button that is down from the start (a shorted wire) is
    no press, and one that is held for 10 s is stuck; either counts again after it was let go.
    """

    def __init__(self, now_s: float, *, down: bool = False, settle_s: float = SETTLE_S) -> None:
        self._settle_s = settle_s
        self._edge, self._edge_at_s = down, now_s
        self._down, self._down_at_s = down, now_s

    def feel(self, down: bool, at_s: float) -> None:
        """Take an edge: the contact closed (`down`) or opened."""
        if down != self._edge:
            self._edge, self._edge_at_s = down, at_s

    def settle(self, now_s: float) -> bool:
        """Let time pass. True once for each press."""
        if self._edge == self._down or now_s < self._edge_at_s + self._settle_s:
            return False
        self._down, self._down_at_s = self._edge, self._edge_at_s
        return self._down

    def is_stuck(self, now_s: float) -> bool:
        """Whether it has been down for 10 s or more."""
        return self._down and now_s >= self._down_at_s + STUCK_S

    def due_at_s(self, now_s: float) -> float | None:
        """When to look again if no edge comes before; None if nothing can change until then."""
        if self._edge != self._down:
            return self._edge_at_s + self._settle_s
        if self._down and not self.is_stuck(now_s):
            return self._down_at_s + STUCK_S
        return None
