"""Every command answers --help and is told of in the README."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT

COMMANDS = [
    "demo",
    "server",
    "nginx",
    "ca",
    "kiosk",
    "counter",
    "display",
    "pair",
    "printer",
    "report",
    "audit",
    "privacy",
    "token",
    "check",
]
DAWR = Path(sys.executable).with_name("dawr")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_dawr_lists_its_commands() -> None:
    listed = run(DAWR, "--help").stdout.partition("Commands:")[2]
    assert sorted(re.findall(r"^  (\w+)", listed, re.MULTILINE)) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_answers_help(command: str) -> None:
    answer = run(DAWR, command, "--help")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith(f"Usage: dawr {command}")


def test_an_unknown_command_is_a_wrong_use() -> None:
    assert run(DAWR, "dance").returncode == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_tells_of_a_command(command: str) -> None:
    assert f"dawr {command}" in (ROOT / "README.md").read_text("utf-8")


def test_make_without_a_target_shows_every_target() -> None:
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert targets
    menu = run("make").stdout
    assert [target for target in targets[1].split() if f"  {target} " not in menu] == []
