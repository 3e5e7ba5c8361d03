"""What people could see: papers in hands, answers on screens, numbers on boards and boxes. The checks know only this,
and the log at the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lab.simulation.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Paper:
    """A slip that came out. `id` is the ticket's, as a code on it would tell; `day` the true one of its giving."""

    at_s: float
    given_s: float
    kiosk: str
    id: str
    number: str
    day: date
    line: str
    visitor_class: str | None
    boot: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """A command that was answered with yes."""

    at_s: float
    sent_s: float
    device: str
    event: str
    id: str
    payload: Mapping[str, Any]
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A call on a board."""

    at_s: float
    board: str
    sequence: int
    number: str
    counter: str


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that was broken: which, what happened, and the words by which its story is found in the trace."""

    promise: str
    what: str
    about: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.promise}: {self.what}"


@dataclass
class Seen:
    """Everything that was seen in one simulation."""

    timeline: Timeline
    papers: list[Paper] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)
    shown: dict[tuple[int, str, str], Shown] = field(default_factory=dict)
    """Each call the first time that a board showed it: sequence, number, counter."""
    sent: list[tuple[float, str, str, Mapping[str, Any]]] = field(default_factory=list)
    """Every command that a counter sent: when, counter, name, payload."""
    at_counter: list[tuple[float, str, str]] = field(default_factory=list)
    """When a clerk saw a ticket at the counter: when, counter, ticket id."""
    violations: list[Violation] = field(default_factory=list)

    def broken(self, promise: str, what: str, *about: str) -> None:
        """A promise is broken, plain to see."""
        self.violations.append(Violation(promise, what, about))

    def crashed(self, machine: str, defect: BaseException) -> None:
        """Something ended in a way that nobody foresaw."""
        self.broken("I0", f"{machine}: {type(defect).__name__}: {defect}", machine)

    def whole_papers(self) -> list[Paper]:
        """The papers that a person can read."""
        return [paper for paper in self.papers if paper.whole]
