"""A running device that has itself admitted: a code while a server wants one, and one conversation with `dawr pair`."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dawr.admission import Wanted
from dawr.admitting import SHOWN_FILE, Admitting, Code, Turn
from dawr.client import Client
from dawr.pairing import new_nonce
from dawr.pin import Pin
from dawr.token import TOKEN_FILE, OwnToken
from tests.dawr.test_client import AUTH, at
from tests.dawr.test_pair_command import KIOSK, SECRET, Pair, server
from tests.dawr.test_pair_command import Admitting as AdmittingServer
from tests.peer import Peer, until
from tests.server.transport.fronted import nginx_before

__all__ = ["server"]  # a fixture

NOWHERE = "http://127.0.0.1:9"
SLOW_S = 30.0


@contextmanager
def device(data: Path, *servers: str) -> Iterator[Admitting]:
    """A kiosk that no manager admitted, until there is a token in its folder."""
    running = Admitting(Wanted("kiosk", "kiosk-1"), data, lambda: () if OwnToken(data).read() else servers)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def code_on(running: Admitting) -> str:
    code = until(lambda: running.code, SLOW_S)
    assert isinstance(code, Code)
    return code.letters


def kept(data: Path) -> set[str]:
    return {file.name for file in data.iterdir()}


def test_it_shows_the_code_and_keeps_the_token_it_is_given(
    server: AdmittingServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with device(tmp_path, server.address) as kiosk:
        assert code_on(kiosk) == server.code
        assert kiosk.code and kiosk.code.page == f"{server.address}/devices"
        assert kept(tmp_path) == {SHOWN_FILE}, "before it is admitted"
        server.admitted = SECRET
        until(lambda: OwnToken(tmp_path).read() == SECRET)
        until(lambda: kiosk.code is None)
    assert SHOWN_FILE not in kept(tmp_path)
    assert f"{server.address}/devices by the code {server.code[:3]} {server.code[3:]}" in caplog.text
    assert SECRET not in caplog.text and server.device not in caplog.text


def test_of_several_servers_it_asks_one_that_answers(server: AdmittingServer, tmp_path: Path) -> None:
    with device(tmp_path, server.address, NOWHERE) as kiosk:
        assert code_on(kiosk) == server.code


def test_when_a_code_is_over_another_one_comes_by_itself(server: AdmittingServer, tmp_path: Path) -> None:
    with device(tmp_path, server.address) as kiosk:
        first, device_nonce = code_on(kiosk), server.device
        server.is_over = "five minutes"
        until(lambda: server.device != device_nonce)
        server.is_over = ""
        until(lambda: kiosk.code and kiosk.code.letters == server.code != first)


def test_without_an_answer_there_is_no_code_until_there_is_one(
    server: AdmittingServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    addresses = [NOWHERE]
    running = Admitting(Wanted("kiosk", "kiosk-1"), tmp_path, lambda: addresses)
    running.start()
    try:
        until(lambda: "cannot be asked for admission" in caplog.text)
        with Turn(tmp_path) as others:
            until(others.take)  # they may know another one
        assert running.code is None
        addresses[:] = [server.address]
        assert code_on(running) == server.code
    finally:
        running.stop()


def test_a_server_that_refuses_it_is_logged_and_shows_no_code(
    server: AdmittingServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server.refuses = "There is no kiosk kiosk-1."
    with device(tmp_path, server.address) as kiosk:
        until(lambda: "There is no kiosk kiosk-1." in caplog.text)
        assert kiosk.code is None


def test_a_token_that_cannot_be_kept_now_is_kept_later(
    server: AdmittingServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with device(tmp_path, server.address) as kiosk:
        code_on(kiosk)
        (tmp_path / TOKEN_FILE).mkdir()  # nothing can take its place
        server.admitted = SECRET
        until(lambda: "cannot be asked for admission" in caplog.text)
        (tmp_path / TOKEN_FILE).rmdir()
        until(lambda: OwnToken(tmp_path).read() == SECRET)
    assert [asked["path"] for asked in server.heard].count("/api/v1/pairing") == 1, "nobody types a second code"


def test_dawr_pair_shows_the_code_of_a_device_that_runs_and_both_are_content(
    server: AdmittingServer, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with device(data, server.address) as kiosk:
        code = code_on(kiosk)
        pair = Pair(tmp_path, KIOSK.format(server=server.address), data=data)
        assert pair.shows() == code == server.code
        assert "shows the same code" in pair.said
        assert [asked["path"] for asked in server.heard].count("/api/v1/pairing") == 1
        server.admitted = SECRET
        assert pair.ends() == 0 and "is admitted" in pair.said
    assert OwnToken(data).read() == SECRET


def test_a_device_that_starts_while_dawr_pair_waits_shows_its_code(server: AdmittingServer, tmp_path: Path) -> None:
    pair = Pair(tmp_path, KIOSK.format(server=server.address))
    code = pair.shows()
    with device(pair.data, server.address) as kiosk:
        assert code_on(kiosk) == code == server.code
        server.admitted = SECRET
        assert pair.ends() == 0
        until(lambda: kiosk.code is None)
    assert [asked["path"] for asked in server.heard].count("/api/v1/pairing") == 1


def test_dawr_pair_asks_itself_once_the_device_has_ended(server: AdmittingServer, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with device(data, server.address) as kiosk:
        code_on(kiosk)
        pair = Pair(tmp_path, KIOSK.format(server=server.address), data=data)
        pair.shows()
        server.nonce = new_nonce()
    until(lambda: f"{server.code[0]} {server.code[1]} {server.code[2]}" in pair.said, SLOW_S)
    server.admitted = SECRET
    assert pair.ends() == 0 and OwnToken(data).read() == SECRET


def test_only_one_has_the_turn_and_what_a_killed_one_showed_is_gone(tmp_path: Path) -> None:
    code = Code("A7KM2Q", "http://10.0.0.5:8090")
    (tmp_path / SHOWN_FILE).write_text(json.dumps({"letters": "STALE0", "address": ""}))
    with Turn(tmp_path) as one, Turn(tmp_path) as other:
        assert one.take() and one.take() and not other.take()
        assert other.others() is None
        one.show(code)
        assert other.others() == code
        one.leave()
        assert other.take() and other.others() is None
    (tmp_path / SHOWN_FILE).write_text("{")
    assert Turn(tmp_path).others() is None


# --- Where a device is to be admitted ---------------------------------------------------------------------------------


@contextmanager
def client_at(address: str, data: Path, heard: Callable[[], None] = lambda: None) -> Iterator[Client]:
    client = Client(at(address), AUTH, {}, pin=Pin(data), token=OwnToken(data).read, on_not_admitted=heard)
    client.start()
    try:
        yield client
    finally:
        client.stop()


def test_a_device_wants_to_be_admitted_where_it_was_refused_until_it_has_another_token(
    peer: Peer, tmp_path: Path
) -> None:
    heard: list[None] = []
    peer.behave(turn_away=["no", {"code": "not_signed_in"}])
    OwnToken(tmp_path).keep("revoked")
    with client_at(peer.address, tmp_path, lambda: heard.append(None)) as client:
        until(lambda: client.to_be_admitted_at() == (peer.address,))
        OwnToken(tmp_path).keep(SECRET)
        assert client.to_be_admitted_at() == ()
        until(lambda: client.to_be_admitted_at() == (peer.address,))  # that one was refused as well
        peer.behave()
        until(lambda: client.is_up)
        assert client.to_be_admitted_at() == () and len(heard) == 1


def test_a_device_that_a_server_refuses_for_another_reason_does_not_want_to_be_admitted(
    peer: Peer, tmp_path: Path
) -> None:
    peer.behave(turn_away=["no", {"code": "other_log"}])
    with client_at(peer.address, tmp_path) as client:
        until(lambda: client.turned_away_for() == "other_log")
        assert client.to_be_admitted_at() == () and not client.is_not_admitted()


def test_a_new_device_wants_to_be_admitted_by_a_server_that_speaks_https(peer: Peer, tmp_path: Path) -> None:
    with nginx_before(peer.port, tmp_path / "front") as nginx:
        with client_at(nginx.address, tmp_path / "new") as client:
            until(lambda: client.to_be_admitted_at() == (nginx.address,))
            assert client.is_not_admitted()
        OwnToken(tmp_path / "old").keep(SECRET)
        with client_at(nginx.address, tmp_path / "old") as client:
            until(lambda: client.turned_away_for() == "not_paired")
            assert client.to_be_admitted_at() == () and not client.is_not_admitted(), (
                "whoever advertises proves nothing"
            )
    assert peer.auths() == []
