from typing import get_args

import pytest

from display.phrases import ARABIC_NUMBERS, LARGEST, Language, parts_of, phrases, read_aloud
from display.voice import clips_of, spoken


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "صِفْر"),
        (7, "سَبْعَة"),
        (10, "عَشَرَة"),
        (11, "أَحَدَ عَشَر"),
        (17, "سَبْعَةَ عَشَر"),
        (20, "عِشْرُون"),
        (21, "وَاحِد وَعِشْرُون"),
        (99, "تِسْعَة وَتِسْعُون"),
        (100, "مِئَة"),
        (102, "مِئَة وَاثْنَان"),
        (112, "مِئَة وَاثْنَا عَشَر"),
        (117, "مِئَة وَسَبْعَةَ عَشَر"),
        (121, "مِئَة وَوَاحِد وَعِشْرُون"),
        (200, "مِئَتَان"),
        (345, "ثَلَاثُمِئَة وَخَمْسَة وَأَرْبَعُون"),
        (999, "تِسْعُمِئَة وَتِسْعَة وَتِسْعُون"),
        (1001, "أَلْف وَوَاحِد"),
        (2500, "أَلْفَان وَخَمْسُمِئَة"),
    ],
)
def test_arabic_numbers_are_read_units_before_tens_joined_by_and(count: int, words: str) -> None:
    assert read_aloud(count, "ar") == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "zero"),
        (12, "twelve"),
        (40, "forty"),
        (99, "ninety nine"),
        (100, "one hundred"),
        (101, "one hundred and one"),
        (117, "one hundred and seventeen"),
        (121, "one hundred and twenty one"),
        (900, "nine hundred"),
        (1001, "one thousand and one"),
        (1121, "one thousand one hundred and twenty one"),
    ],
)
def test_english_numbers_are_read_with_one_and(count: int, words: str) -> None:
    assert read_aloud(count, "en") == words


@pytest.mark.parametrize("language", get_args(Language))
def test_every_number_has_all_its_phrases_and_no_two_sound_alike(language: Language) -> None:
    said = phrases(language)
    numbers = [parts_of(count, language) for count in range(LARGEST + 1)]
    assert {part for parts in numbers for part in parts} <= said.keys()
    assert len({read_aloud(count, language) for count in range(LARGEST + 1)}) == LARGEST + 1


@pytest.mark.parametrize("language", get_args(Language))
def test_nothing_is_to_be_recorded_that_is_never_said(language: Language) -> None:
    used = {part for count in range(LARGEST + 1) for part in parts_of(count, language)}
    assert {name for name in phrases(language) if "number-" in name} == used


def test_every_arabic_phrase_is_vowelled() -> None:
    vowels = set("\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652")
    assert [said for said in phrases("ar").values() if not vowels & set(said) and said != "آي" and said != "آر"] == []
    assert len(ARABIC_NUMBERS) == 20 + 8 + 9 + 9


def test_a_call_is_said_in_arabic_and_then_in_english() -> None:
    arabic, english = clips_of("A117", "12", ["ar", "en"])
    assert spoken(arabic) == "الرَّقْم أَيْ مِئَة وَسَبْعَةَ عَشَر يَتَوَجَّهُ إِلَى الشُّبَّاكِ رَقْم اِثْنَا عَشَر"
    assert spoken(english) == "number A. one hundred and seventeen please go to counter twelve"


def test_leading_zeros_are_not_said() -> None:
    (clips,) = clips_of("C007", "4", ["en"])
    assert spoken(clips) == "number C. seven please go to counter four"


def test_a_number_beyond_the_phrases_is_refused() -> None:
    with pytest.raises(ValueError, match="10000"):
        parts_of(10000, "ar")
