"""Orders of browsers on their way to a kiosk and back: the real server, and the real client as the kiosk."""

import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dawr.client import Client
from dawr.errors import OrderUnsettled
from dawr.orders import Order, OrderTicket
from server.telling.orders import Orders
from tests.kiosk.working import until
from tests.server.running import Answer, RunningServer, always_open

PRESS = {"service": "birth", "language": "ar", "class": None}


async def only(address: str) -> AsyncGenerator[str]:
    yield address


class Kiosk:
    """What a kiosk hears of orders; it answers as the test says."""

    def __init__(self, address: str) -> None:
        self.heard: list[dict[str, Any]] = []
        self.answer: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda _order: None
        self.client = Client(lambda: only(address), {"role": "kiosk", "id": "kiosk-1"}, {"order-ticket": self.hear})

    def hear(self, order: dict[str, Any]) -> None:
        self.heard.append(order)
        if ended := self.answer(order):
            self.client.tell("order-ended", ended)


@contextmanager
def kiosk_at(server: RunningServer) -> Iterator[Kiosk]:
    kiosk = Kiosk(server.address)
    kiosk.client.start()
    until(lambda: kiosk.client.is_up)
    yield kiosk
    kiosk.client.stop()
    until(lambda: not server.get("/kiosks").json["kiosks"][0]["connected"])


def printed(order: dict[str, Any], number: str = "A001") -> dict[str, Any]:
    return {"id": order["id"], "outcome": "printed", "ticket": "t-1", "number": number, "service": order["service"]}


def press(server: RunningServer, key: str = "press", kiosk: str = "kiosk-1", **changes: Any) -> Answer:
    return server.post(f"/kiosks/{kiosk}/tickets", {**PRESS, **changes}, Idempotency_Key=key, Accept_Language="en")


def test_an_order_goes_to_its_kiosk_and_the_answer_comes_back(hall_server: RunningServer) -> None:
    with kiosk_at(hall_server) as kiosk:
        kiosk.answer = printed
        answer = press(hall_server, **{"class": "elderly"})
    assert answer.status == 201
    assert answer.json == {"id": "press", "outcome": "printed", "ticket": "t-1", "number": "A001", "service": "birth"}
    assert (kiosk.heard[0]["id"], kiosk.heard[0]["class"], kiosk.heard[0]["age_s"]) == ("press", "elderly", 0)


def test_an_order_is_sent_again_with_its_age_until_the_kiosk_tells(hall_server: RunningServer) -> None:
    with kiosk_at(hall_server) as kiosk:
        kiosk.answer = lambda order: printed(order) if len(kiosk.heard) == 3 else None
        assert press(hall_server, age_s=1.5).json["number"] == "A001"
    ages = [order["age_s"] for order in kiosk.heard]
    assert len({order["id"] for order in kiosk.heard}) == 1
    assert ages[0] == 1.5 and 3.4 < ages[1] < ages[2]


def test_a_refusal_comes_with_its_sentence(hall_server: RunningServer) -> None:
    with kiosk_at(hall_server) as kiosk:
        why = {"outcome": "refused", "why": {"key": "printer.paper_out"}}
        kiosk.answer = lambda order: {"id": order["id"], **why}
        answer = press(hall_server)
        assert (answer.status, answer.json["code"]) == (409, "order_refused")
        assert answer.json["detail"] == "The printer is out of paper. Please tell a member of staff."
        stopped = {"outcome": "refused", "why": {"key": "closed.stopped"}, "reason": {"ar": "عطل", "en": "A fault."}}
        kiosk.answer = lambda order: {"id": order["id"], **stopped}
        assert press(hall_server, "press-2").json["detail"].endswith("at the moment. A fault.")
        kiosk.answer = lambda order: {"id": order["id"], "outcome": "refused", "why": {"key": "of.another.version"}}
        assert press(hall_server, "press-3").json["detail"].startswith("The kiosk printed nothing.")


