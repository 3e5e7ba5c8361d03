"""`dawr report` on a real log, as a process."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.halls import SMALL_CENTRE
from tests.house.source import ROOT
from tests.server.busy_log import BUSY

BEGINS = {"table": b"Waiting times", "json": b"{", "csv": b"Group,Tickets", "xlsx": b"PK", "pdf": b"%PDF"}


def run(folder: Path, config: Path, *options: str) -> subprocess.CompletedProcess[bytes]:
    config.write_text(SMALL_CENTRE, "utf-8")
    command = [sys.executable, "-m", "server.reports.command", "--config", config, "--data", folder, "--language", "en"]
    return subprocess.run([*command, *options], cwd=ROOT, capture_output=True, timeout=60)


@pytest.mark.parametrize("form", BEGINS)
def test_a_report_comes_in_every_format(busy_log: Path, tmp_path: Path, form: str) -> None:
    period = ("--from", str(BUSY[0]), "--to", str(BUSY[1]))
    made = run(busy_log, tmp_path / "small.toml", *period, "--by", "half-hour", "--format", form)
    assert (made.returncode, made.stderr) == (0, b"")
    assert made.stdout.startswith(BEGINS[form])


def test_a_folder_without_a_log_is_said_in_a_sentence(tmp_path: Path) -> None:
    made = run(tmp_path, tmp_path / "small.toml")
    assert (made.returncode, b"There is no log in" in made.stderr) == (2, True)
