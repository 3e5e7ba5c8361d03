"""docs/settings.md says what the settings are now."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from dawr.settings.reference import FILES, reference, tables

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_is_as_the_settings_are_now() -> None:
    assert PAGE.read_text("utf-8") == reference(), "run: python -m dawr.settings.reference > docs/settings.md"


@pytest.mark.parametrize("model", [model for _, model in FILES])
def test_every_key_is_explained_in_a_sentence(model: type[BaseModel]) -> None:
    for heading, _, table in tables(model):
        for name, field in table.model_fields.items():
            assert (field.description or "").endswith((".", "`.")), f"{heading} {name} has no docstring"


def test_a_key_shows_what_to_write_its_default_and_its_meaning() -> None:
    assert "| `daily_cap` | a whole number, 1 or more | – | The most tickets" in reference()
    assert "| `digits` | a list of 3 to 4, each a whole number from 0 to 27 | *needed* | One pin a digit" in reference()
    assert '| `day_starts` | a time of day such as "04:00" | `"04:00"` | When the business day begins' in reference()
