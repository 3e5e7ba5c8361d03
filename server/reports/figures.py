"""What each figure of a report means: the one place where it is computed, for any set of visits."""

import math

import numpy as np

from dawr.messages import Message
from dawr.settings.centre import Texts
from dawr.tickets import State
from server.reports.visits import STATES, Column, Records


class WaitingRow(Message):
    """One group of visits; times in seconds, None where nothing counts."""

    key: str
    """What the group is: an id, a half-hour `08:30`, an hour 0–23, a weekday, a day; `all` for the whole period."""
    name: Texts | None = None
    """The group's name in each language, where it has one."""
    visits: int
    """Tickets taken."""
    called: int
    """Visits called at least once: those that the waiting times count."""
    completed: int
    """Visits that ended at a counter."""
    no_shows: int
    """Visits to which nobody came."""
    left: int
    """Visits that were cancelled, or not called by the end of the day."""
    mean_wait_s: float | None
    """Mean waiting time."""
    median_wait_s: float | None
    """Half waited no longer."""
    p90_wait_s: float | None
    """Nine in ten waited no longer (nearest rank)."""
    longest_wait_s: float | None
    """Longest waiting time."""
    within_target: float | None
    """Share, 0..1, of the called who waited no longer than the target."""
    mean_service_s: float | None
    """Mean service time, of the visits that a counter completed."""
    median_service_s: float | None
    """Half of these took no longer."""
    transferred: int
    """Visits that were transferred at least once."""
    parked: int
    """Visits that were set aside at least once, and for longer than no time."""
    mean_parked_s: float | None
    """Mean time set aside, of these."""
    overtaken: int
    """Visits that somebody who came later overtook at least once."""
    most_overtaken: int
    """How often one visit was overtaken at most."""
    out_of_order: int
    """Visits that a clerk chose instead of the calling rule."""


COLUMNS = (
    "visits",
    "called",
    "completed",
    "no_shows",
    "left",
    "mean_wait_s",
    "median_wait_s",
    "p90_wait_s",
    "longest_wait_s",
    "within_target",
    "mean_service_s",
    "median_service_s",
    "transferred",
    "parked",
    "mean_parked_s",
    "overtaken",
    "most_overtaken",
    "out_of_order",
)
"""The figures of a row, in the order in which people read them."""

SHARES = frozenset({"within_target"})
SECONDS = frozenset(column for column in COLUMNS if column.endswith("_s"))


def figures(key: str, name: Texts | None, records: Records, target_s: float) -> WaitingRow:
    """Every figure of some visits."""
    waits, services, parked = (known(records[column]) for column in ("wait_s", "service_s", "parked_s"))
    parked = parked[parked > 0]
    states = np.bincount(records["state"], minlength=len(STATES))
    return WaitingRow(
        key=key,
        name=name,
        visits=len(records),
        called=len(waits),
        completed=int(states[STATES.index(State.COMPLETED)]),
        no_shows=int(states[STATES.index(State.NO_SHOW)]),
        left=int(states[STATES.index(State.CANCELLED)]),
        mean_wait_s=mean(waits),
        median_wait_s=percentile(waits, 0.5),
        p90_wait_s=percentile(waits, 0.9),
        longest_wait_s=percentile(waits, 1),
        within_target=mean(waits <= target_s),
        mean_service_s=mean(services),
        median_service_s=percentile(services, 0.5),
        transferred=int(np.count_nonzero(records["transfers"])),
        parked=len(parked),
        mean_parked_s=mean(parked),
        overtaken=int(np.count_nonzero(records["overtaken"])),
        most_overtaken=int(records["overtaken"].max(initial=0)),
        out_of_order=int(np.count_nonzero(records["out_of_order"])),
    )


def percentile(values: Column, share: float) -> float | None:
    """The nearest-rank percentile: the smallest value that `share` of them do not exceed; None for no values."""
    if not len(values):
        return None
    rank = max(0, math.ceil(share * len(values)) - 1)
    return float(np.partition(values, rank)[rank])


def mean(values: Column) -> float | None:
    """The arithmetic mean; None for no values."""
    return float(values.mean()) if len(values) else None


def known(values: Column) -> Column:
    """The values of what did happen."""
    return values[~np.isnan(values)]
