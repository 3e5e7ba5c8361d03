"""The demo begins a whole hall, says one address, and leaves nothing behind however it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.demo.running import RunningDemo, begin, command_lines, until

PARTS = ("Server", "Printer", "Kiosk", "Board", "Counter box 1", "Counter box 2")


def gone(children: dict[int, str]) -> bool:
    return not set(children.items()) & set(command_lines().items())


def test_every_part_is_ready_before_the_address_is_said(demo: RunningDemo) -> None:
    assert [part for part in PARTS if f"{part} ready after" not in demo.said] == []
    assert len(demo.children()) == len(PARTS)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_everything_within_seconds(own_demo: RunningDemo, how: signal.Signals) -> None:
    children = own_demo.children()
    assert len(children) == len(PARTS)
    assert own_demo.end(how) < 5
    assert own_demo.process.returncode == 0
    assert gone(children)


def test_nothing_is_left_when_it_is_killed(own_demo: RunningDemo) -> None:
    children = own_demo.children()
    own_demo.end(signal.SIGKILL)
    until(lambda: gone(children), 5)


def test_a_part_that_dies_comes_back_and_the_hall_goes_on(own_demo: RunningDemo) -> None:
    [kiosk] = [id for id, command in own_demo.children().items() if "-m kiosk " in command]
    os.kill(kiosk, signal.SIGKILL)
    until(lambda: any("-m kiosk " in command and id != kiosk for id, command in own_demo.children().items()))
    until(lambda: answers(own_demo, "kiosk"))


def answers(demo: RunningDemo, part: str) -> bool:
    try:
        return bool(demo.state(part))
    except (OSError, LookupError):
        return False


def test_a_second_demo_in_the_same_folder_is_refused_with_a_sentence(demo: RunningDemo) -> None:
    command = ["-m", "demo", "--centre", "small-town", "--data", str(demo.folder), "--language", "en"]
    second = subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=30)
    assert second.returncode == 1
    assert "runs in" in second.stderr and "Traceback" not in second.stderr


def test_a_taken_port_is_said_and_another_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        running = begin(tmp_path, "--port", str(port))
        running.end()
    assert f"Port {port} is in use" in running.said
    assert not running.address.endswith(f":{port}")


def test_an_unknown_centre_is_wrong_settings_and_one_sentence(tmp_path: Path) -> None:
    command = ["-m", "demo", "--centre", "atlantis", "--data", str(tmp_path)]
    answer = subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=30)
    assert answer.returncode == 2
    assert "small-town" in answer.stderr and "Traceback" not in answer.stderr


def test_windows_without_a_screen_are_refused_with_a_sentence(tmp_path: Path) -> None:
    command = ["-m", "demo", "--windows", "--data", str(tmp_path), "--language", "en"]
    blind = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    answer = subprocess.run([sys.executable, *command], env=blind, capture_output=True, text=True, timeout=30)
    assert answer.returncode == 1
    assert answer.stderr.startswith("There is no screen here")


def test_a_played_day_is_in_the_reports_and_the_hall_opens_after_it(tmp_path: Path) -> None:
    running = begin(tmp_path, "--day")
    try:
        played = re.search(r"(\d{4}-\d\d-\d\d): 500 tickets", running.said)
        assert played
        day = played[1]
        total = running.ask(f"/api/v1/reports/waiting?from={day}&to={day}&by=line")["total"]
        assert total["visits"] == 500
        assert total["completed"] + total["no_shows"] + total["left"] == 500
        assert running.ask("/api/v1/board")["day"] != day
    finally:
        running.end()
