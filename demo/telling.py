"""What the hall page tells of the hall: facts as the devices gave them, put into one language's words."""

from typing import Any

from dawr.settings.centre import Centre
from dawr.words import Words
from demo.watch import Facts

BUTTONS = ("next", "recall", "no_show", "break")
FIGURES = ("visits", "waiting", "mean", "within")
UNKNOWN = "–"


def told(facts: Facts, centre: Centre, words: Words) -> dict[str, Any]:
    """Everything on the page that changes, in words; what does not answer says so."""
    return {
        "screens": {name: _screen(name, frame, words) for name, frame in facts.frames.items()},
        "counters": {id: _counter(state, words) for id, state in facts.counters.items()},
        "slips": list(facts.slips),
        "today": {
            "figures": _figures(facts, words),
            "lines": {line.id: _line(line.id, facts, words) for line in centre.lines},
        },
        "trouble": None if facts.board else words("hall_page.silent_server"),
    }


def _screen(name: str, frame: int | None, words: Words) -> dict[str, Any]:
    return {"frame": frame, "trouble": None if frame else words(f"hall_page.silent_{name}")}


def _counter(state: Any, words: Words) -> dict[str, Any]:
    if state is None:
        return {
            "gone": True,
            "lamp": "off",
            "lamp_said": words("hall_page.lamp.off"),
            "digits": [],
            "digits_said": "",
            "answer": words("hall_page.silent_counter"),
            "refused": False,
        }
    return {
        "gone": False,
        "lamp": state["lamp"],
        "lamp_said": words(f"hall_page.lamp.{state['lamp']}"),
        "digits": state["segments"],
        "digits_said": words.number(state["digits"] or UNKNOWN),
        "answer": state["last"],
        "refused": False,
    }


def _figures(facts: Facts, words: Words) -> dict[str, str]:
    total = facts.report["total"] if facts.report else {}
    waiting = sum(line["waiting"] for line in facts.board["waiting"]) if facts.board else None
    within = total.get("within_target")
    return {
        "visits": _count(total.get("visits"), words),
        "waiting": _count(waiting, words),
        "mean": _minutes(total.get("mean_wait_s"), words),
        "within": UNKNOWN if within is None else words.number(f"{within:.0%}"),
    }


def _line(line: str, facts: Facts, words: Words) -> dict[str, Any]:
    waiting = (
        next((one["waiting"] for one in facts.board["waiting"] if one["line"] == line), 0) if facts.board else None
    )
    row: dict[str, Any] = next((row for row in facts.report["rows"] if row["key"] == line), {}) if facts.report else {}
    return {
        "busy": bool(waiting),
        "waiting": _count(waiting, words),
        "called": _count(row.get("called"), words),
        "mean": _minutes(row.get("mean_wait_s"), words),
    }


def _count(value: int | None, words: Words) -> str:
    return UNKNOWN if value is None else words.number(value)


def _minutes(seconds: float | None, words: Words) -> str:
    return UNKNOWN if seconds is None else words("hall_page.minutes", minutes=f"{seconds / 60:.1f}")
