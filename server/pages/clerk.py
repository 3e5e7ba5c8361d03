"""The clerk's page: what it is told of its counter and of the centre when it is loaded. The rest comes live."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dawr.hall import Hall
from dawr.text import direction_of, without_isolates
from dawr.words import Words


@dataclass(frozen=True, slots=True)
class Press:
    """Something that a clerk can do: a button and the key that does the same.

    `code` is the place of the key on the board (UI Events' `KeyboardEvent.code`), which is the same when it types
    Arabic; `key` is what stands on it.
    """

    name: str
    code: str
    key: str


NEXT, UNDO = Press("call-next", "Space", "space"), Press("undo", "KeyU", "U")
GROUPS: Mapping[str, tuple[Press, ...]] = {
    "visit": (
        Press("serve", "KeyS", "S"),
        Press("recall", "KeyR", "R"),
        Press("no-show", "KeyN", "N"),
        Press("complete", "KeyC", "C"),
    ),
    "elsewhere": (Press("park", "KeyP", "P"), Press("transfer", "KeyT", "T"), Press("cancel", "KeyX", "X")),
    "another": (Press("resume", "KeyL", "L"), Press("call", "KeyK", "K"), Press("copy", "KeyD", "D")),
    "counter": (Press("break", "KeyB", "B"), Press("open", "KeyO", "O")),
}
"""Every button but the two large ones, as the page groups them."""


def facts(hall: Hall, counter: str) -> Mapping[str, Any]:
    """The counter and the settings that its page shows. `UnknownCounter` if there is none."""
    centre, about = hall.centre, hall.centre.centre
    return {
        "counter": hall.counter(counter).id,
        "training": False,
        "name": centre.counter[counter].name,
        "lines": {one.id: {"letter": one.letter, "name": one.name} for one in centre.lines},
        "services": {
            one.id: {
                "name": one.name,
                "line": one.line,
                "papers": one.papers,
                "fee": one.fee,
                "usual_minutes": one.usual_minutes,
            }
            for one in centre.services
        },
        "classes": {one.id: one.name for one in centre.classes},
        "counters": {one.id: {"name": one.name, "lines": one.lines} for one in centre.counters},
        "kiosks": [one.id for one in centre.kiosks],
        "recalls_before_no_show": about.recalls_before_no_show,
        "break_reasons": about.break_reasons,
        "park_reasons": about.park_reasons,
        "currency": about.currency,
        "next": asdict(NEXT),
        "undo": asdict(UNDO),
        "groups": {group: [asdict(press) for press in presses] for group, presses in GROUPS.items()},
    }


def training_facts(hall: Hall, counter: str) -> Mapping[str, Any]:
    """The same of the counter in an invented hall."""
    return {**facts(hall, counter), "training": True}


def manifest(counter: str, words: Words) -> Mapping[str, Any]:
    """The page as an app that a browser can install (W3C Web Application Manifest)."""
    name = without_isolates(words("clerk.counter", counter=counter))
    return {
        "name": name,
        "short_name": name,
        "lang": words.language,
        "dir": direction_of(words.language),
        "id": f"/counter/{counter}",
        "start_url": f"/counter/{counter}?language={words.language}",
        "scope": f"/counter/{counter}",
        "display": "standalone",
        "background_color": "#f3ede1",
        "theme_color": "#0b1f26",
        "icons": [{"src": "/icon.svg", "type": "image/svg+xml", "sizes": "any", "purpose": "any"}],
    }
