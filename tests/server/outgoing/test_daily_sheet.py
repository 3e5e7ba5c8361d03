"""The day's report on a kiosk's paper: in the evening of the day, once, and only if it can still be."""

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dawr.errors import OrderRefused, OrderUnsettled
from dawr.messages import OpenCounter
from dawr.orders import OrderEnded, OrderSheet
from kiosk.virtual_printer import VirtualPrinter
from server.outgoing.on_paper import OnPaper
from tests.kiosk.test_orders import Kiosk, kiosk_in
from tests.kiosk.test_printer_faults import IN_A_SLIP
from tests.kiosk.test_process import RunningKiosk
from tests.peer import until
from tests.server.live_writer import LiveWriter
from tests.server.outgoing.evening import Evening, at
from tests.server.running import ALWAYS_OPEN, RunningServer


class Line:
    """What goes from the server to a real kiosk's orders and back; it can be cut."""

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk, self.cut, self.deaf = kiosk, False, False

    def order(self, order: OrderSheet) -> OrderEnded:
        if self.cut:
            raise OrderRefused("not connected", why="kiosk.not_connected", values={}, reason=None)
        ended = self.kiosk.hear(order, str(order.id))
        if self.deaf:
            raise OrderUnsettled("not told", kiosk=order.kiosk)
        return ended


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    folder = tmp_path / "kiosk"
    folder.mkdir()
    with kiosk_in(folder) as kiosk:
        yield Line(kiosk)


@pytest.fixture
def evening(live_writer: LiveWriter, line: Line) -> Evening:
    """Somebody was served on this day, and it is nearly over."""
    live_writer.now = at(8)
    evening = Evening(
        live_writer,
        lambda evening: [OnPaper("kiosk-1", evening.days, line.order, evening.record).daily(evening.words)],
    )
    live_writer.do(OpenCounter(counter="1"))
    evening.look()
    evening.visit()
    evening.look(at(15, 29))
    assert line.kiosk.slips() == 0
    return evening


def test_a_sheet_comes_out_once_when_the_day_is_over(evening: Evening, line: Line) -> None:
    evening.look(at(15, 30), 60)
    evening.start()
    evening.look(at(18), 600)
    assert (line.kiosk.slips(), evening.alerts()) == (1, [])
    assert evening.sent == [("day-2026-11-22", "kiosk-1")]


def test_without_paper_it_is_tried_until_there_is_some(evening: Evening, line: Line) -> None:
    line.kiosk.parts.printer.paper_out = True
    evening.look(at(15, 30), 600)
    assert evening.alerts() == [
        "The report of 2026-11-22 could not be printed at kiosk kiosk-1:"
        " Put in a new roll of paper and close the cover. It is tried again until the day ends."
    ]
    line.kiosk.parts.printer.paper_out = False
    evening.look(for_s=60)
    assert (line.kiosk.slips(), evening.alerts()) == (1, [])


def test_on_the_next_day_it_is_not_printed_any_more(evening: Evening, line: Line) -> None:
    line.cut = True
    evening.look(at(15, 30), 60)
    assert "Kiosk kiosk-1 is not connected." in evening.alerts()[0]
    line.cut = False
    evening.new_day(at(8, day=23))
    evening.start()
    evening.look(for_s=120)
    assert (line.kiosk.slips(), evening.alerts()) == (0, [])


def test_an_alert_of_yesterday_is_gone_in_the_morning(evening: Evening, line: Line) -> None:
    line.cut = True
    evening.look(at(15, 30), 60)
    evening.new_day(at(8, day=23))
    evening.look()
    assert evening.alerts() == []


def test_when_the_answer_is_lost_the_kiosk_knows_the_sheet_again(evening: Evening, line: Line) -> None:
    line.deaf = True
    evening.look(at(15, 30), 60)
    assert "has not said yet" in evening.alerts()[0]
    line.deaf = False
    evening.look(for_s=120)
    assert (line.kiosk.slips(), evening.alerts()) == (1, [])


def test_when_the_server_forgets_the_kiosk_knows_the_sheet_again(evening: Evening, line: Line) -> None:
    evening.look(at(15, 30))
    (evening.live.folder / "reports_sent.json").write_text('{"print": "2026-11-21"}')
    evening.start()
    evening.visit()  # so that it would say something else
    evening.look(at(16), 60)
    assert line.kiosk.slips() == 1


def test_what_may_not_have_come_out_is_said_and_not_printed_again(evening: Evening, line: Line) -> None:
    line.kiosk.parts.printer.fault_after = (IN_A_SLIP, "paper_out")
    evening.look(at(15, 30))
    line.kiosk.parts.printer.paper_out = False
    evening.look(for_s=600)
    assert evening.alerts() == [
        "The report of 2026-11-22 may not have come out of kiosk kiosk-1 whole."
        " It can be printed again from the reports."
    ]
    assert len(line.kiosk.told) == 1


# --- With the server and a kiosk as they are ----------------------------------------------------------------------


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[tuple[RunningServer, RunningKiosk, VirtualPrinter]]:
    (tmp_path / "server.toml").write_text('[report]\nprint_on = "kiosk-1"\nlanguage = "ar"\n')
    server = RunningServer(tmp_path, "--trust-clock")
    folder = tmp_path / "kiosk-1"
    folder.mkdir()
    with VirtualPrinter().start_tcp() as printer:
        kiosk = RunningKiosk(folder, printer.address, server=server.address)
        yield server, kiosk, printer
        kiosk.kill()
        server.kill()


def press(server: RunningServer, day: str) -> Any:
    body = json.dumps({"day": day, "language": "en"}).encode()
    request = urllib.request.Request(f"{server.address}/reports/print", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def test_the_kiosk_prints_when_the_day_is_over_and_when_a_manager_presses(
    whole: tuple[RunningServer, RunningKiosk, VirtualPrinter],
) -> None:
    server, _kiosk, printer = whole
    until(lambda: server.get("/kiosks").json["kiosks"][0]["connected"], 30)
    server.post("/tickets", {"service": "birth"})
    server.post("/counters/1/call")
    server.post("/counters/1/complete")
    today = server.get("/health").json["day"]
    assert press(server, today)["sent"] is True
    assert press(server, today)["sent"] is True
    assert len(printer.slips) == 2
    printer.paper_out = True
    told = press(server, today)
    assert told["sent"] is False
    assert "was not printed" in told["sentence"]
    printer.paper_out = False
    port = re.findall(r":(\d+)$", server.address)[0]
    server.stop()
    server.config.write_text(ALWAYS_OPEN.replace("00:00-24:00", "00:00-00:01"), "utf-8")
    server.options = (*server.options, "--port", port)
    server.start()
    until(lambda: len(printer.slips) == 3, 80)
    until(lambda: json.loads((server.data / "reports_sent.json").read_text())["print"] == today)
    assert len(printer.slips) == 3
