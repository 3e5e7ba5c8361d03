"""The printer's side of the USB cable: the kernel's printer gadget (Linux: Documentation/usb/gadget_printer.rst)."""

import os
import threading
from contextlib import suppress
from enum import IntFlag
from fcntl import ioctl
from pathlib import Path

from kiosk.virtual_printer import VirtualPrinter
from lab.network.machines import wait_until

_GADGETS = Path("/sys/kernel/config/usb_gadget")
_ENGLISH = "strings/0x409"
_SET_STATUS = 0xC0016722  # linux/usb/g_printer.h: GADGET_SET_PRINTER_STATUS
# As little as a printer's USB chip has: what the kernel holds beyond that is neither printed nor noticed.
_BUFFERS = 2
_PLUGGED_S = 20.0


class Lines(IntFlag):
    """The port's status lines, as the printer class of USB has them (1.1, section 4.2.2)."""

    NO_FAULT = 0x08
    SELECTED = 0x10
    PAPER_OUT = 0x20


class Gadget:
    """A USB device that is a printer, at one end of a cable. `place` counts gadgets from 0, and is its socket."""

    def __init__(self, place: int, maker: int, serial_number: str) -> None:
        self.device = Path(f"/dev/g_printer{place}")
        self._socket, self._gadget = f"dummy_udc.{place}", _GADGETS / f"printer{place}"
        function = self._gadget / f"functions/printer.{place}"
        for folder in (self._gadget / _ENGLISH, self._gadget / "configs/c.1" / _ENGLISH, function):
            folder.mkdir(parents=True)
        for file, value in {
            self._gadget / "idVendor": f"{maker:#06x}",
            self._gadget / "idProduct": "0x0e15",
            self._gadget / _ENGLISH / "serialnumber": serial_number,
            function / "pnp_string": "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;",
            function / "q_len": str(_BUFFERS),
        }.items():
            file.write_text(value)
        (self._gadget / "configs/c.1" / function.name).symlink_to(function)

    def plug(self) -> None:
        """Put the cable in; return when both sides have their device."""
        before = _printers()
        (self._gadget / "UDC").write_text(self._socket)
        wait_until(lambda: self.device.exists() and _printers() > before, _PLUGGED_S, "a printer appears at the kiosk")

    def unplug(self) -> None:
        """Pull the cable out, if it is in."""
        with suppress(OSError):
            (self._gadget / "UDC").write_text("\n")


class GadgetPrinter(VirtualPrinter):
    """The virtual printer at the end of a real USB cable."""

    def __init__(self, gadget: Gadget) -> None:
        super().__init__()
        self._gadget, self._pulled = gadget, threading.Event()

    def plug(self) -> None:
        """Put the cable in."""
        self._gadget.plug()
        line = os.open(self._gadget.device, os.O_RDWR | os.O_NONBLOCK)

        def let_go(reset: bool) -> None:
            # A connection that breaks by itself is a cable that somebody pulled.
            os.close(line)
            self._gadget.unplug()

        self._let_go, self._line = let_go, line
        if not self._thread.is_alive():
            self._thread.start()

    def unplug(self) -> None:
        """Pull the cable out; return when the printer knows."""
        self._pulled.set()
        wait_until(lambda: self._line is None, _PLUGGED_S, "the printer notices that it is unplugged")

    def _receive(self) -> None:
        if self._pulled.is_set():
            self._pulled.clear()
            self._hang_up(reset=True)
        super()._receive()

    @property
    def is_plugged(self) -> bool:
        """Whether the cable is in."""
        return self._line is not None

    def show(self, lines: Lines) -> None:
        """Set the port's status lines, of which the bytes that are exchanged know nothing."""
        assert self._line is not None
        ioctl(self._line, _SET_STATUS, int(lines))


def _printers() -> set[str]:
    """The printers that the kernel offers to the kiosk."""
    folder = Path("/dev/usb")
    return {one.name for one in folder.glob("lp*")} if folder.exists() else set()
