"""The promises, checked at the end from what people could see and from the log that is left."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dawr import calling
from dawr.hall import Hall
from dawr.hours import business_day
from dawr.messages import (
    ActionUndone,
    DayStarted,
    TicketCalled,
    TicketCancelled,
    TicketCompleted,
    TicketIssued,
    TicketMissed,
    TicketParked,
    TicketResumed,
    TicketSteppedAside,
    TicketTransferred,
)
from dawr.settings.centre import Centre
from dawr.tickets import AT_COUNTER, EndedBy, State
from lab.simulation.central import Server
from lab.simulation.kiosks import Kiosk
from lab.simulation.seen import Paper, Seen, Violation
from server.keeping.log import Entry, Log, read
from server.keeping.writer import ANSWERS_KEPT

PROMISES = {
    "I0": "nothing ends in an exception that nobody foresaw",
    "I1": "no number is on two papers of one business day",
    "I2": "every whole paper's ticket is in the log exactly once",
    "I3": "no ticket is called by two counters, and none after it was served",
    "I4": "within a class and a line, whoever came first is called first among those known",
    "I5": "when the faults are healed, everything drains",
    "I6": "nobody is overtaken more than five times",
    "I7": "nothing that was acknowledged or shown disappears",
    "I8": "the log has no gaps, its times never go back, no wait is negative",
    "I9": "no visit is ended by a counter whose clerk never saw it",
}

# How late a hand-in can have come in, and so how wrong the time is at which its tickets joined.
LATE_S = 40.0
_MOVED = (
    TicketCompleted,
    TicketCancelled,
    TicketMissed,
    TicketParked,
    TicketResumed,
    TicketSteppedAside,
    TicketTransferred,
)


def check(seen: Seen, server: Server, kiosks: Sequence[Kiosk]) -> list[Violation]:
    """Every promise that was broken."""
    with server.log.reading() as connection:
        entries = list(read(connection, 0, -1))
    hall = server.writer.hall
    return [
        *seen.violations,
        *_numbers(seen),
        *_in_the_log(seen, entries),
        *_called(seen, hall.centre, entries),
        *_order(seen, server, kiosks, entries),
        *_drained(hall, kiosks),
        *_acknowledged(seen, server.log, kiosks, entries),
        *_times(hall.centre, entries),
        *_unseen(seen, server, entries),
    ]


def is_drained(hall: Hall, kiosks: Sequence[Kiosk]) -> bool:
    """Whether everybody was served and everything handed in."""
    return not list(_drained(hall, kiosks))


def _numbers(seen: Seen) -> Iterator[Violation]:
    first: dict[tuple[object, str], Paper] = {}
    for paper in seen.whole_papers():
        other = first.setdefault((paper.day, paper.number), paper)
        if other is not paper:
            what = f"{paper.number} is on two papers of {paper.day}, of {other.kiosk} and {paper.kiosk}"
            yield Violation("I1", what, (paper.number, paper.id, other.id))


def _in_the_log(seen: Seen, entries: Sequence[Entry]) -> Iterator[Violation]:
    issued: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        if type(entry.event) is TicketIssued:
            issued[entry.event.ticket].append(entry.event.number)
    for paper in seen.whole_papers():
        if issued[paper.id] != [paper.number]:
            what = f"{paper.number} of {paper.kiosk}, day {paper.day}, is in the log as {issued[paper.id] or 'nothing'}"
            yield Violation("I2", what, (paper.number, paper.id))


def _called(seen: Seen, centre: Centre, entries: Sequence[Entry]) -> Iterator[Violation]:
    """On the last day, which ends well, everybody who holds a paper is called."""
    last = business_day(centre, seen.timeline.now)
    called = {entry.event.ticket for entry in entries if isinstance(entry.event, TicketCalled)}
    for paper in seen.whole_papers():
        if paper.day == last and paper.id not in called:
            yield Violation("I5", f"{paper.number} of {paper.kiosk} was never called", (paper.number, paper.id))


@dataclass
class _Line:
    """Those who are known and wait for their first call, by the order of the log."""

    centre: Centre
    kiosks: Sequence[Kiosk]
    server_knows_time: bool
    papers: dict[str, Paper]
    waiting: dict[str, Paper] = field(default_factory=dict)
    exact: set[str] = field(default_factory=set)
    overtaken: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_call: dict[int, list[str]] = field(default_factory=dict)

    def join(self, issued: TicketIssued, told_s: float) -> None:
        paper = self.papers.get(issued.ticket)
        if paper is None:
            return
        self.waiting[issued.ticket] = paper
        if self._is_exact(paper, told_s):
            self.exact.add(issued.ticket)

    def _is_exact(self, paper: Paper, told_s: float) -> bool:
        """Whether the kiosk told a server that knew the time, in the same boot in which it gave the number."""
        if not self.server_knows_time:
            return False
        machine = next(kiosk.machine for kiosk in self.kiosks if kiosk.machine.name == paper.kiosk)
        return not any(paper.given_s < boot_s <= told_s for boot_s in machine.boots)

    def _is_ordered(self, one: Paper, other: Paper) -> bool:
        """Whether the order of two papers is known to any server: without the time, only that of numbers in a line."""
        return one.kiosk == other.kiosk and (self.server_knows_time or one.line == other.line)

    def call(self, sequence: int, called: TicketCalled) -> Iterator[Violation]:
        paper = self.waiting.pop(called.ticket, None)
        if paper is None or called.out_of_order:
            return
        lines = self.centre.counter[called.counter].lines
        self.by_call[sequence] = []
        for id, other in self.waiting.items():
            margin_s = 0.0 if self._is_ordered(paper, other) else LATE_S
            if other.given_s >= paper.given_s - margin_s or (margin_s and not {id, called.ticket} <= self.exact):
                continue
            if (other.line, other.visitor_class) == (paper.line, paper.visitor_class):
                earlier_s = paper.given_s - other.given_s
                what = f"{paper.number} is called while {other.number} waits, which came {earlier_s:.0f} s earlier"
                yield Violation("I4", what, (paper.number, other.number, paper.id, other.id))
            if other.line in lines:
                self.by_call[sequence].append(id)
                self.overtaken[id] += 1
                if self.overtaken[id] > calling.MOST_OVERTAKEN:
                    yield Violation(
                        "I6", f"{other.number} was overtaken {self.overtaken[id]} times", (other.number, id)
                    )

    def undo(self, sequence: int) -> None:
        for id in self.by_call.pop(sequence, []):
            self.overtaken[id] -= 1


def _order(seen: Seen, server: Server, kiosks: Sequence[Kiosk], entries: Sequence[Entry]) -> Iterator[Violation]:
    papers = {paper.id: paper for paper in seen.papers}
    line = _Line(server.writer.hall.centre, kiosks, server.machine.keeps_time, papers)
    for entry in entries:
        match entry.event:
            case TicketIssued() as issued:
                line.join(issued, server.stored_at_s[entry.sequence])
            case TicketCalled() as called:
                yield from line.call(entry.sequence, called)
            case ActionUndone(undone=sequence):
                line.undo(sequence)
            case DayStarted():
                line.waiting.clear()
            case moved if isinstance(moved, _MOVED):
                line.waiting.pop(moved.ticket, None)


def _drained(hall: Hall, kiosks: Sequence[Kiosk]) -> Iterator[Violation]:
    for ticket in hall.tickets.values():
        if ticket.state is State.WAITING or ticket.state in AT_COUNTER:
            yield Violation("I5", f"{ticket.number} is still {ticket.state}", (ticket.number, ticket.id))
    for kiosk in kiosks:
        if kiosk.machine.up and kiosk.journal.not_handed_in():
            left = kiosk.journal.not_handed_in()
            yield Violation(
                "I5", f"{kiosk.machine.name} has {left} tickets that the server did not take", (kiosk.machine.name,)
            )


def _acknowledged(seen: Seen, log: Log, kiosks: Sequence[Kiosk], entries: Sequence[Entry]) -> Iterator[Violation]:
    forgotten = [entry.sequence for entry in entries if entry.event.at < entries[-1].event.at - ANSWERS_KEPT]
    for answered in seen.answers:
        if answered.answer["sequence"] <= len(forgotten):
            continue  # a clock that jumps makes answers old before their time
        kept = log.answer(answered.id)
        said = {name: value for name, value in answered.answer.items() if name != "ok"}
        if kept is None or kept.result.get("answer") != said:
            what = f"counter {answered.device} was answered {answered.event}, which the log does not know"
            yield Violation("I7", what, (answered.device, answered.id))
    events = {entry.sequence: entry.event for entry in entries}
    issued = {entry.event.ticket: entry.event.number for entry in entries if isinstance(entry.event, TicketIssued)}
    for shown in seen.shown.values():
        event = events.get(shown.sequence)
        number = issued.get(getattr(event, "ticket", ""))
        if (number, getattr(event, "counter", None)) != (shown.number, shown.counter):
            what = f"{shown.board} showed {shown.number} at {shown.counter}, which is not in the log"
            yield Violation("I7", what, (shown.number,))
    for kiosk in kiosks:
        for id, number in kiosk.journal.handed_in():
            if id not in issued:
                yield Violation(
                    "I7", f"{number} was taken from {kiosk.machine.name} and is not in the log", (number, id)
                )


def _times(centre: Centre, entries: Sequence[Entry]) -> Iterator[Violation]:
    joined: dict[str, datetime] = {}
    before: Entry | None = None
    for place, entry in enumerate(entries, 1):
        event = entry.event
        if entry.sequence != place:
            yield Violation("I8", f"event {place} of the log is missing")
        if before and event.at < before.event.at:
            yield Violation("I8", f"event {entry.sequence} is of {event.at}, the one before of {before.event.at}")
        if isinstance(event, TicketIssued):
            joined[event.ticket] = event.joined_at
            if event.joined_at > event.at:
                yield Violation("I8", f"{event.number} joined at {event.joined_at}, after {event.at}", (event.ticket,))
        if isinstance(event, TicketCalled) and event.at < joined[event.ticket]:
            yield Violation("I8", f"{event.ticket} waited a negative time", (event.ticket,))
        if isinstance(event, DayStarted) and event.day != business_day(centre, event.at):
            yield Violation("I8", f"day {event.day} began at {event.at}")
        before = entry


def _unseen(seen: Seen, server: Server, entries: Sequence[Entry]) -> Iterator[Violation]:
    first_sent: dict[str, float] = {}
    for sent_s, _counter, _event, command in seen.sent:
        first_sent.setdefault(command["command_id"], sent_s)
    first_seen: dict[tuple[str, str], float] = {}
    for at_s, counter, ticket in seen.at_counter:
        first_seen.setdefault((counter, ticket), at_s)
    for entry in entries:
        event = entry.event
        if isinstance(event, TicketCompleted) and event.by is EndedBy.COUNTER:
            ended_s = first_sent.get(entry.command, server.stored_at_s[entry.sequence])
            if first_seen.get((event.counter, event.ticket), float("inf")) > ended_s:
                what = f"counter {event.counter} ended the visit of {event.ticket} before its clerk knew of it"
                yield Violation("I9", what, (event.ticket, f"counter-{event.counter}"))
