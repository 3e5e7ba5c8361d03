import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from PIL import Image

from dawr.slip_image import PaperMm
from kiosk.paper import Paper, Slip, command_length
from kiosk.printer import Outcome, Printer
from kiosk.transport import Cause
from kiosk.virtual_printer import SlipFolder, VirtualPrinter, main
from tests.kiosk.pictures import full_slip, short_slip

PICTURE = b"\x1dv0\x00\x48\x00\x01\x00" + b"\xff" * 72
CUT = b"\x1dVB\x00"


def played(data: bytes) -> tuple[Paper, list[Slip]]:
    paper, slips = Paper(576), []
    buffer = bytearray(data)
    while buffer:
        length = command_length(buffer)
        assert length is not None and length <= len(buffer)
        if length == 0:
            paper.stray(buffer.pop(0))
            continue
        if slip := paper.obey(bytes(buffer[:length])):
            slips.append(slip)
        del buffer[:length]
    return paper, slips


@pytest.mark.parametrize("paper_mm", [58, 80])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_what_is_drawn_is_what_comes_out_dot_for_dot(tmp_path: Path, paper_mm: PaperMm, language: str) -> None:
    picture = full_slip(paper_mm, language)
    with VirtualPrinter(paper_mm=paper_mm).start_tcp() as virtual:
        assert Printer(virtual.address, cache=tmp_path, paper_mm=paper_mm).print(picture).outcome is Outcome.PRINTED
        (slip,) = virtual.slips
    assert slip.picture.size == picture.size and slip.picture.tobytes() == picture.tobytes()
    assert slip.mistakes == () and not slip.torn


def test_slips_that_somebody_takes_are_not_kept_as_well(tmp_path: Path) -> None:
    taken: list[Slip] = []
    with VirtualPrinter(on_slip=taken.append).start_tcp() as virtual:
        Printer(virtual.address, cache=tmp_path).print(short_slip(80))
    assert (len(taken), virtual.slips) == (1, [])


def test_a_stray_byte_is_noticed_and_marks_its_slip_only() -> None:
    paper, (first, second) = played(b"\x1b@" + PICTURE + b"A" + CUT + b"\x1b@" + PICTURE + CUT)
    assert first.mistakes == ("stray byte 41",) and second.mistakes == ()
    assert paper.mistakes == ["stray byte 41"]


@pytest.mark.parametrize(
    ("data", "mistake"),
    [
        (b"\x00" + PICTURE, "1 zero bytes that fill up nothing"),
        (b"\x1dv0\x01\x01\x00\x01\x00\xff", "picture of mode 1"),
        (b"\x1dv0\x00\x49\x00\x01\x00" + bytes(73), "picture of 584 dots on paper of 576"),
        (b"\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01", "real-time command within a picture"),
        (b"\x10\x04\x09", "unknown question 100409"),
        (b"\x1dr\x31", "unknown question 1d7231"),
        (b"\x1b*", "stray byte 1b"),
        (b"\x1dVz\x00", "stray byte 1d"),
    ],
)
def test_what_a_printer_would_choke_on_is_a_mistake(data: bytes, mistake: str) -> None:
    paper, _ = played(data)
    assert paper.mistakes[0] == mistake


def test_feeds_are_white_paper_of_their_height() -> None:
    _, (slip,) = played(PICTURE + b"\n" + b"\x1b3\x0a\n" + b"\x1bJ\x07" + b"\x1bd\x02" + b"\x1b2\n" + PICTURE + CUT)
    assert slip.picture.height == 1 + 30 + 10 + 7 + 20 + 30 + 1


def test_blank_pieces_of_paper_are_no_slips() -> None:
    assert played(b"\x1b@" + CUT + b"\x1bd\x05" + CUT)[1] == []


def test_a_reset_in_the_middle_of_a_slip_marks_it_as_torn() -> None:
    _, (torn, whole) = played(b"\x1b@" + PICTURE + b"\x1b@" + CUT + b"\x1b@" + PICTURE + CUT)
    assert torn.torn and not whole.torn


