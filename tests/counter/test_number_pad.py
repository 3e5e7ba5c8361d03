import os
import queue
import select
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from counter.number_pad import EV_KEY, EV_LED, EVENT, NumberPad
from counter.panel import Button
from tests.peer import until

ENTER, PLUS, ZERO, POINT, MINUS, STAR, BACKSPACE, SEVEN = 96, 78, 82, 83, 74, 55, 14, 71
KEY_UP, KEY_DOWN, KEY_REPEATED = 0, 1, 2
SYN = EVENT.pack(1, 0, 0, 0, 0)

Edges = queue.SimpleQueue[tuple[Button, bool]]


def key(code: int, value: int) -> bytes:
    """What the kernel writes for a key: a scan code, the key, and the end of the report."""
    return EVENT.pack(1, 0, 4, 4, code) + EVENT.pack(1, 0, EV_KEY, code, value) + SYN


class Plug:
    """A pad's place in /dev/input: bytes go through a pseudo-terminal, which can be pulled out as a pad can."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.wire = -1

    def put_in(self) -> None:
        self.wire, inner = os.openpty()
        tty.setraw(inner)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(inner))
        self._inner = inner

    def pull_out(self) -> None:
        self.path.unlink()
        os.close(self._inner)
        os.close(self.wire)

    def types(self, *events: bytes) -> None:
        os.write(self.wire, b"".join(events))

    def light(self) -> bool:
        """What was last written for the Num Lock light; waits for it."""
        written = b""
        while len(written) < 2 * EVENT.size:
            assert select.select([self.wire], [], [], 3)[0], "no light was written"
            written += os.read(self.wire, 2 * EVENT.size - len(written))
        _, _, kind, code, value = EVENT.unpack(written[: EVENT.size])
        assert (kind, code) == (EV_LED, 0)
        return bool(value)


@contextmanager
def pad_at(path: Path) -> Iterator[tuple[NumberPad, Edges]]:
    edges: Edges = queue.SimpleQueue()

    def wire(button: Button) -> Callable[[bool], None]:
        return lambda down: edges.put((button, down))

    pad = NumberPad(path, wire)
    pad.start()
    try:
        yield pad, edges
    finally:
        pad.stop()


@pytest.fixture
def plug(tmp_path: Path) -> Plug:
    return Plug(tmp_path / "event3")


def next_edge(edges: Edges) -> tuple[Button, bool]:
    return edges.get(timeout=3)


@pytest.mark.parametrize(
    ("code", "button"),
    [
        (ENTER, Button.NEXT),
        (PLUS, Button.NEXT),
        (ZERO, Button.RECALL),
        (POINT, Button.RECALL),
        (MINUS, Button.NO_SHOW),
        (STAR, Button.BREAK),
        (BACKSPACE, Button.UNDO),
    ],
)
def test_a_key_is_a_button(plug: Plug, code: int, button: Button) -> None:
    plug.put_in()
    with pad_at(plug.path) as (_, edges):
        plug.light()
        plug.types(key(code, KEY_DOWN), key(code, KEY_UP))
        assert [next_edge(edges), next_edge(edges)] == [(button, True), (button, False)]


def test_repetition_and_other_keys_are_no_buttons(plug: Plug) -> None:
    plug.put_in()
    with pad_at(plug.path) as (_, edges):
        plug.light()
        plug.types(key(SEVEN, KEY_DOWN), key(ENTER, KEY_DOWN), key(ENTER, KEY_REPEATED), key(ENTER, KEY_UP))
        assert [next_edge(edges), next_edge(edges)] == [(Button.NEXT, True), (Button.NEXT, False)]
        assert edges.empty()


def test_an_event_that_comes_in_two_parts_is_whole(plug: Plug) -> None:
    plug.put_in()
    with pad_at(plug.path) as (_, edges):
        plug.light()
        event = key(ENTER, KEY_DOWN)
        plug.types(event[:31])
        plug.types(event[31:])
        assert next_edge(edges) == (Button.NEXT, True)


def test_the_num_lock_light_is_the_lamp(plug: Plug) -> None:
    plug.put_in()
    with pad_at(plug.path) as (pad, _):
        assert plug.light() is False
        pad.light(True)
        assert plug.light() is True
        pad.light(False)
        assert plug.light() is False


def test_a_pad_that_was_pulled_out_is_used_again_with_its_light(plug: Plug) -> None:
    plug.put_in()
    with pad_at(plug.path) as (pad, edges):
        plug.light()
        pad.light(True)
        plug.types(key(ENTER, KEY_DOWN))
        assert next_edge(edges) == (Button.NEXT, True)

        plug.pull_out()
        # A key that was down when the pad was pulled out is not down for ever.
        until(lambda: next_edge(edges) == (Button.NEXT, False))

        plug.put_in()
        assert plug.light() is True
        plug.types(key(MINUS, KEY_DOWN))
        until(lambda: next_edge(edges) == (Button.NO_SHOW, True))


def test_a_pad_may_come_later(plug: Plug, caplog: pytest.LogCaptureFixture) -> None:
    with pad_at(plug.path) as (_, edges):
        until(lambda: "no number pad at" in caplog.text)
        plug.put_in()
        plug.light()
        plug.types(key(ENTER, KEY_DOWN))
        until(lambda: next_edge(edges) == (Button.NEXT, True))


def test_a_pad_may_be_a_pipe_of_real_bytes(tmp_path: Path) -> None:
    pipe = tmp_path / "event4"
    os.mkfifo(pipe)
    with pad_at(pipe) as (_, edges), pipe.open("wb", buffering=0) as keyboard:
        keyboard.write(key(PLUS, KEY_DOWN))
        until(lambda: next_edge(edges) == (Button.NEXT, True))
