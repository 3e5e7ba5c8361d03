"""The thread that prints: one order after the other, and a look at the printer while there is none.

Printing takes seconds and must not hold up the screen; and only one thread may talk to the printer.
"""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.issue import Health, Issuing, Refusal, Took
from kiosk.journal import Copy, Wish
from kiosk.orders import Heard
from kiosk.transport import Cause
from kiosk.visit import Order, OwnCopyOrder, PapersOrder

LOOK_S = 3.0
# A slip that is still coming out is no fault; a printer that stays busy is.
_BUSY_LOOKS = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of an order; None for a sheet of papers that is there."""

    order: Order
    result: Took | Refusal | None


News = Finished | Health | BaseException


class Worker:
    """Carries out orders. `tell` hears what came of each, how the printer is, and what this thread died of.

    `from_browser` carries out what browsers order, and tells the server of it by itself.
    """

    def __init__(
        self, issuing: Issuing, tell: Callable[[News], None], from_browser: Callable[[Heard], None] = lambda _: None
    ) -> None:
        self._issuing, self._tell, self._from_browser = issuing, tell, from_browser
        self._orders: queue.SimpleQueue[Order | Copy | Heard | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._busy_looks = 0

    def start(self) -> None:
        """Begin; the printer is looked at first."""
        self._thread.start()

    def order(self, order: Order | Copy | Heard) -> None:
        """Carry this out as soon as the orders before it are done. Of a copy for staff the server is told, not we."""
        self._orders.put(order)

    def stop(self) -> None:
        """End when the order in hand is done."""
        self._orders.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._look()
            self._issuing.prepare()
            while True:
                try:
                    order = self._orders.get(timeout=LOOK_S)
                except queue.Empty:
                    self._look()
                    continue
                if order is None:
                    return
                if isinstance(order, Copy):
                    self._issuing.print_copy(order)
                    continue
                if isinstance(order, Heard):
                    self._from_browser(order)
                    # The same order comes again and again, and must not keep us from looking.
                    self._look()
                    continue
                result = self._carry_out(order)
                if isinstance(result, Took) and result.in_doubt:
                    # Before the visitor sees the number: a copy can be had only from a printer that is well.
                    self._look()
                self._tell(Finished(order, result))
        except BaseException as defect:
            self._tell(defect)
            raise

    def _carry_out(self, order: Order) -> Took | Refusal | None:
        match order:
            case Wish():
                return self._issuing.take(order)
            case OwnCopyOrder(ticket):
                return self._issuing.print_own_copy(ticket)
            case PapersOrder(service, language):
                return self._issuing.print_papers(service, language)

    def _look(self) -> None:
        health = self._issuing.health()
        busy = health.fault is not None and health.fault.key == f"printer.{Cause.BUSY}"
        self._busy_looks = self._busy_looks + 1 if busy else 0
        if not busy or self._busy_looks >= _BUSY_LOOKS:
            self._tell(health)
