"""Kiosks and boards that show their code by themselves, from the first start to the first ticket, at real servers."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dawr.admitting import SHOWN_FILE
from dawr.pin import CA_FILE
from dawr.token import TOKEN_FILE, OwnToken
from kiosk.shut_out import SHUT_OUT_FILE
from kiosk.virtual_printer import VirtualPrinter
from server.access.store import AccessStore
from server.access.who import Role
from tests.dawr.test_pair_command import Admitting as AdmittingServer
from tests.dawr.test_pair_command import Pair
from tests.kiosk.test_process import Run, RunningKiosk, printer, run
from tests.peer import until
from tests.server.access.test_admitted_devices import BOARD, BOX, Device
from tests.server.running import Answer, RunningServer
from tests.server.transport.fronted import Hall, nginx_before

__all__ = ["printer", "run"]  # fixtures

SLOW_S = 30.0

Start = Callable[[str, str], Device]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    (tmp_path / "server").mkdir()
    running = RunningServer(tmp_path / "server", open_to_all=False)
    yield running
    running.kill()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts boxes and boards; none outlives its test."""
    with ExitStack() as ended:

        def started(part: str, config: str) -> Device:
            device = Device(part, config, tmp_path)
            ended.callback(device.process.wait)
            ended.callback(device.process.kill)
            return device

        yield started


class Manager:
    """Somebody at the page of devices."""

    def __init__(self, server: RunningServer) -> None:
        store = AccessStore(server.data)
        secret, _ = store.give_token(Role.MANAGER, "the manager", None, datetime.now(UTC))
        store.close()
        self.server, self.by = server, {"Authorization": f"Bearer {secret}"}

    def types(self, code: str, name: str = "by the door") -> Answer:
        [waiting] = self.server.get("/devices", **self.by).json["waiting"]
        return self.server.post("/devices", {"pairing": waiting["pairing"], "code": code, "name": name}, **self.by)

    def revokes(self, name: str = "by the door") -> None:
        devices = self.server.get("/devices", **self.by).json["devices"]
        [id] = [one["id"] for one in devices if one["name"] == name]
        assert self.server.post(f"/devices/{id}/revoke", {}, **self.by).status == 200


class Between(AdmittingServer):
    """Passes on to the true server what he hears, and has an authority of his own."""

    def __init__(self, server: RunningServer) -> None:
        super().__init__()
        self._server = server

    def answer(self, method: str, path: str, body: dict[str, Any], authorization: str) -> tuple[int, dict[str, Any]]:
        said = {"Authorization": authorization} if authorization else {}
        answer = self._server.ask_at(method, path, json.dumps(body).encode() if body else None, said)
        return answer.status, answer.json


def code_of(device: Device | RunningKiosk, *, other_than: str = "") -> str:
    def shown() -> Any:
        code = device.state().get("code")
        return code if code != other_than else None

    return str(until(shown, SLOW_S))


def test_a_new_kiosk_shows_its_code_gives_tickets_once_admitted_and_shows_another_one_when_it_is_shut_out(
    server: RunningServer, tmp_path: Path, printer: VirtualPrinter, run: Run
) -> None:
    manager = Manager(server)
    kiosk = run(tmp_path, printer.address, server=server.address)
    code = code_of(kiosk)
    assert kiosk.state()["page"] == "admission" and kiosk.state()["targets"] == {}
    assert manager.types(code).status == 201
    until(lambda: kiosk.state()["up"] and kiosk.state()["page"] == "categories", SLOW_S)
    assert kiosk.state()["code"] is None
    kiosk.take_ticket()
    until(lambda: kiosk.state()["not_handed_in"] == 0, SLOW_S)

    manager.revokes()
    assert code_of(kiosk) != code
    assert kiosk.state()["page"] == "admission" and kiosk.state()["targets"] == {}
    until(lambda: kiosk.state()["fault"] == "kiosk.not_admitted", SLOW_S)
    assert manager.types(code_of(kiosk), "again").status == 201
    until(lambda: kiosk.state()["up"] and kiosk.state()["page"] == "categories", SLOW_S)
    kiosk.take_ticket()
    until(lambda: kiosk.state()["not_handed_in"] == 0, SLOW_S)
    assert len(printer.slips) == 2
    assert SHOWN_FILE not in {file.name for file in kiosk.data.iterdir()}
    said = (tmp_path / "kiosk.err").read_text()
    assert OwnToken(kiosk.data).read() not in said and "Traceback" not in said


