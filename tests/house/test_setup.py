"""Set-up says what is wrong with the machine instead of failing somewhere inside."""

import os
import shutil
import subprocess
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
    old = program(tmp_path, "python3.9", 'test "$1" = --version && echo "Python 3.9.2"')
    answer = run_setup(tmp_path, "demo", PYTHON=str(old))
    assert answer.returncode == 1
    assert "Python 3.11 or newer" in answer.stderr
    assert "is 3.9.2" in answer.stderr


def test_a_failed_step_shows_its_log_and_leaves_no_stamp(tmp_path: Path) -> None:
    """A Python that can do everything but make a virtual environment."""
    answers = 'case "$*" in *venv\\ --clear*) echo "No space left on device"; exit 1;; *) exit 0;; esac'
    answer = run_setup(tmp_path, "demo", PYTHON=str(program(tmp_path, "python3.99", answers)))
    assert answer.returncode == 1
    assert "This step failed: Virtual environment" in answer.stderr
    assert "No space left on device" in answer.stderr
    assert not (tmp_path / ".venv" / "made_for").exists()
