"""The invented hall of a clerk who practises."""

from datetime import timedelta
from pathlib import Path

import pytest

from dawr.errors import UnknownCounter
from dawr.messages import CallNext, OpenCounter
from dawr.settings.centre import read_centre
from dawr.tickets import State
from server.practice.training_hall import MOST_WAITING, WAIT_AT_FIRST, TrainingHall
from tests.halls import SUNDAY_MORNING, small_centre
from tests.house.source import ROOT

NOW = SUNDAY_MORNING
CENTRES = sorted((ROOT / "config").glob("*/centre.toml"))


@pytest.mark.parametrize("file", CENTRES, ids=lambda file: file.parent.name)
def test_every_counter_of_the_example_centres_can_be_practised_at(file: Path) -> None:
    centre = read_centre(file)
    for counter in centre.counter:
        hall = TrainingHall(centre, counter, NOW)
        assert hall.view(NOW).waiting == WAIT_AT_FIRST
        answer = hall.do(CallNext(counter=counter), None, NOW)
        assert answer["ticket"]["state"] == State.CALLED
        assert answer["counter"]["ticket"] | {"reference": None} == answer["ticket"]


def test_nobody_practises_at_a_counter_that_is_not_there() -> None:
    with pytest.raises(UnknownCounter):
        TrainingHall(small_centre(), "77", NOW)


def test_a_command_that_is_sent_again_is_done_once() -> None:
    hall = TrainingHall(small_centre(), "1", NOW)
    first = hall.do(CallNext(counter="1"), "press-1", NOW)
    assert hall.do(CallNext(counter="1"), "press-1", NOW) == first
    assert hall.do(CallNext(counter="1"), "press-2", NOW)["ticket"]["id"] != first["ticket"]["id"]


def test_visitors_come_by_themselves_until_the_hall_is_full_enough() -> None:
    hall = TrainingHall(small_centre(), "1", NOW)
    assert not hall.let_in(NOW)
    came = [hall.let_in(NOW + timedelta(minutes=minute)) for minute in range(1, 60)]
    assert came[0]
    assert hall.view(NOW + timedelta(hours=1)).waiting == MOST_WAITING == WAIT_AT_FIRST + sum(came)


def test_a_clock_that_is_set_back_turns_no_time_round() -> None:
    hall = TrainingHall(small_centre(), "1", NOW)
    hall.do(CallNext(counter="1"), None, NOW)
    earlier = hall.do(OpenCounter(counter="1"), None, NOW - timedelta(hours=1))
    assert earlier["counter"]["undo_until"] == (NOW + timedelta(seconds=10)).strftime("%Y-%m-%dT%H:%M:%SZ")
