"""Alerts reach another program when they begin and when they end, whatever becomes of it or of us."""

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dawr.messages import CloseCounter, IssueTicket, OpenCounter
from dawr.overview import Trouble
from dawr.settings.server import Webhook
from server.outgoing.damper import Damper
from server.outgoing.webhook import AlertTold, Teller
from server.telling.attendance import Attendance
from server.telling.needs import Need, Needs
from tests.halls import LiveHall
from tests.house.source import ROOT
from tests.peer import until
from tests.server.outgoing.receiver import Receiver
from tests.server.running import RunningServer


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    receiver.up()
    yield receiver
    receiver.down()


class Looking:
    """A teller whose time is the test's: a look every two seconds."""

    def __init__(self, receiver: Receiver, folder: Path, kinds: tuple[Any, ...] = (Trouble.UNSERVED,)) -> None:
        self.receiver, self.folder, self.kinds = receiver, folder, kinds
        self.live, self.now_s = LiveHall(), 1000.0
        self.unsent: list[Need] = []
        self.secret: str | None = None
        self.start()

    def start(self) -> None:
        centre = self.live.hall.centre
        needs = Needs(Attendance(centre), dict)
        needs.hear(lambda: self.unsent)
        self.teller = Teller(
            Webhook(address=self.receiver.address, alerts=self.kinds, secret_file=self.secret),
            centre,
            lambda: self.live.hall,
            needs,
            lambda: self.live.now,
            self.folder,
            lambda: self.now_s,
            answer_s=0.3,
        )

    def look(self, for_s: float) -> None:
        for _ in range(round(for_s / 2)):
            self.now_s += 2
            self.teller.look()

    def said(self) -> list[tuple[str, str, str]]:
        return [(one["what"], one["kind"], one.get("line") or one["device"]) for one in self.receiver.told]


@pytest.fixture
def looking(receiver: Receiver, tmp_path: Path) -> Looking:
    return Looking(receiver, tmp_path)


BEGINS, ENDS = ("begins", "unserved", "civil"), ("ends", "unserved", "civil")


def test_an_alert_is_told_when_it_begins_and_when_it_ends(looking: Looking) -> None:
    looking.look(20)
    assert looking.said() == []
    looking.live.do(IssueTicket(service="birth"))
    looking.look(60)
    assert looking.said() == [BEGINS]
    looking.live.do(OpenCounter(counter="1"), after_s=60)
    looking.look(60)
    assert looking.said() == [BEGINS, ENDS]
    began, ended = looking.receiver.told
    assert began["id"] == ended["id"]
    assert began["since"] == ended["since"] < ended["at"]
    assert began["centre"] == "small"
    assert began["sentence"] == {
        "ar": "دور A – السجل المدني: هناك منتظرون ولا شباك مفتوح يخدمهم",
        "en": "Line A – Civil registry: people wait and no open counter serves it",
    }
    assert looking.receiver.headers[0]["path"] == "/alerts?for=hall"


def test_what_is_over_within_fifteen_seconds_is_not_told(looking: Looking) -> None:
    looking.live.do(IssueTicket(service="birth"))
    for _ in range(10):
        looking.look(14)
        looking.live.do(OpenCounter(counter="1"))
        looking.look(2)
        looking.live.do(CloseCounter(counter="1"))
    assert looking.said() == []


def test_a_gap_of_less_than_fifteen_seconds_does_not_end_it() -> None:
    damper = Damper()
    there = [second for second in range(0, 200, 2) if second % 20 < 10 or second < 20]
    held = {second: damper.look(second, ["it"] if second in there else []) for second in range(0, 200, 2)}
    assert [second for second in held if not held[second]] == [0, 2, 4, 6, 8, 10, 12, 14]
    assert damper.look(220, []) == set()


