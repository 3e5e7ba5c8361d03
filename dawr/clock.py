"""Time as a machine without a clock of its own knows it: the time since it started, and a wall clock with its trust.

Durations and deadlines come from the boot clock; the wall clock is for people and is never believed by itself.
"""

import ctypes
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# So far ahead of the real time a clock can wait for it, at half speed: more than a mistaken time zone, less than a
# mistaken day, in which the numbers of two days would be given on one.
WAITED_FOR = timedelta(hours=16)
WEEK = timedelta(weeks=1)
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


@dataclass(frozen=True, slots=True)
class Hardware:
    """What a machine has to tell the time by: its boot id, its boot clock, its wall clock and whether that is kept
    right by NTP."""

    boot: str
    boottime_s: Callable[[], float]
    wall: Callable[[], datetime]
    is_synchronised: Callable[[], bool]


class Clock:
    """This machine's clock. A device tells it the server's time, which it then keeps by the boot clock."""

    def __init__(self, hardware: Hardware | None = None) -> None:
        self._hardware = hardware or this_machine()
        self.boot = self._hardware.boot
        self._server: tuple[datetime, float] | None = None

    def now(self) -> Moment:
        """This instant."""
        boottime_s = self._hardware.boottime_s()
        if self._server:
            said, then_s = self._server
            return Moment(self.boot, boottime_s, said + timedelta(seconds=boottime_s - then_s), Trust.SERVER)
        trust = Trust.NTP if self._hardware.is_synchronised() else Trust.NONE
        return Moment(self.boot, boottime_s, self._hardware.wall(), trust)

    def trusted(self) -> datetime | None:
        """The wall time, or None while nobody vouches for it."""
        moment = self.now()
        return None if moment.trust is Trust.NONE else moment.wall

    def set_by_server(self, now: datetime) -> None:
        """Take the server's time, as it was when its message came in."""
        self._server = (now, self._hardware.boottime_s())


def take_time(clock: Clock, hello: Mapping[str, Any]) -> None:
    """Take the server's time from its greeting, if anybody vouches for it there."""
    if hello.get("trust") != Trust.NONE:
        clock.set_by_server(datetime.fromisoformat(hello["now"]))


def joined_at(ticket: Moment, sender: Moment, received_at: datetime) -> datetime:
    """When a ticket joined, in the server's time.

    Of the same boot as the sender's message: the server's time less the age by the boot clock. Of an earlier boot:
    the wall clock if somebody vouched for it, else the moment the sender started, the latest it can have been.
    """
    if ticket.boot == sender.boot:
        return received_at - timedelta(seconds=max(0.0, sender.boottime_s - ticket.boottime_s))
    if ticket.trust is not Trust.NONE:
        # What passed between two times that the kiosk knew is true, whatever the server's own date is.
        known = sender.trust is not Trust.NONE
        return min(received_at - (sender.wall - ticket.wall) if known else ticket.wall, received_at)
    return received_at - timedelta(seconds=sender.boottime_s)


def weeks_ahead(by: timedelta) -> timedelta:
    """How far the hall's time stays ahead of the real one when it would have to be set `by` so much, if that is back.

    A log that is days ahead cannot go back, and nobody can wait for it: whole weeks, so that hours and days of the week
    are right. Where it is less the clock waits at half speed.
    """
    return math.ceil(-by / WEEK) * WEEK if by <= -WAITED_FOR else timedelta()


def this_machine() -> Hardware:
    """What the machine that this runs on has."""
    return Hardware(
        boot=BOOT_ID.read_text().strip(),
        boottime_s=lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
        wall=lambda: datetime.now(UTC),
        is_synchronised=_synchronised,
    )


def _synchronised() -> bool:
    """Whether the kernel says that its clock is disciplined: adjtimex(2) with no change asked for."""
    return bool(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)) not in (-1, _TIME_ERROR))
