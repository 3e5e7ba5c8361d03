"""Kiosk, counter box and board at a server that asks everybody who they are: admitted, revoked, and never admitted."""

import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dawr.token import OwnToken
from kiosk.virtual_printer import VirtualPrinter
from server.access.store import AccessStore
from server.access.who import Role
from tests.house.source import ROOT
from tests.kiosk.test_process import Run, printer, run
from tests.peer import until
from tests.server.running import RunningServer

__all__ = ["printer", "run"]  # fixtures

SILENT = {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
BOX = '[counter]\nid = "1"\nserver = "{server}"\npins = "mock"\n[box]\n'
BOARD = '[display]\nid = "hall"\nserver = "{server}"\n[screen]\nsize = [1280, 720]\n'
SLOW_S = 30.0


class Device:
    """A box or a board as a process, with its bench."""

    def __init__(self, part: str, config: str, folder: Path) -> None:
        self.data, self.log = folder / part, folder / f"{part}.log"
        file = folder / f"{part}.toml"
        file.write_text(config)
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", part, "--config", file, "--data", self.data, "--bench", str(self.port)],
            cwd=ROOT,
            env=os.environ | SILENT,
            stderr=self.log.open("w"),
        )

    def state(self) -> dict[str, Any]:
        assert self.process.poll() is None, self.log.read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/state", timeout=5) as answer:
                return dict(json.load(answer))
        except OSError:
            return {}


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path_factory.mktemp("server"), open_to_all=False)
    yield running
    running.kill()


@pytest.fixture
def store(server: RunningServer) -> Iterator[AccessStore]:
    opened = AccessStore(server.data)
    yield opened
    opened.close()


def admit(store: AccessStore, role: Role, place: str | None, data: Path) -> str:
    """Put a token into a device's folder; gives its id, by which it is revoked."""
    secret, token = store.give_token(role, f"a {role}", place, datetime.now(UTC))
    OwnToken(data).keep(secret)
    return token.id


def test_a_kiosk_gives_numbers_while_it_is_admitted_and_while_no_server_is_there_to_ask(
    server: RunningServer, store: AccessStore, tmp_path: Path, printer: VirtualPrinter, run: Run
) -> None:
    kiosk = run(tmp_path, printer.address, server=server.address)
    until(lambda: kiosk.state()["fault"] == "kiosk.not_admitted" and kiosk.state()["page"] == "admission", SLOW_S)
    assert kiosk.state()["turned_away"] == "not_signed_in" and kiosk.state()["targets"] == {}
    assert "staff.kiosk.not_admitted" in kiosk.state()["notes"]

    admitted = admit(store, Role.KIOSK, "kiosk-1", kiosk.data)
    until(lambda: kiosk.state()["up"] and kiosk.state()["page"] == "categories", SLOW_S)
    first = kiosk.take_ticket()
    until(lambda: kiosk.state()["not_handed_in"] == 0, SLOW_S)

    server.kill()
    until(lambda: not kiosk.state()["up"], SLOW_S)
    assert kiosk.take_ticket() != first
    server.options = ("--port", server.address.rpartition(":")[2])
    server.start()
    until(lambda: kiosk.state()["up"] and kiosk.state()["not_handed_in"] == 0, SLOW_S)

    store.revoke(admitted)
    until(lambda: kiosk.state()["fault"] == "kiosk.not_admitted" and kiosk.state()["page"] == "admission", SLOW_S)
    assert len(printer.slips) == 2
    assert OwnToken(kiosk.data).read() not in (tmp_path / "kiosk.err").read_text()


def test_a_new_kiosk_that_knows_no_centre_yet_says_that_nobody_admitted_it(
    server: RunningServer, tmp_path: Path, printer: VirtualPrinter, run: Run
) -> None:
    kiosk = run(tmp_path, printer.address)
    kiosk.stop()
    new = kiosk.config.read_text().replace('centre = "centre.toml"\n', "")
    kiosk.config.write_text(new.replace("http://127.0.0.1:9", server.address))
    kiosk.start()
    until(lambda: kiosk.state()["page"] == "admission" and kiosk.state()["fault"] == "kiosk.not_admitted", SLOW_S)


def test_a_kiosk_with_the_token_of_another_gives_nothing(
    server: RunningServer, store: AccessStore, tmp_path: Path, printer: VirtualPrinter, run: Run
) -> None:
    admit(store, Role.KIOSK, "kiosk-2", tmp_path / "kiosk")
    kiosk = run(tmp_path, printer.address, server=server.address)
    until(lambda: kiosk.state()["fault"] == "kiosk.not_admitted", SLOW_S)
    assert kiosk.state()["turned_away"] == "not_allowed"


def test_a_box_says_by_its_lamp_and_its_log_that_nobody_admitted_it_and_goes_on_once_admitted(
    server: RunningServer, store: AccessStore, tmp_path: Path
) -> None:
    box = Device("counter", BOX.format(server=server.address), tmp_path)
    try:
        until(lambda: box.state().get("mode") == "not_admitted", SLOW_S)
        assert "a manager has to admit this device: dawr pair" in box.log.read_text()
        admitted = admit(store, Role.COUNTER, "1", box.data)
        until(lambda: box.state()["up"] and box.state()["mode"] != "not_admitted", SLOW_S)
        store.revoke(admitted)
        until(lambda: box.state()["mode"] == "not_admitted", SLOW_S)
    finally:
        box.process.kill()
        box.process.wait()


def test_a_board_says_that_nobody_admitted_it_and_goes_on_once_admitted(
    server: RunningServer, store: AccessStore, tmp_path: Path
) -> None:
    board = Device("display", BOARD.format(server=server.address), tmp_path)
    try:
        until(lambda: any("not admitted" in text for text in board.state().get("message", [])), SLOW_S)
        assert any("لم تُقبل" in text for text in board.state()["message"])
        admitted = admit(store, Role.BOARD, None, board.data)
        until(lambda: board.state()["up"] and not board.state()["stale"], SLOW_S)
        store.revoke(admitted)
        until(lambda: any("not admitted" in text for text in board.state()["message"]), SLOW_S)
    finally:
        board.process.kill()
        board.process.wait()
