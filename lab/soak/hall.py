"""The soaked hall: its settings, its processes and its people; and what a quiet moment in it is."""

import random
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from counter.panel import DOUBLE_PRESS_S
from demo.example import BOX, EXAMPLES, always_usable
from demo.processes import free_port
from lab.network.machines import wait_until
from lab.soak.people import Clerk, Person, Presser, Toucher, get, press_next
from lab.soak.processes import Part
from lab.soak.screens import digest

EXAMPLE = EXAMPLES / "damascus-midan" / "centre.toml"
PINS = (17, 27, 22, 5, 6, 13, 19, 26)
BOXES, BOARDS = 3, 2
"""So many counters and screens are whole processes; the others are clients like theirs."""
START_S, QUIET_S = 60.0, 60.0
TOUCH_SIZE, BOARD_SIZE = [540, 960], [1280, 720]
VISITOR_S = 0.32
"""Between two visitors. A press takes 0.2 s, and each of the four buttons of one counts once in 2 s."""
MOST_SLIPS_A_MINUTE = 600


@dataclass(frozen=True, slots=True)
class Size:
    """How large the hall is."""

    counters: int = 12
    kiosks: int = 3
    screens: int = 40


class SoakedHall:
    """Every process and every person; all files are in `folder`, and `seed` decides what people do."""

    def __init__(self, folder: Path, size: Size, seed: int) -> None:
        self._folder, self._size, self._chance = folder, size, random.Random(seed)
        folder.mkdir(parents=True, exist_ok=True)
        self.centre = self._write("centre", _centre(size))
        self.server = self._server()
        self.address = self.server.address.removesuffix("/api/v1/health")
        self.printers = [self._printer(place) for place in range(1, size.kiosks + 1)]
        self.kiosks = [self._kiosk(place) for place in range(1, size.kiosks + 1)]
        self.boxes = [self._box(str(place)) for place in range(1, min(BOXES, size.counters) + 1)]
        self.boards = [self._board(place) for place in range(1, min(BOARDS, size.screens) + 1)]
        self.others = self._screens(size.screens - len(self.boards))
        self.parts = [self.server, *self.printers, *self.kiosks, *self.boxes, *self.boards, self.others]
        self.clerks = [
            Clerk(self.address, str(place), random.Random(f"{seed}-{place}"))
            for place in range(len(self.boxes) + 1, size.counters + 1)
        ]
        self.visitors = [Person(act, lambda: VISITOR_S) for act in self._wishes()]
        self._at_counters = [
            *(Person(one.call_next, lambda: self._chance.uniform(0.3, 1.2)) for one in self.clerks),
            *(Person(_press(one), lambda: DOUBLE_PRESS_S + 0.2) for one in self.boxes),
        ]

    @contextmanager
    def open(self) -> Iterator[None]:
        """Start everything; nobody does anything before `resume`, and everything ends in the end."""
        with ExitStack() as ending:
            for part in self.parts:
                ending.callback(part.kill)
                part.start()
                wait_until(part.is_ready, START_S, f"{part.name} is ready")
            for clerk in self.clerks:
                ending.callback(clerk.client.stop)
                clerk.client.start()
            for person in self._people:
                person.lock.acquire()
                person.start()
            ending.callback(self.stop_people)
            yield

    @property
    def _people(self) -> list[Person]:
        return [*self.visitors, *self._at_counters]

    def resume(self) -> None:
        """Let people go on."""
        for person in self._people:
            if person.lock.locked():
                person.lock.release()

    def stop_people(self) -> None:
        """Send everybody home; who is held does nothing more."""
        for person in self._people:
            person.end()
        self.resume()
        for person in self._people:
            person.stop()

    def hush(self) -> float:
        """Hold everybody and wait until nothing is under way; the seconds until all screens agreed with the server."""
        for person in self._people:
            person.lock.acquire()
        wait_until(lambda: all(part.is_ready() for part in self.parts), QUIET_S, "every process is there")
        wait_until(self.all_handed_in, QUIET_S, "every ticket is handed in")
        return wait_until(self.agree, QUIET_S, "every screen shows the server's board")

    def agree(self) -> bool:
        """Whether every screen shows the server's board."""
        shown = get(f"{self.address}/api/v1/board")
        others = get(self.others.address)["shown"]
        boards = [get(board.address)["sequence"] for board in self.boards]
        return set(others) <= {digest(shown)} and set(boards) <= {shown["sequence"]}

    def tickets(self) -> int:
        """How many slips have fallen."""
        return sum(len(list(slips(printer).glob("*.png"))) for printer in self.printers)

    def waiting(self) -> int:
        """How many people wait."""
        return sum(int(line["waiting"]) for line in get(f"{self.address}/api/v1/lines")["lines"])

    def log(self) -> list[dict[str, Any]]:
        """The server's whole log."""
        entries: list[dict[str, Any]] = []
        while page := get(f"{self.address}/api/v1/log?after={len(entries)}&limit=1000")["events"]:
            entries += page
        return entries

    def all_handed_in(self) -> bool:
        """Whether the server knows every ticket that the kiosks have given."""
        return all(get(kiosk.address)["not_handed_in"] == 0 for kiosk in self.kiosks)

    def _wishes(self) -> Iterator[Callable[[], None]]:
        """The first kiosk is touched; at each of the others two people press, each half of the buttons."""
        yield Toucher(_bench(self.kiosks[0]), self._chance).take_ticket
        for kiosk in self.kiosks[1:]:
            for first in (1, 2):
                yield Presser(_bench(kiosk), range(first, len(PINS) + 1, 2)).take_ticket

    # --- Its processes and their settings ---------------------------------------------------------------------------

    def _server(self) -> Part:
        port, folder = free_port(), self._folder / "server"
        options = ["--config", self.centre, "--data", folder / "data", "--port", port, "--no-discovery", "--no-sign-in"]
        return _part("server", "server", folder, [*options, "--trust-clock"], f"http://127.0.0.1:{port}/api/v1/health")

    def _printer(self, place: int) -> Part:
        name, port = f"printer-{place}", free_port()
        folder = self._folder / name
        options = ["--port", port, "--out", folder / "slips"]
        return _part(name, "kiosk.virtual_printer", folder, options, f"tcp://127.0.0.1:{port}")

    def _kiosk(self, place: int) -> Part:
        """The first has a touch screen, the others have buttons."""
        name = f"kiosk-{place}"
        services = tomllib.loads(self.centre.read_text("utf-8"))["service"][:: len(PINS)]
        face: dict[str, Any] = {"screen": {"size": TOUCH_SIZE, "inches": 11.0, "idle_s": 60}}
        if place > 1:
            face = {"button": [{"pin": pin, "service": one["id"]} for pin, one in zip(PINS, services, strict=False)]}
        about: dict[str, Any] = {"id": name, "server": self.address, "centre": self.centre.name, "pins": "mock"}
        about["slips_a_minute"] = MOST_SLIPS_A_MINUTE
        return self._device(
            "kiosk", name, {"kiosk": about, "printer": {"address": self.printers[place - 1].address}, **face}
        )

    def _box(self, counter: str) -> Part:
        about = {"id": counter, "server": self.address, "pins": "mock"}
        return self._device("counter", f"box-{counter}", {"counter": about, "box": BOX})

    def _board(self, place: int) -> Part:
        about = {"id": f"board-{place}", "server": self.address}
        screen = {"size": BOARD_SIZE, "fullscreen": False}
        return self._device("display", f"board-{place}", {"display": about, "screen": screen})

    def _screens(self, count: int) -> Part:
        options = ["--server", self.address, "--screens", count]
        return self._benched("screens", "lab.soak.screens", options)

    def _device(self, module: str, name: str, settings: dict[str, Any]) -> Part:
        options = ["--config", self._write(name, settings), "--data", self._folder / name / "data"]
        return self._benched(name, module, options)

    def _benched(self, name: str, module: str, options: list[Any]) -> Part:
        port = free_port()
        return _part(name, module, self._folder / name, [*options, "--bench", port], f"http://127.0.0.1:{port}/state")

    def _write(self, name: str, settings: dict[str, Any]) -> Path:
        file = self._folder / f"{name}.toml"
        file.write_text(tomli_w.dumps(settings), "utf-8")
        return file


def slips(printer: Part) -> Path:
    """The folder with a printer's slips."""
    return printer.folder / "slips"


def _part(name: str, module: str, folder: Path, options: list[Any], address: str) -> Part:
    return Part(name, [module, *map(str, options)], address, folder)


def _bench(part: Part) -> str:
    return part.address.removesuffix("/state")


def _press(box: Part) -> Callable[[], None]:
    return lambda: press_next(_bench(box))


def _centre(size: Size) -> dict[str, Any]:
    """A large centre with so many counters, all of which serve everybody, and kiosks; nothing is capped."""
    example = tomllib.loads(EXAMPLE.read_text("utf-8"))
    counters: list[dict[str, Any]] = [{"id": str(place), "lines": []} for place in range(1, size.counters + 1)]
    part = 900 // size.kiosks
    return always_usable(
        {
            **example,
            "service": [{key: value for key, value in one.items() if key != "daily_cap"} for one in example["service"]],
            "counter": counters,
            "kiosk": [{"id": f"kiosk-{place + 1}", "numbers_from": 1 + place * part} for place in range(size.kiosks)],
        },
        [one["id"] for one in counters],
    )
