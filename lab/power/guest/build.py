"""Makes the machine: Debian's kernel for aarch64, a small root with Python, and the product as it lies here.

Nothing foreign is run: packages are only unpacked, so neither emulation nor a second architecture is needed.
"""

import gzip
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
CACHE = ROOT / ".build" / "lab" / "guest"
SUITE = "bookworm"
"""The Debian whose Python is the oldest that Dawr supports."""
PYTHON = "3.11"
APT_PACKAGES = (
    "busybox-static",
    "cpio",
    "debian-archive-keyring",
    "e2fsprogs",
    "kmod",
    "mmdebstrap",
    "qemu-system-arm",
)
"""What the lab itself needs."""
GUEST_PACKAGES = (
    "base-files",
    "busybox-static",
    "e2fsprogs",
    "libpython3-stdlib",
    "libsqlite3-0",
    "linux-image-arm64",
    "python3",
)
WHEELS = ("pydantic", "sqlite-utils", "tzdata")
PLATFORMS = ("manylinux_2_17_aarch64", "manylinux2014_aarch64", "manylinux_2_28_aarch64")
MODULES = ("virtio_pci", "virtio_mmio", "virtio_blk", "ext4", "crc32c_generic")
OURS = ("dawr", "kiosk", "server", "lab", "config")
"""What of ours the machine has."""

_INIT = f"""#!/bin/sh
/bin/mount -t proc proc /proc
/bin/mount -t devtmpfs dev /dev
while read module; do /bin/insmod /modules/$module || echo "no $module"; done < /modules/order
tries=0
while [ ! -b /dev/vdb ] && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
/bin/mount -t ext4 -o ro /dev/vda /system
/bin/mount --move /dev /system/dev
/bin/mount --move /proc /system/proc
export PYTHONPATH=/srv/dawr:/srv/wheels PYTHONDONTWRITEBYTECODE=1
exec /bin/switch_root /system /usr/bin/python{PYTHON} -S -m lab.power.guest.inside
"""


@dataclass(frozen=True, slots=True)
class Parts:
    """What QEMU starts the machine from."""

    kernel: Path
    initramfs: Path
    root: Path


def install() -> None:
    """Have the Debian packages that this needs. `PermissionError` when they are missing and this is not root."""
    if all(
        shutil.which(tool, path=_PATH) for tool in ("qemu-system-aarch64", "mmdebstrap", "depmod", "mke2fs", "cpio")
    ):
        return
    if os.geteuid() != 0:
        raise PermissionError(f"install these first: sudo apt-get install {' '.join(APT_PACKAGES)}")
    _run("apt-get", "update")
    _run("apt-get", "install", "--yes", "--no-install-recommends", *APT_PACKAGES)


def build(tell: Callable[[str], None]) -> Parts:
    """Make what is not there yet, or was made from other code. Takes about two minutes the first time."""
    parts = Parts(CACHE / "kernel", CACHE / "initramfs.gz", CACHE / "root.img")
    system, wheels = CACHE / "system", CACHE / "wheels"
    CACHE.mkdir(parents=True, exist_ok=True)
    if not (parts.kernel.exists() and parts.initramfs.exists()):
        tell(f"unpacking Debian {SUITE} for aarch64")
        shutil.rmtree(system, ignore_errors=True)
        _run("mmdebstrap", "--arch=arm64", "--variant=extract", f"--include={','.join(GUEST_PACKAGES)}", SUITE, system)
        _make_initramfs(system, parts)
    if not wheels.exists():
        tell("fetching Python packages for aarch64")
        _fetch_wheels(wheels)
    stamp, code = CACHE / "root.made_from", _digest()
    if not stamp.exists() or stamp.read_text() != code:
        tell("putting the product onto the machine's root")
        _make_root(system, wheels, parts.root)
        stamp.write_text(code)
    return parts


def _make_initramfs(system: Path, parts: Parts) -> None:
    """The kernel, and a first root that loads what mounts the second."""
    [image] = (system / "boot").glob("vmlinuz-*")
    version = image.name.removeprefix("vmlinuz-")
    shutil.copy(image, parts.kernel)
    _run("depmod", "-b", system, version)
    first = CACHE / "initramfs"
    shutil.rmtree(first, ignore_errors=True)
    for folder in ("bin", "dev", "modules", "proc", "system"):
        (first / folder).mkdir(parents=True)
    busybox = next(path for path in (system / "bin/busybox", system / "usr/bin/busybox") if path.exists())
    shutil.copy(busybox, first / "bin/busybox")
    for name in ("sh", "mount", "insmod", "switch_root", "sleep", "echo"):
        (first / "bin" / name).symlink_to("busybox")
    files = dict.fromkeys(file for module in MODULES for file in _needed(system, version, module))
    for file in files:
        shutil.copy(file, first / "modules")
    (first / "modules/order").write_text("".join(f"{file.name}\n" for file in files))
    (first / "init").write_text(_INIT)
    (first / "init").chmod(0o755)
    names = "\n".join(str(path.relative_to(first)) for path in sorted(first.rglob("*")))
    packed = subprocess.run(
        ["cpio", "--create", "--format=newc", "--quiet"],
        input=names.encode(),
        cwd=first,
        check=True,
        capture_output=True,
    ).stdout
    parts.initramfs.write_bytes(gzip.compress(packed))
    # What is packed now is two thirds of the root.
    shutil.rmtree(system / "usr/lib/modules", ignore_errors=True)
    shutil.rmtree(system / "lib/modules", ignore_errors=True)
    shutil.rmtree(system / "boot")


def _needed(system: Path, version: str, module: str) -> Iterator[Path]:
    """The files of a kernel module and of what it needs, in the order in which they are loaded."""
    said = _run("modprobe", "--dirname", system, "--set-version", version, "--show-depends", module)
    yield from (Path(line.split()[1]) for line in said.splitlines() if line.startswith("insmod"))


def _fetch_wheels(folder: Path) -> None:
    wanted = [f"{name}=={importlib.metadata.version(name)}" for name in WHEELS]
    platforms = [f"--platform={platform}" for platform in PLATFORMS]
    fetched = folder.with_suffix(".fetched")
    shutil.rmtree(fetched, ignore_errors=True)
    _run(
        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", f"--target={fetched}"),
        *(f"--python-version={PYTHON}", "--only-binary=:all:", *platforms, *wanted),
    )
    fetched.rename(folder)


def _make_root(system: Path, wheels: Path, image: Path) -> None:
    for folder in ("srv/dawr", "srv/wheels"):
        shutil.rmtree(system / folder, ignore_errors=True)
    (system / "data").mkdir(exist_ok=True)
    shutil.copytree(wheels, system / "srv/wheels")
    for name in OURS:
        shutil.copytree(
            ROOT / name, system / "srv/dawr" / name, ignore=shutil.ignore_patterns("__pycache__", "fonts", "static")
        )
    image.unlink(missing_ok=True)
    _run("mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", system, image, "400M")


def _digest() -> str:
    """A name for the code that goes onto the machine."""
    digest = hashlib.sha256()
    for file in sorted(path for name in OURS for path in (ROOT / name).rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


# Debian keeps tools of the administrator out of other people's path.
_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"


def _run(*command: str | Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], env={**os.environ, "PATH": _PATH}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stderr[-2000:]}")
    return done.stdout
