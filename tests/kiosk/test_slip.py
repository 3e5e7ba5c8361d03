from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dawr.language import LANGUAGES
from dawr.slip import PapersFacts, Qr, Row, Text, TicketFacts, papers_rows, ticket_rows
from dawr.words import Words
from kiosk.transport import Cause

FACTS = TicketFacts(
    centre={"ar": "مركز خدمة المواطن", "en": "Citizen Service Centre"},
    number="A012",
    service={"ar": "بيان ولادة", "en": "Birth certificate"},
    language="en",
)
BARE = "".maketrans("", "", "\u2066\u2067\u2068\u2069")


def said(rows: list[Row]) -> str:
    return "\n".join(row.text for row in rows if isinstance(row, Text)).translate(BARE)


def text_row(rows: list[Row], text: str) -> Text:
    return next(row for row in rows if isinstance(row, Text) and text in row.text.translate(BARE))


def test_the_number_is_the_largest_thing_on_the_slip() -> None:
    assert [
        row.text.translate(BARE) for row in ticket_rows(FACTS) if isinstance(row, Text) and row.size == "number"
    ] == ["A012"]


def test_a_slip_names_the_centre_and_the_service_and_says_to_watch_the_board() -> None:
    text = said(ticket_rows(FACTS))
    for part in ("Citizen Service Centre", "Birth certificate", "watch the board"):
        assert part in text


def test_an_arabic_slip_runs_from_right_to_left_and_an_english_one_from_left_to_right() -> None:
    assert text_row(ticket_rows(replace(FACTS, language="ar")), "بيان ولادة").direction == "rtl"
    assert text_row(ticket_rows(FACTS), "Birth").direction == "ltr"


def test_a_name_that_the_centre_gave_in_arabic_only_keeps_its_direction_on_an_english_slip() -> None:
    rows = ticket_rows(replace(FACTS, service={"ar": "بيان ولادة (مصدق)"}))
    assert text_row(rows, "بيان").direction == "rtl"


@pytest.mark.parametrize(("ahead", "sentence"), [(0, "Nobody"), (1, "1 person is"), (12, "12 people are")])
def test_a_slip_says_how_many_people_are_ahead(ahead: int, sentence: str) -> None:
    assert sentence in said(ticket_rows(replace(FACTS, ahead=ahead)))


@pytest.mark.parametrize(
    ("ahead", "sentence"),
    [(0, "لا أحد أمامك"), (1, "شخص واحد"), (2, "شخصان"), (3, "3 أشخاص"), (11, "11 شخصًا"), (100, "100 شخص.")],
)
def test_arabic_counts_people_as_arabic_does(ahead: int, sentence: str) -> None:
    assert sentence in said(ticket_rows(replace(FACTS, language="ar", ahead=ahead)))


def test_the_centres_message_stands_at_the_foot_in_the_slips_language() -> None:
    message = {"ar": "شكراً لصبركم.", "en": "Thank you for your patience."}
    at = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    texts = said(ticket_rows(replace(FACTS, message=message, joined_at=at))).splitlines()
    assert texts.index("Thank you for your patience.") == texts.index("Keep this slip and watch the board.") + 1
    assert text_row(ticket_rows(replace(FACTS, message=message, language="ar")), "شكراً").direction == "rtl"
    assert text_row(ticket_rows(replace(FACTS, message={"ar": "شكراً"})), "شكراً").direction == "rtl"


def test_what_is_not_known_is_not_printed() -> None:
    text = said(ticket_rows(FACTS))
    for part in ("ahead", "wait", "Fee", "Papers", "Transaction", "Scan", "2026"):
        assert part not in text
    assert not any(isinstance(row, Qr) for row in ticket_rows(FACTS))


def test_the_expected_wait_is_a_range() -> None:
    assert "10 to 25 minutes" in said(ticket_rows(replace(FACTS, wait_minutes=(10, 25))))
    assert "up to 5 minutes" in said(ticket_rows(replace(FACTS, wait_minutes=(0, 5))))


def test_the_time_is_printed_when_the_clock_is_trusted() -> None:
    text = said(ticket_rows(replace(FACTS, joined_at=datetime(2026, 11, 22, 8, 5, tzinfo=UTC))))
    assert "08:05 Sunday 22 November 2026" in text


def test_papers_are_listed_one_by_one_with_the_fee() -> None:
    facts = replace(FACTS, papers=({"en": "Identity card"}, {"en": "2 photographs"}), fee={"en": "1,500 SYP"})
    rows = ticket_rows(facts)
    assert text_row(rows, "Identity card").mark and text_row(rows, "2 photographs").mark
    assert "Fee: 1,500 SYP" in said(rows)


def test_all_digits_are_in_the_centres_form() -> None:
    facts = replace(
        FACTS,
        language="ar",
        digits="arabic",
        ahead=12,
        papers=({"ar": "4 صور"},),
        fee={"ar": "1500 ل.س"},
        reference="2026-7",
        wait_minutes=(5, 20),
        joined_at=datetime(2026, 11, 22, 8, 5, tzinfo=UTC),
    )
    text = said(ticket_rows(facts))
    assert "A٠١٢" in text
    assert not any(digit in text for digit in "0123456789")


def test_a_copy_says_so_loudly_in_every_language() -> None:
    for language in LANGUAGES:
        rows = ticket_rows(replace(FACTS, language=language, copy=True))
        bands = [row.text for row in rows if isinstance(row, Text) and row.inverted]
        assert bands == ["نسخة · COPY"] * 2
    assert not any(isinstance(row, Text) and row.inverted for row in ticket_rows(FACTS))


def test_reference_class_and_code_are_on_the_slip() -> None:
    facts = replace(FACTS, reference="2026-00417", visitor_class={"en": "Elderly"}, code="http://10.0.0.2/t/7f3a")
    rows = ticket_rows(facts)
    assert "Transaction 2026-00417" in said(rows) and "Elderly" in said(rows)
    assert Qr("http://10.0.0.2/t/7f3a") in rows


def test_a_sheet_of_papers_carries_no_number_and_says_that_it_is_no_ticket() -> None:
    facts = PapersFacts(centre=FACTS.centre, service=FACTS.service, language="en", papers=({"en": "Identity card"},))
    rows = papers_rows(replace(facts, usual_minutes=20))
    assert "Identity card" in said(rows) and "not a ticket" in said(rows) and "20 minutes" in said(rows)
    assert not any(isinstance(row, Text) and row.size == "number" for row in rows)


def test_a_service_without_papers_says_so_in_the_sheets_language() -> None:
    for language in LANGUAGES:
        rows = papers_rows(PapersFacts(centre=FACTS.centre, service=FACTS.service, language=language))
        assert Words(language)("slip.no_papers") in said(rows)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", [*Cause, "near_end"])
def test_every_cause_has_a_sentence_in_every_language(language: str, cause: str) -> None:
    assert len(Words(language)(f"printer.{cause}").split()) >= 3
