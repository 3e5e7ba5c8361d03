"""Text as pictures: Arabic joined and right to left, numbers never turned round."""

import pytest
from PIL import Image, ImageChops

from dawr.text import (
    MASKS_BYTES,
    capital_height,
    check_shaping,
    direction_of,
    fit,
    font_file,
    isolate,
    isolate_name,
    mask,
    width,
    wrap,
)
from tests.memory import memory_bytes


def ink(picture: Image.Image) -> tuple[int, int, int, int]:
    box = picture.getbbox()
    assert box, "nothing was drawn"
    return box


def differs(one: Image.Image, other: Image.Image) -> bool:
    return one.size != other.size or ImageChops.difference(one, other).getbbox() is not None


def test_a_day_of_numbers_does_not_fill_the_memory() -> None:
    before = memory_bytes()
    drawn = [mask(f"A{count}", "black", 232, "ltr").size for count in range(1000, 1400)]
    assert sum(width * height for width, height in drawn) > 10 * MASKS_BYTES
    assert memory_bytes() - before < 3 * MASKS_BYTES


def test_arabic_can_be_shaped_here() -> None:
    check_shaping()


def test_arabic_letters_join() -> None:
    joined = width("سلام", "bold", 60, "rtl")
    apart = sum(width(letter, "bold", 60, "rtl") for letter in "سلام")
    assert joined < 0.8 * apart


def test_a_number_stands_in_arabic_as_it_stands_alone() -> None:
    alone = mask("A017", "bold", 60, "ltr")
    sentence = mask(f"الرقم {isolate('A017')} الآن", "bold", 60, "rtl")
    number = alone.crop(ink(alone))
    found = any(
        not differs(number, sentence.crop((x, ink(alone)[1], x + number.width, ink(alone)[3])))
        for x in range(sentence.width - number.width)
    )
    assert found, "the number's picture is not in the sentence's"


def test_an_isolated_date_is_not_turned_round() -> None:
    bare = mask("التاريخ 2026-01-15", "regular", 40, "rtl")
    isolated = mask(f"التاريخ {isolate('2026-01-15')}", "regular", 40, "rtl")
    assert differs(bare, isolated), "isolates had no effect: dates would come out back to front"


@pytest.mark.parametrize("invisible", [isolate(""), isolate_name("")])
def test_isolates_leave_no_ink(invisible: str) -> None:
    assert not differs(mask(f"A{invisible}B", "regular", 40, "ltr"), mask("AB", "regular", 40, "ltr"))


def test_masks_of_one_size_share_a_baseline() -> None:
    heights = {
        mask(text, "medium", 48, direction_of(language)).height for text, language in [("سلام", "ar"), ("Hall", "en")]
    }
    assert len(heights) == 1


def test_capitals_have_the_height_that_is_said() -> None:
    box = ink(mask("H", "bold", 100, "ltr"))
    assert abs((box[3] - box[1]) - capital_height("bold", 100)) <= 1


def test_fit_shrinks_no_more_than_needed() -> None:
    size = fit("Municipal services", "bold", 100, "ltr", 500, smallest_px=10)
    assert width("Municipal services", "bold", size, "ltr") <= 500
    assert width("Municipal services", "bold", size + 6, "ltr") > 500
    assert fit("Municipal services", "bold", 100, "ltr", 5, smallest_px=30) == 30


def test_wrapping_keeps_every_word_and_fits() -> None:
    text = "بيان قيد عقاري مع مخطط مساحي وصورة مصدقة عن العقد"
    lines = wrap(text, "regular", 30, "rtl", 220)
    assert " ".join(lines) == text
    assert len(lines) > 1
    assert all(width(line, "regular", 30, "rtl") <= 220 for line in lines)
    assert wrap("", "regular", 30, "ltr", 220) == []


def test_a_word_wider_than_the_line_stands_alone() -> None:
    assert wrap("a Donaudampfschifffahrt b", "regular", 30, "ltr", 60) == ["a", "Donaudampfschifffahrt", "b"]


def test_the_fonts_of_the_build_are_used() -> None:
    assert font_file("bold").name == "Vazirmatn-Bold.ttf"
