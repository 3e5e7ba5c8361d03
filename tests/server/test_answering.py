"""The answers that are on their way while the server ends."""

from collections.abc import Iterator
from typing import Any

import gevent
import pytest
from gevent.event import Event

from server.answering import Answering


class SlowApp:
    """Answers with one word, when it is told to."""

    def __init__(self) -> None:
        self.may_answer = Event()

    def __call__(self, _environ: dict[str, Any], _start_response: object) -> Iterator[bytes]:
        self.may_answer.wait()
        yield b"done"


def asked(app: Answering, path: str, said: list[str]) -> Any:
    """Somebody who asks and notes when the answer is there."""

    def ask() -> None:
        answer: Any = app({"PATH_INFO": path}, None)
        said.extend(part.decode() for part in answer)
        answer.close()

    return gevent.spawn(ask)


def test_it_waits_until_every_answer_is_out() -> None:
    app, said = SlowApp(), list[str]()
    answering = Answering(app)
    asked(answering, "/api/v1/tickets", said)
    gevent.sleep()
    gevent.spawn_later(0.05, app.may_answer.set)  # long after the loop is idle
    answering.let_out(10)
    said.append("ended")
    assert said == ["done", "ended"]


def test_it_does_not_wait_for_live_connections_which_never_end() -> None:
    answering, said = Answering(SlowApp()), list[str]()
    waits = asked(answering, "/socket.io/", said)
    gevent.sleep()
    answering.let_out(10)
    assert said == [] and not waits.ready()
    waits.kill()


def test_an_app_that_fails_keeps_nobody_waiting() -> None:
    def fails(_environ: dict[str, Any], _start_response: object) -> Iterator[bytes]:
        raise RuntimeError("a defect")

    answering = Answering(fails)
    with pytest.raises(RuntimeError):
        answering({"PATH_INFO": "/"}, None)
    answering.let_out(10)
