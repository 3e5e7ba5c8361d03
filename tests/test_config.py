"""The example centres under config/: complete, without a mistake, in two clean languages, with every setting in use."""

import re
import tomllib
import unicodedata
from collections import Counter as Tally
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont

from dawr.numbers import ROUND
from dawr.settings.centre import SERVER, Centre, read_centre
from dawr.settings.check import mistakes_in, settings_files
from dawr.settings.mistakes import checked
from dawr.settings.reference import FILES, tables
from dawr.settings.server import SERVER_FILE, ServerSettings, against_centre
from dawr.text import font_file

CONFIG = Path(__file__).parents[1] / "config"
FILES_THERE = settings_files(CONFIG)
CENTRES = {file.parent.name: read_centre(file) for file in CONFIG.glob("*/centre.toml")}

# What the reports say: (services at least, at most), (lines at most), counters, kiosks.
SIZES = {
    "tartous-main": (95, 120, 12, 10, 2),
    "damascus-midan": (63, 95, 12, 12, 2),
    "housing": (63, 63, 12, 8, 1),
    "university-arts": (30, 60, 12, 8, 2),
    "small-town": (5, 12, 4, 2, 1),
}

# Every service that the reports name, as it is written at the counter.
NAMED_IN_REPORTS = """
رخصة بناء · رخصة هدم · تسوية مخالفة · إفراز · ترقين إشارة · كروكي تخطيط · شراء فضلة أملاك عامة · بيان مخالفات
مخطط استقامة · مخطط موقع · صورة جوية · عقد إيجار سكني · عقد إيجار تجاري · عقد بيع · عقد تنازل
ترخيص إداري (لجميع المهن) · الشؤون الصحية · بيان فردي (إخراج قيد فردي) · بيان ولادة · بيان وفاة · بيان زواج
بيان طلاق · تصديق بيان · وثيقة لا حكم عليه · إخراج قيد عقاري · مخطط مساحي · بيان تسلسل مالكين · بيان ملكية
بيان أوصاف · صورة مصدقة عن عقد · إشارة حجز · براءة ذمة مالية للأفراد · براءة ذمة مالية للشركات
تصديق الوثائق الخارجية (القنصلي) · صورة طبق الأصل · وثيقة غير موظف · بيان عدم استفادة
عقد بيع بين مواطن ومواطن · عقد بيع بين المؤسسة والمواطن · وضع إشارة (ترقين، دعوى، حجز)
دفع فاتورة مياه · دفع فاتورة هاتف · استلام وثيقة جاهزة
"""

CLASSES = {"elderly", "disabled", "pregnant", "bereaved"}
WORKING_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday")


@pytest.fixture(params=CENTRES)
def centre(request: pytest.FixtureRequest) -> Centre:
    return CENTRES[request.param]


def names_in(listing: str) -> list[str]:
    return [name.strip() for name in re.split(r"[·\n]", listing) if name.strip()]


def texts_of(settings: Any) -> Iterator[tuple[str, str]]:
    """Every (language, text) in what a TOML file says."""
    if isinstance(settings, list):
        for one in settings:
            yield from texts_of(one)
    elif isinstance(settings, dict):
        for key, one in settings.items():
            if key in ("ar", "en"):
                yield key, one
            else:
                yield from texts_of(one)


def texts_in_config() -> set[tuple[str, str]]:
    return {text for file in FILES_THERE for text in texts_of(tomllib.loads(file.read_text("utf-8")))}


def said_in(file: Path) -> dict[str, Any]:
    """What a file says; an example for the server shows its settings behind `#`, so that nobody is told by accident."""
    text = file.read_text("utf-8")
    return tomllib.loads(re.sub(r"(?m)^#(?=[\[\w])", "", text) if file.name == SERVER_FILE else text)


