"""Set-up says what is wrong with the machine instead of failing somewhere inside."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.house.source import ROOT


def start_setup(folder: Path, purpose: str, **environment: str) -> subprocess.Popen[str]:
    """Start set-up in a folder that holds nothing else, so that it cannot touch this clone.

    Its input stays open and silent like a terminal's: whoever reads from it hangs.
    """
    shutil.copy(ROOT / "setup.sh", folder)
    return subprocess.Popen(
        [folder / "setup.sh", purpose],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def outcome(setup: subprocess.Popen[str]) -> tuple[int, str, str]:
    """The exit code, what was said and what was complained of."""
    assert setup.stdout and setup.stderr
    code = setup.wait(timeout=60)
    with setup:
        return code, setup.stdout.read(), setup.stderr.read()


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def python_without_disk(folder: Path) -> str:
    """A Python that can do everything but make a virtual environment."""
    answers = 'case "$*" in *venv\\ --clear*) echo "No space left on device"; exit 1;; *) exit 0;; esac'
    return str(program(folder, "python3.99", answers))


def test_an_unknown_purpose_is_a_wrong_use(tmp_path: Path) -> None:
    code, _, complaint = outcome(start_setup(tmp_path, "dance"))
    assert code == 2
    assert complaint.startswith("Usage: ")


def test_a_python_that_is_too_old_is_named_with_what_to_do(tmp_path: Path) -> None:
    pretend = "import sys; sys.version_info = (3, 9, 2); exec(sys.argv[1])"
    answers = f"""[ "$1" = --version ] && echo "Python 3.9.2" || exec "{sys.executable}" -c '{pretend}' "$2" """
    old = program(tmp_path, "python3.9", answers)
    code, _, complaint = outcome(start_setup(tmp_path, "demo", PYTHON=str(old)))
    assert code == 1
    assert "Python 3.11 or newer" in complaint
    assert "is 3.9.2" in complaint


def test_two_set_ups_in_one_folder_wait_for_each_other(tmp_path: Path) -> None:
    lock = tmp_path / ".build" / "setup.lock"
    lock.parent.mkdir()
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        second = start_setup(tmp_path, "demo", PYTHON=python_without_disk(tmp_path))
        assert second.stdout
        assert "waiting for it" in second.stdout.readline()
        assert second.poll() is None
    assert "Virtual environment" in outcome(second)[1]


def test_a_failed_step_shows_its_log_and_leaves_no_stamp(tmp_path: Path) -> None:
    code, _, complaint = outcome(start_setup(tmp_path, "demo", PYTHON=python_without_disk(tmp_path)))
    assert code == 1
    assert "This step failed: Virtual environment" in complaint
    assert "No space left on device" in complaint
    assert not (tmp_path / ".venv" / "made_for").exists()
