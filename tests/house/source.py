"""Where the house rules look: the packages, their modules and the files that git tracks."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("server", "kiosk", "counter", "display", "demo")
PACKAGES = ("dawr", *ROOMS, "lab")
"""All of ours. The lab breaks the others on purpose, so it may import each of them, and none imports it."""


def modules(*packages: str) -> list[Path]:
    """The Python files of the packages, relative to the repository's root."""
    found = [path.relative_to(ROOT) for package in packages for path in sorted((ROOT / package).rglob("*.py"))]
    assert found, f"no modules in {packages}"
    return found


def tracked_files() -> list[Path]:
    """Every file that git knows and that is there, relative to the repository's root."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]
