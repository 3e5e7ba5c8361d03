"""A kiosk's printer: it has a buffer and a plug of its own, paper that ends, and a proof that can get lost."""

from dataclasses import dataclass, replace
from typing import Any

from kiosk.printer import Outcome, PrinterState, Report
from kiosk.transport import Cause
from lab.simulation.machines import Machine
from lab.simulation.seen import Paper, Seen

PROOF_S = 8.0


@dataclass(frozen=True, slots=True)
class Job:
    """What is to come out, for a kiosk that waits for the proof."""

    paper: Paper
    number: int


class SimulatedPrinter:
    """Stands where `kiosk.printer.Printer` stands. `next_paper` is what the next job will be."""

    width_dots = 576

    def __init__(self, machine: Machine, seen: Seen) -> None:
        self._machine, self._seen, self._timeline = machine, seen, machine.timeline
        self.next_paper: Paper | None = None
        self.has_power, self.has_paper, self.proves = True, True, True
        self._buffer: list[Job] = []
        self._jobs = 0
        self._plugged = 0
        self._proved = machine.bell()

    # --- What the kiosk does with it ------------------------------------------------------------------------------

    def restart(self) -> None:
        """The kiosk starts; the printer knows nothing of it."""
        self._proved = self._machine.bell()

    def check(self) -> PrinterState:
        """Whether it would print now."""
        if not self.has_power:
            return PrinterState(False, Cause.UNPLUGGED)
        if not self.has_paper:
            return PrinterState(False, Cause.PAPER_OUT)
        return PrinterState(not self._buffer, Cause.BUSY if self._buffer else None)

    def print(self, _picture: Any) -> Report:
        """Print, and wait for the proof."""
        began_s = self._timeline.now_s
        self._machine.step("before printing")
        state = self.check()
        if not state.ready:
            return Report(Outcome.FAILED, state.cause, 0.0, 0)
        assert self.next_paper is not None
        self._jobs += 1
        job = Job(self.next_paper, self._jobs)
        self._take(job)
        outcome, cause = self._wait_for_proof(job)
        self._machine.step(f"after printing {job.paper.number}")
        return Report(outcome, cause, self._timeline.now_s - began_s, 1)

    def _wait_for_proof(self, job: Job) -> tuple[Outcome, Cause | None]:
        ends_s = self._timeline.now_s + PROOF_S
        while (left_s := ends_s - self._timeline.now_s) > 0:
            if self._proved.wait(left_s) == job.number:
                return Outcome.PRINTED, None
        # The transport abandons the job: what the printer has not swallowed yet never comes out.
        if job in self._buffer and self._timeline.happens(0.5):
            self._buffer.remove(job)
        return Outcome.IN_DOUBT, Cause.NO_ANSWER

    # --- What becomes of it ---------------------------------------------------------------------------------------

    def set_power(self, on: bool) -> None:
        """Its plug. Without power it forgets its buffer; what was half out stays half."""
        if on == self.has_power:
            return
        self._timeline.note(self._machine.name, f"printer {'on' if on else 'off'}")
        self.has_power = on
        self._plugged += 1
        torn, self._buffer = self._buffer[:1], []
        for job in torn:
            self._come_out(job.paper, whole=False)

    def set_paper(self, there: bool) -> None:
        """The roll ends, or a new one is put in: what is in the buffer comes out then."""
        if there != self.has_paper:
            self._timeline.note(self._machine.name, f"paper {'in' if there else 'out'}")
        self.has_paper = there
        if there and self._buffer:
            self._begin()

    def _take(self, job: Job) -> None:
        if self._timeline.happens(0.01):
            self._timeline.note(self._machine.name, f"the cable loses the job {job.paper.number}")
            return
        self._buffer.append(job)
        if len(self._buffer) == 1:
            self._begin()

    def _begin(self) -> None:
        plugged = self._plugged
        self._timeline.after(self._timeline.chance.uniform(0.6, 2.5), lambda: self._finish(plugged))

    def _finish(self, plugged: int) -> None:
        if plugged != self._plugged or not self._buffer or not self.has_paper:
            return
        job = self._buffer.pop(0)
        self._come_out(job.paper, whole=True)
        if self.proves:
            self._timeline.after(0.05, lambda: self._proved.ring(job.number))
        if self._buffer:
            self._begin()

    def _come_out(self, paper: Paper, *, whole: bool) -> None:
        self._timeline.note(self._machine.name, f"paper {paper.number} {paper.id}{'' if whole else ' torn'}")
        self._seen.papers.append(replace(paper, at_s=self._timeline.now_s, whole=whole))
