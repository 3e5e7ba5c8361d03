"""A printer of slips: whether it can print now, and whether a slip came out.

The only module that imports python-escpos, which builds the bytes of a job; `kiosk.transport` carries them.
"""

import logging
import os
import pickle
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from dawr.errors import PrinterProblem
from dawr.slip_image import WIDTH_DOTS, PaperMm
from kiosk.conversation import Conversation, Known, Proof
from kiosk.transport import Cause, cause_of, connect, problem

AnswersSetting = Literal["auto", "yes", "no"]

# One GS v 0 command each: small enough for the clones that lose count in long ones.
FRAGMENT_ROWS = 128
_PROFILES: dict[PaperMm, str] = {58: "POS-5890", 80: "TM-T20II"}
_LINES_TO_TEAR_BAR = 5
# DLE EOT, DLE ENQ and DLE DC4 are obeyed on arrival, by some printers even within a picture.
_REAL_TIME = re.compile(rb"\x10(?=[\x04\x05\x14])")
# 50 mm/s, the slowest mechanisms sold, at 8 rows a millimetre; then a cut and an answer.
_SLOWEST_ROWS_A_SECOND = 400
_CUT_S = 3.0
# How long a job that is not ours may keep the printer.
_OTHERS_JOB_S = 10.0
_GLANCE_S = 1.0
# A network printer that serves somebody else refuses us, or keeps us waiting without an answer.
_PASSING = (Cause.BUSY, Cause.NO_ANSWER, Cause.UNPLUGGED)
_PAUSE_S = 0.2


class Outcome(Enum):
    """What became of a slip. `FAILED` only when nothing of it was handed over, so that surely no slip came out."""

    PRINTED = "printed"
    IN_DOUBT = "in_doubt"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PrinterState:
    """Whether a slip can be printed now, else why not; `near_end`: the roll is nearly used up."""

    ready: bool
    cause: Cause | None = None
    near_end: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """How a print went; `cause` unless it printed; `bytes` of the slip were handed over, of which some may be lost."""

    outcome: Outcome
    cause: Cause | None
    seconds: float
    bytes: int


