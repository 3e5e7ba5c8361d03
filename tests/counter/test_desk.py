import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from counter.box import ButtonBox
from counter.desk import Desk
from counter.panel import Button
from dawr.errors import PinsMissing, Refused, ServerUnreachable
from dawr.pins import open_pins
from dawr.settings.devices import Box
from tests.peer import until

FREE = {"id": "3", "state": "open", "ticket": None, "waiting": 0}
SERVING = FREE | {"ticket": {"number": "A012"}}
DISPLAY = {"segments": (5, 6, 12, 13, 16, 19, 20, 26), "digits": (21, 25, 18, 4)}


class Server:
    """What the desk sends to, at the place of `Client.call`."""

    def __init__(self) -> None:
        self.got: list[tuple[str, Mapping[str, Any]]] = []
        self.ids: list[str] = []
        self.fails: Exception | None = None

    def call(self, event: str, payload: Mapping[str, Any], deadline_s: float) -> dict[str, Any]:
        self.ids.append(payload["command_id"])
        self.got.append((event, {name: value for name, value in payload.items() if name != "command_id"}))
        if self.fails:
            raise self.fails
        return {"ok": True}


@contextmanager
def box_at_work(server: Server, view: Mapping[str, Any] = FREE) -> Iterator[tuple[Desk, ButtonBox]]:
    desk = Desk("3")
    box = ButtonBox(Box.model_validate({"display": DISPLAY}), lambda b, down: desk.contact(b, down=down))
    desk.lamps.append(box.light)
    desk.displays.append(box.show)
    desk.connect(True)
    desk.hear(view)
    running = threading.Thread(target=desk.run, args=(server.call,))
    running.start()
    try:
        until(lambda: desk.state().get("counter") == view)
        yield desk, box
    finally:
        desk.end()
        running.join(2)
        box.close()


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    open_pins("mock")
    yield Device.pin_factory
    Device.pin_factory.reset()
    Device.pin_factory = None


@pytest.mark.parametrize(
    ("button", "event"), [("next", "call-next"), ("recall", "recall"), ("no_show", "no-show"), ("break", "break")]
)
def test_a_pressed_pin_is_a_command(pins: MockFactory, button: str, event: str) -> None:
    server = Server()
    with box_at_work(server) as (_, box):
        box.tap(button)
        until(lambda: server.got)

    assert server.got == [(event, {"counter": "3"})]


def test_a_bouncing_pin_is_one_command(pins: MockFactory) -> None:
    server = Server()
    pin = pins.pin(17)
    with box_at_work(server):
        for _ in range(20):
            pin.drive_low()
            pin.drive_high()
        pin.drive_low()
        until(lambda: server.got)
        pin.drive_high()
        for _ in range(20):
            pin.drive_low()
            pin.drive_high()

    assert len(server.got) == 1


def test_the_lamp_pin_answers_a_press_within_150_ms(pins: MockFactory) -> None:
    answered: list[float] = []
    with box_at_work(Server(), SERVING) as (desk, _):
        lamp = pins.pin(24)
        until(lambda: lamp.state)
        for _ in range(5):
            pressed_at = time.monotonic()
            pins.pin(27).drive_low()
            until(lambda: not lamp.state)
            answered.append(time.monotonic() - pressed_at)
            pins.pin(27).drive_high()
            until(lambda: desk.state()["mode"] == "serving")

    assert min(answered) >= 0.05
    assert sorted(answered)[2] < 0.15


@pytest.mark.parametrize(
    ("fails", "last"),
    [
        (Refused({"code": "nothing_to_do"}), "refused: nothing_to_do"),
        (ServerUnreachable("no answer", maybe_taken=True), "no_connection"),
        (None, "taken"),
    ],
)
def test_the_box_knows_what_became_of_a_press(pins: MockFactory, fails: Exception | None, last: str) -> None:
    server = Server()
    server.fails = fails
    with box_at_work(server) as (desk, box):
        box.tap("recall")
        until(lambda: desk.state()["last"] == last)


def test_a_press_after_one_that_was_not_answered_is_the_same_command(pins: MockFactory) -> None:
    server = Server()
    server.fails = ServerUnreachable("no answer", maybe_taken=True)
    with box_at_work(server) as (desk, box):
        box.tap("recall")
        until(lambda: desk.state()["last"] == "no_connection")
        box.tap("recall")
        until(lambda: len(server.ids) == 2)

    assert server.ids[0] == server.ids[1]


def test_the_lamp_goes_on_while_the_server_thinks() -> None:
    thinking = threading.Event()
    desk = Desk("3")
    feel = desk.contact(Button.NEXT, settle_s=0.0)
    lit: list[bool] = []
    desk.lamps.append(lit.append)
    desk.connect(True)
    desk.hear(FREE)

    def call(_event: str, _payload: Mapping[str, Any], _deadline_s: float) -> dict[str, Any]:
        thinking.wait(5)
        return {"ok": True}

    running = threading.Thread(target=desk.run, args=(call,))
    running.start()
    feel(True)
    feel(False)
    until(lambda: len(lit) >= 5)
    thinking.set()
    until(lambda: desk.state()["last"] == "taken")
    desk.hear(SERVING)
    until(lambda: desk.state()["mode"] == "serving")
    desk.end()
    running.join(2)

    assert lit[-2:] == [True, False], "the lamp is off at the end"


def test_the_display_shows_the_number_and_goes_dark_at_the_end(pins: MockFactory) -> None:
    shown: list[str] = []
    with box_at_work(Server(), SERVING) as (desk, _):
        desk.displays.append(shown.append)
        assert desk.state()["digits"] == "012"
        until(lambda: pins.pin(21).state is False and any(pins.pin(n).state for n in (25, 18, 4)))
        desk.hear(FREE)
        until(lambda: shown == [""])

    assert not any(pins.pin(n).state for n in (24, 21, 25, 18, 4))


def test_mock_pins_keep_no_endless_history(pins: MockFactory) -> None:
    pin = pins.pin(17)
    for _ in range(500):
        pin.drive_low()
        pin.drive_high()

    assert len(pin.states) <= 50


def test_a_button_that_the_box_does_not_have_is_not_pressed(pins: MockFactory) -> None:
    with box_at_work(Server()) as (_, box):
        for name in ("undo", "dance"):
            with pytest.raises(KeyError):
                box.tap(name)


def test_a_machine_without_pins_says_so_and_takes_no_mock_ones() -> None:
    with pytest.raises(PinsMissing, match="no pins"):
        open_pins("auto")
