"""A real server process for tests, and a plain HTTP client for it."""

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dawr.settings.centre import WEEKDAYS, Centre
from dawr.settings.mistakes import parse
from tests.halls import SMALL_CENTRE
from tests.house.source import ROOT

ALWAYS_OPEN = re.sub(
    r"(?ms)^\[hours\].*?(?=^\[\[)",
    "last_ticket_minutes = 0\n[hours]\n" + "".join(f'{day} = ["00:00-24:00"]\n' for day in WEEKDAYS),
    SMALL_CENTRE,
).replace("daily_cap = 300\n", "")
"""The small centre, but tickets are given at any hour, so that tests can run at any hour."""


def always_open() -> Centre:
    """The settings above."""
    return parse(Centre, ALWAYS_OPEN, "always_open.toml")


@dataclass
class Answer:
    """What came back over HTTP."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class RunningServer:
    """`python -m server` on a free port, with its data in a folder."""

    def __init__(self, folder: Path, *options: str, settings: str = ALWAYS_OPEN, open_to_all: bool = True) -> None:
        self.folder, self.options = folder, options
        self.access = ["--no-sign-in"] if open_to_all else []
        self.config, self.data = folder / "centre.toml", folder / "data"
        self.config.write_text(settings, "utf-8")
        self.start()

    def start(self) -> None:
        command: list[str | Path] = [sys.executable, "-m", "server", "--config", self.config, "--data", self.data]
        self.process = subprocess.Popen(
            [*command, "--port", "0", "--no-discovery", "--language", "en", *self.access, *self.options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=(self.folder / "server.err").open("a"),
            text=True,
        )
        assert self.process.stdout
        self.said = [self.process.stdout.readline().strip() for _ in range(3)]
        assert self.said[1].startswith("http://"), (self.said, (self.folder / "server.err").read_text())
        self.address = self.said[1]

    def kill(self) -> None:
        """End it without warning, as a power cut does."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """End it in good order; gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, body: object = None, **headers: str) -> Answer:
        return self.ask("POST", path, b"" if body is None else json.dumps(body).encode(), headers)

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        return self.ask_at(method, f"/api/v1{path}", body, headers)

    def ask_at(
        self, method: str, address: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """The same for an address outside the API; it follows nowhere else."""
        named = {"Content-Type": "application/json"} | {k.replace("_", "-"): v for k, v in (headers or {}).items()}
        try:
            asked = urllib.request.Request(f"{self.address}{address}", body, named, method=method)
            with _STAYS.open(asked, timeout=20) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, refusal.headers, refusal.read())


class _Staying(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_STAYS = urllib.request.build_opener(_Staying)
