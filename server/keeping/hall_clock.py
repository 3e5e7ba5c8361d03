"""The hall's clock: the time by which the server decides, and what it makes of a wall clock that jumps.

It runs on the boot clock, never goes back, and knows who vouches for it. A small computer has no clock of its own:
after a power cut its wall clock is behind, or years off, until NTP or somebody of the staff sets it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from dawr.clock import Hardware, Moment, Trust, this_machine, weeks_ahead

BATTERY_CLOCK = Path("/sys/class/rtc/rtc0")
# More than a crystal drifts or NTP shifts between two looks.
JUMP = timedelta(seconds=10)
# A centre may be closed for so long; what is farther ahead of the log than this has to be vouched for by somebody.
LONGEST_CLOSED = timedelta(days=30)

_WORTH = {Trust.NONE: 0, Trust.STAFF: 1, Trust.SERVER: 1, Trust.NTP: 2}


@dataclass(frozen=True, slots=True)
class Jump:
    """The wall clock jumped `by` so much against what the hall's clock said; `followed` if that goes by it now.

    `since`: by the clock before, when the time began that was wrong, if it was followed.
    """

    by: timedelta
    followed: bool
    trust: Trust
    since: datetime


class HallClock:
    """The clock of one run of a server, whose log ends at `last_at` (None: empty).

    `vouched`: staff say that this machine's clock is right. `has_battery`: it went on while the power was off. `ahead`:
    how far the log was ahead of the real time when somebody last told that.
    """

    def __init__(
        self,
        last_at: datetime | None,
        hardware: Hardware | None = None,
        *,
        vouched: bool = False,
        has_battery: bool | None = None,
        ahead: timedelta = timedelta(),
    ) -> None:
        self._hardware = hardware or this_machine()
        self._vouched = vouched
        self._has_battery = BATTERY_CLOCK.exists() if has_battery is None else has_battery
        wall, boottime_s = self._hardware.wall(), self._hardware.boottime_s()
        self._seen = (wall, boottime_s)
        self._ahead = timedelta()
        self._worth_of = self._who_vouches()
        self._found: Jump | None = None
        self._heard: tuple[datetime, float] | None = None
        self._since = wall
        self._time = self._floor = (wall, boottime_s)
        if last_at is None:
            return
        # What comes now is told from what came before by being later.
        self._since = last_at + timedelta(microseconds=1)
        self._time = self._floor = (self._since, boottime_s)
        if self._worth_of is not Trust.NTP and not self._is_likely(wall - last_at):
            self._ahead = ahead
        by = wall + self._ahead - last_at
        if self._is_likely(by):
            self._time = (wall + self._ahead, boottime_s)
            self._since = self.now()
            return
        followed = self._worth_of is Trust.NTP
        if followed:
            self._set(wall, boottime_s, weeks_ahead(by))
        else:
            self._worth_of = Trust.NONE
        self._found = Jump(by, followed, self.trust, self._since)

    @property
    def trust(self) -> Trust:
        """Who vouches for the time that this clock shows: nobody as long as it is ahead, or waits for the real one."""
        return Trust.NONE if self._ahead or self._waits() else self._worth_of

    @property
    def told(self) -> tuple[Trust, datetime]:
        """What changes whenever the devices have to be told the time anew."""
        return self.trust, self._since

    @property
    def knows_the_day(self) -> bool:
        """Whether a business day may begin by this clock."""
        return self._worth_of is not Trust.NONE

    def now(self) -> datetime:
        """The time, aware; never earlier than before: ahead of the real time it goes on at half speed."""
        boottime_s = self._hardware.boottime_s()
        (time, then_s), (floor, floor_s) = self._time, self._floor
        return max(
            time + timedelta(seconds=boottime_s - then_s),
            floor + timedelta(seconds=(boottime_s - floor_s) / 2),
        )

    def hear(self, device: Moment) -> None:
        """Take the time from a device while nobody else tells it; what nobody vouches for there is not heard.

        A kiosk keeps what NTP, or this server before it lost the time, has told it. Its numbers begin anew with each
        day: a server that knew less of the day would take them for numbers that were given twice.
        """
        if self._worth_of is Trust.NONE and device.trust is not Trust.NONE:
            self._heard = (device.wall, self._hardware.boottime_s())

    def dated(self, moment: Moment) -> Moment:
        """A device's moment in the time of the log, which may be ahead of the real one that the device knows."""
        return replace(moment, wall=moment.wall + self._ahead)

    def has_news(self) -> bool:
        """Whether `look` would find something that has to be told; for any thread."""
        if self._heard is not None:
            return True
        return self._found is not None or self._jumped_by() is not None or self._is_vouched_better()

    def look(self) -> Jump | None:
        """Look at the wall clock, for one thread; about once a second. A jump, if there was one since.

        A jump is followed only if who vouches for the new time is worth more than who vouched for the old one: NTP
        more than staff, a hand that sets an unknown time more than nobody. Small steps are always followed.
        """
        found, self._found = self._found, None
        if found:
            return found
        by = self._jumped_by()
        heard, self._heard = self._heard, None
        wall, boottime_s = self._seen = (self._hardware.wall(), self._hardware.boottime_s())
        # Who sets a clock by hand vouches for it.
        vouches = Trust.NTP if self._hardware.is_synchronised() else Trust.STAFF
        if (by is not None or vouches is Trust.NTP) and _WORTH[vouches] > _WORTH[self._worth_of]:
            return self._follow(wall, boottime_s, vouches)
        if heard and self._worth_of is Trust.NONE:
            said, then_s = heard
            return self._follow(said + timedelta(seconds=boottime_s - then_s), boottime_s, Trust.SERVER)
        if by is not None:
            return Jump(by, False, self.trust, self._since)
        self._drift_along(wall, boottime_s)
        return None

    def _is_likely(self, passed: timedelta) -> bool:
        """Whether so much time can have passed since the log ended."""
        longest = timedelta.max if self._vouched or self._worth_of is Trust.NTP else LONGEST_CLOSED
        return -JUMP <= passed <= longest

    def _who_vouches(self) -> Trust:
        if self._hardware.is_synchronised():
            return Trust.NTP
        return Trust.STAFF if self._vouched or self._has_battery else Trust.NONE

    def _waits(self) -> bool:
        (time, then_s), boottime_s = self._time, self._hardware.boottime_s()
        return self.now() - time - timedelta(seconds=boottime_s - then_s) > JUMP

    def _jumped_by(self) -> timedelta | None:
        wall, then_s = self._seen
        by = self._hardware.wall() - wall - timedelta(seconds=self._hardware.boottime_s() - then_s)
        return by if abs(by) > JUMP else None

    def _is_vouched_better(self) -> bool:
        return self._worth_of is not Trust.NTP and self._hardware.is_synchronised()

    def _follow(self, wall: datetime, boottime_s: float, trust: Trust) -> Jump | None:
        by, since = wall - self.now(), self._since
        self._worth_of = trust
        self._set(wall, boottime_s, weeks_ahead(by))
        return Jump(by, True, self.trust, since) if abs(by) > JUMP else None

    def _set(self, wall: datetime, boottime_s: float, ahead: timedelta) -> None:
        """Go by this time from now on; as long as that stays ahead of it, nobody vouches for its date."""
        self._ahead = ahead
        self._floor = (self.now(), boottime_s)
        self._time = (wall + self._ahead, boottime_s)
        self._since = self.now()

    def _drift_along(self, wall: datetime, boottime_s: float) -> None:
        """NTP shifts a clock by a little all the time."""
        time, then_s = self._time
        expected = time + timedelta(seconds=boottime_s - then_s)
        if abs(wall + self._ahead - expected) <= JUMP:
            self._floor = (self.now(), boottime_s)
            self._time = (wall + self._ahead, boottime_s)
