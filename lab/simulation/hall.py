"""One simulated centre put together, and its run from the first morning until everything has drained."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dawr.ids import new_id
from dawr.settings.centre import Centre
from dawr.settings.mistakes import parse
from lab.simulation.boards import HallBoard
from lab.simulation.central import Complaints, Server
from lab.simulation.checks import check, is_drained
from lab.simulation.counters import BoxCounter, Counter
from lab.simulation.faults import CLOSES_S, Faults
from lab.simulation.kiosks import Kiosk
from lab.simulation.machines import Machine
from lab.simulation.network import Network
from lab.simulation.parts import Parts
from lab.simulation.people import People
from lab.simulation.seen import Seen, Violation
from lab.simulation.timeline import DAY_S, Note, Timeline

MEMORY = Path("/dev/shm")
"""A file system in memory: what a power cut takes is the simulated disk's affair, so nothing waits for a real one."""
VISITORS = (12, 24, 60)
"""The most that come on a day: quiet days show as much as busy ones, and take less time."""
LONGEST_EVENING_S = 12 * 3600.0

SETTINGS = """
[centre]
id = "simulated"
name = {{ ar = "مركز المحاكاة", en = "Simulated centre" }}
recalls_before_no_show = 2

[hours]
{hours}

[[class]]
id = "elderly"
name = {{ ar = "كبار السن", en = "Elderly" }}
credit_minutes = 20

[[line]]
id = "civil"
letter = "A"
name = {{ ar = "السجل المدني", en = "Civil registry" }}

[[line]]
id = "land"
letter = "C"
name = {{ ar = "المصالح العقارية", en = "Land registry" }}

[[category]]
id = "papers"
name = {{ ar = "وثائق", en = "Papers" }}

[[service]]
id = "birth"
name = {{ ar = "بيان ولادة", en = "Birth certificate" }}
category = "papers"
line = "civil"
usual_minutes = 6

[[service]]
id = "deed"
name = {{ ar = "إخراج قيد عقاري", en = "Property statement" }}
category = "papers"
line = "land"
usual_minutes = 12

[[counter]]
id = "1"
lines = ["civil", "land"]

[[counter]]
id = "2"
lines = ["civil"]

[[counter]]
id = "3"
lines = ["land", "civil"]

[[counter]]
id = "4"
lines = ["civil", "land"]
"""
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one seed."""

    seed: int
    days: int
    tickets: int
    cuts: int
    violations: tuple[Violation, ...]
    fingerprint: str
    trace: tuple[Note, ...]


class SimulatedHall:
    """A whole centre. `timeless`: the probability that its server loses the time with its power."""

    def __init__(self, seed: int, folder: Path, parts: Parts, timeless: float, *, keep_trace: bool = False) -> None:
        self.timeline = timeline = Timeline(seed, keep_trace=keep_trace)
        self.seen = seen = Seen(timeline)
        chance = timeline.chance
        text, self.centre = _settings(timeline, kiosks=chance.randint(2, 3))
        centre_file = folder / "centre.toml"
        centre_file.write_text(text, "utf-8")
        knows_time = not timeline.happens(timeless)
        server = Machine("server", timeline, seen.crashed, folder / "server", keeps_time=knows_time)
        self.server = Server(server, self.centre, text, parts, seen)
        self.network = Network(timeline, self.server)
        self.people = People(timeline, seen, ("birth", "birth", "deed"), (None, None, None, "elderly"))
        self.kiosks = [
            Kiosk(
                Machine(one.id, timeline, seen.crashed, folder / one.id, keeps_time=timeline.happens(0.25)),
                self.network,
                centre_file,
                parts,
                seen,
            )
            for one in self.centre.kiosks
        ]
        kinds = (BoxCounter, Counter, BoxCounter, Counter)
        self.counters = [
            kind(id, Machine(f"counter-{id}", timeline, seen.crashed), self.network, parts, self.people, seen)
            for id, kind in zip(self.centre.counter, kinds, strict=True)
        ]
        self.board = HallBoard(Machine("board", timeline, seen.crashed), self.network, parts, seen)
        self.machines = [
            self.server.machine,
            *(kiosk.machine for kiosk in self.kiosks),
            *(counter.machine for counter in self.counters),
            self.board.machine,
        ]

    def run(self, days: int) -> None:
        """From the first morning until the last evening, when all is healed and has to drain."""
        timeline = self.timeline
        for day in range(days):
            self.people.come(day * DAY_S, self.kiosks, timeline.chance.randint(4, timeline.chance.choice(VISITORS)))
        Faults(self, days)
        timeline.run(7 * 3600.0)
        for machine in self.machines:
            timeline.after(timeline.chance.uniform(0, 300), machine.start)
        ends_s = (days - 1) * DAY_S + CLOSES_S
        timeline.run(ends_s + 3600)
        while timeline.now_s < ends_s + LONGEST_EVENING_S and not is_drained(self.server.writer.hall, self.kiosks):
            timeline.run(timeline.now_s + 600)

    def verdict(self) -> list[Violation]:
        """Every promise that was broken."""
        return check(self.seen, self.server, self.kiosks)

    def close(self) -> None:
        """Switch everything off."""
        for machine in self.machines:
            machine.stop(None, why="ends", clean=True)
        self.timeline.run(self.timeline.now_s)


def simulate(
    seed: int, days: int = 2, parts: Parts | None = None, *, timeless: float = 0.0, keep_trace: bool = False
) -> Outcome:
    """Live through some days of a centre. The same seed gives the same outcome, trace and all.

    `timeless`: how often the server has lost the time after a power cut, until NTP tells it, as a probability.
    """
    parent = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        hall = SimulatedHall(seed, Path(folder), parts or Parts(), timeless, keep_trace=keep_trace)
        with _on_this_timeline(hall):
            try:
                hall.run(days)
                violations = hall.verdict()
            except Exception as defect:
                hall.seen.crashed("the centre", defect)
                violations = hall.seen.violations
            finally:
                hall.close()
    return Outcome(
        seed=seed,
        days=days,
        tickets=len(hall.seen.papers),
        cuts=sum(machine.cuts for machine in hall.machines),
        violations=tuple(violations),
        fingerprint=hall.timeline.fingerprint,
        trace=tuple(hall.timeline.trace or ()),
    )


@contextmanager
def _on_this_timeline(hall: SimulatedHall) -> Iterator[None]:
    """Ids and complaints belong to this simulation meanwhile."""
    timeline = hall.timeline
    new_id.draw_from(lambda: int(timeline.now.timestamp() * 1000), timeline.chance.getrandbits)
    rooms = [logging.getLogger(name) for name in ("server", "kiosk", "concurrent.futures")]
    complaints = Complaints(hall.seen)
    for room in rooms:
        room.addHandler(complaints)
        room.propagate = False
    try:
        yield
    finally:
        for room in rooms:
            room.removeHandler(complaints)
            room.propagate = True
        new_id.draw_from()


def _settings(timeline: Timeline, kiosks: int) -> tuple[str, Centre]:
    """The settings of a seed: few or many numbers for each kiosk, so that some run past the end of their part."""
    hours = "\n".join(f'{day} = ["07:00-16:00"]' for day in _DAYS)
    step = timeline.chance.choice((8, 25, 300))
    parts = "".join(f'\n[[kiosk]]\nid = "kiosk-{one + 1}"\nnumbers_from = {1 + one * step}\n' for one in range(kiosks))
    text = SETTINGS.format(hours=hours) + parts
    return text, parse(Centre, text, "centre.toml")
