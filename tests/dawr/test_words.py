"""Words: Arabic plurals, digits, dates, and numbers that their neighbours cannot turn round."""

from datetime import UTC, date, datetime

import pytest

from dawr.language import LANGUAGES
from dawr.text import isolate, isolate_name
from dawr.words import Words, catalogue

AHEAD = {0: "zero", 1: "one", 2: "two", 3: "few", 10: "few", 11: "many", 99: "many", 100: "other", 103: "few"}


@pytest.mark.parametrize(("count", "category"), AHEAD.items())
def test_arabic_counts_people_in_six_ways(count: int, category: str) -> None:
    expected = catalogue("ar")["slip"]["ahead"][category]
    assert Words("ar")("slip.ahead", count=count) == expected.format(count=isolate(str(count)))


def test_english_counts_in_two() -> None:
    words = Words("en")
    assert words("slip.ahead", count=1) == f"{isolate('1')} person is ahead of you."
    assert words("slip.ahead", count=2) == f"{isolate('2')} people are ahead of you."


def test_digits_are_the_centres_choice() -> None:
    assert Words("ar", "arabic").number("A012") == "A٠١٢"
    assert Words("ar", "latin").number("A012") == "A012"
    assert isolate("٣") in Words("ar", "arabic")("slip.ahead", count=3)


def test_dates_use_the_month_names_of_syria() -> None:
    day = date(2026, 1, 5)
    assert Words("ar").date(day) == f"الاثنين {isolate('5')} كانون الثاني {isolate('2026')}"
    assert Words("en").date(day) == f"Monday {isolate('5')} January {isolate('2026')}"


def test_a_date_put_into_a_sentence_keeps_its_reading_direction() -> None:
    words = Words("ar")
    day = words.date(date(2026, 1, 5))
    assert words("slip.reference", reference=day).endswith(isolate_name(day))
    assert words("slip.reference", reference="TR-2026/15").endswith(isolate("TR-2026/15"))


def test_the_time_of_day_has_two_digits() -> None:
    assert Words("en").time(datetime(2026, 1, 5, 8, 5, tzinfo=UTC)) == "08:05"


@pytest.mark.parametrize("key", ["slip.nonsense", "nonsense", "slip.copy.more"])
def test_a_missing_word_is_never_a_blank(key: str) -> None:
    with pytest.raises(KeyError):
        Words("en")(key)
    assert not Words("en").has(key)


def test_a_missing_value_is_noticed() -> None:
    with pytest.raises(KeyError):
        Words("en")("slip.reference")


def test_a_text_of_the_settings_falls_back_to_what_there_is() -> None:
    assert Words("ar").of({"ar": "مرحبا", "en": "Hello"}) == "مرحبا"
    assert Words("ar").of({"en": "Hello"}) == "Hello"


def test_arabic_and_english_are_there() -> None:
    assert set(LANGUAGES) == {"ar", "en"}
