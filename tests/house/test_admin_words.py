"""Every setting of a centre has a name and an explanation on the administration page, in every language."""

import pytest

from dawr.language import LANGUAGES
from dawr.settings.as_written import table_in
from dawr.settings.centre import WEEKDAYS, Centre
from dawr.words import Words
from server.pages.admin import WEEK

FIELDS = [
    f"{field.alias or name}.{key}"
    for name, field in Centre.model_fields.items()
    if (table := table_in(field.annotation))
    for key in table.model_fields
]


def test_every_table_of_the_file_was_found() -> None:
    assert {field.partition(".")[0] for field in FIELDS} == {
        one.alias or name for name, one in Centre.model_fields.items()
    }


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_setting_has_a_label_and_a_hint_on_the_administration_page(field: str, language: str) -> None:
    words = Words(language)
    assert words.has(f"admin.field.{field}")
    assert words.has(f"admin.field.{field}_hint")


def test_the_week_of_the_page_has_every_day() -> None:
    assert sorted(WEEK) == sorted(WEEKDAYS)
