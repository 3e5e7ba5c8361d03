"""Bytes to a printer and back: TCP, a serial port or the kernel's USB printer device, with a deadline on every wait.

python-escpos' own transports block for ever on a full buffer, or call a job done after the cable was pulled
(docs/decisions/printer-transport.md). What the bytes mean belongs to `kiosk.printer` and `kiosk.answers`.
"""

import errno
import os
import select
import socket
import termios
import time
from array import array
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from fcntl import ioctl
from urllib.parse import SplitResult, parse_qs, urlsplit

import serial

from dawr.errors import PrinterProblem

CHUNK_BYTES = 4096
CONNECT_S = 2.0
# A driver may wake its writer only when its buffer is nearly empty: on a slow line so much can be without progress.
_DRIVER_BUFFER_BYTES = 2 * CHUNK_BYTES
# lp.h: the state lines of a parallel printer, which every USB printer imitates.
_LPGETSTATUS = 0x060B
_LP_NO_FAULT, _LP_PAPER_OUT = 0x08, 0x20


class Cause(StrEnum):
    """Why a printer does not print; each is a sentence in `words` under `printer.`."""

    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    CUTTER = "cutter"
    OVERHEATED = "overheated"
    BROKEN = "broken"
    OFFLINE = "offline"
    BUSY = "busy"
    UNPLUGGED = "unplugged"
    NO_PERMISSION = "no_permission"
    STALLED = "stalled"
    NO_ANSWER = "no_answer"


_CAUSES = {
    errno.EACCES: Cause.NO_PERMISSION,
    errno.EPERM: Cause.NO_PERMISSION,
    errno.EBUSY: Cause.BUSY,
    errno.EAGAIN: Cause.BUSY,
}


def problem(cause: Cause, detail: object = "") -> PrinterProblem:
    """A `PrinterProblem` with its cause among its facts."""
    return PrinterProblem(f"{cause}: {detail}" if detail else str(cause), cause=cause)


def cause_of(trouble: PrinterProblem) -> Cause:
    """The cause in a `PrinterProblem` that this module raised."""
    return Cause(str(trouble.facts["cause"]))