def test_a_kiosk_that_is_not_there_is_said_at_once(hall_server: RunningServer) -> None:
    answer = press(hall_server)
    assert (answer.status, answer.json["code"], answer.json["why"]) == (409, "order_refused", "kiosk.not_connected")


@pytest.mark.parametrize(
    ("kiosk", "changes", "code"),
    [
        ("kiosk-9", {}, "unknown_kiosk"),
        ("kiosk-1", {"service": "no-such"}, "unknown_service"),
        ("kiosk-1", {"class": "king"}, "unknown_class"),
        ("kiosk-1", {"reference": "1" * 21}, "bad_message"),
    ],
)
def test_what_could_not_be_handed_in_is_not_ordered(
    hall_server: RunningServer, kiosk: str, changes: dict[str, Any], code: str
) -> None:
    with kiosk_at(hall_server) as there:
        assert press(hall_server, kiosk=kiosk, **changes).json["code"] == code
        assert there.heard == []


def test_who_asks_again_while_the_first_still_waits_hears_the_same(hall_server: RunningServer) -> None:
    with kiosk_at(hall_server) as kiosk:
        answers: list[Answer] = []
        both = [threading.Thread(target=lambda: answers.append(press(hall_server, age_s=0.1))) for _ in range(2)]
        for one in both:
            one.start()
        until(lambda: len(kiosk.heard) >= 2)
        kiosk.client.tell("order-ended", printed(kiosk.heard[0]))
        for one in both:
            one.join()
    assert [answer.json["number"] for answer in answers] == ["A001", "A001"]


def test_only_the_kiosk_itself_tells_what_came_of_its_orders(hall_server: RunningServer) -> None:
    page = Client(lambda: only(hall_server.address), {"role": "page", "id": "kiosk-1"}, {})
    page.start()
    until(lambda: page.is_up)
    with kiosk_at(hall_server) as kiosk:

        def answer(order: dict[str, Any]) -> dict[str, Any] | None:
            page.tell("order-ended", printed(order, "A666"))
            return printed(order) if len(kiosk.heard) == 2 else None

        kiosk.answer = answer
        assert press(hall_server).json["number"] == "A001"
    page.stop()


@pytest.mark.parametrize(("is_there", "age_s"), [(True, 0.0), (False, 2.0)])
def test_without_an_answer_nobody_knows_and_the_same_is_said(is_there: bool, age_s: float) -> None:
    """A kiosk that was there, or may have been when it was asked before, and does not answer: the paper knows."""
    sent: list[Order] = []

    def send(_kiosk: str, _event: str, order: Order) -> bool:
        sent.append(order)
        return is_there

    orders = Orders(always_open(), lambda *_: {}, send, lambda _s: None, answer_s=0.05)
    with pytest.raises(OrderUnsettled):
        orders.do(OrderTicket(kiosk="kiosk-1", service="birth", language="ar", age_s=age_s), "press")
    assert sent[0].id == "press"


def test_more_orders_than_visitors_can_give_are_refused_with_a_sentence(tmp_path: Path) -> None:
    server = RunningServer(tmp_path)
    try:
        with kiosk_at(server) as kiosk:
            kiosk.answer = printed
            answers = [press(server, f"press-{number}") for number in range(80)]
            again = press(server, "press-1", age_s=3.0)
        statuses = [answer.status for answer in answers]
        assert statuses[:60] == [201] * 60
        refusal = answers[statuses.index(429)]
        assert (refusal.json["code"], refusal.headers["Retry-After"]) == ("too_many_orders", "1")
        assert refusal.json["detail"].startswith("Very many slips are asked for at this kiosk.")
        assert len(kiosk.heard) == statuses.count(201) + (again.status == 201)
        # It may be printed already: whoever asks again is never told that it was refused.
        assert again.status in (201, 504)
    finally:
        server.kill()
