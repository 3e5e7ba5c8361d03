"""A kiosk's machine: the real journal, knowledge, issuing and handing in, with a simulated printer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from dawr.clock import Clock
from dawr.errors import StorageFailed
from dawr.hours import business_day
from dawr.settings.centre import Centre
from kiosk.hand_in import AGAIN_S
from kiosk.issue import Refusal, Took
from kiosk.journal import Given, Wish
from kiosk.knowledge import Knowledge
from kiosk.printer import Printer
from lab.simulation.machines import Machine
from lab.simulation.network import Line, Network, Wire
from lab.simulation.parts import Parts
from lab.simulation.seen import Paper, Seen

# The real ones look more often, and find nothing new either.
LOOK_S, QUIET_S = 300.0, 1_200.0


class Kiosk:
    """One kiosk with its printer and its wire."""

    def __init__(self, machine: Machine, network: Network, centre_file: Path, parts: Parts, seen: Seen) -> None:
        self.machine, self._centre_file, self._parts, self._seen = machine, centre_file, parts, seen
        self.printer = parts.printer(machine, seen)
        self.line = Line(network, machine, Wire(machine.name), self._hear, self._connected, kiosk=True)
        self.has_heard_menu = False
        self.must_hear_menu = False
        machine.boot = self._boot

    @property
    def is_ready(self) -> bool:
        """Whether a visitor finds a page that takes touches."""
        return self.machine.up and not self._busy and (self.has_heard_menu or not self.must_hear_menu)

    @property
    def is_busy(self) -> bool:
        """Whether somebody stands there and gets a ticket."""
        return self.machine.up and self._busy

    def press(self, wish: Wish, answer: Callable[[Took | Refusal], None]) -> None:
        """A visitor has chosen; `answer` hears what the screen then says."""
        self._busy = True
        self._orders.ring((wish, answer))

    def lose_journal(self) -> bool:
        """The card is replaced by an empty one while the kiosk is off, if the server knows everything on it.

        Staff give it to visitors again when it shows that it has heard the server.
        """
        disk = self.machine.disk
        if self.machine.up or disk is None or self.left_untold:
            return False
        self.machine.timeline.note(self.machine.name, "gets an empty card")
        disk.wipe()
        self.must_hear_menu = True
        return True

    def _boot(self) -> None:
        assert self.machine.disk is not None
        self._busy, self.has_heard_menu = False, False
        self.left_untold = True
        self._orders, self._wake = self.machine.bell(), self.machine.bell()
        self.printer.restart()
        self.clock = Clock(self.machine.hardware())
        folder = self.machine.disk.folder
        try:
            self.journal = self._parts.journal(self.machine)
            self.journal.try_refused_again()
        except StorageFailed:
            self.machine.stop(10.0, why="ends without its journal", power_gone=False)
            return
        self._knowledge = Knowledge(self.machine.name, folder, self._centre_file, self.clock)
        self._knowledge.is_fresh = lambda: self.line.is_up
        self._issuing = self._parts.issuing(
            self._knowledge,
            self.journal,
            cast(Printer, self.printer),
            self.clock,
            folder,
            self._wake.ring,
            least_free_bytes=0,
            draw_slip=lambda facts, _dots: facts,  # type: ignore[arg-type,return-value]
        )
        self.journal.on_given = self._given
        self._handing_in = self._parts.handing_in(self.journal, self.machine.name, self._call, self.clock)
        self.machine.process(self._serve)
        self.machine.process(self._hand_in)

    def _call(self, event: str, payload: Any, deadline_s: float) -> dict[str, Any]:
        return self.line.call(event, payload, deadline_s)

    def _given(self, given: Given, centre: Centre) -> None:
        """The number is stored; the next slip shows it."""
        self.left_untold = True
        timeline = self.machine.timeline
        timeline.note(self.machine.name, f"gives {given.number} {given.id}")
        self.printer.next_paper = Paper(
            at_s=timeline.now_s,
            given_s=timeline.now_s,
            kiosk=self.machine.name,
            id=given.id,
            number=given.number,
            day=business_day(centre, timeline.now),
            line=given.line,
            visitor_class=given.wish.visitor_class,
            boot=given.moment.boot,
            whole=True,
        )

    def _serve(self) -> None:
        while True:
            order = self._orders.wait(LOOK_S)
            if order is None:
                self._issuing.health()
                continue
            wish, answer = order
            took: Took | Refusal = self._issuing.take(wish)
            what = f"shows {took.number}{' in doubt' * took.in_doubt}" if isinstance(took, Took) else took.key
            self.machine.timeline.note(self.machine.name, what)
            self._busy = False
            answer(took)

    def _hand_in(self) -> None:
        while True:
            self._handing_in.hand_in_all()
            self.left_untold = self.journal.not_handed_in() > 0
            # With nothing to do, or nobody there, looking every few seconds finds nothing new.
            self._wake.wait(AGAIN_S if self.left_untold and self.line.is_up else QUIET_S)

    def _connected(self, up: bool) -> None:
        if up:
            self._wake.ring()

    def _hear(self, event: str, data: Any) -> None:
        if event == "hello":
            self._knowledge.hear_hello(data)
            try:
                self.journal.note_start(self.clock.now())
            except StorageFailed:
                self.machine.timeline.note(self.machine.name, "cannot note its start")
        elif event == "menu":
            self._knowledge.hear_menu(data)
            self.has_heard_menu = True
