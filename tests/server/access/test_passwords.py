"""Which PINs and passwords are good enough, and how they are stored."""

import time

import pytest

from dawr.errors import WeakSecret
from server.access.passwords import HASH_OF_NOTHING, check_secret, hashed, matches
from server.access.who import Role


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("12345", "not_a_pin"),
        ("1234567890123", "not_a_pin"),
        ("49271a", "not_a_pin"),
        ("123456", "too_easy"),
        ("٦٥٤٣٢١", "too_easy"),
        ("890123", "too_easy"),
        ("777777", "too_easy"),
        ("121212", "too_easy"),
    ],
)
def test_a_pin_that_anybody_would_guess_is_refused(pin: str, why: str) -> None:
    with pytest.raises(WeakSecret) as refused:
        check_secret(Role.CLERK, pin)
    assert refused.value.facts["why"] == why


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMINISTRATOR])
@pytest.mark.parametrize(
    ("password", "why"), [("492715", "too_short"), ("aaaaaaaaaaaa", "too_easy"), ("1234567890", "too_easy")]
)
def test_a_password_that_anybody_would_guess_is_refused(role: Role, password: str, why: str) -> None:
    with pytest.raises(WeakSecret) as refused:
        check_secret(role, password)
    assert refused.value.facts["why"] == why


def test_good_ones_are_taken() -> None:
    check_secret(Role.CLERK, "492715")
    check_secret(Role.CLERK, "٤٩٢٧١٥")
    check_secret(Role.ADMINISTRATOR, "قهوة على السطح")


def test_digits_are_digits_on_every_keyboard() -> None:
    assert matches(hashed("492715"), "٤٩٢٧١٥")
    assert matches(hashed("۴۹۲۷۱۵"), "492715")
    assert not matches(hashed("492715"), "492716")


def test_what_is_stored_is_argon2id_as_owasp_wants_it_and_another_each_time() -> None:
    first, second = hashed("492715"), hashed("492715")
    assert first != second
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_an_unknown_name_costs_as_long_as_a_wrong_secret() -> None:
    stored = hashed("492715")

    def took_s(hash: str) -> float:
        began_s = time.process_time()
        assert not matches(hash, "000000")
        return time.process_time() - began_s

    real = min(took_s(stored) for _ in range(5))
    nothing = min(took_s(HASH_OF_NOTHING) for _ in range(5))
    assert nothing > real / 3, "a hash that cannot be read is refused at once"