def test_a_kiosk_that_was_refused_gives_nothing_when_it_is_started_anew_without_its_server(
    server: RunningServer, tmp_path: Path, printer: VirtualPrinter, run: Run
) -> None:
    manager = Manager(server)
    kiosk = run(tmp_path, printer.address, server=server.address)
    code_of(kiosk)
    server.kill()
    until(lambda: kiosk.state()["code"] is None and kiosk.state()["page"] == "fault", SLOW_S)
    kiosk.kill()
    kiosk.start()
    until(lambda: kiosk.state()["page"] != "starting", SLOW_S)
    state = kiosk.state()
    assert (state["page"], state["fault"], state["targets"]) == ("fault", "kiosk.not_admitted", {})

    server.options = ("--port", server.address.rpartition(":")[2])
    server.start()
    assert manager.types(code_of(kiosk)).status == 201
    until(lambda: kiosk.state()["up"] and kiosk.state()["page"] == "categories", SLOW_S)
    assert not (kiosk.data / SHUT_OUT_FILE).exists()
    server.kill()
    kiosk.kill()
    kiosk.start()
    until(lambda: kiosk.state()["page"] == "categories", SLOW_S)
    assert kiosk.take_ticket()


def test_a_new_board_shows_its_code_and_another_one_after_a_restart_of_the_server(
    server: RunningServer, start: Start
) -> None:
    manager = Manager(server)
    board = start("display", BOARD.format(server=server.address))
    first = code_of(board)
    server.kill()
    until(lambda: board.state()["code"] is None, SLOW_S)
    server.options = ("--port", server.address.rpartition(":")[2])
    server.start()
    second = code_of(board, other_than=first)
    assert manager.types(first).json["code"] == "wrong_code"
    assert manager.types(second).status == 201
    until(lambda: board.state()["up"] and board.state()["code"] is None and not board.state()["stale"], SLOW_S)
    manager.revokes()
    assert code_of(board) != second


def test_dawr_pair_shows_the_code_that_stands_on_the_board(server: RunningServer, tmp_path: Path, start: Start) -> None:
    manager = Manager(server)
    board = start("display", BOARD.format(server=server.address))
    code = code_of(board)
    pair = Pair(tmp_path, BOARD.format(server=server.address), data=board.data)
    assert pair.shows() == code
    assert manager.types(code).status == 201
    assert pair.ends() == 0
    until(lambda: board.state()["up"], SLOW_S)


def test_a_box_says_its_code_in_its_log_and_by_dawr_pair(server: RunningServer, tmp_path: Path, start: Start) -> None:
    manager = Manager(server)
    box = start("counter", BOX.format(server=server.address))
    until(lambda: box.state().get("mode") == "not_admitted", SLOW_S)
    said = until(lambda: re.search(r"(\S+)/devices by the code (\w{3}) (\w{3})", box.log.read_text()), SLOW_S)
    assert said[1] == server.address
    pair = Pair(tmp_path, BOX.format(server=server.address), data=box.data)
    assert pair.shows() == said[2] + said[3]
    assert manager.types(said[2] + said[3]).status == 201
    assert pair.ends() == 0
    until(lambda: box.state()["up"] and box.state()["mode"] != "not_admitted", SLOW_S)


def test_over_https_a_new_kiosk_gives_nothing_until_its_code_was_typed_and_then_knows_its_authority(
    tmp_path: Path, printer: VirtualPrinter, run: Run
) -> None:
    (tmp_path / "hall").mkdir()
    hall = Hall(tmp_path / "hall", open_to_all=False)
    try:
        manager = Manager(hall.server)
        kiosk = run(tmp_path, printer.address, server=hall.nginx.address)
        code = code_of(kiosk)
        until(lambda: kiosk.state()["fault"] == "kiosk.not_admitted", SLOW_S)
        assert kiosk.state()["page"] == "admission" and kiosk.state()["targets"] == {}
        assert manager.types(code).status == 201
        until(lambda: kiosk.state()["up"] and kiosk.state()["page"] == "categories", SLOW_S)
        assert (kiosk.data / CA_FILE).read_bytes() == hall.nginx.ca_file.read_bytes()
        kiosk.take_ticket()
        until(lambda: kiosk.state()["not_handed_in"] == 0, SLOW_S)
    finally:
        hall.stop()


def test_a_false_server_that_passes_everything_on_gets_a_code_that_the_true_one_refuses(
    tmp_path: Path, start: Start
) -> None:
    (tmp_path / "hall").mkdir()
    hall = Hall(tmp_path / "hall", open_to_all=False)
    between = Between(hall.server)
    try:
        manager = Manager(hall.server)
        with nginx_before(between.port, tmp_path / "his") as his:
            between.ca = his.ca_file.read_bytes()
            board = start("display", BOARD.format(server=his.address))
            assert manager.types(code_of(board)).json["code"] == "wrong_code"
            assert not {TOKEN_FILE, CA_FILE} & {file.name for file in board.data.iterdir()}
    finally:
        between.stop()
        hall.stop()
