"""A kiosk without screen and buttons, as a process: browsers order at the server, and the paper comes out here."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from kiosk.virtual_printer import VirtualPrinter
from tests.kiosk.test_process import RunningKiosk, _rows
from tests.kiosk.working import until
from tests.server.running import Answer, RunningServer

FACELESS = "browser_only = true\n"


@dataclass
class Hall:
    """A server, and a kiosk whose face are browsers."""

    server: RunningServer
    kiosk: RunningKiosk
    printer: VirtualPrinter
    keys: Iterator[int] = field(default_factory=count)

    def press(self, key: str = "", age_s: float = 0.0, **wish: str) -> Answer:
        body = {"service": "birth", "language": "en", "age_s": age_s, **wish}
        key = key or f"press-{next(self.keys)}"
        return self.server.post("/kiosks/kiosk-1/tickets", body, Idempotency_Key=key, Accept_Language="en")

    def press_beside(self, key: str) -> tuple[threading.Thread, list[Answer]]:
        """Press, and do not mind an answer that is lost with the server."""
        answers: list[Answer] = []

        def press() -> None:
            with suppress(OSError):
                answers.append(self.press(key))

        pressing = threading.Thread(target=press)
        pressing.start()
        return pressing, answers

    def rows(self) -> list[tuple[str, str]]:
        return _rows(self.kiosk.data)

    def offers(self) -> dict[str, object]:
        offers: dict[str, object] = self.server.get("/kiosks/kiosk-1/offers").json
        return offers


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    (tmp_path / "server").mkdir()
    server = RunningServer(tmp_path / "server")
    with VirtualPrinter().start_tcp() as printer:
        kiosk = RunningKiosk(tmp_path, printer.address, "", server.address, own=FACELESS)
        until(lambda: kiosk.state()["up"])
        yield Hall(server, kiosk, printer)
        kiosk.kill()
    server.kill()


def test_an_order_is_a_slip_and_a_ticket_in_the_line(hall: Hall) -> None:
    answer = hall.press()
    assert (answer.status, answer.json["outcome"], len(hall.printer.slips)) == (201, "printed", 1)
    until(lambda: hall.server.get(f"/tickets/{answer.json['ticket']}").status == 200)
    assert hall.server.get(f"/tickets/{answer.json['number']}").json["issuer"] == "kiosk-1"
    assert hall.press(key="press-0", age_s=20).json == answer.json, "asked again, the same"
    assert len(hall.printer.slips) == 1


def test_what_the_printer_lacks_is_told_before_and_after_a_press(hall: Hall) -> None:
    hall.printer.paper_out = True
    until(lambda: hall.offers()["fault"])
    fault = hall.offers()["fault"]
    assert fault == {
        "ar": "نفد ورق الطابعة. يرجى إبلاغ أحد الموظفين.",
        "en": "The printer is out of paper. Please tell a member of staff.",
    }
    answer = hall.press()
    assert (answer.status, answer.json["detail"]) == (409, fault["en"])
    hall.printer.paper_out = False
    until(lambda: not hall.offers()["fault"])
    assert hall.rows() == []


def test_a_kiosk_killed_between_number_and_paper_says_in_doubt_and_prints_nothing_more(hall: Hall) -> None:
    hall.printer.byte_rate = 4000
    pressing, answers = hall.press_beside("cut")
    until(hall.rows)
    hall.kiosk.kill()
    hall.printer.byte_rate = None
    hall.kiosk.start()
    pressing.join()
    [(number, state)] = hall.rows()
    assert (answers[0].status, answers[0].json["outcome"], answers[0].json["number"]) == (201, "in_doubt", number)
    assert state == "in_doubt"
    assert hall.press("cut", age_s=12).json == answers[0].json
    assert len(hall.rows()) == 1


def test_an_order_that_a_dead_kiosk_never_got_is_not_printed_when_it_comes_back_too_late(hall: Hall) -> None:
    hall.kiosk.kill()
    pressing, answers = hall.press_beside("lost")  # the server may not have noticed yet
    pressing.join()
    hall.kiosk.start()
    until(lambda: hall.kiosk.state()["up"])
    again = hall.press("lost", age_s=30)
    assert (again.status, again.json["why"]) == (409, "kiosk.too_late")
    assert answers[0].status in (409, 504)
    assert (hall.rows(), hall.printer.slips) == ([], [])


def test_a_server_killed_while_the_slip_comes_out_learns_of_it_when_asked_again(hall: Hall) -> None:
    hall.printer.byte_rate = 9000
    pressing, _ = hall.press_beside("cut")
    until(hall.rows)
    port = hall.server.address.rpartition(":")[2]
    hall.server.kill()
    hall.printer.byte_rate = None
    hall.server.options = ("--port", port)
    hall.server.start()
    answer = hall.press("cut", age_s=3)
    assert (answer.status, answer.json["number"]) == (201, hall.rows()[0][0])
    assert (len(hall.rows()), len(hall.printer.slips)) == (1, 1)
    pressing.join()


def test_a_list_of_papers_has_no_number(hall: Hall) -> None:
    answer = hall.server.post("/kiosks/kiosk-1/papers", {"service": "birth", "language": "ar"})
    assert (answer.status, answer.json["number"], len(hall.printer.slips)) == (201, None, 1)
    assert hall.rows() == []
