"""A device's token: kept in its own folder for its user alone, said to its server and to nobody else."""

import logging
import stat
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from dawr.client import Client
from dawr.token import TOKEN_FILE, OwnToken
from tests.dawr.test_client import AUTH, at
from tests.peer import Peer, until

SECRET = "aB3-very-secret_Zz9"


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_a_token_is_kept_for_its_user_alone_in_place_of_the_one_before(tmp_path: Path) -> None:
    own = OwnToken(tmp_path / "kiosk-1")
    assert own.read() == OwnToken(None).read() == ""
    own.keep("the first")
    own.keep(SECRET)
    assert own.read() == SECRET
    assert [(file.name, mode(file)) for file in (tmp_path / "kiosk-1").iterdir()] == [(TOKEN_FILE, 0o600)]


def test_a_token_that_others_could_read_is_closed_to_them_and_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    OwnToken(tmp_path).keep(SECRET)
    (tmp_path / TOKEN_FILE).chmod(0o644)
    assert OwnToken(tmp_path).read() == OwnToken(tmp_path).read() == SECRET
    assert mode(tmp_path / TOKEN_FILE) == 0o600
    [said] = caplog.messages
    assert "others" in said and SECRET not in said


def test_a_damaged_token_is_none_and_nothing_of_it_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / TOKEN_FILE).write_bytes(SECRET.encode() + b"\xff\xfe")
    (tmp_path / TOKEN_FILE).chmod(0o600)
    assert OwnToken(tmp_path).read() == ""
    [said] = caplog.messages
    assert "cannot be read" in said and SECRET not in caplog.text


def test_a_device_says_its_token_as_it_is_now_and_logs_nothing_of_it(
    peer: Peer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    own = OwnToken(tmp_path)
    peer.behave(turn_away="not yet")
    client = Client(at(peer.address), AUTH, {}, token=own.read)
    client.start()
    until(lambda: client.turned_away)
    own.keep(SECRET)
    peer.behave()
    until(lambda: client.is_up)
    client.stop()
    [says] = peer.auths()
    assert says == {**AUTH, "run": says["run"], "token": SECRET}
    assert caplog.messages and SECRET not in caplog.text


@pytest.mark.parametrize("code", ["not_signed_in", "not_allowed"])
def test_that_no_manager_admitted_it_holds_until_a_server_takes_the_device(peer: Peer, code: str) -> None:
    tries: list[str] = []

    async def find() -> AsyncGenerator[str]:
        tries.append(peer.address)
        yield peer.address

    peer.behave(turn_away=["no", {"code": code}])
    client = Client(find, AUTH, {})
    client.start()
    until(client.is_not_admitted)
    peer.kill()
    before = len(tries)
    until(lambda: len(tries) > before + 2)  # at least one of them reached nobody, and has ended
    assert client.is_not_admitted() and client.turned_away_for() == code
    peer.start()
    until(lambda: client.is_up)
    assert not client.is_not_admitted() and client.turned_away_for() is None
    client.stop()
