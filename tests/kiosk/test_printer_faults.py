"""A printer's bad days from the touch to the log: what the kiosk shows, and what becomes of each number.

One kiosk and one server for all of them, so that what one bad day leaves is there in the next.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dawr.words import Words
from kiosk.virtual_printer import ANSWERS_ALL, Fault, VirtualPrinter
from tests.kiosk.test_process import TOUCH, RunningKiosk
from tests.kiosk.working import until
from tests.server.running import RunningServer

IN_A_SLIP = 6000
"""Bytes after which every slip is being printed, and none is done."""


class Babbling(VirtualPrinter):
    """A printer that may answer with what no printer says."""

    babbles = False

    def _answer(self, kind: str, answer: bytes) -> None:
        super()._answer(kind, b"\xff\x00\xa5?\x13" if self.babbles else answer)


@dataclass
class Hall:
    """A kiosk, its printer and its server."""

    kiosk: RunningKiosk
    printer: Babbling
    server: RunningServer

    def take(self) -> str:
        """Take a ticket; its number, and the first page is there again or a fault."""
        for target in ("OpenCategory", "OpenService", "TakeTicket"):
            self._press(target)
        until(lambda: self.kiosk.state()["page"] == "ticket", 40)
        number: str = self.kiosk.state()["number"]
        self.kiosk.touch("Home")
        return number

    def _press(self, target: str) -> None:
        """Touch until it leads on: a touch so soon after the one before it, at the same place, counts as its echo."""
        page = self.kiosk.state()["page"]
        self.kiosk.touch(target)
        try:
            until(lambda: self.kiosk.state()["page"] != page, 3)
        except AssertionError:
            self.kiosk.touch(target)

    def fate(self, number: str) -> str:
        return dict(self.numbers())[number]

    def numbers(self) -> list[tuple[str, str]]:
        database = sqlite3.connect(self.kiosk.data / "journal.sqlite")
        rows = database.execute("SELECT number, state FROM ticket ORDER BY place").fetchall()
        database.close()
        return rows

    def log(self) -> list[tuple[str, str]]:
        """Each number in the server's log with the fate that it has there."""
        events = [
            one["event"] | {"name": one["name"]} for one in self.server.get("/log?after=0&limit=500").json["events"]
        ]
        return [(one["number"], _told(one)) for one in events if one["name"] in ("TicketIssued", "NumberSkipped")]

    def notes(self, language: str = "en") -> list[dict[str, str]]:
        """What the server knows that staff should know of the kiosk."""
        kiosks = self.server.get(f"/kiosks?language={language}").json["kiosks"]
        notes: list[dict[str, str]] = kiosks[0]["notes"]
        return notes

    def fault(self) -> str | None:
        state = self.kiosk.state()
        return state["fault"] if state["page"] == "fault" else None

    def mend(self) -> None:
        printer = self.printer
        printer.paper_out = printer.cover_open = printer.near_end = printer.stalled = printer.babbles = False
        printer.answers, printer.fault_after, printer.disconnect_after = ANSWERS_ALL, None, None
        until(lambda: self.kiosk.state()["page"] == "categories", 60)


def _told(event: dict[str, Any]) -> str:
    if event["name"] == "NumberSkipped":
        return "failed"
    return "in_doubt" if event.get("in_doubt") else "printed"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    folder = tmp_path_factory.mktemp("bad-days")
    (folder / "server").mkdir()
    server = RunningServer(folder / "server")
    printer = Babbling()
    printer.start_tcp()
    kiosk = RunningKiosk(folder, printer.address, TOUCH, server.address)
    yield Hall(kiosk, printer, server)
    kiosk.kill()
    printer.stop()
    server.stop()


@pytest.fixture
def hall(running: Hall) -> Iterator[Hall]:
    """All is well before and after; then each number of the journal is in the log, once, and with the same fate."""
    running.mend()
    yield running
    running.mend()
    until(lambda: sorted(running.log()) == sorted(running.numbers()))


