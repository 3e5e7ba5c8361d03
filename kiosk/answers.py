"""What an ESC/POS printer says back: the questions, telling the answers apart, and what they mean.

Byte sequences are from Epson's ESC/POS command reference (DLE EOT, GS r, GS ( H, GS a); clones answer a part of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kiosk.transport import Cause

# Asked in passing, answered at once, also when the printer is off line (DLE EOT n).
PRINTER, OFFLINE, ERROR, PAPER = 1, 2, 3, 4


def status_question(kind: int) -> bytes:
    """DLE EOT n: the state of the printer, why it is off line, which error, the paper."""
    return bytes((0x10, 0x04, kind))


# GS r 1: the paper once more, but answered in its turn among the jobs, and not while the printer is off line.
IN_TURN_QUESTION = b"\x1dr\x01"


def process_question(tag: bytes) -> bytes:
    """GS ( H, function 48: `tag` (four printable bytes) comes back when all before it has been printed."""
    return b"\x1d(H\x06\x0000" + tag


class StatusByte(NamedTuple):
    """The answer to a status question; which one it answers shows only in the order."""

    value: int


class InTurnByte(NamedTuple):
    """The answer to the in-turn question."""

    value: int


class ProcessDone(NamedTuple):
    """The answer to a process question."""

    tag: bytes


Answer = StatusByte | InTurnByte | ProcessDone


def take_answers(heard: bytearray) -> Iterator[Answer]:
    """The whole answers at the beginning of what was heard, which they leave; an unfinished one stays."""
    while heard:
        first = heard[0]
        if first == 0x37:
            if len(heard) < 7:
                return
            tag = bytes(heard[2:6])
            del heard[:7]
            yield ProcessDone(tag)
        elif first & 0x93 == 0x10:
            # Automatic status (GS a), which some printers send unasked: four bytes that answer nothing of ours.
            if len(heard) < 4:
                return
            del heard[:4]
        else:
            del heard[0]
            if first & 0x93 == 0x12:
                yield StatusByte(first)
            elif first & 0x90 == 0:
                yield InTurnByte(first)


@dataclass(frozen=True, slots=True)
class Status:
    """What the answers mean: a cause when it cannot print, and whether the roll comes to its end."""

    cause: Cause | None
    near_end: bool


def meaning(answers: dict[int, int]) -> Status:
    """From the status bytes by their question. Missing ones are taken as saying nothing bad."""
    printer, offline = answers.get(PRINTER, 0), answers.get(OFFLINE, 0)
    error, paper = answers.get(ERROR, 0), answers.get(PAPER, 0)
    near_end = bool(paper & 0x0C)
    for wrong, cause in (
        (offline & 0x04, Cause.COVER_OPEN),
        (offline & 0x20 or paper & 0x60, Cause.PAPER_OUT),
        (error & 0x08, Cause.CUTTER),
        (error & 0x20, Cause.BROKEN),
        (error & 0x40, Cause.OVERHEATED),
        (offline & 0x40, Cause.BROKEN),
        (printer & 0x08, Cause.OFFLINE),
    ):
        if wrong:
            return Status(cause, near_end)
    return Status(None, near_end)
