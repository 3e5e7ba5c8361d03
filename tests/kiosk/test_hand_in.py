"""Handing in: every ticket reaches the server once, whatever the network and the server do in between."""

import queue
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dawr.clock import Clock, Hardware
from dawr.errors import Refused, ServerUnreachable
from dawr.messages import HandIn, SkipNumber
from dawr.numbers import NumberRange
from dawr.settings.centre import Centre
from kiosk.hand_in import MOST, REFUSED_AGAIN_S, HandingIn
from kiosk.journal import Fate, Journal, Wish
from tests.kiosk.working import KIOSK


class Server:
    """A server's side of `call`: keeps what is handed in, is away or refuses when told to."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.skipped: list[tuple[str, str, str]] = []
        self.away = False
        self.refuses: dict[str, str] = {}

    def call(self, event: str, payload: Mapping[str, Any], _deadline_s: float) -> Mapping[str, Any]:
        if self.away:
            raise ServerUnreachable("away")
        if event == SkipNumber.NAME:
            return self.skip(payload)
        command = HandIn.model_validate(payload)
        assert (event, command.issuer) == ("hand-in", KIOSK)
        for ticket in command.tickets:
            if ticket.number in self.refuses:
                raise Refused({"code": self.refuses[ticket.number], "detail": ticket.number})
        self.batches.append([ticket.number for ticket in command.tickets])
        self.last = command
        return {}

    def skip(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        command = SkipNumber.model_validate({name: value for name, value in payload.items() if name != "command_id"})
        if command.number in self.refuses:
            raise Refused({"code": self.refuses[command.number], "detail": command.number})
        self.skipped.append((payload["command_id"], command.number, command.why))
        return {}


class Kiosk:
    def __init__(self, folder: Path, centre: Centre) -> None:
        self.file, self.centre, self.clock, self.server = folder / "journal.sqlite", centre, Clock(), Server()
        self.open()

    def open(self) -> None:
        self.journal = Journal(self.file, KIOSK)
        self.handing_in = HandingIn(self.journal, KIOSK, self.server.call, self.clock)

    def give(self, fate: Fate = Fate.PRINTED) -> str:
        wish = Wish(service="individual-record", language="ar")
        given = self.journal.give(wish, self.centre, NumberRange(1, 500), self.clock.now())
        if fate is not Fate.ISSUED:
            self.journal.settle(given.id, fate)
        return given.number

    def hand_in_all(self) -> None:
        while self.handing_in.hand_in():
            pass


@pytest.fixture
def kiosk(tmp_path: Path, centre: Centre) -> Kiosk:
    return Kiosk(tmp_path, centre)


def test_tickets_are_handed_in_oldest_first_and_once(kiosk: Kiosk) -> None:
    numbers = [kiosk.give() for _ in range(3)]
    kiosk.hand_in_all()
    kiosk.hand_in_all()
    assert kiosk.server.batches == [numbers]
    assert kiosk.journal.not_handed_in() == 0


def test_a_number_that_is_on_no_paper_is_told_as_skipped_and_once(kiosk: Kiosk) -> None:
    printed, failed = kiosk.give(), kiosk.give(Fate.FAILED)
    kiosk.hand_in_all()
    kiosk.hand_in_all()
    assert kiosk.server.batches == [[printed]]
    assert [said[1:] for said in kiosk.server.skipped] == [(failed, "not_printed")]


def test_a_skipped_number_waits_for_the_server_and_is_always_told_as_the_same_command(kiosk: Kiosk) -> None:
    kiosk.give(Fate.FAILED)
    kiosk.server.away = True
    kiosk.hand_in_all()
    kiosk.server.away = False
    [skip] = kiosk.journal.untold_skips(9)
    kiosk.hand_in_all()
    assert [said[0] for said in kiosk.server.skipped] == [f"skip-{skip.id}"]


def test_a_skipped_number_that_the_server_refuses_holds_nothing_up(kiosk: Kiosk) -> None:
    refused, other = kiosk.give(Fate.FAILED), kiosk.give(Fate.FAILED)
    kiosk.server.refuses[refused] = "number_taken"
    kiosk.hand_in_all()
    assert [said[1] for said in kiosk.server.skipped] == [other]
    assert kiosk.journal.refusals() == 1


def test_many_tickets_go_in_batches(kiosk: Kiosk) -> None:
    numbers = [kiosk.give() for _ in range(MOST + 7)]
    kiosk.hand_in_all()
    assert kiosk.server.batches == [numbers[:MOST], numbers[MOST:]]


def test_what_was_given_while_the_server_was_away_is_handed_in_after_a_restart(kiosk: Kiosk) -> None:
    kiosk.server.away = True
    number = kiosk.give()
    kiosk.hand_in_all()
    kiosk.journal.close()
    kiosk.open()
    kiosk.server.away = False
    kiosk.hand_in_all()
    assert kiosk.server.batches == [[number]]


def test_a_ticket_in_doubt_is_handed_in_with_its_flag(kiosk: Kiosk) -> None:
    kiosk.give(Fate.IN_DOUBT)
    kiosk.hand_in_all()
    assert [ticket.in_doubt for ticket in kiosk.server.last.tickets] == [True]


def test_what_failed_or_is_still_printing_is_not_handed_in(kiosk: Kiosk) -> None:
    kiosk.give(Fate.FAILED)
    kiosk.give(Fate.ISSUED)
    kiosk.hand_in_all()
    assert kiosk.server.batches == []
    assert kiosk.journal.not_handed_in() == 1, "the one whose slip may be coming out"


def test_a_refused_ticket_is_marked_and_holds_nobody_up(kiosk: Kiosk) -> None:
    numbers = [kiosk.give() for _ in range(3)]
    kiosk.server.refuses = {numbers[1]: "number_taken"}
    kiosk.hand_in_all()
    assert kiosk.server.batches == [[numbers[0]], [numbers[2]]]
    assert (kiosk.journal.refusals(), kiosk.journal.not_handed_in()) == (1, 1)
    assert _problems(kiosk.file) == {numbers[1]: "number_taken"}


def test_a_refused_ticket_is_tried_again_some_minutes_later(tmp_path: Path, centre: Centre) -> None:
    boottime_s = [20.0]
    kiosk = Kiosk(tmp_path, centre)
    kiosk.clock = Clock(Hardware("b1", lambda: boottime_s[0], lambda: datetime.now(UTC), lambda: True))
    kiosk.open()
    number = kiosk.give()
    kiosk.server.refuses = {number: "number_taken"}
    for _ in range(3):
        kiosk.handing_in.hand_in_all()
        boottime_s[0] += REFUSED_AGAIN_S
    kiosk.handing_in.hand_in_all()
    kiosk.server.refuses = {}
    kiosk.handing_in.hand_in_all()
    assert kiosk.server.batches == []
    boottime_s[0] += REFUSED_AGAIN_S
    kiosk.handing_in.hand_in_all()
    assert kiosk.server.batches == [[number]]


def test_a_refused_ticket_is_tried_again_at_the_next_start(kiosk: Kiosk) -> None:
    number = kiosk.give()
    kiosk.server.refuses = {number: "unknown_service"}
    kiosk.hand_in_all()
    kiosk.server.refuses = {}
    kiosk.journal.try_refused_again()
    kiosk.hand_in_all()
    assert kiosk.server.batches == [[number]]


@pytest.mark.parametrize("code", ["storage_failed", "unexpected", "unknown_issuer"])
def test_trouble_of_the_server_itself_is_waited_out(kiosk: Kiosk, code: str) -> None:
    number = kiosk.give()
    kiosk.server.refuses = {number: code}
    kiosk.hand_in_all()
    assert kiosk.journal.refusals() == 0
    kiosk.server.refuses = {}
    kiosk.hand_in_all()
    assert kiosk.server.batches == [[number]]


def test_everything_that_the_visitor_chose_arrives(kiosk: Kiosk) -> None:
    wish = Wish(service="collect-document", language="en", visitor_class="elderly", reference="77/2026")
    given = kiosk.journal.give(wish, kiosk.centre, NumberRange(1, 500), kiosk.clock.now())
    kiosk.journal.settle(given.id, Fate.PRINTED)
    kiosk.hand_in_all()
    (ticket,) = kiosk.server.last.tickets
    assert ticket == given.printed()
    assert (ticket.service, ticket.language, ticket.visitor_class, ticket.reference) == (
        "collect-document",
        "en",
        "elderly",
        "77/2026",
    )


def _problems(file: Path) -> dict[str, str]:
    rows = sqlite3.connect(file).execute("SELECT number, problem FROM ticket WHERE problem IS NOT NULL").fetchall()
    return dict(rows)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_defect_in_handing_in_is_told_and_does_not_pass_in_silence(kiosk: Kiosk) -> None:
    told: queue.SimpleQueue[BaseException] = queue.SimpleQueue()

    def call(_event: str, _payload: Mapping[str, Any], _deadline_s: float) -> Mapping[str, Any]:
        raise AttributeError("a defect")

    kiosk.give()
    handing_in = HandingIn(kiosk.journal, KIOSK, call, kiosk.clock, told.put)
    handing_in.start()
    assert str(told.get(timeout=5)) == "a defect"
    handing_in.stop()
