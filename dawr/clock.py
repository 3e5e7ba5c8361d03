"""Time as a machine without a clock of its own knows it: the time since it started, and a wall clock with its trust.

Durations and deadlines come from the boot clock; the wall clock is for people and is never believed by itself.
"""

import ctypes
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised


class Trust(StrEnum):
    """Who vouches for the wall clock."""

    NTP = "ntp"
    SERVER = "server"
    STAFF = "staff"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as one machine saw it: boot id, seconds since that boot, wall clock and its trust."""

    boot: str
    boottime_s: float
    wall: datetime
    trust: Trust


class Clock:
    """This machine's clock. A device tells it the server's time, which it then keeps by the boot clock."""

    def __init__(self) -> None:
        self.boot = BOOT_ID.read_text().strip()
        self._server: tuple[datetime, float] | None = None

    def now(self) -> Moment:
        """This instant."""
        boottime_s = time.clock_gettime(time.CLOCK_BOOTTIME)
        if self._server:
            said, then_s = self._server
            return Moment(self.boot, boottime_s, said + timedelta(seconds=boottime_s - then_s), Trust.SERVER)
        return Moment(self.boot, boottime_s, datetime.now(UTC), Trust.NTP if _synchronised() else Trust.NONE)

    def trusted(self) -> datetime | None:
        """The wall time, or None while nobody vouches for it."""
        moment = self.now()
        return None if moment.trust is Trust.NONE else moment.wall

    def set_by_server(self, now: datetime) -> None:
        """Take the server's time, as it was when its message came in."""
        self._server = (now, time.clock_gettime(time.CLOCK_BOOTTIME))


def joined_at(ticket: Moment, sender: Moment, received_at: datetime) -> datetime:
    """When a ticket joined, in the server's time.

    Of the same boot as the sender's message: the server's time less the age by the boot clock. Of an earlier boot:
    the wall clock if somebody vouched for it, else the moment the sender started, the latest it can have been.
    """
    if ticket.boot == sender.boot:
        return received_at - timedelta(seconds=max(0.0, sender.boottime_s - ticket.boottime_s))
    if ticket.trust is not Trust.NONE:
        return min(ticket.wall, received_at)
    return received_at - timedelta(seconds=sender.boottime_s)


def _synchronised() -> bool:
    """Whether the kernel says that its clock is disciplined: adjtimex(2) with no change asked for."""
    return bool(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)) not in (-1, _TIME_ERROR))
