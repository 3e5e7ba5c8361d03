"""Watches the hall for the page: the newest pictures, how the boxes and the lines are, which slips came out.

Nothing is asked of the devices while nobody looks at the page.
"""

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

LOOK_EVERY_S = 0.25
REPORT_EVERY_S = 3.0
BENCH_WAIT_S = 25.0
SLIPS_SHOWN = 24


@dataclass(frozen=True, slots=True)
class Devices:
    """Where the devices of the hall answer: addresses, ports of the benches, and the folder of the slips."""

    server: str
    printer: str
    kiosk: int
    board: int
    counters: dict[str, int]
    slips: Path

    @property
    def screens(self) -> dict[str, int]:
        """The devices that have a picture, with the ports of their benches."""
        return {"kiosk": self.kiosk, "board": self.board}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the hall now. A value of None: that part does not answer."""

    frames: dict[str, int | None] = field(default_factory=dict)
    counters: dict[str, Any] = field(default_factory=dict)
    board: Any = None
    report: Any = None
    played: Any = None
    slips: tuple[str, ...] = ()


class Watch:
    """Looks at the hall while at least one page looks at it. `played` is a day whose report belongs to it."""

    def __init__(self, devices: Devices, played: date | None = None) -> None:
        self._devices, self._played = devices, played
        self._changed = threading.Condition()
        self._facts = Facts(frames=dict.fromkeys(devices.screens))
        self._version = 0
        self._pictures: dict[str, tuple[int, bytes]] = {}
        self._watchers = 0
        self._round = 0

    def picture(self, screen: str) -> bytes | None:
        """The newest picture of a screen, a PNG; None when there was none yet."""
        number_and_png = self._pictures.get(screen)
        return number_and_png and number_and_png[1]

    def changes(self, patience_s: float) -> Iterator[Facts | None]:
        """The facts now and at every change, for as long as they are iterated; None when all was quiet for a while."""
        with self._watched():
            seen = -1
            while True:
                with self._changed:
                    changed = self._version > seen or self._changed.wait(patience_s)
                    seen, facts = self._version, self._facts
                yield facts if changed else None

    @contextmanager
    def _watched(self) -> Iterator[None]:
        with self._changed:
            self._watchers += 1
            if self._watchers == 1:
                self._begin()
        try:
            yield
        finally:
            with self._changed:
                self._watchers -= 1

    def _begin(self) -> None:
        self._round += 1
        for screen, port in self._devices.screens.items():
            self._while_watched(self._follow_screen(screen, port))
        self._while_watched(self._follow_hall())

    def _while_watched(self, looking: Iterator[None]) -> None:
        this_round = self._round

        def repeat() -> None:
            for _ in looking:
                if not self._watchers or self._round != this_round:
                    return

        threading.Thread(target=repeat, daemon=True).start()

    def _follow_screen(self, screen: str, port: int) -> Iterator[None]:
        """Ask a bench for each newer picture. Its own frame numbers begin anew when the device does; ours do not."""
        after, this_round = -1, self._round
        while True:
            try:
                answer = get(f"http://127.0.0.1:{port}/picture?after={after}", BENCH_WAIT_S)
            except OSError:
                after = -1
                self._note(frames={**self._facts.frames, screen: None})
                time.sleep(LOOK_EVERY_S)
            else:
                # The answer may have come long after the last watcher went, and another round has begun meanwhile.
                if answer.status == 200 and this_round == self._round:
                    after = int(answer.headers["X-Frame"])
                    self._note_picture(screen, answer.body)
            yield

    def _follow_hall(self) -> Iterator[None]:
        report, played, report_at = None, None, float("-inf")
        while True:
            board = _json(f"{self._devices.server}/api/v1/board")
            if time.monotonic() - report_at > REPORT_EVERY_S:
                report, report_at = self._report(board and board["day"]), time.monotonic()
                played = played or self._report(self._played)
            self._note(
                counters={id: _json(f"http://127.0.0.1:{port}/state") for id, port in self._devices.counters.items()},
                board=board,
                report=report,
                played=played,
                slips=newest_slips(self._devices.slips),
            )
            time.sleep(LOOK_EVERY_S)
            yield

    def _report(self, day: Any) -> Any:
        """The waiting report of a day by line; None without a day."""
        return day and _json(f"{self._devices.server}/api/v1/reports/waiting?from={day}&to={day}&by=line")

    def _note_picture(self, screen: str, png: bytes) -> None:
        number, _ = self._pictures.get(screen, (0, b""))
        self._pictures[screen] = (number + 1, png)
        self._note(frames={**self._facts.frames, screen: number + 1})

    def _note(self, **facts: Any) -> None:
        with self._changed:
            now = replace(self._facts, **facts)
            if now != self._facts:
                self._facts = now
                self._version += 1
                self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device answered."""

    status: int
    headers: Any
    body: bytes


def get(address: str, patience_s: float = 5.0) -> Answer:
    """Ask a device. OSError when it does not answer; a refusal is an answer too."""
    return _ask(urllib.request.Request(address), patience_s)


def post(address: str, body: dict[str, Any], patience_s: float = 5.0) -> Answer:
    """Tell a device something. OSError when it does not answer; a refusal is an answer too."""
    data = json.dumps(body).encode()
    return _ask(urllib.request.Request(address, data, {"Content-Type": "application/json"}), patience_s)


def _ask(request: urllib.request.Request, patience_s: float) -> Answer:
    try:
        with urllib.request.urlopen(request, timeout=patience_s) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return Answer(refusal.code, refusal.headers, refusal.read())
    except http.client.HTTPException as broken:
        raise ConnectionError(f"the answer broke off: {broken}") from None


def newest_slips(folder: Path) -> tuple[str, ...]:
    """The names of the newest slips, newest first."""
    slips = sorted(folder.glob("*.png"), key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
    return tuple(file.name for file in slips[:SLIPS_SHOWN])


def _json(address: str) -> Any:
    """What a device answers, or None."""
    try:
        answer = get(address)
        # A box that has only just begun has nothing to tell yet.
        return (json.loads(answer.body) or None) if answer.status == 200 else None
    except (OSError, ValueError):
        return None
