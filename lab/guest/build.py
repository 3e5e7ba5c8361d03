"""Makes a machine: Debian's kernel for aarch64, a small root with Python, and the product as it lies here.

Nothing foreign is run: packages are only unpacked, so neither emulation nor a second architecture is needed.
"""

import compileall
import gzip
import hashlib
import importlib.metadata
import os
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".build" / "lab"
SUITE = "bookworm"
"""The Debian whose Python is the oldest that Dawr supports."""
PYTHON = "3.11"
_APT_PACKAGES = {
    "cpio": "cpio",
    "depmod": "kmod",
    "mke2fs": "e2fsprogs",
    "mmdebstrap": "mmdebstrap",
    "qemu-system-aarch64": "qemu-system-arm",
}
"""What every lab with a machine needs, by the tool that it brings."""
_PACKAGES = ("base-files", "busybox-static", "libpython3-stdlib", "libsqlite3-0", "linux-image-arm64", "python3")
_MODULES = ("virtio_pci", "virtio_mmio", "virtio_blk", "ext4", "crc32c_generic")
_PLATFORMS = tuple(f"manylinux_2_{minor}_aarch64" for minor in (17, 24, 26, 27, 28, 31, 34))

_INIT = f"""#!/bin/sh
/bin/mount -t proc proc /proc
/bin/mount -t devtmpfs dev /dev
while read module; do /bin/insmod /modules/$module || echo "no $module"; done < /modules/order
tries=0
while [ ! -b /dev/vda ] && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
/bin/mount -t ext4 -o ro /dev/vda /system
/bin/mount --move /dev /system/dev
/bin/mount --move /proc /system/proc
export PYTHONPATH=/srv/dawr:/srv/wheels PYTHONDONTWRITEBYTECODE=1
# The kernel gives us in the environment what its command line has and it does not know.
exec /bin/switch_root /system /usr/bin/python{PYTHON} -S -m $first
"""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a machine is made of.

    `first`: the module of ours that is its first process. `packages` of Debian, `wheels` of Python, kernel `modules`
    (with their options) and packages of `ours` that it has; `folders` that it mounts something on. `drivers` makes
    kernel modules that Debian does not have, for a version of the kernel, in a folder.
    """

    name: str
    first: str
    packages: tuple[str, ...]
    wheels: tuple[str, ...]
    modules: tuple[str, ...]
    ours: tuple[str, ...]
    folders: tuple[str, ...]
    megabytes: int
    drivers: Callable[[str, Path], Sequence[Path]] = lambda version, folder: ()

    @property
    def cache(self) -> Path:
        """The folder in which it is made."""
        return CACHE / self.name


@dataclass(frozen=True, slots=True)
class Parts:
    """What QEMU starts the machine from."""

    first: str
    kernel: Path
    initramfs: Path
    root: Path


def install(more: Mapping[str, str] = MappingProxyType({})) -> None:
    """Have the Debian packages that this needs, and `more`, by tool.

    `PermissionError` when one is missing and this is not root.
    """
    missing = [package for tool, package in {**_APT_PACKAGES, **more}.items() if not shutil.which(tool, path=_PATH)]
    if not missing:
        return
    if os.geteuid() != 0:
        raise PermissionError(f"install these first: sudo apt-get install {' '.join(missing)}")
    run("apt-get", "update")
    run("apt-get", "install", "--yes", "--no-install-recommends", *missing)


def build(recipe: Recipe, tell: Callable[[str], None]) -> Parts:
    """Make what is not there yet, or was made from other code. Takes some minutes the first time."""
    cache = recipe.cache
    parts = Parts(recipe.first, cache / "kernel", cache / "initramfs.gz", cache / "root.img")
    system, wheels = cache / "system", cache / "wheels"
    debian = (*_PACKAGES, *recipe.packages)

    def make_kernel() -> None:
        tell(f"unpacking Debian {SUITE} for aarch64")
        unpack("arm64", debian, system)
        _make_initramfs(recipe, system, parts)

    def make_wheels() -> None:
        tell("fetching Python packages for aarch64")
        _fetch_wheels(recipe.wheels, wheels)

    def make_root() -> None:
        tell("putting the product onto the machine's root")
        _make_root(recipe, system, wheels, parts.root)

    cache.mkdir(parents=True, exist_ok=True)
    _once(cache / "kernel.made_from", repr((debian, _MODULES, recipe.modules, _INIT)), make_kernel)
    _once(cache / "wheels.made_from", repr(recipe.wheels), make_wheels)
    _once(
        cache / "root.made_from",
        repr((debian, recipe.wheels, recipe.folders, recipe.megabytes, _digest(recipe.ours))),
        make_root,
    )
    return parts


def _once(stamp: Path, made_from: str, make: Callable[[], None]) -> None:
    """Make it, unless the stamp says that it was made from just this."""
    if not stamp.exists() or stamp.read_text() != made_from:
        stamp.unlink(missing_ok=True)
        make()
        stamp.write_text(made_from)


def unpack(architecture: str, packages: Sequence[str], folder: Path) -> None:
    """Debian packages and what they need, unpacked into a new folder; none of their programs is run."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    run(
        *("mmdebstrap", f"--arch={architecture}", "--variant=extract", f"--include={','.join(packages)}"),
        *(SUITE, folder),
    )


