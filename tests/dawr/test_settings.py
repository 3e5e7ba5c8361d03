"""Each kind of mistake in a settings file: reported with file, key, what is wrong and what would be right."""

import tomllib
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from dawr.settings.centre import Centre, read_centre
from dawr.settings.devices import BoardDevice, CounterDevice, KioskDevice
from dawr.settings.mistakes import Mistake, MistakenSettings, Table, checked, parse
from tests.halls import SMALL_CENTRE

KIOSK = """
[kiosk]
id = "kiosk-1"

[screen]

[printer]
address = "usb:///dev/usb/lp0"
"""
COUNTER = """
[counter]
id = "1"

[box]
"""
BOARD = """
[display]
id = "board-1"
"""
SEGMENTS = "\n[box.display]\nsegments = [5, 6, 12, 13, 16, 19, 20, 26]\ndigits = [21, 25, 18, 4]\n"


def mistakes(model: type[Table], text: str) -> list[Mistake]:
    """What is reported about the text, nothing when all is right."""
    try:
        parse(model, text, "the.toml")
    except MistakenSettings as mistaken:
        return mistaken.mistakes
    return []


def changed(text: str, old: str, new: str) -> str:
    """The text with the first `old` replaced, which has to be there."""
    assert old in text, f"{old!r} is not in the text"
    return text.replace(old, new, 1)


def the_mistake(model: type[Table], text: str) -> tuple[str, str, str]:
    """Key, what is wrong and what would be right of the only mistake."""
    (only,) = mistakes(model, text)
    assert only.file == "the.toml"
    return only.key, only.wrong, only.right


@pytest.mark.parametrize(
    ("model", "text"),
    [(Centre, SMALL_CENTRE), (KioskDevice, KIOSK), (CounterDevice, COUNTER + SEGMENTS), (BoardDevice, BOARD)],
)
def test_settings_without_a_mistake_are_read(model: type[Table], text: str) -> None:
    assert mistakes(model, text) == []


@pytest.mark.parametrize(
    ("old", "new", "key", "wrong", "right"),
    [
        ('id = "small"', 'id = "Small Centre"', "centre.id", "Small Centre", "small letters, digits and hyphens"),
        ('id = "small"', 'id = "small"\ndigits = "roman"', "centre.digits", "roman", '"latin" or "arabic"'),
        ('id = "small"', 'id = "small"\ntimezone = "Asia/Damaskus"', "centre.timezone", "Damaskus", "Asia/Damascus"),
        ('id = "small"', 'id = "small"\nday_starts = "four"', "centre.day_starts", "four", '"04:00"'),
        ('id = "small"', 'id = "small"\nlanguages = ["ar", "fr"]', "centre.languages[2]", '"fr"', '"ar" or "en"'),
        ('id = "small"', 'id = "small"\ntarget_minutes = "soon"', "centre.target_minutes", "soon", "a whole number"),
        ('id = "small"', 'id = "small"\nlast_ticket_minutes = 999', "centre.last_ticket_minutes", "999", "240 or less"),
        ('id = "small"\n', "", "centre.id", "is missing", "Add it"),
        ('["08:00-15:30"]', '["15:30-08:00"]', "hours.sunday[1]", "15:30-08:00", '"08:00-15:30"'),
        ('["08:00-15:30"]', '["8 to 3"]', "hours.sunday[1]", "8 to 3", '"08:00-15:30"'),
        ('["08:00-15:30"]', '"08:00-15:30"', "hours.sunday", "08:00-15:30", "a list in square brackets"),
        ("date = 2026-12-25", 'date = "25 December"', "holiday[1].date", "25 December", "2026-04-17"),
        ("credit_minutes = 20", "credit_minutes = -1", "class[1].credit_minutes", "-1", "0 or more"),
        ('letter = "A"', 'letter = "B"', "line[1].letter", '"B"', "one letter of A C D"),
        ('en = "Birth certificate"', 'fr = "Naissance"', "service[1].name.fr", "fr", '"ar" or "en"'),
        ('en = "Birth certificate"', 'en = ""', "service[1].name.en", "is empty", "Write a text"),
        ("usual_minutes = 6", "usual_minuts = 6", "service[1].usual_minuts", "not a setting", "usual_minutes?"),
        ("usual_minutes = 6", "colour = 6", "service[1].colour", "not a setting", "Known here: id, name, category"),
        ("usual_minutes = 6", "needs_reference = 1.5", "service[1].needs_reference", "1.5", "true or false"),
        ('lines = ["civil"]', "lines = []", "counter[1].lines", "too few entries", "1 or more"),
        ('id = "1"', 'id = "one"', "counter[1].id", "one", '"1" to "99"'),
    ],
)
def test_a_wrong_value_is_named(old: str, new: str, key: str, wrong: str, right: str) -> None:
    found = [one for one in mistakes(Centre, changed(SMALL_CENTRE, old, new)) if one.key == key]
    assert len(found) == 1
    assert wrong in found[0].wrong
    assert right in found[0].right


