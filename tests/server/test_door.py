"""What is turned away at the door of a real server, with real sockets."""

import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest

from server.interface.routes import LARGE_BYTES
from tests.server.running import RunningServer

POLL = "/socket.io/?EIO=4&transport=polling"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def ask(
    server: RunningServer, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[HTTPResponse, bytes]:
    """An answer to exactly these headers; `_` in a name stands for `-`."""
    connection = HTTPConnection(urlsplit(server.address).netloc, timeout=10)
    try:
        connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def code(answered: tuple[HTTPResponse, bytes]) -> tuple[int, str]:
    return answered[0].status, json.loads(answered[1])["code"]


@pytest.fixture
def port(hall_server: RunningServer) -> int:
    return urlsplit(hall_server.address).port or 0


@pytest.mark.parametrize("path", ["/", "/board", "/api/v1/health", "/static/phone.css", POLL, "/nothing"])
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.9.8.7", "0.0.0.0", "a b"]
)
def test_nobody_is_served_by_a_name_that_is_not_ours(hall_server: RunningServer, path: str, host: str) -> None:
    assert code(ask(hall_server, path, Host=host)) == (421, "wrong_host")


def test_the_refusal_of_a_name_is_a_sentence_in_the_browsers_language(hall_server: RunningServer) -> None:
    _, english = ask(hall_server, "/", Host="evil.example", Accept_Language="en")
    _, arabic = ask(hall_server, "/", Host="evil.example", Accept_Language="ar")
    assert "is not \u2068evil.example\u2069" in json.loads(english)["detail"]
    assert "هذا الجهاز ليس" in json.loads(arabic)["detail"]


def test_the_machines_own_names_and_addresses_are_ours(hall_server: RunningServer, port: int) -> None:
    name = socket.gethostname()
    for host in ("localhost", "LOCALHOST.", "127.0.0.1", "[::1]", "127.0.0.9", name, f"{name.partition('.')[0]}.local"):
        assert ask(hall_server, "/api/v1/health", Host=f"{host}:{port}")[0].status == 200, host
    for family, address in own_addresses():
        literal = f"[{address}]" if family == socket.AF_INET6 else address
        assert ask(hall_server, "/api/v1/health", Host=literal)[0].status == 200, literal


def own_addresses() -> Iterator[tuple[int, str]]:
    """Those by which this machine reaches others, as far as it can; nothing is sent."""
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as tried:
            try:
                tried.connect((far, 9))
            except OSError:
                continue
            yield family, tried.getsockname()[0]


