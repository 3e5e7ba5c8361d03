"""Socket.IO of a real server, with the real client: who is told what, and how commands are answered."""

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, Coroutine, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
import socketio

from dawr.client import Client
from server.routes import COMMAND_ROUTES, EMITTED
from tests.peer import until
from tests.server.running import RunningServer
from tests.server.test_api import is_as_documented


class Guest:
    """A connection of the client that devices use, with what it was told."""

    def __init__(self, loop: asyncio.AbstractEventLoop, address: str, auth: Any, **headers: str) -> None:
        self.loop = loop
        self.told: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.refusal: Any = None
        self.run(self.connect(address, auth, headers))

    async def connect(self, address: str, auth: Any, headers: dict[str, str]) -> None:
        self.client = socketio.AsyncClient(reconnection=False)
        for event in EMITTED:
            self.client.on(event, partial(self.hear, event))
        self.client.on("connect_error", self.hear_refusal)
        with suppress(socketio.exceptions.ConnectionError):
            await self.client.connect(address, headers=headers, auth=auth, transports=["websocket"], wait_timeout=10)

    async def hear(self, event: str, data: Any) -> None:
        self.told.put((event, data))

    async def hear_refusal(self, said: Any) -> None:
        self.refusal = said

    def next(self, event: str) -> Any:
        """The next such event; others that come before it are passed over."""
        while True:
            name, data = self.told.get(timeout=10)
            if name == event:
                return data

    def until(self, event: str, sequence: int) -> Any:
        """The first such view that shows this event of the log."""
        while (data := self.next(event))["sequence"] < sequence:
            pass
        return data

    def call(self, event: str, **payload: Any) -> Any:
        return self.call_with(event, payload)

    def call_with(self, event: str, payload: Any) -> Any:
        return self.run(self.client.call(event, payload, timeout=10))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)


BOARD = {"role": "board", "id": "board-1"}
KIOSK = {"role": "kiosk", "id": "kiosk-1"}
BOX = {"role": "counter", "id": "box-1", "counter": "1"}


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


@pytest.fixture
def connect(hall_server: RunningServer, loop: asyncio.AbstractEventLoop) -> Iterator[Any]:
    guests: list[Guest] = []

    def connected(auth: Any, **headers: str) -> Guest:
        guests.append(Guest(loop, hall_server.address, auth, **headers))
        return guests[-1]

    yield connected
    for guest in guests:
        guest.run(guest.client.disconnect())


def test_whoever_connects_is_greeted_with_all_that_concerns_it(hall_server: RunningServer, connect: Any) -> None:
    for auth, views in ((BOARD, []), (KIOSK, ["menu"]), (BOX, ["counter"])):
        guest = connect(auth)
        names = [guest.told.get(timeout=10) for _ in range(2 + len(views))]
        assert [name for name, _ in names] == ["hello", "board", *views]
        for name, data in names:
            is_as_documented(EMITTED[name].__name__, data) if name in ("board", "counter") else None
    hello = names[0][1]
    assert hello["centre"] == hall_server.config.read_text("utf-8")
    assert hello["epoch"] == hall_server.get("/health").json["epoch"]


def test_whoever_does_not_say_who_it_is_sees_the_board(connect: Any) -> None:
    guest = connect(None)
    assert [guest.told.get(timeout=10)[0] for _ in range(2)] == ["hello", "board"]


def test_a_counter_may_be_named_by_a_bare_number(connect: Any) -> None:
    assert connect(None).call("open", counter=1)["counter"]["id"] == "1"


def test_every_change_sends_the_whole_board_to_everybody(connect: Any) -> None:
    board, kiosk, box = connect(BOARD), connect(KIOSK), connect(BOX)
    ticket = box.call("issue", service="birth")
    called = box.call("call", counter="1", ticket=ticket["ticket"]["id"])
    for guest in (board, kiosk, box):
        shown = guest.until("board", called["sequence"])
        assert shown["calls"][0]["ticket"] == ticket["ticket"]["id"]


def test_a_kiosk_hears_what_is_offered_and_a_counter_of_itself_only(connect: Any) -> None:
    kiosk, box, other = connect(KIOSK), connect(BOX), connect({**BOX, "counter": "3"})
    other.next("counter")
    stopped = box.call("stop", service="deed", reason={"ar": "لا", "en": "no"})
    assert kiosk.until("menu", stopped["sequence"])["stopped"] == {"deed": {"ar": "لا", "en": "no"}}
    box.call("offer", service="deed")
    opened = box.call("open", counter="1")
    assert box.until("counter", opened["sequence"])["state"] == "open"
    own = other.call("open", counter="3")
    view = other.next("counter")
    assert (view["id"], view["sequence"]) == ("3", own["sequence"])


