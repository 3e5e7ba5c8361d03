"""The pages of reports: what they are told of the centre when they are loaded. The rest comes by the API."""

from collections.abc import Mapping
from typing import Any

from dawr.hall import Hall
from server.reports.clerks import BY
from server.reports.figures import COLUMNS, SECONDS, SHARES
from server.reports.groups import GROUPS


def facts(hall: Hall) -> Mapping[str, Any]:
    """The settings that the report's page shows, and the business day."""
    centre = hall.centre
    return {
        "today": str(hall.day) if hall.day else None,
        "target_minutes": centre.centre.target_minutes,
        "groups": [*GROUPS, BY],
        "columns": {column: _kind(column) for column in COLUMNS},
        "services": {one.id: one.name for one in centre.services},
        "lines": {one.id: one.name for one in centre.lines},
        "counters": {one.id: one.name for one in centre.counters},
    }


def replay_facts(hall: Hall) -> Mapping[str, Any]:
    """The lines and counters of the moving picture, and the business day."""
    centre = hall.centre
    return {
        "today": str(hall.day) if hall.day else None,
        "lines": {one.id: {"letter": one.letter, "name": one.name} for one in centre.lines},
        "counters": {one.id: one.name for one in centre.counters},
    }


def _kind(column: str) -> str:
    return "seconds" if column in SECONDS else "share" if column in SHARES else "count"
