"""The clerk's page: what it is told of its counter and of the centre when it is loaded. The rest comes live."""

from collections.abc import Mapping
from typing import Any

from dawr.hall import Hall


def facts(hall: Hall, counter: str) -> Mapping[str, Any]:
    """The counter and the settings that its page shows. `UnknownCounter` if there is none."""
    centre, about = hall.centre, hall.centre.centre
    return {
        "counter": hall.counter(counter).id,
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
        "own_lines": centre.counter[counter].lines,
        "recalls_before_no_show": about.recalls_before_no_show,
        "break_reasons": about.break_reasons,
        "park_reasons": about.park_reasons,
        "currency": about.currency,
    }
