"""Handing in: telling the server of every ticket that was given, oldest first, until it has stored them; then of the
numbers that were skipped, and of what became of copies.

A ticket that the server refuses is marked in the journal and does not hold up the others; it is tried again some
minutes later, for a server that did not know the day may know it then, or its settings may have been put right.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from dawr.clock import Clock
from dawr.errors import DawrError, Refused, ServerUnreachable, StorageFailed
from dawr.messages import EndCopy, HandIn, SkipNumber, to_wire
from kiosk.journal import Given, Journal

MOST = 50
ANSWER_S = 5.0
AGAIN_S = 5.0
REFUSED_AGAIN_S = 600.0
# Not about these tickets: the server has trouble of its own, or does not know this kiosk yet.
_LATER = {"storage_failed", "unexpected", "unknown_issuer"}

Call = Callable[[str, Mapping[str, Any], float], Mapping[str, Any]]

_log = logging.getLogger(__name__)


class HandingIn:
    """Hands in on a thread of its own. `call` sends a command to the server, as `Client.call` does.

    `on_defect` hears what that thread died of: a kiosk that no longer hands in must not go on as if it did.
    """

    def __init__(
        self,
        journal: Journal,
        kiosk: str,
        call: Call,
        clock: Clock,
        on_defect: Callable[[BaseException], None] = lambda _defect: None,
    ) -> None:
        self._journal, self._kiosk, self._call, self._clock = journal, kiosk, call, clock
        self._on_defect = on_defect
        self._tried_again_s = clock.now().boottime_s
        self._wake, self._ended = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="hand-in", daemon=True)

    def start(self) -> None:
        """Begin, with what an earlier run left."""
        self._journal.try_refused_again()
        self._thread.start()

    def wake(self) -> None:
        """There is a ticket to hand in, or the server is there again."""
        self._wake.set()

    def stop(self) -> None:
        """End soon; what is left is handed in after the next start."""
        self._ended = True
        self._wake.set()
        self._thread.join(ANSWER_S + 1)

    def hand_in_all(self) -> None:
        """Hand in as long as it goes well; what goes wrong is logged, and tried again the next time."""
        try:
            self._try_refused_again()
            while not self._ended and self.hand_in():
                pass
        except StorageFailed as problem:
            _log.error("%s", problem)
        except DawrError as problem:
            _log.error("handing in: %s (%s)", problem, problem.code)

    def _try_refused_again(self) -> None:
        now_s = self._clock.now().boottime_s
        if now_s - self._tried_again_s >= REFUSED_AGAIN_S:
            self._tried_again_s = now_s
            if self._journal.refusals():
                self._journal.try_refused_again()

    def hand_in(self) -> bool:
        """Hand in the oldest tickets, and then the rest. Whether there may be more to do at once."""
        tickets = self._journal.untold(MOST)
        if not tickets:
            return self._tell_rest()
        try:
            self._send(tickets)
        except Refused as refused:
            return self._one_by_one(tickets, refused)
        except ServerUnreachable:
            return False
        return True

    def _one_by_one(self, tickets: list[Given], refused: Refused) -> bool:
        for ticket in tickets:
            if refused.code in _LATER:
                _log.warning("handing in is put off: %s", refused)
                return False
            try:
                self._send([ticket])
            except Refused as problem:
                if problem.code in _LATER:
                    refused = problem
                    continue
                _log.error("the server refuses %s: %s (%s)", ticket.number, problem, problem.code)
                self._journal.refused(ticket.id, problem.code)
            except ServerUnreachable:
                return False
        return True

    def _tell_rest(self) -> bool:
        rest: list[tuple[str, SkipNumber | EndCopy]] = [
            (one.id, SkipNumber(issuer=self._kiosk, line=one.line, number=one.number, day=one.day, why=one.why))
            for one in self._journal.untold_skips(MOST)
        ]
        rest += [(one.id, EndCopy(kiosk=self._kiosk, **asdict(one))) for one in self._journal.untold_copies(MOST)]
        return bool(rest) and all(self._tell(id, command) for id, command in rest)

    def _tell(self, id: str, command: SkipNumber | EndCopy) -> bool:
        """Tell of one number or copy. False when the server cannot be told now."""
        try:
            # Always the same command: told again, it changes nothing.
            self._call(command.NAME, {"command_id": f"{command.NAME}-{id}", **to_wire(command)}, ANSWER_S)
        except Refused as problem:
            if problem.code in _LATER:
                return False
            _log.error("the server refuses %s of %s: %s (%s)", command.NAME, command.number, problem, problem.code)
            self._journal.refused(id, problem.code)
        except ServerUnreachable:
            return False
        else:
            self._journal.told([id])
        return True

    def _send(self, tickets: list[Given]) -> None:
        command = HandIn(
            issuer=self._kiosk, sent=self._clock.now(), tickets=tuple(ticket.printed() for ticket in tickets)
        )
        self._call(HandIn.NAME, to_wire(command), ANSWER_S)
        self._journal.told([ticket.id for ticket in tickets])

    def _run(self) -> None:
        try:
            while not self._ended:
                self._wake.clear()
                self.hand_in_all()
                self._wake.wait(AGAIN_S)
        except BaseException as defect:
            self._on_defect(defect)
            raise
