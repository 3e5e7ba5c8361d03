"""A small Socket.IO server for tests of devices, run as a process of its own so that it can be killed and frozen.

    python -m tests.peer PORT MEMORY

Over HTTP it is told what to do (`POST /emit`, `POST /behave`) and asked what it got (`GET /got`). MEMORY is a file
of answers by command id, so that a restarted peer still knows them, as the real server does.
"""

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import socketio
from flask import Flask, jsonify, request
from werkzeug.serving import make_server

COMMANDS = (
    "call-next call recall serve complete no-show park resume transfer undo open close break hand-in issue cancel"
)


class Peer:
    """What the server does: answers commands once by id, greets who connects with the views it was given."""

    def __init__(self, memory: Path) -> None:
        self.memory = memory
        self.answers: dict[str, Any] = json.loads(memory.read_text()) if memory.exists() else {}
        self.got: list[dict[str, Any]] = []
        self.auths: list[Any] = []
        self.views: dict[str, Any] = {}
        self.behaviour: dict[str, Any] = {}
        self.lock = threading.Lock()
        self.sio = socketio.Server(async_mode="threading", ping_interval=5, ping_timeout=5)
        self.sio.on("connect", self.greet)
        for event in COMMANDS.split():
            self.sio.on(event, self.taker(event))

    def greet(self, sid: str, _environ: Any, auth: Any) -> None:
        if "turn_away" in self.behaviour:
            said = self.behaviour["turn_away"]
            raise socketio.exceptions.ConnectionRefusedError(*([said] if isinstance(said, str) else said))
        self.auths.append(auth)
        for event, data in self.views.items():
            self.sio.emit(event, data, to=sid)

    def taker(self, event: str) -> Any:
        def take(_sid: str, payload: dict[str, Any]) -> Any:
            with self.lock:
                self.got.append({"event": event, **payload})
                answer = self.answers.setdefault(payload["command_id"], self.answer())
                self.memory.write_text(json.dumps(self.answers))
                if self.behaviour.pop("die_before_answer", False):
                    os._exit(9)
                if self.behaviour.pop("lose_answer", False):
                    raise RuntimeError("this answer gets lost")
            return answer

        return take

    def answer(self) -> dict[str, Any]:
        if problem := self.behaviour.get("refuse"):
            return {"ok": False, "problem": problem}
        return {"ok": True, "sequence": len(self.answers) + 1}


def app(peer: Peer) -> Flask:
    web = Flask(__name__)

    @web.post("/emit")
    def emit() -> Any:
        peer.views |= request.get_json()
        for event, data in request.get_json().items():
            peer.sio.emit(event, data)
        return "", 204

    @web.post("/behave")
    def behave() -> Any:
        peer.behaviour = request.get_json()
        return "", 204

    @web.post("/forget")
    def forget() -> Any:
        peer.memory.unlink(missing_ok=True)
        for kept in (peer.answers, peer.got, peer.auths, peer.views, peer.behaviour):
            kept.clear()
        return "", 204

    @web.get("/got")
    def got() -> Any:
        return jsonify(commands=peer.got, auths=peer.auths)

    return web


def main() -> None:
    port, memory = int(sys.argv[1]), Path(sys.argv[2])
    peer = Peer(memory)
    web = app(peer)
    web.wsgi_app = socketio.WSGIApp(peer.sio, web.wsgi_app)  # type: ignore[method-assign]
    server = make_server("127.0.0.1", port, web, threaded=True)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
