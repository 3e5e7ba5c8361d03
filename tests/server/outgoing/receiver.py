"""A real program that takes what it is sent by HTTP, and can refuse it, be silent or be away."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """Listens on a free port from `up` to `down`; the port stays the same."""

    status: int = 204
    silent: bool = False
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self.asked, self._let_go = threading.Event(), threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/alerts?for=hall"

    @property
    def told(self) -> list[Any]:
        return [json.loads(body) for body in self.bodies]

    def up(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.asked.set()
                if receiver.silent:
                    receiver._let_go.wait(30)
                    return
                if receiver.status < 300:
                    receiver.bodies.append(body)
                    receiver.headers.append({**self.headers, "path": self.path})
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def down(self) -> None:
        self._let_go.set()
        self._server.shutdown()
        self._server.server_close()
