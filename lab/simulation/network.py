"""The wires of a centre: connections that keep order, and what can happen to them.

As over TCP a message is late rather than lost while its connection lasts, and lost with it; what was on its way when
the connection ended may still come in. A command may come in twice, as when a device sends it again on a new
connection. `Line.call` waits, repeats and gives up as `dawr.client.Client.call` does.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from dawr.client import PAUSE_S, RESEND_S
from dawr.errors import Refused, ServerUnreachable
from dawr.ids import new_id
from lab.simulation.machines import Machine, MachineBell
from lab.simulation.timeline import Timeline

SILENCE_S = 10.0  # two heartbeats


class Central(Protocol):
    """The server's end of every connection."""

    machine: Machine

    def accept(self, link: "Link") -> None:
        """Somebody has connected."""

    def receive(self, link: "Link", event: str, command: Mapping[str, Any], answer_to: int) -> None:
        """A command has come in."""


@dataclass
class Wire:
    """One device's wire to the server, each direction apart."""

    name: str
    blocked_up: bool = False
    blocked_down: bool = False
    late: float = 0.02
    twice: float = 0.01
    generation: int = 0
    """Counts the changes, so that a silence can be timed."""

    @property
    def is_whole(self) -> bool:
        """Whether it carries both ways."""
        return not (self.blocked_up or self.blocked_down)


class Channel:
    """One direction of a connection: what comes out keeps the order of what went in."""

    def __init__(self, timeline: Timeline, wire: Wire, is_blocked: Callable[[], bool]) -> None:
        self._timeline, self._wire, self._is_blocked = timeline, wire, is_blocked
        self._under_way: deque[Callable[[], None]] = deque()
        self._stuck = 0
        self._free_s = 0.0

    def send(self, deliver: Callable[[], None]) -> None:
        """Carry a message, after those before it."""
        self._under_way.append(deliver)
        self._free_s = max(self._free_s, self._timeline.now_s + delay_s(self._timeline, self._wire))
        self._timeline.at(self._free_s, self._arrive)

    def go_on(self) -> None:
        """The wire is mended: what got stuck arrives."""
        stuck, self._stuck = self._stuck, 0
        for _ in range(stuck):
            self._timeline.after(delay_s(self._timeline, self._wire), self._arrive)

    def _arrive(self) -> None:
        if self._is_blocked():
            self._stuck += 1
        else:
            self._under_way.popleft()()


class Link:
    """One connection while it lasts, which each end sees for itself."""

    def __init__(self, line: "Line", server: Machine) -> None:
        wire, timeline = line.wire, line.network.timeline
        self.line, self._server, self._start = line, server, server.starts
        self.at_device = self.at_server = True
        self.up = Channel(timeline, wire, lambda: wire.blocked_up)
        self.down = Channel(timeline, wire, lambda: wire.blocked_down)

    def ask(self, deliver: Callable[[], None]) -> None:
        """Send from the device to the server."""
        self.up.send(lambda: self.reach_server(deliver))

    def tell(self, event: str, data: Any, answer_to: int | None = None) -> None:
        """Send from the server to the device."""
        if self.at_server:
            self.down.send(lambda: self._reach_device(event, data, answer_to))

    def reach_server(self, deliver: Callable[[], None]) -> None:
        """Hand over to the server, if it is the one that this connection was made with."""
        if self._server.up and self._server.starts == self._start and not self.line.wire.blocked_up:
            deliver()

    def _reach_device(self, event: str, data: Any, answer_to: int | None) -> None:
        if self.at_device and self.line.machine.up:
            self.line.hear(self, event, data, answer_to)


def delay_s(timeline: Timeline, wire: Wire) -> float:
    """How long a message takes now: milliseconds, or seconds when pieces of it had to be sent again."""
    delay = 0.002 + timeline.chance.expovariate(1 / 0.01)
    return delay + timeline.chance.uniform(0.2, 6.0) if timeline.chance.random() < wire.late else delay


