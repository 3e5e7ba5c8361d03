"""What the documents point to is there."""

import re
from pathlib import Path

import pytest

from tests.house.source import ROOT, tracked_files

DOCUMENTS = [file for file in tracked_files() if file.suffix == ".md"]
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|<(?:img|a)\s[^>]*?(?:src|href)=\"([^\"]+)\"")
# Only what stands in code is a command; "make it so" is not.
MAKE = re.compile(r"(?:^\s*\$? ?|`)make ([a-z]+)(?=[`\s])", re.MULTILINE)


def links(document: Path) -> list[str]:
    """The relative paths that a document links to, without their anchors."""
    targets = [a or b for a, b in LINK.findall((ROOT / document).read_text("utf-8"))]
    local = [t.partition("#")[0] for t in targets if not re.match(r"[a-z]+:", t)]
    return [target for target in local if target]


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_relative_link_leads_to_a_file(document: Path) -> None:
    assert [link for link in links(document) if not (ROOT / document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_make_target_that_a_document_names_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(MAKE.findall((ROOT / document).read_text("utf-8"))) <= targets
