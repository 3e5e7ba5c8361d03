"""One soak from the first process to the verdict."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lab.soak.day import Day, Plan, live_through
from lab.soak.fold import bytes_a_ticket
from lab.soak.hall import Size, SoakedHall, slips
from lab.soak.judge import Life, chatter, life
from lab.soak.people import Answered
from lab.soak.processes import Part
from lab.soak.promises import broken

WARM_UP = 0.2
AGREE_S = 5.0
LINES_A_TICKET = {"printer": 1.0, "kiosk": 2.0, "box": 3.0}
"""What a process may say of each ticket that it gives, prints or calls; the others have nothing to say."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What a process has logged: lines of how many bytes, in so many lives, about so many tickets of its own."""

    part: str
    lines: int
    bytes: int
    lives: int
    tickets: int
    failures: int


@dataclass(frozen=True, slots=True)
class Soaked:
    """What a soak came to. `kept_bytes`: what the server keeps of each ticket. `wrong`: a sentence for each fault."""

    day: Day
    lives: list[Life]
    talks: list[Talk]
    answers: list[Answered]
    kept_bytes: float
    wrong: list[str]


def soak(folder: Path, size: Size, plan: Plan, note: Callable[[int], None] = lambda _given: None) -> Soaked:
    """Live through a day and judge it; `note` hears how many tickets there are by now."""
    hall = SoakedHall(folder, size, plan.seed)
    with hall.open():
        day = live_through(hall, plan, note)
        log = hall.log()
        hall.stop_people()
    kept = bytes_a_ticket(hall.centre, hall.server.folder / "data")
    lives = [one for part in hall.parts for one in _lives(part, plan.tickets, kept if part is hall.server else 0.0)]
    calls = Counter(entry["event"]["counter"] for entry in log if entry["name"] == "TicketCalled")
    talks = [_talk(part, _tickets_of(part, hall, calls)) for part in hall.parts]
    wrong = [
        *broken(hall, log),
        *(f"the screens agreed after {seconds:.1f} s" for seconds in day.agreed_s if seconds > AGREE_S),
        *(wrong for one in lives for wrong in one.wrongs()),
        *_never_judged(hall, lives),
        *(wrong for one in talks for wrong in _too_much(one, len(hall.server.lives))),
    ]
    return Soaked(day, lives, talks, [one for clerk in hall.clerks for one in clerk.answers], kept, wrong)


def _lives(part: Part, tickets: int, kept: float) -> Iterator[Life]:
    """Those of its lives that were long enough to be judged."""
    for place, samples in enumerate(part.lives, 1):
        name = part.name if len(part.lives) == 1 else f"{part.name}, life {place} of {len(part.lives)}"
        if samples and (one := life(name, samples, int(WARM_UP * tickets), kept)):
            yield one


def _never_judged(hall: SoakedHall, lives: list[Life]) -> Iterator[str]:
    """A kind of process of which no life was long enough proves nothing."""
    judged = {_kind(one.part) for one in lives}
    for kind in {_kind(part.name) for part in hall.parts} - judged:
        yield f"no life of a {kind} was long enough to be judged"


def _tickets_of(part: Part, hall: SoakedHall, calls: Counter[str]) -> int:
    """How many tickets a process had something to do with."""
    kind, _, id = part.name.partition("-")
    if kind == "box":
        return calls[id]
    return (
        len(list(slips(hall.printers[int(id) - 1]).glob("*.png"))) if kind in ("kiosk", "printer") else hall.tickets()
    )


def _talk(part: Part, tickets: int) -> Talk:
    said = part.log.read_text("utf-8", "replace")
    return Talk(
        part.name, said.count("\n"), len(said.encode()), len(part.lives), tickets, len(re.findall("Traceback", said))
    )


def _too_much(talk: Talk, servers: int) -> Iterator[str]:
    yield from chatter(
        talk.part, talk.lines, talk.tickets, talk.lives + servers, LINES_A_TICKET.get(_kind(talk.part), 0.0)
    )
    if talk.failures:
        yield f"{talk.part} has logged {talk.failures} tracebacks"


def _kind(part: str) -> str:
    return re.split("[-,]", part)[0]
