"""Orders that come from browsers, through the server: each is carried out at most once, in time or not at all.

A ticket's order is kept in the journal with its number, so that it is known after a power cut too. What was refused is
remembered only while the kiosk runs: whoever still waits after a restart was not told of the refusal.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from dawr.errors import KeyReused, StorageFailed
from dawr.messages import Note
from dawr.orders import BEGINS_WITHIN_S, Order, OrderCopy, OrderEnded, OrderPapers, OrderSheet, OrderTicket
from kiosk.issue import Issuing, Refusal, Took
from kiosk.journal import Fate, Given, Journal, Wish
from kiosk.printer import Outcome

REMEMBERED = 1000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """An order with its id, and the monotonic time at which it came in."""

    order: Order
    id: str
    at_s: float

    def age_s(self, now_s: float) -> float:
        """How long ago somebody pressed; what it took to come here is not in it."""
        return self.order.age_s + now_s - self.at_s


class Orders:
    """Carries orders out, on the one thread that prints. `tell` hears what came of each."""

    def __init__(
        self,
        issuing: Issuing,
        journal: Journal,
        tell: Callable[[OrderEnded], None],
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuing, self._journal, self._tell, self._now_s = issuing, journal, tell, now_s
        self._ended: dict[str, tuple[Order, OrderEnded]] = {}

    def carry_out(self, heard: Heard) -> None:
        """Carry an order out, or tell again what came of it. Nothing is told while the journal cannot be read."""
        try:
            ended = self._before(heard) or self._remembered(heard, self._now(heard))
        except StorageFailed as problem:
            _log.error("%s", problem)
        else:
            self._tell(ended)

    def _remembered(self, heard: Heard, ended: OrderEnded) -> OrderEnded:
        self._ended[heard.id] = (_ageless(heard.order), ended)
        if len(self._ended) > REMEMBERED:
            del self._ended[next(iter(self._ended))]
        return ended

    def _before(self, heard: Heard) -> OrderEnded | None:
        """What came of this order earlier; None if it is new."""
        if isinstance(heard.order, OrderSheet):
            return _of_sheet(heard.id, self._journal.sheet(heard.id))
        order, ended = self._ended.get(heard.id, (None, None))
        if order:
            return ended if order == _ageless(heard.order) else _refused(heard.id, _REUSED)
        given = self._journal.ordered(heard.id)
        if given is None:
            return None
        same = isinstance(heard.order, OrderTicket) and _untyped(given.wish) == _untyped(_wish(heard.order, heard.id))
        return _of_journal(heard.id, given) if same else _refused(heard.id, _REUSED)

    def _now(self, heard: Heard) -> OrderEnded:
        age_s = heard.age_s(self._now_s())
        if age_s > BEGINS_WITHIN_S:
            _log.warning("an order came too late: %s, %.0f s", heard.order.NAME, age_s)
            return _refused(heard.id, Refusal("kiosk.too_late"))
        match self._result(heard):
            case Took(number, service, in_doubt, ticket):
                outcome = "in_doubt" if in_doubt else "printed"
                return OrderEnded(id=heard.id, outcome=outcome, ticket=ticket, number=number, service=service)
            case Refusal() as refusal:
                return _refused(heard.id, refusal)
            case Outcome() as outcome:
                return OrderEnded(id=heard.id, outcome="printed" if outcome is Outcome.PRINTED else "in_doubt")
            case None:
                return OrderEnded(id=heard.id, outcome="printed")

    def _result(self, heard: Heard) -> Took | Refusal | Outcome | None:
        match heard.order:
            case OrderTicket():
                return self._issuing.take(_wish(heard.order, heard.id))
            case OrderPapers(service=service, language=language):
                return self._issuing.print_papers(service, language)
            case OrderCopy(ticket=ticket):
                return self._copy(ticket, heard.id)
            case OrderSheet() as sheet:
                return self._issuing.print_sheet(heard.id, sheet)
            case _:
                return Refusal("kiosk.not_printed")

    def _copy(self, ticket: str, id: str) -> Took | Refusal:
        """A copy only of what is in doubt: a slip that came out has its visitor."""
        try:
            in_doubt = self._journal.given(ticket).fate is Fate.IN_DOUBT
        except KeyError:
            in_doubt = False
        return self._issuing.print_own_copy(ticket, id) if in_doubt else Refusal("kiosk.not_printed")


_REUSED = Refusal(f"problem.{KeyReused.code}")


def _ageless(order: Order) -> Order:
    return order.model_copy(update={"age_s": 0.0})


def _untyped(wish: Wish) -> Wish:
    """What the journal keeps of a wish."""
    return replace(wish, reference=None)


def _wish(order: OrderTicket, id: str) -> Wish:
    return Wish(
        service=order.service,
        language=order.language,
        visitor_class=order.visitor_class,
        reference=order.reference,
        order=id,
    )


def _of_journal(id: str, given: Given) -> OrderEnded:
    """What a run before this one gave; what it did not settle, a power cut or a crash left in doubt."""
    if given.fate is Fate.FAILED:
        return _refused(id, Refusal("kiosk.not_printed"))
    outcome = "printed" if given.fate is Fate.PRINTED else "in_doubt"
    return OrderEnded(id=id, outcome=outcome, ticket=given.id, number=given.number, service=given.wish.service)


def _of_sheet(id: str, fate: Fate | None) -> OrderEnded | None:
    """What came of a sheet earlier; None if it is new, or surely did not come out: then it is printed now."""
    if fate in (None, Fate.FAILED):
        return None
    return OrderEnded(id=id, outcome="printed" if fate is Fate.PRINTED else "in_doubt")


def _refused(id: str, refusal: Refusal) -> OrderEnded:
    why = Note(key=refusal.key, facts=dict(refusal.facts))
    return OrderEnded(id=id, outcome="refused", why=why, reason=refusal.reason)
