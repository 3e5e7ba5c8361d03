"""Live connections under gevent: fair to others, in what they send and in what they do not read.

simple-websocket reads on as long as there is something, keeps messages of any length, waits for ever until the other
side reads, and does not notice that it sent only a part. Each of these would let one visitor stop the hall.
"""

from collections.abc import Callable
from typing import Any

import gevent
import simple_websocket
from engineio.async_drivers.gevent import Thread, WebSocketWSGI
from flask_socketio import SocketIO
from gevent.event import Event
from gevent.lock import BoundedSemaphore
from gevent.selectors import DefaultSelector
from simple_websocket import ConnectionClosed

from server.door import limits
from server.door.limits import Buckets
from server.door.packets import is_packet

READ_BYTES = 1024
UNHEARD = 16
"""So many messages may wait to be heard; before they are, no more is read."""
PAUSE_S = 0.02
SEND_S = 10.0


def be_fair(socketio: SocketIO) -> None:
    """Let a Socket.IO server under gevent make its connections so."""
    engine, bytes_of = socketio.server.eio, limits.live_bytes()

    class WebSocket(_WebSocket):
        def __init__(self, handler: Callable[..., Any], server: Any) -> None:
            super().__init__(handler, server, bytes_of)

    engine._async = {**engine._async, "websocket": WebSocket}


class _WebSocket(WebSocketWSGI):  # type: ignore[misc]
    def __init__(self, handler: Callable[..., Any], server: Any, bytes_of: Buckets) -> None:
        super().__init__(handler, server)
        self._most_bytes, self._bytes_of = server.max_http_buffer_size, bytes_of

    def __call__(self, environ: dict[str, Any], _start_response: Callable[..., Any]) -> Any:
        whose = limits.whose(environ.get("REMOTE_ADDR", ""))
        self.ws = _Line(environ, self._most_bytes, lambda sent: self._bytes_of.take(whose, sent))
        return self.app(self)

    def wait(self) -> str | None:
        """The next packet; None when the connection has ended, or has to."""
        try:
            data = self.ws.receive()
        except ConnectionClosed:
            return None
        return data if is_packet(data) else None


class _Line(simple_websocket.Server):  # type: ignore[misc]
    sock: Any
    connected: bool

    def __init__(self, environ: dict[str, Any], most_bytes: int, pause_s: Callable[[int], float]) -> None:
        self._pause_s = pause_s
        super().__init__(
            # Offers of compression are passed over: some bytes can become a thousand times as many, of which no limit
            # here would know.
            {name: value for name, value in environ.items() if name != "HTTP_SEC_WEBSOCKET_EXTENSIONS"},
            receive_bytes=READ_BYTES,
            max_message_size=most_bytes,
            thread_class=Thread,
            event_class=Event,
            selector_class=DefaultSelector,
        )

    def handshake(self) -> None:
        super().handshake()
        self.sock = FairSocket(self.sock, lambda: len(self.input_buffer), self._pause_s)

    def close(self, reason: int | None = None, message: str | None = None) -> None:
        """Say goodbye, and wait for no answer: who gives none would stay for ever."""
        try:
            super().close(reason, message)
        finally:
            self.connected = False
            self.sock.end()


class FairSocket:
    """A socket as simple-websocket uses it."""

    def __init__(
        self, own: Any, unheard: Callable[[], int], pause_s: Callable[[int], float], send_s: float = SEND_S
    ) -> None:
        self._own, self._unheard, self._pause_s, self._send_s, self._wait_s = own, unheard, pause_s, send_s, 0.0
        self._turn = BoundedSemaphore()

    def recv(self, most: int) -> bytes:
        gevent.sleep(self._wait_s)  # also for 0: others go on in between
        while self._unheard() > UNHEARD:
            gevent.sleep(PAUSE_S)
        data: bytes = self._own.recv(most)
        self._wait_s = self._pause_s(len(data))
        return data

    def send(self, data: bytes) -> None:
        """All of it, or `BrokenPipeError` when the other side does not read."""
        try:
            # Answers to heartbeats go out between the packets of the other greenlet, never inside of one.
            with gevent.Timeout(self._send_s, BrokenPipeError("the other side does not read")), self._turn:
                self._own.sendall(data)
        except OSError as problem:
            self.end()
            raise BrokenPipeError(str(problem)) from None

    def end(self) -> None:
        """Whoever waits for it goes on."""
        try:
            self._own.shutdown(2)
        except OSError:
            return  # it is gone already

    def close(self) -> None:
        self._own.close()
