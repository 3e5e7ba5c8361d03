"""Every command of the lab answers --help."""

import subprocess
import sys

import pytest

from tests.house.source import ROOT, tracked_files

COMMANDS = sorted(
    ".".join(file.with_suffix("").parts).removesuffix(".__main__")
    for file in tracked_files()
    if file.parts[0] == "lab" and file.suffix == ".py" and "@click.command" in (ROOT / file).read_text("utf-8")
)


def test_every_kind_of_trouble_has_its_command() -> None:
    power = {f"lab.power.{level}" for level in ("faults", "guest", "replay", "volatile")}
    assert {"lab.network", "lab.simulation", *power} <= {*COMMANDS}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_lab_answers_help(command: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", command, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith(f"Usage: python -m {command} ")
