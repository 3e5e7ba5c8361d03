"""Spare numbers: a kiosk without journal, reserve and server goes on, and no number is given twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from dawr.errors import StorageFailed
from dawr.messages import HandIn, PrintedTicket, TicketIssued
from dawr.settings.centre import Centre
from dawr.settings.mistakes import MistakenSettings, parse
from kiosk.issue import Refusal, Took
from kiosk.journal import Wish
from kiosk.opening import JOURNAL
from kiosk.spare import SILENT_S, SPARE_FILE, Spare
from tests.halls import SMALL_CENTRE, LiveHall
from tests.kiosk.test_journal import moment
from tests.kiosk.working import KIOSK, SMALL_TOWN, SUNDAY, Parts, menu_of, working_kiosk

RECORD = Wish(service="individual-record", language="ar")
LOST = Refusal("kiosk.journal_lost")
DAY = timedelta(days=1)
TODAY = SUNDAY.date()


@contextmanager
def lost_kiosk(folder: Path, at: datetime | None = SUNDAY) -> Iterator[Parts]:
    """A kiosk whose journal and reserve are gone, and whose server has been silent for long enough."""
    for file in folder.glob(f"{JOURNAL}*"):
        file.unlink()
    with working_kiosk(folder, at) as kiosk:
        kiosk.journal.go_blind()
        kiosk.knowledge.silent_for_s = lambda: SILENT_S
        yield kiosk


def take(kiosk: Parts) -> str:
    took = kiosk.issuing.take(RECORD)
    assert isinstance(took, Took), took
    return took.number


def test_without_journal_and_server_spare_numbers_are_given_and_the_own_ones_again_with_the_server(
    tmp_path: Path,
) -> None:
    with lost_kiosk(tmp_path) as kiosk:
        line = kiosk.centre.service[RECORD.service].line
        heard = menu_of(kiosk.centre, used_numbers={KIOSK: {line: 41}})
        kiosk.knowledge.hear_menu(heard.model_dump(mode="json"))
        assert [take(kiosk), take(kiosk)] == ["A801", "A802"]
        kiosk.knowledge.is_fresh = lambda: True
        assert [take(kiosk), take(kiosk)] == ["A042", "A043"]
        assert [one.number for one in kiosk.journal.of_day(TODAY)] == ["A801", "A802", "A042", "A043"]


def test_a_server_that_may_still_be_found_is_waited_for(tmp_path: Path) -> None:
    with lost_kiosk(tmp_path) as kiosk:
        kiosk.knowledge.silent_for_s = lambda: SILENT_S - 1
        assert kiosk.issuing.take(RECORD) == LOST
        kiosk.knowledge.silent_for_s = lambda: SILENT_S
        assert take(kiosk) == "A801"
        kiosk.knowledge.silent_for_s = lambda: 0.0
        assert take(kiosk) == "A802", "until the server has said which numbers are used"


def test_a_second_start_goes_on_with_the_spare_numbers(tmp_path: Path) -> None:
    with lost_kiosk(tmp_path) as kiosk:
        assert take(kiosk) == "A801"
    with working_kiosk(tmp_path) as kiosk:
        assert take(kiosk) == "A802"


def test_a_journal_that_is_lost_twice_on_a_day_gives_no_spare_number_twice(tmp_path: Path) -> None:
    with lost_kiosk(tmp_path) as kiosk:
        assert take(kiosk) == "A801"
    with lost_kiosk(tmp_path) as kiosk:
        assert kiosk.issuing.take(RECORD) == LOST
    with lost_kiosk(tmp_path, SUNDAY + DAY) as kiosk:
        assert take(kiosk) == "A801", "those of yesterday are over"


def test_the_day_of_their_last_use_counts_not_that_of_the_first(tmp_path: Path) -> None:
    with lost_kiosk(tmp_path) as kiosk:
        take(kiosk)
    with working_kiosk(tmp_path, SUNDAY + DAY) as kiosk:
        take(kiosk)
    with lost_kiosk(tmp_path, SUNDAY + DAY) as kiosk:
        assert kiosk.issuing.take(RECORD) == LOST


def test_what_was_given_while_nobody_knew_the_day_may_be_of_today(tmp_path: Path) -> None:
    spare = Spare(tmp_path / SPARE_FILE)
    assert spare.may_begin(None)
    spare.note(None)
    assert not spare.may_begin(None) and not spare.may_begin(TODAY)
    spare.heard(TODAY)
    assert not spare.may_begin(TODAY) and not spare.may_begin(None) and spare.may_begin(TODAY + DAY)
    spare.heard(TODAY + DAY)
    assert spare.may_begin(TODAY + DAY), "the day was known"


def test_a_note_that_cannot_be_written_gives_no_spare_number(tmp_path: Path) -> None:
    (tmp_path / f"{SPARE_FILE}.new").mkdir()
    with lost_kiosk(tmp_path) as kiosk:
        assert kiosk.issuing.take(RECORD) == Refusal("kiosk.cannot_store")
    with pytest.raises(StorageFailed):
        Spare(tmp_path / SPARE_FILE).note(date(2026, 1, 1))


def test_a_kiosk_without_spare_numbers_waits(tmp_path: Path) -> None:
    with lost_kiosk(tmp_path) as kiosk:
        without = SMALL_TOWN.read_text("utf-8").replace("spare_from", "# spare_from")
        kiosk.knowledge.centre = parse(Centre, without, "without")
        assert kiosk.issuing.take(RECORD) == LOST


# --- The settings, and what the server makes of them ---------------------------------------------------------------

WITH_SPARES = SMALL_CENTRE.replace("numbers_from = 1\n", "numbers_from = 1\nspare_from = 401\n")


def hand_in(number: str, given: datetime, sent: datetime) -> HandIn:
    """One ticket of the first kiosk, by its own clock."""
    ticket = PrintedTicket(id=f"t-{number}", number=number, service="birth", language="ar", issued=moment(given))
    return HandIn(issuer="kiosk-1", sent=moment(sent), tickets=(ticket,))


def test_the_parts_of_a_centre_with_spare_numbers_do_not_overlap() -> None:
    centre = parse(Centre, WITH_SPARES, "spares.toml")
    parts = [*centre.ranges.values(), *centre.spares.values()]
    assert sorted((one.first, one.last) for one in parts) == [(1, 400), (401, 500), (501, 900), (901, 999)]
    assert centre.part_of("kiosk-1", 1401).spare and not centre.part_of("kiosk-1", 400).spare


@pytest.mark.parametrize("taken", [1, 501, 901])
def test_spare_numbers_that_belong_to_another_part_are_a_mistake(taken: int) -> None:
    with pytest.raises(MistakenSettings) as mistaken:
        parse(Centre, WITH_SPARES.replace("401", str(taken)), "spares.toml")
    assert [one.key for one in mistaken.value.mistakes] == ["kiosk[1].spare_from"]


def test_the_log_tells_spare_numbers_apart_and_they_do_not_raise_the_own_ones() -> None:
    live = LiveHall(parse(Centre, WITH_SPARES, "spares.toml"))
    for number in ("A401", "A003"):
        [issued] = live.do(hand_in(number, SUNDAY, SUNDAY), 1)
        assert isinstance(issued, TicketIssued) and issued.spare == (number == "A401")
    assert live.hall.issued["kiosk-1"] == {"civil": 3}


def test_a_spare_number_that_is_handed_in_late_keeps_its_place() -> None:
    """A401 was given before A003, although it is the higher number."""
    live = LiveHall(parse(Centre, WITH_SPARES, "spares.toml"))
    live.do(hand_in("A003", SUNDAY, SUNDAY), 60)
    live.do(hand_in("A401", SUNDAY - timedelta(minutes=5), SUNDAY + timedelta(minutes=1)), 60)
    live.do(hand_in("A402", SUNDAY - timedelta(minutes=4), SUNDAY + timedelta(minutes=2)), 60)
    in_order = sorted(live.hall.tickets.values(), key=lambda one: one.joined_at)
    assert [one.number for one in in_order] == ["A401", "A402", "A003"]
