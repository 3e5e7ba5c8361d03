"""docs/protocol.md says what the messages are now."""

import re

from server.interface.protocol_page import page
from tests.house.source import ROOT

PAGE = ROOT / "docs" / "protocol.md"


def test_the_page_is_as_the_messages_are_now() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m server.interface.protocol_page > docs/protocol.md"


def test_every_type_that_is_named_is_explained() -> None:
    rows = re.findall(r"^\|[^|]*\|([^|]*)\|[^|]*\|$", page(), re.MULTILINE)
    headings = set(re.findall(r"^### .*?(\w+)`?$", page(), re.MULTILINE))
    assert {name for row in rows for name in re.findall(r"\b[A-Z]\w+", row)} <= headings
