"""What a visitor typed: told to the clerk of that ticket and to nobody else, in no file but encrypted, for one day."""

import json
import sqlite3
import stat
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dawr.messages import TicketIssued
from server.interface.routes import VIEW_ROUTES
from server.keeping.log import FILE, Log, read
from tests.server.running import ALWAYS_OPEN, RunningServer

SETTINGS = ALWAYS_OPEN.replace("usual_minutes = 6", "usual_minutes = 6\nneeds_reference = true", 1)
TYPED = "0999123456"
TODAY = date(2026, 11, 22)


@pytest.fixture
def server(tmp_path: Path) -> Any:
    running = RunningServer(tmp_path, settings=SETTINGS)
    yield running
    running.kill()


def take(server: RunningServer, typed: str = TYPED) -> Any:
    answer = server.post("/tickets", {"service": "birth", "reference": typed})
    assert answer.status == 201, answer.body
    return answer.json


def call(server: RunningServer) -> Any:
    return server.post("/counters/1/call-next", {}, idempotency_key="call-1").json


def written(data: Path) -> bytes:
    """Every byte that the server has stored, its keys apart."""
    return b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file() and file.suffix != ".key")


def test_the_counter_is_told_and_nobody_else(server: RunningServer) -> None:
    ticket = take(server)
    assert ticket["reference"] is None
    assert call(server)["counter"]["ticket"]["reference"] == TYPED
    assert call(server)["counter"]["ticket"]["reference"] is None, "an answer that was stored does not have it"
    places = {"ticket": ticket["id"], "counter": "1", "kiosk": "kiosk-1"}
    seen = 0
    for view in VIEW_ROUTES:
        answer = server.get(view.path.format(**places))
        seen += answer.status == 200
        assert TYPED.encode() not in answer.body, view.path
    assert seen > 12
    timeline = server.get(f"/reports/tickets/{ticket['id']}").json
    assert "hidden_reference" not in json.dumps(timeline)


def test_it_is_in_no_file(server: RunningServer) -> None:
    ticket = take(server)
    call(server)
    assert ticket["id"].encode() in written(server.data), "the WAL was read"
    assert TYPED.encode() not in written(server.data)
    server.stop()
    assert ticket["id"].encode() in written(server.data)
    assert TYPED.encode() not in written(server.data)
    assert TYPED.encode() not in (server.folder / "server.err").read_bytes()


def test_after_a_kill_the_counter_is_told_again(server: RunningServer) -> None:
    take(server)
    server.kill()
    server.start()
    assert call(server)["counter"]["ticket"]["reference"] == TYPED


def test_without_the_key_nobody_can_be_told(server: RunningServer) -> None:
    take(server)
    server.kill()
    [key] = (server.data / "keys").iterdir()
    assert (stat.S_IMODE(key.stat().st_mode), stat.S_IMODE(key.parent.stat().st_mode)) == (0o600, 0o700)
    key.unlink()
    server.start()
    assert call(server)["counter"]["ticket"]["reference"] is None


def test_the_same_ticket_asked_for_twice_is_one_whatever_was_typed(server: RunningServer) -> None:
    first = server.post("/tickets", {"service": "birth", "reference": "1"}, idempotency_key="k").json
    second = server.post("/tickets", {"service": "birth", "reference": "2"}, idempotency_key="k").json
    assert first["id"] == second["id"]


def test_a_service_that_does_not_ask_takes_none(tmp_path: Path) -> None:
    server = RunningServer(tmp_path)
    try:
        answer = server.post("/tickets?language=en", {"service": "birth", "reference": TYPED})
        assert (answer.status, answer.json["code"]) == (422, "reference_not_wanted")
        issued = {"wall": "2026-11-22T06:00:00Z", "boottime_s": 1.0, "boot": "b", "trust": "ntp"}
        printed = {"id": "t-1", "number": "A001", "service": "birth", "language": "ar", "reference": TYPED}
        tickets = [{**printed, "issued": issued}]
        assert server.post("/kiosks/kiosk-1/hand-in", {"sent": issued, "tickets": tickets}).status == 200
        assert TYPED.encode() not in written(server.data)
    finally:
        server.kill()


def test_a_digest_in_the_log_tells_nothing_of_what_was_typed(server: RunningServer) -> None:
    take(server, "1")
    take(server, "2")
    with closing(sqlite3.connect(server.data / FILE)) as db:
        [(kinds,)] = db.execute("SELECT count(DISTINCT fingerprint) FROM command WHERE name = 'issue'").fetchall()
    assert kinds == 1


def test_a_reader_of_the_log_gets_none(tmp_path: Path) -> None:
    log, at = Log(tmp_path), "2026-11-22T06:00:00Z"
    told = {"at": at, "ticket": "t-1", "number": "A001", "day": str(TODAY), "service": "birth", "line": "civil"}
    more = {"language": "ar", "reference": TYPED, "issuer": "server", "joined_at": at, "counted_from": at}
    issued = TicketIssued.model_validate({**told, **more})
    with log.transaction():
        log.append("c", TODAY, [issued])
    with log.reading() as db:
        assert [entry.event for entry in read(db, 0, -1)] == [issued.model_copy(update={"reference": None})]
        assert [entry.event for entry in read(db, 0, -1, log.references.shown)] == [issued]
    log.close()
