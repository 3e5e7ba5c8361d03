"""The report of the day: when it is due, and seeing it through until it has been sent.

A day is due when its hours are over and the last visit has ended, at the latest half an hour after closing. Days that
nobody could be told of, for the power was off or the mail server away, are made up for by mail when it comes back.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from dawr.hall import Hall
from dawr.hours import closing
from dawr.tickets import State
from server.outgoing.failure import NotSent
from server.outgoing.kept import Kept
from server.telling.needs import Need

FILE = "reports_sent.json"
LOOK_EVERY_S = 5.0
AT_THE_LATEST = timedelta(minutes=30)
"""So long after closing the day is over, whoever is still there."""
MADE_UP = timedelta(days=7)
"""Older days are not made up for."""

_ACTIVE = (State.WAITING, State.CALLED, State.SERVING, State.PARKED)
_log = logging.getLogger(__name__)


@dataclass
class Way:
    """A way on which the report of a day goes out.

    `send` raises `NotSent`; it may give what managers should know although the day is seen to.
    """

    name: str
    """By what it is kept: `mail` or `print`."""
    send: Callable[[date], Need | None]
    alert: Callable[[date, NotSent], Need]
    """What managers read while a day could not be sent."""
    makes_up: bool
    """Whether a day is still sent on another one."""
    pauses_s: tuple[float, ...]
    """How long it waits after the first, second … failure in a row; the last one again and again."""
    done: date | None = None
    """The last day that is seen to."""
    tried: date | None = None
    """The day that was tried last."""
    failures: int = 0
    again_s: float = 0.0
    unsent: list[Need] = field(default_factory=list)


class Daily:
    """Sends the reports on every way that is switched on; `look` is called every `LOOK_EVERY_S`.

    `knows_the_day`: whether somebody vouches for the clock; else no day is over.
    """

    def __init__(
        self,
        ways: list[Way],
        hall: Callable[[], Hall],
        clock: Callable[[], datetime],
        knows_the_day: Callable[[], bool],
        had_visits: Callable[[date], bool],
        data: Path,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ways, self._hall, self._clock = ways, hall, clock
        self._knows_the_day, self._had_visits, self._monotonic_s = knows_the_day, had_visits, monotonic_s
        self._kept = Kept(data / FILE)
        known = self._kept.read()
        for way in ways:
            way.done = _day(known.get(way.name))

    def unsent(self) -> list[Need]:
        """For managers: what could not be sent yet."""
        return [one for way in self._ways for one in way.unsent]

    def look(self) -> None:
        """Send what is due and was not sent."""
        hall = self._hall()
        if hall.day is None or not self._knows_the_day():
            return
        for way in self._ways:
            if way.done is None:
                # Switched on today: what was before is not sent.
                self._is_done(way, hall.day - timedelta(days=1))
            if not way.makes_up and way.tried and way.tried < hall.day:
                way.tried, way.failures, way.again_s, way.unsent = None, 0, 0.0, []
            if self._monotonic_s() >= way.again_s:
                self._send_due(way, hall)

    def _send_due(self, way: Way, hall: Hall) -> None:
        for day in self._due(way, hall):
            way.tried = day
            try:
                note = way.send(day) if self._had_visits(day) else None
            except NotSent as why:
                way.again_s = self._monotonic_s() + way.pauses_s[min(way.failures, len(way.pauses_s) - 1)]
                way.failures += 1
                way.unsent = [way.alert(day, why)]
                _log.warning("the report of %s was not sent (%s): %s", day, way.name, why)
                return
            way.failures, way.unsent = 0, [note] if note else []
            self._is_done(way, day)

    def _due(self, way: Way, hall: Hall) -> Iterator[date]:
        assert way.done and hall.day
        if way.makes_up:
            oldest = max(way.done + timedelta(days=1), hall.day - MADE_UP)
            yield from (oldest + timedelta(days=place) for place in range((hall.day - oldest).days))
        if way.done < hall.day and is_over(hall, self._clock()):
            yield hall.day

    def _is_done(self, way: Way, day: date) -> None:
        way.done = day
        try:
            self._kept.write({one.name: str(one.done) for one in self._ways if one.done})
        except OSError as problem:
            # After a restart the day may be sent again; its mail is known for the same by its Message-ID.
            _log.error("what was sent cannot be kept: %s", problem)


def is_over(hall: Hall, now: datetime) -> bool:
    """Whether the hall's day is over; a day on which nothing opens never is, but the next one follows it."""
    closes = closing(hall.centre, hall.day) if hall.day else None
    if closes is None or now < closes:
        return False
    return now >= closes + AT_THE_LATEST or not any(True for state in _ACTIVE for _ in hall.in_state(state))


def _day(said: object) -> date | None:
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        return None
