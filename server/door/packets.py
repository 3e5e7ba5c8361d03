"""What comes in over Socket.IO, before anybody takes it apart: whole, in one of the few forms that devices send.

Dawr sends no binary data, no device uses the names of events that are none, and nothing else has to be held in
memory or understood.
"""

import io
import logging
import re
from typing import Any

from engineio.payload import Payload
from flask_socketio import SocketIO
from socketio.packet import CONNECT, DISCONNECT, EVENT, Packet

from dawr.errors import NotJson, TooManyMessages
from dawr.settings.centre import Centre
from dawr.words import Words
from server.door import limits
from server.door.limits import Overflow
from server.door.origin import LIVE
from server.interface.problems import problem

SENT_AWAY = "sent-away"
# Engine.IO: close, probe, pong, upgrade, nothing, and a message of Socket.IO without attachments.
_ENGINE = re.compile(r"[156]\Z|[23](probe)?\Z|4[0-4]")
_SEPARATOR = "\x1e"
# Whoever could send "*" would say in its place whose connection it comes from.
_OUR_OWN = frozenset({"connect", "disconnect", "*"})

_log = logging.getLogger(__name__)


def is_packet(data: object) -> bool:
    """Whether this may be a packet of Engine.IO from one of our devices or pages."""
    return isinstance(data, str) and _ENGINE.match(data) is not None


def well_formed(environ: dict[str, Any], most_bytes: int) -> bool:
    """Whether what is posted to Socket.IO consists of packets. It is read for that, and can be read again after."""
    if environ["REQUEST_METHOD"] != "POST" or not environ["PATH_INFO"].startswith(LIVE):
        return True
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > most_bytes:
        return False
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    try:
        packets = body.decode("utf-8").split(_SEPARATOR)
    except UnicodeDecodeError:
        return False
    return len(packets) <= Payload.max_decode_packets and all(map(is_packet, packets))


class Hearing:
    """Listens to every connection of Socket.IO first, and ends those that say too much or nonsense."""

    def __init__(self, socketio: SocketIO, centre: Centre) -> None:
        self._server, self._centre, self._sleep = socketio.server, centre, socketio.sleep
        self._messages, self._of_address = limits.messages(), limits.messages_of_address()
        self._complaints = limits.complaints()
        self._hear = self._server.eio.handlers["message"]
        self._server.eio.on("message", self._heard)

    def _heard(self, connection: str, data: Any) -> None:
        if connection not in self._server.environ:
            return  # it was sent away, and this came after it
        try:
            self._messages.take(connection)
            if not self._is_sound(connection, data):
                raise NotJson("this is no message of Socket.IO")
        except Overflow:
            self._send_away(connection, TooManyMessages("too many messages over one connection"))
        except NotJson as refusal:
            self._send_away(connection, refusal)
        else:
            self._wait_for_others(connection)
            self._hear(connection, data)

    def _wait_for_others(self, connection: str) -> None:
        """Until its turn has come; meanwhile nothing more is read from it."""
        if wait_s := self._of_address.take(self._whose(connection)):
            self._sleep(wait_s)

    def _whose(self, connection: str) -> str:
        return limits.whose(self._server.environ.get(connection, {}).get("REMOTE_ADDR", ""))

    def _send_away(self, connection: str, refusal: NotJson | TooManyMessages) -> None:
        """Tell it why, if it is still there to be told; what it says after that is not heard."""
        line = self._server.eio.sockets.get(connection)
        if line is None or line.closing:
            return
        if self._complaints.has_room(self._whose(connection)):
            _log.warning("a connection was ended: %s", refusal)  # not what it said, which may be a key
        if sid := self._server.manager.sid_from_eio_sid(connection, "/"):
            about = self._centre.centre
            said = problem(refusal, Words(about.languages[0], about.digits))
            self._server.emit(SENT_AWAY, said, to=sid)
        line.close(wait=False)
        self._messages.forget(connection)

    def _is_sound(self, connection: str, data: Any) -> bool:
        """Whether Socket.IO will know what to do with it."""
        try:
            packet = Packet(encoded_packet=data)
        except (ValueError, TypeError, IndexError, RecursionError):
            return False
        if packet.packet_type == CONNECT:
            # A second time would leave the first one connected without anybody who knows of it.
            return self._server.manager.sid_from_eio_sid(connection, packet.namespace or "/") is None
        if packet.packet_type == EVENT:
            said = packet.data
            return isinstance(said, list) and bool(said) and isinstance(said[0], str) and said[0] not in _OUR_OWN
        return packet.packet_type == DISCONNECT or isinstance(packet.data, list)
