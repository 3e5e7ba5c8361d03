"""The devices themselves, as processes: each believes the authority in its own folder."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dawr.pin import Pin
from tests.house.source import ROOT
from tests.peer import Peer, running_peer, until
from tests.server.running import ALWAYS_OPEN
from tests.server.transport.fronted import Nginx, nginx_before, pinned

SETTINGS = {
    "kiosk": """
        [kiosk]
        id = "kiosk-1"
        centre = "centre.toml"
        pins = "mock"
        server = "{server}"
        [printer]
        address = "tcp://127.0.0.1:9"
        [screen]
        size = [540, 960]
    """,
    "counter": """
        [counter]
        id = "3"
        pins = "mock"
        server = "{server}"
        [box]
    """,
    "display": """
        [display]
        id = "hall"
        server = "{server}"
    """,
}


@contextmanager
def device(room: str, folder: Path, data: Path, server: str) -> Iterator[Path]:
    """A device's process; gives the file of its log."""
    (folder / "centre.toml").write_text(ALWAYS_OPEN, "utf-8")
    config = folder / f"{room}.toml"
    config.write_text(SETTINGS[room].format(server=server), "utf-8")
    log = folder / f"{room}.log"
    options = [] if room == "counter" else ["--windows"]
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", room, "--config", config, "--data", data, *options],
            cwd=ROOT,
            env=os.environ | {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"},
            stderr=out,
        )
    try:
        yield log
    finally:
        process.terminate()
        process.wait(10)


def roles(peer: Peer) -> set[Any]:
    return {said["role"] for said in peer.auths()}


@pytest.mark.parametrize(("room", "role"), [("kiosk", "kiosk"), ("counter", "counter"), ("display", "board")])
def test_a_paired_device_tells_its_own_server_alone_who_it_is(
    room: str, role: str, own_nginx: Nginx, own_peer: Peer, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with (
        running_peer(tmp_path) as his,
        nginx_before(his.port, tmp_path / "false") as false,
        device(room, tmp_path, data, false.address) as log,
    ):
        until(lambda: "told nothing (not_paired)" in log.read_text(), 30)
        pinned(data, own_nginx.ca_file)
        until(lambda: "told nothing (foreign_server)" in log.read_text(), 30)
        assert his.auths() == []
    assert Pin(data).is_set
    with device(room, tmp_path, data, own_nginx.address):
        until(lambda: roles(own_peer) == {role}, 30)
