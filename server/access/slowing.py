"""Makes whoever guesses wait longer and longer, and nobody else.

A visitor knows the names of the staff, and must not be able to keep them from their work by guessing wrong. So the
browser at which somebody has signed in before has a count of its own (OWASP's "device cookies"); all others are
counted for the person together, and each by its address.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import LRUCache

from dawr.errors import SignInWaits
from server.door.limits import Buckets, Overflow

FIRST_WAIT_S = 5.0
FORGOTTEN_S = 12 * 3600.0
MOST_KEYS = 10_000


@dataclass(slots=True)
class _Failures:
    count: int
    last_s: float


class Failures:
    """Failures of each key. So many are `free`; each one more doubles the wait, up to `longest_s`."""

    def __init__(self, free: int, longest_s: float, now_s: Callable[[], float]) -> None:
        self._free, self._longest_s, self._now_s = free, longest_s, now_s
        self._of: LRUCache[str, _Failures] = LRUCache(MOST_KEYS)

    def wait_s(self, key: str) -> float:
        """How long until this key may be tried; 0 for at once."""
        failures = self._of.get(key)
        if failures is None or failures.count < self._free:
            return 0.0
        wait_s = min(self._longest_s, FIRST_WAIT_S * 2.0 ** min(failures.count - self._free, 30))
        return max(0.0, failures.last_s + wait_s - self._now_s())

    def add(self, key: str) -> None:
        """One more."""
        before, now_s = self._of.get(key), self._now_s()
        remembered = before is not None and now_s - before.last_s < FORGOTTEN_S
        self._of[key] = _Failures(before.count + 1 if before and remembered else 1, now_s)

    def take_back(self, key: str) -> None:
        """The last one was none. Those before it stay: other people's guesses are not undone by the right one."""
        if (failures := self._of.get(key)) is not None:
            failures.count -= 1

    def forget(self, key: str) -> None:
        """Whoever it was knows the secret."""
        self._of.pop(key, None)


class Slowing:
    """Counts the wrong secrets of everybody. `now_s` is a clock that nobody can set."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._at_known_browser = Failures(free=5, longest_s=60.0, now_s=now_s)
        self._from_address = Failures(free=5, longest_s=900.0, now_s=now_s)
        self._of_person = Failures(free=20, longest_s=900.0, now_s=now_s)
        # Of an address for all names together: nobody shall have all counts forgotten, or the hashes queue up.
        self._tries = Buckets(a_second=0.5, at_once=30, now_s=now_s)

    def begin(self, person: str, address: str, known_browser: str | None) -> Callable[[], None]:
        """A try at somebody's secret counts as a failure until what this gives is called, when it was the right one.

        `known_browser` is the digest of the browser's cookie if this person has signed in there before.
        `SignInWaits` if it is too early.
        """
        if known_browser is not None:
            return _begun((self._at_known_browser, f"{person} {known_browser}"), None)
        begun = _begun((self._from_address, f"{person} {address}"), (self._of_person, person))
        try:
            self._tries.take(address)
        except Overflow as overflow:
            raise SignInWaits("too many tries from one address", seconds=overflow.whole_s) from None
        return begun


def _begun(own: tuple[Failures, str], together: tuple[Failures, str] | None) -> Callable[[], None]:
    counts = [own, together] if together else [own]
    wait_s = max(failures.wait_s(key) for failures, key in counts)
    if wait_s > 0:
        raise SignInWaits("too many wrong tries", seconds=math.ceil(wait_s))
    # Counted before it is looked at: many at once would else be one.
    for failures, key in counts:
        failures.add(key)

    def succeeded() -> None:
        own[0].forget(own[1])
        if together:
            together[0].take_back(together[1])

    return succeeded