def test_without_a_cutter_slips_are_torn_off_at_the_feed(tmp_path: Path) -> None:
    with VirtualPrinter(paper_mm=58, cutter=False).start_tcp() as virtual:
        printer = Printer(virtual.address, cache=tmp_path, paper_mm=58, cutter=False)
        assert [printer.print(short_slip(58)).outcome for _ in range(2)] == [Outcome.PRINTED] * 2
        assert [slip.picture.tobytes() for slip in virtual.slips] == [short_slip(58).tobytes()] * 2


def test_bytes_may_come_one_by_one() -> None:
    with VirtualPrinter().start_tcp() as virtual:
        with socket.create_connection(("127.0.0.1", urlsplit(virtual.address).port or 0), timeout=5) as line:
            for byte in b"\x1b@" + PICTURE + CUT + b"\x10\x04\x01\x1dr\x01":
                line.sendall(bytes([byte]))
            assert line.recv(1) + line.recv(1) == b"\x12\x00"
        assert len(virtual.slips) == 1 and virtual.paper.mistakes == []


def test_a_folder_of_slips_goes_on_counting_and_holds_whole_files_only(tmp_path: Path) -> None:
    slip = Slip(short_slip(80))
    assert SlipFolder(tmp_path / "slips").add(slip).name == "slip-0001.png"
    again = SlipFolder(tmp_path / "slips").add(slip)
    assert again.name == "slip-0002.png"
    with Image.open(again) as saved:
        assert saved.mode == "1" and saved.tobytes() == slip.picture.tobytes()
    assert sorted(file.name for file in (tmp_path / "slips").iterdir()) == ["slip-0001.png", "slip-0002.png"]


@pytest.fixture
def command(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`dawr printer` as a process of its own, with its address."""
    options = getattr(request, "param", [])
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk.virtual_printer", "--port", "0", "--out", str(tmp_path / "out"), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    try:
        yield process, process.stdout.readline().split()[3].rstrip(",")
    finally:
        process.kill()
        process.wait()


def test_the_command_saves_each_slip_as_a_picture_and_ends_cleanly(
    command: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    process, address = command
    printer = Printer(address, cache=tmp_path / "cache")
    for _ in range(2):
        assert printer.print(full_slip(80)).outcome is Outcome.PRINTED
    assert process.stdout and process.stdout.readline().startswith("slip-0001.png: 576 x ")
    assert process.stdout.readline().startswith("slip-0002.png: 576 x ")
    with Image.open(tmp_path / "out" / "slip-0002.png") as saved:
        assert saved.tobytes() == full_slip(80).tobytes()
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0


def test_the_command_counts_mistakes_and_fails_at_its_end(
    command: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    process, address = command
    with socket.create_connection(("127.0.0.1", urlsplit(address).port or 0), timeout=5) as line:
        line.sendall(b"\x1b@" + PICTURE + b"A" + CUT)
        assert process.stdout and process.stdout.readline().endswith("MISTAKE: stray byte 41\n")
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 1


@pytest.mark.parametrize("command", [["--fault", "paper_out", "--fault", "near_end"]], indirect=True)
def test_the_command_has_bad_days_on_demand(command: tuple[subprocess.Popen[str], str], tmp_path: Path) -> None:
    state = Printer(command[1], cache=tmp_path / "cache").check()
    assert (state.ready, state.cause, state.near_end) == (False, Cause.PAPER_OUT, True)


@pytest.mark.parametrize("command", [["--fault", "cover_open", "--fault-after", "20000"]], indirect=True)
def test_a_bad_day_can_begin_in_the_middle_of_a_slip(
    command: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    report = Printer(command[1], cache=tmp_path / "cache").print(full_slip(80))
    assert (report.outcome, report.cause) == (Outcome.IN_DOUBT, Cause.COVER_OPEN)
    assert report.seconds < 15


def test_a_taken_port_is_a_sentence_and_exit_code_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = CliRunner().invoke(main, ["--port", port, "--out", str(tmp_path)])
    assert done.exit_code == 1 and f"cannot listen on 127.0.0.1:{port}" in done.output