@pytest.mark.parametrize(
    ("old", "new", "key", "wrong", "right"),
    [
        ('line = "civil"', 'line = "civic"', "service[1].line", '"civic"', "Known: civil, land"),
        ('category = "papers"', 'category = "paper"', "service[1].category", '"paper"', "Known: papers"),
        ('lines = ["civil"]', 'lines = ["civil", "c"]', "counter[1].lines[2]", '"c"', "Known: civil, land"),
        ('letter = "C"', 'letter = "A"', "line[2].letter", '"A" is there twice', "its own"),
        ('id = "deed"', 'id = "birth"', "service[2].id", '"birth" is there twice', "its own"),
        ('id = "2"', 'id = "1"', "counter[2].id", '"1" is there twice', "its own"),
        ('"08:00-12:00", "13:00-15:30"', '"08:00-12:00", "11:00-15:30"', "hours.monday", "overlap", "in order"),
        ('"08:00-12:00", "13:00-15:30"', '"13:00-15:30", "08:00-12:00"', "hours.monday", "overlap", "in order"),
        (', en = "Christmas"', "", "holiday[1].name.en", "is missing", "each of the centre's languages"),
    ],
)
def test_keys_that_do_not_go_together_are_named(old: str, new: str, key: str, wrong: str, right: str) -> None:
    found = the_mistake(Centre, changed(SMALL_CENTRE, old, new))
    assert found[0] == key
    assert wrong in found[1]
    assert right in found[2]


def test_a_line_that_no_counter_serves_is_named() -> None:
    text = SMALL_CENTRE + '\n[[line]]\nid = "lost"\nletter = "X"\nname = { ar = "ضائع", en = "Lost" }\n'
    assert the_mistake(Centre, text) == ("line[3].id", '"lost" is served by no counter.', "Add it to one counter.")


def test_a_service_has_hours_of_its_own_that_are_checked_too() -> None:
    text = changed(
        SMALL_CENTRE, "daily_cap = 300", 'daily_cap = 300\nhours = { sunday = ["08:00-10:00", "09:00-11:00"] }'
    )
    assert the_mistake(Centre, text)[0] == "service[1].hours.sunday"


def test_two_issuers_cannot_begin_at_the_same_number() -> None:
    kiosks = '\n[[kiosk]]\nid = "side-1"\nnumbers_from = 700\n\n[[kiosk]]\nid = "side-2"\nnumbers_from = {}\n'
    assert the_mistake(Centre, SMALL_CENTRE + kiosks.format(700))[0] == "kiosk[4].numbers_from"
    assert the_mistake(Centre, SMALL_CENTRE + kiosks.format(901))[0] == "centre.server_numbers_from"


def test_a_kiosk_cannot_take_the_server_s_name() -> None:
    text = SMALL_CENTRE + '\n[[kiosk]]\nid = "server"\nnumbers_from = 700\n'
    assert the_mistake(Centre, text)[1] == 'is "server".'


