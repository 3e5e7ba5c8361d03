import math
from collections.abc import Sequence
from itertools import product

import pytest

from dawr.admitting import Code
from dawr.boxes import Box
from dawr.settings.centre import Centre, Digits, Language
from dawr.text import capital_height, isolate, mask, width
from display.layout import plan, required_capital_px
from display.message_line import silence
from display.scene import compose
from display.screen import place_of
from display.shapes import SMALLEST, Card, Line, Pen, Section, written
from display.showing import Admission, words_of
from display.theme import DARK, LIGHT, THEMES, Colour, Theme
from tests.display.boards import LONG_NAME, NOW, board, busy_board, call, centre, lines_of, showing

SCREENS = [
    ((1920, 1080), 55, 4),
    ((1920, 1080), 55, 6),
    ((1280, 720), 43, 7),
    ((1080, 1920), 43, 4),
    ((3840, 2160), 75, 9),
]

ADMISSIONS = [
    ("hall", Code("A7KM2Q", "http://10.0.0.5:8090")),
    ("board-over-the-doors-of-the-large-hall", Code("WMWMWM", "https://queue.tartous.example.org:65443")),
]


def scenes() -> list[Sequence[Section]]:
    """The board in every arrangement: screens, first languages, digits, few and many lines, empty and full."""
    made: list[Sequence[Section]] = []
    kinds = product(SCREENS, [("ar", "en"), ("en", "ar"), ("ar",)], ["latin", "arabic"], [1, 3, 12])
    for (size, inches, metres), languages, digits, lines in kinds:
        hall = centre(lines, languages, digits)  # type: ignore[arg-type]
        for shown in (None, board(lines=lines), board(call(1), lines=lines), busy_board(lines, "W1001")):
            layout = plan(size, inches, metres, 5)
            made.append(compose(showing(hall, shown, layout), layout, DARK))
        for id, code in ADMISSIONS:
            shows = showing(hall, None, layout, admission=Admission(id, code))
            made.append(compose(shows, layout, DARK))
    return made


@pytest.fixture(scope="module")
def every_scene() -> list[Sequence[Section]]:
    return scenes()


def ink_of(line: Line) -> Box:
    """The rectangle that the line's ink takes on the screen."""
    left, top, right, bottom = mask(line.text, line.weight, line.size_px, line.direction).getbbox() or (0, 0, 0, 0)
    x, y = place_of(line)
    return Box(x + left, y + top, right - left, bottom - top)


def inside(one: Box, other: Box, slack: int = 0) -> bool:
    return (
        one.x >= other.x - slack
        and one.right <= other.right + slack
        and one.y >= other.y - slack
        and one.bottom <= other.bottom + slack
    )


def overlap(one: Box, other: Box) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


def test_no_text_is_cut_off(every_scene: list[Sequence[Section]]) -> None:
    for scene in every_scene:
        for section in scene:
            for line in lines_of([section]):
                if line.moved_px is None:
                    assert inside(ink_of(line), section.box), f"{line} in {section.name}"
                    assert line.box.x - 1 <= ink_of(line).x and ink_of(line).right <= line.box.right + 1, line


def test_no_text_covers_another(every_scene: list[Sequence[Section]]) -> None:
    for scene in every_scene:
        for section in scene:
            inks = [(line.text, ink_of(line)) for line in lines_of([section])]
            for place, (text, ink) in enumerate(inks):
                for other_text, other in inks[place + 1 :]:
                    assert not overlap(ink, other), f"{text} and {other_text} in {section.name}"


@pytest.mark.parametrize(("size", "inches", "metres"), [*SCREENS[:2], ((1080, 1920), 43, 3)])
@pytest.mark.parametrize("digits", ["latin", "arabic"])
def test_numbers_and_counters_are_as_large_as_the_farthest_seat_needs(
    size: tuple[int, int], inches: float, metres: float, digits: Digits
) -> None:
    shown = busy_board(longest="W1001")
    layout = plan(size, inches, metres, 5)
    assert "too_far" not in {warn.key for warn in layout.warnings}
    scene = compose(showing(centre(digits=digits), shown, layout), layout, DARK)
    calls = [section for section in scene if section.name.startswith(("call", "latest"))]
    latest, *rows = [[line for line in lines_of([section]) if line.weight in ("bold", "black")] for section in calls]
    assert len(rows) == len(layout.calls)
    for line in [*latest, *(line for row in rows for line in row)]:
        assert capital_height(line.weight, line.size_px) >= math.floor(required_capital_px(size, inches, metres))


def test_an_arabic_centre_is_the_mirror_image_of_an_english_one() -> None:
    layout = plan((1920, 1080), 55, 4)
    arabic, english = (
        compose(showing(centre(languages=languages, message=False), busy_board(), layout), layout, DARK)
        for languages in ((("ar", "en")), (("en", "ar")))
    )
    numbers = [next(line for line in lines_of(scene) if "A117" in line.text) for scene in (arabic, english)]
    assert numbers[0].box.x == 1920 - numbers[1].box.right
    # A digit has some air at its right that a letter does not have at its left.
    assert 1920 - ink_of(numbers[0]).right == pytest.approx(ink_of(numbers[1]).x, abs=20)
    assert [section.box.x for section in arabic] == [1920 - section.box.right for section in english]
    assert all(line.direction == "ltr" for line in numbers)


def test_the_words_of_both_languages_are_there() -> None:
    layout = plan((1920, 1080), 55, 4)
    texts = " ".join(line.text for line in lines_of(compose(showing(centre(), busy_board(), layout), layout, DARK)))
    for word in (
        "الرقم",
        "Number",
        "إلى الشباك",
        "Counter",
        "قيد الانتظار",
        "Waiting",
        "مركز خدمة المواطن",
        "22",
        "11:31",
    ):
        assert word in texts


