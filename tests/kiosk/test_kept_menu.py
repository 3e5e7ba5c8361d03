"""What the kiosk keeps of the server's word, and what it makes of it after a start without the server."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dawr.clock import Clock
from dawr.hours import Offer
from dawr.views import Menu
from kiosk.knowledge import MENU_FILE, Knowledge
from tests.kiosk.working import KIOSK, SMALL_TOWN, SUNDAY, menu_of

RECORD, CAPPED = "individual-record", "clean-record"
WHY = {"ar": "انقطعت الكهرباء", "en": "There is no power"}


def started(folder: Path, at: datetime | None = SUNDAY) -> Knowledge:
    """What a kiosk knows that has just been switched on, and has not heard its server."""
    clock = Clock()
    if at:
        clock.set_by_server(at)
    return Knowledge(KIOSK, folder, SMALL_TOWN, clock)


def heard(folder: Path, **changes: object) -> Menu:
    """A menu that came before the kiosk was switched off."""
    knowledge = started(folder)
    assert knowledge.centre
    menu = menu_of(knowledge.centre, **changes)
    knowledge.hear_menu(menu.model_dump(mode="json"))
    return menu


def offer_of(knowledge: Knowledge, service: str) -> Offer:
    offers = knowledge.offers(None)
    assert offers
    return offers.service(service).offer


def test_what_was_stopped_today_stays_stopped_after_a_start_without_the_server(tmp_path: Path) -> None:
    heard(tmp_path, stopped={RECORD: WHY})
    offer = offer_of(started(tmp_path), RECORD)
    assert (offer.why, offer.reason) == ("closed.stopped", WHY)
    assert offer_of(started(tmp_path), CAPPED).open


def test_what_is_offered_again_is_offered_after_the_next_start_too(tmp_path: Path) -> None:
    heard(tmp_path, stopped={RECORD: WHY})
    heard(tmp_path)
    assert offer_of(started(tmp_path), RECORD).open


def test_a_cap_that_was_reached_holds_after_a_start_without_the_server(tmp_path: Path) -> None:
    heard(tmp_path, issued_today={CAPPED: 40, RECORD: 90})
    assert offer_of(started(tmp_path), CAPPED).why == "closed.cap_reached"


def test_on_a_new_business_day_it_is_forgotten(tmp_path: Path) -> None:
    heard(tmp_path, stopped={RECORD: WHY}, issued_today={CAPPED: 40})
    tomorrow = started(tmp_path, SUNDAY + timedelta(days=1))
    assert offer_of(tomorrow, RECORD).open and offer_of(tomorrow, CAPPED).open


def test_while_nobody_knows_the_day_it_holds(tmp_path: Path) -> None:
    heard(tmp_path, stopped={RECORD: WHY})
    nobody_knows = started(tmp_path, at=None)
    if nobody_knows.now():
        pytest.skip("this machine's clock is kept by NTP")
    assert offer_of(nobody_knows, RECORD).why == "closed.stopped"


def test_numbers_are_taken_only_from_a_server_that_was_heard_since_the_start(tmp_path: Path) -> None:
    """The connection is up a moment before the menu comes: what the last run heard may be short of numbers by then."""
    menu = heard(tmp_path, used_numbers={KIOSK: {"records": 7}})
    knowledge = started(tmp_path)
    knowledge.is_fresh = lambda: True
    assert not knowledge.hears_todays_numbers() and knowledge.numbers_used() == {}
    knowledge.hear_menu(menu.model_dump(mode="json"))
    assert knowledge.hears_todays_numbers() and knowledge.numbers_used() == {"records": 7}


@pytest.mark.parametrize(("day_ahead", "blind"), [(7, False), (-1, True)])
def test_a_server_that_is_heard_counts_todays_numbers_on_whatever_day(
    tmp_path: Path, day_ahead: int, blind: bool
) -> None:
    """Its log may be ahead. If it is behind, it has not said yet what was given on the day that it will then know."""
    knowledge = started(tmp_path)
    assert knowledge.centre
    day = SUNDAY.date() + timedelta(days=day_ahead)
    knowledge.hear_menu(
        menu_of(knowledge.centre, day=day, used_numbers={KIOSK: {"records": 7}}).model_dump(mode="json")
    )
    assert knowledge.numbers_used() == {}
    knowledge.is_fresh = lambda: True
    assert knowledge.numbers_used() == {"records": 7}
    assert knowledge.hears_todays_numbers() is not blind


def test_the_disk_is_written_only_when_something_that_decides_has_changed(tmp_path: Path) -> None:
    knowledge = started(tmp_path)
    assert knowledge.centre
    kept = []
    for changes in ({}, {"sequence": 9, "issued_today": {RECORD: 3}}, {"issued_today": {CAPPED: 1}}):
        knowledge.hear_menu(menu_of(knowledge.centre, **changes).model_dump(mode="json"))
        # The file is replaced by a new one at each writing.
        kept.append((tmp_path / MENU_FILE).stat().st_mtime_ns)
    assert kept[0] == kept[1] < kept[2]


@pytest.mark.parametrize("torn", [b"", b'{"epoch": "x", "seq', b"\xff\xfe"])
def test_a_menu_that_cannot_be_read_stops_nothing(tmp_path: Path, torn: bytes) -> None:
    heard(tmp_path, stopped={RECORD: WHY})
    (tmp_path / MENU_FILE).write_bytes(torn)
    assert offer_of(started(tmp_path), RECORD).open


def test_a_disk_that_does_not_take_it_hinders_nothing(tmp_path: Path) -> None:
    (tmp_path / "menu.new").mkdir()
    knowledge = started(tmp_path)
    assert knowledge.centre
    knowledge.hear_menu(menu_of(knowledge.centre, stopped={RECORD: WHY}).model_dump(mode="json"))
    assert not offer_of(knowledge, RECORD).open
