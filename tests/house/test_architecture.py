"""What the architecture page says of the code is so."""

import re
from pathlib import Path

from dawr.tickets import LIFE_CYCLE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/architecture.md").read_text("utf-8")


def test_the_pages_life_cycle_is_the_codes() -> None:
    table = re.findall(r"^\| (\w+) \| (\w+) \| (\w+) \|$", PAGE, re.MULTILINE)
    told = [row for row in table if row[0] != "state"]
    assert told == [
        (state, action, after) for state, actions in LIFE_CYCLE.items() for action, after in actions.items()
    ]


def test_every_file_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`((?:dawr|server|kiosk|counter|display|demo|tests|config)/[\w./]*)`", PAGE))
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
