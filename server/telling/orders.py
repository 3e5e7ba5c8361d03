"""Seeing an order of a browser through: sent to its kiosk, again and again, until that has told what came of it.

The server stores nothing of it, for the kiosk does; so the same order may be sent again after a restart of the server
too. A kiosk begins no order that is older than some seconds: what comes later only asks.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dawr.errors import OrderRefused, OrderUnsettled, TooManyOrders, UnknownClass, UnknownKiosk, UnknownService
from dawr.ids import new_id
from dawr.messages import Command
from dawr.orders import Order, OrderCopy, OrderEnded, OrderTicket
from dawr.settings.centre import Centre
from server.access.who import ANYBODY, Who
from server.door import limits
from server.door.limits import Overflow
from server.keeping.writer import Do

ANSWER_S = 30.0
AGAIN_S = 2.0
LOOK_S = 0.05

Send = Callable[[str, str, Order], bool]
"""Sends an event to a kiosk by its id; False when it is not connected."""


@dataclass(eq=False, slots=True)
class _Waiting:
    """Somebody who waits for what comes of an order."""

    kiosk: str
    id: str
    ended: OrderEnded | None = None


class Orders:
    """Does commands as `do` does, and sees orders through."""

    def __init__(
        self, centre: Centre, do: Do, send: Send, sleep: Callable[[float], None], answer_s: float = ANSWER_S
    ) -> None:
        self._centre, self._do, self._send, self._sleep, self._answer_s = centre, do, send, sleep, answer_s
        self._waiting: list[_Waiting] = []
        self._pace = limits.orders()

    def do(self, command: Command, id: str | None = None, who: Who = ANYBODY) -> dict[str, Any]:
        """As before. An order of which nothing came is `OrderRefused`; `OrderUnsettled`: its kiosk has not told yet."""
        if not isinstance(command, Order):
            return self._do(command, id, who)
        self._refuse_unknown(command)
        self._refuse_too_many(command)
        ended = self.seen_through(command.model_copy(update={"id": id or new_id()}))
        if ended.outcome == "refused":
            why = ended.why
            raise OrderRefused(
                f"{command.kiosk}: {why and why.key}",
                why=why.key if why else "",
                values=why.facts if why else {},
                reason=ended.reason,
            )
        return {"order": ended.model_dump(mode="json", include={"id", "outcome", "ticket", "number", "service"})}

    def hear(self, kiosk: str, ended: OrderEnded) -> None:
        """A kiosk has told what came of an order."""
        for one in list(self._waiting):
            if (one.kiosk, one.id) == (kiosk, ended.id):
                one.ended = ended

    def _refuse_unknown(self, order: Order) -> None:
        """What the server would refuse when it is handed in must not be printed."""
        if order.kiosk not in {kiosk.id for kiosk in self._centre.kiosks}:
            raise UnknownKiosk(f"there is no kiosk {order.kiosk}", kiosk=order.kiosk)
        if not isinstance(order, OrderCopy) and (service := getattr(order, "service", "")) not in self._centre.service:
            raise UnknownService(f"there is no service {service}", service=service)
        visitors = order.visitor_class if isinstance(order, OrderTicket) else None
        if visitors is not None and visitors not in self._centre.visitor_class:
            raise UnknownClass(f"there is no class {visitors}", visitor_class=visitors)

    def _refuse_too_many(self, order: Order) -> None:
        """One that was sent before may be printed already: about it nobody is told that it is not."""
        try:
            self._pace.take(order.kiosk)
        except Overflow as overflow:
            if order.age_s:
                raise OrderUnsettled(f"too much is ordered from {order.kiosk}", kiosk=order.kiosk) from None
            raise TooManyOrders(f"too much is ordered from {order.kiosk}", seconds=overflow.whole_s) from None

    def seen_through(self, order: Order) -> OrderEnded:
        """Send an order, which has an id, until its kiosk has told what came of it; a refusal is told as well.

        `OrderRefused` when the kiosk is not connected, `OrderUnsettled` when it has not told in time.
        """
        waiting = _Waiting(order.kiosk, str(order.id))
        is_new = not order.age_s and not any((one.kiosk, one.id) == (order.kiosk, order.id) for one in self._waiting)
        self._waiting.append(waiting)
        try:
            return self._answered(order, waiting, is_new)
        finally:
            self._waiting.remove(waiting)

    def _answered(self, order: Order, waiting: _Waiting, is_new: bool) -> OrderEnded:
        began_s = sent_s = time.monotonic()
        if not self._send(order.kiosk, order.NAME, order) and is_new:
            # Nobody ever sent it, so surely nothing comes of it.
            raise OrderRefused(f"{order.kiosk} is not connected", why="kiosk.not_connected", values={}, reason=None)
        while waiting.ended is None:
            now_s = time.monotonic()
            if now_s - began_s >= self._answer_s:
                raise OrderUnsettled(f"{order.kiosk} has not told yet", kiosk=order.kiosk)
            if now_s - sent_s >= AGAIN_S:
                sent_s = now_s
                aged = order.model_copy(update={"age_s": order.age_s + now_s - began_s})
                self._send(order.kiosk, order.NAME, aged)
            self._sleep(LOOK_S)
        return waiting.ended
