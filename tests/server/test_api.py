"""The HTTP API of a real server: what it answers, and how it refuses."""

import errno
import json
import socket
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dawr.tickets import State
from dawr.words import Words
from server.administration.file import why_not_written
from server.interface.openapi import document
from server.interface.problems import STATUS
from tests.server.running import RunningServer

DOCUMENT = document()


def is_as_documented(name: str, value: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    Draft202012Validator(schema).validate(value)


def issue(server: RunningServer, **more: str) -> Any:
    answer = server.post("/tickets", {"service": "birth", **more})
    assert answer.status == 201, answer.body
    return answer.json


def test_a_ticket_is_given_and_can_be_looked_up_by_id_and_number(hall_server: RunningServer) -> None:
    ticket = issue(hall_server, language="en")
    is_as_documented("TicketView", ticket)
    assert (ticket["state"], ticket["line"], ticket["language"]) == ("waiting", "civil", "en")
    for name in (ticket["id"], ticket["number"], ticket["number"].lower()):
        assert hall_server.get(f"/tickets/{name}").json["id"] == ticket["id"]


def test_a_visit_goes_its_way(hall_server: RunningServer) -> None:
    ticket = issue(hall_server)
    called = hall_server.post("/counters/3/call", {"ticket": ticket["id"]}).json
    is_as_documented("CounterAnswer", called)
    assert called["ticket"]["counter"] == "3"
    for action, state in (("recall", "called"), ("serve", "serving"), ("park", "parked")):
        assert hall_server.post(f"/counters/3/{action}").json["ticket"]["state"] == state
    assert hall_server.post("/counters/3/resume", {"ticket": ticket["id"]}).json["ticket"]["state"] == "waiting"
    assert hall_server.post(f"/tickets/{ticket['id']}/cancel").json["state"] == "cancelled"


def test_a_counter_with_nobody_to_call_gets_no_ticket(hall_server: RunningServer) -> None:
    answer = hall_server.post("/counters/3/call-next")
    assert (answer.status, answer.json["ticket"], answer.json["counter"]["state"]) == (200, None, "open")


def test_the_board_shows_the_call_and_says_when_it_is_still_right(hall_server: RunningServer) -> None:
    ticket = issue(hall_server)
    hall_server.post("/counters/2/call", {"ticket": ticket["id"]})
    board = hall_server.get("/board")
    is_as_documented("Board", board.json)
    assert (board.json["calls"][0]["number"], board.json["calls"][0]["counter"]) == (ticket["number"], "2")
    again = hall_server.get("/board", If_None_Match=board.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    issue(hall_server)
    assert hall_server.get("/board", If_None_Match=board.headers["ETag"]).status == 200


@pytest.mark.parametrize(
    ("path", "schema", "ids"),
    [
        ("/services", "Services", ["birth", "deed"]),
        ("/counters", "Counters", ["1", "2", "3"]),
        ("/lines", "Lines", ["civil", "land"]),
    ],
)
def test_a_list_has_everything_in_the_order_of_the_settings(
    hall_server: RunningServer, path: str, schema: str, ids: list[str]
) -> None:
    answer = hall_server.get(path).json
    is_as_documented(schema, answer)
    assert [one["id"] for one in answer[path[1:]]] == ids


def test_one_counter_can_be_looked_at(hall_server: RunningServer) -> None:
    is_as_documented("CounterView", hall_server.get("/counters/2").json)


def test_a_stopped_service_says_why_until_it_is_offered_again(hall_server: RunningServer) -> None:
    reason = {"ar": "تعطل النظام العقاري", "en": "The land system is down"}
    stopped = hall_server.post("/services/deed/stop", {"reason": reason})
    assert (stopped.json["open"], stopped.json["reason"]) == (False, reason)
    refusal = hall_server.post("/tickets?language=ar", {"service": "deed"})
    assert (refusal.status, refusal.json["code"]) == (409, "not_offered")
    assert reason["ar"] in refusal.json["detail"]
    assert hall_server.post("/services/deed/offer").json["open"] is True


def handed_in(id: str, number: str, issuer: str = "kiosk-1") -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    moment = {"boot": "b-1", "boottime_s": 100.0, "wall": now, "trust": "none"}
    ticket = {"id": id, "number": number, "service": "birth", "language": "ar", "issued": moment}
    return {"issuer": issuer, "sent": moment, "tickets": [ticket]}


def test_a_kiosk_hands_in_what_it_printed(hall_server: RunningServer) -> None:
    for _ in range(2):
        answer = hall_server.post("/kiosks/kiosk-1/hand-in", handed_in("printed-1", "A001"))
        is_as_documented("StoredAnswer", answer.json)
        assert answer.json["stored"] == ["printed-1"]
    assert hall_server.get("/tickets/A001").json["issuer"] == "kiosk-1"


@pytest.mark.parametrize(
    ("number", "kiosk", "status", "code"),
    [
        ("A501", "kiosk-1", 409, "foreign_number"),
        ("C001", "kiosk-1", 409, "foreign_number"),
        ("what?", "kiosk-1", 409, "foreign_number"),
        ("A001", "kiosk-9", 404, "unknown_issuer"),
    ],
)
def test_a_number_that_is_not_the_kiosks_is_refused(
    hall_server: RunningServer, number: str, kiosk: str, status: int, code: str
) -> None:
    answer = hall_server.post(f"/kiosks/{kiosk}/hand-in", handed_in("printed-x", number, kiosk))
    assert (answer.status, answer.json["code"]) == (status, code)


def test_a_key_makes_a_command_happen_once(hall_server: RunningServer) -> None:
    first = hall_server.post("/tickets", {"service": "birth"}, Idempotency_Key="once")
    second = hall_server.post("/tickets", {"service": "birth"}, Idempotency_Key="once")
    assert (second.status, second.json) == (first.status, first.json)
    other = hall_server.post("/tickets", {"service": "deed"}, Idempotency_Key="once")
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["with space", "x" * 65, "مفتاح".encode().decode("latin-1")])
def test_a_key_that_cannot_be_one_is_refused(hall_server: RunningServer, key: str) -> None:
    answer = hall_server.post("/tickets", {"service": "birth"}, Idempotency_Key=key)
    assert (answer.status, answer.json["mistakes"][0]["field"]) == (422, "Idempotency-Key")


REFUSALS: list[tuple[str, str, bytes | None, int, str]] = [
    ("GET", "/tickets/Z999", None, 404, "unknown_ticket"),
    ("POST", "/tickets", b'{"service": "none"}', 404, "unknown_service"),
    ("POST", "/tickets", b'{"service": "birth", "class": "kings"}', 404, "unknown_class"),
    ("POST", "/tickets", b'{"service": "birth", "language": "fr"}', 422, "bad_message"),
    ("POST", "/tickets", b'{"service": "birth", "colour": "red"}', 422, "bad_message"),
    ("POST", "/tickets", b"{}", 422, "bad_message"),
    ("POST", "/tickets", b'{"service": "\\ud800"}', 422, "bad_message"),
    ("POST", "/tickets", b'{"service": ', 400, "not_json"),
    ("POST", "/tickets", b"[1]", 400, "not_json"),
    ("POST", "/tickets", b'{"service": NaN}', 400, "not_json"),
    ("POST", "/tickets", b"\xff\xfe", 400, "not_json"),
    ("POST", "/tickets", b"[" * 60_000, 400, "not_json"),
    ("POST", "/tickets", b" " * 70_000, 413, "too_large"),
    ("POST", "/kiosks/kiosk-1/hand-in", b" " * 600_000, 413, "too_large"),
    ("POST", "/counters/77/call-next", None, 404, "unknown_counter"),
    ("POST", "/counters/1/call-next", b'{"counter": "2"}', 422, "bad_message"),
    ("POST", "/counters/1/undo", None, 409, "nothing_to_undo"),
    ("POST", "/counters/1/recall", None, 409, "nothing_to_do"),
    ("POST", "/counters/1/break", None, 409, "counter_not_open"),
    ("POST", "/counters/1/open", b'{"lines": ["none"]}', 404, "unknown_line"),
    ("POST", "/counters/1/start-day", b'{"day": "2030-01-01"}', 404, "no_such_address"),
    ("POST", "/board", None, 405, "wrong_method"),
    ("GET", "/nothing", None, 404, "no_such_address"),
    ("GET", "/log?after=-1&limit=5000", None, 422, "bad_message"),
    ("GET", "/reports/waiting?by=colour", None, 422, "bad_message"),
    ("GET", "/reports/waiting?from=yesterday", None, 422, "bad_message"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), REFUSALS)
def test_bad_input_is_refused_with_a_sentence_in_the_asked_language(
    hall_server: RunningServer, method: str, path: str, body: bytes | None, status: int, code: str
) -> None:
    before = hall_server.get("/health").json["sequence"]
    said = set()
    for language in ("ar", "en"):
        answer = hall_server.ask(method, path, body, {"Accept-Language": language})
        assert (answer.status, answer.json["code"], answer.json["status"]) == (status, code, status)
        assert answer.headers["Content-Type"] == "application/problem+json"
        is_as_documented("Problem", answer.json)
        said.add(answer.json["detail"])
    assert len(said) == 2
    assert hall_server.get("/health").json["sequence"] == before


def test_every_mistake_of_a_message_is_named(hall_server: RunningServer) -> None:
    answer = hall_server.post("/tickets", {"language": "fr", "colour": "red"})
    assert {one["field"] for one in answer.json["mistakes"]} == {"service", "language", "colour"}


def test_a_form_is_no_json(hall_server: RunningServer) -> None:
    answer = hall_server.ask(
        "POST", "/tickets", b"service=birth", {"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert (answer.status, answer.json["code"]) == (415, "not_json_type")


def test_the_language_of_a_sentence_is_the_asked_one_else_the_centres_first(hall_server: RunningServer) -> None:
    path = "/tickets/Z999"
    arabic = hall_server.get(path).json["detail"]
    assert hall_server.get(f"{path}?language=ar").json["detail"] == arabic
    assert hall_server.get(path, Accept_Language="fr").json["detail"] == arabic
    english = hall_server.get(f"{path}?language=en", Accept_Language="ar").json["detail"]
    assert english.startswith("There is no ticket")


def test_the_log_can_be_followed_in_pages(hall_server: RunningServer) -> None:
    issue(hall_server)
    sequences, after = [], 0
    while page := hall_server.get(f"/log?after={after}&limit=7").json["events"]:
        sequences += [event["sequence"] for event in page]
        after = sequences[-1]
    assert sequences == list(range(1, hall_server.get("/health").json["sequence"] + 1))


def test_a_report_is_json_or_csv(hall_server: RunningServer) -> None:
    issue(hall_server)
    report = hall_server.get("/reports/waiting?by=line")
    is_as_documented("WaitingReport", report.json)
    assert report.json["rows"][0]["key"] == "civil"
    table = hall_server.get("/reports/waiting?by=line&format=csv&language=en")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert table.body.decode().splitlines()[1].startswith("Civil registry,")


def test_the_figures_count_what_happened(hall_server: RunningServer) -> None:
    def figure(name: str) -> float:
        lines = hall_server.get("/metrics").body.decode().splitlines()
        [value] = [line.rpartition(" ")[2] for line in lines if line.startswith(f"{name} ")]
        return float(value)

    before = figure('dawr_tickets_issued_total{line="civil"}')
    issue(hall_server)
    assert figure('dawr_tickets_issued_total{line="civil"}') == before + 1
    assert figure('dawr_waiting{line="civil"}') == hall_server.get("/lines").json["lines"][0]["waiting"]
    assert figure("dawr_log_sequence") == hall_server.get("/health").json["sequence"]


def test_the_server_says_that_it_is_well(hall_server: RunningServer) -> None:
    health = hall_server.get("/health")
    is_as_documented("Health", health.json)
    assert (health.status, health.json["status"], health.json["ballast"]) == (200, "ok", True)


def test_a_kept_connection_answers_without_delay(hall_server: RunningServer) -> None:
    """Nagle's algorithm would hold the body of each answer for 40 ms."""
    host, port = hall_server.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 5) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began = datetime.now()
        for _ in range(25):
            line.sendall(f"GET /api/v1/board HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            head = b""
            while b"\r\n\r\n" not in head:
                head += line.recv(4096)
            head, _, body = head.partition(b"\r\n\r\n")
            [length] = [
                int(one.split(b":")[1]) for one in head.splitlines() if one.lower().startswith(b"content-length")
            ]
            while len(body) < length:
                body += line.recv(4096)
            json.loads(body)
    assert (datetime.now() - began).total_seconds() < 25 * 0.030


@pytest.mark.parametrize("boottime_s", ["-1e308", "1e308", "1e999", "5e15", "0"])
@pytest.mark.parametrize("wall", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-01T00:00:00"])
@pytest.mark.parametrize("part", ["sent", "issued"])
def test_a_moment_that_no_clock_shows_is_refused(
    hall_server: RunningServer, boottime_s: str, wall: str, part: str
) -> None:
    right = '{"boot": "x", "boottime_s": 5, "trust": "none", "wall": "2026-01-01T00:00:00Z"}'
    wrong = f'{{"boot": "y", "boottime_s": {boottime_s}, "trust": "ntp", "wall": "{wall}"}}'
    sent, issued = (wrong, right) if part == "sent" else (right, wrong)
    ticket = f'{{"id": "far", "number": "A001", "service": "birth", "language": "ar", "issued": {issued}}}'
    body = f'{{"sent": {sent}, "tickets": [{ticket}]}}'
    refusal = hall_server.ask("POST", "/kiosks/kiosk-1/hand-in", body.encode())
    assert (refusal.status, refusal.json["code"]) == (422, "bad_message")


@pytest.mark.parametrize(
    "path", ["/log?after=", "/settings/history?before=", "/reports/tickets?page=", "/audit?before="]
)
def test_numbers_beyond_every_log_are_refused(hall_server: RunningServer, path: str) -> None:
    assert hall_server.get(f"{path}{2**64}").status == 422


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_code_has_a_sentence(language: str) -> None:
    words = Words(language)
    # These say why, from the words under `closed.` and `settings.`
    without_own = {"not_offered", "settings_not_written"}
    assert [code for code in STATUS if code not in without_own and not words.has(f"problem.{code}")] == []
    assert [state for state in State if not words.has(f"problem.state.{state}")] == []
    faults = (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO)
    reasons = [*(why_not_written(OSError(fault, "")) for fault in faults), "settings.not_recorded"]
    assert [why for why in reasons if not words.has(why)] == []
