"""The machines of the lab's hall: each a namespace with one real process, seen and pressed through its bench."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from demo.processes import dies_with
from kiosk.virtual_printer import VirtualPrinter
from lab.network.namespaces import inside

ROOT = Path(__file__).resolve().parents[2]
NO_HARDWARE = {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy", "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
BENCH, HTTP = 8100, 8080
ANSWER_S, ENDING_S, LOOK_S = 5.0, 10.0, 0.05


def wait_until(fact: Callable[[], bool], limit_s: float, what: str) -> float:
    """Look until it is so; how many seconds that took. TimeoutError after `limit_s`. What does not answer is not so."""
    began_s = time.monotonic()
    while not _holds(fact):
        if time.monotonic() - began_s > limit_s:
            raise TimeoutError(f"after {limit_s:g} s it is still not so: {what}")
        time.sleep(LOOK_S)
    return time.monotonic() - began_s


def _holds(fact: Callable[[], bool]) -> bool:
    try:
        return fact()
    except OSError:
        return False


class Machine:
    """A namespace with one process: `python -m MODULE …`. Its files are in `folder`."""

    def __init__(self, name: str, namespace: str, folder: Path, module: str, options: Sequence[str]) -> None:
        self.name, self.namespace, self.folder = name, namespace, folder
        self.environment: dict[str, str] = {}
        self._command = [sys.executable, "-P", "-m", module, *options]
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def log(self) -> str:
        """What the process has said."""
        return (self.folder / "log").read_text("utf-8", "replace")

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process; from the main thread, with whose end the kernel ends it."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["ip", "netns", "exec", self.namespace, *self._command],
                cwd=ROOT,
                env={**os.environ, **NO_HARDWARE, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=dies_with(os.getpid()),
            )

    def kill(self) -> None:
        """End it without warning, as a power cut does."""
        if self._process:
            self._process.kill()
            self._process.wait(ENDING_S)

    def stop(self) -> None:
        """End it in good order; killed if it does not go."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(ENDING_S)
            except subprocess.TimeoutExpired:
                self.kill()

    def get(self, path: str, port: int = BENCH) -> Any:
        """JSON from one of its own ports. OSError when there is none."""
        return json.loads(self._ask("GET", path, port))

    def picture(self) -> bytes:
        """What its screen shows, as PNG."""
        return self._ask("GET", "/picture", BENCH)

    def post(self, path: str, body: object, port: int = BENCH) -> Any:
        """Post JSON to one of its own ports."""
        answer = self._ask("POST", path, port, json.dumps(body).encode())
        return json.loads(answer) if answer else None

    @property
    def state(self) -> dict[str, Any]:
        """What its bench tells."""
        state: dict[str, Any] = self.get("/state")
        return state

    def answers(self) -> bool:
        """Whether the bench is there. RuntimeError when the process has ended by itself."""
        if not self.is_running:
            raise RuntimeError(f"{self.name} has ended:\n{self.log[-2000:]}")
        return _holds(lambda: bool(self.state))

    def _ask(self, method: str, path: str, port: int, body: bytes | None = None) -> bytes:
        with inside(self.namespace):
            line = socket.create_connection(("127.0.0.1", port), ANSWER_S)
        asking = http.client.HTTPConnection("127.0.0.1", port)
        asking.sock = line
        try:
            asking.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            answer = asking.getresponse()
            said = answer.read()
        except http.client.HTTPException as problem:
            raise OSError(f"{self.name} broke off: {problem!r}") from problem
        finally:
            asking.close()
        if answer.status >= 400:
            raise OSError(f"{self.name} {path}: {answer.status} {said[:300]!r}")
        return said


class ServerMachine(Machine):
    """The server."""

    def __init__(self, name: str, namespace: str, folder: Path, centre: Path) -> None:
        options = ["--config", str(centre), "--data", str(folder / "data"), "--host", "0.0.0.0", "--port", str(HTTP)]
        options += ["--language", "en", "--trust-clock", "--no-sign-in"]
        super().__init__(name, namespace, folder, "server", options)

    @property
    def state(self) -> dict[str, Any]:
        """Its health."""
        health: dict[str, Any] = self.view("/health")
        return health

    def view(self, path: str) -> Any:
        """A view of the server's, such as `/board`."""
        return self.get(f"/api/v1{path}", HTTP)

    def call_next(self, counter: str) -> Any:
        """Call whose turn it is, as a page at a counter does; the ticket, or None."""
        return self.post(f"/api/v1/counters/{counter}/call-next", {}, HTTP)["ticket"]

    def events(self) -> list[dict[str, Any]]:
        """The whole log: each entry with its name and event."""
        entries: list[dict[str, Any]] = []
        while page := self.view(f"/log?after={len(entries)}&limit=1000")["events"]:
            entries += page
        return entries


class KioskMachine(Machine):
    """A kiosk, with a printer beside it that keeps its slips."""

    def __init__(self, name: str, namespace: str, folder: Path, settings: Path, printer_port: int) -> None:
        options = ["--config", str(settings), "--data", str(folder / "data"), "--bench", str(BENCH)]
        super().__init__(name, namespace, folder, "kiosk", options)
        self.printer = VirtualPrinter()
        self._printer_port = printer_port

    def switch_printer_on(self) -> None:
        """Let the printer listen."""
        with inside(self.namespace):
            self.printer.start_tcp(port=self._printer_port)

    def take_ticket(self, limit_s: float = 20.0) -> str:
        """What a visitor does for a ticket; its number."""
        self._touch("OpenCategory", limit_s)
        self._touch("OpenService", limit_s)
        self._touch("TakeTicket", limit_s)
        wait_until(lambda: bool(self.state["page"] == "ticket"), limit_s, f"a ticket from {self.name}")
        number: str = self.state["number"]
        self._touch("Home", limit_s)
        wait_until(lambda: bool(self.state["page"] == "categories"), limit_s, f"{self.name}'s first page")
        return number

    def _touch(self, name: str, limit_s: float) -> None:
        """Touch the first target whose name begins like this, when it is there."""

        def place() -> Any:
            return next((at for target, at in self.state["targets"].items() if target.startswith(name)), None)

        wait_until(lambda: place() is not None, limit_s, f"{name} on {self.name}")
        x, y = place()
        self.post("/tap", {"x": x, "y": y})


class CounterMachine(Machine):
    """A counter's box."""

    def __init__(self, name: str, namespace: str, folder: Path, settings: Path) -> None:
        options = ["--config", str(settings), "--data", str(folder / "data"), "--bench", str(BENCH)]
        super().__init__(name, namespace, folder, "counter", options)

    def press(self, button: str) -> None:
        """Press a button of the box."""
        self.post("/press", {"button": button})


class BoardMachine(Machine):
    """The hall's board."""

    def __init__(self, name: str, namespace: str, folder: Path, settings: Path) -> None:
        options = ["--config", str(settings), "--data", str(folder / "data"), "--bench", str(BENCH)]
        super().__init__(name, namespace, folder, "display", options)
