"""The real processes of a hall: started side by side, started again when one ends, and ended together.

Each part has its own process group and its own log file. The kernel ends a part whose demo is gone, so that nothing is
left behind even when the demo itself is killed.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPResponse
from pathlib import Path

PR_SET_PDEATHSIG = 1  # prctl(2)
PROBE_EVERY_S = 0.1
ENDING_S = 2.5
LONGEST_PAUSE_S = 10.0
SETTLED_S = 10.0
FAILURES_WAITED_FOR, PATIENCE_S = 3, 30.0


@dataclass(frozen=True, slots=True)
class Part:
    """A process of the hall: its module with arguments, and the address that answers once it is ready.

    `name` names its log file, `title` is what a person calls it. `answers` is an http:// address that gives 200, or a
    tcp:// one that can be connected to.
    """

    name: str
    title: str
    command: tuple[str, ...]
    answers: str


@dataclass(slots=True)
class _Running:
    """What is known of a part: its process, and whether nobody has to wait for it any more."""

    part: Part
    process: "subprocess.Popen[bytes] | None" = None
    settled: threading.Event = field(default_factory=threading.Event)


class Processes:
    """The processes of one hall. `say` gets a word key and its facts for each thing that a person should know."""

    def __init__(
        self, parts: Sequence[Part], logs: Path, environment: Mapping[str, str], say: Callable[..., None]
    ) -> None:
        self._running = [_Running(part) for part in parts]
        self._logs, self._say = logs, say
        self._environment = {**os.environ, **environment}
        self._ending = threading.Event()
        self._keepers = [threading.Thread(target=self._keep, args=(one,), daemon=True) for one in self._running]

    def start(self) -> None:
        """Start all of them; return when each has answered or has failed three times, or ending was asked for.

        Nobody waits longer than 30 s: a hall with a part missing is still a hall.
        """
        self._logs.mkdir(parents=True, exist_ok=True)
        for one, keeper in zip(self._running, self._keepers, strict=True):
            self._log(one.part).unlink(missing_ok=True)
            keeper.start()
        deadline = time.monotonic() + PATIENCE_S
        for one in self._running:
            while not (self._ending.is_set() or one.settled.wait(PROBE_EVERY_S)):
                if time.monotonic() > deadline:
                    self._say("not_yet", part=one.part.title)
                    break

    def stop(self) -> None:
        """End all of them: asked first, and killed when they have not gone after 2.5 s."""
        self._ending.set()
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + ENDING_S
        for keeper in self._keepers:
            keeper.join(max(0.0, deadline - time.monotonic()))
        self._signal(signal.SIGKILL)
        for keeper in self._keepers:
            keeper.join()

    def _keep(self, one: _Running) -> None:
        """Run a part, again and again, until ending is asked for; with longer pauses while it fails at once."""
        failures = 0
        while not self._ending.is_set():
            started = time.monotonic()
            code = self._run(one, started)
            if self._ending.is_set():
                return
            failures = 1 if time.monotonic() - started > SETTLED_S else failures + 1
            self._say("started_again", part=one.part.title, why=self._why(one.part, code))
            if failures == FAILURES_WAITED_FOR:
                one.settled.set()
            self._ending.wait(min(0.25 * 2**failures, LONGEST_PAUSE_S))

    def _run(self, one: _Running, started: float) -> int:
        with self._log(one.part).open("ab") as log:
            one.process = process = subprocess.Popen(
                [sys.executable, "-P", "-m", *one.part.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
                preexec_fn=dies_with(os.getpid()),
            )
        while process.poll() is None and not self._ending.is_set():
            if answers(one.part.answers):
                self._say("ready", part=one.part.title, seconds=f"{time.monotonic() - started:.1f}")
                one.settled.set()
                break
            time.sleep(PROBE_EVERY_S)
        return process.wait()

    def _signal(self, number: signal.Signals) -> None:
        for one in self._running:
            if one.process and one.process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(one.process.pid, number)

    def _why(self, part: Part, code: int) -> str:
        """How it ended, and the last that it said."""
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        said = self._log(part).read_text("utf-8", "replace").split("\n")
        last = next((line for line in reversed(said) if line.strip()), "")
        return f"{how}: {last.strip()}" if code > 0 and last else how

    def _log(self, part: Part) -> Path:
        return self._logs / f"{part.name}.log"


def free_port(wanted: int = 0, host: str = "127.0.0.1") -> int:
    """The wanted port if nobody listens on it, or else any free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, wanted))
        except OSError:
            probe.bind((host, 0))
        return int(probe.getsockname()[1])


def answers(address: str) -> bool:
    """Whether an http:// address gives 200, or a tcp:// one can be connected to.

    A device that tells in its state that it is not up, that is without its server, is not ready yet.
    """
    try:
        if address.startswith("tcp://"):
            host, _, port = address.removeprefix("tcp://").rpartition(":")
            socket.create_connection((host, int(port)), 1).close()
            return True
        with urllib.request.urlopen(address, timeout=1) as answer:
            return bool(answer.status == 200) and not _waits_for_its_server(answer)
    except OSError:
        return False


def _waits_for_its_server(answer: HTTPResponse) -> bool:
    if answer.headers.get_content_type() != "application/json":
        return False
    told = json.load(answer)
    return isinstance(told, dict) and told.get("up") is False


def dies_with(parent: int) -> Callable[[], None]:
    """What a child does before it becomes its program, so that the kernel kills it when this parent is gone.

    The kernel looks at the thread that starts the child: it has to live as long as the parent (prctl(2)).
    """
    libc = ctypes.CDLL(None)

    def ask_the_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it went before we could ask
            os._exit(1)

    return ask_the_kernel
