"""Which machine this is, so that a copied card cannot give the numbers of the machine that it was copied from."""

from collections.abc import Sequence
from pathlib import Path

# A Pi's serial number is in its silicon; elsewhere systemd's id is the best there is.
SERIALS = (Path("/proc/device-tree/serial-number"), Path("/etc/machine-id"))


def owner(kiosk: str, serials: Sequence[Path] = SERIALS) -> str:
    """Whom a journal belongs to: `kiosk-1 on 100000003d1d1c36`, or only the kiosk where the machine has no serial."""
    for file in serials:
        try:
            serial = file.read_text("ascii", errors="ignore").strip("\0 \n")
        except OSError:
            continue
        if serial:
            return f"{kiosk} on {serial}"
    return kiosk
