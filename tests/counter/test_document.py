"""The page that a technician builds the box by says what the program does."""

import re
from pathlib import Path

import pytest

from counter.number_pad import KEYS
from counter.panel import LAMP, Button, Mode
from dawr.settings.devices import Box

PAGE = (Path(__file__).parents[2] / "docs" / "counter-box.md").read_text("utf-8")
HEADER = {17: 11, 27: 13, 22: 15, 23: 16, 24: 18}  # BCM number to place, from the Raspberry Pi's pin-out


def test_the_table_of_pins_is_what_a_file_without_any_has() -> None:
    rows = re.findall(r"^\| [\w-]+ \| `(\w+)` \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)
    defaults = Box().model_dump(by_alias=True, exclude={"display"})

    assert {name: int(pin) for name, pin, _ in rows} == defaults
    assert {int(pin): int(place) for _, pin, place in rows} == HEADER


@pytest.mark.parametrize(
    ("keys", "button", "codes"),
    [
        ("Enter, `+`", Button.NEXT, {96, 28, 78}),
        ("`0`, `.`", Button.RECALL, {82, 83}),
        ("`-`", Button.NO_SHOW, {74}),
        ("`*`", Button.BREAK, {55}),
        ("Backspace", Button.UNDO, {14}),
    ],
)
def test_the_table_of_keys_is_what_the_pad_does(keys: str, button: Button, codes: set[int]) -> None:
    said = button.value.replace("_", "-").capitalize()

    assert f"| {keys} | {said}" in PAGE
    assert {code for code, name in KEYS.items() if name is button} == codes


def test_the_card_has_a_row_for_everything_that_the_lamp_says() -> None:
    card = PAGE.partition("## The card")[2].partition("\n\n| الزر")[0]
    rows = [line for line in card.splitlines() if line.startswith("|")][2:]

    assert len(rows) == len(Mode) == len(LAMP)
