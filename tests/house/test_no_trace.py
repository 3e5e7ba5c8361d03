"""Nothing in the repository depends on the machine that it was written on."""

import re
from pathlib import Path

import pytest

from tests.house.source import ROOT, tracked_files

# One letter of each pattern stands in brackets, so that this file does not find itself.
TRACES = {
    "a path of one machine": re.compile(r"(?<![\w.$}])/(wor[k]|roo[t]|home/\w+/sr[c])/"),
    "a folder of packages on one machine": re.compile(r"fil[e]:///"),
    "the host of a package registry": re.compile(
        r"registr[y]\.\w+\.\w+|pythonhoste[d]\.org|pypi\.or[g]/simple|artifactor[y]|verdacci[o]"
    ),
    "a merge conflict": re.compile(r"^(<{7}|>{7}) ", re.MULTILINE),
}


@pytest.mark.parametrize("trace", TRACES)
def test_no_tracked_file_holds(trace: str) -> None:
    found = [f"{file}: {match[0]}" for file in tracked_files() if (match := TRACES[trace].search(text_of(file)))]
    assert found == []


def test_no_third_party_file_is_tracked() -> None:
    foreign = {".ttf", ".woff2", ".whl", ".pyc", ".so", ".wav", ".ogg"}
    built = {"node_modules", ".venv", ".build"}
    assert [f for f in tracked_files() if f.suffix in foreign or built & set(f.parts)] == []


def text_of(file: Path) -> str:
    return (ROOT / file).read_bytes().decode("utf-8", errors="ignore")
