"""What staff should know of this kiosk: a sentence for each thing, what is wrong and what to do.

The first one is why there are no tickets, if there are none; the rest follow by how much they matter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from dawr.errors import DeviceTwice, ForeignServer, NotPaired, OtherLog, PlainServer, UnknownDevice
from dawr.messages import Note
from kiosk.issue import Health
from kiosk.journal import Journal
from kiosk.knowledge import Knowledge

OFFLINE_AFTER_S = 60.0
MOST_NUMBERS = 4
# What a server that is there says; one that is not there has refused nothing.
_REFUSALS = frozenset(refusal.code for refusal in (UnknownDevice, OtherLog, DeviceTwice))
_MISTRUST = frozenset(problem.code for problem in (ForeignServer, PlainServer, NotPaired))
"""Why the kiosk itself did not take a server."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a kiosk stands. `now` is None while nobody vouches for the time; `in_doubt`: numbers without a sure slip."""

    health: Health
    now: datetime | None
    zone: tzinfo
    silent_for_s: float = 0.0
    not_handed_in: int = 0
    refused: int = 0
    in_doubt: Sequence[str] = ()
    stuck: Sequence[str] = ()
    replaced: bool = False
    on_spare: bool = False
    turned_away: str | None = None


def standing(
    health: Health,
    knowledge: Knowledge,
    journal: Journal | None,
    *,
    silent_for_s: float,
    replaced: bool = False,
    stuck: Sequence[str] = (),
) -> Standing:
    """How a kiosk stands now; without a journal nothing is known of tickets."""
    return Standing(
        health=health,
        now=knowledge.now(),
        zone=knowledge.centre.zone if knowledge.centre else UTC,
        silent_for_s=silent_for_s,
        not_handed_in=journal.not_handed_in() if journal else 0,
        refused=journal.refusals() if journal else 0,
        in_doubt=tuple(journal.in_doubt(MOST_NUMBERS)) if journal else (),
        stuck=tuple(stuck),
        replaced=replaced,
        on_spare=bool(journal and journal.is_on_spare()),
        turned_away=knowledge.turned_away(),
    )


def notes(standing: Standing) -> tuple[Note, ...]:
    """A note for everything that somebody should see to."""
    return tuple(_notes(standing))


def _notes(standing: Standing) -> Iterator[Note]:
    fault = standing.health.fault
    if fault:
        yield Note(key=f"staff.{fault.key}", facts=dict(fault.facts))
    if standing.stuck:
        yield Note(key="staff.stuck_button", facts={"button": ", ".join(standing.stuck)})
    if standing.in_doubt:
        yield Note(key="staff.in_doubt", facts={"numbers": ", ".join(standing.in_doubt)})
    if standing.refused:
        yield Note(key="staff.refused", facts={"count": str(standing.refused)})
    if standing.turned_away in _MISTRUST and not fault:
        yield Note(key=f"staff.{standing.turned_away}")
    if standing.turned_away in _REFUSALS and not fault:
        yield Note(key="staff.turned_away", facts={"code": str(standing.turned_away)})
    elif standing.silent_for_s > OFFLINE_AFTER_S:
        yield _offline(standing)
    if standing.on_spare:
        yield Note(key="staff.spare")
    elif standing.replaced:
        yield Note(key="staff.replaced")
    if standing.now is None:
        yield Note(key="staff.no_time")
    if standing.health.near_end:
        yield Note(key="staff.near_end")


def _offline(standing: Standing) -> Note:
    count = str(standing.not_handed_in)
    if standing.now is None:
        return Note(key="staff.offline", facts={"count": count})
    since = (standing.now - timedelta(seconds=standing.silent_for_s)).astimezone(standing.zone)
    return Note(key="staff.offline_since", facts={"count": count, "time": f"{since:%H:%M}"})
