"""The machine of this lab: a kiosk and a counter's box in one, as a Raspberry Pi would be both."""

from pathlib import Path

from lab.guest.build import Parts, Recipe
from lab.guest.machine import Machine
from lab.guest.machine import start as start_machine
from lab.hardware.drivers import build_pins

RECIPE = Recipe(
    name="hardware",
    first="lab.hardware.inside",
    packages=("libfribidi0", "udev"),
    wheels=(
        *("aiohttp", "babel", "cachetools", "click", "gpiozero", "lgpio", "pillow", "pydantic", "pygame", "pyserial"),
        *("python-escpos", "python-socketio", "qrcode", "sqlite-utils", "tomli-w", "tzdata", "zeroconf"),
    ),
    # dummy_hcd is the USB socket and its cable, libcomposite and usb_f_printer the printer, usblp what the kiosk has.
    modules=("virtio_net", "libcomposite", "usb_f_printer", "dummy_hcd num=2", "usblp"),
    ours=("counter", "dawr", "demo", "kiosk", "lab"),
    folders=("data",),
    megabytes=700,
    drivers=build_pins,
)
MEMORY_MB = 768


def start(parts: Parts, folder: Path) -> Machine:
    """Switch it on. It reaches this machine's loopback as 10.0.2.2."""
    network = ["-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="]
    return start_machine(parts, folder, MEMORY_MB, ["-smp", "2", *network])