class Wire:
    """An open connection. Every method ends in time; trouble is a `PrinterProblem`, and then only the end is left."""

    def __init__(
        self,
        handle: int,
        close: Callable[[bool], None],
        *,
        bytes_a_second: float | None = None,
        ends_with_nothing: bool = True,
        port_cause: Callable[[], Cause | None] = lambda: None,
    ) -> None:
        """`close(abandon)` frees the handle. `ends_with_nothing`: reading nothing means that the other side is gone.

        `port_cause`: what the port itself, without a printer command, knows of a fault.
        """
        self.bytes_a_second, self.port_cause = bytes_a_second, port_cause
        self.sent = 0
        self._handle, self._close, self._ends_with_nothing = handle, close, ends_with_nothing
        self._heard, self._ended = bytearray(), False
        os.set_blocking(handle, False)

    def write(self, data: bytes, stall_s: float) -> None:
        """Hand over all bytes; `sent` counts them also when it ends halfway. Gives up when none went for `stall_s`."""
        patience = stall_s + (_DRIVER_BUFFER_BYTES / self.bytes_a_second if self.bytes_a_second else 0)
        left, deadline = memoryview(data), time.monotonic() + patience
        while left:
            # Not tried unless it is ready: a full socket takes a last few bytes each time, as if there were progress.
            ready = self._wait(select.POLLIN | select.POLLOUT, deadline)
            went = self._hand_over(left[:CHUNK_BYTES]) if ready else 0
            if went:
                self.sent += went
                left, deadline = left[went:], time.monotonic() + patience
            elif time.monotonic() >= deadline:
                raise problem(Cause.STALLED, f"after {self.sent} bytes")

    def read(self, wait_s: float) -> bytes:
        """What the printer said, at the latest after `wait_s`; nothing when it said nothing."""
        if not self._heard:
            self._wait(select.POLLIN, time.monotonic() + wait_s)
        heard = bytes(self._heard)
        self._heard.clear()
        return heard

    def drain(self, wait_s: float) -> bool:
        """Whether every byte has left this machine by then, and the other side is still there."""
        deadline = time.monotonic() + wait_s
        while self._unsent():
            if time.monotonic() >= deadline:
                return False
            self._wait(select.POLLIN, min(deadline, time.monotonic() + 0.05))
        self._wait(select.POLLIN, time.monotonic())
        return True

    def abandon(self) -> None:
        """End it and throw away what was not sent, so that no piece of it comes out later."""
        self._end(abandon=True)

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._end(abandon=kind is not None)

    def _end(self, *, abandon: bool) -> None:
        if not self._ended:
            self._ended = True
            self._close(abandon)

    def _wait(self, for_events: int, deadline: float) -> bool:
        """Listen to what comes; whether it could be written to by then."""
        poll = select.poll()
        poll.register(self._handle, for_events)
        events = dict(poll.poll(max(0.0, deadline - time.monotonic()) * 1000)).get(self._handle, 0)
        if events & select.POLLIN:
            self._listen()
        elif events & (select.POLLHUP | select.POLLERR | select.POLLNVAL):
            raise problem(Cause.UNPLUGGED, "hung up")
        return bool(events & select.POLLOUT)

    def _listen(self) -> None:
        try:
            heard = os.read(self._handle, CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError as trouble:
            raise problem(Cause.UNPLUGGED, trouble) from trouble
        if not heard and self._ends_with_nothing:
            raise problem(Cause.UNPLUGGED, "closed by the printer")
        self._heard += heard

    def _hand_over(self, data: memoryview) -> int:
        try:
            return os.write(self._handle, data)
        except BlockingIOError:
            return 0
        except OSError as trouble:
            raise problem(Cause.UNPLUGGED, trouble) from trouble

    def _unsent(self) -> int:
        """Bytes in the kernel; where it cannot count them, whether it could take more."""
        count = array("i", [0])
        try:
            ioctl(self._handle, termios.TIOCOUTQ, count, True)  # the same number as a socket's SIOCOUTQ
        except OSError:
            poll = select.poll()
            poll.register(self._handle, select.POLLOUT)
            return 0 if poll.poll(0) else 1
        return count[0]


def connect(address: str) -> Wire:
    """A fresh connection to `tcp://host:port`, `serial:///dev/…?baud=19200&flow=rts` or `usb:///dev/usb/lp0`.

    Raises `PrinterProblem` when there is none to be had now, ValueError when the address is no such address.
    """
    parts = urlsplit(address)
    if parts.scheme not in _OPENERS:
        raise ValueError(f"{address}: a printer's address begins with {', '.join(sorted(_OPENERS))}")
    try:
        return _OPENERS[parts.scheme](parts)
    except OSError as trouble:
        if isinstance(trouble, PrinterProblem):
            raise
        raise problem(_CAUSES.get(trouble.errno or 0, Cause.UNPLUGGED), trouble) from trouble


def _tcp(parts: SplitResult) -> Wire:
    line = socket.create_connection((parts.hostname, parts.port or 9100), CONNECT_S)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # Else the kernel swallows megabytes for a printer that stopped, and nothing is noticed.
    line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * CHUNK_BYTES)
    line.setblocking(False)

    def close(abandon: bool) -> None:
        if abandon:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        else:
            # Closing with answers unread would reset the connection, and some printers then drop the slip.
            with suppress(OSError):
                line.shutdown(socket.SHUT_WR)
                while line.recv(CHUNK_BYTES):
                    pass
        line.close()

    return Wire(line.fileno(), close)


def _serial(parts: SplitResult) -> Wire:
    asked = parse_qs(parts.query)
    baud, flow = int(asked.get("baud", ["9600"])[0]), asked.get("flow", ["none"])[0]
    if flow not in ("none", "rts", "xon"):
        raise ValueError(f"flow={flow}: a serial printer's flow control is none, rts or xon")
    port = serial.Serial(parts.path, baud, timeout=0, exclusive=True, rtscts=flow == "rts", xonxoff=flow == "xon")

    def close(abandon: bool) -> None:
        with suppress(OSError, termios.error):
            if abandon:
                # Else the kernel would hold the close for up to 30 s, and the rest would come out later.
                port.reset_output_buffer()
            port.close()

    return Wire(port.fileno(), close, bytes_a_second=baud / 10)


def _usb(parts: SplitResult) -> Wire:
    handle = os.open(parts.path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)

    def port_cause() -> Cause | None:
        lines = array("i", [0])
        try:
            ioctl(handle, _LPGETSTATUS, lines, True)
        except OSError:
            return None
        if lines[0] & _LP_PAPER_OUT:
            return Cause.PAPER_OUT
        return None if lines[0] & _LP_NO_FAULT else Cause.OFFLINE

    return Wire(handle, lambda abandon: os.close(handle), ends_with_nothing=False, port_cause=port_cause)


_OPENERS: dict[str, Callable[[SplitResult], Wire]] = {"serial": _serial, "tcp": _tcp, "usb": _usb}
