"""The first page: where everything is."""

from collections.abc import Mapping
from typing import Any

from dawr.hall import Hall


def facts(hall: Hall) -> Mapping[str, Any]:
    """What its template needs of the hall: who is open."""
    return {"counters": {counter.id: counter.state for counter in hall.counters.values()}}
