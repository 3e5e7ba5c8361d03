"""How much anybody may ask for in a while. The figures stand here together, with what they are measured by.

A bucket leaks at a steady rate and holds so much at once; what would run over has to wait, or is refused.
"""

import ipaddress
import math
import time
from collections import Counter
from collections.abc import Callable
from functools import lru_cache

from cachetools import LRUCache

MOST_KEYS = 10_000

MOST = 1000
MOST_OF_ONE = 500
CROWDED = 700
"""With so many connections, an address that has `FEW` already gets no more: those who have none shall find room."""
FEW = 20


class Overflow(Exception):
    """More than the bucket holds; `wait_s` is how many seconds later it would not be."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s

    @property
    def whole_s(self) -> int:
        """The same in whole seconds, at least one, as Retry-After says it."""
        return max(1, math.ceil(self.wait_s))


class Buckets:
    """A bucket for each key, such as an address: it takes `at_once`, and leaks `a_second`.

    What runs over waits its turn up to `patience_s`. Only the buckets that were used last are remembered.
    """

    def __init__(
        self,
        a_second: float,
        at_once: float,
        patience_s: float = 0.0,
        now_s: Callable[[], float] = time.monotonic,
        most_keys: int = MOST_KEYS,
    ) -> None:
        self._a_second, self._at_once_s, self._patience_s, self._now_s = (
            a_second,
            at_once / a_second,
            patience_s,
            now_s,
        )
        self._empty_at: LRUCache[str, float] = LRUCache(most_keys)

    def take(self, key: str, amount: float = 1.0) -> float:
        """Pour in; gives the seconds to wait before it may be done, mostly 0. `Overflow`: nothing was poured in."""
        now_s = self._now_s()
        empty_at = max(now_s, self._empty_at.get(key, 0.0)) + amount / self._a_second
        wait_s = empty_at - now_s - self._at_once_s
        if wait_s > self._patience_s:
            raise Overflow(wait_s - self._patience_s)
        self._empty_at[key] = empty_at
        return max(0.0, wait_s)

    def has_room(self, key: str) -> bool:
        """Pour in if there is room; whether there was."""
        try:
            self.take(key)
        except Overflow:
            return False
        return True

    def forget(self, key: str) -> None:
        """Nobody of this key is there any more."""
        self._empty_at.pop(key, None)


class Crowd:
    """Counts who is connected. `of_one`: whether an address is one machine, and not nginx."""

    def __init__(self, of_one: bool = True) -> None:
        self._of_one = of_one
        self._there: Counter[str] = Counter()

    def let_in(self, address: str) -> bool:
        """Whether one more from this address finds room; it is counted then, until it leaves."""
        own, all = self._there[address] if self._of_one else 0, self._there.total()
        if all >= MOST or own >= MOST_OF_ONE or (all >= CROWDED and own >= FEW):
            return False
        self._there[address] += 1
        return True

    def leave(self, address: str) -> None:
        """One of this address has gone."""
        self._there[address] -= 1
        if not self._there[address]:
            del self._there[address]


@lru_cache(MOST_KEYS)
def whose(address: str) -> str:
    """By what an address is counted: a host has a whole /64 of IPv6, and may take a new address for each request."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return address
    return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))


def requests() -> Buckets:
    """An address's requests: 60 screens that load anew at once, and 40 phones that ask each 5 s, are far below.

    They come in one after the other, so that the requests of others go in between; who has 300 of them waiting is
    refused.
    """
    return Buckets(a_second=100, at_once=100, patience_s=3.0)


def messages() -> Buckets:
    """A connection's messages. A clerk sends one in some seconds, a kiosk that was alone for hours a hundred."""
    return Buckets(a_second=30, at_once=300)


def messages_of_address() -> Buckets:
    """An address's messages, over all its connections: what is more is heard later."""
    return Buckets(a_second=100, at_once=1000, patience_s=math.inf)


def live_bytes() -> Buckets:
    """An address's bytes over live connections: what is more has to wait, as on a slow line."""
    return Buckets(a_second=64 * 1024, at_once=640 * 1024, patience_s=math.inf)


def complaints() -> Buckets:
    """An address's nonsense that is worth a line in the journal: nobody shall wash out of it what others wrote."""
    return Buckets(a_second=1 / 60, at_once=20)


def orders() -> Buckets:
    """Orders of browsers to one kiosk. Its own limit is about paper; this one keeps it free for its visitors."""
    return Buckets(a_second=2, at_once=60)
