"""Training over Socket.IO: whoever connects in this namespace gets an invented hall, gone when the connection is."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import request
from flask_socketio import ConnectionRefusedError, SocketIO

from dawr.errors import DawrError, UnknownCounter
from dawr.messages import CounterCommand, Message
from dawr.settings.centre import Centre
from dawr.words import Words
from server.access.guard import Guard
from server.access.who import Who
from server.interface.incoming import command_id, read
from server.interface.problems import mistaken, problem
from server.interface.routes import COMMAND_ROUTES, CommandRoute, Hello
from server.practice.training_hall import TrainingHall
from server.telling.live import Device

NAMESPACE = "/training"
TICK_S = 1.0

_OF_A_CLERK = tuple(
    route for route in COMMAND_ROUTES if issubclass(route.command, CounterCommand) or route.command.NAME == "cancel"
)


@dataclass(frozen=True, slots=True)
class _Trainee:
    who: Who
    hall: TrainingHall
    words: Words
    turn: threading.Lock = field(default_factory=threading.Lock)


class Training:
    """The training halls of a server."""

    def __init__(
        self,
        socketio: SocketIO,
        centre: Centre,
        clock: Callable[[], datetime],
        hello: Callable[[], Hello],
        guard: Guard,
    ) -> None:
        self._guard = guard
        self._socketio, self._centre, self._clock, self._hello = socketio, centre, clock, hello
        self._trainees: dict[str, _Trainee] = {}
        self._ended = threading.Event()
        socketio.on_event("connect", self._connect, namespace=NAMESPACE)
        socketio.on_event("disconnect", self._disconnect, namespace=NAMESPACE)
        for route in _OF_A_CLERK:
            socketio.on_event(route.command.NAME, self._taker(route), namespace=NAMESPACE)
        socketio.on_event("*", self._refuse_unknown, namespace=NAMESPACE)

    def run(self) -> None:
        """Let invented visitors come, until `stop`."""
        while not self._ended.wait(TICK_S):
            for sid, trainee in list(self._trainees.items()):
                if not self._guard.holds(trainee.who):
                    self._socketio.server.disconnect(sid, namespace=NAMESPACE)
                    continue
                with trainee.turn:
                    if trainee.hall.let_in(self._clock()):
                        self._tell(sid, trainee)

    def stop(self) -> None:
        """End the loop."""
        self._ended.set()

    def _connect(self, auth: Any = None) -> None:
        sid: str = request.sid  # type: ignore[attr-defined]
        about = self._centre.centre
        words = Words(about.languages[0], about.digits)
        try:
            device = read(Device, auth if isinstance(auth, dict) else {})
            if device.language in about.languages:
                words = Words(device.language, about.digits)
            who = self._guard.who()
            self._guard.permit(who, "training", {})
            if device.counter not in self._centre.counter:
                raise UnknownCounter(f"there is no counter {device.counter}", counter=device.counter)
        except DawrError as refusal:
            said = problem(refusal, words)
            raise ConnectionRefusedError(said["detail"], said) from None
        trainee = _Trainee(who, TrainingHall(self._centre, device.counter, self._clock()), words)
        self._say("hello", self._hello().model_copy(update={"epoch": trainee.hall.epoch, "centre": ""}), sid)
        self._tell(sid, trainee)
        self._trainees[sid] = trainee

    def _disconnect(self, _reason: str) -> None:
        self._trainees.pop(request.sid, None)  # type: ignore[attr-defined]

    def _taker(self, route: CommandRoute) -> Any:
        def take(*said: Any) -> dict[str, Any]:
            sid: str = request.sid  # type: ignore[attr-defined]
            trainee = self._trainees[sid]
            try:
                payload = dict(said[0]) if said and isinstance(said[0], dict) else {}
                id = command_id(payload.pop("command_id", None), "command_id")
                command = read(route.command, payload)
                with trainee.turn:
                    answer = trainee.hall.do(command, id, self._clock())
                    self._tell(sid, trainee)
                return {"ok": True, **answer}
            except DawrError as refusal:
                return {"ok": False, "problem": problem(refusal, trainee.words)}

        return take

    def _refuse_unknown(self, event: str, *_said: Any) -> dict[str, Any]:
        trainee = self._trainees[request.sid]  # type: ignore[attr-defined]
        refusal = mistaken([{"field": "event", "message": f"{event} is no command of a counter"}])
        return {"ok": False, "problem": problem(refusal, trainee.words)}

    def _tell(self, sid: str, trainee: _Trainee) -> None:
        now = self._clock()
        self._say("board", trainee.hall.board(now), sid)
        self._say("counter", trainee.hall.view(now), sid)

    def _say(self, event: str, view: Message, sid: str) -> None:
        self._socketio.emit(event, view.model_dump(mode="json", by_alias=True), to=sid, namespace=NAMESPACE)
