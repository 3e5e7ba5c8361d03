"""A kiosk of push buttons, on mock pins: one ticket a press, and a stuck contact is a fault and not a roll of paper."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gpiozero import Device

from dawr.pins import open_pins
from dawr.settings.devices import ServiceButton
from kiosk.buttons import AGAIN_S, STUCK_S, ButtonKiosk, Contact
from kiosk.issue import Health, Refusal, Took
from kiosk.journal import Wish
from kiosk.visit import Order
from kiosk.worker import Finished
from tests.kiosk.working import working_kiosk

WISH = Wish(service="individual-record", language="ar")


class Pressed(list[Order]):
    """The orders of a button kiosk under test."""

    kiosk: ButtonKiosk


@pytest.fixture
def pressed(tmp_path: Path) -> Iterator[Pressed]:
    open_pins("mock")
    orders = Pressed()
    buttons = [ServiceButton(pin=17, service="individual-record"), ServiceButton(pin=27, service="water-bill")]
    with working_kiosk(tmp_path) as parts:
        orders.kiosk = ButtonKiosk(buttons, parts.knowledge, parts.journal, orders.append)
        yield orders
        orders.kiosk.close()
    Device.pin_factory.reset()


def settle(kiosk: ButtonKiosk, now_s: float = 0.0) -> None:
    """Let the kiosk take all that has come in."""
    while not kiosk._inbox.empty():
        kiosk.turn(0, lambda: now_s)
    kiosk.turn(0, lambda: now_s)


def test_a_press_orders_one_ticket_for_its_service(pressed: Pressed) -> None:
    pressed.kiosk.tap("1")
    pressed.kiosk.tap("2")
    settle(pressed.kiosk)
    assert pressed == [WISH, Wish(service="water-bill", language="ar")]


def test_hasty_presses_give_one_ticket(pressed: Pressed) -> None:
    for _ in range(3):
        pressed.kiosk.tap("1")
    settle(pressed.kiosk)
    assert pressed == [WISH]


def test_there_is_no_third_button(pressed: Pressed) -> None:
    with pytest.raises(KeyError):
        pressed.kiosk.tap("3")


def test_a_button_held_down_is_a_fault_and_one_ticket(pressed: Pressed) -> None:
    import time

    Device.pin_factory.pin(17).drive_low()
    settle(pressed.kiosk, time.monotonic() + 1)
    assert pressed.kiosk.fault is None
    settle(pressed.kiosk, time.monotonic() + STUCK_S + 1)
    assert pressed.kiosk.fault == Refusal("kiosk.stuck_button", {"button": "1"})
    assert pressed.kiosk.state()["fault"] == "kiosk.stuck_button"
    Device.pin_factory.pin(17).drive_high()
    settle(pressed.kiosk, time.monotonic() + STUCK_S + 2)
    assert pressed.kiosk.fault is None
    assert pressed == [WISH]


def test_what_came_of_a_press_is_told(pressed: Pressed) -> None:
    pressed.kiosk.hear(Finished(WISH, Took("A001", WISH.service, False)))
    pressed.kiosk.hear(Health(Refusal("printer.paper_out")))
    settle(pressed.kiosk)
    assert pressed.kiosk.state()["number"] == "A001"
    assert pressed.kiosk.state()["fault"] == "printer.paper_out"


def test_a_trembling_contact_counts_once() -> None:
    contact = Contact()
    edges = [contact.close(0.0)]
    for at_s in (0.01, 0.02, 0.03):
        contact.open(at_s)
        edges.append(contact.close(at_s + 0.005))
    assert edges == [True, False, False, False]


def test_a_contact_that_trembles_for_ever_is_stuck_and_gives_nothing_more() -> None:
    contact, takes, now_s = Contact(), 0, 0.0
    while now_s < 60:
        takes += contact.close(now_s)
        contact.open(now_s + 0.03)
        now_s += 0.06
    assert takes == 1 and contact.is_stuck(now_s)


def test_the_same_button_gives_another_ticket_after_a_while() -> None:
    contact = Contact()
    assert contact.close(0.0)
    contact.open(0.2)
    assert not contact.close(AGAIN_S - 0.1)
    contact.open(AGAIN_S)
    assert contact.close(AGAIN_S + 0.5)
