"""Processes are started, watched and ended: with small real ones in the place of the hall's."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.processes import Part, Processes, answers, free_port


def until(happened: Callable[[], object], patience_s: float = 15) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + patience_s
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


class Heard:
    """What was said, as `key: part`."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.why = ""

    def __call__(self, key: str, *, part: str, **facts: str) -> None:
        self.said.append(f"{key}: {part}")
        self.why = facts.get("why", self.why)


def web(name: str = "web") -> Part:
    port = free_port()
    return Part(name, name, ("http.server", str(port), "--bind", "127.0.0.1"), f"http://127.0.0.1:{port}/")


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def begin(tmp_path: Path, heard: Heard) -> Iterator[Callable[..., Processes]]:
    begun: list[Processes] = []

    def begin(*parts: Part) -> Processes:
        begun.append(Processes(parts, tmp_path, {"PYTHONPATH": str(tmp_path)}, heard))
        begun[-1].start()
        return begun[-1]

    yield begin
    for processes in begun:
        processes.stop()


def pid_of(part: Part) -> int:
    found = subprocess.run(["pgrep", "-f", " ".join(part.command)], capture_output=True, text=True).stdout.split()
    return int(found[0])


def test_all_parts_answer_once_they_are_started(begin: Callable[..., Processes], heard: Heard) -> None:
    parts = [web("a"), web("b")]
    begin(*parts)
    assert all(answers(part.answers) for part in parts)
    assert sorted(heard.said) == ["ready: a", "ready: b"]


def test_a_device_without_its_server_is_not_ready_yet(
    begin: Callable[..., Processes], heard: Heard, tmp_path: Path
) -> None:
    """Like a box: the first looks meet one that answers and has not found its server."""
    port = free_port()
    (tmp_path / "device.py").write_text(
        "import http.server, itertools, json\n"
        "class Device(http.server.BaseHTTPRequestHandler):\n"
        "    looks = itertools.count(1)\n"
        "    def do_GET(self):\n"
        "        self.send_response(200)\n"
        "        self.send_header('Content-Type', 'application/json')\n"
        "        self.end_headers()\n"
        "        self.wfile.write(json.dumps({'up': next(self.looks) > 3}).encode())\n"
        f"http.server.HTTPServer(('127.0.0.1', {port}), Device).serve_forever()\n"
    )
    part = Part("device", "device", ("device",), f"http://127.0.0.1:{port}/state")
    begin(part)
    assert heard.said == ["ready: device"]
    log = (tmp_path / "device.log").read_text()
    assert log.count("GET /state") == 4


def test_a_part_that_dies_is_started_again_and_it_is_said(begin: Callable[..., Processes], heard: Heard) -> None:
    part = web()
    begin(part)
    os.kill(pid_of(part), signal.SIGKILL)
    until(lambda: heard.said == ["ready: web", "started_again: web", "ready: web"])
    assert heard.why == "SIGKILL"


def test_a_part_that_cannot_start_holds_nobody_up_and_its_last_words_are_told(
    begin: Callable[..., Processes], heard: Heard
) -> None:
    begin(Part("none", "none", ("there_is_no_such_module",), "tcp://127.0.0.1:9"))
    assert heard.said == ["started_again: none"] * 3
    assert "No module named there_is_no_such_module" in heard.why


def test_nothing_is_left_once_they_were_stopped(begin: Callable[..., Processes]) -> None:
    part = web()
    processes = begin(part)
    processes.stop()
    assert not answers(part.answers)
    with pytest.raises(IndexError):
        pid_of(part)


def test_a_part_that_does_not_listen_is_killed(begin: Callable[..., Processes], tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "deaf.py").write_text(
        "import http.server, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"http.server.test(http.server.SimpleHTTPRequestHandler, port={port}, bind='127.0.0.1')\n"
    )
    part = Part("deaf", "deaf", ("deaf",), f"http://127.0.0.1:{port}/")
    processes = begin(part)
    began = time.monotonic()
    processes.stop()
    assert time.monotonic() - began < 4
    assert not answers(part.answers)


def test_the_kernel_ends_the_parts_of_a_killed_demo(tmp_path: Path) -> None:
    part = web()
    script = (
        "from pathlib import Path; from demo.processes import Part, Processes; "
        f"p = Processes([{part!r}], Path({str(tmp_path)!r}), {{}}, lambda *a, **k: None); p.start(); "
        "print('begun', flush=True); input()"
    )
    demo = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert demo.stdout
    assert any("begun" in line for line in demo.stdout)
    assert answers(part.answers)
    demo.kill()
    demo.communicate()
    until(lambda: not answers(part.answers))


def test_a_taken_port_is_exchanged_for_a_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert free_port(port) != port
    assert free_port(port) == port
