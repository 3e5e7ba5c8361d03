"""A printer without a printer: it takes bytes as a real one does, has bad days on demand, and keeps its slips.

The demo, the tests and whoever tries things out use it; `main` is the command `dawr printer`.
"""

import os
import pty
import re
import select
import signal
import socket
import struct
import threading
import time
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, get_args

import click

from dawr.slip_image import WIDTH_DOTS, PaperMm
from kiosk.paper import Paper, Slip, command_length

ANSWERS_ALL = frozenset({"status", "in_turn", "process"})
Fault = Literal["paper_out", "cover_open", "near_end", "stalled", "silent"]

_QUESTION = re.compile(rb"\x10\x04([\x01-\x04])")
_READ_BYTES = 2048
_RESET = struct.pack("ii", 1, 0)
# A full printer still listens for real-time questions of whoever connects.
_SPARE_BYTES = 64
_TICK_S = 0.01


class VirtualPrinter:
    """A printer on a TCP port or on a pseudo-terminal. Its bad days are attributes, to be changed while it runs:

    `paper_out`, `cover_open`: off line, says so, goes on when mended. `near_end`: says so. `stalled`: does nothing at
    all. `answers`: which kinds of questions it answers (`ANSWERS_ALL`, none for a silent one). `byte_rate`: bytes a
    second. `fault_after`: how many bytes it still prints until which fault. `disconnect_after`: how many it still
    receives until the connection breaks, once.

    Each slip goes to `on_slip`; without that it is kept in `slips`, half a megabyte each.
    """

    def __init__(
        self, *, paper_mm: PaperMm = 80, cutter: bool = True, on_slip: Callable[[Slip], None] | None = None
    ) -> None:
        self.paper = Paper(WIDTH_DOTS[paper_mm], cutter=cutter)
        self.slips: list[Slip] = []
        self.address = ""
        self.buffer_bytes = 65536
        self.paper_out = self.cover_open = self.near_end = self.stalled = False
        self.answers = ANSWERS_ALL
        self.byte_rate: float | None = None
        self.fault_after: tuple[int, Fault] | None = None
        self.disconnect_after: int | None = None
        self._on_slip = on_slip or self.slips.append
        self._received = bytearray()
        self._tail = b""
        self._spare = 0
        self._credit, self._ticked = 0.0, time.monotonic()
        self._listener: socket.socket | None = None
        self._line: int | None = None
        self._let_go: Callable[[bool], None] = lambda reset: None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="virtual printer", daemon=True)

    def start_tcp(self, host: str = "127.0.0.1", port: int = 0) -> Self:
        """Listen; `address` then names the real port. OSError when the port is taken."""
        self._listener = socket.create_server((host, port), backlog=8)
        # As little as a printer has, or the kernel would take a whole job for one that stopped.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _READ_BYTES)
        self._listener.setblocking(False)
        self.address = f"tcp://{host}:{self._listener.getsockname()[1]}"
        self._thread.start()
        return self

    def start_serial(self, baud: int = 115200) -> Self:
        """Open a pseudo-terminal; `address` then names it, and bytes pass at its baud rate."""
        line, other_end = pty.openpty()
        tty.setraw(other_end)
        self.address = f"serial://{os.ttyname(other_end)}?baud={baud}"
        self.byte_rate = baud / 10

        def let_go(reset: bool) -> None:
            os.close(other_end)
            os.close(line)

        # The other end stays open here too, or nothing could be read between two jobs.
        self._line, self._let_go = line, let_go
        self._thread.start()
        return self

    def stop(self) -> None:
        """Switch it off: the connection and the port are gone."""
        self._stop.set()
        self._thread.join()
        self._hang_up(reset=False)
        if self._listener:
            self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def suffer(self, fault: Fault) -> None:
        """Begin a bad day."""
        match fault:
            case "silent":
                self.answers = frozenset()
            case "paper_out" | "cover_open" | "near_end" | "stalled":
                setattr(self, fault, True)

    @property
    def offline(self) -> bool:
        """Whether it prints nothing until somebody mends it."""
        return self.paper_out or self.cover_open

    def _run(self) -> None:
        while not self._stop.is_set():
            self._accept()
            self._receive()
            self._print()

    def _accept(self) -> None:
        if self._line is not None:
            return
        if self._listener is None or self.stalled:
            self._stop.wait(_TICK_S)
            return
        if select.select([self._listener], [], [], _TICK_S)[0]:
            line, _ = self._listener.accept()
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

            def let_go(reset: bool) -> None:
                if reset:
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                line.close()

            self._line, self._let_go = line.fileno(), let_go
            self._spare = max(0, len(self._received) + _SPARE_BYTES - self.buffer_bytes)

    def _receive(self) -> None:
        if self._line is None:
            return
        # A command in the making takes no room: a head prints a picture while it comes.
        room = self.buffer_bytes + self._spare + (command_length(self._received) or 0) - len(self._received)
        poll = select.poll()
        poll.register(self._line, select.POLLIN if room > 0 and not self.stalled else 0)
        for _, events in poll.poll(_TICK_S * 1000):
            if events & select.POLLIN:
                self._hear(min(room, _READ_BYTES))
            elif events:
                self._hang_up(reset=False)

    def _hear(self, room: int) -> None:
        assert self._line is not None
        try:
            heard = os.read(self._line, room)
        except OSError:
            heard = b""
        if not heard:
            self._hang_up(reset=False)
            return
        self._received += heard
        self._answer_in_passing(heard)
        if self.disconnect_after is not None:
            self.disconnect_after -= len(heard)
            if self.disconnect_after <= 0:
                self.disconnect_after = None
                self._hang_up(reset=True)

    def _answer_in_passing(self, heard: bytes) -> None:
        for question in _QUESTION.finditer(self._tail + heard):
            if question.end() > len(self._tail):
                self._answer("status", bytes([self._status(question[1][0])]))
        self._tail = (self._tail + heard)[-2:]

    def _status(self, kind: int) -> int:
        """Epson's status bytes for DLE EOT 1 to 4."""
        return (
            0x12
            | {
                1: 0x08 * self.offline,
                2: 0x04 * self.cover_open | 0x20 * self.paper_out,
                3: 0,
                4: 0x0C * self.near_end | 0x60 * self.paper_out,
            }[kind]
        )

    def _print(self) -> None:
        now = time.monotonic()
        passed, self._ticked = now - self._ticked, now
        if self.byte_rate is not None and self._received:
            self._credit = min(self._credit + passed * self.byte_rate, len(self._received))
        while self._received and not self.offline and not self.stalled:
            length = command_length(self._received)
            if length is None or length > len(self._received) or not self._afford(max(1, length)):
                return
            if length:
                command = bytes(self._received[:length])
                del self._received[:length]
                self._obey(command)
            else:
                self.paper.stray(self._received.pop(0))

    def _afford(self, length: int) -> bool:
        if self.byte_rate is not None:
            if self._credit < length:
                return False
            self._credit -= length
        return True

    def _obey(self, command: bytes) -> None:
        if command.startswith(b"\x1dr"):
            self._answer("in_turn", bytes([0x03 * self.near_end]))
        elif command.startswith(b"\x1d(H"):
            self._answer("process", b"\x37\x22" + command[-4:] + b"\0")
        slip = self.paper.obey(command)
        if self.fault_after:
            left, fault = self.fault_after
            self.fault_after = (left - len(command), fault)
            if left <= len(command):
                self.fault_after = None
                self.suffer(fault)
        if slip:
            self._on_slip(slip)

    def _answer(self, kind: str, answer: bytes) -> None:
        if kind in self.answers and self._line is not None:
            with suppress(OSError):
                os.write(self._line, answer)

    def _hang_up(self, *, reset: bool) -> None:
        if self._line is not None:
            self._line = None
            self._let_go(reset)


