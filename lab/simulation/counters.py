"""Counters: a clerk at a page who can do everything, or at a box with the real panel; and how they go about it."""

from collections.abc import Mapping
from typing import Any

from counter.desk import ANSWER_S
from counter.panel import NO_CONNECTION, TAKEN, Button, Mode
from dawr.errors import DawrError, Refused, ServerUnreachable
from lab.simulation.machines import Machine
from lab.simulation.network import Network, Wire
from lab.simulation.parts import Parts
from lab.simulation.people import People
from lab.simulation.seen import Answered, Seen
from lab.simulation.timeline import DAY_S

STARTS_S, GOES_HOME_S = 8 * 3600.0, 19 * 3600.0
ENDS_A_VISIT = frozenset({"call-next", "complete", "no-show", "park", "transfer", "break", "close", "call"})
LETS_GO = frozenset({"park", "transfer", "no-show", "undo"})


class Counter:
    """One counter: its machine, its line, what is seen there. A kind of clerk works at it."""

    def __init__(self, id: str, machine: Machine, network: Network, parts: Parts, people: People, seen: Seen) -> None:
        self.id, self.machine, self._parts, self._people, self._seen = id, machine, parts, people, seen
        self.line = parts.counter_line(network, machine, Wire(machine.name), self._hear, self._connected, counter=id)
        self.view: Mapping[str, Any] = {}
        self._set_aside: list[str] = []
        self._gone: list[str] = []
        self._served: str | None = None
        machine.boot = self._boot

    @property
    def ticket(self) -> str | None:
        """Id of the ticket that the clerk sees at the counter."""
        return self.view["ticket"]["id"] if self.view.get("ticket") else None

    def _boot(self) -> None:
        self.view = {}
        self._news = self.machine.bell()
        self.machine.process(self._work)

    def _work(self) -> None:
        timeline, pause = self.machine.timeline, self.machine.bell()
        while True:
            today_s = timeline.now_s % DAY_S
            if not STARTS_S <= today_s < GOES_HOME_S:
                if today_s >= GOES_HOME_S and self.view.get("state") == "open":
                    self._do("close")
                wait_s = (STARTS_S - timeline.now_s) % DAY_S
                pause.sleep(wait_s + timeline.chance.uniform(1, 600))
            elif not self.view:
                self._news.wait(60.0)  # nobody works at a screen that shows nothing yet
            elif self.ticket:
                self._serve(self.ticket)
            elif self.view.get("waiting"):
                if not self._do("call-next") or not self.ticket:
                    pause.sleep(timeline.chance.uniform(2, 10))
            elif not self._take_up():
                self._news.wait(timeline.chance.uniform(60, 600))

    def _take_up(self) -> bool:
        """With nobody waiting, care for those who were set aside or have come back. Whether there was somebody."""
        chance = self.machine.timeline.chance
        if self._set_aside:
            id = self._set_aside.pop(0)
        elif self._gone and chance.random() < 0.3:
            id = self._gone.pop(0)
        else:
            self._gone.clear()
            return False
        self._do(chance.choice(("resume", "call")), ticket=id)
        return True

    def _serve(self, id: str) -> None:
        chance, pause = self.machine.timeline.chance, self.machine.bell()
        if not self._people.arrives(id, self.id):
            self._miss(id)
            return
        pause.sleep(chance.uniform(3, 20))
        if chance.random() < 0.4:
            self._do("serve")
        pause.sleep(chance.uniform(10, 180))
        if self.ticket != id:
            return
        self._finish(id, chance.random())

    def _miss(self, id: str) -> None:
        pause = self.machine.bell()
        for _ in range(2):
            pause.sleep(10)
            if self.ticket == id:
                self._do("recall")
        if self.ticket == id and self._do("no-show") and self.ticket != id:
            self._gone.append(id)

    def _finish(self, id: str, dice: float) -> None:
        chance = self.machine.timeline.chance
        if dice < 0.70:
            self._do("call-next")
        elif dice < 0.84:
            self._do("complete")
        elif dice < 0.89:
            if self._do("park"):
                self._set_aside.append(id)
        elif dice < 0.94:
            self._do(
                "transfer",
                **chance.choice(({"line": "land"}, {"line": "civil", "place": "first"}, {"to_counter": "1"})),
            )
        elif dice < 0.97:
            self._do("call-next")
            self.machine.bell().sleep(chance.uniform(0.5, 12))
            self._do("undo")
        else:
            self._do("break")
            self.machine.bell().sleep(chance.uniform(30, 600))

    def _do(self, event: str, **more: Any) -> bool:
        """Send a command until it is answered, always the same one. Whether it was done."""
        before, sent_s = self.ticket, self.machine.timeline.now_s
        command = self.line.identified({"counter": self.id, **more})
        self._sent(event, command)
        while True:
            try:
                answer = self.line.call(event, command, ANSWER_S)
            except ServerUnreachable:
                self._news.wait(5 if self.line.is_up else 600)
            except Refused as refused:
                if refused.code != "storage_failed":
                    return False
                self.machine.bell().sleep(2.0)  # in doubt: the same id finds out
            else:
                self._answered(event, command, answer, before, sent_s)
                return True

    def _sent(self, event: str, command: Mapping[str, Any]) -> None:
        self._seen.sent.append((self.machine.timeline.now_s, self.id, event, command))
        if event in LETS_GO and self.ticket:
            self._people.sent_away(self.ticket)
        if event in ("resume", "call"):
            self._people.sent_away(command["ticket"])
        if event == "undo" and self._served:
            self._people.sent_away(self._served)

    def _answered(
        self, event: str, command: Mapping[str, Any], answer: Mapping[str, Any], before: str | None, sent_s: float
    ) -> None:
        timeline = self.machine.timeline
        said = answer["ticket"]["number"] if answer["ticket"] else "nobody"
        timeline.note(self.machine.name, f"{event}: {said}")
        self._seen.answers.append(
            Answered(timeline.now_s, sent_s, self.id, event, command.get("command_id", ""), command, answer)
        )
        self._look(answer["counter"])
        if before and before != self.ticket and event in ENDS_A_VISIT and event not in LETS_GO:
            self._served = before
            self._people.served(before, self.id)

    def _look(self, view: Mapping[str, Any]) -> None:
        """A newer view of the counter is on the screen."""
        if view["sequence"] < self.view.get("sequence", 0):
            return
        self.view = view
        if self.ticket:
            self._seen.at_counter.append((self.machine.timeline.now_s, self.id, self.ticket))

    def _hear(self, event: str, data: Any) -> None:
        if event == "counter":
            self._look(data)
            self._news.ring()

    def _connected(self, up: bool) -> None:
        if up:
            self._news.ring()