def test_a_refusal_is_an_answer(connect: Any) -> None:
    answer = connect({**BOX, "language": "en"}).call("recall", counter="3")
    assert (answer["ok"], answer["problem"]["code"]) == (False, "nothing_to_do")
    assert answer["problem"]["detail"].startswith("Nobody is at counter")


def test_a_command_that_is_sent_again_is_answered_as_before(connect: Any) -> None:
    first = connect(KIOSK).call("issue", service="birth", command_id="again-1")
    assert connect(KIOSK).call("issue", service="birth", command_id="again-1") == first


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("issue", {}),
        ("issue", None),
        ("issue", [1, 2]),
        ("issue", "birth"),
        ("issue", {"service": "birth", "command_id": 7}),
        ("call-next", {"counter": "1", "speed": "high"}),
        ("start-day", {"day": "2030-01-01"}),
        ("dance", {}),
    ],
)
def test_what_is_no_command_is_refused(connect: Any, event: str, payload: Any) -> None:
    answer = connect(BOX).call_with(event, payload)
    assert (answer["ok"], answer["problem"]["code"]) == (False, "bad_message")


def test_every_command_is_an_event(connect: Any) -> None:
    box = connect(BOX)
    for route in COMMAND_ROUTES:
        answer = box.call(route.command.NAME)
        mistakes = answer.get("problem", {}).get("mistakes", [])
        assert "event" not in {one["field"] for one in mistakes}, route.command.NAME


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        ({"role": "kiosk", "id": "kiosk-9"}, "unknown_device"),
        ({"role": "counter", "id": "box-9", "counter": "99"}, "unknown_counter"),
        ({"role": "counter", "id": "box-9"}, "bad_message"),
        ({"role": "king", "id": "k"}, "bad_message"),
    ],
)
def test_an_unknown_device_is_turned_away_with_a_sentence(connect: Any, auth: Any, code: str) -> None:
    guest = connect(auth)
    assert guest.refusal["data"]["code"] == code
    assert guest.refusal["message"] == guest.refusal["data"]["detail"]
    assert not guest.client.connected


def test_a_page_of_another_site_cannot_connect(connect: Any) -> None:
    assert not connect(BOARD, Origin="http://elsewhere.example").client.connected


def test_connections_are_counted(hall_server: RunningServer, connect: Any) -> None:
    guests = [connect(BOARD), connect(BOX)]
    for guest in guests:
        guest.next("board")
    figures = hall_server.get("/metrics").body.decode()
    [count] = [line for line in figures.splitlines() if line.startswith("dawr_connections ")]
    assert float(count.split()[1]) >= 2


def test_a_second_kiosk_of_the_same_name_is_turned_away_until_the_first_has_gone(connect: Any) -> None:
    first = connect({**KIOSK, "id": "kiosk-2", "run": "run-1"})
    first.next("menu")
    second = connect({**KIOSK, "id": "kiosk-2", "run": "run-2"})
    assert (second.refusal["data"]["code"], second.refusal["data"]["device"]) == ("device_twice", "kiosk-2")
    assert first.call("issue", service="birth")["ok"]
    first.run(first.client.disconnect())
    third = connect({**KIOSK, "id": "kiosk-2", "run": "run-2"})
    assert third.next("menu")


def test_a_kiosk_that_comes_again_takes_the_place_of_the_connection_that_it_lost(connect: Any) -> None:
    lost = connect({**KIOSK, "id": "kiosk-2", "run": "run-3"})
    lost.next("menu")
    again = connect({**KIOSK, "id": "kiosk-2", "run": "run-3"})
    assert again.next("menu")
    lost.run(lost.client.wait())
    assert not lost.client.connected


def test_a_device_that_follows_another_log_is_turned_away(hall_server: RunningServer, connect: Any) -> None:
    stranger = connect({**BOARD, "log": "another-log"})
    assert stranger.refusal["data"]["code"] == "other_log"
    own = hall_server.get("/health").json["epoch"]
    assert connect({**BOARD, "log": own}).next("board")["epoch"] == own


def test_a_device_knows_for_which_problem_it_was_turned_away(hall_server: RunningServer) -> None:
    async def find() -> AsyncGenerator[str]:
        yield hall_server.address

    client = Client(find, {"role": "kiosk", "id": "kiosk-9"}, {})
    client.start()
    until(lambda: client.turned_away_for() == "unknown_device")
    client.stop()
