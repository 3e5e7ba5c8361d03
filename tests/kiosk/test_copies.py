"""Copies of slips: only when a person asks, marked as copies, one paper for each asking, and never a new number.

The real server, two real kiosks and their printers; one of each for all tests.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from kiosk.issue import Took
from kiosk.journal import Copy, EndedCopy, Journal, Wish
from kiosk.virtual_printer import VirtualPrinter
from kiosk.visit import Home, OwnCopyOrder, Page, PrintCopy, finish, fresh, tick, touch
from tests.kiosk.test_printer_faults import IN_A_SLIP
from tests.kiosk.test_process import TOUCH, RunningKiosk
from tests.kiosk.test_screen import around_of
from tests.kiosk.working import SUNDAY, until, working_kiosk
from tests.server.running import Answer, RunningServer

RECORD = Wish(service="individual-record", language="ar")


@dataclass
class Hall:
    """A server and two kiosks, each with its printer."""

    server: RunningServer
    kiosks: list[RunningKiosk]
    printers: list[VirtualPrinter]
    keys: Iterator[int]

    def ask(self, number: str, key: str = "", **named: str) -> Answer:
        """Ask for a copy as staff do."""
        key = key or f"ask-{next(self.keys)}"
        return self.server.post(f"/tickets/{number}/copies", named, Idempotency_Key=key, Accept_Language="en")

    def ask_in_vain(self, number: str, key: str) -> None:
        """Ask, and do not wait for an answer that may come too late."""
        with suppress(OSError):
            self.ask(number, key)

    def copies(self, name: str = "CopyEnded") -> list[dict[str, Any]]:
        events = self.server.get("/log?after=0&limit=1000").json["events"]
        return [one["event"] for one in events if one["name"] == name]

    def slips(self) -> list[int]:
        return [len(printer.slips) for printer in self.printers]

    def board(self) -> Any:
        board = self.server.get("/board").json
        return board["waiting"], board["calls"]

    def take(self) -> str:
        """Take a ticket at the first kiosk; the server knows it."""
        number = self.kiosks[0].take_ticket()
        until(lambda: self.kiosks[0].state()["not_handed_in"] == 0)
        return number

    def take_in_doubt(self) -> str:
        """Take a ticket at the first kiosk whose slip stops halfway; its page is on the screen."""
        self.printers[0].fault_after = (IN_A_SLIP, "paper_out")
        for target in ("OpenCategory", "OpenService", "TakeTicket"):
            self.kiosks[0].touch(target)
        until(lambda: self.kiosks[0].state()["page"] == "ticket")
        number: str = self.kiosks[0].state()["number"]
        return number

    def mend(self) -> None:
        for printer, kiosk in zip(self.printers, self.kiosks, strict=True):
            printer.paper_out, printer.fault_after, printer.byte_rate = False, None, None
            until(lambda kiosk=kiosk: kiosk.state()["fault"] is None and kiosk.state()["up"])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    folder = tmp_path_factory.mktemp("copies")
    for name in ("server", "kiosk-1", "kiosk-2"):
        (folder / name).mkdir()
    server = RunningServer(folder / "server")
    printers = [VirtualPrinter().start_tcp() for _ in range(2)]
    kiosks = [
        RunningKiosk(folder / id, printer.address, TOUCH, server.address, id)
        for id, printer in zip(("kiosk-1", "kiosk-2"), printers, strict=True)
    ]
    yield Hall(server, kiosks, printers, count())
    for kiosk in kiosks:
        kiosk.kill()
    for printer in printers:
        printer.stop()
    server.stop()


@pytest.fixture
def hall(running: Hall) -> Iterator[Hall]:
    """All is well before and after."""
    running.mend()
    yield running
    running.mend()
    for kiosk in running.kiosks:
        if "Home" in str(kiosk.state()["targets"]):
            kiosk.touch("Home")
        until(lambda kiosk=kiosk: kiosk.state()["page"] == "categories")


def test_staff_get_a_copy_from_the_kiosk_that_gave_the_ticket(hall: Hall) -> None:
    number, before = hall.take(), hall.slips()
    board = hall.board()
    answer = hall.ask(number)
    assert (answer.status, answer.json["outcome"], answer.json["kiosk"]) == (201, "printed", "kiosk-1")
    assert hall.slips() == [before[0] + 1, before[1]]
    first, copy = (slip.picture for slip in hall.printers[0].slips[-2:])
    assert copy.height > first.height, "it is marked above and below"
    assert hall.board() == board, "the line is as it was"
    ended = hall.copies()[-1]
    assert (ended["number"], ended["outcome"], ended["asked_by"]) == (number, "printed", "staff")
    assert hall.copies("CopyAsked")[-1]["id"] == ended["id"]


def test_staff_get_a_copy_from_a_second_kiosk(hall: Hall) -> None:
    number, before = hall.take(), hall.slips()
    assert hall.ask(number, kiosk="kiosk-2").json["outcome"] == "printed"
    assert hall.slips() == [before[0], before[1] + 1]
    assert hall.kiosks[1].state()["number"] is None, "it is no ticket of that kiosk's"


def test_the_same_command_sent_again_prints_no_second_copy(hall: Hall) -> None:
    number, before = hall.take(), hall.slips()
    hall.printers[0].byte_rate = 20_000
    answers: list[Answer] = []
    asking = [threading.Thread(target=lambda: answers.append(hall.ask(number, "twice"))) for _ in range(3)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    answers.append(hall.ask(number, "twice"))
    assert {(one.status, one.json["id"], one.json["outcome"]) for one in answers} == {
        (201, answers[0].json["id"], "printed")
    }
    assert hall.slips() == [before[0] + 1, before[1]]


def test_a_printer_that_cannot_print_is_a_refusal_that_says_why(hall: Hall) -> None:
    number, before = hall.take(), hall.slips()
    hall.printers[1].paper_out = True
    answer = hall.ask(number, "no-paper", kiosk="kiosk-2")
    assert (answer.status, answer.json["code"], answer.json["why"]) == (409, "copy_not_printed", "printer.paper_out")
    assert "out of paper" in answer.json["detail"] and number in answer.json["detail"]
    hall.mend()
    assert hall.ask(number, "no-paper", kiosk="kiosk-2").status == 409, "the same command has the same answer"
    assert hall.slips() == before
    assert hall.copies()[-1]["outcome"] == "failed"
    assert hall.ask(number, kiosk="kiosk-2").json["outcome"] == "printed"


def test_a_kiosk_that_is_not_there_is_a_refusal_and_prints_nothing_later(hall: Hall) -> None:
    number, before = hall.take(), hall.slips()
    hall.kiosks[1].kill()
    until(lambda: hall.ask(number, kiosk="kiosk-2").json.get("code") == "kiosk_gone")
    hall.kiosks[1].start()
    hall.mend()
    assert hall.ask(hall.take(), kiosk="kiosk-2").json["outcome"] == "printed"
    assert hall.slips() == [before[0] + 1, before[1] + 1], "a ticket, and the copy that was asked for now"


@pytest.mark.parametrize(
    ("ticket", "named", "code"),
    [("A999", {}, "unknown_ticket"), ("", {"kiosk": "kiosk-9"}, "unknown_kiosk"), ("server", {}, "unknown_kiosk")],
)
def test_what_cannot_be_copied_is_refused(hall: Hall, ticket: str, named: dict[str, str], code: str) -> None:
    if ticket == "server":
        ticket = hall.server.post("/tickets", {"service": "birth"}).json["number"]
    assert hall.ask(ticket or hall.take(), **named).json["code"] == code


def test_a_ticket_of_the_reception_is_copied_at_the_kiosk_that_is_named(hall: Hall) -> None:
    number = hall.server.post("/tickets", {"service": "deed", "language": "en", "class": "elderly"}).json["number"]
    assert hall.ask(number, kiosk="kiosk-1").json["outcome"] == "printed"


def test_a_kiosk_killed_while_it_prints_a_copy_never_prints_it_again(hall: Hall) -> None:
    number = hall.take()
    hall.printers[0].byte_rate = 8_000
    asking = threading.Thread(target=hall.ask_in_vain, args=(number, "killed"))
    asking.start()
    journal = hall.kiosks[0].data / "journal.sqlite"
    until(lambda: _states(journal, number) == ["issued"])
    before = hall.slips()
    hall.kiosks[0].kill()
    hall.printers[0].byte_rate = None
    hall.kiosks[0].start()
    hall.mend()
    asking.join()
    assert hall.ask(number, "killed").json["outcome"] == "in_doubt"
    assert hall.ask(hall.take()).json["outcome"] == "printed"
    whole = [slip for slip in hall.printers[0].slips[before[0] :] if not slip.torn and not slip.mistakes]
    assert len(whole) == 2, "the next ticket and its copy"
    assert _states(journal, number) == ["in_doubt"]


def test_the_visitor_of_a_slip_in_doubt_prints_one_copy_when_the_printer_is_well_again(hall: Hall) -> None:
    kiosk, printer = hall.kiosks[0], hall.printers[0]
    number = hall.take_in_doubt()
    until(lambda: kiosk.state()["fault"] == "printer.paper_out")
    assert list(kiosk.state()["targets"]) == ["Home"], "no copy from a printer without paper"
    printer.paper_out = False
    kiosk.touch("PrintCopy")
    until(lambda: list(kiosk.state()["targets"]) == ["Home"] and kiosk.state()["page"] == "ticket")
    assert kiosk.state()["number"] == number
    until(lambda: hall.copies()[-1]["number"] == number)
    ended = hall.copies()[-1]
    assert (ended["outcome"], ended["asked_by"], ended["kiosk"]) == ("printed", "visitor", "kiosk-1")
    rest, copy = (slip.picture for slip in printer.slips[-2:])
    assert copy.height > rest.height, "what the printer kept of the slip came out with the new roll, then the copy"
    view = hall.server.get(f"/tickets/{number}").json
    assert (view["state"], view["in_doubt"]) == ("waiting", True)


def _states(journal: Path, number: str) -> list[str]:
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as database:
        return [state for (state,) in database.execute("SELECT state FROM copy WHERE number = ?", (number,))]


# --- The rules behind it -------------------------------------------------------------------------------------------


def test_a_copy_can_be_asked_for_until_the_visitor_is_gone() -> None:
    around = around_of()
    visit = replace(fresh(around), page=Page.PRINTING)
    visit = finish(visit, Took("A012", RECORD.service, True, "t-1"), around, 0.0)
    assert touch(visit, PrintCopy(), around, 119.0)[1] == OwnCopyOrder("t-1")
    assert tick(visit, around, 119.0) == visit
    for gone in (tick(visit, around, 120.0), touch(visit, Home(), around, 5.0)[0]):
        assert touch(gone, PrintCopy(), around, 121.0)[1] is None


def test_after_a_copy_that_is_proved_there_is_no_other() -> None:
    around = around_of()
    visit = replace(fresh(around), page=Page.PRINTING)
    visit = finish(visit, Took("A012", RECORD.service, False, "t-1"), around, 0.0)
    assert touch(visit, PrintCopy(), around, 1.0)[1] is None


def test_a_copy_of_one_id_is_printed_once(tmp_path: Path) -> None:
    copy = Copy(id="c-1", ticket="t-1", number="A500", asked_by="staff", wish=RECORD, joined_at=SUNDAY)
    with working_kiosk(tmp_path) as kiosk:
        assert [kiosk.issuing.print_copy(copy) for _ in range(3)] == ["printed", None, None]
        assert len(kiosk.printer.slips) == 1
        assert kiosk.journal.untold_copies(9) == [EndedCopy("c-1", "t-1", "A500", "staff", "printed", None)]
        assert kiosk.journal.of_day(SUNDAY.date()) == [], "it is no number of this kiosk"


def test_a_copy_that_stops_halfway_is_in_doubt_and_may_be_asked_for_again(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as kiosk:
        took = kiosk.issuing.take(RECORD)
        assert isinstance(took, Took)
        kiosk.printer.fault_after = (IN_A_SLIP, "paper_out")
        again = kiosk.issuing.print_own_copy(took.ticket)
        assert again == replace(took, in_doubt=True)
        assert kiosk.issuing.print_own_copy(took.ticket) == again, "without paper"
        kiosk.printer.paper_out = False
        assert kiosk.issuing.print_own_copy(took.ticket) == took
        outcomes = [(one.outcome, one.why) for one in kiosk.journal.untold_copies(9)]
    assert outcomes == [("in_doubt", "printer.paper_out"), ("failed", "printer.paper_out"), ("printed", None)]


def test_the_copy_of_a_slip_in_doubt_has_what_was_typed_though_the_journal_has_it_no_longer(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as kiosk:
        kiosk.printer.fault_after = (IN_A_SLIP, "paper_out")
        took = kiosk.issuing.take(replace(RECORD, reference="0999123456"))
        assert isinstance(took, Took) and took.in_doubt
        kiosk.printer.fault_after, kiosk.printer.paper_out = None, False
        kiosk.journal.told([took.ticket])
        given = kiosk.journal.given(took.ticket)
        assert given.wish.reference is None
        assert kiosk.issuing.print_copy(Copy.of(given)) == "printed"
        kiosk.issuing.print_own_copy(took.ticket)
        without, copy = (slip.picture for slip in kiosk.printer.slips[-2:])
    assert copy.height > without.height


def test_what_a_crash_leaves_of_a_copy_is_in_doubt(tmp_path: Path) -> None:
    copy = Copy(id="c-1", ticket="t-1", number="A001", asked_by="staff", wish=RECORD, joined_at=None)
    with working_kiosk(tmp_path) as kiosk:
        assert kiosk.journal.begin_copy(copy) and kiosk.journal.untold_copies(9) == []
    journal = Journal(tmp_path / "journal.sqlite", "kiosk-1")
    assert journal.interrupted == 1 and not journal.begin_copy(copy)
    assert [one.outcome for one in journal.untold_copies(9)] == ["in_doubt"]
    journal.close()


def test_without_a_journal_to_write_it_down_nothing_is_copied(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as kiosk:
        took = kiosk.issuing.take(RECORD)
        assert isinstance(took, Took)
        with kiosk.journal._change() as change:
            change.execute("CREATE TRIGGER broken BEFORE INSERT ON copy BEGIN SELECT RAISE(FAIL, 'broken'); END")
        assert kiosk.issuing.print_own_copy(took.ticket) == replace(took, in_doubt=True)
        assert len(kiosk.printer.slips) == 1