class Network:
    """All wires of a centre."""

    def __init__(self, timeline: Timeline, central: Central) -> None:
        self.timeline, self.central = timeline, central
        self.lines: list[Line] = []
        central.machine.on_power.append(self._server_power)

    def block(self, line: "Line", *, up: bool, down: bool) -> None:
        """Cut a wire in one direction or both."""
        wire = line.wire
        wire.blocked_up, wire.blocked_down = wire.blocked_up or up, wire.blocked_down or down
        wire.generation += 1
        self.timeline.note(wire.name, f"wire cut{' up' * up}{' down' * down}")
        cut = wire.generation
        self.timeline.after(SILENCE_S, lambda: self._silence(line, cut))

    def heal(self, line: "Line") -> None:
        """Mend a wire; what was held up comes through, if its connection still lasts."""
        wire = line.wire
        if wire.is_whole:
            return
        wire.blocked_up = wire.blocked_down = False
        wire.generation += 1
        self.timeline.note(wire.name, "wire mended")
        if line.link:
            line.link.up.go_on()
            line.link.down.go_on()
        line.try_soon()

    def drop(self, link: Link) -> None:
        """The connection is over, and both ends know."""
        link.at_server = False
        link.line.lost(link)

    def can_connect(self, line: "Line") -> bool:
        """Whether a connection would come about now."""
        return self.central.machine.up and line.machine.up and line.wire.is_whole

    def _silence(self, line: "Line", cut: int) -> None:
        if line.wire.generation == cut and line.link:
            self.drop(line.link)

    def _server_power(self, power_gone: bool) -> None:
        """A killed process resets its connections at once; a machine without power is only silent."""
        for line in self.lines:
            if self.central.machine.up:
                line.try_soon()
            elif (link := line.link) is not None:
                link.at_server = False
                silence_s = self.timeline.chance.uniform(5.0, SILENCE_S) if power_gone else 0.01
                self.timeline.after(silence_s, lambda link=link: self.drop(link))  # type: ignore[misc]


class Line:
    """A device's end: connects whenever it can, hears views, sends commands."""

    def __init__(
        self,
        network: Network,
        machine: Machine,
        wire: Wire,
        hear: Callable[[str, Any], None],
        on_change: Callable[[bool], None] = lambda _up: None,
        *,
        counter: str | None = None,
        kiosk: bool = False,
    ) -> None:
        self.network, self.machine, self.wire = network, machine, wire
        self.counter, self.kiosk = counter, kiosk
        self._hear, self._on_change = hear, on_change
        self.link: Link | None = None
        self._asked: dict[int, MachineBell] = {}
        self._calls = 0
        self._trying = False
        network.lines.append(self)
        machine.on_power.append(lambda _gone: self.try_soon() if machine.up else self._machine_stopped())

    @property
    def is_up(self) -> bool:
        """Whether the server is there, as far as the device knows."""
        return self.link is not None

    def try_soon(self) -> None:
        """Something changed: connecting may work now."""
        if not self._trying and self.link is None:
            self._trying = True
            self.network.timeline.after(self.network.timeline.chance.uniform(*PAUSE_S), self._try)

    def call(self, event: str, payload: Mapping[str, Any], deadline_s: float) -> dict[str, Any]:
        """Send a command and wait for its answer, as `dawr.client.Client.call` does."""
        timeline = self.network.timeline
        command = self.identified(payload)
        ends_s = timeline.now_s + deadline_s
        self._calls += 1
        number, sent = self._calls, False
        news = self._asked[number] = self.machine.bell()
        try:
            while timeline.now_s < ends_s:
                patience_s = ends_s - timeline.now_s
                if self.link:
                    self.machine.step(f"before sending {event}")
                    self._send(self.link, event, command, number)
                    sent, patience_s = True, min(patience_s, RESEND_S)
                answer = news.wait(patience_s)
                if isinstance(answer, dict):
                    return _judged(answer)
        finally:
            self._asked.pop(number, None)
        raise ServerUnreachable(f"no answer to {event}", maybe_taken=sent)

    def identified(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The command with an id, its own or a new one."""
        return {"command_id": new_id(), **payload}

    def hear(self, link: Link, event: str, data: Any, answer_to: int | None) -> None:
        """Take what came from the server."""
        if answer_to is not None:
            if answer_to in self._asked:
                self._asked[answer_to].ring(data)
        elif link is self.link:
            self.machine.run(lambda: self._hear(event, data))

    def lost(self, link: Link) -> None:
        """The connection is over."""
        link.at_device = False
        if self.link is link:
            self.link = None
            self._wake_all()
            self.machine.run(lambda: self._on_change(False))
            self.try_soon()

    def _send(self, link: Link, event: str, command: Mapping[str, Any], number: int) -> None:
        def deliver() -> None:
            self.network.central.receive(link, event, command, number)

        link.ask(deliver)
        timeline = self.network.timeline
        if timeline.happens(self.wire.twice):
            timeline.after(timeline.chance.uniform(0.0, 20.0), lambda: link.reach_server(deliver))

    def _try(self) -> None:
        self._trying = False
        if self.link is None and self.network.can_connect(self):
            self.link = Link(self, self.network.central.machine)
            self.network.central.accept(self.link)
            self._wake_all()
            self.machine.run(lambda: self._on_change(True))

    def _wake_all(self) -> None:
        for news in self._asked.values():
            news.ring()

    def _machine_stopped(self) -> None:
        self._asked.clear()
        if self.link:
            link, self.link = self.link, None
            link.at_device = False
            self.network.timeline.after(SILENCE_S, lambda: setattr(link, "at_server", False))


def _judged(answer: dict[str, Any]) -> dict[str, Any]:
    if not answer["ok"]:
        raise Refused(answer["problem"])
    return answer
