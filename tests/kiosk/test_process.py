"""`dawr kiosk` as a process: from a touch to a slip without a server, and to the server when it is there."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.virtual_printer import VirtualPrinter
from tests.house.source import ROOT
from tests.kiosk.working import until
from tests.server.running import ALWAYS_OPEN, RunningServer

TOUCH = """
[screen]
size = [540, 960]
inches = 21.5
"""
BUTTONS = """
[[button]]
pin = 17
service = "{service}"
"""


class RunningKiosk:
    """`python -m kiosk` with its bench, on a virtual printer; the centre is the small one that never closes."""

    def __init__(
        self,
        folder: Path,
        printer: str,
        face: str = TOUCH,
        server: str = "http://127.0.0.1:9",
        id: str = "kiosk-1",
        own: str = "",
    ) -> None:
        self.folder, self.data = folder, folder / "kiosk"
        self.port = _free_port()
        self.config = folder / "kiosk.toml"
        (folder / "centre.toml").write_text(ALWAYS_OPEN, "utf-8")
        self.config.write_text(
            f'[kiosk]\nid = "{id}"\nserver = "{server}"\ncentre = "centre.toml"\npins = "mock"\n{own}'
            f'[printer]\naddress = "{printer}"\n{face}',
            "utf-8",
        )
        self.start()

    def start(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "kiosk", "--config", self.config, "--data", self.data),
                *("--bench", str(self.port), *options),
            ],
            cwd=ROOT,
            env=os.environ | {"SDL_VIDEODRIVER": "dummy"},
            stderr=(self.folder / "kiosk.err").open("a"),
        )
        until(self.answers)

    def answers(self) -> bool:
        assert self.process.poll() is None, (self.folder / "kiosk.err").read_text()
        try:
            self.state()
        except OSError:
            return False
        return True

    def state(self) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/state", timeout=5) as answer:
            return json.load(answer)

    def post(self, path: str, body: dict[str, object]) -> None:
        data = json.dumps(body).encode()
        urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", data, timeout=5).close()

    def touch(self, name: str) -> None:
        """Touch the first target whose name begins like this, as soon as it is there."""
        until(lambda: self._target(name))
        x, y = self._target(name)
        self.post("/tap", {"x": x, "y": y})

    def _target(self, name: str) -> Any:
        return next((place for target, place in self.state()["targets"].items() if target.startswith(name)), None)

    def take_ticket(self) -> str:
        self.touch("OpenCategory")
        self.touch("OpenService")
        self.touch("TakeTicket")
        until(lambda: self.state()["page"] == "ticket")
        number: str = self.state()["number"]
        self.touch("Home")
        until(lambda: self.state()["page"] == "categories")
        return number

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


Run = Callable[..., RunningKiosk]


@pytest.fixture
def run() -> Iterator[Run]:
    """Starts kiosks; none outlives its test."""
    kiosks: list[RunningKiosk] = []

    def start(folder: Path, printer: str, face: str = TOUCH, **where: str) -> RunningKiosk:
        kiosks.append(RunningKiosk(folder, printer, face, **where))
        return kiosks[-1]

    yield start
    for kiosk in kiosks:
        kiosk.kill()


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter().start_tcp() as virtual:
        yield virtual


def test_a_touch_gives_a_slip_without_a_server_and_the_server_hears_of_it_later(
    tmp_path: Path, printer: VirtualPrinter, run: Run
) -> None:
    kiosk = run(tmp_path, printer.address)
    numbers = [kiosk.take_ticket(), kiosk.take_ticket()]
    assert len(set(numbers)) == len(printer.slips) == 2
    assert (kiosk.state()["up"], kiosk.state()["not_handed_in"]) == (False, 2)
    assert kiosk.stop() == 0

    (tmp_path / "server").mkdir()
    server = RunningServer(tmp_path / "server")
    try:
        kiosk.config.write_text(kiosk.config.read_text().replace("http://127.0.0.1:9", server.address))
        kiosk.start()
        until(lambda: kiosk.state()["up"] and kiosk.state()["not_handed_in"] == 0)
        assert sum(line["waiting"] for line in server.get("/board").json["waiting"]) == 2
        numbers.append(kiosk.take_ticket())
        until(lambda: kiosk.state()["not_handed_in"] == 0)
        assert sum(line["waiting"] for line in server.get("/board").json["waiting"]) == 3
        assert len(set(numbers)) == 3
        assert (kiosk.data / "centre.toml").read_text("utf-8") == server.config.read_text("utf-8")
        assert kiosk.stop() == 0
    finally:
        server.stop()


def test_a_service_that_was_stopped_stays_stopped_when_the_kiosk_starts_without_its_server(
    tmp_path: Path, printer: VirtualPrinter, run: Run
) -> None:
    (tmp_path / "server").mkdir()
    server = RunningServer(tmp_path / "server")
    try:
        kiosk = run(tmp_path, printer.address, server=server.address)
        until(lambda: kiosk.state()["up"])
        for service in ("birth", "deed"):
            assert server.post(f"/services/{service}/stop", {"reason": {"ar": "عطل", "en": "A fault"}}).status == 200
        until(lambda: kiosk.state()["page"] == "closed")
    finally:
        server.kill()
    kiosk.kill()
    kiosk.start()
    assert (kiosk.state()["up"], kiosk.state()["page"]) == (False, "closed")
    kiosk.stop()


def test_a_kiosk_killed_while_it_prints_never_gives_that_number_again(
    tmp_path: Path, printer: VirtualPrinter, run: Run
) -> None:
    printer.byte_rate = 4000
    kiosk = run(tmp_path, printer.address)
    kiosk.touch("OpenCategory")
    kiosk.touch("OpenService")
    kiosk.touch("TakeTicket")
    until(lambda: kiosk.state()["page"] == "printing" and kiosk.state()["not_handed_in"] is not None)
    until(lambda: _rows(kiosk.data))
    kiosk.kill()
    printer.byte_rate = None
    kiosk.start()
    after = kiosk.take_ticket()
    kiosk.stop()
    (lost, state), (given, printed) = _rows(kiosk.data)
    assert (state, printed, given) == ("in_doubt", "printed", after) and lost != after


def test_without_paper_it_says_so_and_goes_on_by_itself(tmp_path: Path, printer: VirtualPrinter, run: Run) -> None:
    printer.paper_out = True
    kiosk = run(tmp_path, printer.address)
    until(lambda: kiosk.state()["fault"] == "printer.paper_out" and kiosk.state()["page"] == "fault")
    assert kiosk.state()["targets"] == {}
    printer.paper_out = False
    until(lambda: kiosk.state()["page"] == "categories")
    kiosk.stop()


def test_a_copied_journal_is_refused_on_the_screen_until_it_is_adopted(
    tmp_path: Path, printer: VirtualPrinter, run: Run
) -> None:
    kiosk = run(tmp_path, printer.address)
    kiosk.take_ticket()
    kiosk.stop()
    with sqlite3.connect(kiosk.data / "journal.sqlite") as database:
        database.execute("UPDATE about SET value = 'kiosk-1 on another board' WHERE key = 'owner'")
    database.close()
    kiosk.start()
    until(lambda: kiosk.state()["fault"] == "problem.wrong_machine" and kiosk.state()["page"] == "fault")
    assert kiosk.stop() == 1
    kiosk.start("--adopt")
    assert kiosk.take_ticket().endswith("002")
    assert kiosk.stop() == 0


def test_a_lost_journal_is_said_on_the_screen_unless_the_reserve_knows_how_far_it_counted(
    tmp_path: Path, printer: VirtualPrinter, run: Run
) -> None:
    kiosk = run(tmp_path, printer.address)
    first = kiosk.take_ticket()
    kiosk.stop()
    (kiosk.data / "centre.toml").write_text(ALWAYS_OPEN, "utf-8")
    (kiosk.data / "journal.sqlite").unlink()
    kiosk.start()
    assert kiosk.state()["replaced"]
    assert kiosk.take_ticket() == first.replace("001", "002")
    kiosk.stop()
    (kiosk.data / "journal.sqlite").unlink()
    (kiosk.data / "reserve").unlink()
    kiosk.start()
    until(lambda: kiosk.state()["fault"] == "kiosk.journal_lost" and kiosk.state()["page"] == "fault")
    kiosk.stop()


def test_without_journal_reserve_and_server_it_goes_on_with_its_spare_numbers_and_says_so(
    tmp_path: Path, printer: VirtualPrinter, run: Run
) -> None:
    kiosk = run(tmp_path, printer.address)
    kiosk.take_ticket()
    kiosk.stop()
    spares = ALWAYS_OPEN.replace("numbers_from = 1\n", "numbers_from = 1\nspare_from = 401\n")
    (kiosk.data / "centre.toml").write_text(spares, "utf-8")
    (kiosk.data / "journal.sqlite").unlink()
    (kiosk.data / "reserve").unlink()
    kiosk.start()
    until(lambda: kiosk.state()["fault"] == "kiosk.journal_lost")
    until(lambda: kiosk.state()["page"] == "categories", 60)
    assert kiosk.take_ticket().endswith("401")
    until(lambda: "staff.spare" in kiosk.state()["notes"])
    kiosk.stop()


def test_the_picture_is_the_size_of_the_screen_and_changes_when_touched(
    tmp_path: Path, printer: VirtualPrinter, run: Run
) -> None:
    kiosk = run(tmp_path, printer.address)
    url = f"http://127.0.0.1:{kiosk.port}/picture"
    until(lambda: kiosk.state()["targets"])
    with urllib.request.urlopen(url, timeout=30) as answer:
        frame, first = int(answer.headers["X-Frame"]), answer.read()
    assert first[16:24] == (540).to_bytes(4) + (960).to_bytes(4)  # width and height in a PNG's header
    kiosk.touch("Speak en")
    with urllib.request.urlopen(f"{url}?after={frame}", timeout=30) as answer:
        assert answer.read() != first
    kiosk.stop()


def test_a_button_gives_a_slip(tmp_path: Path, printer: VirtualPrinter, run: Run) -> None:
    service = re.findall(r'\[\[service\]\]\nid = "([a-z-]+)"', ALWAYS_OPEN)[0]
    kiosk = run(tmp_path, printer.address, BUTTONS.format(service=service))
    kiosk.post("/press", {"button": "1"})
    until(lambda: kiosk.state()["number"])
    assert len(printer.slips) == 1
    kiosk.stop()


def test_mistaken_settings_end_it_with_every_mistake(tmp_path: Path) -> None:
    (tmp_path / "centre.toml").write_text(ALWAYS_OPEN, "utf-8")
    config = tmp_path / "kiosk.toml"
    config.write_text(
        '[kiosk]\nid = "kiosk-1"\ncentre = "centre.toml"\n[printer]\naddress = "tcp://127.0.0.1:1"\n'
        + BUTTONS.format(service="no-such")
        + BUTTONS.format(service="nor-this").replace("17", "18"),
        "utf-8",
    )
    ended = subprocess.run(
        [sys.executable, "-m", "kiosk", "--config", config, "--data", tmp_path / "data"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 2
    assert '"no-such"' in ended.stderr and '"nor-this"' in ended.stderr and "Traceback" not in ended.stderr


def _rows(data: Path) -> list[tuple[str, str]]:
    database = sqlite3.connect(data / "journal.sqlite")
    rows = database.execute("SELECT number, state FROM ticket ORDER BY place").fetchall()
    database.close()
    return rows


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
