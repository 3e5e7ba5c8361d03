import math

import pytest

from counter.box import fitted
from counter.panel import LAMP, NO_CONNECTION, TAKEN, Button, Mode, Panel, lit

FREE = {"id": "3", "state": "open", "ticket": None, "waiting": 0}
WAITED_FOR = FREE | {"waiting": 7}
SERVING = FREE | {"ticket": {"number": "A012"}, "waiting": 7}
CLOSED = FREE | {"state": "closed"}
ON_BREAK = FREE | {"state": "break", "waiting": 7}


def panel(**facts: object) -> Panel:
    made = Panel()
    made.up, made.view = True, WAITED_FOR
    for name, value in facts.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("facts", "mode"),
    [
        ({"view": SERVING}, Mode.SERVING),
        ({"view": WAITED_FOR}, Mode.WAITING),
        ({"view": FREE}, Mode.NOBODY),
        ({"view": CLOSED}, Mode.NOT_OPEN),
        ({"view": ON_BREAK}, Mode.NOT_OPEN),
        ({"view": {}}, Mode.NO_CONNECTION),
        ({"view": SERVING, "up": False}, Mode.NO_CONNECTION),
        ({"view": SERVING, "up": False, "not_admitted": True}, Mode.NOT_ADMITTED),
        ({"view": SERVING, "stuck": frozenset({Button.RECALL})}, Mode.STUCK),
        ({"up": False, "stuck": frozenset({Button.RECALL})}, Mode.STUCK),
    ],
)
def test_the_lamp_says_what_is_the_matter(facts: dict[str, object], mode: Mode) -> None:
    assert panel(**facts).mode(1000.0) is mode


@pytest.mark.parametrize(
    ("mode", "lit_for"),
    [
        (Mode.SERVING, 5.0),
        (Mode.WAITING, 2.5),
        (Mode.NOBODY, 0.0),
        (Mode.NOT_OPEN, 0.15),
        (Mode.NO_CONNECTION, 0.30),
        (Mode.STUCK, 0.45),
        (Mode.NOT_ADMITTED, 0.60),
    ],
)
def test_the_lamp_is_lit_for_its_share_of_five_seconds(mode: Mode, lit_for: float) -> None:
    hundredths = [lit(LAMP[mode], (n + 0.5) / 100)[0] for n in range(2000)]
    assert sum(hundredths) / 400 == pytest.approx(lit_for, abs=0.011)


@pytest.mark.parametrize("mode", Mode)
def test_no_lamp_flashes_more_than_three_times_a_second(mode: Mode) -> None:
    lamp = [lit(LAMP[mode], n / 1000)[0] for n in range(20_000)]
    rises = [n for n in range(1, len(lamp)) if lamp[n] and not lamp[n - 1]]
    assert all(later - earlier > 1000 for earlier, later in zip(rises, rises[3:], strict=False))


@pytest.mark.parametrize("mode", Mode)
def test_a_lamp_knows_when_it_changes(mode: Mode) -> None:
    at = 1234.567
    on, change_s = lit(LAMP[mode], at)
    if change_s == math.inf:
        assert lit(LAMP[mode], at + 86_400) == (on, math.inf)
    else:
        assert lit(LAMP[mode], at + change_s - 0.001)[0] is on
        assert lit(LAMP[mode], at + change_s + 0.001)[0] is not on


@pytest.mark.parametrize("view", [SERVING, WAITED_FOR, FREE])
def test_a_press_turns_the_lamp_over_at_once(view: dict[str, object]) -> None:
    box = panel(view=view)
    before, _ = box.lamp(1000.0)
    box.press(Button.NEXT, 1000.0)

    assert box.lamp(1000.0)[0] is not before
    assert box.mode(1000.0) is Mode.ASKING


def test_a_press_that_was_taken_flickers_once_and_then_shows_the_counter() -> None:
    box = panel()
    box.press(Button.NEXT, 1000.0)
    box.answered("taken", 1000.02)
    box.view = SERVING

    assert box.mode(1000.3) is Mode.ASKING
    assert box.mode(1000.4) is Mode.SERVING


def test_a_press_that_was_refused_flickers_for_two_seconds() -> None:
    box = panel()
    box.press(Button.RECALL, 1000.0)
    box.answered("refused: nothing_to_do", 1000.02)

    assert box.mode(1002.0) is Mode.REFUSED
    assert box.mode(1002.03) is Mode.WAITING
    assert box.last == "refused: nothing_to_do"