class Printer:
    """One printer as its settings tell. For any thread; one job at a time; no call waits for ever.

    `address` as `transport.connect` takes it. `cache`: a private folder for python-escpos. `answers`: whether the
    printer answers questions, `auto` finds out. `stall_s`: how long it may take nothing. `busy_s`: how long a print
    waits for a printer that is at another job. `torn`: an earlier job may have ended halfway, so the paper is cut
    before the next one.
    """

    def __init__(
        self,
        address: str,
        *,
        cache: Path,
        paper_mm: PaperMm = 80,
        answers: AnswersSetting = "auto",
        cutter: bool = True,
        stall_s: float = 5.0,
        busy_s: float = 3.0,
        torn: bool = False,
    ) -> None:
        self.address, self.paper_mm = address, paper_mm
        self._cache, self._answers, self._cutter = cache, answers, cutter
        self._stall_s, self._busy_s = stall_s, busy_s
        self._torn = torn
        self._known = Known(talks=True if answers == "yes" else None)
        self._turn = threading.Lock()

    @property
    def width_dots(self) -> int:
        """How wide a slip's picture has to be."""
        return WIDTH_DOTS[self.paper_mm]

    def prepare(self) -> None:
        """Load now what the first slip would have to wait for, which takes seconds on a small machine."""
        _escpos(self._cache)

    def check(self) -> PrinterState:
        """Whether the printer would print now: nothing is wrong with it, and it has finished all earlier jobs."""
        if not self._turn.acquire(blocking=False):
            return PrinterState(False, Cause.BUSY)
        try:
            with connect(self.address) as wire:
                return self._look(Conversation(wire, self._known))
        except PrinterProblem as trouble:
            return PrinterState(False, cause_of(trouble))
        finally:
            self._turn.release()

    def print(self, picture: Image.Image) -> Report:
        """Print and cut a slip (mode `1`, `width_dots` wide) and find out whether it came out."""
        began = time.monotonic()
        slip = job(picture, self.paper_mm, self._cache, cutter=self._cutter)
        with self._turn:
            try:
                outcome, cause, sent = self._print(slip, picture.height)
            except PrinterProblem as trouble:
                outcome, cause, sent = Outcome.FAILED, cause_of(trouble), 0
        return Report(outcome, cause, time.monotonic() - began, sent)

    def _print(self, slip: bytes, rows: int) -> tuple[Outcome, Cause | None, int]:
        """Raises `PrinterProblem` only before anything of the slip was handed over."""
        talk = self._begin()
        with talk.wire as wire:
            before = wire.sent
            try:
                self._send(talk, slip, rows)
            except PrinterProblem as trouble:
                sent = min(wire.sent - before, len(slip))
                wire.abandon()
                return (Outcome.IN_DOUBT if sent else Outcome.FAILED), self._why(trouble), sent
        return Outcome.PRINTED, None, len(slip)

    def _begin(self) -> Conversation:
        """A connection to a printer that is ready. Waits a moment for one that is still busy with another job."""
        deadline = time.monotonic() + self._busy_s
        while True:
            try:
                return self._begin_now()
            except PrinterProblem as trouble:
                if cause_of(trouble) not in _PASSING or time.monotonic() >= deadline:
                    raise
            time.sleep(_PAUSE_S)

    def _begin_now(self) -> Conversation:
        talk = Conversation(connect(self.address), self._known)
        try:
            if cause := self._look(talk).cause:
                raise problem(cause)
        except PrinterProblem:
            talk.wire.abandon()
            raise
        return talk

    def _look(self, talk: Conversation) -> PrinterState:
        cause = talk.wire.port_cause()
        status = talk.status() if self._asks and not cause else None
        if status:
            cause = status.cause
        elif self._asks and not cause and self._known.talks:
            cause = Cause.NO_ANSWER
        if not cause and self._torn:
            talk.wire.write(_tear_off(self.paper_mm, self._cache), self._stall_s)
            self._torn = False
        if not cause and status and self._known.proof is not Proof.NONE:
            cause = self._still_busy(talk)
        return PrinterState(cause is None, cause, bool(status and status.near_end))

    def _still_busy(self, talk: Conversation) -> Cause | None:
        """A printer that does not answer in turn is busy, unless it never did: then it does not know the question."""
        question, tag = talk.end_question(_OTHERS_JOB_S)
        talk.wire.write(question, self._stall_s)
        if talk.ended(tag, _GLANCE_S):
            return None
        if self._known.proof is not Proof.UNKNOWN:
            return Cause.BUSY
        self._known.proof = Proof.NONE
        return None

    def _send(self, talk: Conversation, slip: bytes, rows: int) -> None:
        """Hand the slip over and see it through. Raises `PrinterProblem` when it is not sure to have come out."""
        rate = talk.wire.bytes_a_second
        longest_s = rows / _SLOWEST_ROWS_A_SECOND + _CUT_S + (len(slip) / rate if rate else 0)
        question, tag = talk.end_question(2 * longest_s) if self._known.talks else (b"", b"")
        self._torn = True
        talk.wire.write(slip + question, self._stall_s)
        if self._known.talks:
            _see_end(talk, tag, longest_s)
        elif not talk.wire.drain(longest_s):
            raise problem(Cause.STALLED, "not drained")
        elif cause := talk.wire.port_cause():
            raise problem(cause, "after the slip")
        self._torn = False

    @property
    def _asks(self) -> bool:
        return self._answers != "no"

    def _why(self, trouble: PrinterProblem) -> Cause:
        """What stopped it, asked over a new connection when the old one is full of what it did not take."""
        cause = cause_of(trouble)
        if cause in (Cause.STALLED, Cause.NO_ANSWER):
            with suppress(PrinterProblem), connect(self.address) as wire:
                if told := wire.port_cause():
                    return told
                status = Conversation(wire, self._known).status() if self._known.talks else None
                return (status and status.cause) or cause
        return cause


