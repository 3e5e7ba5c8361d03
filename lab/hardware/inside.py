"""The machine's first process: it puts the hardware together, starts kiosk and box, and lets things happen to them.

The lab says which scenarios and where the server is; it is told of each in turn, and gets every slip.
"""

import os
import subprocess
import time
import traceback
from pathlib import Path

from lab.guest.inside import Line, mount
from lab.hardware.gadget import Gadget, GadgetPrinter
from lab.hardware.hall import PRINTER, Hall
from lab.hardware.pins import Pins
from lab.hardware.scenarios import SCENARIOS

MS_BIND = 4096  # sys/mount.h
_PI_3B = "Revision\t: a02082\n"
"""What gpiozero reads to know which pins there are; the rest of it is nobody's business here."""
_ADDRESS = "10.0.2.15"  # what QEMU's user network expects
_UDEV_RULE = f'SUBSYSTEM=="usbmisc", KERNEL=="lp[0-9]*", ATTRS{{idVendor}}=="04b8", SYMLINK+="{Path(PRINTER).name}"\n'
"""The rule that docs/printing.md recommends for a printer that keeps its name."""


def main() -> None:
    """Make the machine a small hall, and do what the lab asks."""
    _put_together()
    line = Line()
    line.say({"ready": True})
    order = line.hear()
    try:
        _play(line, order["server"], order["services"], order["scenarios"])
    except BaseException:
        line.say({"failed": traceback.format_exc()})
    line.say({"done": True})
    time.sleep(60)  # the lab switches the power off


def _put_together() -> None:
    for kind, folder in (("sysfs", "/sys"), ("configfs", "/sys/kernel/config"), ("tmpfs", "/run"), ("tmpfs", "/tmp")):
        mount(kind, folder, kind)
    about_the_board = Path("/run/cpuinfo")
    about_the_board.write_text(_PI_3B)
    mount(about_the_board, "/proc/cpuinfo", "", MS_BIND)
    for card, address in (("lo", "127.0.0.1"), ("eth0", _ADDRESS)):
        subprocess.run(["/bin/busybox", "ifconfig", card, address, "netmask", "255.255.255.0", "up"], check=True)
    rules = Path("/run/udev/rules.d")
    rules.mkdir(parents=True)
    (rules / "70-printer.rules").write_text(_UDEV_RULE)
    subprocess.Popen(["/lib/systemd/systemd-udevd"], stderr=subprocess.DEVNULL)
    os.environ |= {"HOME": "/tmp", "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"}


def _play(line: Line, server: str, services: list[str], names: list[str]) -> None:
    printer = GadgetPrinter(Gadget(0, 0x04B8, "HALL-1"))
    printer.plug()
    hall = Hall(server, services, printer, Pins(), line.say)
    began_s = time.monotonic()
    hall.start()
    line.say({"started_s": time.monotonic() - began_s})
    for name in names:
        began_s = time.monotonic()
        try:
            hall.mend()
            SCENARIOS[name].play(hall)
            broken = ""
        except (AssertionError, TimeoutError) as problem:
            broken = f"{problem} ({hall.looks()})"
        line.say({"scenario": name, "broken": broken, "seconds": time.monotonic() - began_s})
        hall.send_slips()
    line.say({"log": hall.log(), "words": hall.words()})


if __name__ == "__main__":
    main()
