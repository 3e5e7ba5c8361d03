"""What the hall page tells of the hall: facts as the devices gave them, put into one language's words."""

from typing import Any

from dawr.settings.centre import Centre
from dawr.words import Words
from demo.watch import Facts

BUTTONS = ("next", "recall", "no_show", "break")
FIGURES = ("visits", "waiting", "mean", "within")
PLAYED_FIGURES = ("visits", "mean", "p90", "within", "no_shows")
UNKNOWN = "–"
# The lit segments of each digit, a to g from the top clockwise and the middle one last.
SEGMENTS = dict(
    zip(
        " 0123456789",
        ("", "abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg"),
        strict=True,
    )
)
BLANK = [""] * 4


def told(facts: Facts, centre: Centre, words: Words) -> dict[str, Any]:
    """Everything on the page that changes, in words; what does not answer says so."""
    return {
        "screens": {name: _screen(name, frame, words) for name, frame in facts.frames.items()},
        "counters": {id: _counter(id, state, centre, words) for id, state in facts.counters.items()},
        "slips": list(facts.slips),
        "today": {
            "figures": _figures(facts, words),
            "lines": {line.id: _line(line.id, facts, words) for line in centre.lines},
        },
        "played": _played(facts.played, words),
        "trouble": None if facts.board else words("hall_page.silent_server"),
    }


def _screen(name: str, frame: int | None, words: Words) -> dict[str, Any]:
    return {"frame": frame, "trouble": None if frame else words(f"hall_page.silent_{name}")}


def _counter(id: str, state: Any, centre: Centre, words: Words) -> dict[str, Any]:
    if state is None:
        silent = words("hall_page.silent_counter")
        return {
            "gone": True,
            "lamp": "off",
            "said": "",
            "digits": BLANK,
            "status": silent,
            "answer": "",
            "refused": False,
        }
    return {
        "gone": False,
        "lamp": state["lamp"],
        "said": words(f"hall_page.lamp.{state['lamp']}"),
        "digits": [SEGMENTS[digit] for digit in state["digits"].rjust(len(BLANK))],
        "status": _status(state, words),
        "answer": _answer(id, state, centre, words),
        "refused": state["last"] not in ("", "taken"),
    }


def _status(state: Any, words: Words) -> str:
    """What the counter is doing, which a clerk tells by the lamp."""
    view = state["counter"]
    if not state["up"] or not view:
        return words("hall_page.box.no_connection")
    if view["ticket"]:
        return words("hall_page.box.serving", number=view["ticket"]["number"])
    if view["state"] != "open":
        return words(f"hall_page.box.{view['state']}")
    return words("hall_page.box.waiting", count=view["waiting"])


def _answer(id: str, state: Any, centre: Centre, words: Words) -> str:
    """What became of the last press."""
    last, view = state["last"], state["counter"]
    if not last.startswith("refused: "):
        return words(f"hall_page.box.{last}") if last else ""
    ticket = view.get("ticket") or {}
    facts = {
        "counter": id,
        "number": ticket.get("number", ""),
        "state": words(f"problem.state.{ticket['state']}") if ticket else "",
        "count": max(1, centre.centre.recalls_before_no_show - ticket.get("recalls", 0)),
    }
    try:
        return words(f"problem.{last.removeprefix('refused: ')}", **facts)
    except KeyError:
        return words("problem.unexpected")


def _played(report: Any, words: Words) -> dict[str, str]:
    """The figures of the day that was played before the hall opened; none without one."""
    if not report:
        return {}
    total = report["total"]
    return {
        "visits": _count(total["visits"], words),
        "mean": _minutes(total["mean_wait_s"], words),
        "p90": _minutes(total["p90_wait_s"], words),
        "within": _share(total["within_target"], words),
        "no_shows": _count(total["no_shows"], words),
    }


def _figures(facts: Facts, words: Words) -> dict[str, str]:
    total = facts.report["total"] if facts.report else {}
    waiting = sum(line["waiting"] for line in facts.board["waiting"]) if facts.board else None
    return {
        "visits": _count(total.get("visits"), words),
        "waiting": _count(waiting, words),
        "mean": _minutes(total.get("mean_wait_s"), words),
        "within": _share(total.get("within_target"), words),
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


def _share(share: float | None, words: Words) -> str:
    return UNKNOWN if share is None else words.number(f"{share:.0%}")


def _minutes(seconds: float | None, words: Words) -> str:
    return UNKNOWN if seconds is None else words("hall_page.minutes", minutes=f"{seconds / 60:.1f}")
