"""What forms are told of the settings."""

from typing import get_args

import pytest

from dawr.settings.as_written import table_in
from dawr.settings.centre import Centre
from dawr.settings.fields import Field, Kind, fields

FIELDS = fields()


def the(table: str, key: str) -> Field:
    [field] = [one for one in FIELDS[table] if one.key == key]
    return field


def test_every_field_of_every_table_has_a_kind() -> None:
    for name, field in Centre.model_fields.items():
        table = table_in(field.annotation)
        assert table
        told = FIELDS[field.alias or name]
        assert [one.key for one in told] == list(table.model_fields)
        assert {one.kind for one in told} <= set(get_args(Kind))


@pytest.mark.parametrize(
    ("table", "key", "kind"),
    [
        ("centre", "name", "texts"),
        ("centre", "timezone", "text"),
        ("centre", "languages", "choices"),
        ("centre", "digits", "choice"),
        ("centre", "day_starts", "time"),
        ("centre", "break_reasons", "texts_list"),
        ("centre", "phone_address", "address"),
        ("hours", "monday", "spans"),
        ("holiday", "date", "date"),
        ("line", "letter", "letter"),
        ("service", "id", "id"),
        ("service", "line", "line"),
        ("service", "category", "category"),
        ("service", "hours", "hours"),
        ("service", "needs_reference", "bool"),
        ("counter", "id", "id"),
        ("counter", "lines", "lines"),
        ("kiosk", "numbers_from", "int"),
    ],
)
def test_a_kind_is_what_a_form_needs(table: str, key: str, kind: Kind) -> None:
    assert the(table, key).kind == kind


def test_limits_defaults_and_choices_are_those_of_the_settings() -> None:
    minutes, digits = the("service", "usual_minutes"), the("centre", "digits")
    assert (minutes.least, minutes.most, minutes.default, minutes.required) == (1, 240, 10, False)
    assert (digits.choices, digits.default) == (["latin", "arabic"], "latin")
    assert (the("counter", "lines").least, the("service", "id").required) == (1, True)
    assert the("kiosk", "spare_from").most == 999
    assert the("centre", "day_starts").default == "04:00"