def keys_in(settings: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Every (table, key) that a TOML file sets; a table that is repeated counts as one."""
    for key, value in settings.items():
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, dict):
            for one in value if isinstance(value, list) else [value]:
                yield from keys_in(one, f"{above}.{key}".lstrip("."))
        yield above, key


def script_of(letter: str) -> str:
    return unicodedata.name(letter, "").split()[0]


def test_every_file_is_without_a_mistake() -> None:
    assert mistakes_in(FILES_THERE) == []


@pytest.mark.parametrize("name", ["small-town", "tartous-main"])
def test_an_example_for_the_server_switches_nothing_on_and_is_right_when_it_does(name: str) -> None:
    file = CONFIG / name / SERVER_FILE
    assert tomllib.loads(file.read_text("utf-8")) == {}
    shown = checked(ServerSettings, said_in(file), file.name)
    assert shown.mail and shown.webhook and shown.report
    assert list(against_centre(shown, CENTRES[name])) == []


def test_the_centres_that_the_reports_describe_are_there() -> None:
    assert set(CENTRES) == set(SIZES)


@pytest.mark.parametrize("name", SIZES)
def test_a_centre_has_the_size_that_the_reports_say(name: str) -> None:
    least, most, lines, counters, kiosks = SIZES[name]
    centre = CENTRES[name]
    assert least <= len(centre.services) <= most
    assert len(centre.lines) <= lines
    assert len(centre.counters) == counters
    assert len(centre.kiosks) == kiosks


@pytest.mark.parametrize("name", SIZES)
def test_a_centre_is_called_as_its_folder_is(name: str) -> None:
    assert CENTRES[name].centre.id == name


@pytest.mark.parametrize("name", SIZES)
def test_a_centre_has_a_kiosk_some_counters_and_a_board(name: str) -> None:
    there = {file.stem for file in (CONFIG / name).glob("*.toml")}
    assert {"centre", "kiosk-1", "counter-1", "board-1"} <= there


def test_the_files_show_every_kind_of_counter_and_kiosk() -> None:
    tables_there = [set(tomllib.loads(file.read_text("utf-8"))) for file in FILES_THERE]
    assert any("number_pad" in one for one in tables_there)
    assert any("printer" in one and "screen" not in one for one in tables_there)
    assert any("display" in tomllib.loads(file.read_text("utf-8")).get("box", {}) for file in FILES_THERE)


@pytest.mark.parametrize(("kind", "model"), FILES)
def test_every_setting_is_shown_in_some_file(kind: str, model: Any) -> None:
    shown = {(table, key) for file in FILES_THERE for table, key in keys_in(said_in(file))}
    known = {
        (heading.strip("[]"), field.alias or name)
        for heading, _, table in tables(model)
        if heading != "[service.hours]"  # its keys are those of [hours]
        for name, field in table.model_fields.items()
    }
    assert known - shown == set()


@pytest.mark.parametrize("name", names_in(NAMED_IN_REPORTS))
def test_tartous_offers_what_the_reports_name(name: str) -> None:
    assert any(name in service.name["ar"] for service in CENTRES["tartous-main"].services)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_no_two_services_of_a_centre_have_one_name(centre: Centre, language: Any) -> None:
    times = Tally(service.name[language] for service in centre.services)
    assert [name for name, number in times.items() if number > 1] == []


def test_every_service_says_what_to_bring_what_it_costs_and_how_long_it_takes(centre: Centre) -> None:
    for service in centre.services:
        assert 1 <= len(service.papers) <= 5, service.id
        assert len({paper["ar"] for paper in service.papers}) == len(service.papers), service.id
        assert service.fee is None or service.fee > 0, service.id
        assert "usual_minutes" in service.model_fields_set, service.id


def test_some_services_are_free_and_some_are_not(centre: Centre) -> None:
    assert {service.fee is None for service in centre.services} == {True, False}


def test_every_line_and_category_has_services(centre: Centre) -> None:
    assert {service.line for service in centre.services} == set(centre.line)
    assert {service.category for service in centre.services} == {one.id for one in centre.categories}


def test_a_category_fits_on_a_kiosk(centre: Centre) -> None:
    assert len(centre.categories) <= 12
    assert max(Tally(service.category for service in centre.services).values()) <= 24


def test_some_services_have_hours_or_a_cap_and_some_need_a_reference(centre: Centre) -> None:
    assert any(service.hours for service in centre.services)
    assert any(service.daily_cap for service in centre.services)
    assert any(service.needs_reference for service in centre.services)


def test_a_service_is_offered_only_when_the_centre_is_open(centre: Centre) -> None:
    for service in centre.services:
        for day, spans in service.hours or ():
            for span in spans:
                around = getattr(centre.hours, day)
                assert any(one.opens <= span.opens and span.closes <= one.closes for one in around), (service.id, day)


def test_the_working_week_is_syria_s(centre: Centre) -> None:
    assert all(getattr(centre.hours, day) for day in WORKING_DAYS)
    assert not centre.hours.friday


def test_those_who_are_called_earlier_are_the_same_everywhere(centre: Centre) -> None:
    assert {one.id: one.credit_minutes for one in centre.classes} == dict.fromkeys(CLASSES, 20)


def test_holidays_are_in_order_and_each_is_there_once(centre: Centre) -> None:
    days = [holiday.date for holiday in centre.holidays]
    assert days == sorted(set(days))
    assert {day.year for day in days} == {2026, 2027}


def test_easter_is_a_sunday() -> None:
    easters = [one.date for one in CENTRES["tartous-main"].holidays if "Easter" in one.name["en"]]
    assert len(easters) == 4
    assert all(f"{day:%A}" == "Sunday" for day in easters)


def test_a_centre_tells_news_and_knows_reasons(centre: Centre) -> None:
    assert centre.centre.message
    assert centre.centre.break_reasons
    assert centre.centre.park_reasons


def test_issuers_share_all_numbers_and_each_has_enough_for_a_busy_day(centre: Centre) -> None:
    parts = [*centre.ranges.values(), *centre.spares.values()]
    owned = [count for part in parts for count in range(part.first, part.last + 1)]
    assert sorted(owned) == list(range(1, ROUND))
    assert all(part.size >= (99 if issuer == SERVER else 300) for issuer, part in centre.ranges.items())
    assert centre.kiosks[0].numbers_from == 1


def test_arabic_has_no_latin_letters_and_english_no_arabic_ones() -> None:
    foreign = {"ar": "LATIN", "en": "ARABIC"}
    for language, text in texts_in_config():
        scripts = {script_of(letter) for letter in text if letter.isalpha()}
        assert foreign[language] not in scripts, text


def test_every_arabic_text_is_arabic_and_every_english_one_english() -> None:
    own = {"ar": "ARABIC", "en": "LATIN"}
    for language, text in texts_in_config():
        assert own[language] in {script_of(letter) for letter in text if letter.isalpha()}, text


def test_no_text_has_stray_spaces_or_vanishing_characters() -> None:
    for _, text in texts_in_config():
        assert text == " ".join(text.split()), text
        assert not [letter for letter in text if unicodedata.category(letter) in ("Cf", "Cc", "Co", "Cn")], text


@pytest.mark.parametrize("weight", ["regular", "medium", "bold", "black"])
def test_the_font_has_every_letter(weight: Any) -> None:
    letters = {letter for _, text in texts_in_config() for letter in text}
    glyphs = TTFont(font_file(weight)).getBestCmap()
    assert [letter for letter in sorted(letters) if ord(letter) not in glyphs] == []


def test_each_file_says_at_its_top_what_it_is() -> None:
    for file in FILES_THERE:
        assert file.read_text("utf-8").startswith("# "), file


@pytest.mark.parametrize("name", SIZES)
def test_a_centre_says_that_it_is_an_example(name: str) -> None:
    assert "# An example" in (CONFIG / name / "centre.toml").read_text("utf-8")
