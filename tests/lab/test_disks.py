"""The real server on disks that are full or cannot be written: what it says, and that it goes on by itself."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import ROOT
from tests.server.running import ALWAYS_OPEN, RunningServer

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
DISK = "size=3m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes where the server has its data."""
    folder = tmp_path / "data"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", DISK, "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def start(data: Path, *, read_only: bool = False) -> subprocess.CompletedProcess[str]:
    config = data.parent / "centre.toml"
    config.write_text(ALWAYS_OPEN, "utf-8")
    if read_only:
        subprocess.run(["mount", "-o", f"remount,ro,{DISK}", data], check=True)
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "server",
        "--config",
        config,
        "--data",
        data,
        "--port",
        "0",
        "--language",
        "en",
    ]
    return subprocess.run([*command, "--no-discovery"], cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_a_server_on_a_full_disk_refuses_and_goes_on_when_there_is_room(small_disk: Path) -> None:
    filler = small_disk / "filler"
    filler.write_bytes(bytes(1024 * 1024))
    server = RunningServer(small_disk.parent)
    try:
        given = []
        while (answer := server.post("/tickets", {"service": "deed"})).status == 201:
            given.append(answer.json["number"])
        assert (answer.status, answer.json["code"]) == (503, "storage_failed")
        assert "الفني" in answer.json["detail"]
        health = server.get("/health")
        assert (health.status, health.json["status"], "full" in health.json["trouble"]) == (503, "failing", True)
        filler.unlink()
        following = server.post("/tickets", {"service": "deed"})
        assert following.status == 201
        assert following.json["number"] not in given
        assert server.get("/health").status == 200
        server.kill()
        server.start()
        in_log = [server.get(f"/tickets/{number}").status for number in (*given, following.json["number"])]
        assert set(in_log) == {200}
    finally:
        server.kill()


def test_a_server_that_finds_its_disk_full_says_what_helps(small_disk: Path) -> None:
    with pytest.raises(OSError), (small_disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))
    answer = start(small_disk)
    assert (answer.returncode, "the disk is full" in answer.stderr, "du -xh" in answer.stderr) == (1, True, True)
    assert "Traceback" not in answer.stderr


def test_a_server_whose_disk_became_read_only_says_what_helps(small_disk: Path) -> None:
    server = RunningServer(small_disk.parent)
    server.post("/tickets", {"service": "deed"})
    server.kill()
    answer = start(small_disk, read_only=True)
    assert (answer.returncode, "cannot be written" in answer.stderr, "journalctl" in answer.stderr) == (1, True, True)
    assert "Traceback" not in answer.stderr