def test_a_press_without_a_connection_is_not_sent_and_flickers() -> None:
    box = panel(up=False)

    assert box.press(Button.NEXT, 1000.0) is None
    assert (box.mode(1001.9), box.last) == (Mode.REFUSED, "no_connection")
    assert box.mode(1002.1) is Mode.NO_CONNECTION


def test_a_double_press_of_next_counts_once() -> None:
    box = panel()
    assert box.press(Button.NEXT, 1000.0) == "call-next"
    box.answered("taken", 1000.02)

    assert box.press(Button.NEXT, 1001.49) is None
    assert box.press(Button.NEXT, 1001.5) == "call-next"


def test_other_buttons_count_right_after_next() -> None:
    box = panel()
    box.press(Button.NEXT, 1000.0)
    box.answered("taken", 1000.02)

    assert box.press(Button.RECALL, 1000.5) == "recall"


def test_no_press_counts_while_another_is_on_its_way() -> None:
    box = panel()
    box.press(Button.RECALL, 1000.0)

    assert box.press(Button.NO_SHOW, 1001.9) is None
    assert box.mode(1001.9) is Mode.ASKING


def test_next_may_be_pressed_again_at_once_when_there_was_no_connection() -> None:
    box = panel(up=False)
    box.press(Button.NEXT, 1000.0)
    box.up = True

    assert box.press(Button.NEXT, 1000.5) == "call-next"


@pytest.mark.parametrize(
    ("button", "view", "command"),
    [
        (Button.NEXT, WAITED_FOR, "call-next"),
        (Button.RECALL, SERVING, "recall"),
        (Button.NO_SHOW, SERVING, "no-show"),
        (Button.UNDO, SERVING, "undo"),
        (Button.BREAK, WAITED_FOR, "break"),
        (Button.BREAK, ON_BREAK, "open"),
        (Button.BREAK, CLOSED, "open"),
    ],
)
def test_a_button_is_a_command(button: Button, view: dict[str, object], command: str) -> None:
    assert panel(view=view).press(button, 1000.0) == command


@pytest.mark.parametrize(("number", "digits"), [("A012", "012"), ("A1012", "1012")])
def test_the_display_has_the_digits_of_the_number(number: str, digits: str) -> None:
    assert panel(view=FREE | {"ticket": {"number": number}}).digits == digits


def test_nobody_at_the_counter_leaves_the_display_dark() -> None:
    assert panel().digits == ""


@pytest.mark.parametrize(
    ("digits", "places", "shown"),
    [
        ("012", 3, ("0", "1", "2")),
        ("012", 4, (" ", "0", "1", "2")),
        ("1012", 4, ("1", "0", "1", "2")),
        ("1012", 3, ("0.", "1", "2")),
        ("", 3, (" ", " ", " ")),
    ],
)
def test_digits_stand_to_the_right_and_a_point_says_that_one_is_missing(
    digits: str, places: int, shown: tuple[str, ...]
) -> None:
    assert fitted(digits, places) == shown


@pytest.mark.parametrize("outcome", [NO_CONNECTION, "refused: storage_failed"])
def test_a_press_is_repeated_while_nobody_knows_what_became_of_it(outcome: str) -> None:
    made = panel()
    made.press(Button.NEXT, 0.0)
    first = made.command_id
    made.answered(outcome, 2.0)
    made.press(Button.NEXT, 600.0)
    assert made.command_id == first


@pytest.mark.parametrize(
    ("outcome", "button", "shows"),
    [
        (TAKEN, Button.NEXT, WAITED_FOR),
        ("refused: nothing_to_do", Button.NEXT, WAITED_FOR),
        (NO_CONNECTION, Button.RECALL, WAITED_FOR),
        (NO_CONNECTION, Button.NEXT, SERVING),
    ],
)
def test_any_other_press_is_a_new_command(outcome: str, button: Button, shows: dict[str, object]) -> None:
    made = panel()
    made.press(Button.NEXT, 0.0)
    first = made.command_id
    made.answered(outcome, 2.0)
    made.view = shows
    made.press(button, 5.0)
    assert made.command_id != first