def test_a_signed_alert_proves_who_sent_it(looking: Looking) -> None:
    secret = looking.folder / "secret"
    secret.write_text("between us\n")
    secret.chmod(0o600)
    looking.secret = str(secret)
    looking.start()
    looking.live.do(IssueTicket(service="birth"))
    looking.look(20)
    [body], [headers] = looking.receiver.bodies, looking.receiver.headers
    assert headers["Dawr-Signature"] == "sha256=" + hmac.new(b"between us", body, hashlib.sha256).hexdigest()


def test_a_program_that_was_down_is_told_when_it_is_up_again(looking: Looking) -> None:
    looking.receiver.down()
    looking.live.do(IssueTicket(service="birth"))
    looking.look(40)
    assert [one.key for one in looking.teller.unsent()] == ["alert.unsent_webhook"]
    looking.receiver.up()
    looking.look(70)
    assert looking.said() == [BEGINS]
    assert looking.teller.unsent() == []


def test_what_came_and_went_while_the_program_was_down_is_not_told(looking: Looking) -> None:
    looking.receiver.down()
    looking.live.do(IssueTicket(service="birth"))
    looking.look(40)
    looking.live.do(OpenCounter(counter="1"))
    looking.look(20)
    looking.receiver.up()
    looking.look(100)
    assert looking.said() == []


@pytest.mark.parametrize("status", [301, 404, 500])
def test_what_is_answered_with_anything_but_2xx_is_sent_again(looking: Looking, status: int) -> None:
    looking.receiver.status = status
    looking.live.do(IssueTicket(service="birth"))
    looking.look(20)
    looking.receiver.status = 200
    looking.look(100)
    assert looking.said() == [BEGINS]


def test_a_restart_neither_repeats_nor_forgets(looking: Looking) -> None:
    looking.live.do(IssueTicket(service="birth"))
    looking.look(20)
    looking.start()
    looking.look(60)
    assert looking.said() == [BEGINS]
    looking.live.do(OpenCounter(counter="1"))
    looking.start()
    looking.look(60)
    assert looking.said() == [BEGINS, ENDS]
    assert looking.receiver.told[0]["id"] == looking.receiver.told[1]["id"]


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"told": [{"id": 1}]}', '{"told": 7}'])
def test_a_damaged_memory_is_begun_anew(looking: Looking, text: str) -> None:
    (looking.folder / "alerts_told.json").write_text(text)
    looking.start()
    looking.live.do(IssueTicket(service="birth"))
    looking.look(20)
    assert looking.said() == [BEGINS]


def test_only_the_chosen_kinds_are_told_and_never_the_program_of_itself(receiver: Receiver, tmp_path: Path) -> None:
    looking = Looking(receiver, tmp_path, kinds=(Trouble.SILENT, Trouble.UNSENT))
    looking.unsent = [
        Need("mail", "unsent.unreachable", {"host": "mail.example.org"}),
        Need("webhook", "unsent.unreachable", {"host": "example.org"}),
    ]
    looking.live.do(IssueTicket(service="birth"))
    looking.look(20)
    assert looking.said() == [
        ("begins", "silent", "kiosk-1"),
        ("begins", "silent", "kiosk-2"),
        ("begins", "unsent", "mail"),
    ]


def test_a_program_that_never_answers_holds_nothing_up(tmp_path: Path) -> None:
    """In the server itself: while the alert waits for its answer, the hall goes on."""
    receiver = Receiver(silent=True)
    receiver.up()
    (tmp_path / "server.toml").write_text(f'[webhook]\naddress = "{receiver.address}"\nalerts = ["unserved"]\n')
    server = RunningServer(tmp_path)
    try:
        server.post("/tickets", {"service": "birth"})
        until(receiver.asked.is_set, 60)
        for _ in range(20):
            assert server.post("/tickets", {"service": "birth"}).status == 201
        assert server.get("/overview").status == 200
        assert receiver.told == []
    finally:
        assert server.stop() == 0
        receiver.down()


def test_the_page_tells_every_field() -> None:
    page = (ROOT / "docs/alerts-and-daily-report.md").read_text("utf-8")
    assert [name for name in AlertTold.model_fields if f"| `{name}` |" not in page] == []
