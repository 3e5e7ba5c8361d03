"""One contract for every connection: whatever happens to the printer, what became of a slip is known in time."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from dawr.slip_image import PaperMm
from kiosk.answers import InTurnByte, ProcessDone, StatusByte, process_question, status_question, take_answers
from kiosk.conversation import Conversation, Known, Proof
from kiosk.printer import AnswersSetting, Outcome, Printer, PrinterState, Report, job
from kiosk.transport import Cause, connect
from kiosk.virtual_printer import Fault, VirtualPrinter
from tests.kiosk.pictures import full_slip, short_slip

Start = Callable[..., VirtualPrinter]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("escpos")


@pytest.fixture(params=["tcp", "serial", "usb"])
def start(request: pytest.FixtureRequest) -> Iterator[Start]:
    """Switches on a virtual printer of 80 mm behind each kind of connection."""
    with ExitStack() as all_of_them:

        def start(paper_mm: PaperMm = 80) -> VirtualPrinter:
            printer = VirtualPrinter(paper_mm=paper_mm)
            if request.param == "tcp":
                printer.start_tcp()
            else:
                printer.start_serial(baud=1_000_000)
            if request.param == "usb":
                # The kernel's printer device as far as a pseudo-terminal can play it: bytes both ways, no state lines.
                printer.address = f"usb://{urlsplit(printer.address).path}"
            return all_of_them.enter_context(printer)

        yield start


def kiosk_side(
    printer: VirtualPrinter,
    cache: Path,
    answers: AnswersSetting = "auto",
    stall_s: float = 0.5,
    busy_s: float = 0.3,
    paper_mm: PaperMm = 80,
) -> Printer:
    return Printer(printer.address, cache=cache, answers=answers, stall_s=stall_s, busy_s=busy_s, paper_mm=paper_mm)


def until(true: Callable[[], bool], longest_s: float = 10) -> bool:
    deadline = time.monotonic() + longest_s
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def same(one: Image.Image, other: Image.Image) -> bool:
    return one.size == other.size and one.tobytes() == other.tobytes()


def test_a_healthy_printer_is_ready_and_proves_the_slip(start: Start, cache: Path) -> None:
    virtual = start()
    printer, picture = kiosk_side(virtual, cache), full_slip(80)
    assert printer.check() == PrinterState(ready=True)
    report = printer.print(picture)
    # Proof means proof: at this very moment the slip is out, no waiting.
    assert [same(slip.picture, picture) for slip in virtual.slips] == [True]
    assert report.outcome is Outcome.PRINTED and report.cause is None and report.bytes > 40_000
    assert virtual.paper.mistakes == []


def test_many_slips_come_out_in_order_and_whole(start: Start, cache: Path) -> None:
    virtual = start()
    printer = kiosk_side(virtual, cache)
    pictures = [short_slip(80, height) for height in range(20, 40)]
    assert {printer.print(picture).outcome for picture in pictures} == {Outcome.PRINTED}
    assert all(same(slip.picture, picture) for slip, picture in zip(virtual.slips, pictures, strict=True))
    assert virtual.paper.mistakes == []


@pytest.mark.parametrize("answers", [{"status", "in_turn"}, {"status"}])
def test_a_printer_that_answers_less_still_prints(start: Start, cache: Path, answers: set[str]) -> None:
    virtual = start()
    virtual.answers = frozenset(answers)
    printer = kiosk_side(virtual, cache)
    assert printer.check().ready
    assert printer.print(short_slip(80)).outcome is Outcome.PRINTED
    assert len(virtual.slips) == 1


@pytest.mark.parametrize("fault", [Cause.PAPER_OUT, Cause.COVER_OPEN])
def test_a_fault_before_the_touch_is_named_and_nothing_is_printed_then_or_later(
    start: Start, cache: Path, fault: Cause
) -> None:
    virtual = start()
    printer = kiosk_side(virtual, cache)
    setattr(virtual, fault, True)
    assert printer.check() == PrinterState(ready=False, cause=fault)
    report = printer.print(full_slip(80))
    assert (report.outcome, report.cause, report.bytes) == (Outcome.FAILED, fault, 0)
    setattr(virtual, fault, False)
    assert until(lambda: printer.check().ready)
    assert virtual.slips == [] and virtual.paper.mistakes == []


def test_a_roll_that_comes_to_its_end_is_noted_and_still_prints(start: Start, cache: Path) -> None:
    virtual = start()
    virtual.near_end = True
    printer = kiosk_side(virtual, cache)
    assert printer.check() == PrinterState(ready=True, near_end=True)
    assert printer.print(short_slip(80)).outcome is Outcome.PRINTED


@pytest.mark.parametrize("buffer_bytes", [4096, 300_000])
@pytest.mark.parametrize("fault", ["paper_out", "cover_open"])
def test_a_fault_in_the_middle_leaves_the_slip_in_doubt_and_the_next_one_clean(
    start: Start, cache: Path, fault: Fault, buffer_bytes: int
) -> None:
    virtual = start()
    virtual.buffer_bytes = buffer_bytes
    printer = kiosk_side(virtual, cache)
    assert printer.check().ready
    virtual.fault_after = (15_000, fault)
    report = printer.print(full_slip(80))
    assert report.outcome is Outcome.IN_DOUBT and report.bytes > 0
    # Where bytes wait behind bytes in a full line, the printer cannot even be asked.
    full_line = buffer_bytes == 4096 and not virtual.address.startswith("tcp")
    assert report.cause is (Cause.STALLED if full_line else Cause(fault))
    assert virtual.slips == []

    setattr(virtual, fault, False)
    assert until(lambda: printer.check().ready)
    assert printer.print(short_slip(80)).outcome is Outcome.PRINTED
    assert same(virtual.slips[-1].picture, short_slip(80))
    assert virtual.slips[-1].mistakes == () and not virtual.slips[-1].torn


def test_a_roll_that_ends_with_the_slip_does_not_make_it_doubtful(start: Start, cache: Path) -> None:
    virtual = start()
    printer = kiosk_side(virtual, cache)
    assert printer.check().ready
    # Its answer to the end question is the last thing that it does before it is off line.
    asked_first = 3 * len(status_question(1)) + len(process_question(b"D001"))
    slip = len(job(short_slip(80), 80, cache)) + len(process_question(b"D002"))
    virtual.fault_after = (asked_first + slip, "paper_out")
    assert printer.print(short_slip(80)).outcome is Outcome.PRINTED
    assert len(virtual.slips) == 1 and until(lambda: virtual.paper_out)


def test_a_printer_that_stops_in_the_middle_is_given_up_in_time(start: Start, cache: Path) -> None:
    virtual = start()
    virtual.buffer_bytes = 4096
    printer = kiosk_side(virtual, cache)
    assert printer.check().ready
    virtual.fault_after = (15_000, "stalled")
    report = printer.print(full_slip(80))
    assert report.outcome is Outcome.IN_DOUBT and report.cause in (Cause.STALLED, Cause.NO_ANSWER)
    assert report.seconds < 10
    assert printer.check().cause in (Cause.STALLED, Cause.NO_ANSWER)


@pytest.mark.parametrize("received", [30, 5_000, 30_000])
def test_a_connection_that_breaks_in_the_middle_leaves_the_slip_in_doubt(
    start: Start, cache: Path, received: int
) -> None:
    virtual = start()
    printer = kiosk_side(virtual, cache)
    assert printer.check().ready
    virtual.disconnect_after = received + 30
    report = printer.print(full_slip(80))
    assert (report.outcome, report.cause) == (Outcome.IN_DOUBT, Cause.UNPLUGGED)
    assert report.bytes > 0
    assert virtual.slips == []


def test_a_printer_that_is_switched_off_prints_nothing_for_certain(start: Start, cache: Path) -> None:
    virtual = start()
    virtual.stop()
    printer = kiosk_side(virtual, cache)
    assert printer.check() == PrinterState(ready=False, cause=Cause.UNPLUGGED)
    report = printer.print(short_slip(80))
    assert (report.outcome, report.cause, report.bytes) == (Outcome.FAILED, Cause.UNPLUGGED, 0)


def test_a_silent_printer_is_learned_and_its_slips_count_as_printed(start: Start, cache: Path) -> None:
    virtual = start()
    virtual.answers = frozenset()
    printer = kiosk_side(virtual, cache)
    assert printer.check().ready
    assert printer.print(short_slip(80)).outcome is Outcome.PRINTED
    assert until(lambda: len(virtual.slips) == 1)
    assert same(virtual.slips[0].picture, short_slip(80)) and virtual.paper.mistakes == []


@pytest.mark.parametrize("told", ["yes", "learned"])
def test_silence_of_a_printer_that_answers_is_a_fault(start: Start, cache: Path, told: str) -> None:
    virtual = start()
    printer = kiosk_side(virtual, cache, answers="yes" if told == "yes" else "auto")
    if told == "learned":
        assert printer.check().ready
    virtual.answers = frozenset()
    assert printer.check() == PrinterState(ready=False, cause=Cause.NO_ANSWER)
    if told == "yes":
        assert printer.print(short_slip(80)).outcome is Outcome.FAILED


def test_a_printer_that_was_only_off_at_first_is_found_to_answer_later(start: Start, cache: Path) -> None:
    virtual = start()
    virtual.answers = frozenset()
    printer = kiosk_side(virtual, cache)
    assert printer.check().ready
    virtual.answers = frozenset({"status", "in_turn"})
    virtual.paper_out = True
    assert printer.check() == PrinterState(ready=False, cause=Cause.PAPER_OUT)


def test_a_printer_told_not_to_answer_is_asked_nothing(start: Start, cache: Path) -> None:
    virtual = start()
    virtual.paper_out = True
    printer = kiosk_side(virtual, cache, answers="no")
    assert printer.check().ready


def test_a_printer_still_at_an_earlier_job_is_busy_and_then_ready_again(start: Start, cache: Path) -> None:
    virtual = start()
    virtual.answers = frozenset({"status", "in_turn"})
    printer = kiosk_side(virtual, cache)
    assert printer.check().ready
    virtual.byte_rate = 20_000
    with connect(virtual.address) as somebody_else:
        somebody_else.write(b"\x1dv0\x00\x48\x00\x00\x02" + bytes(72 * 512) + b"\x1dVB\x00", 5)
        assert somebody_else.drain(5)
    assert printer.check() == PrinterState(ready=False, cause=Cause.BUSY)
    assert until(lambda: printer.check().ready)
    # The answers that were late belong to the earlier questions: they prove nothing about this slip.
    assert printer.print(short_slip(80)).outcome is Outcome.PRINTED
    assert same(virtual.slips[-1].picture, short_slip(80))


def test_a_late_answer_proves_nothing_about_what_came_after_its_question(start: Start, cache: Path) -> None:
    virtual = start()
    virtual.answers = frozenset({"status", "in_turn"})
    printer = kiosk_side(virtual, cache)
    assert printer.check().ready
    virtual.byte_rate = 20_000
    # Each takes 1.5 s, a check 1 s: the first check's answer comes in the middle of the second check.
    for _ in range(2):
        with connect(virtual.address) as somebody_else:
            somebody_else.write(b"\x1dv0\x00\x48\x00\xa0\x01" + bytes(72 * 416) + b"\x1dVB\x00", 5)
            assert somebody_else.drain(5)
        assert printer.check() == PrinterState(ready=False, cause=Cause.BUSY)
    assert until(lambda: printer.check().ready, longest_s=20)


@pytest.mark.parametrize(("overdue_s", "proved"), [(60.0, False), (-1.0, True)])
def test_an_answer_is_owed_until_it_is_overdue(start: Start, overdue_s: float, proved: bool) -> None:
    known = Known(talks=True, proof=Proof.IN_TURN, owed=1, owed_until=time.monotonic() + overdue_s)
    with connect(start().address) as wire:
        talk = Conversation(wire, known)
        question, tag = talk.end_question(10)
        wire.write(question, 1)
        assert talk.ended(tag, 0.3) is proved


def test_two_threads_never_mix_their_slips(start: Start, cache: Path) -> None:
    virtual = start()
    printer = kiosk_side(virtual, cache)
    reports: list[Report] = []
    heights = (30, 50, 70)
    threads = [
        threading.Thread(target=lambda height=height: reports.append(printer.print(short_slip(80, height))))
        for height in heights
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.outcome for report in reports] == [Outcome.PRINTED] * 3
    assert sorted(slip.picture.height for slip in virtual.slips) == list(heights)
    assert virtual.paper.mistakes == []


def test_a_torn_slip_from_before_a_restart_is_cut_off_first(start: Start, cache: Path) -> None:
    virtual = start(58)
    with connect(virtual.address) as before_the_restart:
        before_the_restart.write(b"\x1b@" + b"\x1dv0\x00\x30\x00\x20\x00" + b"\xff" * 48 * 32, 5)
        before_the_restart.write(b"\x1dv0\x00\x30\x00\x80\x00" + b"\xff" * 1000, 5)
        assert before_the_restart.drain(5)
    printer = Printer(virtual.address, cache=cache, paper_mm=58, torn=True)
    assert until(lambda: printer.check().ready)
    assert printer.print(short_slip(58)).outcome is Outcome.PRINTED
    torn, whole = virtual.slips
    assert torn.torn and not whole.torn
    assert same(whole.picture, short_slip(58)) and whole.mistakes == ()


def test_a_slow_serial_line_is_waited_for(cache: Path) -> None:
    with VirtualPrinter(paper_mm=58).start_serial(baud=9600) as virtual:
        printer = kiosk_side(virtual, cache, stall_s=0.2, paper_mm=58)
        report = printer.print(short_slip(58, height=50))
        assert report.outcome is Outcome.PRINTED and len(virtual.slips) == 1
        assert report.seconds > 2


def test_a_network_printer_that_serves_somebody_else_is_waited_for(cache: Path) -> None:
    with VirtualPrinter().start_tcp() as virtual:
        printer = kiosk_side(virtual, cache, busy_s=5)
        assert printer.check().ready
        somebody_else = socket.create_connection(("127.0.0.1", urlsplit(virtual.address).port or 0))
        threading.Timer(1.5, somebody_else.close).start()
        assert printer.print(short_slip(80)).outcome is Outcome.PRINTED


def test_a_refused_connection_prints_nothing_for_certain(cache: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        printer = Printer(f"tcp://127.0.0.1:{taken.getsockname()[1]}", cache=cache)
        assert printer.check() == PrinterState(ready=False, cause=Cause.UNPLUGGED)
        assert printer.print(short_slip(80)).outcome is Outcome.FAILED


def test_a_device_that_is_not_ours_to_open_is_named(tmp_path: Path, cache: Path) -> None:
    assert Printer(f"usb://{tmp_path}/lp0", cache=cache).check().cause is Cause.UNPLUGGED
    assert Printer(f"serial://{tmp_path}/ttyUSB0", cache=cache).check().cause is Cause.UNPLUGGED


@pytest.mark.parametrize("address", ["lpt1", "http://printer", "serial:///dev/ttyS0?flow=maybe"])
def test_an_address_of_another_kind_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="printer"):
        connect(address)


def test_answers_are_told_apart_wherever_they_are_split() -> None:
    heard = b"\x12\x00\x37\x22D001\x00\x1e\x14\x00\x00\x0f\x72\x03"
    expected = [
        StatusByte(0x12),
        InTurnByte(0),
        ProcessDone(b"D001"),
        StatusByte(0x1E),
        StatusByte(0x72),
        InTurnByte(3),
    ]
    for split in range(len(heard)):
        buffer = bytearray(heard[:split])
        answers = list(take_answers(buffer))
        buffer += heard[split:]
        assert answers + list(take_answers(buffer)) == expected
        assert not buffer