def test_several_mistakes_of_every_kind_are_reported_at_once() -> None:
    text = SMALL_CENTRE
    for old, new in (
        ('letter = "C"', 'letter = "A"'),
        ('line = "civil"', 'line = "civic"'),
        ("usual_minutes = 6", "usual_minuts = 6"),
        ("usual_minutes = 12", "usual_minutes = 0"),
        (', en = "Christmas"', ""),
        ('"08:00-12:00", "13:00-15:30"', '"08:00-12:00", "11:00-15:30"'),
        ('["08:00-15:30"]', '["8-15"]'),
    ):
        text = changed(text, old, new)
    assert {one.key for one in mistakes(Centre, text)} == {
        "line[2].letter",
        "service[1].line",
        "service[1].usual_minuts",
        "service[2].usual_minutes",
        "holiday[1].name.en",
        "hours.monday",
        "hours.sunday[1]",
    }


def test_a_key_is_named_once_when_it_is_wrong_in_itself() -> None:
    text = changed(SMALL_CENTRE, 'line = "civil"', "line = 7")
    assert [one.key for one in mistakes(Centre, text)] == ["service[1].line"]


@pytest.mark.parametrize(
    "text", ["", "x = 1", "centre = 5\nhours = 3\nline = 2", "service = [5]\ncounter = [[]]", "hours.monday = 4"]
)
def test_a_file_that_is_far_from_right_is_still_answered_with_mistakes(text: str) -> None:
    found = mistakes(Centre, text)
    assert "category" in {one.key for one in found}
    assert all(one.wrong for one in found)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('id = "small"', 'id = "small"\nlanguages = ["ar", "fr"]', "centre.languages[2]"),
        ('id = "small"', 'id = "small"\nlanguages = 2', "centre.languages"),
        ('["08:00-15:30"]', '["08:00-15:30", "late"]', "hours.sunday[2]"),
        ('letter = "A"', "letter = 1", "line[1].letter"),
        ("numbers_from = 501", 'numbers_from = "half"', "kiosk[2].numbers_from"),
    ],
)
def test_a_mistake_draws_no_others_after_it(old: str, new: str, key: str) -> None:
    assert the_mistake(Centre, changed(SMALL_CENTRE, old, new))[0] == key


def test_a_mistake_reads_as_one_line_with_file_key_and_both_sentences() -> None:
    (only,) = mistakes(Centre, changed(SMALL_CENTRE, 'letter = "C"', 'letter = "A"'))
    assert str(only) == 'the.toml: line[2].letter: "A" is there twice. Each needs its own.'


def test_broken_toml_is_answered_with_its_place() -> None:
    key, wrong, _ = the_mistake(Centre, "[centre]\nid = small")
    assert key == "-"
    assert "not valid TOML" in wrong
    assert "line 2" in wrong


def test_a_missing_file_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(MistakenSettings, match=r"nowhere\.toml: -: cannot be read: No such file"):
        read_centre(tmp_path / "nowhere.toml")


def test_a_file_that_is_not_utf_8_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "centre.toml"
    file.write_bytes(SMALL_CENTRE.encode("cp1256", "replace"))
    with pytest.raises(MistakenSettings, match=r"is not UTF-8 text\. Save it as UTF-8\."):
        read_centre(file)


def test_a_file_saved_by_windows_notepad_is_read(tmp_path: Path) -> None:
    file = tmp_path / "centre.toml"
    file.write_bytes(b"\xef\xbb\xbf" + SMALL_CENTRE.replace("\n", "\r\n").encode())
    assert read_centre(file).centre.id == "small"


