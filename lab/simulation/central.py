"""The server's machine: the real log, writer and teller, driven round by round."""

import logging
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from dawr.errors import DawrError
from dawr.messages import NoteClock
from dawr.settings.centre import Centre
from dawr.words import Words
from lab.simulation.machines import Machine
from lab.simulation.network import Link
from lab.simulation.parts import Parts
from lab.simulation.seen import Seen
from server.interface.incoming import command_id, read
from server.interface.problems import problem
from server.interface.routes import COMMAND_ROUTES, Hello
from server.keeping.hall_clock import HallClock
from server.keeping.log import Log
from server.keeping.writer import Writer
from server.telling.teller import KIOSKS, Teller, counter_room

# The real one looks every second, and finds nothing new either.
TICK_S = 120.0
_COMMANDS = {route.command.NAME: route.command for route in COMMAND_ROUTES}


class Server:
    """The server and all that is connected to it."""

    def __init__(self, machine: Machine, centre: Centre, centre_text: str, parts: Parts, seen: Seen) -> None:
        self.machine, self._centre, self._centre_text = machine, centre, centre_text
        self._parts, self._seen = parts, seen
        self._words = Words("en")
        self._links: dict[str, Link] = {}
        machine.boot = self._boot

    @property
    def stored_at_s(self) -> Mapping[int, float]:
        """The true time at which each event of the log was stored, by its sequence."""
        assert self.machine.disk is not None
        return self.machine.disk.stored_at_s

    def accept(self, link: Link) -> None:
        """A device has connected: it is greeted like any other."""
        name = f"{link.line.machine.name}#{len(self._links)}"
        self._links[name] = link

        def greet() -> None:
            self.teller.greet(name, kiosk=link.line.kiosk, counter=link.line.counter)
            self._news.ring()

        self.machine.run(greet)

    def receive(self, link: Link, event: str, command: Mapping[str, Any], answer_to: int) -> None:
        """Take a command, as `server.telling.live` does."""

        def take() -> None:
            payload = dict(command)
            id = command_id(payload.pop("command_id", None), "command_id")
            try:
                waiting = self.writer.submit(read(_COMMANDS[event], payload), id)
            except DawrError as refusal:
                self._answer(link, event, answer_to, refusal)
                return
            waiting.add_done_callback(lambda done: self._answer(link, event, answer_to, done))
            self._inbox.ring()

        self.machine.run(take)

    def _boot(self) -> None:
        self._links.clear()
        self._inbox, self._news = self.machine.bell(), self.machine.bell()
        self.log: Log = self._parts.log(self.machine)
        self.clock = HallClock(self.log.last_at(), self.machine.hardware(), has_battery=False, ahead=self.log.ahead())
        self.writer: Writer = self._parts.writer(
            self._centre,
            self.log,
            self.clock.now,
            on_stored=lambda _stored: self._news.ring(),
            knows_the_day=lambda: self.clock.knows_the_day,
            look_at_clock=self._look_at_clock,
            has_clock_news=self.clock.has_news,
            hear_clock=self.clock.hear,
            dated=self.clock.dated,
        )
        self.teller = Teller(
            self.writer, self.log.epoch, self.clock.now, self._hello, self._emit, clock_told=lambda: self.clock.told
        )
        self.writer.start_day_if_due()
        self._inbox.ring()
        self.machine.process(self._write)
        self.machine.process(self._tell)

    def _hello(self) -> Hello:
        return Hello(
            epoch=self.log.epoch,
            version="simulated",
            now=self.clock.now(),
            trust=self.clock.trust,
            centre=self._centre_text,
        )

    def _look_at_clock(self) -> NoteClock | None:
        jump = self.clock.look()
        if jump is None:
            return None
        return NoteClock(seconds=jump.by.total_seconds(), followed=jump.followed, trust=jump.trust, since=jump.since)

    def _write(self) -> None:
        bell, chance = self.machine.bell(), self.machine.timeline.chance
        while True:
            self._inbox.wait()
            # What comes in during a commit shares the next one.
            bell.sleep(chance.uniform(0.0, 0.03))
            self.writer.run_until_idle()

    def _tell(self) -> None:
        while True:
            self._news.wait(TICK_S)
            self.teller.turn()
            self._inbox.ring()

    def _emit(self, event: str, data: Any, /, *, to: str | None = None) -> None:
        self.machine.step(f"before telling {event}")
        if to in self._links:
            self._links[to].tell(event, data)
            return
        for link in self._links.values():
            if to is None or (to == KIOSKS and link.line.kiosk) or self._follows(link, to):
                link.tell(event, data)

    def _follows(self, link: Link, room: str) -> bool:
        return link.line.counter is not None and counter_room(link.line.counter) == room

    def _answer(self, link: Link, event: str, answer_to: int, outcome: "Future[dict[str, Any]] | DawrError") -> None:
        self.machine.step(f"before answering {event}")
        refusal = outcome if isinstance(outcome, DawrError) else outcome.exception()
        if refusal is None:
            assert isinstance(outcome, Future)
            link.tell(event, {"ok": True, **outcome.result()}, answer_to)
        else:
            assert isinstance(refusal, DawrError)
            link.tell(event, {"ok": False, "problem": problem(refusal, self._words)}, answer_to)


class Complaints(logging.Handler):
    """Hears what the product's own code calls an error that may never happen in it."""

    def __init__(self, seen: Seen) -> None:
        super().__init__(logging.ERROR)
        self._seen = seen

    def emit(self, record: logging.LogRecord) -> None:
        """A defect is a broken promise; trouble with a disk that fails on purpose is none."""
        said = record.getMessage()
        self._seen.timeline.note(record.name, said.splitlines()[-1])
        if "could not be done" in said or record.exc_info:
            self._seen.broken("I0", f"{record.name}: {said}")
