"""What stays where somebody was: at a shared computer, at the server's own machine, over connections that are open."""

import os
import sqlite3
from collections.abc import Iterator

import pytest
import simple_websocket

from server.access.who import Role
from tests.peer import until
from tests.server.access.staff import PASSWORD, PIN, Browser, add
from tests.server.running import RunningServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    before = os.umask(0o022)  # as most systems have it
    server = RunningServer(tmp_path_factory.mktemp("left"), open_to_all=False)
    os.umask(before)
    add(server, "Huda", Role.ADMINISTRATOR, PASSWORD)
    add(server, "Rima", Role.CLERK, PIN)
    yield server
    server.kill()


@pytest.mark.parametrize(
    "path",
    ["/people", "/admin", "/live", "/reports", "/counter/1", "/api/v1/people", "/api/v1/log", "/api/v1/overview"],
)
def test_a_browser_keeps_nothing_of_what_only_staff_see(server: RunningServer, path: str) -> None:
    huda = Browser(server)
    huda.sign_in("Huda", PASSWORD)
    answer = huda.ask("GET", path)
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")


@pytest.mark.parametrize("path", ["/board", "/api/v1/board", "/static/board.css"])
def test_what_everybody_sees_is_kept_as_before(server: RunningServer, path: str) -> None:
    huda = Browser(server)
    huda.sign_in("Huda", PASSWORD)
    assert huda.ask("GET", path).headers["Cache-Control"] != "no-store"


def test_nobody_else_at_the_machine_reads_the_data(server: RunningServer) -> None:
    readable = [one for one in [server.data, *server.data.rglob("*")] if one.stat().st_mode & 0o077]
    assert readable == []


def test_signing_out_without_a_session_writes_nothing(server: RunningServer) -> None:
    stranger = Browser(server, cookies={"dawr": "made-up"})
    with sqlite3.connect(server.data / "access.sqlite", isolation_level=None) as db:
        db.execute("BEGIN IMMEDIATE")  # whoever writes now has to wait, and fails
        assert stranger.sign_out().status == 200
        db.execute("ROLLBACK")


def test_practising_ends_with_the_session(server: RunningServer) -> None:
    rima = Browser(server)
    rima.sign_in("Rima", PIN)
    line = simple_websocket.Client(
        f"{server.address.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket",
        headers={"Cookie": f"dawr={rima.cookies['dawr']}"},
    )
    line.send('40/training,{"counter": "1"}')
    until(lambda: (line.receive(timeout=5) or "").startswith('42/training,["counter"'))
    rima.sign_out()
    until(lambda: (line.receive(timeout=5) or "").startswith("41/training"), 5)
    line.close()
