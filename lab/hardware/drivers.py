"""gpio-sim, the kernel's own simulated pins, which Debian's kernels leave out: built out of tree, for one version."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from lab.guest.build import run, unpack

TOOLS = {"aarch64-linux-gnu-gcc-12": "gcc-12-aarch64-linux-gnu", "make": "make"}
"""What building takes: Debian's kernels name the compiler that they were built with."""
_SOURCES = ("drivers/gpio/gpio-sim.c", "drivers/gpio/gpiolib.h", "kernel/irq/irq_sim.c")
_KBUILD = "obj-m := gpio-simx.o\ngpio-simx-y := gpio-sim.o irq_sim.o\n"


def build_pins(version: str, folder: Path) -> Sequence[Path]:
    """The module for this version of Debian's aarch64 kernel, `6.1.0-41-arm64` say. Takes about a minute and a half."""
    series = ".".join(version.split(".")[:2])
    headers, here, module = folder / "headers", folder / "here", folder / "gpio-sim"
    unpack("arm64", [f"linux-headers-{version}"], headers)
    native = run("dpkg", "--print-architecture").strip()
    unpack(native, [f"linux-kbuild-{series}", f"linux-source-{series}"], here)
    # The headers' own build tools are for the machine that the kernel is for, not for this one.
    tools = f"usr/lib/linux-kbuild-{series}"
    shutil.rmtree(headers / tools)
    shutil.copytree(here / tools, headers / tools, symlinks=True)
    tree = headers / "usr/src" / f"linux-headers-{version}"
    makefile = tree / "Makefile"
    makefile.write_text(makefile.read_text().replace("/usr/src", str(headers / "usr/src")))
    _take_sources(here / f"usr/src/linux-source-{series}.tar.xz", f"linux-source-{series}", module)
    run("make", "-C", tree, f"M={module}", "ARCH=arm64", "CROSS_COMPILE=aarch64-linux-gnu-", "modules")
    built = shutil.copy(module / "gpio-simx.ko", folder)
    for unpacked in (headers, here):
        shutil.rmtree(unpacked)
    return [Path(built)]


def _take_sources(archive: Path, top: str, module: Path) -> None:
    """The two drivers as one module: the interrupts that gpio-sim simulates are left out of Debian's kernel as well."""
    shutil.rmtree(module, ignore_errors=True)
    module.mkdir()
    run("tar", "-xJf", archive, "-C", module, "--strip-components=3", *(f"{top}/{one}" for one in _SOURCES))
    (module / "Kbuild").write_text(_KBUILD)
    irq = module / "irq_sim.c"
    # The kernel does not export `irq_to_desc` to modules; `generic_handle_irq` does the same for this handler.
    code = irq.read_text().replace("handle_simple_irq(irq_to_desc(irqnum))", "generic_handle_irq(irqnum)")
    irq.write_text(re.sub(r"(?m)^EXPORT_SYMBOL.*\n", "", code))
