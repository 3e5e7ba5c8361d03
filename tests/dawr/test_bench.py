"""The test bench of a device, over its real HTTP."""

import io
import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from PIL import Image

from dawr.bench import Bench

RED, BLUE = bytes([255, 0, 0]), bytes([0, 0, 255])


class Device:
    def __init__(self) -> None:
        self.taps: list[tuple[float, float]] = []
        self.presses: list[str] = []
        self.bench = Bench(0, on_tap=self.tap, on_press=self.press, state=lambda: {"lamp": "on"})

    def tap(self, x: float, y: float) -> None:
        self.taps.append((x, y))

    def press(self, button: str) -> None:
        if button != "next":
            raise KeyError(button)
        self.presses.append(button)


@pytest.fixture
def device() -> Iterator[Device]:
    device = Device()
    device.bench.start()
    yield device
    device.bench.stop()


def url(device: Device, path: str) -> str:
    return f"http://127.0.0.1:{device.bench.port}{path}"


def post(device: Device, path: str, body: object) -> int:
    request = urllib.request.Request(url(device, path), json.dumps(body).encode(), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code


def test_the_picture_is_what_was_shown(device: Device) -> None:
    device.bench.show(RED * 6, (3, 2))
    with urllib.request.urlopen(url(device, "/picture"), timeout=5) as answer:
        picture = Image.open(io.BytesIO(answer.read()))
        assert answer.headers["X-Frame"] == "1"
    assert (picture.size, picture.getpixel((0, 0))) == ((3, 2), (255, 0, 0))


def test_a_viewer_waits_for_the_next_picture(device: Device) -> None:
    device.bench.show(RED, (1, 1))
    frames: list[str] = []

    def watch() -> None:
        with urllib.request.urlopen(url(device, "/picture?after=1"), timeout=10) as answer:
            frames.append(answer.headers["X-Frame"])

    viewer = threading.Thread(target=watch)
    viewer.start()
    device.bench.show(BLUE, (1, 1))
    viewer.join(5)
    assert frames == ["2"]


def test_a_tap_comes_as_fractions_of_the_picture(device: Device) -> None:
    assert post(device, "/tap", {"x": 0.25, "y": 0.5}) == 204
    assert device.taps == [(0.25, 0.5)]


def test_a_press_names_its_button(device: Device) -> None:
    assert post(device, "/press", {"button": "next"}) == 204
    assert post(device, "/press", {"button": "nonsense"}) == 400
    assert device.presses == ["next"]


def test_nonsense_is_refused(device: Device) -> None:
    assert post(device, "/tap", {"x": "left"}) == 400
    assert post(device, "/elsewhere", {}) == 404


def test_the_state_is_told(device: Device) -> None:
    with urllib.request.urlopen(url(device, "/state"), timeout=5) as answer:
        assert json.load(answer) == {"lamp": "on"}


def test_it_answers_on_this_machine_only(device: Device) -> None:
    assert device.bench._web.server_address[0] == "127.0.0.1"


def test_who_goes_without_waiting_for_the_answer_is_no_news(capfd: pytest.CaptureFixture[str]) -> None:
    asked, gone = threading.Event(), threading.Event()

    def state() -> dict[str, str]:
        asked.set()
        gone.wait(5)
        return {"much": "x" * 10_000_000}

    bench = Bench(0, state=state)
    bench.start()
    with socket.create_connection(("127.0.0.1", bench.port), 5) as asker:
        asker.sendall(b"GET /state HTTP/1.1\r\n\r\n")
        asked.wait(5)
    gone.set()
    for thread in [one for one in threading.enumerate() if "process_request" in one.name]:
        thread.join(5)
    bench.stop()
    assert capfd.readouterr().err == ""
