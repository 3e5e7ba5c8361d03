"""What people and devices sign in with stands in nothing that the server prints or logs."""

import json
import socket
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import simple_websocket

from tests.server.running import RunningServer

SECRET = "hush-9f3c51d0"


def test_no_key_reaches_the_journal_wherever_it_was_sent(tmp_path: Path) -> None:
    server = RunningServer(tmp_path)
    try:
        keys = {"Authorization": f"Bearer {SECRET}", "Cookie": f"session={SECRET}"}
        for path in ("/health", "/nothing", "/counters/1/call-next", f"/tickets/{SECRET}"):
            server.get(path, **keys)
            server.post(path, {"secret": SECRET, "pin": SECRET}, **keys)
        server.ask("POST", "/tickets", f'{{"pin": "{SECRET}", '.encode(), keys)
        for request in (
            f"GET /t/{SECRET} more HTTP/1.1\r\n\r\n",
            f"{SECRET}\r\n\r\n",
            f"GET / HTTP/1.1\r\nAuthorization Bearer {SECRET}\r\n\r\n",
            f"GET / HTTP/1.1\r\nHost: {SECRET}\r\nContent-Length: {SECRET}\r\n\r\n",
            "GET / HTTP/1.1\r\n" + f"X: {SECRET}\r\n" * 200 + "\r\n",
            f"POST /api/v1/tickets HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{SECRET}\r\n",
        ):
            _send(server, request)
        for auth in (f'{{"token": "{SECRET}"}}', f'{{"token": "{SECRET}", "role": "{SECRET}"}}', f'"{SECRET}"', SECRET):
            line = simple_websocket.Client(
                f"{server.address.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket"
            )
            line.send(f"40{auth}")
            line.send(f'421["call-next", {{"counter": "1", "token": "{SECRET}"}}]')
            line.send(f'422["{SECRET}"]')
            line.send(f"42[{SECRET}")
            with suppress(simple_websocket.ConnectionClosed):
                while line.receive(timeout=0.5):
                    pass
    finally:
        server.stop()
    said = "".join(server.said) + str(server.process.stdout and server.process.stdout.read())
    logged = (tmp_path / "server.err").read_text("utf-8", "replace")
    assert "could not be read" in logged and "was ended" in logged, "which are the lines that could hold it"
    assert SECRET not in said + logged
    assert "Traceback" not in logged


def test_no_visitor_writes_into_the_journal(tmp_path: Path) -> None:
    server = RunningServer(tmp_path, open_to_all=False)
    forged = "INFO server: all is well"
    try:
        for run in range(20):
            line = simple_websocket.Client(
                f"{server.address.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket"
            )
            line.send("40" + json.dumps({"id": f"page\n{forged}", "log": "another", "run": str(run)}))
            while not (said := line.receive(timeout=5) or "44").startswith("44"):
                pass
            assert "other_log" in said
            line.close()
    finally:
        server.stop()
    assert forged not in (tmp_path / "server.err").read_text("utf-8", "replace")


def test_nonsense_does_not_wash_the_journal_out(tmp_path: Path) -> None:
    server = RunningServer(tmp_path)
    try:
        for _ in range(100):
            _send(server, "nonsense\r\n\r\n")
            line = simple_websocket.Client(
                f"{server.address.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket"
            )
            line.send("40")
            line.send("42nonsense")
            with suppress(simple_websocket.ConnectionClosed):
                while line.receive(timeout=5):
                    pass
    finally:
        server.stop()
    logged = (tmp_path / "server.err").read_text("utf-8", "replace")
    assert 1 <= logged.count("could not be read") < 50
    assert 1 <= logged.count("was ended") < 50


def _send(server: RunningServer, request: str) -> None:
    with closing(socket.create_connection(("127.0.0.1", urlsplit(server.address).port or 0), 10)) as sock:
        sock.sendall(request.encode())
        sock.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            while sock.recv(65536):
                pass
