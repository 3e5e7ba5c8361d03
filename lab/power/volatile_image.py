"""A disk image with a volatile write cache; how a machine gets at it is decided elsewhere.

As with a real disk: what was written since the last flush is readable at once, and any sector of it may be forgotten.
"""

import threading
from random import Random

from lab.power.crash import SECTOR, SURVIVAL


class VolatileImage:
    """The image; any thread may use it."""

    def __init__(self, content: bytes) -> None:
        self._lock = threading.Lock()
        self.writes = self.flushes = self.forgotten = 0
        """How often it was written to and flushed, and how many sectors its cuts cost."""
        self._begin(content)

    def __len__(self) -> int:
        return len(self._now)

    def read(self, offset: int, length: int) -> bytes:
        """What a machine sees: the cache included."""
        with self._lock:
            return bytes(self._now[offset : offset + length])

    def write(self, offset: int, data: bytes, *, through: bool = False) -> None:
        """Take a write; `through` the cache when the machine asks for that (FUA)."""
        with self._lock:
            self._now[offset : offset + len(data)] = data
            self._pending.append((offset, bytes(data)))
            self.writes += 1
        if through:
            self.flush()

    def flush(self) -> None:
        """Everything written before is kept."""
        with self._lock:
            for offset, data in self._pending:
                self._durable[offset : offset + len(data)] = data
            self._pending.clear()
            self.flushes += 1

    def after_a_cut(self, random: Random) -> bytes:
        """What would be left if the power failed now; the disk itself goes on."""
        with self._lock:
            left, pending = bytearray(self._durable), list(self._pending)
        survival = random.choice(SURVIVAL)
        for offset, data in pending:
            for start in range(0, len(data), SECTOR):
                if random.random() < survival:
                    sector = data[start : start + SECTOR]
                    left[offset + start : offset + start + len(sector)] = sector
                else:
                    self.forgotten += 1
        return bytes(left)

    def begin_again(self, content: bytes) -> None:
        """Go on with what was left, or with a new disk."""
        with self._lock:
            self._begin(content)

    def _begin(self, content: bytes) -> None:
        self._now, self._durable = bytearray(content), bytearray(content)
        self._pending: list[tuple[int, bytes]] = []
