"""Set-up says what is wrong with the machine instead of failing somewhere inside."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.house.source import ROOT


def run_setup(folder: Path, purpose: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run set-up in a folder that holds nothing else, so that it cannot touch this clone."""
    shutil.copy(ROOT / "setup.sh", folder)
    return subprocess.run(
        [folder / "setup.sh", purpose],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_an_unknown_purpose_is_a_wrong_use(tmp_path: Path) -> None:
    answer = run_setup(tmp_path, "dance")
    assert answer.returncode == 2
    assert answer.stderr.startswith("Usage: ")


def test_a_python_that_is_too_old_is_named_with_what_to_do(tmp_path: Path) -> None:
    pretend = "import sys; sys.version_info = (3, 9, 2); exec(sys.argv[1])"
    answers = f"""[ "$1" = --version ] && echo "Python 3.9.2" || exec "{sys.executable}" -c '{pretend}' "$2" """
    old = program(tmp_path, "python3.9", answers)
    answer = run_setup(tmp_path, "demo", PYTHON=str(old))
    assert answer.returncode == 1
    assert "Python 3.11 or newer" in answer.stderr
    assert "is 3.9.2" in answer.stderr


def test_two_set_ups_in_one_folder_wait_for_each_other(tmp_path: Path) -> None:
    (tmp_path / ".build").mkdir()
    answers = 'case "$*" in *venv\\ --clear*) echo "one at a time" >&2; exit 1;; *) exit 0;; esac'
    python = program(tmp_path, "python3.99", answers)
    lock = subprocess.Popen(
        ["flock", tmp_path / ".build" / "setup.lock", "sh", "-c", "echo taken; read line"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert lock.stdout and lock.stdin
    assert lock.stdout.readline() == "taken\n"
    shutil.copy(ROOT / "setup.sh", tmp_path)
    second = subprocess.Popen(
        [tmp_path / "setup.sh", "demo"],
        env={**os.environ, "PYTHON": str(python)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert second.stdout
    assert "waiting for it" in second.stdout.readline()
    lock.communicate("go on\n")
    assert "Virtual environment" in second.communicate(timeout=60)[0]


def test_a_failed_step_shows_its_log_and_leaves_no_stamp(tmp_path: Path) -> None:
    """A Python that can do everything but make a virtual environment."""
    answers = 'case "$*" in *venv\\ --clear*) echo "No space left on device"; exit 1;; *) exit 0;; esac'
    answer = run_setup(tmp_path, "demo", PYTHON=str(program(tmp_path, "python3.99", answers)))
    assert answer.returncode == 1
    assert "This step failed: Virtual environment" in answer.stderr
    assert "No space left on device" in answer.stderr
    assert not (tmp_path / ".venv" / "made_for").exists()