def test_settings_give_the_server_more_names(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("named")
    (folder / "server.toml").write_text('[network]\nnames = ["queue.example.org"]\n')
    server = RunningServer(folder)
    try:
        assert ask(server, "/board", Host="queue.example.org")[0].status == 200
        assert code(ask(server, "/board", Host="example.org")) == (421, "wrong_host")
    finally:
        server.kill()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://localhost", "x"])
@pytest.mark.parametrize(
    "path", [POLL, "/api/v1/tickets", "/t/1/leave", "/api/v1/settings", "/counter/1/tablet/feedback"]
)
def test_pages_of_other_sites_change_nothing(hall_server: RunningServer, path: str, origin: str) -> None:
    before = hall_server.get("/health").json["sequence"]
    method, body = ("GET", None) if path == POLL else ("POST", b'{"service": "birth"}')
    refused = code(ask(hall_server, path, method, body, Origin=origin, Content_Type="application/json"))
    assert refused == (403, "foreign_origin")
    refused = code(ask(hall_server, path, method, body, Sec_Fetch_Site="cross-site"))
    assert refused == (403, "foreign_origin")
    assert hall_server.get("/health").json["sequence"] == before


def test_a_name_that_was_bent_to_this_machine_reaches_nothing(hall_server: RunningServer, port: int) -> None:
    """DNS rebinding: the browser believes that evil.example is here, so that Host and Origin agree."""
    evil = f"evil.example:{port}"
    assert code(ask(hall_server, POLL, Host=evil, Origin=f"http://{evil}")) == (421, "wrong_host")
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "13"}
    path = "/socket.io/?EIO=4&transport=websocket"
    key = {"Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    assert code(ask(hall_server, path, Host=evil, Origin=f"http://{evil}", **upgrade, **key)) == (421, "wrong_host")
    assert code(ask(hall_server, path, Origin=f"http://{evil}", **upgrade, **key)) == (403, "foreign_origin")


def test_our_own_pages_and_programs_may_change_things(hall_server: RunningServer, port: int) -> None:
    body, kind = b'{"service": "birth"}', {"Content_Type": "application/json"}
    for headers in (
        {},
        {"Origin": f"http://127.0.0.1:{port}"},
        {"Origin": f"http://127.0.0.1:{port}", "Sec_Fetch_Site": "same-origin"},
        {"Host": f"LocalHost:{port}", "Origin": f"http://localhost:{port}"},
        {"Host": "localhost:80", "Origin": "http://localhost"},
    ):
        assert ask(hall_server, "/api/v1/tickets", "POST", body, **kind, **headers)[0].status == 201, headers
        assert ask(hall_server, POLL, **headers)[0].status == 200, headers


def test_another_sites_link_may_still_lead_here(hall_server: RunningServer) -> None:
    assert ask(hall_server, "/public", Sec_Fetch_Site="cross-site")[0].status == 200


@pytest.mark.parametrize(
    "path", ["/", "/t/1", "/public.json", "/api/v1/health", "/api/v1/nothing", "/static/phone.css", "/icon.svg", POLL]
)
def test_every_answer_says_what_browsers_may_do_with_it(hall_server: RunningServer, path: str) -> None:
    for headers in ({}, {"Host": "evil.example"}):
        answer, _ = ask(hall_server, path, **headers)
        assert {name: answer.headers.get_all(name) for name in ALWAYS} == {
            name: [said] for name, said in ALWAYS.items()
        }
        [policy] = answer.headers.get_all("Content-Security-Policy") or []
        assert "frame-ancestors 'none'" in policy and "default-src" in policy
        assert "camera=()" in answer.headers["Permissions-Policy"]
        assert answer.headers["Strict-Transport-Security"] is None, "which is a word for HTTPS only"


def test_over_https_browsers_are_told_to_stay_there(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("proxied")
    (folder / "server.toml").write_text('[network]\nbehind_proxy = true\nnames = ["queue.example.org"]\n')
    server = RunningServer(folder)
    try:
        proxied = {"X_Forwarded_Proto": "https", "X_Forwarded_Host": "queue.example.org", "X_Forwarded_For": "10.1.2.3"}
        answer, _ = ask(server, "/board?language=ar", **proxied)
        assert answer.headers["Strict-Transport-Security"] == "max-age=2592000"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(answer.headers["Set-Cookie"].split("; "))
        ours, foreign = "https://queue.example.org", "http://queue.example.org"
        assert ask(server, POLL, Origin=ours, **proxied)[0].status == 200
        assert code(ask(server, POLL, Origin=foreign, **proxied)) == (403, "foreign_origin")
    finally:
        server.kill()


def test_the_cookie_of_the_language_is_for_no_script_and_no_other_site(hall_server: RunningServer) -> None:
    answer, _ = ask(hall_server, "/board?language=ar")
    assert {"HttpOnly", "SameSite=Lax"} <= set(answer.headers["Set-Cookie"].split("; "))


def test_what_is_too_large_is_not_read(hall_server: RunningServer) -> None:
    large = b" " * (LARGE_BYTES + 1)
    for path in ("/api/v1/tickets", "/api/v1/settings/check"):
        assert code(ask(hall_server, path, "POST", large, Content_Type="application/json")) == (413, "too_large"), path
    opened = json.loads(ask(hall_server, POLL)[1][1:])
    assert code(ask(hall_server, f"{POLL}&sid={opened['sid']}", "POST", large)) == (400, "not_json")


def test_what_is_no_packet_is_refused_over_polling_too(hall_server: RunningServer) -> None:
    opened = json.loads(ask(hall_server, POLL)[1][1:])
    for nonsense in (b"", b"9", b"4[" * 1000, b"bAAAA", b"451-[1]", b"\xff", b"\x1e".join([b"3"] * 17)):
        said = code(ask(hall_server, f"{POLL}&sid={opened['sid']}", "POST", nonsense))
        assert said == (400, "not_json"), nonsense
