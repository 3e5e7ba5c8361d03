"""Talking with a printer over one connection: how it is, and whether it has finished all that it was given.

What a printer is found to answer outlives the connection, in `Known`.
"""

import time
from dataclasses import dataclass
from enum import Enum, auto
from itertools import count

from kiosk.answers import (
    ERROR,
    IN_TURN_QUESTION,
    OFFLINE,
    PAPER,
    PRINTER,
    InTurnByte,
    ProcessDone,
    Status,
    StatusByte,
    meaning,
    process_question,
    status_question,
    take_answers,
)
from kiosk.transport import Wire

_ANSWER_S = 1.0
# A printer that was silent so far is asked again each time: it may only have been switched off.
_GLANCE_S = 0.2
_OFFLINE_ERROR = 0x40


class Proof(Enum):
    """The best proof of a job's end that a printer gives."""

    UNKNOWN = auto()
    NONE = auto()
    IN_TURN = auto()
    PROCESS = auto()


@dataclass(slots=True)
class Known:
    """What is known of a printer. `talks`: whether it answers at all, None when nobody asked yet.

    `owed`: in-turn questions whose answer has not come. These answers carry no name and may reach a later connection,
    so a job is proved by the last of them only.
    """

    talks: bool | None = None
    proof: Proof = Proof.UNKNOWN
    owed: int = 0
    owed_until: float = 0.0


class Conversation:
    """One connection's questions and answers. Trouble with the connection is raised as `PrinterProblem`."""

    _tags = count(1)

    def __init__(self, wire: Wire, known: Known) -> None:
        self.wire, self.known = wire, known
        self._heard = bytearray()
        self._status_bytes: list[int] = []
        self._processes: set[bytes] = set()
        self._caught_up = False
        if time.monotonic() > known.owed_until:
            known.owed = 0

    def status(self) -> Status | None:
        """How the printer is now; None when it does not say."""
        answers: dict[int, int] = {}
        for kind in (PRINTER, OFFLINE, PAPER):
            answer = self._ask(kind)
            if answer is None:
                return None
            answers[kind] = answer
        if answers[OFFLINE] & _OFFLINE_ERROR and (error := self._ask(ERROR)) is not None:
            answers[ERROR] = error
        return meaning(answers)

    def end_question(self, overdue_s: float) -> tuple[bytes, bytes]:
        """The bytes to send after a job to learn of its end, and the tag by which `ended` knows them.

        An answer that has not come after `overdue_s` was lost, and is not waited for any more.
        """
        tag = b"D%03d" % (next(self._tags) % 1000)
        self._caught_up = False
        if self.known.proof is Proof.PROCESS:
            return process_question(tag), tag
        if not self.known.owed:
            self.known.owed_until = time.monotonic() + overdue_s
        self.known.owed += 1
        # Asked both ways, a printer shows which it knows; a clone's misreading goes with the next ESC @.
        both = process_question(tag) + IN_TURN_QUESTION
        return (both if self.known.proof is Proof.UNKNOWN else IN_TURN_QUESTION), tag

    def ended(self, tag: bytes, wait_s: float) -> bool:
        """Whether the printer, by then, has finished all before that question."""
        deadline = time.monotonic() + wait_s
        while not self._caught_up and not (tag in self._processes and self.known.proof is Proof.PROCESS):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            self._listen(left)
        if tag in self._processes:
            self.known.proof = Proof.PROCESS
        elif self._caught_up:
            self.known.proof = Proof.IN_TURN
        return tag in self._processes or self._caught_up

    def _ask(self, kind: int) -> int | None:
        wait_s = _GLANCE_S if self.known.talks is False else _ANSWER_S
        self._status_bytes.clear()
        self.wire.write(status_question(kind), wait_s)
        deadline = time.monotonic() + wait_s
        while not self._status_bytes and (left := deadline - time.monotonic()) > 0:
            self._listen(left)
        return self._status_bytes[0] if self._status_bytes else None

    def _listen(self, wait_s: float) -> None:
        self._heard += self.wire.read(wait_s)
        for answer in take_answers(self._heard):
            match answer:
                case StatusByte(value):
                    self.known.talks = True
                    self._status_bytes.append(value)
                case InTurnByte() if self.known.owed:
                    self.known.owed -= 1
                    self._caught_up = self.known.owed == 0
                case ProcessDone(tag):
                    self._processes.add(tag)
