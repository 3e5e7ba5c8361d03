"""A volatile image offered to QEMU as a network block device (NBD) over a Unix socket.

The fixed newstyle handshake and simple replies of the NBD protocol (github.com/NetworkBlockDevice/nbd, doc/proto.md).
"""

import socket
import struct
import threading
from enum import IntEnum
from pathlib import Path

from lab.power.volatile_image import VolatileImage

_HAS_FLAGS, _SEND_FLUSH, _SEND_FUA = 1, 4, 8
_FLAGS = _HAS_FLAGS | _SEND_FLUSH | _SEND_FUA
_FIXED_NEWSTYLE, _NO_ZEROES = 1, 2
_ACK, _REPLY_INFO, _UNSUPPORTED = 1, 3, 0x80000001
_READ, _WRITE, _DISCONNECT, _FLUSH = 0, 1, 2, 3
_FUA = 1


class _Option(IntEnum):
    EXPORT_NAME, ABORT, INFO, GO = 1, 2, 6, 7


class NetworkDisk:
    """Serves an image at a socket's address to everyone who connects, until it is closed."""

    def __init__(self, image: VolatileImage, address: Path) -> None:
        self._image, self._serving = image, list[threading.Thread]()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(address))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take nobody on any more."""
        self._listener.close()

    def wait_until_left(self) -> None:
        """Wait until nobody is connected: what a dead machine wrote last may still be on its way."""
        while self._serving:
            self._serving.pop().join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            serving = threading.Thread(target=_serve, args=(connection, self._image), daemon=True)
            self._serving.append(serving)
            serving.start()


def _serve(connection: socket.socket, image: VolatileImage) -> None:
    # A machine whose power is cut goes without a word.
    try:
        with connection:
            if _greet(connection, image):
                while _answer(connection, image):
                    pass
    except (EOFError, OSError):
        return


def _greet(connection: socket.socket, image: VolatileImage) -> bool:
    """Agree with the client. Whether it goes on."""
    connection.sendall(b"NBDMAGICIHAVEOPT" + struct.pack(">H", _FIXED_NEWSTYLE | _NO_ZEROES))
    [wishes] = struct.unpack(">I", _exactly(connection, 4))
    while True:
        _magic, option, length = struct.unpack(">QII", _exactly(connection, 16))
        _exactly(connection, length)
        match option:
            case _Option.EXPORT_NAME:
                zeroes = b"" if wishes & _NO_ZEROES else bytes(124)
                connection.sendall(struct.pack(">QH", len(image), _FLAGS) + zeroes)
                return True
            case _Option.ABORT:
                _reply(connection, option, _ACK)
                return False
            case _Option.INFO | _Option.GO:
                _reply(connection, option, _REPLY_INFO, struct.pack(">HQH", 0, len(image), _FLAGS))
                _reply(connection, option, _ACK)
                if option == _Option.GO:
                    return True
            case _:
                _reply(connection, option, _UNSUPPORTED)


def _reply(connection: socket.socket, option: int, kind: int, data: bytes = b"") -> None:
    connection.sendall(struct.pack(">QIII", 0x3E889045565A9, option, kind, len(data)) + data)


def _answer(connection: socket.socket, image: VolatileImage) -> bool:
    """Do one request. Whether there may be more."""
    _magic, flags, request, handle, offset, length = struct.unpack(">IHHQQI", _exactly(connection, 28))
    data = b""
    if request == _READ:
        data = image.read(offset, length)
    elif request == _WRITE:
        image.write(offset, _exactly(connection, length), through=bool(flags & _FUA))
    elif request == _FLUSH:
        image.flush()
    elif request == _DISCONNECT:
        return False
    connection.sendall(struct.pack(">IIQ", 0x67446698, 0, handle) + data)
    return True


def _exactly(connection: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        more = connection.recv(length - len(data))
        if not more:
            raise EOFError
        data += more
    return data
