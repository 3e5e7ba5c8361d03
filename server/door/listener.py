"""The server's socket: how many may be connected, and how long anybody may take to ask and to listen.

pywsgi itself waits for ever: for the end of a request's head, for a body, for somebody who does not read. It is asked
for nothing else here.
"""

import resource
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

import gevent
from gevent.pywsgi import WSGIHandler, WSGIServer

from server.door import limits
from server.door.limits import Crowd, whose
from server.interface.routes import LARGE_BYTES

MOST_BODY = LARGE_BYTES + 64 * 1024
"""What is read of a body that nobody wants, so that its sender hears the answer."""

FILES = 4096
"""A live connection takes two file descriptors, and many systems give a process no more than 1024 unless asked."""

FULL = (
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\n"
    "الاتصالات كثيرة جدًا. انتظروا قليلًا ثم حاولوا مرة أخرى.\n"
    "Too many connections. Please wait a moment, then try again.\n"
).encode()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the server waits for whoever is connected, in seconds."""

    idle_s: float = 75.0
    """Between two requests of a connection; longer than nginx keeps one, which would else take a closed one."""
    head_s: float = 10.0
    """For a request's first line, and for the rest of its head."""
    body_s: float = 30.0
    """For all of a request's body."""
    send_s: float = 120.0
    """Until a piece of an answer is read, which may be a report of some megabytes on bad Wi-Fi."""


class TooSlow(OSError, ValueError):
    """Somebody took too long, or sent without an end. As OSError and ValueError, it is nothing new to pywsgi."""


class Listener(WSGIServer):  # type: ignore[misc]
    """A WSGI server for a network in which anybody may be."""

    def __init__(self, *arguments: Any, crowd: Crowd, patience: Patience | None = None, **options: Any) -> None:
        super().__init__(*arguments, handler_class=_Patient, **options)
        self._crowd, self.patience, self.complaints = crowd, patience or Patience(), limits.complaints()
        _allow_files()

    def handle(self, sock: Any, address: Any) -> None:
        """A connection, from its first byte to its end."""
        who = whose(address[0]) if isinstance(address, tuple) else ""
        if not self._crowd.let_in(who):
            with closing(sock), suppress(OSError):
                sock.sendall(FULL)
            return
        try:
            # What goes wrong in an answer is caught where it is made; here only whoever asked can have gone.
            with suppress(OSError):
                super().handle(sock, address)
        finally:
            self._crowd.leave(who)


def _allow_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Patient(WSGIHandler):  # type: ignore[misc]
    """Patient for a while."""

    def read_requestline(self) -> str:
        with gevent.Timeout(self.server.patience.idle_s, TooSlow("nothing was asked")):
            self.rfile.peek(1)
        with gevent.Timeout(self.server.patience.head_s, TooSlow("the first line did not end")):
            line: str = super().read_requestline()
        return line

    def read_request(self, raw_requestline: str) -> bool:
        with gevent.Timeout(self.server.patience.head_s, TooSlow("the head did not end")):
            try:
                read: bool = super().read_request(raw_requestline)
            except HTTPException as problem:
                raise TooSlow(str(problem)) from None  # more lines than any head has; a traceback would fill journals
        return read

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        if environ["wsgi.input"] is self.wsgi_input:
            self.wsgi_input.rfile = _Body(self)
        else:
            # What comes after a live connection's end is a rest of it, and no request.
            self.close_connection = True
        return environ

    def log_error(self, _message: str, *_facts: Any) -> None:
        """Who it was. What was sent may be a key that came to the wrong place, and stands in no journal."""
        who = self.client_address[0] if isinstance(self.client_address, tuple) else "nginx"
        if self.server.complaints.has_room(whose(who)):
            self.server.error_log.write(f"a request from {who} could not be read")

    def _sendall(self, data: bytes) -> None:
        with gevent.Timeout(self.server.patience.send_s, BrokenPipeError("the answer was not read")):
            super()._sendall(data)


class _Body:
    """What a request's body is read from, for a while and not without an end; then its connection has ended."""

    def __init__(self, handler: _Patient) -> None:
        self._handler, self._file = handler, handler.rfile
        self._left_s, self._left_bytes = handler.server.patience.body_s, MOST_BODY

    def read(self, size: int = -1) -> bytes:
        return self._taken(self._file.read, size)

    def readline(self, size: int = -1) -> bytes:
        return self._taken(self._file.readline, size)

    def _taken(self, take: Callable[[int], bytes], size: int) -> bytes:
        gevent.sleep(0)  # whoever sends without a pause leaves one to others
        began_s = time.monotonic()
        try:
            if max(size, 0) > self._left_bytes:
                raise TooSlow("the body is larger than any that is taken")
            with gevent.Timeout(self._left_s, TooSlow("the body did not end")):
                data = take(size)
        except OSError:
            self._handler.close_connection = True
            raise
        self._left_bytes -= len(data)
        self._left_s = max(0.001, self._left_s - (time.monotonic() - began_s))
        return data
