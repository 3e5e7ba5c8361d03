"""The example boards can be read from their farthest seats."""

from pathlib import Path

import pytest

from dawr.settings.devices import BoardDevice
from dawr.settings.mistakes import read
from display.layout import plan

CONFIG = Path(__file__).parents[2] / "config"


@pytest.mark.parametrize(
    "file", sorted(CONFIG.glob("*/board-*.toml")), ids=lambda file: f"{file.parent.name}/{file.stem}"
)
def test_an_example_board_can_be_read_from_its_farthest_seat(file: Path) -> None:
    screen = read(BoardDevice, file).screen
    assert "too_far" not in {
        warning.key for warning in plan(screen.size, screen.inches, screen.farthest_seat_m).warnings
    }


def test_the_default_board_can_be_read_from_its_farthest_seat() -> None:
    screen = BoardDevice.model_validate({"display": {"id": "board-1"}}).screen
    assert "too_far" not in {
        warning.key for warning in plan(screen.size, screen.inches, screen.farthest_seat_m).warnings
    }