def _see_end(talk: Conversation, tag: bytes, longest_s: float) -> None:
    """Return when the printer says that it has finished. Raises `PrinterProblem` on a fault, or when it is overdue."""
    deadline = time.monotonic() + longest_s
    while not talk.ended(tag, min(_GLANCE_S, max(0.0, deadline - time.monotonic()))):
        status = talk.status()
        if status and status.cause:
            # The slip may have ended just before the fault: with the roll's last centimetres, say.
            if not talk.ended(tag, _GLANCE_S):
                raise problem(status.cause, "before the end of the slip")
            return
        if time.monotonic() >= deadline:
            if not status:
                raise problem(Cause.NO_ANSWER, "at the end of the slip")
            if talk.known.proof is not Proof.NONE or not talk.wire.drain(0):
                raise problem(Cause.STALLED, "at the end of the slip")
            # It took everything, all is well, and it never answers in turn: there is no better proof to have.
            return


def job(picture: Image.Image, paper_mm: PaperMm, cache: Path, *, cutter: bool = True) -> bytes:
    """The bytes that print and cut a slip. ValueError for a picture that is not mode `1` and as wide as the paper."""
    if picture.mode != "1" or picture.width != WIDTH_DOTS[paper_mm]:
        raise ValueError(f"a slip on {paper_mm} mm paper is {WIDTH_DOTS[paper_mm]} dots wide and mode 1")
    printer = _blank_job(paper_mm, cache)
    printer.image(_without_real_time(picture), impl="bitImageRaster", fragment_height=FRAGMENT_ROWS)
    _cut(printer, cutter)
    return bytes(printer.output)


def _tear_off(paper_mm: PaperMm, cache: Path) -> bytes:
    """Ends a slip that stopped halfway: a printer may still wait for the rest of a picture, so it first gets blank."""
    printer = _blank_job(paper_mm, cache)
    _cut(printer, cutter=True)
    return bytes(FRAGMENT_ROWS * WIDTH_DOTS[paper_mm] // 8) + bytes(printer.output)


def _cut(printer: Any, cutter: bool) -> None:
    if cutter:
        # GS V B feeds just as far as the knife needs; escpos' own feed before a cut wastes 12 mm of every slip.
        printer.cut(feed=False)
    else:
        printer.print_and_feed(_LINES_TO_TEAR_BAR)


def _without_real_time(picture: Image.Image) -> Image.Image:
    """The picture with a dot added wherever its bytes would read as a real-time command."""
    ink = bytes(byte ^ 0xFF for byte in picture.tobytes())
    if not _REAL_TIME.search(ink):
        return picture
    safe = bytes(byte ^ 0xFF for byte in _REAL_TIME.sub(b"\x18", ink))
    return Image.frombytes("1", picture.size, safe)


def _blank_job(paper_mm: PaperMm, cache: Path) -> Any:
    """An empty job of python-escpos that begins by resetting the printer."""
    printer = _escpos(cache)(profile=_PROFILES[paper_mm])
    printer.hw("INIT")
    return printer


def _escpos(cache: Path) -> Any:
    """python-escpos' Dummy. Importing takes 2 s, then 0.3 s with its cache, and sets up logging, which is undone."""
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"] = str(cache)
    handlers = logging.root.handlers[:]
    try:
        from escpos.printer import Dummy
    except (EOFError, pickle.UnpicklingError):
        # The power went while the cache was being written.
        for broken in cache.glob("*.pickle"):
            broken.unlink()
        from escpos.printer import Dummy
    finally:
        logging.root.handlers[:] = handlers
    return Dummy
