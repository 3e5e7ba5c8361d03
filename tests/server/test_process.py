"""The server as a process: what it says, what hinders it, and that nothing acknowledged is ever lost."""

import asyncio
import json
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
import socketio

from tests.house.source import ROOT
from tests.server.running import ALWAYS_OPEN, RunningServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    server = RunningServer(tmp_path)
    yield server
    server.kill()


def run(config: Path, data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server", "--config", config, "--data", data, "--language", "en", "--no-discovery"]
    return subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, timeout=60)


def centre(folder: Path, text: str = ALWAYS_OPEN) -> Path:
    file = folder / "centre.toml"
    file.write_text(text, "utf-8")
    return file


def test_it_says_where_it_listens_and_why_only_there(server: RunningServer) -> None:
    assert server.said[0].endswith("at:")
    assert server.said[2].startswith("It listens on this machine only")


def test_on_every_address_it_warns(tmp_path: Path) -> None:
    server = RunningServer(tmp_path, "--host", "0.0.0.0")
    server.kill()
    assert server.said[2].startswith("It listens for all of the network")


def test_behind_a_proxy_it_listens_to_its_own_machine_alone(tmp_path: Path) -> None:
    (tmp_path / "server.toml").write_text("[network]\nbehind_proxy = true\n")
    answer = run(centre(tmp_path), tmp_path / "data", "--port", "0", "--host", "0.0.0.0")
    assert (answer.returncode, "everybody could pass nginx by" in answer.stderr) == (2, True)
    server = RunningServer(tmp_path)
    server.kill()
    assert "HTTPS through nginx" in server.said[2]


def test_told_to_end_it_ends_within_two_seconds_with_no_loose_ends(server: RunningServer) -> None:
    server.post("/tickets", {"service": "birth"})
    with connected(server) as told:
        began_s = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began_s < 2
        assert told.wait(5)
    assert sorted(file.name for file in server.data.iterdir()) == ["access.sqlite", "ballast", "hall.sqlite", "lock"]


@contextmanager
def connected(server: RunningServer) -> Iterator[threading.Event]:
    """A board that stays connected until the server ends; the event is set when it notices."""
    up, told = threading.Event(), threading.Event()

    async def stay() -> None:
        client = socketio.AsyncClient(reconnection=False)
        await client.connect(server.address, auth={"role": "board"}, transports=["websocket"])
        up.set()
        await client.wait()
        told.set()

    thread = threading.Thread(target=lambda: asyncio.run(stay()), daemon=True)
    thread.start()
    assert up.wait(10)
    yield told
    thread.join(10)


def test_every_mistake_in_the_settings_is_said_and_the_exit_code_is_2(tmp_path: Path) -> None:
    wrong = ALWAYS_OPEN.replace('line = "land"', 'line = "lands"').replace('letter = "A"', 'letter = "O"')
    answer = run(centre(tmp_path, wrong), tmp_path / "data")
    assert answer.returncode == 2
    assert "line[1].letter" in answer.stderr
    missing = run(tmp_path / "nothing.toml", tmp_path / "data")
    assert (missing.returncode, "cannot be read" in missing.stderr) == (2, True)


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = run(centre(tmp_path), tmp_path / "data", "--port", str(port))
    assert (answer.returncode, str(port) in answer.stderr, "in use" in answer.stderr) == (1, True, True)
    assert "Traceback" not in answer.stderr


def test_a_second_server_on_the_same_data_is_refused(server: RunningServer) -> None:
    answer = run(server.config, server.data, "--port", "0")
    assert (answer.returncode, "Another server works" in answer.stderr) == (1, True)
    assert server.get("/health").status == 200


def test_a_log_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "hall.sqlite").write_bytes(b"not a database" * 1000)
    answer = run(centre(tmp_path), tmp_path / "data", "--port", "0")
    assert (answer.returncode, "cannot be used" in answer.stderr) == (1, True)
    assert "Traceback" not in answer.stderr


def test_a_data_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    answer = run(centre(tmp_path), tmp_path / "data", "--port", "0")
    assert (answer.returncode, "cannot be used" in answer.stderr) == (1, True)


class Sender(threading.Thread):
    """Issues tickets until told to stop, each until it is answered, as a device does; keeps every answer."""

    def __init__(self, server: RunningServer, name: str) -> None:
        super().__init__(daemon=True)
        self.server, self.prefix = server, name
        self.answers: dict[str, Any] = {}
        self.repeats = 0
        self.stopping = False

    def run(self) -> None:
        while not self.stopping:
            key = f"{self.prefix}-{len(self.answers)}"
            while (answer := self.ask(key)) is None:
                self.repeats += 1
            self.answers[key] = answer

    def ask(self, key: str) -> Any:
        try:
            answer = self.server.post("/tickets", {"service": "birth"}, Idempotency_Key=key)
        except (OSError, urllib.error.URLError, HTTPException):
            time.sleep(0.02)
            return None
        assert answer.status == 201, answer.body
        return answer.json


def test_killed_at_work_it_loses_nothing_that_it_acknowledged(server: RunningServer) -> None:
    senders = [Sender(server, f"sender{n}") for n in range(4)]
    for sender in senders:
        sender.start()
    for target in (20, 40, 60):
        deadline_s = time.monotonic() + 30
        while min(len(sender.answers) for sender in senders) < target and time.monotonic() < deadline_s:
            time.sleep(0.01)
        server.kill()
        server.start()
    for sender in senders:
        sender.stopping = True
    for sender in senders:
        sender.join(30)
    answers = {key: answer for sender in senders for key, answer in sender.answers.items()}
    assert len(answers) >= 240
    again = {key: server.post("/tickets", {"service": "birth"}, Idempotency_Key=key).json for key in answers}
    assert again == answers
    server.stop()
    with sqlite3.connect(server.data / "hall.sqlite") as connection:
        sequences = [row[0] for row in connection.execute("SELECT sequence FROM event ORDER BY sequence")]
        issued = {
            json.loads(body)["number"]
            for (body,) in connection.execute("SELECT body FROM event WHERE name = 'TicketIssued'")
        }
    connection.close()
    assert sequences == list(range(1, len(sequences) + 1))
    assert issued == {answer["number"] for answer in answers.values()}
    assert len(issued) == len(answers)
