"""Settings in plain values: what changed, and writing it into a file that people wrote."""

import copy
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dawr.settings.changes import changes
from dawr.settings.plain import plain, without_nothing
from dawr.settings.writing import rewritten
from tests.halls import SMALL_CENTRE
from tests.house.source import ROOT

EXAMPLES = sorted((ROOT / "config").glob("*/centre.toml"))
Settings = dict[str, Any]


def small() -> Settings:
    settings: Settings = plain(tomllib.loads(SMALL_CENTRE))
    return settings


def told(change: Callable[[Settings], object]) -> list[tuple[str, str, str | None, str | None]]:
    """What is told of a change to the small centre."""
    after = small()
    change(after)
    return [(one.key, one.kind, one.was, one.now) for one in changes(small(), after)]


def test_nothing_changed_is_no_change() -> None:
    assert told(lambda _settings: None) == []


def test_a_change_is_told_by_the_id_of_its_table() -> None:
    assert told(lambda settings: settings["service"][1].update(usual_minutes=13)) == [
        ("service[deed].usual_minutes", "changed", "12", "13")
    ]


def test_a_new_key_and_one_that_is_left_out_are_told() -> None:
    def change(settings: Settings) -> None:
        settings["service"][1]["fee"] = 500
        del settings["service"][0]["daily_cap"]

    assert told(change) == [
        ("service[birth].daily_cap", "removed", "300", None),
        ("service[deed].fee", "added", None, "500"),
    ]


def test_a_whole_table_is_told_by_its_name() -> None:
    assert told(lambda settings: settings["service"].pop(0)) == [
        ("service[birth]", "removed", "بيان ولادة, Birth certificate", None)
    ]
    day = {"date": "2027-01-01", "name": {"ar": "رأس السنة", "en": "New Year"}}
    assert told(lambda settings: settings["holiday"].append(day)) == [
        ("holiday[2027-01-01]", "added", None, "رأس السنة, New Year")
    ]


def test_another_order_is_a_change() -> None:
    assert told(lambda settings: settings["service"].reverse()) == [
        ("service", "changed", "birth, deed", "deed, birth")
    ]


@pytest.mark.parametrize("wrong", [5, [], [5], [{}], [{"id": "a"}, {"id": "a"}], "x", None])
def test_changes_can_be_told_of_settings_that_are_mistaken(wrong: object) -> None:
    assert told(lambda settings: settings.update(service=wrong))
    assert told(lambda settings: settings.update(centre=wrong))


def test_what_is_null_is_left_out() -> None:
    assert without_nothing({"a": None, "b": [{"c": None, "d": 1}, None]}) == {"b": [{"d": 1}]}


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.parent.name)
def test_writing_what_a_file_says_already_changes_no_letter_of_it(file: Path) -> None:
    text = file.read_text("utf-8")
    assert rewritten(text, plain(tomllib.loads(text))) == text


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.parent.name)
def test_a_changed_fee_changes_one_line_and_no_comment(file: Path) -> None:
    text = file.read_text("utf-8")
    settings = plain(tomllib.loads(text))
    next(one for one in settings["service"] if "fee" in one)["fee"] = 98765
    before, after = text.splitlines(), rewritten(text, settings).splitlines()
    assert len(before) == len(after)
    [(old, new)] = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
    assert new.startswith("fee = 98765") and old.partition("#")[2] == new.partition("#")[2]


def add_and_move(settings: Settings) -> None:
    line, category = settings["line"][0]["id"], settings["category"][0]["id"]
    papers = [{"ar": "هوية", "en": 'The "card"'}, {"ar": "دفتر", "en": "Booklet"}]
    name = {"ar": "جديدة", "en": "New\nline"}
    settings["service"].insert(0, {"id": "new", "name": name, "category": category, "line": line, "papers": papers})
    settings["service"].reverse()
    settings["service"][2]["hours"] = {"sunday": ["08:00-10:00"]}
    settings.setdefault("holiday", []).append({"date": "2030-02-03", "name": name})
    settings["hours"]["monday"] = ["09:00-10:00", "11:00-12:00"]
    settings["centre"]["message"] = name


def remove(settings: Settings) -> None:
    for table in ("holiday", "class", "kiosk"):
        settings.pop(table, None)
    del settings["service"][1:]
    settings["centre"].pop("message", None)


@pytest.mark.parametrize("change", [add_and_move, remove])
@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.parent.name)
def test_whatever_is_changed_the_file_says_it(file: Path, change: Callable[[Settings], None]) -> None:
    text = file.read_text("utf-8")
    settings = plain(tomllib.loads(text))
    change(settings)
    made = rewritten(text, settings)
    assert plain(tomllib.loads(made)) == settings
    back = rewritten(made, plain(tomllib.loads(text)))
    assert plain(tomllib.loads(back)) == plain(tomllib.loads(text))


def test_days_are_written_as_days() -> None:
    settings = copy.deepcopy(small())
    settings["holiday"][0]["date"] = "2027-03-04"
    assert "date = 2027-03-04" in rewritten(SMALL_CENTRE, settings)


@pytest.mark.parametrize(
    "text", ["", "hours.monday = []\nhours.sunday = []\n", "service = [{ id = 'a' }]\n", "[a.b]\n"]
)
def test_a_file_of_any_form_can_be_changed(text: str) -> None:
    assert plain(tomllib.loads(rewritten(text, small()))) == small()


def test_line_ends_of_windows_are_kept() -> None:
    text = SMALL_CENTRE.replace("\n", "\r\n")
    settings = small()
    settings["service"][0]["usual_minutes"] = 7
    assert rewritten(text, settings) == text.replace("usual_minutes = 6", "usual_minutes = 7")
