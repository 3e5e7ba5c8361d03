"""A box's lamp, digits and last answer in words."""

from typing import Any

import pytest

from dawr.settings.centre import Centre, read_centre
from dawr.words import Words
from demo.example import EXAMPLES
from demo.telling import told
from demo.watch import Facts

CENTRE: Centre = read_centre(EXAMPLES / "small-town" / "centre.toml")
TICKET = {"number": "A012", "state": "called", "recalls": 1}
VIEW: dict[str, Any] = {"counter": "2", "state": "open", "waiting": 3, "ticket": None}
STATE: dict[str, Any] = {"lamp": "off", "mode": "nobody", "digits": "", "counter": VIEW, "up": True, "last": ""}


def box(language: str = "en", view: dict[str, Any] | None = None, **state: Any) -> dict[str, Any]:
    """What is told of a box in this state."""
    facts = Facts(counters={"2": {**STATE, "counter": {**VIEW, **(view or {})}, **state}})
    said: dict[str, Any] = told(facts, CENTRE, Words(language))["counters"]["2"]
    return said


@pytest.mark.parametrize(
    ("view", "state", "status"),
    [
        ({}, {}, "3 people are waiting."),
        ({"ticket": TICKET}, {}, "Number A012 is at this counter."),
        ({"state": "closed"}, {}, "The counter is closed. Pressing Next opens it."),
        ({"state": "break"}, {}, "The counter is on a break. Pressing Next ends it."),
        ({}, {"up": False}, "No connection to the server."),
    ],
)
def test_a_box_tells_what_its_counter_does(view: dict[str, Any], state: dict[str, Any], status: str) -> None:
    assert plain(box(view=view, **state)["status"]) == status


def test_arabic_counts_people_as_arabic_does() -> None:
    assert [plain(box("ar", {"waiting": n})["status"]) for n in (0, 1, 2, 3, 11)] == [
        "لا أحد ينتظر.",
        "ينتظر شخص واحد.",
        "ينتظر شخصان.",
        "ينتظر 3 أشخاص.",
        "ينتظر 11 شخصًا.",
    ]


@pytest.mark.parametrize(
    ("last", "answer"),
    [
        ("", ""),
        ("taken", "The last press was carried out."),
        ("no_connection", "No connection to the server."),
        ("refused: recall_first", "Call A012 1 more time first."),
        ("refused: nothing_to_do", "Nobody is at counter 2. Call the next visitor first."),
        ("refused: who_knows", Words("en")("problem.unexpected")),
    ],
)
def test_a_box_tells_what_became_of_the_last_press(last: str, answer: str) -> None:
    assert plain(box(view={"ticket": TICKET}, last=last)["answer"]) == answer


def test_digits_are_lit_as_on_the_box_and_stand_on_the_right() -> None:
    blank, zero, one, two = box(digits="012")["digits"]
    assert (blank, set(zero), set(one), set(two)) == ("", set("abcdef"), set("bc"), set("abdeg"))


def test_a_box_that_does_not_answer_says_so() -> None:
    said = told(Facts(counters={"2": None}), CENTRE, Words("en"))["counters"]["2"]
    assert said["gone"]
    assert said["status"] == "No connection to this box. It is being started again."


def test_today_shows_the_lines_of_the_board_and_of_the_report() -> None:
    board = {"waiting": [{"line": "records", "letter": "A", "waiting": 2}]}
    total = {"visits": 9, "mean_wait_s": 150.0, "within_target": 0.875}
    report = {"rows": [{"key": "records", "called": 7, "mean_wait_s": 90.0}], "total": total}
    today = told(Facts(board=board, report=report), CENTRE, Words("en"))["today"]
    assert {key: plain(text) for key, text in today["figures"].items()} == {
        "visits": "9",
        "waiting": "2",
        "mean": "2.5 min",
        "within": "88%",
    }
    assert {**today["lines"]["records"], "mean": plain(today["lines"]["records"]["mean"])} == {
        "busy": True,
        "waiting": "2",
        "called": "7",
        "mean": "1.5 min",
    }


def plain(text: str) -> str:
    """The text without its marks of direction."""
    return text.translate(dict.fromkeys(range(0x2066, 0x206A)))
