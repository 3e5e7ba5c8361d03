import pytest

from display.theme import AA, THEMES, contrast


@pytest.mark.parametrize("name", THEMES)
def test_every_ink_can_be_read_on_its_ground(name: str) -> None:
    ratios = {use: contrast(ink, ground) for use, (ink, ground) in THEMES[name].pairs().items()}
    assert [use for use, ratio in ratios.items() if ratio < AA] == []


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [((0, 0, 0), (255, 255, 255), 21), ((255, 255, 255), (118, 118, 118), 4.54), ((9, 9, 9), (9, 9, 9), 1)],
)
def test_contrast_is_that_of_wcag(one: tuple[int, int, int], other: tuple[int, int, int], ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
