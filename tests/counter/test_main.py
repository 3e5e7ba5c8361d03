import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.peer import Peer, until

ROOT = Path(__file__).parents[2]
WAITED_FOR = {"id": "3", "state": "open", "ticket": None, "waiting": 7}
SERVING = {"id": "3", "state": "open", "ticket": {"number": "A012"}, "waiting": 7}


@pytest.fixture(autouse=True)
def people_wait(peer: Peer) -> None:
    peer.emit(counter=WAITED_FOR)


def settings(folder: Path, server: str, *, pins: str = "mock", extra: str = "[box]") -> Path:
    file = folder / "counter-3.toml"
    file.write_text(f'[counter]\nid = "3"\nserver = "{server}"\npins = "{pins}"\n{extra}\n')
    return file


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


class BoxProcess:
    """`python -m counter`, with its bench."""

    def __init__(self, config: Path) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "counter", "--config", str(config), "--bench", str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)

    def state(self) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/state", timeout=5) as answer:
                return dict(json.load(answer))
        except urllib.error.URLError:
            return {}

    def press(self, button: str) -> None:
        body = json.dumps({"button": button}).encode()
        urllib.request.urlopen(f"http://127.0.0.1:{self.port}/press", body, timeout=5).close()


@contextmanager
def running(config: Path) -> Iterator[BoxProcess]:
    box = BoxProcess(config)
    try:
        until(box.state)
        yield box
    finally:
        box.process.kill()
        box.process.communicate()


def test_a_press_on_the_box_reaches_the_server_and_its_view_the_lamp(peer: Peer, tmp_path: Path) -> None:
    with running(settings(tmp_path, peer.address)) as box:
        until(lambda: box.state()["mode"] == "waiting")
        box.press("next")
        until(lambda: box.state()["last"] == "taken")
        peer.emit(counter=SERVING)
        until(lambda: box.state()["mode"] == "serving")
        state = box.state()

    (command,) = peer.got()
    assert {key: command[key] for key in command if key != "command_id"} == {"event": "call-next", "counter": "3"}
    [says] = peer.auths()
    assert says.items() >= {"role": "counter", "id": "box-3", "counter": "3"}.items()
    assert state == {
        "lamp": "on",
        "mode": "serving",
        "digits": "012",
        "counter": SERVING,
        "up": True,
        "last": "taken",
    }


def test_two_quick_presses_of_next_are_one_command(peer: Peer, tmp_path: Path) -> None:
    with running(settings(tmp_path, peer.address)) as box:
        until(lambda: box.state()["up"])
        began = time.monotonic()
        box.press("next")
        box.press("next")
        assert time.monotonic() - began < 1.4, "too slow here to be a double press"
        until(lambda: box.state()["last"] == "taken")
        box.press("recall")
        until(lambda: len(peer.got()) == 2)

    assert [command["event"] for command in peer.got()] == ["call-next", "recall"]


def test_a_refusal_and_a_lost_server_are_said_and_the_box_comes_back_by_itself(peer: Peer, tmp_path: Path) -> None:
    with running(settings(tmp_path, peer.address)) as box:
        until(lambda: box.state()["up"])
        peer.behave(refuse={"code": "nothing_to_do"})
        box.press("recall")
        until(lambda: box.state()["last"] == "refused: nothing_to_do")
        assert box.state()["mode"] == "refused"
        peer.kill()
        until(lambda: not box.state()["up"])
        box.press("recall")
        until(lambda: box.state()["last"] == "no_connection")
        peer.start()
        until(lambda: box.state()["up"])
        box.press("no_show")
        until(lambda: box.state()["last"] == "taken")

    assert [command["event"] for command in peer.got()] == ["no-show"]


def test_a_pad_takes_undo_from_its_bench(peer: Peer, tmp_path: Path) -> None:
    config = settings(tmp_path, peer.address, extra='[number_pad]\ndevice = "/dev/input/by-id/none"')
    with running(config) as box:
        until(lambda: box.state()["up"])
        box.press("undo")
        until(lambda: box.state()["last"] == "taken")

    assert [command["event"] for command in peer.got()] == ["undo"]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_box_ends_cleanly_when_it_is_asked_to(peer: Peer, tmp_path: Path, ending: signal.Signals) -> None:
    with running(settings(tmp_path, peer.address)) as box:
        until(lambda: box.state()["up"])
        os.kill(box.process.pid, ending)
        _, said = box.process.communicate(timeout=5)

    assert (box.process.returncode, "Traceback" in said) == (0, False)


def run(config: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "counter", "--config", str(config), *more]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)


def test_a_machine_without_pins_is_said_in_a_sentence_and_never_mocked(tmp_path: Path) -> None:
    ended = run(settings(tmp_path, "", pins="auto"))

    assert ended.returncode == 1
    assert "no pins (GPIO)" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_mistaken_settings_end_it_with_every_mistake(tmp_path: Path) -> None:
    ended = run(settings(tmp_path, "ftp://there", pins="perhaps"))

    assert ended.returncode == 2
    assert "counter.server" in ended.stderr
    assert "counter.pins" in ended.stderr


def test_a_taken_bench_port_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run(settings(tmp_path, "http://127.0.0.1:9"), "--bench", str(port))

    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False)
    assert f"port {port}" in ended.stderr
