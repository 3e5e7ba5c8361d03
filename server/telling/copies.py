"""Seeing a copy of a slip through: stored as asked for, sent to its kiosk, until the kiosk has told what became of it.

Nothing is sent later by itself: a kiosk that is not there now prints no copy when nobody stands there any more. Only
the same command, sent again, sends the order again; its kiosk prints one of an id at most once.
"""

import time
from collections.abc import Callable
from typing import Any

from dawr.errors import CopyNotPrinted, CopyUnsettled, KioskGone
from dawr.hall import Copy
from dawr.messages import AskCopy, Command
from dawr.views import copy_view, ticket_view
from server.access.who import ANYBODY, Who
from server.interface.routes import PrintCopy
from server.keeping.writer import Writer

ANSWER_S = 30.0
LOOK_S = 0.1

Send = Callable[[str, str, PrintCopy], bool]
"""Sends an event to a kiosk by its id; False when it is not connected."""


class Copies:
    """Does commands as the writer does, and waits for the paper where one asks for a copy."""

    def __init__(self, writer: Writer, send: Send, sleep: Callable[[float], None], answer_s: float = ANSWER_S) -> None:
        self._writer, self._send, self._sleep, self._answer_s = writer, send, sleep, answer_s

    def do(self, command: Command, id: str | None = None, who: Who = ANYBODY) -> dict[str, Any]:
        """As `Writer.do`. A copy that was not printed is refused: `KioskGone`, `CopyNotPrinted` or `CopyUnsettled`."""
        answer = self._writer.do(command, id, who)
        if not isinstance(command, AskCopy):
            return answer
        asked = answer["copy"]
        copy = self._seen_through(Copy(asked["id"], asked["ticket"], asked["number"], asked["kiosk"]))
        return {"copy": copy_view(copy).model_dump(mode="json"), "sequence": self._writer.hall.sequence}

    def _seen_through(self, asked: Copy) -> Copy:
        if not self._now(asked).outcome:
            self._order(asked)
        deadline = time.monotonic() + self._answer_s
        while not (copy := self._now(asked)).outcome:
            if time.monotonic() >= deadline:
                raise CopyUnsettled(f"{asked.kiosk} has not told yet", number=asked.number, kiosk=asked.kiosk)
            self._sleep(LOOK_S)
        if copy.outcome == "failed":
            raise CopyNotPrinted(f"{asked.kiosk}: {copy.why}", number=copy.number, kiosk=copy.kiosk, why=copy.why)
        return copy

    def _order(self, asked: Copy) -> None:
        hall = self._writer.hall
        order = PrintCopy(id=asked.id, ticket=ticket_view(hall, hall.ticket(asked.ticket)))
        if not self._send(asked.kiosk, "print-copy", order):
            raise KioskGone(f"{asked.kiosk} is not connected", number=asked.number, kiosk=asked.kiosk)

    def _now(self, asked: Copy) -> Copy:
        return self._writer.hall.copies.get(asked.id, asked)
