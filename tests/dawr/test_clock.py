"""Clocks: when a ticket joined, whatever the wall clock of its kiosk says."""

from datetime import UTC, datetime, timedelta

import pytest

from dawr.clock import Clock, Hardware, Moment, Trust, joined_at

NINE = datetime(2026, 11, 22, 6, tzinfo=UTC)
YEARS_OFF = datetime(2020, 1, 1, tzinfo=UTC)


def test_of_the_same_boot_the_age_counts_and_the_wall_clock_does_not() -> None:
    ticket = Moment("b1", 100.0, YEARS_OFF, Trust.NONE)
    assert joined_at(ticket, Moment("b1", 160.0, YEARS_OFF, Trust.NONE), NINE) == NINE - timedelta(seconds=60)


def test_of_an_earlier_boot_a_trusted_wall_clock_counts() -> None:
    ticket = Moment("b1", 100.0, NINE - timedelta(hours=1), Trust.NTP)
    assert joined_at(ticket, Moment("b2", 5.0, YEARS_OFF, Trust.NONE), NINE) == NINE - timedelta(hours=1)


def test_a_trusted_time_in_the_future_is_now() -> None:
    ticket = Moment("b1", 100.0, NINE + timedelta(hours=1), Trust.NTP)
    assert joined_at(ticket, Moment("b2", 5.0, NINE, Trust.NTP), NINE) == NINE


@pytest.mark.parametrize("uptime_s", [5.0, 3600.0])
def test_without_any_trust_it_is_the_latest_it_can_have_been(uptime_s: float) -> None:
    ticket = Moment("b1", 100.0, YEARS_OFF, Trust.NONE)
    sender = Moment("b2", uptime_s, YEARS_OFF, Trust.NONE)
    assert joined_at(ticket, sender, NINE) == NINE - timedelta(seconds=uptime_s)


def test_between_two_times_that_a_kiosk_knew_as_much_passed_for_a_server_of_another_date() -> None:
    ticket = Moment("b1", 100.0, NINE, Trust.NTP)
    sender = Moment("b2", 5.0, NINE + timedelta(minutes=7), Trust.SERVER)
    assert joined_at(ticket, sender, YEARS_OFF) == YEARS_OFF - timedelta(minutes=7)


def test_nobody_joined_in_the_future() -> None:
    ticket = Moment("b1", 200.0, NINE, Trust.SERVER)
    assert joined_at(ticket, Moment("b1", 160.0, NINE, Trust.SERVER), NINE) == NINE


def test_a_device_keeps_the_servers_time_by_its_boot_clock() -> None:
    clock = Clock()
    clock.set_by_server(YEARS_OFF)
    moment = clock.now()
    assert moment.trust is Trust.SERVER
    assert timedelta() <= moment.wall - YEARS_OFF < timedelta(seconds=5)
    assert clock.trusted() is not None
    assert clock.now().boottime_s >= moment.boottime_s


def test_the_wall_clock_is_trusted_when_the_machine_keeps_it_right() -> None:
    right = Clock(Hardware("b1", lambda: 5.0, lambda: NINE, lambda: True))
    wrong = Clock(Hardware("b1", lambda: 5.0, lambda: YEARS_OFF, lambda: False))
    assert right.now() == Moment("b1", 5.0, NINE, Trust.NTP)
    assert wrong.now().trust is Trust.NONE
    assert wrong.trusted() is None