def test_untrusted_time_is_not_shown() -> None:
    layout = plan((1920, 1080), 55, 4)
    scene = compose(showing(centre(), busy_board(), layout, clock=None), layout, DARK)
    texts = " ".join(line.text for line in lines_of(scene[:1]))
    assert "--:--" in texts and "2026" not in texts and "11:31" not in texts


def test_a_board_without_news_says_so_and_names_what_does_not_fit() -> None:
    layout = plan((1920, 1080), 55, 12)
    texts = " ".join(line.text for line in lines_of(compose(showing(None, None, layout), layout, DARK)))
    assert "لا اتصال بالخادم بعد" in texts and "No connection to the server yet" in texts
    assert "الشاشة أصغر" in texts


@pytest.mark.parametrize("known", [None, centre(languages=("ar", "en"), digits="arabic")])
def test_a_board_that_nobody_admitted_shows_the_code_and_no_call(known: Centre | None) -> None:
    layout = plan((1920, 1080), 55, 4)
    [(id, code), _] = ADMISSIONS
    shows = showing(known, busy_board(), layout, admission=Admission(id, code))
    scene = compose(shows, layout, DARK)
    assert [section.name for section in scene] == ["header", "admission", "footer"]
    lines = [*lines_of(scene[1:2])]
    [shown] = [line for line in lines if line.size_px == max(line.size_px for line in lines)]
    assert (shown.text, shown.direction) == (isolate("A7K M2Q"), "ltr"), "not in the digits of the centre, nor mirrored"
    assert isolate("http://10.0.0.5:8090/devices") in {line.text for line in lines}
    for words in words_of(known):
        assert words("admission.board_empty") in {line.text for line in lines}


def test_before_the_first_call_the_board_is_calm() -> None:
    layout = plan((1920, 1080), 55, 4)
    texts = " ".join(line.text for line in lines_of(compose(showing(centre(), board(), layout), layout, DARK)))
    assert "لم يُنادَ على أي رقم بعد" in texts and "Nobody has been called yet" in texts
    assert "لا اتصال" not in texts


@pytest.mark.parametrize(
    ("languages", "seconds", "words"),
    [
        (("ar", "en"), 12, "الاتصال بالخادم مقطوع منذ أقل من دقيقة"),
        (("ar", "en"), 125, "منذ دقيقتين"),
        (("ar", "en"), 245, "دقائق"),
        (("en", "ar"), 65, "for a minute"),
        (("en", "ar"), 3 * 3600, "hours"),
    ],
)
def test_the_footer_says_for_how_long_the_server_is_silent(
    languages: tuple[Language, ...], seconds: float, words: str
) -> None:
    hall = centre(languages=languages)
    texts = silence(words_of(hall), seconds, restored=False)
    assert words in texts[0][0]
    assert len(texts) == 2


def test_the_latest_call_is_lit_and_fresh_ones_are_marked() -> None:
    layout = plan((1920, 1080), 55, 4)

    def colours(**more: object) -> dict[str, set[Colour]]:
        scene = compose(showing(centre(), busy_board(), layout, **more), layout, LIGHT)
        return {one.name: {item.colour for item in one.items if isinstance(item, Card)} for one in scene}

    calm = colours()
    lit = colours(lit=True, fresh=frozenset({20, 19}))
    assert calm["latest"] == {LIGHT.latest} and lit["latest"] == {LIGHT.lit}
    assert LIGHT.brass in lit["call 1"] and LIGHT.brass not in calm["call 1"]
    assert lit["call 2"] == calm["call 2"]


@pytest.mark.parametrize("theme", THEMES.values())
def test_text_is_only_drawn_in_pairs_of_colours_whose_contrast_is_known(theme: Theme) -> None:
    layout = plan((1920, 1080), 55, 4)
    known = set(theme.pairs().values())
    for lit in (True, False):
        scene = compose(showing(centre(), busy_board(), layout, lit=lit, alarm=lit), layout, theme)
        for section in scene:
            cards = [item for item in section.items if isinstance(item, Card)]
            for line in lines_of([section]):
                under = [card.colour for card in cards if inside(ink_of(line), card.box)]
                assert (line.colour, under[-1] if under else section.ground) in known, line


def test_a_name_that_is_too_long_loses_its_last_words_not_its_first() -> None:
    layout = plan((1280, 720), 55, 3)
    scene = compose(showing(centre(12), busy_board(12), layout), layout, DARK)
    line = next(line for line in lines_of(scene) if line.text.startswith("المصالح"))
    assert line.text.endswith("…")
    assert width(line.text, line.weight, line.size_px, line.direction) <= line.box.width


def test_a_name_that_is_a_little_too_long_is_written_smaller() -> None:
    pen = Pen("medium", 40, DARK.ink)
    whole = width(LONG_NAME, pen.weight, pen.size_px, "rtl")
    line = written(LONG_NAME, pen, "rtl", Box(0, 0, round(whole * 0.9), 60))
    assert line.text == LONG_NAME and SMALLEST * 40 <= line.size_px < 40


def test_the_clock_is_in_the_centres_digits() -> None:
    layout = plan((1920, 1080), 55, 4)
    scene = compose(showing(centre(digits="arabic"), busy_board(), layout, clock=NOW), layout, DARK)
    assert "٠٨:٣١" in " ".join(line.text for line in lines_of(scene[:1]))
