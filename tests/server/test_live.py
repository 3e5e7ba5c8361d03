"""Socket.IO of a real server, with the real client: who is told what, and how commands are answered."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest

from dawr.client import Client
from server.interface.routes import COMMAND_ROUTES, EMITTED
from tests.peer import until
from tests.server.guest import Guest
from tests.server.running import RunningServer
from tests.server.test_api import is_as_documented

BOARD = {"role": "board", "id": "board-1"}
KIOSK = {"role": "kiosk", "id": "kiosk-1"}
BOX = {"role": "counter", "id": "box-1", "counter": "1"}


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
        assert shown["calls"][0]["number"] == ticket["ticket"]["number"]


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