class SlipFolder:
    """A folder that slips fall into as `slip-0001.png` and so on; a file is there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._last = max((int(file.stem.removeprefix("slip-")) for file in folder.glob("slip-*[0-9].png")), default=0)

    def add(self, slip: Slip) -> Path:
        """Keep a slip; its file."""
        self._last += 1
        file = self.folder / f"slip-{self._last:04}.png"
        unfinished = file.with_suffix(".part")
        slip.picture.save(unfinished, "PNG")
        unfinished.replace(file)
        return file


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=9100, show_default=True, help="TCP port; 0 takes a free one and says which.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("slips"),
    show_default=True,
    help="Folder for the slips, as slip-0001.png and so on.",
)
@click.option("--paper-mm", type=click.Choice(["58", "80"]), default="80", show_default=True, help="Width of the roll.")
@click.option("--cutter/--no-cutter", default=True, show_default=True, help="Without: torn off after each feed.")
@click.option("--fault", type=click.Choice(get_args(Fault)), multiple=True, help="A bad day; may be repeated.")
@click.option("--byte-rate", type=click.IntRange(1), help="Bytes a second that it prints.")
@click.option("--fault-after", type=click.IntRange(1), help="Bytes that it prints before the first --fault begins.")
@click.option("--disconnect-after", type=click.IntRange(1), help="Bytes after which the connection breaks once.")
def main(
    host: str,
    port: int,
    out: Path,
    paper_mm: str,
    cutter: bool,
    fault: tuple[Fault, ...],
    byte_rate: int | None,
    fault_after: int | None,
    disconnect_after: int | None,
) -> None:
    """A virtual slip printer: takes ESC/POS on a TCP port, strictly, and saves each slip as a picture."""
    folder = SlipFolder(out)
    printer = VirtualPrinter(
        paper_mm=80 if paper_mm == "80" else 58,
        cutter=cutter,
        on_slip=lambda slip: click.echo(_keep(slip, folder)),
    )
    if fault_after and fault:
        printer.fault_after, fault = (fault_after, fault[0]), fault[1:]
    for bad_day in fault:
        printer.suffer(bad_day)
    printer.byte_rate, printer.disconnect_after = byte_rate, disconnect_after
    try:
        printer.start_tcp(host, port)
    except OSError as problem:
        raise click.ClickException(f"cannot listen on {host}:{port}: {problem.strerror}") from problem
    click.echo(f"Virtual printer at {printer.address}, slips in {out}")
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    over.wait()
    printer.stop()
    if printer.paper.mistakes:
        raise click.ClickException(f"{len(printer.paper.mistakes)} mistakes in the bytes that came")


def _keep(slip: Slip, folder: SlipFolder) -> str:
    """Save a slip; the line that says so."""
    try:
        name = folder.add(slip).name
    except OSError as problem:
        name = f"NOT SAVED ({problem.strerror})"
    torn = ", rest of a job that stopped halfway" if slip.torn else ""
    mistakes = "".join(f", MISTAKE: {mistake}" for mistake in slip.mistakes)
    return f"{name}: {slip.picture.width} x {slip.picture.height} dots{torn}{mistakes}"


if __name__ == "__main__":
    main()
