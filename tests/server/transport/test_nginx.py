"""A real nginx in front of a real server: what comes through, as whom, and what does not."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dawr.client import Client
from dawr.settings.server import Network
from server.transport.front import CONFIGURATION, FOLDER, Front
from tests.dawr.test_client import at
from tests.house.source import ROOT
from tests.peer import Peer, until
from tests.server.running import ALWAYS_OPEN, always_open
from tests.server.transport.fronted import HERE, Hall, Nginx, free_ports, nginx_before, pinned


class Heard(BaseHTTPRequestHandler):
    """Tells what came in."""

    def do_GET(self) -> None:
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx in front of something that tells what came in."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Heard)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with nginx_before(server.server_address[1], tmp_path_factory.mktemp("echo")) as nginx:
        yield nginx
    server.shutdown()
    server.server_close()


def raw(port: int, head: str) -> str:
    """The first line of what is answered to something that no proper client says."""
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(head.encode())
        return line.recv(4096).decode(errors="replace")


def test_a_board_and_a_script_work_through_it(hall: Hall, tmp_path: Path) -> None:
    pin = pinned(tmp_path, hall.nginx.ca_file)
    heard: list[object] = []
    client = Client(at(hall.nginx.address), {"role": "board", "id": "hall"}, {"board": heard.append}, pin=pin)
    client.start()
    until(lambda: heard)
    taken = hall.nginx.ask("/api/v1/tickets", method="POST", body={"service": "birth"})
    assert taken.status == 201
    until(lambda: len(heard) > 1)
    client.stop()


def test_a_page_connects_from_its_own_origin_and_from_no_other(hall: Hall) -> None:
    handshake = "/socket.io/?EIO=4&transport=polling"
    assert hall.nginx.ask(handshake, Origin=hall.nginx.address).status == 200
    assert hall.nginx.ask(handshake, Origin="https://evil.example.org").status == 403


@pytest.mark.parametrize("host", ["evil.example.org", "10.77.0.2", "localhost.evil.example.org"])
def test_a_name_that_is_none_of_ours_is_refused_in_words(hall: Hall, host: str) -> None:
    for refused in (hall.nginx.ask("/api/v1/health", Host=host), hall.nginx.plainly("/board", Host=host)):
        assert refused.status == 421
        assert "not known by this name" in refused.body.decode()
        assert "غير معروف" in refused.body.decode()


@pytest.mark.parametrize("host", ["localhost", "queue.example.org", f"{socket.gethostname().lower()}.local"])
def test_every_name_of_the_centre_is_taken(hall: Hall, host: str) -> None:
    assert hall.nginx.ask("/api/v1/health", Host=f"{host}:{hall.nginx.https_port}").status == 200


def test_what_a_caller_says_of_himself_is_written_over(echo: Nginx) -> None:
    lies = {
        "X_Forwarded_For": "10.0.0.1",
        "X_Forwarded_Proto": "http",
        "X_Forwarded_Host": "evil.example.org",
        "X_Forwarded_Port": "1",
        "X_Forwarded_Prefix": "/evil",
        "Forwarded": "for=10.0.0.1",
    }
    heard = echo.ask("/", **lies, Cookie="session=1", Authorization="Bearer 1").json
    own = f"127.0.0.1:{echo.https_port}"
    said = {name: value for name, value in heard.items() if "forwarded" in name or name == "host"}
    assert said == {"host": own, "x-forwarded-host": own, "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https"}
    assert (heard["cookie"], heard["authorization"]) == ("session=1", "Bearer 1")


def test_by_plain_http_no_secret_comes_to_the_server(echo: Nginx) -> None:
    heard = echo.plainly("/t/abc", Cookie="session=1", Authorization="Bearer 1").json
    assert not {"cookie", "authorization"} & set(heard)
    assert heard["x-forwarded-proto"] == "http"


def test_an_address_in_the_first_line_cannot_bring_another_name_in(echo: Nginx) -> None:
    head = "GET http://127.0.0.1/t/abc HTTP/1.1\r\nHost: evil.example.org\r\nConnection: close\r\n\r\n"
    assert "evil" not in raw(echo.http_port, head)


@pytest.mark.parametrize("path", ["/t/abc", "/board", "/static/board.css", "/icon.svg"])
def test_public_pages_come_by_plain_http(hall: Hall, path: str) -> None:
    answer = hall.nginx.plainly(path)
    assert answer.status in (200, 404)
    assert answer.headers["Content-Type"].split(";")[0] != "text/plain"


@pytest.mark.parametrize("path", ["/", "/counter/1", "/admin", "/live", "/ca.pem", "/api/v1/health", "/boards"])
def test_all_else_is_led_to_https(hall: Hall, path: str) -> None:
    answer = hall.nginx.plainly(path)
    assert answer.status == 302
    assert answer.headers["Location"] == f"{hall.nginx.address}{path}"


def test_only_what_the_settings_name_comes_by_plain_http(echo: Nginx, tmp_path: Path) -> None:
    assert echo.plainly("/t/abc").status == 200
    for path in ("/board", "/socket.io/?EIO=4&transport=polling"):
        assert echo.plainly(path).status == 302
    with nginx_before(9, tmp_path, plain_http=[]) as closed:
        assert [closed.plainly(path).status for path in ("/t/abc", "/static/board.css")] == [302, 302]


def test_the_certificate_of_its_authority_is_there_for_all(hall: Hall) -> None:
    assert hall.nginx.ask("/ca.pem").body == hall.nginx.ca_file.read_bytes()


def test_two_hundred_devices_of_one_address_are_all_let_in(hall: Hall) -> None:
    """A router between the devices and the server may make one address of them."""
    opening = (
        f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost:{hall.nginx.https_port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    with ExitStack() as lines:
        tls = hall.nginx.context()
        statuses = []
        for _ in range(200):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", hall.nginx.https_port), 20))
            inside = lines.enter_context(tls.wrap_socket(line, server_hostname="localhost"))
            inside.sendall(opening.encode())
            statuses.append(int(inside.recv(100).split()[1]))
    assert statuses == [101] * 200


def test_who_asks_too_much_is_told_so_and_others_go_on(echo: Nginx) -> None:
    def asked_from(address: str) -> int:
        with socket.socket() as line:
            line.settimeout(10)
            line.bind((address, 0))
            line.connect(("127.0.0.1", echo.http_port))
            line.sendall(b"GET /t/abc HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return int(line.recv(100).split()[1])

    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(lambda _: asked_from("127.0.0.77"), range(600)))
    assert statuses == {200, 429}
    assert asked_from("127.0.0.78") == 200


def test_a_body_that_is_too_large_never_reaches_the_server(hall: Hall) -> None:
    assert hall.nginx.ask("/api/v1/tickets", method="POST", body="x" * 600_000).status == 413


def test_while_the_server_is_away_it_is_said_and_then_all_goes_on(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with nginx_before(port, tmp_path) as nginx:
        away = nginx.ask("/")
        assert (away.status, away.headers["Retry-After"]) == (503, "5")
        assert "خادم المركز لا يجيب" in away.body.decode()
        server = ThreadingHTTPServer(("127.0.0.1", port), Heard)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert nginx.ask("/").status == 200
        server.shutdown()
        server.server_close()


def test_a_new_address_brings_a_new_certificate_while_devices_stay_connected(
    own_peer: Peer, folder: Path, tmp_path: Path
) -> None:
    with nginx_before(own_peer.port, tmp_path) as nginx:
        pin = pinned(folder, nginx.ca_file)
        falls: list[str] = []
        board = {"role": "board", "id": "hall"}
        client = Client(at(nginx.address), board, {}, pin=pin, on_down=lambda: falls.append("down"))
        client.start()
        until(lambda: client.is_up)
        before = nginx.serial()
        network = Network(https_port=nginx.https_port, http_port=nginx.http_port)
        moved = Front(tmp_path, always_open(), network, own_peer.port, lambda: HERE | {"10.77.0.9"})
        moved.follow()
        until(lambda: nginx.serial() != before)
        until(lambda: nginx.ask("/got", Host="10.77.0.9").status == 200)
        assert (client.is_up, falls) == (True, [])
        again = Client(at(nginx.address), board, {}, pin=pin)
        again.start()
        until(lambda: again.is_up)
        again.stop()
        client.stop()


def test_a_start_with_another_port_is_followed(tmp_path: Path) -> None:
    with Hall(tmp_path) as hall:
        hall.server.stop()
        hall.server.start()
        until(lambda: hall.nginx.ask("/api/v1/health").status == 200)


def test_dawr_nginx_writes_what_nginx_can_start_with(tmp_path: Path) -> None:
    (tmp_path / "centre.toml").write_text(ALWAYS_OPEN, "utf-8")
    words = ("--config", tmp_path, "--data", tmp_path / "da ta", "--language", "en")
    said = subprocess.run(
        [sys.executable, "-m", "server.transport.nginx_command", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    file = tmp_path / "da ta" / FOLDER / CONFIGURATION
    assert (said.returncode, said.stdout.splitlines()[-1]) == (0, f"nginx -e stderr -c {file}")
    assert "behind_proxy = true" in said.stderr
    subprocess.run(["nginx", "-t", "-e", "stderr", "-c", file], check=True, capture_output=True, timeout=30)


def test_a_damaged_authority_hinders_the_start_with_a_sentence(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    hall.nginx.stop()
    hall.server.stop()
    hall.nginx.ca_file.write_text("")
    words = ("--config", tmp_path, "--data", hall.server.data, "--port", "0", "--no-discovery", "--language", "en")
    said = subprocess.run(
        [sys.executable, "-m", "server", *words], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert said.returncode == 1
    assert "certificate authority cannot be used" in said.stderr
    assert "Traceback" not in said.stderr
    assert hall.nginx.ca_file.read_text() == ""
