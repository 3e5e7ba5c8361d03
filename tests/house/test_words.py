"""Every word in every language, and a glyph for every letter."""

import ast
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from fontTools.ttLib import TTFont

from tests.house.source import PACKAGES, ROOT, modules

WORDS = sorted((ROOT / "dawr" / "words").glob("*.toml"))
FONTS = ROOT / "dawr" / "fonts"
EXAMPLES = sorted((ROOT / "config").rglob("*.toml"))
CATEGORIES = {
    "ar": {"zero", "one", "two", "few", "many", "other"},
    "en": {"one", "other"},
}

Entry = str | dict[str, str]


def entries(table: Mapping[str, object], above: str = "") -> Iterator[tuple[str, Entry]]:
    """Each dotted key with its sentence, or with its plural forms."""
    for name, value in table.items():
        key = f"{above}{name}"
        if isinstance(value, dict) and not value.keys() <= CATEGORIES["ar"]:
            yield from entries(value, f"{key}.")
        else:
            assert isinstance(value, str | dict), f"{key} is neither a sentence nor a table"
            yield key, value


@cache
def words(language: str) -> dict[str, Entry]:
    return dict(entries(tomllib.loads((ROOT / "dawr" / "words" / f"{language}.toml").read_text("utf-8"))))


def forms(entry: Entry) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())


def placeholders(entry: Entry) -> set[str]:
    return {name for form in forms(entry) for _, name, _, _ in Formatter().parse(form) if name is not None}


def texts(value: object) -> Iterator[str]:
    """Every string inside a TOML value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


@cache
def drawable(weight: str) -> frozenset[int]:
    font = FONTS / f"Vazirmatn-{weight}.ttf"
    assert font.exists(), f"{font.name} is not built: run make setup"
    return frozenset(TTFont(font).getBestCmap())


def without_glyph(text: str, weight: str) -> set[str]:
    """The characters that would come out blank. Format characters (Cf: isolates, joiners) are never drawn."""
    visible = {c for c in text if unicodedata.category(c) not in ("Cc", "Cf")}
    return {f"{c} U+{ord(c):04X}" for c in visible if ord(c) not in drawable(weight)}


def test_both_languages_are_there() -> None:
    assert {file.stem for file in WORDS} == set(CATEGORIES)


def test_every_key_exists_in_both_languages() -> None:
    assert words("ar").keys() == words("en").keys()


@pytest.mark.parametrize("key", sorted(words("ar").keys() & words("en").keys()))
def test_both_languages_fill_in_the_same_values(key: str) -> None:
    assert placeholders(words("ar")[key]) == placeholders(words("en")[key])


@pytest.mark.parametrize("key", sorted(words("ar").keys() & words("en").keys()))
def test_a_plural_in_one_language_is_a_plural_in_the_other(key: str) -> None:
    assert isinstance(words("ar")[key], str) == isinstance(words("en")[key], str)


@pytest.mark.parametrize("language", CATEGORIES)
def test_every_plural_has_exactly_the_forms_of_its_language(language: str) -> None:
    plurals = {key: entry for key, entry in words(language).items() if isinstance(entry, dict)}
    wrong = {key: set(entry) for key, entry in plurals.items() if set(entry) != CATEGORIES[language]}
    assert wrong == {}


@pytest.mark.parametrize("language", CATEGORIES)
def test_the_last_plural_form_says_the_count(language: str) -> None:
    plurals = {key: entry for key, entry in words(language).items() if isinstance(entry, dict)}
    assert [key for key, entry in plurals.items() if "{count}" not in entry["other"]] == []


@pytest.mark.parametrize("language", CATEGORIES)
def test_no_sentence_is_empty_or_has_loose_spaces(language: str) -> None:
    wrong = [key for key, entry in words(language).items() for form in forms(entry) if form != form.strip() or not form]
    assert wrong == []


@pytest.mark.parametrize("weight", ["Regular", "Medium", "Bold", "Black"])
@pytest.mark.parametrize("file", [*WORDS, *EXAMPLES], ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_letter_has_a_glyph_in_every_weight(file: Path, weight: str) -> None:
    blank = {text: without_glyph(text, weight) for text in texts(tomllib.loads(file.read_text("utf-8")))}
    assert {text: letters for text, letters in blank.items() if letters} == {}


def test_both_forms_of_digits_have_glyphs() -> None:
    assert without_glyph("0123456789٠١٢٣٤٥٦٧٨٩", "Bold") == set()


def test_the_licence_of_the_font_lies_beside_it() -> None:
    assert "SIL OPEN FONT LICENSE" in (FONTS / "Vazirmatn-OFL.txt").read_text("utf-8").upper()


def whys(module: Path) -> Iterator[str]:
    """What the mistakes that a module knows are called, where that is written out."""
    places = {"WrongKey": 1, "Mistake": 2}
    for node in ast.walk(ast.parse((ROOT / module).read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in places:
            why = node.args[places[node.func.id]]
            yield from [str(why.value)] if isinstance(why, ast.Constant) else []


def test_every_mistake_of_a_setting_has_its_words() -> None:
    known = {why for module in modules(*PACKAGES) for why in whys(module)}
    assert len(known) > 25
    assert {why for why in known if f"mistake.{why}.wrong" not in words("en")} == set()
