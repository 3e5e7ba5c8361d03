"""A kiosk without a screen: up to eight push buttons, each a ticket for one service; none where browsers are its face.

A press counts once, however the contact trembles and however long the finger stays; a contact that stays closed is a
fault and gives nothing more.
"""

import logging
import queue
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gpiozero import Button

from dawr.messages import Note
from dawr.pins import tap
from dawr.settings.centre import Language
from dawr.settings.devices import ServiceButton
from kiosk.issue import Health, Refusal, Took
from kiosk.journal import Journal, Wish
from kiosk.knowledge import Knowledge
from kiosk.notes import notes, standing
from kiosk.visit import Order
from kiosk.worker import Finished, News

AGAIN_S = 2.0
STUCK_S = 10.0
SETTLE_S = 0.1
TURN_S = 0.25

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Contact:
    """One button's contact as its edges come in; times are monotonic seconds."""

    closed: bool = False
    began_s: float = float("-inf")
    opened_s: float = float("-inf")
    took_s: float = float("-inf")

    def close(self, now_s: float) -> bool:
        """The contact closed. Whether this is a press: not a trembling one, nor one too soon after the last."""
        goes_on = self._is_held(now_s)
        self.closed = True
        if goes_on:
            return False
        self.began_s = now_s
        if now_s - self.took_s < AGAIN_S:
            return False
        self.took_s = now_s
        return True

    def open(self, now_s: float) -> None:
        """The contact opened."""
        self.closed, self.opened_s = False, now_s

    def is_stuck(self, now_s: float) -> bool:
        """Whether it has been closed for longer than anyone presses."""
        return self._is_held(now_s) and now_s - self.began_s >= STUCK_S

    def _is_held(self, now_s: float) -> bool:
        """Whether it is closed, or has opened only to tremble."""
        return self.closed or now_s - self.opened_s < SETTLE_S


class ButtonKiosk:
    """The buttons on the pins that this process has opened, numbered from 1 in the order of the settings."""

    def __init__(
        self,
        buttons: Sequence[ServiceButton],
        knowledge: Knowledge,
        journal: Journal,
        order: Callable[[Order], None],
        *,
        silent_for_s: Callable[[], float] = lambda: 0.0,
        replaced: bool = False,
        tell: Callable[[tuple[Note, ...]], None] = lambda _notes: None,
    ) -> None:
        self._knowledge, self._journal, self._order = knowledge, journal, order
        self._silent_for_s, self._replaced, self._tell = silent_for_s, replaced, tell
        self._notes: tuple[Note, ...] = ()
        self._services = {str(place): one.service for place, one in enumerate(buttons, 1)}
        self._pins = {str(place): one.pin for place, one in enumerate(buttons, 1)}
        self._contacts = {name: Contact() for name in self._pins}
        self._inbox: queue.SimpleQueue[tuple[str, bool, float] | News | None] = queue.SimpleQueue()
        self._health = Health()
        self._stuck: frozenset[str] = frozenset()
        self._last_number: str | None = None
        self._ended = False
        self._buttons = [self._wired(name, pin) for name, pin in self._pins.items()]

    def tap(self, button: str) -> None:
        """Press a button of a kiosk with mock pins for a moment. KeyError if there is none, or the pins are real."""
        tap(self._pins[button])

    def hear(self, news: News) -> None:
        """Take news from the worker; for any thread."""
        self._inbox.put(news)

    def end(self) -> None:
        """End the loop soon; for signals."""
        self._ended = True

    def run(self) -> None:
        """Be the kiosk until the end."""
        while not self._ended:
            self.turn(TURN_S, time.monotonic)

    def close(self) -> None:
        """Give the pins back."""
        for button in self._buttons:
            button.close()

    def turn(self, wait_s: float, now_s: Callable[[], float]) -> None:
        """One turn of the loop: what has come in, and whether a button is stuck."""
        with suppress(queue.Empty):
            self._hear(self._inbox.get(timeout=wait_s))
        stuck = frozenset(name for name, one in self._contacts.items() if one.is_stuck(now_s()))
        for name in stuck - self._stuck:
            _log.error("button %s (pin %s) is stuck", name, self._pins[name])
        self._stuck = stuck
        self._tell_notes()

    @property
    def fault(self) -> Refusal | None:
        """Why no ticket, or not every ticket, can be had now."""
        if self._stuck:
            return Refusal("kiosk.stuck_button", {"button": ", ".join(sorted(self._stuck))})
        return self._health.fault

    def state(self) -> dict[str, Any]:
        """What the bench tells of this kiosk."""
        fault = self.fault
        return {
            "page": "buttons",
            "language": self._language,
            "number": self._last_number,
            "fault": fault.key if fault else None,
            "up": self._knowledge.is_fresh(),
            "not_handed_in": self._journal.not_handed_in(),
            "refused": self._journal.refusals(),
            "notes": [note.key for note in self._notes],
            "buttons": self._services,
        }

    def _tell_notes(self) -> None:
        said = notes(
            standing(
                self._health,
                self._knowledge,
                self._journal,
                silent_for_s=self._silent_for_s(),
                replaced=self._replaced,
                stuck=sorted(self._stuck),
            )
        )
        if said != self._notes:
            self._notes = said
            self._tell(said)

    @property
    def _language(self) -> Language:
        return self._knowledge.centre.centre.languages[0] if self._knowledge.centre else "ar"

    def _wired(self, name: str, pin: int) -> Button:
        button = Button(pin)

        # gpiozero counts a callback's parameters, and hands the device over to those that take one.
        def closed() -> None:
            self._inbox.put((name, True, time.monotonic()))

        def opened() -> None:
            self._inbox.put((name, False, time.monotonic()))

        button.when_pressed, button.when_released = closed, opened
        if button.is_pressed:
            closed()
        return button

    def _hear(self, news: tuple[str, bool, float] | News | None) -> None:
        match news:
            case (str(name), bool(down), float(at_s)):
                self._feel(name, down, at_s)
            case Health():
                self._health = news
            case Finished(_, Took(number)):
                self._last_number = number
            case Finished(_, Refusal(key)):
                _log.warning("no ticket: %s", key)
            case BaseException():
                raise news

    def _feel(self, name: str, down: bool, at_s: float) -> None:
        if not down:
            self._contacts[name].open(at_s)
        elif self._contacts[name].close(at_s):
            self._order(Wish(service=self._services[name], language=self._language))
