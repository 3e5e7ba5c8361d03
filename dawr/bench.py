"""The test bench of a device: see its picture, touch it and press its buttons without the hardware.

A device that was started with `--bench PORT` answers here, on this machine only. The demo's hall page and the
tests are its two users.
"""

import io
import json
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from PIL import Image

LONGEST_WAIT_S = 20.0


class Bench:
    """One device's bench.

    `on_tap(x, y)` gets fractions 0..1 of the picture, `on_press(button)` a button's name and may raise
    `KeyError` for one that the device does not have; both are called on the bench's own threads.
    """

    def __init__(
        self,
        port: int,
        *,
        on_tap: Callable[[float, float], None] | None = None,
        on_press: Callable[[str], None] | None = None,
        state: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        self.on_tap, self.on_press, self.state = on_tap, on_press, state
        self._changed = threading.Condition()
        self._frame = 0
        self._pixels: tuple[bytes, tuple[int, int]] | None = None
        self._encoded: tuple[int, bytes] = (0, b"")
        self._web = _Web(("127.0.0.1", port), self._handler())
        self._thread = threading.Thread(target=self._web.serve_forever, name="bench", daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on; useful when 0 was asked for."""
        return int(self._web.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._web.shutdown()
        self._web.server_close()

    def show(self, rgb: bytes, size: tuple[int, int]) -> None:
        """Make this the device's picture: three bytes a pixel, rows from the top; size is (width, height) in pixels."""
        with self._changed:
            self._pixels = (rgb, size)
            self._frame += 1
            self._changed.notify_all()

    def picture(self, after: int = -1) -> tuple[int, bytes] | None:
        """The newest frame number with its PNG; None when nothing newer than `after` came within 20 s."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._pixels and self._frame > after, LONGEST_WAIT_S):
                return None
            assert self._pixels is not None
            frame, (rgb, size) = self._frame, self._pixels
        if self._encoded[0] != frame:
            self._encoded = (frame, _png(rgb, size))
        return self._encoded

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        bench = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = urlsplit(self.path)
                if path.path == "/state":
                    return self._answer(200, json.dumps(bench.state()).encode(), "application/json")
                if path.path != "/picture":
                    return self._answer(404)
                newest = bench.picture(int(parse_qs(path.query).get("after", ["-1"])[0]))
                if newest is None:
                    return self._answer(204)
                return self._answer(200, newest[1], "image/png", frame=newest[0])

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
                try:
                    if self.path == "/tap" and bench.on_tap:
                        bench.on_tap(float(body["x"]), float(body["y"]))
                    elif self.path == "/press" and bench.on_press:
                        bench.on_press(str(body["button"]))
                    else:
                        return self._answer(404)
                except (KeyError, ValueError):
                    return self._answer(400)
                return self._answer(204)

            def _answer(
                self, status: int, body: bytes = b"", kind: str = "text/plain", frame: int | None = None
            ) -> None:
                self.send_response(status)
                if body:
                    self.send_header("Content-Type", kind)
                if frame is not None:
                    self.send_header("X-Frame", str(frame))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Stay quiet: a picture a second is no news."""

        return Handler


class _Web(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked and did not wait for the answer is no news either; what else goes wrong is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _png(rgb: bytes, size: tuple[int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.frombytes("RGB", size, rgb).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
