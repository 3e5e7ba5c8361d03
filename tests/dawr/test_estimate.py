"""The estimate: a range, learned from the line's own pace."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dawr.estimate import ENOUGH_CALLS, learned_minutes, minutes_per_call, wait_minutes

NINE = datetime(2026, 11, 22, 6, tzinfo=UTC)


def test_a_line_is_learned_from_the_pace_of_its_latest_calls() -> None:
    calls = [NINE + timedelta(minutes=3 * n) for n in range(ENOUGH_CALLS)]
    assert learned_minutes(calls) == 3
    assert learned_minutes(calls[1:]) is None


@pytest.mark.parametrize(("learned", "counters", "minutes"), [(4.0, 2, 4.0), (None, 2, 5.0), (None, 0, 10.0)])
def test_until_then_the_usual_duration_is_shared_by_the_open_counters(
    learned: float | None, counters: int, minutes: float
) -> None:
    assert minutes_per_call(learned, 10, counters) == minutes


def test_a_wait_is_rounded_outward_to_five_minutes() -> None:
    assert wait_minutes(ahead=9, per_call=2) == (10, 30)
    assert wait_minutes(ahead=0, per_call=1) == (0, 5)


@given(st.integers(0, 500), st.floats(0.1, 60))
def test_it_is_always_a_range_and_grows_with_the_people_ahead(ahead: int, per_call: float) -> None:
    low, high = wait_minutes(ahead, per_call)
    assert 0 <= low < high
    assert low % 5 == high % 5 == 0
    assert low <= (ahead + 1) * per_call <= high
    assert wait_minutes(ahead + 1, per_call) >= (low, high)
