"""The machine that is switched off: it never outlives the lab."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.kiosk.working import until

needs_qemu = pytest.mark.skipif(
    shutil.which("qemu-system-aarch64") is None, reason="Debian's qemu-system-arm is not installed"
)

# A machine that is not set going needs no kernel that works, and no root.
LAB = """
import sys
from pathlib import Path
from lab.guest.build import Parts
from lab.power.guest.machine import start
from lab.power.guest.network_disk import NetworkDisk
from lab.power.volatile_image import VolatileImage

folder = Path(sys.argv[1])
disk = NetworkDisk(VolatileImage(bytes(1 << 20)), folder / "disk")
parts = Parts("nobody", folder / "kernel", folder / "initramfs", folder / "root")
for part in (parts.kernel, parts.initramfs, parts.root):
    part.write_bytes(bytes(1 << 20))
print(start(parts, folder, "-S").process.pid, flush=True)
sys.stdin.read()
"""


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@needs_qemu
def test_the_machine_ends_with_a_lab_that_is_killed(tmp_path: Path) -> None:
    lab = subprocess.Popen(
        [sys.executable, "-c", LAB, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert lab.stdout
    machine = int(lab.stdout.readline())
    assert is_running(machine)
    lab.kill()
    lab.communicate()
    try:
        until(lambda: not is_running(machine), 10)
    finally:
        with suppress(ProcessLookupError):
            os.kill(machine, signal.SIGKILL)
