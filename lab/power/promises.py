"""What we promise, held against a folder after a power cut: the journal and the log are opened by the product itself.

A broken promise is a sentence. None means: every number on paper is in the log exactly once and would be called, no
number exists twice, nothing that was answered is gone, the log has no gap.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from dawr.clock import Moment
from dawr.errors import DawrError, NothingToDo
from dawr.hours import business_day
from dawr.messages import CallNext, IssueTicket
from dawr.settings.centre import Centre
from kiosk.identity import owner
from kiosk.journal import Wish
from kiosk.opening import JOURNAL, RESERVE, open_journal
from lab.power.small_hall import KIOSK, SERVICES, SUNDAY, Fact, SmallHall
from server.keeping.log import FILE, read

STORED = (RESERVE, *(f"{name}{suffix}" for name in (FILE, JOURNAL) for suffix in ("", "-wal", "-journal")))
"""The files in which all of it stands."""


def broken_promises(
    folder: Path, said: Sequence[Fact], centre: Centre | None = None, now: datetime = SUNDAY, *, is_copy: bool = True
) -> list[str]:
    """Every promise that does not hold in this folder, after these facts had been told.

    It writes to the folder; of a copy it throws the journal away in the end, to see what the kiosk does without it.
    """
    damage = [*_damage(folder / JOURNAL), *_damage(folder / FILE)]
    if damage:
        return damage
    try:
        # The machine that looks is not always the one that wrote.
        hall = SmallHall(folder, lambda _fact: None, centre, now, adopts=True)
    except (DawrError, sqlite3.Error) as problem:
        return [f"it does not open: {problem}"]
    with closing(hall):
        try:
            broken = [*_of_the_kiosk(hall, said), *_of_the_server(hall, said), *_of_both(hall, folder, said)]
        except (DawrError, sqlite3.Error) as problem:
            return [f"it does not go on: {problem!r}"]
    if broken or not is_copy:
        return broken
    return [*_without_the_journal(folder, said, hall.centre, hall.now())]


def _damage(file: Path) -> Iterator[str]:
    if file.exists():
        with closing(sqlite3.connect(file)) as database:
            try:
                [found] = database.execute("PRAGMA integrity_check").fetchone()
            except sqlite3.Error as problem:
                found = str(problem)
        if found != "ok":
            yield f"{file.name} is damaged: {found}"


def _of_the_kiosk(hall: SmallHall, said: Sequence[Fact]) -> Iterator[str]:
    on_paper = {fact["ticket"]: fact["paper"] for fact in said if "paper" in fact}
    for number, times in Counter(on_paper.values()).items():
        if times > 1:
            yield f"{number} was printed {times} times"
    in_journal = {given.id: given.number for given in hall.journal.of_day(business_day(hall.centre, hall.now().wall))}
    for id, number in on_paper.items():
        if in_journal.get(id) != number:
            yield f"{number} was printed, and the journal does not know it"
    for service in SERVICES:
        number = hall.give(service)
        if number in on_paper.values():
            yield f"{number} was printed, and is given again"


def _of_the_server(hall: SmallHall, said: Sequence[Fact]) -> Iterator[str]:
    with hall.log.reading() as connection:
        entries = list(read(connection, 0, -1))
    if len(entries) != hall.log.sequence:
        yield f"the log has {len(entries)} events up to {hall.log.sequence}"
    for fact in said:
        if "command" in fact:
            stored = hall.log.answer(fact["command"])
            if not stored or not _holds(fact["answer"], _answered(stored.result)):
                yield f"{fact['name']} was answered {json.dumps(fact['answer'])[:80]}, and the log does not know it"
    told = {number for fact in said if (number := _number(fact, IssueTicket.NAME))}
    for service in SERVICES:
        number = hall.do_alone(IssueTicket(service=service, language="ar"))["ticket"]["number"]
        if number in told:
            yield f"{number} was given by the server, and is given again"


def _of_both(hall: SmallHall, folder: Path, said: Sequence[Fact]) -> Iterator[str]:
    """What the kiosk need not tell again is in the log. It hands in the rest; then each number on paper is there once,
    and nobody is called who was called before."""
    with closing(sqlite3.connect(folder / JOURNAL)) as journal:
        told = dict(journal.execute("SELECT id, number FROM ticket WHERE handed_in = 1"))
    for id in set(told) - hall.log.known_tickets(told):
        yield f"the kiosk takes {told[id]} for handed in, and the log does not know it"
    while hall.hand_in(hall.do_alone):
        pass
    in_log = Counter(ticket.number for ticket in hall.writer.hall.tickets.values())
    for fact in said:
        if "paper" in fact and in_log[fact["paper"]] != 1:
            yield f"{fact['paper']} was printed, and is {in_log[fact['paper']]} times in the log"
    called = {number for fact in said if (number := _number(fact, CallNext.NAME))}
    for _ in range(2):
        try:
            number = hall.do_alone(CallNext(counter="1"))["ticket"]["number"]
        except NothingToDo:
            return
        if number in called:
            yield f"{number} was called, and is called again"
        called.add(number)


def _without_the_journal(folder: Path, said: Sequence[Fact], centre: Centre, now: Moment) -> Iterator[str]:
    """The kiosk's journal is lost as well: it goes on above every number that it gave."""
    on_paper = {fact["paper"] for fact in said if "paper" in fact}
    for file in folder.glob(f"{JOURNAL}*"):
        file.unlink()
    with closing(open_journal(folder, owner(KIOSK), folder / RESERVE).journal) as journal:
        for service in SERVICES:
            number = journal.give(Wish(service=service, language="ar"), centre, centre.ranges[KIOSK], now).number
            if number in on_paper:
                yield f"{number} was printed, and is given again when the journal is lost"


def _holds(told: Fact, stored: Fact) -> bool:
    """Whether everything that was told is stored."""
    return all(stored.get(name) == value for name, value in told.items())


def _answered(result: Fact) -> Fact:
    return {"refused": result["refused"]["code"]} if "refused" in result else result["answer"]


def _number(fact: Fact, command: str) -> str | None:
    """The number in an answer to such a command."""
    if fact.get("name") != command or "refused" in fact["answer"] or not fact["answer"]["ticket"]:
        return None
    return str(fact["answer"]["ticket"]["number"])
