"""The machine: started once, frozen just before it mounts its disk, and thawed as often as one likes."""

import json
import socket
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from lab.guest.build import Parts, Recipe
from lab.guest.machine import LISTEN_S, Machine
from lab.guest.machine import start as start_machine

RECIPE = Recipe(
    name="guest",
    first="lab.power.guest.inside",
    packages=("e2fsprogs",),
    wheels=("pydantic", "sqlite-utils", "tzdata"),
    modules=(),
    ours=("dawr", "kiosk", "server", "lab", "config"),
    folders=("data",),
    megabytes=400,
)
MEMORY_MB = 256
BOOT_S, THAW_S = 300.0, LISTEN_S


def start(parts: Parts, folder: Path, *options: str) -> Machine:
    """Switch it on; its disk is the socket `disk` in the folder."""
    disk = f"file=nbd:unix:{folder}/disk,format=raw,if=none,id=data,cache=none"
    return start_machine(parts, folder, MEMORY_MB, ["-drive", disk, "-device", "virtio-blk-pci,drive=data", *options])


def freeze(parts: Parts, folder: Path) -> Path:
    """Boot until it is ready, and keep that moment in a file."""
    state, monitor = folder / "state", folder / "monitor"
    monitor.unlink(missing_ok=True)
    machine = start(parts, folder, "-qmp", f"unix:{monitor},server=on,wait=off")
    heard = next(machine.hear(time.monotonic() + BOOT_S), None)
    if heard != {"ready": True}:
        machine.cut_power()
        raise RuntimeError(f"the machine did not get ready: {heard}")
    with closing(socket.socket(socket.AF_UNIX)) as control:
        control.connect(str(monitor))
        orders = control.makefile("rw", encoding="utf-8")
        orders.readline()
        _order(orders, "qmp_capabilities")
        _order(orders, "migrate", uri=f"exec:cat > {state}")
        while _order(orders, "query-migrate").get("status") not in ("completed", "failed"):
            time.sleep(0.1)
        _order(orders, "quit")
    machine.process.wait()
    machine.line.close()
    return state


def thaw(parts: Parts, folder: Path, state: Path) -> Machine:
    """The machine as it was when it was frozen, with whatever its disk holds now."""
    return start(parts, folder, "-incoming", f"exec:cat {state}")


def _order(orders: Any, command: str, **arguments: Any) -> dict[str, Any]:
    """Have QEMU's monitor (QMP) do something; gives its answer, and passes over what it tells by itself."""
    orders.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
    orders.flush()
    while True:
        said = json.loads(orders.readline())
        if "error" in said:
            raise RuntimeError(f"{command}: {said['error']}")
        if "return" in said:
            answer: dict[str, Any] = said["return"]
            return answer
