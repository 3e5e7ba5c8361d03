"""The managers' page: what it is told of the centre when it is loaded. How the hall is, it asks for."""

from collections.abc import Mapping
from typing import Any

from dawr.hall import Hall


def facts(hall: Hall) -> Mapping[str, Any]:
    """The settings that its page shows."""
    centre = hall.centre
    return {
        "lines": {one.id: {"letter": one.letter, "name": one.name} for one in centre.lines},
        "services": {one.id: {"name": one.name, "line": one.line} for one in centre.services},
        "counters": {one.id: {"name": one.name, "lines": one.lines} for one in centre.counters},
        "centre_languages": centre.centre.languages,
        "target_minutes": centre.centre.target_minutes,
    }
