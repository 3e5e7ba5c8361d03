"""One counter's box at work: a single thread that brings together its buttons, the server, its lamp and its display."""

import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from counter.panel import NO_CONNECTION, TAKEN, Button, Panel
from dawr.contact import SETTLE_S, Contact
from dawr.errors import DawrError, ServerUnreachable

ANSWER_S = 2.0

Send = Callable[[str, Mapping[str, Any], float], Any]

_log = logging.getLogger(__name__)


class Desk:
    """The box of one counter. Everything but `run` may be called from any thread.

    `lamps` are switched on and off, `displays` get the digits of the number at the counter, on the thread that runs
    the desk; they are put in before. `is_not_admitted`, once set, says whether no manager admitted the box.
    """

    def __init__(self, counter: str) -> None:
        self._counter = counter
        self.lamps: list[Callable[[bool], None]] = []
        self.displays: list[Callable[[str], None]] = []
        self.is_not_admitted: Callable[[], bool] = lambda: False
        self._panel = Panel()
        self._contacts: list[tuple[Button, Contact]] = []
        self._shown = False, ""
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._running = True
        self._state: dict[str, Any] = {}

    def contact(self, button: Button, *, down: bool = False, settle_s: float = SETTLE_S) -> Callable[[bool], None]:
        """Wire a contact to a button, before the desk runs. What you get takes its edges: True closed, False open."""
        contact = Contact(time.monotonic(), down=down, settle_s=settle_s)
        self._contacts.append((button, contact))
        return lambda down: self._inbox.put(partial(contact.feel, down, time.monotonic()))

    def hear(self, view: Mapping[str, Any]) -> None:
        """Take the server's view of this counter."""
        self._inbox.put(lambda: setattr(self._panel, "view", view))

    def connect(self, up: bool) -> None:
        """Learn that the server is there, or gone."""
        self._inbox.put(lambda: setattr(self._panel, "up", up))

    def end(self) -> None:
        """Let `run` come back."""
        self._inbox.put(lambda: setattr(self, "_running", False))

    def state(self) -> Mapping[str, Any]:
        """What there is to see and to know, for the bench."""
        return self._state

    def run(self, send: Send) -> None:
        """Work until the end; `send` gives a command to the server, as `Client.call` does."""
        while self._running:
            wait_s = self._step(send, time.monotonic())
            try:
                self._inbox.get(timeout=wait_s)()
            except queue.Empty:
                continue
        self._display(False, "")

    def _step(self, send: Send, now_s: float) -> float | None:
        """Do what is due; the seconds until something is due again, None if nothing will be by itself."""
        for button, contact in self._contacts:
            if contact.settle(now_s):
                self._press(send, button, now_s)
        self._note_stuck(frozenset(button for button, contact in self._contacts if contact.is_stuck(now_s)))
        self._panel.not_admitted = self.is_not_admitted()
        on, change_s = self._panel.lamp(now_s)
        self._display(on, self._panel.digits)
        self._state = {
            "lamp": "on" if on else "off",
            "mode": self._panel.mode(now_s),
            "digits": self._panel.digits,
            "counter": self._panel.view,
            "up": self._panel.up,
            "last": self._panel.last,
        }
        dues = [due_s - now_s for _, contact in self._contacts if (due_s := contact.due_at_s(now_s)) is not None]
        wait_s = min([change_s, *dues])
        return None if wait_s == math.inf else max(0.0, wait_s)

    def _press(self, send: Send, button: Button, now_s: float) -> None:
        event = self._panel.press(button, now_s)
        if event is None:
            _log.info("%s was pressed and not sent: %s", button, self._panel.last or "too soon after another press")
            return
        # Not on this thread: the lamp goes on meanwhile.
        threading.Thread(target=self._ask, args=(send, event, self._panel.command_id), name=event, daemon=True).start()

    def _ask(self, send: Send, event: str, id: str) -> None:
        try:
            send(event, {"command_id": id, "counter": self._counter}, ANSWER_S)
            outcome = TAKEN
        except ServerUnreachable:
            outcome = NO_CONNECTION
        except DawrError as problem:
            outcome = f"refused: {problem.code}"
        _log.info("%s: %s", event, outcome)
        self._inbox.put(lambda: self._panel.answered(outcome, time.monotonic()))

    def _note_stuck(self, stuck: frozenset[Button]) -> None:
        for button in stuck - self._panel.stuck:
            _log.warning("the button %s is stuck: held down for 10 s; it does nothing until it is let go", button)
        for button in self._panel.stuck - stuck:
            _log.info("the button %s is free again", button)
        self._panel.stuck = stuck

    def _display(self, on: bool, digits: str) -> None:
        was_on, was_digits = self._shown
        self._shown = on, digits
        if on != was_on:
            for light in self.lamps:
                light(on)
        if digits != was_digits:
            for show in self.displays:
                show(digits)
