"""The hall page shows what the devices show and hands on what a person does: over real benches, without a server."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from dawr.bench import Bench
from dawr.settings.centre import Centre, read_centre
from dawr.words import Words
from demo.example import EXAMPLES
from demo.hall_page import Hall, create_app
from demo.processes import free_port
from demo.telling import told
from demo.watch import Devices, Facts, Watch

BOX: dict[str, Any] = {"lamp": "on", "digits": "", "counter": {}, "up": False, "last": ""}


@dataclass
class Bed:
    """A page with two screens and one box behind it, and what reached them."""

    kiosk: Bench
    board: Bench
    box: Bench
    client: FlaskClient
    watch: Watch
    slips: Path
    taps: list[tuple[float, float]] = field(default_factory=list)
    presses: list[str] = field(default_factory=list)
    server: str = ""


@pytest.fixture(scope="module")
def centre() -> Centre:
    return read_centre(EXAMPLES / "small-town" / "centre.toml")


@pytest.fixture
def bed(tmp_path: Path, centre: Centre) -> Iterator[Bed]:
    taps: list[tuple[float, float]] = []
    presses: list[str] = []

    def press(button: str) -> None:
        if button != "next":
            raise KeyError(button)
        presses.append(button)

    kiosk, board = Bench(0, on_tap=lambda x, y: taps.append((x, y))), Bench(0)
    box = Bench(0, on_press=press, state=lambda: BOX)
    for bench in (kiosk, board, box):
        bench.start()
    devices = Devices(f"http://127.0.0.1:{free_port()}", "", kiosk.port, board.port, {"1": box.port}, tmp_path)
    watch = Watch(devices)
    client = create_app(Hall(centre, devices, watch)).test_client()
    yield Bed(kiosk, board, box, client, watch, tmp_path, taps, presses, devices.server)
    for bench in (kiosk, board, box):
        bench.stop()


def facts_when(bed: Bed, wanted: Any) -> Facts:
    """The first facts that are as wanted."""
    for facts in bed.watch.changes(5):
        assert facts, "nothing changed"
        if wanted(facts):
            return facts
    raise AssertionError


def test_the_picture_is_the_devices_own(bed: Bed) -> None:
    bed.kiosk.show(bytes([200, 30, 40]) * 12, (4, 3))
    facts_when(bed, lambda facts: facts.frames["kiosk"] == 1)
    shown = bed.client.get("/picture/kiosk?frame=1")
    own = bed.kiosk.picture()
    assert own and shown.data == own[1]


def test_a_new_picture_gets_a_new_number(bed: Bed) -> None:
    bed.board.show(bytes(36), (4, 3))
    facts_when(bed, lambda facts: facts.frames["board"] == 1)
    bed.board.show(bytes([9] * 36), (4, 3))
    assert facts_when(bed, lambda facts: facts.frames["board"] == 2)


def test_who_watched_before_counts_no_picture_twice(bed: Bed) -> None:
    """The question of the first round is still open when the second begins, and is answered by the same picture."""
    bed.board.show(bytes(36), (4, 3))
    facts_when(bed, lambda facts: facts.frames["board"] == 1)
    changes = bed.watch.changes(1)
    next(changes)
    assert next(facts for facts in changes if facts and facts.frames["board"] == 2)
    bed.board.show(bytes([9] * 36), (4, 3))
    seen = [facts.frames["board"] for facts in takewhile(lambda facts: facts is not None, changes)]
    assert seen[-1] == 3
    assert set(seen) <= {2, 3}


def test_a_screen_that_is_gone_is_said_to_be_gone(bed: Bed, centre: Centre) -> None:
    bed.kiosk.show(bytes(36), (4, 3))
    facts_when(bed, lambda facts: facts.frames["kiosk"])
    bed.kiosk.stop()
    bed.kiosk.show(bytes(36), (4, 3))
    facts = facts_when(bed, lambda facts: facts.frames["kiosk"] is None)
    assert told(facts, centre, Words("en"))["screens"]["kiosk"]["trouble"].startswith("No connection to the kiosk")


def test_a_touch_reaches_the_kiosk_where_it_was(bed: Bed) -> None:
    assert bed.client.post("/tap/kiosk", json={"x": 0.25, "y": 0.75}).status_code == 204
    assert bed.taps == [(0.25, 0.75)]


def test_the_board_takes_no_touch(bed: Bed) -> None:
    assert bed.client.post("/tap/board", json={"x": 0.5, "y": 0.5}).status_code == 404


def test_a_press_reaches_its_box(bed: Bed) -> None:
    assert bed.client.post("/press/1", json={"button": "next"}).status_code == 204
    assert bed.presses == ["next"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/press/1", {"button": "dance"}, 400),
        ("/press/9", {"button": "next"}, 404),
        ("/tap/kiosk", {"x": "left"}, 400),
        ("/tap/kiosk", [], 400),
    ],
)
def test_what_no_device_understands_is_refused(bed: Bed, path: str, body: Any, status: int) -> None:
    assert bed.client.post(path, json=body).status_code == status


def test_a_form_of_somebody_elses_page_presses_nothing(bed: Bed) -> None:
    answer = bed.client.post("/press/1", data=json.dumps({"button": "next"}), content_type="text/plain")
    assert (answer.status_code, bed.presses) == (415, [])


def test_a_press_on_a_box_that_is_gone_is_not_taken(bed: Bed) -> None:
    bed.box.stop()
    assert bed.client.post("/press/1", json={"button": "next"}).status_code == 503


def test_slips_are_shown_newest_first_and_nothing_else_of_the_disk(bed: Bed) -> None:
    for name in ("slip-0001.png", "slip-0002.png"):
        (bed.slips / name).write_bytes(b"PNG " + name.encode())
    facts = facts_when(bed, lambda facts: len(facts.slips) == 2)
    assert facts.slips == ("slip-0002.png", "slip-0001.png")
    assert bed.client.get("/slip/slip-0002.png").data == b"PNG slip-0002.png"
    assert bed.client.get("/slip/..%2f..%2fetc%2fpasswd").status_code == 404


def test_a_silent_server_is_said(bed: Bed, centre: Centre) -> None:
    facts = facts_when(bed, lambda facts: facts.counters)
    assert facts.board is None
    assert told(facts, centre, Words("ar"))["trouble"] == "لا اتصال بالخادم. يُعاد تشغيله الآن."
    assert bed.client.get("/api/v1/board").status_code == 503


@pytest.mark.parametrize(("query", "language", "direction"), [("", "ar", "rtl"), ("?language=en", "en", "ltr")])
def test_the_page_speaks_the_language_of_its_address(bed: Bed, query: str, language: str, direction: str) -> None:
    page = bed.client.get(f"/{query}").text
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert Words(language)("hall_page.try_take") in page


def test_the_page_allows_nothing_from_elsewhere_and_nothing_inline(bed: Bed) -> None:
    answer = bed.client.get("/")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "style=" not in answer.text and "onclick" not in answer.text
    loaded = re.findall(r'(?:\bsrc|<link [^>]*\bhref)="([^"]*)"', answer.text)
    assert len(loaded) >= 3
    assert [address for address in loaded if not re.match(r"/[^/]", address)] == []


def test_the_servers_pages_are_at_the_name_by_which_one_came(bed: Bed) -> None:
    port = urlsplit(bed.server).port
    page = bed.client.get("/?language=en", headers={"Host": "hall.local:8000"}).text
    assert f'href="http://hall.local:{port}/live?language=en"' in page
    assert f'href="http://[::1]:{port}/' in bed.client.get("/", headers={"Host": "[::1]:8000"}).text
