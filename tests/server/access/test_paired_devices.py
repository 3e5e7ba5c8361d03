"""From a code on the device's screen to tickets in the hall: `dawr pair`, a manager, and a kiosk at a real server."""

from datetime import UTC, datetime
from pathlib import Path

from kiosk.virtual_printer import VirtualPrinter
from server.access.store import AccessStore
from server.access.who import Role
from tests.dawr.test_pair_command import Pair
from tests.kiosk.test_process import Run, printer, run
from tests.peer import until
from tests.server.running import RunningServer

__all__ = ["printer", "run"]  # fixtures

SLOW_S = 30.0


def test_a_kiosk_that_runs_gives_tickets_once_a_manager_has_typed_its_code(
    tmp_path: Path, printer: VirtualPrinter, run: Run
) -> None:
    (tmp_path / "server").mkdir()
    server = RunningServer(tmp_path / "server", open_to_all=False)
    try:
        kiosk = run(tmp_path, printer.address, server=server.address)
        until(lambda: kiosk.state()["fault"] == "kiosk.not_admitted", SLOW_S)
        (tmp_path / "pair").mkdir()
        pair = Pair(tmp_path / "pair", kiosk.config.read_text(), data=kiosk.data)
        code = pair.shows()
        store = AccessStore(server.data)
        secret, _ = store.give_token(Role.MANAGER, "the manager", None, datetime.now(UTC))
        store.close()
        manager = {"Authorization": f"Bearer {secret}"}
        [waiting] = server.get("/devices", **manager).json["waiting"]
        said = {"pairing": waiting["pairing"], "code": code.lower(), "name": "by the door"}
        assert server.post("/devices", said, **manager).status == 201
        assert pair.ends() == 0
        until(lambda: kiosk.state()["up"] and kiosk.state()["page"] == "categories", SLOW_S)
        kiosk.take_ticket()
        until(lambda: kiosk.state()["not_handed_in"] == 0, SLOW_S)
        [device] = [one for one in server.get("/devices", **manager).json["devices"] if one["name"] == "by the door"]
        assert (device["role"], device["place"], device["connected"]) == ("kiosk", "kiosk-1", True)
        server.post(f"/devices/{device['id']}/revoke", {}, **manager)
        until(lambda: kiosk.state()["page"] == "admission", SLOW_S)
    finally:
        server.kill()
