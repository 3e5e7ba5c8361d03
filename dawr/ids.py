"""Ids of commands and tickets: UUIDs of version 7, which sort in the order in which they were made."""

import secrets
import threading
import time
from collections.abc import Callable
from uuid import UUID

_RANDOM_BITS = 74  # rand_a and rand_b of RFC 9562, section 5.7
_STEP_BITS = 64  # within one millisecond the next id is a random step further, so that nobody guesses it from this one


def _unix_ms() -> int:
    return time.time_ns() // 1_000_000


class Ids:
    """Makes ids; calling it gives the next, as text: `"017f22e2-79b0-7cc3-98c4-dc0c0c07398f"`.

    Each is larger than the one before, also when the wall clock is set back (RFC 9562, section 6.2,
    method 2). Safe to call from any thread.
    """

    def __init__(
        self,
        unix_ms: Callable[[], int] = _unix_ms,
        random_bits: Callable[[int], int] = secrets.randbits,
    ) -> None:
        self._unix_ms, self._random_bits = unix_ms, random_bits
        self._lock = threading.Lock()
        self._last = (0, 0)

    def __call__(self) -> str:
        with self._lock:
            self._last = self._after(*self._last)
            return str(_uuid7(*self._last))

    def draw_from(
        self, unix_ms: Callable[[], int] = _unix_ms, random_bits: Callable[[int], int] = secrets.randbits
    ) -> None:
        """Begin anew with another clock and other dice, as a simulation needs that shall repeat exactly.

        Without arguments: with the true ones again.
        """
        with self._lock:
            self._unix_ms, self._random_bits, self._last = unix_ms, random_bits, (0, 0)

    def _after(self, last_ms: int, last_random: int) -> tuple[int, int]:
        now_ms = self._unix_ms()
        if now_ms > last_ms:
            return now_ms, self._random_bits(_RANDOM_BITS)
        following = last_random + 1 + self._random_bits(_STEP_BITS)
        if following >> _RANDOM_BITS:
            return last_ms + 1, self._random_bits(_RANDOM_BITS)
        return last_ms, following


new_id = Ids()


def _uuid7(unix_ms: int, random: int) -> UUID:
    rand_a, rand_b = random >> 62, random & (1 << 62) - 1
    return UUID(int=unix_ms << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b)
