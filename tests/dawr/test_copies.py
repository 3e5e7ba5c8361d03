"""Copies of slips in the hall: they are in the log, and change nothing else."""

import pytest

from dawr.errors import UnknownKiosk, UnknownTicket
from dawr.messages import AskCopy, CopyAsked, CopyEnded, EndCopy, IssueTicket, StartDay
from tests.halls import LiveHall


def hall_with_a_ticket() -> LiveHall:
    live = LiveHall()
    live.do(IssueTicket(service="birth"))
    return live


def end(copy: str, outcome: str = "printed") -> EndCopy:
    return EndCopy.model_validate(
        {"kiosk": "kiosk-1", "id": copy, "ticket": "t", "number": "A901", "asked_by": "staff", "outcome": outcome}
    )


def test_a_copy_changes_no_ticket_no_line_and_no_number() -> None:
    live = hall_with_a_ticket()
    before = (dict(live.hall.tickets), live.hall.waiting(), {who: dict(used) for who, used in live.hall.issued.items()})
    [asked] = live.do(AskCopy(ticket="a901", kiosk="kiosk-2"), 1)
    assert isinstance(asked, CopyAsked) and (asked.number, asked.kiosk) == ("A901", "kiosk-2")
    live.do(end(asked.id), 2)
    assert before == (live.hall.tickets, live.hall.waiting(), live.hall.issued)


def test_what_became_of_a_copy_is_logged_once() -> None:
    live = hall_with_a_ticket()
    [asked] = live.do(AskCopy(ticket="A901", kiosk="kiosk-1"))
    assert isinstance(asked, CopyAsked) and live.hall.copies[asked.id].outcome is None
    [ended] = live.do(end(asked.id, "in_doubt"))
    assert isinstance(ended, CopyEnded) and live.do(end(asked.id)) == []
    assert live.hall.copies[asked.id].outcome == "in_doubt"


def test_a_copy_that_nobody_asked_the_server_for_is_logged_too_also_on_another_day() -> None:
    live = hall_with_a_ticket()
    assert live.hall.day
    live.do(StartDay(day=live.hall.day.replace(day=23)))
    [ended] = live.do(end("c-of-yesterday"))
    assert isinstance(ended, CopyEnded)


def test_a_ticket_of_the_reception_has_no_kiosk_of_its_own() -> None:
    with pytest.raises(UnknownKiosk):
        hall_with_a_ticket().do(AskCopy(ticket="A901"))
    with pytest.raises(UnknownTicket):
        hall_with_a_ticket().do(AskCopy(ticket="A902", kiosk="kiosk-1"))


def test_a_published_hall_does_not_change_with_the_next_copy() -> None:
    live = hall_with_a_ticket()
    published = live.hall.copy()
    live.do(AskCopy(ticket="A901", kiosk="kiosk-1"))
    assert published.copies == {}
