"""What holds and what only flutters: a line that is open again after a moment needs nobody."""

from collections.abc import Hashable, Iterable

HOLD_S = 15.0


class Damper:
    """Something holds once it was there for `hold_s` without a break, and until it was away for as long."""

    def __init__(self, hold_s: float = HOLD_S) -> None:
        self._hold_s = hold_s
        self._came: dict[Hashable, float] = {}
        self._seen: dict[Hashable, float] = {}
        self._holding: set[Hashable] = set()

    def look(self, now_s: float, there: Iterable[Hashable]) -> set[Hashable]:
        """What holds, after a look at what is there at this time of a clock that only goes on."""
        for one in there:
            self._came.setdefault(one, now_s)
            self._seen[one] = now_s
        for one, seen_s in list(self._seen.items()):
            if seen_s == now_s and now_s - self._came[one] >= self._hold_s:
                self._holding.add(one)
            elif seen_s < now_s and (one not in self._holding or now_s - seen_s >= self._hold_s):
                self._forget(one)
        return set(self._holding)

    def assume(self, holding: Iterable[Hashable], now_s: float) -> None:
        """Take these for holding, as if they had just been seen: they were before a restart."""
        for one in holding:
            self._came[one] = self._seen[one] = now_s
            self._holding.add(one)

    def _forget(self, one: Hashable) -> None:
        del self._came[one], self._seen[one]
        self._holding.discard(one)
