"""The day itself: people come, processes are killed, and at quiet moments everything is measured."""

import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lab.network.machines import wait_until
from lab.soak.hall import SoakedHall
from lab.soak.processes import Part

SERVER_SPARED = 0.6
"""The share of the day in which the server is not killed, so that there is a long life of it to be judged."""
SETTLE_S, TURN_S, DRAIN_S, STILL_S = 1.0, 0.1, 600.0, 3.0


@dataclass(frozen=True, slots=True)
class Plan:
    """A day to live through: so many tickets, or seconds if that is over earlier, and processes to be killed.

    `moments` are the quiet moments at which everything is measured, at even distances; `seed` decides who is killed
    when, and what people do.
    """

    tickets: int
    kills: int
    seed: int
    moments: int = 20
    most_s: float = math.inf


@dataclass(frozen=True, slots=True)
class Kill:
    """A process ends without warning when so many tickets have been given."""

    tickets: int
    part: Part


@dataclass
class Day:
    """What a day came to: how long it took, how long the screens needed at each quiet moment, when the server died."""

    tickets: int = 0
    seconds: float = 0.0
    agreed_s: list[float] = field(default_factory=list)
    server_killed_s: list[float] = field(default_factory=list)
    restarted_s: list[float] = field(default_factory=list)
    """Seconds from the server's end until it answered again."""


def kills(hall: SoakedHall, plan: Plan) -> list[Kill]:
    """Who is killed when: the last kiosk, box and board from the beginning, the server later; the others never are."""
    chance, victims = random.Random(plan.seed), [hall.kiosks[-1], hall.boxes[-1], hall.boards[-1]]
    times = sorted(chance.randrange(1, plan.tickets) for _ in range(plan.kills))
    return [
        Kill(at, chance.choice(victims if at < SERVER_SPARED * plan.tickets else [*victims, hall.server, hall.server]))
        for at in times
    ]


def live_through(hall: SoakedHall, plan: Plan, note: Callable[[int], None] = lambda _tickets: None) -> Day:
    """Open the doors until the tickets are given or the time is over, then call everybody.

    `note` hears how many there are now.
    """
    day, left, began_s = Day(), kills(hall, plan), time.monotonic()
    for moment in range(1, plan.moments + 1):
        hall.resume()
        for given in _until(hall, plan.tickets * moment // plan.moments, began_s + plan.most_s):
            note(given)
            while left and left[0].tickets <= given:
                _kill(hall, left.pop(0).part, day)
        is_over = moment == plan.moments or time.monotonic() > began_s + plan.most_s
        if is_over:
            _drain(hall)
        _measure(hall, day)
        if is_over:
            break
    day.tickets, day.seconds = hall.tickets(), time.monotonic() - began_s
    return day


def _until(hall: SoakedHall, tickets: int, end_s: float) -> Iterator[int]:
    """Tell again and again how many tickets have been given, until there are enough or it is time to close."""
    while (given := hall.tickets()) < tickets and time.monotonic() < end_s:
        yield given
        time.sleep(TURN_S)


def _kill(hall: SoakedHall, part: Part, day: Day) -> None:
    part.kill()
    began_s = time.monotonic()
    part.start()
    if part is hall.server:
        day.server_killed_s.append(began_s)
        wait_until(part.is_ready, DRAIN_S, "the server is back")
        day.restarted_s.append(time.monotonic() - began_s)


def _drain(hall: SoakedHall) -> None:
    """Nobody comes any more; wait until everybody was called. What was pressed before is still printed."""
    for visitor in hall.visitors:
        visitor.stop()
    wait_until(lambda: _is_still(hall), DRAIN_S, "no more slips fall")
    wait_until(lambda: hall.all_handed_in() and hall.waiting() == 0, DRAIN_S, "everybody was called")


def _is_still(hall: SoakedHall) -> bool:
    before = hall.tickets()
    time.sleep(STILL_S)
    return hall.tickets() == before


def _measure(hall: SoakedHall, day: Day) -> None:
    day.agreed_s.append(hall.hush())
    time.sleep(SETTLE_S)
    given = hall.tickets()
    for part in hall.parts:
        part.sample(given)
