from datetime import datetime

import pytest

from display.knowledge import Knowledge
from display.layout import plan
from display.message_line import Trouble
from display.showing import FLASHES_S, FRESH_S, Showing, longest_number, showing_at
from tests.display.boards import NOW, board, call, centre

LAYOUT = plan((1920, 1080), 55, 4)


def at(
    now_s: float,
    knowledge: Knowledge,
    silent_s: float = 0,
    clock: datetime | None = NOW,
    *,
    trouble: Trouble | None = None,
) -> Showing:
    return showing_at(now_s, knowledge, LAYOUT, clock, silent_s, mute=False, trouble=trouble)


@pytest.fixture
def knowledge() -> Knowledge:
    known = Knowledge()
    known.hear_centre(centre())
    known.hear_board(board(call(1)), 100.0)
    return known


def test_a_new_call_flashes_at_most_three_times_a_second_and_only_for_seconds(knowledge: Knowledge) -> None:
    lit = [at(100 + step / 100, knowledge).lit for step in range(2000)]
    starts = [step for step in range(1, 2000) if lit[step] and not lit[step - 1]]
    assert lit[0] and starts
    assert all(sum(one <= other < one + 100 for other in starts) <= 3 for one in starts)
    assert not any(lit[round(FLASHES_S * 100) :])


def test_calls_in_quick_succession_do_not_flash_faster() -> None:
    known = Knowledge()
    known.hear_board(board(), 0)
    lit = []
    for step in range(1000):
        if step % 7 == 0:
            known.hear_board(board(call(step + 1)), step / 100)
        lit.append(at(step / 100, known).lit)
    starts = [step for step in range(1, 1000) if lit[step] and not lit[step - 1]]
    assert all(sum(one <= other < one + 100 for other in starts) <= 3 for one in starts)


def test_a_call_is_fresh_for_a_while(knowledge: Knowledge) -> None:
    assert at(100 + FRESH_S - 1, knowledge).fresh == {1}
    assert at(100 + FRESH_S, knowledge).fresh == frozenset()


def test_a_quiet_minute_shows_the_same_all_along(knowledge: Knowledge) -> None:
    shown = [at(200 + second, knowledge, clock=NOW.replace(second=second)) for second in range(60)]
    assert all(one == shown[0] for one in shown)
    assert at(261, knowledge, clock=NOW.replace(minute=NOW.minute + 1)) != shown[0]


def test_another_servers_answer_is_told_when_ones_own_is_silent(knowledge: Knowledge) -> None:
    assert not at(200, knowledge, trouble=Trouble.OTHER_LOG).alarm
    other = at(200, knowledge, silent_s=8, trouble=Trouble.OTHER_LOG)
    assert other.alarm and "خادم غير الخادم السابق" in other.message.texts[0][0]


def test_a_board_that_nobody_admitted_says_so_at_once_even_a_new_one(knowledge: Knowledge) -> None:
    for known in (knowledge, Knowledge()):
        told = at(200, known, trouble=Trouble.NOT_ADMITTED)
        assert told.alarm and "لم تُقبل" in told.message.texts[0][0]


def test_silence_is_told_within_ten_seconds(knowledge: Knowledge) -> None:
    assert not at(200, knowledge, silent_s=7.9).alarm
    silent = at(200, knowledge, silent_s=8)
    assert silent.alarm and silent.message.texts[0][0].startswith("الاتصال بالخادم مقطوع")


def test_a_restored_board_is_marked_from_the_beginning() -> None:
    known = Knowledge()
    known.remember(centre(), board(call(1)))
    shown = at(0, known)
    assert shown.alarm and "قبل الانقطاع" in shown.message.texts[0][0]
    assert not shown.lit and not shown.fresh


def test_the_clock_is_that_of_the_centres_zone(knowledge: Knowledge) -> None:
    clock = at(200, knowledge).clock
    assert clock is not None and f"{clock:%H:%M}" == "11:31"
    assert at(200, knowledge, clock=None).clock is None


def test_the_longest_number_decides_on_the_room() -> None:
    assert [longest_number(one) for one in (None, board(), board(call(2, "A1001"), call(1)))] == [4, 4, 5]
