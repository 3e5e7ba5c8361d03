"""What the kiosk offers: by settings, menu and time."""

from datetime import datetime, timedelta

import pytest

from dawr.offers import Offers, fee_texts, folded, numbers_used, offers
from dawr.settings.centre import Centre
from dawr.views import Menu, MenuLine
from tests.kiosk.working import KIOSK, SUNDAY, menu_of


def offered(centre: Centre, menu: Menu | None = None, now: datetime | None = SUNDAY, *, fresh: bool = True) -> Offers:
    return offers(centre, menu, now, fresh=fresh, untold={})


def test_categories_come_in_the_order_of_the_settings_with_their_services(centre: Centre) -> None:
    found = offered(centre)
    assert [one.category.id for one in found.categories] == [one.id for one in centre.categories]
    assert sum(len(one.services) for one in found.categories) == len(centre.services)


def test_in_hours_everything_is_open_that_has_no_hours_of_its_own(centre: Centre) -> None:
    assert offered(centre).service("individual-record").offer.open


def test_after_hours_nothing_is_open_and_most_say_why(centre: Centre) -> None:
    found = offered(centre, now=SUNDAY + timedelta(hours=12))
    assert not found.open and not found.categories[0].open
    assert found.closed_because.why == "closed.over"


def test_people_waiting_and_the_wait_are_told_while_the_server_is_heard(centre: Centre) -> None:
    lines = {line.id: MenuLine(waiting=4, open_counters=2, minutes_per_call=3.0) for line in centre.lines}
    menu = menu_of(centre, lines=lines)
    one = offered(centre, menu).service("individual-record")
    assert (one.waiting, one.wait_minutes) == (4, (5, 25))
    old = offered(centre, menu, fresh=False).service("individual-record")
    assert (old.waiting, old.wait_minutes) == (None, None)


def test_what_staff_stopped_stays_stopped_while_the_server_is_gone(centre: Centre) -> None:
    menu = menu_of(centre, stopped={"individual-record": {"ar": "عطل", "en": "A fault"}})
    assert not offered(centre, menu, fresh=False).service("individual-record").offer.open


def test_what_staff_stopped_yesterday_is_offered_today(centre: Centre) -> None:
    menu = menu_of(centre, stopped={"individual-record": {"ar": "عطل", "en": "A fault"}})
    assert offered(centre, menu, SUNDAY + timedelta(days=1), fresh=False).service("individual-record").offer.open


def test_the_servers_count_of_used_numbers_is_taken_only_for_its_own_day(centre: Centre) -> None:
    menu = menu_of(centre, used_numbers={KIOSK: {"records": 7}})
    assert numbers_used(menu, KIOSK, SUNDAY.date()) == {"records": 7}
    assert numbers_used(menu, KIOSK, SUNDAY.date() + timedelta(days=1)) == {}
    assert numbers_used(menu, "kiosk-2", SUNDAY.date()) == {}


def test_a_fee_is_said_with_the_centres_currency(centre: Centre) -> None:
    assert fee_texts(centre, centre.service["home-rental"]) == {"ar": "10,000 ل.س", "en": "10,000 SYP"}
    assert fee_texts(centre, centre.service["water-bill"]) == {}


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("اخراج", "إخراج"),
        ("الوثيقه", "الوثيقة"),
        ("مستشفي", "مستشفى"),
        ("محمد", "مُحَمَّد"),
        ("اثار", "آثار"),
        ("CERT", "cert"),
    ],
)
def test_spellings_that_people_mix_up_are_the_same(typed: str, written: str) -> None:
    assert folded(typed) == folded(written)


@pytest.mark.parametrize("typed", ["اخراج قيد", "إخْراج", "record indiv", "فردي", "Individual"])
def test_a_service_is_found_by_the_beginnings_of_its_words(centre: Centre, typed: str) -> None:
    assert "individual-record" in [one.service.id for one in offered(centre).search(typed)]


def test_services_are_found_by_their_category_after_those_found_by_name(centre: Centre) -> None:
    category = centre.categories[0]
    found = [one.service.id for one in offered(centre).search(category.name["ar"])]
    assert {one.id for one in centre.services if one.category == category.id} <= set(found)


@pytest.mark.parametrize("typed", ["", "  ", "ظظظ", "x"])
def test_nothing_is_found_where_there_is_nothing(centre: Centre, typed: str) -> None:
    assert offered(centre).search(typed) == ()