@pytest.mark.parametrize(
    ("old", "new", "key", "wrong", "right"),
    [
        ('address = "usb:///dev/usb/lp0"', 'address = "LPT1"', "printer.address", "LPT1", "usb:///dev/usb/lp0"),
        ("[printer]", "[printer]\npaper_mm = 57", "printer.paper_mm", "57", "58 or 80"),
        ('id = "kiosk-1"', 'id = "kiosk-1"\nserver = "somewhere"', "kiosk.server", "somewhere", "http://"),
        ("[screen]", "[screen]\nsize = [1080]", "screen.size[2]", "is missing", "Add it"),
        ("[screen]", '[screen]\ntheme = "pink"', "screen.theme", "pink", '"light" or "contrast"'),
        ("[screen]\n", "", "screen", "there is no button", "browser_only = true"),
        ("[screen]\n", '[[button]]\npin = 40\nservice = "birth"\n', "button[1].pin", "40", "27 or less"),
        ("[screen]\n", '[[button]]\npin = 4\nservice = "birth"\n' * 9, "button", "too many entries", "8 at most"),
    ],
)
def test_a_kiosk_s_mistake_is_named(old: str, new: str, key: str, wrong: str, right: str) -> None:
    found = [one for one in mistakes(KioskDevice, changed(KIOSK, old, new)) if one.key == key]
    assert len(found) == 1
    assert wrong in found[0].wrong
    assert right in found[0].right


def test_two_buttons_cannot_share_a_pin() -> None:
    buttons = '\n[[button]]\npin = 5\nservice = "birth"\n' * 2
    assert the_mistake(KioskDevice, KIOSK + buttons) == (
        "button[2].pin",
        "is pin 5, which is button[1].pin already.",
        "Give each its own pin.",
    )


def test_a_kiosk_may_have_buttons_only() -> None:
    assert mistakes(KioskDevice, changed(KIOSK, "[screen]\n", '[[button]]\npin = 5\nservice = "birth"\n')) == []


def test_a_kiosk_may_have_browsers_only() -> None:
    faceless = changed(KIOSK, "[screen]\n", "").replace('id = "kiosk-1"', 'id = "kiosk-1"\nbrowser_only = true')
    assert mistakes(KioskDevice, faceless) == []


def test_a_kiosk_with_a_screen_is_not_for_browsers_only() -> None:
    both = changed(KIOSK, 'id = "kiosk-1"', 'id = "kiosk-1"\nbrowser_only = true')
    assert the_mistake(KioskDevice, both)[0] == "kiosk.browser_only"


def test_a_counter_needs_something_to_press() -> None:
    assert the_mistake(CounterDevice, changed(COUNTER, "[box]", "")) == (
        "box",
        "is missing, and there is no number pad.",
        "Add [box] or [number_pad].",
    )


def test_a_box_cannot_use_a_pin_for_two_things() -> None:
    assert the_mistake(CounterDevice, COUNTER + "break = 24\n")[0] == "box.break"
    assert the_mistake(CounterDevice, COUNTER + changed(SEGMENTS, "21", "17"))[0] == "box.display.digits[1]"


def test_a_number_pad_is_named_by_its_device_file() -> None:
    text = changed(COUNTER, "[box]", '[number_pad]\ndevice = "keyboard"')
    assert the_mistake(CounterDevice, text)[0] == "number_pad.device"


def test_a_board_speaks_only_the_languages_there_are() -> None:
    assert the_mistake(BoardDevice, BOARD + '\n[sound]\nvoice = ["ar", "de"]\n')[0] == "sound.voice[2]"


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where something stands in settings, outermost first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from places(one, (*path, key))


@pytest.mark.parametrize("wrong", [{"a": 1}, {}, [], [{}], [1], 2**70, "", None], ids=repr)
def test_whatever_stands_in_the_place_of_a_setting_it_is_only_a_mistake(wrong: Any) -> None:
    settings = tomllib.loads(SMALL_CENTRE)
    for path in [*places(settings)]:
        changed = deepcopy(settings)
        inside: Any = changed
        for key in path[:-1]:
            inside = inside[key]
        inside[path[-1]] = wrong
        with suppress(MistakenSettings):
            checked(Centre, changed, "the.toml")


@pytest.mark.parametrize("text", ["x = " + "[" * 60_000, "x = " + "{a=" * 30_000, ".".join(["a"] * 40_000) + " = 1"])
def test_a_file_that_never_stops_nesting_is_refused_at_once(text: str) -> None:
    with pytest.raises(MistakenSettings) as refused:
        parse(Centre, text, "the.toml")
    assert [one.key for one in refused.value.mistakes] == ["-"]
