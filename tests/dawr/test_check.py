"""`dawr check`: files and folders, all mistakes on standard error, exit codes that scripts can use."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dawr.settings.check import main
from tests.halls import SMALL_CENTRE

KIOSK = """
[kiosk]
id = "kiosk-1"
centre = "centre.toml"

[printer]
address = "tcp://127.0.0.1:9100"

[[button]]
pin = 5
service = "birth"
"""
COUNTER = '[counter]\nid = "1"\n[box]\n'
BOARD = '[display]\nid = "board-1"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A centre with a kiosk, a counter and a board, all right."""
    for name, text in (("centre", SMALL_CENTRE), ("kiosk-1", KIOSK), ("counter-1", COUNTER), ("board-1", BOARD)):
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    return tmp_path


def check(*paths: Path, language: str = "en") -> Result:
    return CliRunner().invoke(main, ["--language", language, *(str(path) for path in paths)])


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_a_folder_without_a_mistake_is_all_right(folder: Path) -> None:
    result = check(folder)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "4 files, all right\n", "")


def test_a_single_file_can_be_checked(folder: Path) -> None:
    assert check(folder / "centre.toml").stdout == "1 file, all right\n"


def test_folders_inside_a_folder_are_read_too(folder: Path) -> None:
    inner = folder / "other"
    inner.mkdir()
    (inner / "board-2.toml").write_text(BOARD, "utf-8")
    assert check(folder).stdout == "5 files, all right\n"


def test_every_mistake_of_every_file_is_one_line_on_standard_error(folder: Path) -> None:
    change(folder / "centre.toml", 'letter = "C"', 'letter = "A"')
    change(folder / "centre.toml", 'line = "civil"', 'line = "civic"')
    change(folder / "counter-1.toml", "[box]", "[bax]")
    result = check(folder)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert sorted(line.split(": ")[:2] for line in result.stderr.splitlines()) == [
        [f"{folder}/centre.toml", "line[2].letter"],
        [f"{folder}/centre.toml", "service[1].line"],
        [f"{folder}/counter-1.toml", "bax"],
        [f"{folder}/counter-1.toml", "box"],
    ]


def test_mistakes_are_told_in_arabic_as_well(folder: Path) -> None:
    change(folder / "centre.toml", 'line = "civil"', 'line = "civic"')
    assert check(folder, language="ar").stderr.endswith(
        "service[1].line: لا يوجد طابور باسم «civic». المعروف: civil, land.\n"
    )


def test_without_a_word_about_the_language_it_is_the_machines(folder: Path) -> None:
    in_arabic = CliRunner().invoke(main, [str(folder)], env={"LANG": "ar_SY.UTF-8"})
    assert in_arabic.stdout == "4 ملفات، بلا أخطاء\n"
    assert CliRunner().invoke(main, [str(folder)], env={"LANG": "C"}).stdout == "4 files, all right\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("kiosk-1", 'id = "kiosk-1"', 'id = "kiosk-7"', 'kiosk.id: is "kiosk-7", but the centre has no such kiosk.'),
        ("kiosk-1", '"birth"', '"berth"', 'button[1].service: is "berth", but the centre has no such service.'),
        ("kiosk-1", '"centre.toml"', '"center.toml"', 'kiosk.centre: is "center.toml", and there is no such file.'),
        ("counter-1", 'id = "1"', 'id = "9"', 'counter.id: is "9", but the centre has no such counter. Known: 1, 2'),
    ],
)
def test_a_device_is_compared_with_its_centre(folder: Path, file: str, old: str, new: str, said: str) -> None:
    device = folder / f"{file}.toml"
    change(device, old, new)
    for result in (check(folder), check(device)):
        assert result.exit_code == 2
        assert result.stderr.startswith(f"{device}: {said}")
        assert result.stderr.count("\n") == 1


def test_two_files_cannot_be_the_same_kiosk(folder: Path) -> None:
    (folder / "kiosk-2.toml").write_text(KIOSK, "utf-8")
    assert 'kiosk-2.toml: kiosk.id: is "kiosk-1", as in kiosk-1.toml.' in check(folder).stderr


def test_kiosks_of_two_centres_may_have_one_name(folder: Path) -> None:
    other = folder / "other"
    other.mkdir()
    for name in ("centre.toml", "kiosk-1.toml"):
        (other / name).write_bytes((folder / name).read_bytes())
    assert check(folder).exit_code == 0


def test_a_device_without_a_centre_beside_it_is_checked_by_itself(tmp_path: Path) -> None:
    (tmp_path / "counter-9.toml").write_text('[counter]\nid = "9"\n[box]\n', "utf-8")
    assert check(tmp_path).exit_code == 0


def test_a_toml_file_that_is_no_settings_is_named(tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text("flour = 500\n", "utf-8")
    result = check(tmp_path)
    assert result.exit_code == 2
    assert (
        "recipe.toml: -: is no settings file. It needs [centre] or one of [kiosk], [counter], [display]."
        in result.stderr
    )


def test_a_centre_without_its_first_table_is_still_known_as_a_centre(folder: Path) -> None:
    change(folder / "centre.toml", "[centre]", "[center]")
    result = check(folder / "centre.toml")
    assert "center: is not a setting. Did you mean centre?" in result.stderr


def test_missing_files_and_empty_folders_are_mistakes(tmp_path: Path) -> None:
    missing, empty = check(tmp_path / "nowhere.toml"), check(tmp_path)
    assert (missing.exit_code, empty.exit_code) == (2, 2)
    assert "nowhere.toml: -: cannot be read: No such file or directory." in missing.stderr
    assert "holds no .toml file" in empty.stderr


def test_nothing_to_check_is_wrong_use() -> None:
    result = check()
    assert result.exit_code == 2
    assert "Missing argument" in result.stderr


def test_help_tells_the_exit_codes() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert "Exit code: 0 all right, 2 mistakes." in result.stdout
