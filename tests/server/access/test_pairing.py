"""Admitting devices and shutting them out, on a real server; what takes minutes, on the pairings alone."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dawr.errors import PairingOver, TooManyPairings, WrongCode
from dawr.pairing import code_of, commitment, new_nonce
from server.access.pairing import LIVES_S, MOST, MOST_FROM_ONE_ADDRESS, TRIES, Pairing, Pairings
from server.access.store import AccessStore
from server.access.who import Role
from tests.peer import until
from tests.server.guest import Guest
from tests.server.running import Answer, RunningServer

NOW = datetime.now(UTC)

Connect = Callable[[dict[str, str]], Guest]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    server = RunningServer(tmp_path_factory.mktemp("pairing"), open_to_all=False)
    yield server
    server.kill()


@pytest.fixture(scope="module")
def staff(server: RunningServer) -> dict[Role, dict[str, str]]:
    """How people of each role ask."""
    store = AccessStore(server.data)
    given = {role: store.give_token(role, f"the {role}", None, NOW)[0] for role in (Role.MANAGER, Role.ADMINISTRATOR)}
    store.close()
    return {role: {"Authorization": f"Bearer {secret}"} for role, secret in given.items()}


@pytest.fixture
def connect(server: RunningServer, loop: asyncio.AbstractEventLoop) -> Iterator[Connect]:
    guests: list[Guest] = []

    def connected(auth: dict[str, str]) -> Guest:
        guests.append(Guest(loop, server.address, auth))
        return guests[-1]

    yield connected
    for guest in guests:
        guest.run(guest.client.disconnect())


class NewDevice:
    """A device that asks to be admitted, as the wire protocol has it."""

    def __init__(self, server: RunningServer, **wanted: str) -> None:
        self.server, self.nonce = server, new_nonce()
        self.wanted = wanted or {"role": "kiosk", "id": "kiosk-1"}

    def begin(self) -> Answer:
        answer = self.server.post("/pairing", {**self.wanted, "commitment": commitment(self.nonce)})
        if answer.status == 201:
            self.id, self.servers = answer.json["pairing"], answer.json["nonce"]
        return answer

    def reveal(self, nonce: str | None = None) -> Answer:
        return self.server.post(f"/pairing/{self.id}/reveal", {"nonce": nonce or self.nonce})

    def shows(self) -> str:
        """The code on its screen."""
        assert (self.begin().status, self.reveal().status) == (201, 200)
        return self.code

    @property
    def code(self) -> str:
        return code_of(self.nonce, self.servers, "")

    def polls(self, nonce: str | None = None) -> Answer:
        return self.server.get(f"/pairing/{self.id}", Authorization=f"Pairing {nonce or self.nonce}")


def admit(device: NewDevice, by: dict[str, str], code: str, name: str = "by the door") -> Answer:
    return device.server.post("/devices", {"pairing": device.id, "code": code, "name": name}, **by)


def listed(server: RunningServer, by: dict[str, str]) -> Any:
    return server.get("/devices", **by).json


def wrong(code: str) -> str:
    return code[:-1] + ("0" if code[-1] != "0" else "1")


def test_a_device_is_admitted_by_the_code_on_its_screen(
    server: RunningServer, staff: dict[Role, dict[str, str]], connect: Connect
) -> None:
    manager = staff[Role.MANAGER]
    box = NewDevice(server, role="counter", id="box-2", counter="2")
    code = box.shows()
    assert box.polls().json == {"state": "waiting"}
    [waiting] = [one for one in listed(server, manager)["waiting"] if one["pairing"] == box.id]
    assert (waiting["role"], waiting["id"], waiting["place"]) == ("counter", "box-2", "2")
    assert code not in server.get("/devices", **manager).body.decode(), "who reads the page must look at the screen"

    answer = admit(box, manager, f" {code[:3].lower()}-{code[3:].lower()}", "Samer's box")
    assert (answer.status, answer.json["replaces"]) == (201, [])
    told = box.polls()
    assert told.headers["Cache-Control"] == "no-store"
    token = told.json["token"]
    assert box.polls().json == {"state": "admitted", "token": token}, "an answer that was lost is asked for again"

    guest = connect({"role": "counter", "id": "box-2", "counter": "2", "token": token})
    assert guest.call("open", counter="2")["ok"]
    assert guest.call("open", counter="1")["problem"]["code"] == "not_allowed"
    assert server.get("/counters/1", Authorization=f"Bearer {token}").status == 403
    assert box.polls().json["code"] == "pairing_over", "it has used its token"

    [device] = [one for one in listed(server, manager)["devices"] if one["name"] == "Samer's box"]
    assert (device["role"], device["place"], device["connected"]) == ("counter", "2", True)
    assert device["seen"] is not None


def test_a_revoked_device_is_disconnected_at_once_and_stays_out(
    server: RunningServer, staff: dict[Role, dict[str, str]], connect: Connect
) -> None:
    manager = staff[Role.MANAGER]
    board = NewDevice(server, role="board", id="board-1")
    admitted = admit(board, manager, board.shows(), "the board").json["device"]
    auth = {"role": "board", "id": "board-1", "token": board.polls().json["token"]}
    guest = connect(auth)
    assert guest.client.connected
    answer = server.post(f"/devices/{admitted['id']}/revoke", {}, **manager)
    assert (answer.status, answer.json) == (200, {"device": admitted["id"]})
    until(lambda: not guest.client.connected, 5)
    assert connect(auth).refusal["data"]["code"] == "not_signed_in"
    assert server.post(f"/devices/{admitted['id']}/revoke", {}, **manager).json["code"] == "unknown_token"
    entries = server.get("/audit?language=en", **staff[Role.ADMINISTRATOR]).json["entries"]
    assert [(one["action"], one["who"], one["about"]["device"]) for one in entries[:2]] == [
        ("device_revoked", "the manager", "the board"),
        ("device_added", "the manager", "the board"),
    ]


def test_a_second_kiosk_of_one_place_takes_the_place_of_the_first(
    server: RunningServer, staff: dict[Role, dict[str, str]], connect: Connect
) -> None:
    manager = staff[Role.MANAGER]
    first, second = NewDevice(server), NewDevice(server)
    assert admit(first, manager, first.shows(), "old kiosk").json["replaces"] == []
    old = connect({"role": "kiosk", "id": "kiosk-1", "token": first.polls().json["token"]})
    assert old.client.connected
    assert admit(second, manager, second.shows(), "new kiosk").json["replaces"] == ["old kiosk"]
    until(lambda: not old.client.connected, 5)
    new = connect({"role": "kiosk", "id": "kiosk-1", "token": second.polls().json["token"]})
    assert new.refusal is None
    other = connect({"role": "kiosk", "id": "kiosk-2", "token": second.polls().json.get("token", "")})
    assert other.refusal is not None


def test_after_five_wrong_codes_even_the_right_one_is_refused(
    server: RunningServer, staff: dict[Role, dict[str, str]]
) -> None:
    device = NewDevice(server)
    code = device.shows()
    left = [admit(device, staff[Role.MANAGER], wrong(code)).json["left"] for _ in range(TRIES)]
    assert left == [4, 3, 2, 1, 0]
    assert admit(device, staff[Role.MANAGER], code).json["code"] == "pairing_over"
    assert device.polls().status == 404


def test_nobody_is_admitted_twice_by_one_code(server: RunningServer, staff: dict[Role, dict[str, str]]) -> None:
    device = NewDevice(server, role="board", id="board-2")
    code = device.shows()
    assert admit(device, staff[Role.MANAGER], code).status == 201
    assert admit(device, staff[Role.MANAGER], code).json["code"] == "pairing_over"


@pytest.mark.parametrize("name", ["A board\nkiosk-1", "A\u202eboard", "\t", " "])
def test_a_device_is_called_by_what_can_be_seen(
    server: RunningServer, staff: dict[Role, dict[str, str]], name: str
) -> None:
    body = {"pairing": "no-such-pairing", "code": "A7KM2Q", "name": name}
    assert server.post("/devices", body, **staff[Role.MANAGER]).json["code"] == "bad_message"


def test_a_forged_number_ends_the_pairing(server: RunningServer, staff: dict[Role, dict[str, str]]) -> None:
    device = NewDevice(server, role="board", id="board-3")
    device.begin()
    assert admit(device, staff[Role.MANAGER], device.code).json["code"] == "pairing_over", "it shows no code yet"
    refused = device.reveal(new_nonce())
    assert (refused.status, refused.json["code"]) == (422, "forged_nonce")
    assert device.reveal().status == 404


def test_a_number_that_is_told_again_changes_nothing(server: RunningServer, staff: dict[Role, dict[str, str]]) -> None:
    device = NewDevice(server, role="board", id="board-4")
    code = device.shows()
    assert (device.reveal().status, device.reveal().json) == (200, {})
    again = NewDevice(server, role="board", id="board-5")
    again.nonce = device.nonce  # who overheard it begins anew with it, and gets another code
    assert again.shows() != code
    assert admit(again, staff[Role.MANAGER], code).json["code"] == "wrong_code"
    assert admit(device, staff[Role.MANAGER], code).status == 201


def test_a_token_is_told_to_nobody_but_its_device(server: RunningServer, staff: dict[Role, dict[str, str]]) -> None:
    device = NewDevice(server, role="board", id="board-6")
    admit(device, staff[Role.MANAGER], device.shows())
    for said in ({}, {"Authorization": "Pairing"}, {"Authorization": "Pairing xyz"}, staff[Role.MANAGER]):
        assert server.get(f"/pairing/{device.id}", **said).status == 404
    assert device.polls(new_nonce()).status == 404
    assert device.polls().status == 200


def test_a_device_for_a_place_that_the_centre_does_not_have_is_refused(server: RunningServer) -> None:
    refused = [
        NewDevice(server, **wanted).begin().json["code"]
        for wanted in (
            {"role": "kiosk", "id": "kiosk-77"},
            {"role": "counter", "id": "box", "counter": "77"},
            {"role": "counter", "id": "box"},
            {"role": "manager", "id": "boss"},
        )
    ]
    assert refused == ["unknown_kiosk", "unknown_counter", "bad_message", "bad_message"]


def test_only_managers_and_administrators_admit_and_revoke(
    server: RunningServer, staff: dict[Role, dict[str, str]]
) -> None:
    device = NewDevice(server, role="board", id="board-7")
    code = device.shows()
    assert admit(device, {}, code).status == 401
    store = AccessStore(server.data)
    secret, clerk = store.give_token(Role.CLERK, "a clerk's program", None, NOW)
    _, program = store.give_token(Role.ADMINISTRATOR, "a program", None, NOW)
    store.close()
    by_clerk = {"Authorization": f"Bearer {secret}"}
    assert admit(device, by_clerk, code).status == 403
    assert server.get("/devices", **by_clerk).status == 403
    ids = {role: {one["id"] for one in listed(server, by)["devices"]} for role, by in staff.items()}
    assert {clerk.id, program.id} & ids[Role.MANAGER] == set()
    assert {clerk.id, program.id} <= ids[Role.ADMINISTRATOR]
    assert server.post(f"/devices/{program.id}/revoke", {}, **staff[Role.MANAGER]).status == 404
    assert server.post(f"/devices/{program.id}/revoke", {}, **staff[Role.ADMINISTRATOR]).status == 200


def test_one_address_cannot_fill_the_list(tmp_path: Path) -> None:
    server = RunningServer(tmp_path, open_to_all=False)
    try:
        statuses = [NewDevice(server, role="board", id=f"board-{n}").begin().status for n in range(12)]
        assert statuses == [201] * MOST_FROM_ONE_ADDRESS + [429] * 2
        assert NewDevice(server, role="board", id="board-0").begin().status == 201, "one that was started anew"
    finally:
        server.kill()


# --- What takes minutes -------------------------------------------------------------------------------------------


class Watch:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def begun(pairings: Pairings, device: str = "board-1", address: str = "10.0.0.7") -> tuple[Pairing, str]:
    """A board that shows its code, and its number."""
    nonce = new_nonce()
    pairing = pairings.begin(Role.BOARD, device, None, commitment(nonce), address, "", NOW)
    pairings.reveal(pairing.id, nonce)
    return pairing, nonce


def test_a_pairing_ends_after_five_minutes() -> None:
    watch = Watch()
    pairings = Pairings(lambda _digest: False, watch)
    pairing, nonce = begun(pairings)
    watch.now_s += LIVES_S - 1
    assert pairings.waiting() == [pairing]
    watch.now_s += 1
    assert pairings.waiting() == []
    with pytest.raises(PairingOver):
        pairings.match(pairing.id, str(pairing.code))
    with pytest.raises(PairingOver):
        pairings.of_device(pairing.id, nonce)


def test_a_token_is_kept_for_its_device_five_minutes_from_its_admission() -> None:
    watch = Watch()
    pairings = Pairings(lambda _digest: False, watch)
    pairing, nonce = begun(pairings)
    watch.now_s += LIVES_S - 1
    pairings.hand(pairings.match(pairing.id, str(pairing.code)), "a token", "its digest")
    watch.now_s += LIVES_S - 1
    assert pairings.of_device(pairing.id, nonce).secret == "a token"
    watch.now_s += 1
    with pytest.raises(PairingOver):
        pairings.of_device(pairing.id, nonce)


def test_there_are_so_many_at_most_from_wherever_they_come() -> None:
    pairings = Pairings(lambda _digest: False, Watch())
    for n in range(MOST):
        begun(pairings, address=f"10.0.{n}.1")
    with pytest.raises(TooManyPairings):
        begun(pairings, address="10.1.0.1")


def test_whoever_has_many_addresses_keeps_no_other_device_from_waiting() -> None:
    pairings = Pairings(lambda _digest: False, Watch())
    for n in range(MOST):
        begun(pairings, f"board-{n}", address=f"10.0.0.{n % 12}")
    honest, _ = begun(pairings, "board-1", address="10.1.0.1")
    another, _ = begun(pairings, "board-2", address="10.1.0.2")
    for n in range(100):
        with suppress(TooManyPairings):
            begun(pairings, f"more-{n}", address=f"10.0.0.{n % 12}")
    assert len(pairings.waiting()) == MOST
    assert [one for one in pairings.waiting() if one.address.startswith("10.1.")] == [honest, another]


def test_a_code_of_another_authority_is_wrong() -> None:
    pairings, nonce = Pairings(lambda _digest: False, Watch()), new_nonce()
    pairing = pairings.begin(Role.BOARD, "board-1", None, commitment(nonce), "10.0.0.7", secrets.token_hex(32), NOW)
    pairings.reveal(pairing.id, nonce)
    with pytest.raises(WrongCode):
        pairings.match(pairing.id, code_of(nonce, pairing.nonce, secrets.token_hex(32)))


# --- Browsers that are screens ------------------------------------------------------------------------------------


def screen(server: RunningServer, role: str, place: str) -> Any:
    return server.post("/pairing/screen", {"role": role, "place": place})


def cookie_of(server: RunningServer, begun: Any) -> str:
    """The cookie that an admitted browser is given."""
    told = server.get(f"/pairing/{begun['pairing']}", Authorization=f"Pairing {begun['nonce']}")
    assert told.json == {"state": "admitted"}, "no script may read the token"
    said: str = told.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(said.split("; "))
    return said.partition(";")[0]


def test_a_browser_is_admitted_as_a_tablet_of_its_counter_alone(
    server: RunningServer, staff: dict[Role, dict[str, str]], loop: asyncio.AbstractEventLoop
) -> None:
    assert server.ask_at("GET", "/counter/2/tablet").headers["Location"] == "/screen?to=/counter/2/tablet"
    begun = screen(server, "tablet", "2").json
    assert server.get(f"/pairing/{begun['pairing']}", Authorization=f"Pairing {begun['nonce']}").json == {
        "state": "waiting"
    }
    admitted = server.post(
        "/devices", {"pairing": begun["pairing"], "code": begun["code"], "name": "a tablet"}, **staff[Role.MANAGER]
    ).json["device"]
    cookie = cookie_of(server, begun)
    statuses = [server.ask_at("GET", f"/counter/{one}/tablet", headers={"Cookie": cookie}).status for one in ("2", "1")]
    assert statuses == [200, 403]
    guest = Guest(loop, server.address, {"counter": "2"}, Cookie=cookie)
    assert guest.refusal is None
    assert guest.call("open", counter="2")["problem"]["code"] == "not_allowed", "it looks on"
    server.post(f"/devices/{admitted['id']}/revoke", {}, **staff[Role.MANAGER])
    until(lambda: not guest.client.connected, 5)
    assert server.ask_at("GET", "/counter/2/tablet", headers={"Cookie": cookie}).status == 303


def test_a_browser_is_admitted_as_the_face_of_its_kiosk_alone(
    server: RunningServer, staff: dict[Role, dict[str, str]]
) -> None:
    begun = screen(server, "face", "kiosk-2").json
    body = {"pairing": begun["pairing"], "code": begun["code"], "name": "a face"}
    assert server.post("/devices", body, **staff[Role.MANAGER]).json["replaces"] == []
    cookie = cookie_of(server, begun)
    page = server.ask_at("GET", "/kiosk?at=kiosk-2", headers={"Cookie": cookie})
    assert (page.status, page.headers["Set-Cookie"].partition(";")[0]) == (200, cookie), "it is kept on"
    statuses = [server.get(f"/kiosks/{one}/offers", Cookie=cookie).status for one in ("kiosk-2", "kiosk-1")]
    assert statuses == [200, 403]
    assert server.get("/overview", Cookie=cookie).status == 403


def test_a_screen_of_nothing_is_refused(server: RunningServer) -> None:
    refused = [screen(server, *one).json["code"] for one in (("face", "kiosk-77"), ("tablet", "77"), ("kiosk", "1"))]
    assert refused == ["unknown_kiosk", "unknown_counter", "bad_message"]