@pytest.mark.parametrize("fault", ["paper_out", "cover_open"])
def test_a_printer_that_cannot_print_gives_no_number(hall: Hall, fault: Fault) -> None:
    before = hall.numbers()
    hall.printer.suffer(fault)
    until(lambda: hall.fault() == f"printer.{fault}")
    assert hall.kiosk.state()["targets"] == {}
    until(lambda: [note["key"] for note in hall.notes()][:1] == [f"staff.printer.{fault}"])
    assert hall.notes("ar")[0]["sentence"] == Words("ar")(f"staff.printer.{fault}")
    hall.mend()
    until(lambda: f"staff.printer.{fault}" not in [note["key"] for note in hall.notes()])
    assert hall.numbers() == before
    assert hall.fate(hall.take()) == "printed"


@pytest.mark.parametrize("fault", ["paper_out", "cover_open", "stalled", "silent"])
def test_a_printer_that_stops_in_the_middle_of_a_slip_leaves_a_ticket_in_doubt(hall: Hall, fault: Fault) -> None:
    hall.printer.fault_after = (IN_A_SLIP, fault)
    number = hall.take()
    assert hall.fate(number) == "in_doubt"
    until(lambda: any(note["key"] == "staff.in_doubt" and number in note["sentence"] for note in hall.notes()))
    shown = {"stalled": "no_answer", "silent": "no_answer"}.get(fault, fault)
    until(lambda: hall.fault() == f"printer.{shown}", 40)
    hall.mend()
    assert hall.fate(hall.take()) == "printed"


@pytest.mark.parametrize("received", [200, 3000, 9000])
def test_a_printer_that_is_unplugged_at_any_byte_leaves_no_number_out_of_the_log(hall: Hall, received: int) -> None:
    # The torn piece of a slip before is cut off first; a printer that is lost during that is given no number to print.
    assert hall.fate(hall.take()) == "printed"
    before = len(hall.numbers())
    hall.printer.disconnect_after = received
    number = hall.take()
    assert hall.fate(number) == "in_doubt"
    assert len(hall.numbers()) == before + 1


def test_paper_that_is_nearly_used_up_is_a_note_and_tickets_are_given(hall: Hall) -> None:
    hall.printer.near_end = True
    until(lambda: hall.kiosk.state()["near_end"])
    assert hall.fate(hall.take()) == "printed"


def test_a_printer_that_was_switched_off_is_out_of_order_until_it_answers(hall: Hall) -> None:
    hall.printer.answers = frozenset()
    until(lambda: hall.fault() == "printer.no_answer", 40)
    hall.mend()
    assert hall.fate(hall.take()) == "printed"


def test_a_printer_that_babbles_makes_no_number_be_given_twice(hall: Hall) -> None:
    hall.printer.babbles = True
    try:
        until(lambda: hall.fault() is not None, 15)
    except AssertionError:
        hall.take()
    hall.mend()
    hall.take()
    numbers = [number for number, _ in hall.numbers()]
    assert len(numbers) == len(set(numbers))


def test_a_printer_that_is_plugged_in_again_under_another_name_is_found(tmp_path: Path) -> None:
    by_id = tmp_path / "usb-printer"
    first, second = VirtualPrinter().start_serial(), VirtualPrinter().start_serial()
    by_id.symlink_to(_device(first))
    kiosk = RunningKiosk(tmp_path, f"serial://{by_id}?baud=115200")
    try:
        kiosk.take_ticket()
        by_id.unlink()
        first.stop()
        until(lambda: kiosk.state()["fault"] == "printer.unplugged" and kiosk.state()["page"] == "fault")
        by_id.symlink_to(_device(second))
        until(lambda: kiosk.state()["page"] == "categories")
        kiosk.take_ticket()
        assert (len(first.slips), len(second.slips)) == (1, 1)
    finally:
        kiosk.kill()
        second.stop()


def _device(printer: VirtualPrinter) -> str:
    return printer.address.removeprefix("serial://").partition("?")[0]
