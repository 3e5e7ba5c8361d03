"""A small centre and a hall in memory for tests: commands go in, the hall moves on, time is an argument."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from dawr.decide import decide
from dawr.hall import Hall
from dawr.hours import business_day
from dawr.messages import Command, Event, StartDay
from dawr.settings.centre import Centre
from dawr.settings.mistakes import parse

SUNDAY_MORNING = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)  # 09:00 in Damascus

SMALL_CENTRE = """
[centre]
id = "small"
name = { ar = "مركز صغير", en = "Small centre" }

[hours]
sunday = ["08:00-15:30"]
monday = ["08:00-12:00", "13:00-15:30"]

[[holiday]]
date = 2026-12-25
name = { ar = "عيد الميلاد", en = "Christmas" }

[[class]]
id = "elderly"
name = { ar = "كبار السن", en = "Elderly" }
credit_minutes = 20

[[line]]
id = "civil"
letter = "A"
name = { ar = "السجل المدني", en = "Civil registry" }

[[line]]
id = "land"
letter = "C"
name = { ar = "المصالح العقارية", en = "Land registry" }

[[category]]
id = "papers"
name = { ar = "وثائق", en = "Papers" }

[[service]]
id = "birth"
name = { ar = "بيان ولادة", en = "Birth certificate" }
category = "papers"
line = "civil"
usual_minutes = 6
daily_cap = 300

[[service]]
id = "deed"
name = { ar = "إخراج قيد عقاري", en = "Property statement" }
category = "papers"
line = "land"
usual_minutes = 12

[[counter]]
id = "1"
lines = ["civil"]

[[counter]]
id = "2"
lines = ["land", "civil"]

[[counter]]
id = "3"
lines = ["land"]

[[kiosk]]
id = "kiosk-1"
numbers_from = 1

[[kiosk]]
id = "kiosk-2"
numbers_from = 501
"""


def small_centre() -> Centre:
    """The settings above."""
    return parse(Centre, SMALL_CENTRE, "small.toml")


class LiveHall:
    """A hall that takes commands at times of the test's choosing, as the server's writer does, but in memory."""

    def __init__(self, centre: Centre | None = None, now: datetime = SUNDAY_MORNING) -> None:
        self.hall = Hall(centre or small_centre())
        self.now = now
        self.log: list[list[tuple[int, Event]]] = []
        self._ids = count(1)
        self.do(StartDay(day=business_day(self.hall.centre, now)))

    def do(self, command: Command, after_s: float = 0) -> list[Event]:
        """Decide a command some seconds later and fold its events; a refusal comes out as it is."""
        self.now += timedelta(seconds=after_s)
        events = decide(self.hall, command, self.now, f"ticket-{next(self._ids):04d}")
        stored: Sequence[tuple[int, Event]] = list(enumerate(events, self.hall.sequence + 1))
        if stored:
            self.hall.apply(stored)
            self.log.append(list(stored))
        return events
