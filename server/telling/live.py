"""Socket.IO: devices and pages connect, send commands and are told. Who is told what, and when, is the teller's."""

import logging
import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import engineio.base_socket
import engineio.socket
from flask import Flask, request
from flask_socketio import ConnectionRefusedError, SocketIO, join_room
from pydantic import ConfigDict, Field

from dawr.errors import DawrError, DeviceTwice, OtherLog, UnknownCounter, UnknownDevice
from dawr.messages import Key, Message
from dawr.orders import OrderEnded
from dawr.settings.centre import Centre
from dawr.words import Words
from server.access.guard import Guard
from server.access.who import ANYBODY, Role, Who
from server.door.origin import is_own
from server.interface.incoming import command_id, read
from server.interface.problems import mistaken, problem
from server.interface.routes import COMMAND_ROUTES, LARGE_BYTES, CommandRoute, Notes
from server.keeping.writer import Do
from server.off_loop import AsyncMode
from server.telling.attendance import Attendance
from server.telling.teller import KIOSKS, Teller, counter_room, visitors_room

# A pulled cable is noticed after 6 s; the defaults take 45 s. And a connection that was cut for some seconds is given
# up before TCP, which doubles its pauses, tries again: all are right again within 5 s.
HEARTBEAT_S, PATIENCE_S = 3, 3

_log = logging.getLogger(__name__)


class Device(Message):
    """Who connects."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["kiosk", "counter", "board", "page"] = "page"
    """What it is; whoever does not say only looks on."""
    id: Annotated[Key, Field(validate_default=True)] = "unnamed"
    """Its own id; a kiosk's is in the centre's settings."""
    counter: Key | None = None
    """Id of the counter that it works for or follows."""
    language: Literal["ar", "en"] | None = None
    """Language of the sentences it is answered with; the centre's first one if left out."""
    run: Key | None = None
    """Id of this run of its program: by it a device that comes again is told from another that takes its name."""
    log: Key | None = None
    """Epoch of the log that it follows; left out by one that never met a log, and by one that follows none."""

    @property
    def row(self) -> str:
        """The row of the rights by which it connects; whoever only looks at the board is anybody."""
        return "connect" if self.role == "page" and self.counter is None else f"connect-{self.role}"

    @property
    def about(self) -> dict[str, str]:
        """What it says it is, or works for."""
        place = {"kiosk": self.id} if self.role == "kiosk" else {}
        return place if self.counter is None else place | {"counter": self.counter}


def make_socketio(app: Flask, async_mode: AsyncMode) -> SocketIO:
    """Socket.IO for an app. Pages of other sites cannot connect."""
    _let_heartbeats_be_monotonic()
    socketio = SocketIO(
        app,
        async_mode=async_mode,
        ping_interval=HEARTBEAT_S,
        ping_timeout=PATIENCE_S,
        max_http_buffer_size=LARGE_BYTES,
        cors_allowed_origins=is_own,
    )
    if async_mode == "gevent":
        from server.door.lines import be_fair

        be_fair(socketio)
    return socketio


def _let_heartbeats_be_monotonic() -> None:
    """Engine.IO measures heartbeats by the wall clock: set back, it would take dead devices for connected for hours."""
    engineio.socket.time = engineio.base_socket.time = SimpleNamespace(time=time.monotonic)


