"""The life of a ticket: its states, what may be done in each, and what is known of it.

Everything that changes a state is in `LIFE_CYCLE`; an action that it does not list is refused and changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from dawr.errors import ActionRefused


class State(StrEnum):
    """Where a ticket is in its life."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PARKED = "parked"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """What may be done with a ticket."""

    CALL = "call"
    RECALL = "recall"
    SERVE = "serve"
    COMPLETE = "complete"
    MARK_NO_SHOW = "no_show"
    PARK = "park"
    RESUME = "resume"
    TRANSFER = "transfer"
    CANCEL = "cancel"
    STEP_ASIDE = "step_aside"
    STEP_BACK = "step_back"


LIFE_CYCLE: dict[State, dict[Action, State]] = {
    State.WAITING: {
        Action.CALL: State.CALLED,
        Action.TRANSFER: State.WAITING,
        Action.CANCEL: State.CANCELLED,
        Action.STEP_ASIDE: State.PARKED,
    },
    State.CALLED: {
        Action.RECALL: State.CALLED,
        Action.SERVE: State.SERVING,
        # A counter box has no button for "serve": its next press ends a visit that was only called.
        Action.COMPLETE: State.COMPLETED,
        Action.MARK_NO_SHOW: State.NO_SHOW,
        Action.PARK: State.PARKED,
        Action.TRANSFER: State.WAITING,
        Action.CANCEL: State.CANCELLED,
        Action.STEP_ASIDE: State.PARKED,
    },
    State.SERVING: {
        Action.COMPLETE: State.COMPLETED,
        Action.PARK: State.PARKED,
        Action.TRANSFER: State.WAITING,
        Action.CANCEL: State.CANCELLED,
    },
    State.PARKED: {
        Action.CALL: State.CALLED,
        Action.RESUME: State.WAITING,
        Action.TRANSFER: State.WAITING,
        Action.CANCEL: State.CANCELLED,
        Action.STEP_BACK: State.WAITING,
    },
    # Someone who was out of earshot and comes back is called, or waits again in the old place.
    State.NO_SHOW: {
        Action.CALL: State.CALLED,
        Action.RESUME: State.WAITING,
    },
    State.COMPLETED: {},
    State.CANCELLED: {},
}

AT_COUNTER = frozenset({State.CALLED, State.SERVING})
"""The states of a visit in progress."""

MOST_STEPS_ASIDE = 3
"""So often may a visitor ask for more time with one ticket."""

ENDED = frozenset({State.COMPLETED, State.NO_SHOW, State.CANCELLED})
"""The states that nothing leaves by itself."""


class Place(StrEnum):
    """Where a transferred ticket goes in its new line."""

    FIRST = "first"
    LAST = "last"
    BY_ARRIVAL = "by_arrival"


class EndedBy(StrEnum):
    """Who ended a visit."""

    COUNTER = "counter"
    VISITOR = "visitor"
    DAY_END = "day_end"


@dataclass(frozen=True, slots=True)
class Ticket:
    """One visit. Its number, id and joining time never change; all times are aware UTC.

    `known_at` is when the server learned of it, by the clock that its joining time was reckoned from.
    `stepped_aside` is whether its visitor, and no clerk, has parked it, and `steps_aside` how often that was.
    """

    id: str
    number: str
    day: date
    service: str
    line: str
    visitor_class: str | None
    language: str
    reference: str | None
    issuer: str
    joined_at: datetime
    counted_from: datetime
    in_doubt: bool = False
    known_at: datetime | None = None
    state: State = State.WAITING
    counter: str | None = None
    for_counter: str | None = None
    first_counter: str | None = None
    first_called_at: datetime | None = None
    called_at: datetime | None = None
    served_at: datetime | None = None
    parked_at: datetime | None = None
    parked_reason: str | None = None
    stepped_aside: bool = False
    steps_aside: int = 0
    parked: timedelta = timedelta()
    ended_at: datetime | None = None
    ended_by: EndedBy | None = None
    recalls: int = 0
    transfers: int = 0
    overtaken: int = 0
    out_of_order: bool = False

    def can(self, action: Action) -> bool:
        """Whether the life cycle allows this action now."""
        return action in LIFE_CYCLE[self.state]

    def after(self, action: Action, **changes: object) -> "Ticket":
        """The ticket with the action done and the other facts changed. `ActionRefused` if it is not allowed."""
        if not self.can(action):
            raise ActionRefused(
                f"ticket {self.number} is {self.state}: {action} is not possible",
                number=self.number,
                state=self.state.value,
                action=action.value,
            )
        return replace(self, state=LIFE_CYCLE[self.state][action], **changes)  # type: ignore[arg-type]
