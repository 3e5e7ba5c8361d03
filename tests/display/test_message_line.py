import itertools

from hypothesis import given
from hypothesis import strategies as st

from dawr.text import width
from display.message_line import SPEED, TURN_S, Shown, Text, shown_at

SHORT: tuple[Text, ...] = (("أهلاً بكم", "rtl"), ("Welcome", "ltr"))
LONG: tuple[Text, ...] = (("أهلاً بكم " * 12, "rtl"), ("Welcome", "ltr"))


def shown(elapsed_s: float, texts: tuple[Text, ...], width_px: int = 800) -> Shown:
    return shown_at(elapsed_s, texts, "medium", 36, width_px)


def test_both_languages_stand_side_by_side_when_they_fit() -> None:
    assert all(shown(elapsed_s, SHORT) == Shown(SHORT) for elapsed_s in (0, 5, 999))


def test_they_take_turns_when_they_do_not_fit_together() -> None:
    turns = [
        shown(elapsed_s, SHORT, 200).texts for elapsed_s in (0, TURN_S - 0.1, TURN_S, 2 * TURN_S - 0.1, 2 * TURN_S)
    ]
    assert turns == [SHORT[:1], SHORT[:1], SHORT[1:], SHORT[1:], SHORT[:1]]
    assert not shown(1, SHORT, 200).moving


def test_a_text_that_is_too_long_moves_slowly_from_its_beginning_to_its_end() -> None:
    beyond = width(LONG[0][0], "medium", 36, "rtl") - 800
    steps = [shown(tenth / 10, LONG) for tenth in range(3000)]
    moves = [step.shift_px for step in steps if step.texts == LONG[:1]]
    assert moves[0] == 0 and max(moves) == beyond
    assert max(abs(later - earlier) for earlier, later in itertools.pairwise(moves) if later) <= SPEED * 36 / 10 + 1
    assert LONG[1:] in {step.texts for step in steps}


def test_no_message_shows_nothing() -> None:
    assert shown(3, ()) == Shown(())


@given(st.floats(0, 1e7), st.integers(100, 4000))
def test_a_text_never_moves_farther_than_its_end(elapsed_s: float, width_px: int) -> None:
    now = shown(elapsed_s, LONG, width_px)
    (text, direction), *_ = now.texts
    assert 0 <= now.shift_px <= max(0, width(text, "medium", 36, direction) - width_px)
