from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dawr.text import capital_height, isolate, width
from display.layout import (
    FEWEST_CALLS,
    LATEST_LARGER,
    MOST_CALLS,
    Box,
    plan,
    required_capital_px,
    size_for_capitals,
)

SIZES = [(1280, 720), (1366, 768), (1920, 1080), (2560, 1440), (3840, 2160), (1080, 1920), (720, 1280), (1024, 768)]

screens = st.tuples(st.sampled_from(SIZES), st.floats(5, 200), st.floats(1, 60), st.integers(4, 6))


def boxes(layout) -> dict[str, Box]:  # type: ignore[no-untyped-def]
    named = {"header": layout.header, "latest": layout.latest, "panel": layout.panel, "footer": layout.footer}
    return named | {f"call {place}": box for place, box in enumerate(layout.calls, 1)}


def overlap(one: Box, other: Box) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


@given(screens)
def test_everything_is_on_the_screen_and_nothing_overlaps(screen: tuple[tuple[int, int], float, float, int]) -> None:
    size, inches, metres, length = screen
    layout = plan(size, inches, metres, length)
    for name, box in boxes(layout).items():
        assert box.width > 0 and box.height > 0, name
        assert box.x >= 0 and box.y >= 0 and box.right <= size[0] and box.bottom <= size[1], name
    for (name, one), (other_name, other) in combinations(boxes(layout).items(), 2):
        assert not overlap(one, other), f"{name} and {other_name}"


@given(screens)
def test_capitals_are_as_high_as_the_standard_asks_or_the_technician_is_warned(
    screen: tuple[tuple[int, int], float, float, int],
) -> None:
    layout = plan(*screen)
    keys = {warn.key for warn in layout.warnings}
    assert layout.capital_px >= required_capital_px(*screen[:3]) or "too_far" in keys
    assert FEWEST_CALLS <= len(layout.calls) <= MOST_CALLS
    assert (len(layout.calls) < 4) == ("few_calls" in keys)
    assert layout.named == ("no_line_names" not in keys)


@given(screens)
def test_the_latest_call_is_larger_than_the_others(screen: tuple[tuple[int, int], float, float, int]) -> None:
    layout = plan(*screen)
    assert layout.latest_capital_px >= int(LATEST_LARGER * layout.capital_px) - 1


@given(screens)
def test_the_widest_row_fits_its_box(screen: tuple[tuple[int, int], float, float, int]) -> None:
    layout = plan(*screen)
    size = size_for_capitals("bold", layout.capital_px)
    for digits in ("8888888", "٨٨٨٨٨٨٨"):
        row = isolate(f"W{digits}"[: screen[3] + 1]), isolate(digits[:2])
        assert sum(width(text, "bold", size, "ltr") for text in row) < min(box.width for box in layout.calls)


def test_the_height_of_a_capital_is_that_of_the_standard() -> None:
    # A 55 inch 16:9 screen is 1217.6 mm wide: 1.577 pixels a millimetre; 12.2 mm a metre (EN 301 549, 5.1.4).
    assert required_capital_px((1920, 1080), 55, 6) == pytest.approx(12.2 * 6 * 1920 / 1217.6, rel=1e-3)


@pytest.mark.parametrize("px", [10, 57, 83, 141, 400])
def test_a_size_for_capitals_is_the_smallest_that_reaches_them(px: int) -> None:
    size = size_for_capitals("bold", px)
    assert capital_height("bold", size) >= px > capital_height("bold", size - 1)


@pytest.mark.parametrize(
    ("metres", "calls", "named", "warnings"),
    [
        (3, 6, True, []),
        (4, 6, True, []),
        (5, 4, False, ["no_line_names"]),
        (6, 4, False, ["no_line_names"]),
        (7, 2, True, ["few_calls"]),
        (12, 2, True, ["too_far", "few_calls"]),
    ],
)
def test_a_55_inch_screen_gives_up_names_then_calls_the_farther_the_seats(
    metres: float, calls: int, named: bool, warnings: list[str]
) -> None:
    layout = plan((1920, 1080), 55, metres)
    assert (len(layout.calls), layout.named, [warn.key for warn in layout.warnings]) == (calls, named, warnings)


def test_a_screen_too_far_away_says_how_far_it_reaches() -> None:
    (warn, *_) = plan((1920, 1080), 55, 12).warnings
    reach = float(dict(warn.values)["reach"])  # type: ignore[arg-type]
    assert "too_far" not in {one.key for one in plan((1920, 1080), 55, reach - 0.1).warnings}
    assert "too_far" in {one.key for one in plan((1920, 1080), 55, reach + 0.1).warnings}


def test_a_finer_screen_of_the_same_inches_shows_the_same() -> None:
    coarse, fine = plan((1920, 1080), 55, 5), plan((3840, 2160), 55, 5)
    assert len(coarse.calls) == len(fine.calls)
    assert fine.capital_px == pytest.approx(2 * coarse.capital_px, abs=2)
