import io
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dawr.board import Board
from display.theme import DARK
from tests.display.boards import board, call
from tests.halls import SMALL_CENTRE
from tests.peer import Peer, until

SILENT = {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}


class RunningBoard:
    """A board's process, seen through its bench."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        self.process = process
        line = next(line for line in process.stderr if "bench on" in line)
        self.address = line.rpartition(" ")[2].strip()

    def state(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.address}/state", timeout=5) as answer:
            return dict(json.load(answer))

    def picture(self, after: int = -1) -> tuple[int, Image.Image]:
        with urllib.request.urlopen(f"{self.address}/picture?after={after}", timeout=25) as answer:
            return int(answer.headers["X-Frame"]), Image.open(io.BytesIO(answer.read()))


def settings(folder: Path, server: str) -> Path:
    file = folder / "board.toml"
    file.write_text(
        f"""
        [display]
        id = "hall"
        server = "{server}"
        [screen]
        size = [1280, 720]
        inches = 55
        farthest_seat_m = 4
        """
    )
    return file


def command(file: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "display", "--config", str(file), *more]


@contextmanager
def running(file: Path, data: Path) -> Iterator[RunningBoard]:
    process = subprocess.Popen(
        command(file, "--data", str(data), "--bench", "0"),
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | SILENT,
    )
    try:
        yield RunningBoard(process)
    finally:
        process.kill()
        process.communicate()


def wire(board: Board) -> dict[str, Any]:
    return board.model_dump(mode="json")


def tell(peer: Peer, board: Board) -> None:
    peer.emit(
        hello={"epoch": "e1", "now": datetime.now(UTC).isoformat(), "centre": SMALL_CENTRE},
        board=wire(board),
    )


def colours_of(picture: Image.Image) -> set[Any]:
    return {colour for _, colour in picture.getcolors(1 << 24) or ()}


def is_lit(picture: Image.Image) -> bool:
    """Whether the card of the latest call is bright."""
    return DARK.lit in {colour for count, colour in picture.getcolors(1 << 24) or () if count > 50_000}


def test_a_call_at_the_server_is_seen_and_said_at_the_board(peer: Peer, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    old = call(7, "C009", "2", now - timedelta(minutes=5))
    tell(peer, board(old, at=now))
    with running(settings(tmp_path, peer.address), tmp_path) as hall:
        until(lambda: hall.state()["number"] == "C009")
        frame, picture = hall.picture()
        assert picture.size == (1280, 720)
        assert not is_lit(picture)

        tell(peer, board(call(8, "A117", "4", now), old, at=now))
        until(lambda: hall.state()["number"] == "A117")
        assert hall.picture(after=frame)[0] > frame
        until(lambda: is_lit(hall.picture()[1]))
        # The clock and the centre's name are there, in the ivory and brass of the header.
        header = hall.picture()[1].crop((0, 0, 1280, 80))
        assert {DARK.brass, DARK.band_ink, DARK.band_soft} <= colours_of(header)
        until(lambda: hall.state()["said"])
        state = hall.state()

    assert state["said"] in ([["A117", "4", "voice"]], [["A117", "4", "chime"]])
    assert (state["counter"], state["stale"], state["waiting"]["line-1"]) == ("4", False, 13)
    [says] = peer.auths()
    assert says.items() >= {"role": "board", "id": "hall"}.items()


def test_a_board_without_its_server_says_so_and_knows_the_last_calls_after_a_power_cut(
    peer: Peer, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    tell(peer, board(call(8, "A117", "4", now), at=now))
    file, data = settings(tmp_path, peer.address), tmp_path / "data"
    with running(file, data) as hall:
        until(lambda: hall.state()["number"] == "A117")
        until(lambda: (data / "last-known.json").exists())
        assert hall.state()["up"]
        assert not hall.state()["stale"]
        peer.kill()
        until(lambda: hall.state()["stale"], deadline_s=40)
        until(lambda: DARK.stale in colours_of(hall.picture()[1]))

    with running(file, data) as again:
        until(lambda: again.state()["number"] == "A117" and again.state()["stale"])
        assert not again.state()["up"]
        assert again.state()["said"] == []
        until(lambda: DARK.stale in colours_of(again.picture()[1]))
        peer.start()
        tell(peer, board(call(9, "C001", "1", now), at=now))
        until(lambda: not again.state()["stale"] and again.state()["number"] == "C001")


def test_it_ends_when_it_is_told_to(tmp_path: Path) -> None:
    with running(settings(tmp_path, "http://127.0.0.1:9"), tmp_path) as hall:
        until(hall.picture)
        hall.process.send_signal(signal.SIGTERM)
        assert hall.process.wait(10) == 0


def test_mistaken_settings_are_a_wrong_use_and_are_all_named(tmp_path: Path) -> None:
    file = tmp_path / "board.toml"
    file.write_text('[display]\nid = "Hall 1"\n[screen]\ninches = 2\ntheme = "pink"\n')
    answer = subprocess.run(command(file), capture_output=True, text=True, env=os.environ | SILENT)
    assert answer.returncode == 2
    assert re.findall(r"board\.toml: ([a-z.]+):", answer.stderr) == ["display.id", "screen.inches", "screen.theme"]


def test_without_a_screen_one_sentence_says_so(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    answer = subprocess.run(
        command(settings(tmp_path, "http://127.0.0.1:9")),
        capture_output=True,
        text=True,
        env=environment | {"SDL_VIDEODRIVER": "x11"},
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith("Error: the board cannot be shown here:")
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("damage", ["", "{", '{"centre": null, "board": {"epoch": 1}}', "[]"])
def test_a_damaged_memory_does_not_keep_the_board_from_starting(tmp_path: Path, damage: str) -> None:
    (tmp_path / "last-known.json").write_text(damage)
    with running(settings(tmp_path, "http://127.0.0.1:9"), tmp_path) as hall:
        assert until(hall.state)["number"] is None
