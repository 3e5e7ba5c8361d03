"""A kiosk's parts put together for tests: a real journal, a virtual printer on TCP, a clock that is told the time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dawr.clock import Clock
from dawr.hall import Hall
from dawr.settings.centre import Centre
from dawr.views import Menu, menu
from kiosk.issue import Issuing
from kiosk.journal import Journal
from kiosk.knowledge import Knowledge
from kiosk.printer import Printer
from kiosk.virtual_printer import VirtualPrinter
from tests.house.source import ROOT

SMALL_TOWN = ROOT / "config" / "small-town" / "centre.toml"
SUNDAY = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)  # 09:00 in Damascus
KIOSK = "kiosk-1"


@dataclass
class Parts:
    """What a test looks at."""

    centre: Centre
    clock: Clock
    journal: Journal
    knowledge: Knowledge
    printer: VirtualPrinter
    issuing: Issuing
    told: list[str]


@contextmanager
def working_kiosk(folder: Path, at: datetime | None = SUNDAY, **settings: int) -> Iterator[Parts]:
    """A kiosk of the small town's centre at an instant; None for a clock that nobody vouches for."""
    clock = Clock()
    if at:
        clock.set_by_server(at)
    knowledge = Knowledge(KIOSK, folder, SMALL_TOWN, clock)
    assert knowledge.centre
    journal = Journal(folder / "journal.sqlite", KIOSK)
    told: list[str] = []
    with VirtualPrinter().start_tcp() as virtual:
        real = Printer(virtual.address, cache=folder / "escpos", stall_s=1.0, torn=journal.interrupted > 0)
        issuing = Issuing(knowledge, journal, real, clock, folder, lambda: told.append("given"), **settings)
        yield Parts(knowledge.centre, clock, journal, knowledge, virtual, issuing, told)
    journal.close()


def menu_of(centre: Centre, **changes: object) -> Menu:
    """A menu as the server sends it on that Sunday, with something changed."""
    live = menu(Hall(centre), epoch="test")
    return live.model_copy(update={"day": SUNDAY.date(), **changes})


def until(true: Callable[[], object], within_s: float = 20.0) -> None:
    """Wait until something is so; AssertionError when it does not become so in time."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
