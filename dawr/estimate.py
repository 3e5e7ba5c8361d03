"""How long people will wait: always a range of minutes, never one number.

People ahead in the same line × minutes per call, learned from the line's latest calls; until there are enough, the
service's usual duration shared by the open counters. The range is widened and rounded outward to five minutes.
"""

import math
from collections.abc import Sequence
from datetime import datetime

ENOUGH_CALLS = 6
LOW, HIGH = 0.6, 1.5
STEP_MINUTES = 5


def learned_minutes(calls: Sequence[datetime]) -> float | None:
    """Minutes between two calls of a line, from the times of its latest calls, oldest first; None for too few."""
    if len(calls) < ENOUGH_CALLS:
        return None
    return (calls[-1] - calls[0]).total_seconds() / 60 / (len(calls) - 1)


def minutes_per_call(learned: float | None, usual_minutes: float, open_counters: int) -> float:
    """The learned minutes, or until there are any the usual duration shared by the open counters (at least one)."""
    return usual_minutes / max(1, open_counters) if learned is None else learned


def wait_minutes(ahead: int, per_call: float) -> tuple[int, int]:
    """The range of minutes that someone with so many people ahead will probably wait."""
    expected = (ahead + 1) * per_call
    low = math.floor(expected * LOW / STEP_MINUTES) * STEP_MINUTES
    high = math.ceil(expected * HIGH / STEP_MINUTES) * STEP_MINUTES
    return low, max(high, STEP_MINUTES)