class BoxCounter(Counter):
    """A counter with a button box: the real panel decides what a press sends, and nothing is repeated by itself."""

    def _boot(self) -> None:
        self._panel = self._parts.panel()
        self._panel.up = self.line.is_up
        super()._boot()

    def _do(self, event: str, **more: Any) -> bool:
        button = {"call-next": Button.NEXT, "recall": Button.RECALL, "no-show": Button.NO_SHOW}.get(event)
        if button is None:
            return False
        pause, timeline = self.machine.bell(), self.machine.timeline
        while self._panel.mode(timeline.now_s) in (Mode.NO_CONNECTION, Mode.ASKING, Mode.REFUSED):
            pause.sleep(timeline.chance.uniform(1.0, 10.0 if self.line.is_up else 120.0))
        before, sent_s = self.ticket, timeline.now_s
        name = self._panel.press(button, timeline.now_s)
        if name is None:
            pause.sleep(2.0)
            return False
        command = self.line.identified({"command_id": self._panel.command_id, "counter": self.id})
        self._sent(name, command)
        try:
            answer = self.line.call(name, command, ANSWER_S)
        except ServerUnreachable:
            outcome = NO_CONNECTION
        except DawrError as problem:
            outcome = f"refused: {problem.code}"
        else:
            outcome = TAKEN
            self._answered(name, command, answer, before, sent_s)
        self._panel.answered(outcome, timeline.now_s)
        # People look at the box, which the server tells what it shows, before they press again.
        pause.sleep(timeline.chance.uniform(0.5, 4.0))
        return outcome == TAKEN

    def _finish(self, id: str, dice: float) -> None:
        self._do("call-next")

    def _look(self, view: Mapping[str, Any]) -> None:
        super()._look(view)
        self._panel.view = self.view

    def _connected(self, up: bool) -> None:
        self._panel.up = up
        super()._connected(up)
