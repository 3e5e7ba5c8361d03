"""A network cable for tests that can be pulled out: nothing passes any more, and nobody is told."""

import socket
import threading
from contextlib import suppress

PIECE_BYTES = 65536


class Cable:
    """From a free port of this machine to a server at `address`. What is held while it is out comes when it is in."""

    def __init__(self, address: str, cuts: bytes = b"") -> None:
        """It cuts a connection that would carry `cuts`, if any, to the server."""
        host, _, port = address.removeprefix("http://").partition(":")
        self._far_end = host, int(port)
        self._cuts = cuts
        self._there, self._back = threading.Event(), threading.Event()
        self._ends: list[socket.socket] = []
        self.plug_in()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def pull(self) -> None:
        """Take it out."""
        self._there.clear()
        self._back.clear()

    def pull_back(self) -> None:
        """Let everything pass to the server and nothing back."""
        self._back.clear()

    def plug_in(self) -> None:
        """Put it in again."""
        self._there.set()
        self._back.set()

    def drop(self) -> None:
        """Lose what is held, with every connection."""
        for end in self._ends:
            _shut(end)
        self._ends.clear()

    def close(self) -> None:
        """Throw it away."""
        self.drop()
        self.plug_in()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        self._there.wait()
        try:
            far = socket.create_connection(self._far_end)
        except OSError:
            _shut(near)
            return
        self._ends += near, far
        for one, other, way in ((near, far, self._there), (far, near, self._back)):
            threading.Thread(target=self._carry, args=(one, other, way), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, way: threading.Event) -> None:
        with suppress(OSError):
            while piece := one.recv(PIECE_BYTES):
                way.wait()
                if self._cuts and self._cuts in piece:
                    break
                other.sendall(piece)
        _shut(one)
        _shut(other)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
