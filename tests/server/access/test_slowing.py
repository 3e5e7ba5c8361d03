"""Guessing becomes slow, and only for whoever guesses. The clock is a number here."""

import pytest

from dawr.errors import SignInWaits
from server.access.slowing import MOST_KEYS, Failures, Slowing


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def guess(slowing: Slowing, clock: Clock, address: str, times: int, browser: str | None = None) -> float:
    """Guess wrong as soon as it is possible; how long that took in seconds."""
    began_s = clock.now_s
    for _ in range(times):
        while True:
            try:
                slowing.begin("rima", address, browser)
                break
            except SignInWaits as early:
                clock.now_s += early.facts["seconds"]
    return clock.now_s - began_s


def test_five_wrong_ones_are_free_and_each_further_one_takes_twice_as_long() -> None:
    clock = Clock()
    slowing = Slowing(clock)
    assert guess(slowing, clock, "10.0.0.9", 5) == 0
    assert [guess(slowing, clock, "10.0.0.9", 1) for _ in range(4)] == [5, 10, 20, 40]
    guess(slowing, clock, "10.0.0.9", 20)
    assert guess(slowing, clock, "10.0.0.9", 1) == 900


def test_many_addresses_together_guess_no_more_than_a_hundred_times_a_day() -> None:
    clock = Clock()
    slowing, guesses, ends = Slowing(clock), 0, Clock.now_s + 86400
    while clock.now_s < ends:
        guess(slowing, clock, f"10.0.{guesses // 250}.{guesses % 250}", 1)
        guesses += 1
    assert guesses < 130


def test_a_visitor_who_guesses_does_not_lock_the_clerks_own_browser_out() -> None:
    clock = Clock()
    slowing = Slowing(clock)
    for visitor in range(200):
        guess(slowing, clock, f"10.0.0.{visitor}", 1)
    slowing.begin("rima", "10.0.0.7", "her browser")()
    with pytest.raises(SignInWaits):
        slowing.begin("rima", "10.0.0.250", None)


def test_the_known_browser_has_a_count_of_its_own() -> None:
    clock = Clock()
    slowing = Slowing(clock)
    guess(slowing, clock, "10.0.0.7", 5, "her browser")
    with pytest.raises(SignInWaits) as early:
        slowing.begin("rima", "10.0.0.7", "her browser")
    assert early.value.facts["seconds"] == 5
    slowing.begin("rima", "10.0.0.7", None)


def test_the_right_secret_ends_the_wait_and_forgives_nobody_else() -> None:
    clock = Clock()
    slowing = Slowing(clock)
    guess(slowing, clock, "10.0.0.7", 4)
    slowing.begin("rima", "10.0.0.7", None)()
    assert guess(slowing, clock, "10.0.0.7", 5) == 0
    assert guess(slowing, clock, "10.0.0.7", 1) == 5


def test_wrong_ones_are_forgotten_after_half_a_day() -> None:
    clock = Clock()
    slowing = Slowing(clock)
    guess(slowing, clock, "10.0.0.9", 8)
    clock.now_s += 12 * 3600
    assert guess(slowing, clock, "10.0.0.9", 5) == 0


def test_an_address_that_tries_name_after_name_is_slowed_too() -> None:
    clock = Clock()
    slowing = Slowing(clock)
    for name in range(30):
        slowing.begin(f"? {name}", "10.0.0.9", None)
    with pytest.raises(SignInWaits):
        slowing.begin("? more", "10.0.0.9", None)
    slowing.begin("? more", "10.0.0.10", None)


def test_what_is_remembered_has_an_end() -> None:
    failures = Failures(5, 900.0, Clock())
    for number in range(MOST_KEYS + 500):
        failures.add(str(number))
    assert len(failures._of) == MOST_KEYS
