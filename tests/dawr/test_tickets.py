"""The life cycle of a ticket, every state with every action."""

from datetime import UTC, date, datetime

import pytest

from dawr.errors import ActionRefused
from dawr.tickets import AT_COUNTER, ENDED, LIFE_CYCLE, Action, State, Ticket

NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

ALLOWED = {
    (State.WAITING, Action.CALL): State.CALLED,
    (State.WAITING, Action.TRANSFER): State.WAITING,
    (State.WAITING, Action.CANCEL): State.CANCELLED,
    (State.WAITING, Action.STEP_ASIDE): State.PARKED,
    (State.CALLED, Action.RECALL): State.CALLED,
    (State.CALLED, Action.SERVE): State.SERVING,
    (State.CALLED, Action.COMPLETE): State.COMPLETED,
    (State.CALLED, Action.MARK_NO_SHOW): State.NO_SHOW,
    (State.CALLED, Action.PARK): State.PARKED,
    (State.CALLED, Action.TRANSFER): State.WAITING,
    (State.CALLED, Action.CANCEL): State.CANCELLED,
    (State.CALLED, Action.STEP_ASIDE): State.PARKED,
    (State.SERVING, Action.COMPLETE): State.COMPLETED,
    (State.SERVING, Action.PARK): State.PARKED,
    (State.SERVING, Action.TRANSFER): State.WAITING,
    (State.SERVING, Action.CANCEL): State.CANCELLED,
    (State.PARKED, Action.CALL): State.CALLED,
    (State.PARKED, Action.RESUME): State.WAITING,
    (State.PARKED, Action.TRANSFER): State.WAITING,
    (State.PARKED, Action.CANCEL): State.CANCELLED,
    (State.PARKED, Action.STEP_BACK): State.WAITING,
    (State.NO_SHOW, Action.CALL): State.CALLED,
    (State.NO_SHOW, Action.RESUME): State.WAITING,
}


def ticket(state: State) -> Ticket:
    return Ticket(
        id="t1",
        number="A001",
        day=date(2026, 11, 22),
        service="birth",
        line="civil",
        visitor_class=None,
        language="ar",
        reference=None,
        issuer="kiosk-1",
        joined_at=NOON,
        counted_from=NOON,
        state=state,
    )


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("state", State)
def test_every_state_answers_every_action(state: State, action: Action) -> None:
    before = ticket(state)
    if (state, action) in ALLOWED:
        assert before.after(action).state is ALLOWED[state, action]
    else:
        with pytest.raises(ActionRefused, match=f"A001 is {state}: {action}"):
            before.after(action)
    assert before == ticket(state)


def test_only_completed_and_cancelled_tickets_are_final() -> None:
    assert {state for state in State if not LIFE_CYCLE[state]} == {State.COMPLETED, State.CANCELLED}


def test_every_state_can_be_reached_and_every_visit_can_end() -> None:
    def reach(start: State) -> set[State]:
        found, ahead = {start}, [start]
        while ahead:
            for following in LIFE_CYCLE[ahead.pop()].values():
                if following not in found:
                    found.add(following)
                    ahead.append(following)
        return found

    assert reach(State.WAITING) == set(State)
    assert all(reach(state) & ENDED for state in State)
    assert not AT_COUNTER & ENDED
