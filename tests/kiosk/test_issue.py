"""From a touch to a slip, on a real journal and a real printer port."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from zxingcpp import read_barcodes

from dawr.language import LANGUAGES
from dawr.settings.centre import Centre
from dawr.words import Words
from kiosk.issue import Refusal, Took
from kiosk.journal import Fate, Wish, connect
from kiosk.knowledge import CENTRE_FILE
from tests.kiosk.working import KIOSK, SMALL_TOWN, SUNDAY, menu_of, working_kiosk

RECORD = Wish(service="individual-record", language="ar")


def test_a_ticket_is_stored_printed_and_told(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as kiosk:
        assert kiosk.issuing.take(RECORD) == Took("A001", "individual-record", in_doubt=False)
        assert len(kiosk.printer.slips) == 1
        (given,) = kiosk.journal.of_day(SUNDAY.date())
    assert (given.number, given.fate, kiosk.told) == ("A001", Fate.PRINTED, ["given"])


def test_a_slip_carries_the_address_of_its_own_page_for_phones(tmp_path: Path) -> None:
    settings = SMALL_TOWN.read_text("utf-8")
    address = 'phone_address = "http://192.168.10.5"\nday_starts'
    (tmp_path / CENTRE_FILE).write_text(settings.replace("day_starts", address, 1), "utf-8")
    with working_kiosk(tmp_path) as kiosk:
        kiosk.issuing.take(RECORD)
        (given,) = kiosk.journal.of_day(SUNDAY.date())
        [read] = read_barcodes(kiosk.printer.slips[0].picture.convert("L"))
    assert read.text == f"http://192.168.10.5/t/{given.id}"


def test_without_paper_nothing_is_given(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as kiosk:
        kiosk.printer.paper_out = True
        assert kiosk.issuing.take(RECORD) == Refusal("printer.paper_out")
        kiosk.printer.paper_out = False
        assert kiosk.issuing.take(RECORD) == Took("A001", "individual-record", in_doubt=False)


def test_without_a_printer_nothing_is_given(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as kiosk:
        kiosk.printer.stop()
        assert kiosk.issuing.take(RECORD) == Refusal("printer.unplugged")
        assert kiosk.journal.of_day(SUNDAY.date()) == []


def test_a_slip_that_stopped_halfway_is_in_doubt_and_its_number_is_not_given_again(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as kiosk:
        kiosk.printer.fault_after = (9000, "paper_out")
        first = kiosk.issuing.take(RECORD)
        kiosk.printer.paper_out = False
        second = kiosk.issuing.take(RECORD)
        fates = [given.fate for given in kiosk.journal.of_day(SUNDAY.date())]
    assert first == Took("A001", "individual-record", in_doubt=True)
    assert isinstance(second, Took) and second.number == "A002"
    assert fates == [Fate.IN_DOUBT, Fate.PRINTED]
    assert kiosk.told == ["given", "given"]


def test_a_slip_that_surely_did_not_come_out_leaves_its_number_skipped(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as kiosk:
        offered = kiosk.knowledge.offers(kiosk.journal)
        assert offered
        given = kiosk.journal.give(RECORD, kiosk.centre, kiosk.centre.ranges[KIOSK], kiosk.clock.now())
        kiosk.printer.paper_out = True
        refusal = kiosk.issuing._print(given, kiosk.centre, offered.service(RECORD.service))
        kiosk.printer.paper_out = False
        after = kiosk.issuing.take(RECORD)
        untold = [one.number for one in kiosk.journal.untold(9)]
    assert refusal == Refusal("printer.paper_out")
    assert isinstance(after, Took) and after.number == "A002"
    assert untold == ["A002"]


def test_a_slip_that_the_journal_could_not_note_is_told_as_soon_as_it_can(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as kiosk, closing(connect(tmp_path / "journal.sqlite")) as disk:
        disk.execute("CREATE TRIGGER broken BEFORE UPDATE ON ticket BEGIN SELECT RAISE(FAIL, 'broken'); END")
        assert isinstance(kiosk.issuing.take(RECORD), Took)
        assert (kiosk.told, kiosk.journal.untold(1)) == ([], [])
        disk.execute("DROP TRIGGER broken")
        kiosk.issuing.health()
        assert kiosk.told == ["given"]
        assert [given.fate for given in kiosk.journal.untold(1)] == [Fate.PRINTED]


def test_a_full_disk_gives_nothing(tmp_path: Path) -> None:
    with working_kiosk(tmp_path, least_free_bytes=1 << 62) as kiosk:
        assert kiosk.issuing.take(RECORD) == Refusal("kiosk.disk_full")


def test_a_kiosk_that_the_centre_does_not_know_gives_nothing(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as kiosk:
        kiosk.knowledge.kiosk = "kiosk-9"
        assert kiosk.issuing.take(RECORD) == Refusal("kiosk.no_numbers", {"kiosk": "kiosk-9"})


def test_after_hours_nothing_is_given_and_the_reason_is_said(tmp_path: Path) -> None:
    with working_kiosk(tmp_path, at=SUNDAY + timedelta(hours=10)) as kiosk:
        assert kiosk.issuing.take(RECORD) == Refusal("closed.over")


def test_while_the_clock_is_not_trusted_hours_close_nothing(tmp_path: Path) -> None:
    with working_kiosk(tmp_path, at=None) as kiosk:
        if kiosk.clock.trusted():
            pytest.skip("this machine's clock is kept by NTP")
        assert isinstance(kiosk.issuing.take(RECORD), Took)


def test_a_stopped_service_is_refused_with_what_staff_said(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as kiosk:
        why = {"ar": "انقطعت الكهرباء", "en": "There is no power"}
        kiosk.knowledge.menu = menu_of(kiosk.centre, stopped={RECORD.service: why})
        refusal = kiosk.issuing.take(RECORD)
    assert isinstance(refusal, Refusal) and refusal.reason == why


def test_tickets_that_the_server_does_not_know_yet_count_against_the_cap(tmp_path: Path) -> None:
    wish = replace(RECORD, service="clean-record")
    with working_kiosk(tmp_path) as kiosk:
        kiosk.knowledge.menu = menu_of(kiosk.centre, issued_today={wish.service: 39})
        assert isinstance(kiosk.issuing.take(wish), Took)
        assert kiosk.issuing.take(wish) == Refusal("closed.cap_reached")


def test_numbers_begin_above_what_the_server_knows_after_a_lost_journal(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as kiosk:
        line = kiosk.centre.service[RECORD.service].line
        kiosk.knowledge.menu = menu_of(kiosk.centre, used_numbers={KIOSK: {line: 41}})
        took = kiosk.issuing.take(RECORD)
    assert isinstance(took, Took) and took.number == "A042"


def test_yesterdays_menu_does_not_raise_todays_numbers(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as kiosk:
        line = kiosk.centre.service[RECORD.service].line
        yesterday = menu_of(kiosk.centre, used_numbers={KIOSK: {line: 41}}, day=SUNDAY.date() - timedelta(days=1))
        kiosk.knowledge.menu = yesterday
        took = kiosk.issuing.take(RECORD)
    assert isinstance(took, Took) and took.number == "A001"


def test_the_list_of_papers_is_printed_without_a_number(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as kiosk:
        assert kiosk.issuing.print_papers("home-rental", "en") is None
        assert len(kiosk.printer.slips) == 1
        assert kiosk.journal.of_day(SUNDAY.date()) == []


def test_every_refusal_has_a_sentence_in_every_language(centre: Centre) -> None:
    keys = ["kiosk.no_settings", "kiosk.disk_full", "kiosk.not_here", "kiosk.cannot_store", "problem.wrong_machine"]
    for language in LANGUAGES:
        words = Words(language)
        assert all(words.has(key) for key in keys)
        assert "kiosk-9" in words("kiosk.no_numbers", kiosk="kiosk-9")
        assert "3" in words("kiosk.stuck_button", button="3")
