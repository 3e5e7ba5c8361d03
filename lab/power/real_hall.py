"""The real server and the real kiosk as processes, with a printer, a reception and two counters that keep them busy.

`promised` says at any moment what people and devices know: which slips have fallen, and what the server answered.
"""

import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from dawr.ids import new_id
from dawr.messages import CallNext, IssueTicket
from dawr.settings.centre import WEEKDAYS
from demo.processes import dies_with
from kiosk.opening import JOURNAL
from kiosk.virtual_printer import VirtualPrinter
from lab.power.small_hall import CENTRE, KIOSK, SERVICES, Fact

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0
PRESS_EVERY_S = 0.7
"""The same button counts once in two seconds; there are three."""
ASK_EVERY_S = 0.05

_HOURS = "[hours]\n" + "".join(f'{day} = ["00:00-24:00"]\n' for day in WEEKDAYS)
ALWAYS_OPEN = re.sub(r"(?ms)^\[hours\].*?(?=^\[\[)", _HOURS, CENTRE.read_text("utf-8"))
ALWAYS_OPEN = re.sub(r"(?ms)^\[\[holiday\]\].*?(?=^\[\[(?!holiday))", "", ALWAYS_OPEN)
ALWAYS_OPEN = ALWAYS_OPEN.replace("last_ticket_minutes = 15", "last_ticket_minutes = 0")
"""The small town's centre, but the power can be cut at any hour."""

_BUTTONS = "".join(
    f'[[button]]\npin = {pin}\nservice = "{one}"\n' for pin, one in zip((17, 27, 22), SERVICES, strict=True)
)


class RealHall:
    """What goes on in the hall, and what was promised in it."""

    def __init__(self, server: str, bench: str, journal: Path, printer: VirtualPrinter) -> None:
        self._server, self._bench, self._journal, self._printer = server, bench, journal, printer
        self._told: list[Fact] = []
        self._over = threading.Event()

    def promised(self) -> list[Fact]:
        """Everything until now. Slips fall in the order of the journal, so the n-th is its n-th number."""
        told, slips = list(self._told), len(self._printer.slips)
        with closing(sqlite3.connect(f"{self._journal.as_uri()}?mode=ro", uri=True)) as journal:
            rows = journal.execute("SELECT id, number FROM ticket ORDER BY place LIMIT ?", (slips,)).fetchall()
        return told + [{"paper": number, "ticket": id} for id, number in rows]

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Visitors press, reception gives tickets, counters call."""
        people = [(self._press, PRESS_EVERY_S), (self._issue, ASK_EVERY_S), (self._call, ASK_EVERY_S)]
        threads = [threading.Thread(target=self._again_and_again, args=one) for one in people]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _again_and_again(self, act: Any, every_s: float) -> None:
        for turn in count():
            if self._over.wait(every_s):
                return
            act(turn)

    def _press(self, turn: int) -> None:
        _post(f"{self._bench}/press", {"button": str(turn % len(SERVICES) + 1)})

    def _issue(self, turn: int) -> None:
        ticket = self._do(IssueTicket.NAME, "/tickets", {"service": SERVICES[turn % len(SERVICES)], "language": "ar"})
        if ticket:
            self._told[-1]["answer"] = {"ticket": ticket}

    def _call(self, turn: int) -> None:
        self._do(CallNext.NAME, f"/counters/{turn % 2 + 1}/call-next", {})

    def _do(self, name: str, path: str, payload: Fact) -> Fact | None:
        id = new_id()
        try:
            answer = _post(f"{self._server}/api/v1{path}", payload, id)
        except urllib.error.HTTPError as refusal:
            with refusal:
                answer = {"refused": json.load(refusal)["code"]}
        self._told.append({"command": id, "name": name, "answer": answer})
        return None if "refused" in answer else answer


@contextmanager
def real_hall(folder: Path, disk: Path, change: str | None = None) -> Iterator[RealHall]:
    """Start it: settings and logs in a folder, data on a disk; with SQLite as it is, or changed."""
    (folder / "centre.toml").write_text(ALWAYS_OPEN, "utf-8")
    python: list[str | Path] = [sys.executable, "-m", *(["lab.power.careless", change] if change else [])]
    with ExitStack() as parts:
        printer = parts.enter_context(VirtualPrinter().start_tcp())
        server_log, kiosk_log = folder / "server.log", folder / "kiosk.log"
        serve: list[str | Path] = ["--config", folder / "centre.toml", "--data", disk / "server"]
        serve += ["--port", "0", "--no-discovery", "--no-sign-in"]
        server = running(parts, [*python, "server", *serve], server_log, r"^(http://\S+)$")
        (folder / "kiosk.toml").write_text(
            f'[kiosk]\nid = "{KIOSK}"\nserver = "{server}"\ncentre = "centre.toml"\npins = "mock"\n'
            # More hands than any hall has: nobody is to wait here.
            f'slips_a_minute = 600\n[printer]\naddress = "{printer.address}"\n{_BUTTONS}',
            "utf-8",
        )
        give: list[str | Path] = ["--config", folder / "kiosk.toml", "--data", disk / "kiosk", "--bench", "0"]
        bench = running(parts, [*python, "kiosk", *give], kiosk_log, r"bench on (http://\S+)$")
        yield RealHall(server, bench, disk / "kiosk" / JOURNAL, printer)


def running(parts: ExitStack, command: list[str | Path], log: Path, address: str) -> str:
    """Start a process that ends with the parts, and wait until it says its address."""
    with log.open("w") as said:
        process = subprocess.Popen(
            [str(one) for one in command],
            cwd=ROOT,
            stdout=said,
            stderr=subprocess.STDOUT,
            preexec_fn=dies_with(os.getpid()),
        )
    parts.callback(process.wait)
    parts.callback(process.kill)
    deadline = time.monotonic() + PATIENCE_S
    while not (found := re.search(address, log.read_text("utf-8"), re.MULTILINE)):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{command[2]} did not start: {log.read_text('utf-8')}")
        time.sleep(0.05)
    return found[1]


def _post(url: str, payload: Fact, id: str | None = None) -> Fact:
    headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": id} if id else {})
    request = urllib.request.Request(url, json.dumps(payload).encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        said = answer.read()
    result: Fact = json.loads(said) if said else {}
    return result
