"""Numbers: what stands on paper, and which issuer owns it."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dawr.errors import ForeignNumber
from dawr.numbers import LETTERS, NumberRange, format_number, parse_number, share_out


def test_a_number_has_three_digits_until_the_thousand() -> None:
    assert format_number("A", 1) == "A001"
    assert format_number("C", 1001) == "C1001"


@pytest.mark.parametrize("typed", ["a012", " A012 ", "A012"])
def test_a_number_is_understood_as_people_type_it(typed: str) -> None:
    assert parse_number(typed) == ("A", 12)


@pytest.mark.parametrize("typed", ["", "A", "A12", "12", "B012", "I001", "A01X", "A001A"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        parse_number(typed)


def test_letters_that_look_like_digits_are_not_used() -> None:
    assert not set(LETTERS) & set("IOQSZB")


def test_past_the_end_comes_the_next_thousand() -> None:
    part = NumberRange(1, 500)
    assert [part.count_of(n) for n in (0, 499, 500, 999, 1000)] == [1, 500, 1001, 1500, 2001]


def test_parts_end_where_the_next_begins() -> None:
    parts = share_out({"server": 901, "kiosk-1": 1, "kiosk-2": 501})
    assert parts == {
        "kiosk-1": NumberRange(1, 500),
        "kiosk-2": NumberRange(501, 900),
        "server": NumberRange(901, 999),
    }


def test_a_centre_without_kiosks_begins_at_one() -> None:
    assert share_out({"server": 1})["server"].count_of(0) == 1


issuers = st.lists(st.integers(1, 999), min_size=1, max_size=5, unique=True).map(
    lambda firsts: share_out({f"issuer-{n}": first for n, first in enumerate(firsts)})
)


@given(parts=issuers, issued=st.integers(0, 5000))
def test_no_two_issuers_ever_give_the_same_number(parts: dict[str, NumberRange], issued: int) -> None:
    for one, other in combinations(parts.values(), 2):
        count = one.count_of(issued)
        with pytest.raises(ForeignNumber):
            other.issued_before(count)


@given(parts=issuers, issued=st.integers(0, 5000))
def test_a_count_says_how_many_came_before_it(parts: dict[str, NumberRange], issued: int) -> None:
    for part in parts.values():
        assert part.issued_before(part.count_of(issued)) == issued