def _make_initramfs(recipe: Recipe, system: Path, parts: Parts) -> None:
    """The kernel, and a first root that loads the modules and mounts the second."""
    [image] = (system / "boot").glob("vmlinuz-*")
    version = image.name.removeprefix("vmlinuz-")
    shutil.copy(image, parts.kernel)
    run("depmod", "-b", system, version)
    first = recipe.cache / "initramfs"
    shutil.rmtree(first, ignore_errors=True)
    for folder in ("bin", "dev", "modules", "proc", "system"):
        (first / folder).mkdir(parents=True)
    busybox = next(path for path in (system / "bin/busybox", system / "usr/bin/busybox") if path.exists())
    shutil.copy(busybox, first / "bin/busybox")
    for name in ("sh", "mount", "insmod", "switch_root", "sleep", "echo"):
        (first / "bin" / name).symlink_to("busybox")
    order: dict[Path, list[str]] = {}
    for module in (*_MODULES, *recipe.modules):
        name, *options = module.split()
        order |= {file: options if file.stem == name else [] for file in _needed(system, version, name)}
    order |= {file: [] for file in recipe.drivers(version, recipe.cache / "drivers")}
    for file in order:
        shutil.copy(file, first / "modules")
    (first / "modules/order").write_text("".join(f"{' '.join([file.name, *order[file]])}\n" for file in order))
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
    said = run("modprobe", "--dirname", system, "--set-version", version, "--show-depends", module)
    yield from (Path(line.split()[1]) for line in said.splitlines() if line.startswith("insmod"))


def _fetch_wheels(names: Sequence[str], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    run(
        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", f"--target={folder}"),
        *(f"--python-version={PYTHON}", "--only-binary=:all:", *(f"--platform={one}" for one in _PLATFORMS)),
        *map(_pinned, names),
    )
    _compile(folder)


def _pinned(name: str) -> str:
    """A package in the version that is installed here; as our settings ask for it where it is for a Pi only."""
    try:
        return f"{name}=={importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        asked = importlib.metadata.requires("dawr") or []
        return next(one.partition(";")[0] for one in asked if one.startswith(name))


def _make_root(recipe: Recipe, system: Path, wheels: Path, image: Path) -> None:
    product = system / "srv/dawr"
    for folder in ("srv/dawr", "srv/wheels"):
        shutil.rmtree(system / folder, ignore_errors=True)
    for name in recipe.folders:
        (system / name).mkdir(exist_ok=True)
    shutil.copytree(wheels, system / "srv/wheels")
    for name in recipe.ours:
        shutil.copytree(ROOT / name, product / name, ignore=shutil.ignore_patterns("__pycache__", "static"))
    _compile(product)
    image.unlink(missing_ok=True)
    run("mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", system, image, f"{recipe.megabytes}M")


def _compile(folder: Path) -> None:
    """Compile here what an emulated machine would compile at every start, if this is its Python."""
    if sys.version_info[:2] == tuple(map(int, PYTHON.split("."))):
        unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
        compileall.compile_dir(folder, quiet=2, invalidation_mode=unchecked, stripdir=str(folder))


def _digest(ours: Sequence[str]) -> str:
    """A name for the code that goes onto the machine."""
    digest = hashlib.sha256()
    for file in sorted(path for name in ours for path in (ROOT / name).rglob("*") if path.suffix in (".py", ".toml")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


# Debian keeps tools of the administrator out of other people's path.
_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"


def run(*command: str | Path) -> str:
    """Run a tool; what it says. `RuntimeError` with its last words when it fails."""
    done = subprocess.run(
        [str(part) for part in command], env={**os.environ, "PATH": _PATH}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stderr[-2000:]}")
    return done.stdout
