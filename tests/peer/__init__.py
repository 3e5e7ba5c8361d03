"""The other end for tests of devices: a real Socket.IO server as a process that can be killed, frozen and restarted."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


def until(condition: Callable[[], Any], deadline_s: float = 10.0) -> Any:
    """What the condition gives once it is true; fails when that has not come about in time."""
    end = time.monotonic() + deadline_s
    while not (result := condition()):
        assert time.monotonic() < end, f"not within {deadline_s:g} s"
        time.sleep(0.01)
    return result


class Peer:
    """A handle on one such server. It keeps its port and its memory when it is started again."""

    def __init__(self, memory: Path) -> None:
        self.memory = memory
        self.port = 0
        self.process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.peer", str(self.port), str(self.memory)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=Path(__file__).parents[2]
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def kill(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def forget(self) -> None:
        """Be as if just started."""
        self._post("forget", {})

    def freeze(self) -> None:
        """Stop it as a pulled cable does: nothing is closed, nothing is answered."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def emit(self, **views: Any) -> None:
        """Tell these views to everyone, and to whoever connects later."""
        self._post("emit", views)

    def behave(self, **how: Any) -> None:
        """From now on: `refuse=problem`, `turn_away=words` or `[words, problem]`.

        Once: `die_before_answer=True`, `lose_answer=True`.
        """
        self._post("behave", how)

    def got(self) -> list[dict[str, Any]]:
        """The commands that came in since it was started, with their event names."""
        return list(self._get("got")["commands"])

    def auths(self) -> list[Any]:
        """What those said who connected since it was started."""
        return list(self._get("got")["auths"])

    def _post(self, path: str, body: Any) -> None:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/{path}", json.dumps(body).encode(), headers)
        urllib.request.urlopen(request, timeout=5).close()

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.address}/{path}", timeout=5) as answer:
            return json.load(answer)


@contextmanager
def running_peer(folder: Path) -> Iterator[Peer]:
    """A peer that has started; its end is seen to."""
    peer = Peer(folder / "memory.json")
    peer.start()
    try:
        yield peer
    finally:
        peer.kill()


@pytest.fixture(scope="module")
def peer_of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """One peer for the tests of a module; starting a process takes most of a second."""
    with running_peer(tmp_path_factory.mktemp("peer")) as peer:
        yield peer


@pytest.fixture
def peer(peer_of_module: Peer) -> Iterator[Peer]:
    """A peer that knows of nothing yet. Whoever kills it starts it again."""
    yield peer_of_module
    peer_of_module.forget()