class Live:
    """The connections of a server."""

    def __init__(
        self,
        socketio: SocketIO,
        centre: Centre,
        do: Do,
        teller: Teller,
        logs: Collection[str],
        attendance: Attendance,
        clock: Callable[[], datetime],
        hear_ended: Callable[[str, OrderEnded], None],
        guard: Guard,
    ) -> None:
        self._hear_ended, self._guard = hear_ended, guard
        self._socketio, self._centre, self._do, self._teller = socketio, centre, do, teller
        self._logs, self._attendance, self._clock = logs, attendance, clock
        self._devices: dict[str, Device] = {}
        self._who: dict[str, Who] = {}
        self._said: dict[str, Notes] = {}
        self._refused: set[tuple[str, str | None]] = set()
        socketio.on_event("connect", self._connect)
        socketio.on_event("disconnect", self._disconnect)
        for route in COMMAND_ROUTES:
            socketio.on_event(route.command.NAME, self._taker(route))
        socketio.on_event("notes", self._hear_notes)
        socketio.on_event("order-ended", self._hear_order_ended)
        socketio.on_event("*", self._refuse_unknown)
        socketio.default_exception_handler = self._report

    def connections(self) -> int:
        """How many are connected."""
        return len(self._devices)

    def kiosks(self) -> dict[str, Notes]:
        """What each kiosk that is connected says of itself, by its id."""
        there = [(sid, one.id) for sid, one in list(self._devices.items()) if one.role == "kiosk"]
        return {id: self._said.get(sid, Notes()) for sid, id in there}

    def send(self, kiosk: str, event: str, order: Message) -> bool:
        """Send an order to a kiosk; False when it is not connected."""
        for sid, device in list(self._devices.items()):
            if (device.role, device.id) == ("kiosk", kiosk):
                self._socketio.emit(event, order.model_dump(mode="json", by_alias=True), to=sid)
                return True
        return False

    def proofs(self) -> set[str]:
        """By what those who are connected are known."""
        return {who.proof for who in self._who.values()}

    def part_with_revoked(self) -> None:
        """End the connections of those who belong no longer: a token was taken back, a session has ended."""
        for sid, who in list(self._who.items()):
            if not self._guard.holds(who):
                self._socketio.server.disconnect(sid)

    def _connect(self, auth: Any = None) -> None:
        sid: str = request.sid  # type: ignore[attr-defined]
        device: Device | None = None
        try:
            said_of_itself = auth if isinstance(auth, dict) else {}
            device = read(Device, said_of_itself)
            who = self._guard.who(said_of_itself.get("token"))
            self._guard.permit(who, device.row, device.about)
            self._refuse_a_stranger(device)
            self._refuse_another_log(device)
            self._refuse_a_second(device)
        except DawrError as refusal:
            said = problem(refusal, self._words(device))
            raise ConnectionRefusedError(said["detail"], said) from None
        self._devices[sid], self._who[sid] = device, who
        self._attendance.came(device.role, device.id, device.counter, self._clock())
        if device.role == "kiosk":
            join_room(KIOSKS)
        faces_visitor = who.role is Role.TABLET
        if device.counter:
            join_room(visitors_room(device.counter) if faces_visitor else counter_room(device.counter))
        self._teller.greet(sid, kiosk=device.role == "kiosk", counter=device.counter, faces_visitor=faces_visitor)

    def _disconnect(self, _reason: str) -> None:
        sid: str = request.sid  # type: ignore[attr-defined]
        device = self._devices.pop(sid, None)
        self._said.pop(sid, None)
        self._who.pop(sid, None)
        if device and not any((one.role, one.id) == (device.role, device.id) for one in self._devices.values()):
            self._attendance.went(device.role, device.id, device.counter, self._clock())

    def _refuse_a_stranger(self, device: Device) -> None:
        """The settings have to know it: this finds mistaken settings."""
        if device.role == "kiosk" and device.id not in {kiosk.id for kiosk in self._centre.kiosks}:
            raise UnknownDevice(f"there is no kiosk {device.id}", device=device.id)
        if device.role == "counter" and device.counter is None:
            raise mistaken([{"field": "counter", "message": "a counter's box says which counter it works for"}])
        if device.counter is not None and device.role in ("kiosk", "board"):
            # It would be told what only the clerk there is told.
            raise mistaken([{"field": "counter", "message": f"a {device.role} stands at no counter"}])
        if device.counter is not None and device.counter not in self._centre.counter:
            raise UnknownCounter(f"there is no counter {device.counter}", counter=device.counter)

    def _refuse_another_log(self, device: Device) -> None:
        """A device that has followed one log does not go over to another by itself, or it would mix the two."""
        if device.log is None or device.log in self._logs:
            return
        self._say_once(
            device,
            f"{device.id} follows another log, {device.log}: two servers serve this centre. If this one takes the place"
            f" of the other, start it once with --replaces {device.log}; else switch one of them off.",
        )
        raise OtherLog(f"{device.id} follows the log {device.log}", device=device.id)

    def _refuse_a_second(self, device: Device) -> None:
        """Two kiosks of one name would give the same numbers twice; the one that was here first stays."""
        if device.role != "kiosk" or device.run is None:
            return
        for sid, other in list(self._devices.items()):
            if (other.role, other.id) != ("kiosk", device.id) or other.run is None:
                continue
            if other.run != device.run:
                self._say_once(device, f"a second {device.id} is turned away: two kiosks have the same id")
                raise DeviceTwice(f"there is another {device.id}", device=device.id)
            # It comes again over a new connection, and we have not noticed yet that it lost the one before.
            self._devices.pop(sid)
            self._socketio.server.disconnect(sid)

    def _say_once(self, device: Device, what: str) -> None:
        """Log it; they come again every second. Not for pages: anybody is one, with another name each time."""
        if device.role != "page" and (device.id, device.run) not in self._refused:
            self._refused.add((device.id, device.run))
            _log.error("%s", what)

    def _taker(self, route: CommandRoute) -> Any:
        def take(*said: Any) -> dict[str, Any]:
            try:
                payload = dict(said[0]) if said and isinstance(said[0], dict) else {}
                id = command_id(payload.pop("command_id", None), "command_id")
                who = self._permit(route.command.NAME, payload)
                return {"ok": True, **self._do(read(route.command, payload), id, who)}
            except DawrError as refusal:
                return self._refusal(refusal)

        return take

    def _permit(self, row: str, about: Mapping[str, Any]) -> Who:
        """Who says something, if they may."""
        who = self._who.get(request.sid, ANYBODY)  # type: ignore[attr-defined]
        self._guard.permit_still(who, row, about)
        return who

    def _hear_notes(self, *said: Any) -> dict[str, Any]:
        sid: str = request.sid  # type: ignore[attr-defined]
        try:
            self._permit("notes", {})
            self._said[sid] = read(Notes, said[0] if said and isinstance(said[0], dict) else {})
        except DawrError as refusal:
            return self._refusal(refusal)
        return {"ok": True}

    def _hear_order_ended(self, *said: Any) -> dict[str, Any]:
        device = self._devices.get(request.sid)  # type: ignore[attr-defined]
        try:
            self._permit("order-ended", {})
            ended = read(OrderEnded, said[0] if said and isinstance(said[0], dict) else {})
        except DawrError as refusal:
            return self._refusal(refusal)
        if device and device.role == "kiosk":
            self._hear_ended(device.id, ended)
        return {"ok": True}

    def _refuse_unknown(self, event: str, *_said: Any) -> dict[str, Any]:
        return self._refusal(mistaken([{"field": "event", "message": f"{event} is no command"}]))

    def _refusal(self, refusal: DawrError) -> dict[str, Any]:
        device = self._devices.get(request.sid)  # type: ignore[attr-defined]
        return {"ok": False, "problem": problem(refusal, self._words(device))}

    def _report(self, _error: Exception) -> dict[str, Any]:
        _log.exception("an event could not be handled")
        return self._refusal(DawrError("the server has a defect, which is in its journal"))

    def _words(self, device: Device | None) -> Words:
        about = self._centre.centre
        asked = device.language if device else None
        return Words(asked if asked in about.languages else about.languages[0], about.digits)
