"""What a counter's box says and sends: presses become commands, answers and views become lamp and digits.

No thread, no clock, no pins: times are monotonic seconds that are passed in.
"""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from dawr.ids import new_id

FLICK_S = 0.17  # three flashes a second at most
REFUSED_S = 2.0
DOUBLE_PRESS_S = 1.5

TAKEN = "taken"
NO_CONNECTION = "no_connection"
# After these nobody knows whether it was done; the same command id finds out.
_IN_DOUBT = frozenset({NO_CONNECTION, "refused: storage_failed"})


class Button(StrEnum):
    """What can be pressed; only a number pad has `UNDO`."""

    NEXT = "next"
    RECALL = "recall"
    NO_SHOW = "no_show"
    BREAK = "break"
    UNDO = "undo"


class Mode(StrEnum):
    """What the lamp says; `counter.lamp.…` in the words explains each."""

    SERVING = "serving"
    WAITING = "waiting"
    NOBODY = "nobody"
    ASKING = "asking"
    REFUSED = "refused"
    NOT_OPEN = "not_open"
    NO_CONNECTION = "no_connection"
    STUCK = "stuck"
    NOT_ADMITTED = "not_admitted"


def _blinks(count: int) -> tuple[float, ...]:
    """So many short blinks, then dark for the rest of 5 s."""
    short = (0.15, 0.3) * count
    return (*short[:-1], 5.0 - sum(short[:-1]))


# Seconds lit, dark, lit, dark …, over and over.
LAMP: Mapping[Mode, tuple[float, ...]] = {
    Mode.SERVING: (math.inf,),
    Mode.WAITING: (1.0, 1.0),
    Mode.NOBODY: (0.0, math.inf),
    Mode.ASKING: (FLICK_S, FLICK_S),
    Mode.REFUSED: (FLICK_S, FLICK_S),
    Mode.NOT_OPEN: _blinks(1),
    Mode.NO_CONNECTION: _blinks(2),
    Mode.STUCK: _blinks(3),
    Mode.NOT_ADMITTED: _blinks(4),
}

_COMMANDS = {
    Button.NEXT: "call-next",
    Button.RECALL: "recall",
    Button.NO_SHOW: "no-show",
    Button.UNDO: "undo",
}


def lit(pattern: tuple[float, ...], elapsed_s: float) -> tuple[bool, float]:
    """Whether a lamp of this pattern is lit after so many seconds, and in how many it changes."""
    left_s = elapsed_s % sum(pattern)
    for place, length_s in enumerate(pattern):
        if left_s < length_s:
            return place % 2 == 0, length_s - left_s
        left_s -= length_s
    return False, pattern[-1]  # rounding ran over the end, which is dark


class Panel:
    """The state of one counter's box."""

    def __init__(self) -> None:
        self.up = self.not_admitted = False
        self.view: Mapping[str, Any] = {}
        self.stuck: frozenset[Button] = frozenset()
        self.last = ""
        self.command_id = ""
        """The id of the command of the last press."""
        self._asked: tuple[object, ...] = ()
        self._asking = False
        self._asked_at_s = self._refused_at_s = self._next_at_s = -math.inf
        self._was_lit = False

    def press(self, button: Button, now_s: float) -> str | None:
        """The command to send for a press; None if it comes too soon after another, or there is nobody to hear it."""
        if self._asking or (button is Button.NEXT and now_s < self._next_at_s + DOUBLE_PRESS_S):
            return None
        self._identify(button)
        # The lamp answers by turning over at once, whatever it showed.
        self._was_lit, _ = self.lamp(now_s)
        self._asked_at_s = now_s
        if not self.up:
            self.answered(NO_CONNECTION, now_s)
            return None
        if button is Button.NEXT:
            self._next_at_s = now_s
        self._asking = True
        return self._command(button)

    def answered(self, outcome: str, now_s: float) -> None:
        """Take the outcome of the command on its way: `taken`, `refused: CODE` or `no_connection`."""
        self._asking = False
        self.last = outcome
        if outcome != TAKEN:
            self._refused_at_s = now_s

    def mode(self, now_s: float) -> Mode:
        """What the lamp says: first about the last press, then about what is wrong, then about the counter."""
        if self._asking:
            return Mode.ASKING
        if now_s < self._refused_at_s + REFUSED_S:
            return Mode.REFUSED
        if now_s < self._asked_at_s + 2 * FLICK_S:
            return Mode.ASKING
        if self.stuck:
            return Mode.STUCK
        if self.not_admitted:
            return Mode.NOT_ADMITTED
        if not self.up or not self.view:
            return Mode.NO_CONNECTION
        if self.view["ticket"]:
            return Mode.SERVING
        if self.view["state"] != "open":
            return Mode.NOT_OPEN
        return Mode.WAITING if self.view["waiting"] else Mode.NOBODY

    def lamp(self, now_s: float) -> tuple[bool, float]:
        """Whether the lamp is lit, and in how many seconds to look again."""
        mode = self.mode(now_s)
        if mode not in (Mode.ASKING, Mode.REFUSED):
            return lit(LAMP[mode], now_s)
        on, change_s = lit(LAMP[mode], now_s - self._asked_at_s)
        return on != self._was_lit, change_s

    @property
    def digits(self) -> str:
        """The digits of the number at this counter, `012` of `A012`; empty when there is nobody."""
        ticket = self.view.get("ticket")
        return "".join(c for c in ticket["number"] if c.isdigit()) if ticket else ""

    def _identify(self, button: Button) -> None:
        """A press after one of which nobody knows what became is the same command, while the counter shows the same.

        However long that takes: a server whose disk fails tells what it has done when the disk works again. Else the
        first, done late, would end the visit that the second then called, before anybody saw its number.
        """
        ticket = self.view.get("ticket")
        asked = (button, self.view.get("state"), ticket and ticket["number"])
        if asked != self._asked or self.last not in _IN_DOUBT:
            self.command_id = new_id()
        self._asked = asked

    def _command(self, button: Button) -> str:
        if button is Button.BREAK:
            return "break" if self.view.get("state") == "open" else "open"
        return _COMMANDS[button]
