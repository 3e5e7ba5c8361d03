"""The day's report by mail: when it is due, what it says, and that no day is lost or sent twice."""

import io
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest

from dawr.language import LANGUAGES
from dawr.messages import CallNext, Complete, IssueTicket, OpenCounter, StartDay
from dawr.settings.server import Mail
from dawr.words import Words
from server.outgoing.by_mail import ByMail
from server.outgoing.daily import Way
from server.reports.telling import figure
from tests.peer import until
from tests.server.live_writer import LiveWriter
from tests.server.outgoing.evening import CENTRE, SUNDAY, Evening, at
from tests.server.outgoing.mail_server import PASSWORD, MailServer, certificate, tls_of
from tests.server.running import ALWAYS_OPEN, RunningServer


def by(mail: Mail) -> Callable[[Evening], list[Way]]:
    """Mailed as these settings say."""
    return lambda evening: [
        ByMail(mail, CENTRE, evening.days, lambda: evening.live.now, evening.record).daily(evening.words)
    ]


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer().up() as server:
        yield server


def settings(server: MailServer, **facts: Any) -> Mail:
    return Mail.model_validate(
        {
            "host": "localhost",
            "port": server.port,
            "security": "none",
            "sender": "dawr@example.org",
            "to": ["manager@example.org", "deputy@example.org"],
            **facts,
        }
    )


@pytest.fixture
def centre(live_writer: LiveWriter, server: MailServer) -> Evening:
    """The Sunday before had one visit, this one begins."""
    live_writer.now = at(9, day=15)
    centre = Evening(live_writer, by(settings(server)))
    live_writer.do(OpenCounter(counter="1"))
    centre.visit()
    centre.new_day(at(8))
    live_writer.do(OpenCounter(counter="1"))
    return centre


# --- When it is due -----------------------------------------------------------------------------------------------


def test_a_day_is_mailed_once_when_its_hours_are_over(centre: Evening, server: MailServer) -> None:
    centre.look()
    centre.visit()
    centre.look(at(15, 29), 60)
    assert server.taken == []
    centre.look(at(15, 30), 60)
    assert len(server.taken) == 1
    centre.look(at(18), 600)
    assert len(server.taken) == 1
    assert centre.sent == [("day-2026-11-22", "manager@example.org, deputy@example.org")]


def test_who_is_still_served_after_closing_is_waited_for(centre: Evening, server: MailServer) -> None:
    centre.look()
    centre.live.now = at(15, 20)
    centre.live.do(IssueTicket(service="birth", language="ar"))
    centre.look(at(15, 45), 60)
    assert server.taken == []
    centre.live.do(CallNext(counter="1"))
    centre.live.do(Complete(counter="1"))
    centre.look()
    assert len(server.taken) == 1


def test_half_an_hour_after_closing_nobody_is_waited_for(centre: Evening, server: MailServer) -> None:
    centre.look()
    centre.live.now = at(15, 20)
    centre.live.do(IssueTicket(service="birth", language="ar"))
    centre.look(at(15, 59), 60)
    assert server.taken == []
    centre.look(at(16, 0))
    assert len(server.taken) == 1


def test_a_restart_sends_nothing_twice(centre: Evening, server: MailServer) -> None:
    centre.look()
    centre.visit()
    centre.look(at(15, 30))
    centre.start()
    centre.look(at(15, 40), 60)
    centre.new_day(at(4, day=23))
    centre.start()
    centre.look(at(8, day=23), 60)
    assert len(server.taken) == 1


def test_a_day_that_the_power_cut_off_is_made_up_for_in_the_morning(centre: Evening, server: MailServer) -> None:
    centre.look()
    centre.visit()
    centre.new_day(at(7, day=23))
    centre.start()
    centre.look()
    assert "Sunday 22 November 2026" in plain(server.taken[0]["Subject"])
    assert len(server.taken) == 1


def test_what_was_before_it_was_switched_on_is_not_sent(centre: Evening, server: MailServer) -> None:
    centre.look(at(9), 60)
    assert server.taken == []


def test_a_day_without_a_ticket_is_not_mailed(centre: Evening, server: MailServer) -> None:
    centre.look()
    centre.look(at(16), 60)
    centre.new_day(at(7, day=23))
    centre.look(for_s=60)
    assert server.taken == []


def test_while_nobody_vouches_for_the_time_no_day_is_over(centre: Evening, server: MailServer) -> None:
    centre.look()
    centre.visit()
    centre.vouched = False
    centre.look(at(18), 60)
    assert server.taken == []
    centre.vouched = True
    centre.look()
    assert len(server.taken) == 1


# --- What it says -------------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    return " ".join(text.split())


def part(mail: EmailMessage, kind: str) -> Any:
    [found] = [one for one in mail.walk() if one.get_content_type() == kind]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_says_the_main_figures_beside_the_same_weekday_before(
    centre: Evening, server: MailServer, language: str
) -> None:
    centre.language = language
    centre.start()
    centre.look()
    for _ in range(3):
        centre.visit()
    centre.look(at(15, 30))
    [mail] = server.taken
    assert set(server.envelopes[0].rcpt_tos) == {"manager@example.org", "deputy@example.org"}
    words, report = Words(language), centre.days.report(SUNDAY)
    assert report.compared and (report.total.visits, report.compared.total.visits) == (3, 1)
    text, html = part(mail, "text/plain").get_content(), part(mail, "text/html").get_content()
    assert f'dir="{"rtl" if language == "ar" else "ltr"}"' in html.partition(">")[0] + html.partition("<html")[2][:30]
    for said in (text, html):
        for column in ("visits", "completed", "mean_wait_s", "longest_wait_s"):
            assert words(f"report.{column}") in said
            assert figure(column, report.total, words) in said
    assert "⁦" not in text + str(mail["Subject"]), "marks of direction show as boxes"
    assert CENTRE.centre.name[language] in str(mail["From"])  # type: ignore[index]


def test_the_whole_report_is_attached_and_opens(centre: Evening, server: MailServer) -> None:
    centre.look()
    centre.visit()
    centre.visit("deed", counter="2")
    centre.look(at(15, 30))
    [mail] = server.taken
    pdf, xlsx = list(mail.iter_attachments())
    assert [one.get_filename() for one in (pdf, xlsx)] == [
        "dawr-small-2026-11-22.pdf",
        "dawr-small-2026-11-22.xlsx",
    ]
    assert "Small centre" in pypdf.PdfReader(io.BytesIO(pdf.get_content())).pages[0].extract_text()
    book = openpyxl.load_workbook(io.BytesIO(xlsx.get_content()))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[1][1] == datetime(2026, 11, 22)
    assert rows[-1][1] == centre.days.report(SUNDAY).total.visits


def test_a_mail_of_the_same_day_is_known_for_the_same(centre: Evening, server: MailServer) -> None:
    centre.look()
    centre.visit()
    for minute in (30, 40):
        centre.look(at(15, minute))
        (centre.live.folder / "reports_sent.json").write_text('{"mail": "2026-11-21"}')
        centre.start()
    assert len({mail["Message-ID"] for mail in server.taken}) == 1
    assert len(server.taken) == 2


# --- What can go wrong --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["451 later", "552 too large"])
def test_a_mail_that_is_refused_is_tried_again_until_it_is_taken(
    centre: Evening, server: MailServer, answer: str
) -> None:
    server.answer = answer
    centre.look()
    centre.visit()
    centre.look(at(15, 30), 600)
    assert centre.alerts() == [
        f"The report of 2026-11-22 could not be mailed: localhost did not take the mail: {answer} It is tried again."
    ]
    server.answer = "250 taken"
    centre.new_day(at(7, day=23))
    centre.look(for_s=900)
    assert len(server.taken) == 1
    assert centre.alerts() == []


def test_without_a_network_nothing_is_lost(centre: Evening, server: MailServer) -> None:
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))
        centre.ways = by(settings(server, port=nobody.getsockname()[1]))
        centre.start()
        centre.look()
        centre.visit()
        centre.look(at(15, 30), 60)
        assert centre.alerts() == [
            "The report of 2026-11-22 could not be mailed: Nothing answers at localhost. It is tried again."
        ]
        centre.new_day(at(8, day=23))
        centre.live.do(OpenCounter(counter="1"))
        centre.visit()
        centre.look(at(16, day=23), 60)
    centre.ways = by(settings(server))
    centre.start()
    centre.look()
    assert [plain(mail["Subject"]).rpartition(": ")[2] for mail in server.taken] == [
        "Sunday 22 November 2026",
        "Monday 23 November 2026",
    ]


def test_it_is_not_tried_all_the_time(centre: Evening, server: MailServer) -> None:
    tried = []
    server.answer = "451 later"
    centre.look()
    centre.visit()
    [way] = centre.daily._ways
    send = way.send
    way.send = lambda day: tried.append(day) or send(day)  # type: ignore[func-returns-value]
    centre.look(at(15, 30), 3600)
    assert 4 <= len(tried) <= 8


def test_those_whom_the_mail_server_does_not_know_are_named_and_the_others_get_it(
    centre: Evening, server: MailServer
) -> None:
    server.unknown = {"deputy@example.org"}
    centre.look()
    centre.visit()
    centre.look(at(15, 30), 60)
    assert [one.rcpt_tos for one in server.envelopes] == [["manager@example.org"]]
    assert centre.alerts() == [
        "The report of 2026-11-22 was mailed, but not to everybody:"
        " localhost does not take mail for deputy@example.org."
    ]


# --- Over a line that nobody reads --------------------------------------------------------------------------------


@pytest.fixture
def secret_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate that this machine trusts, and the password in its file."""
    file = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n")
    password.chmod(0o600)
    return file


def secret_settings(server: MailServer, folder: Path) -> Mail:
    return settings(server, security="starttls", user="dawr", password_file=str(folder / "password"))


def sent_by(live: LiveWriter, mail: Mail) -> Evening:
    centre = Evening(live, by(mail))
    live.do(StartDay(day=SUNDAY))
    live.do(OpenCounter(counter="1"))
    centre.look()
    centre.visit()
    centre.look(at(15, 30), 60)
    return centre


def test_the_password_goes_over_a_secret_line_only(live_writer: LiveWriter, tmp_path: Path, secret_line: Path) -> None:
    with MailServer().up(starttls=tls_of(secret_line)) as server:
        centre = sent_by(live_writer, secret_settings(server, tmp_path))
        assert (len(server.taken), centre.alerts()) == (1, [])
        assert server.passwords == [(PASSWORD, True)]


def test_tls_from_the_first_byte_works_too(live_writer: LiveWriter, tmp_path: Path, secret_line: Path) -> None:
    with MailServer().up(tls=tls_of(secret_line)) as server:
        sent_by(live_writer, settings(server, security="tls"))
        assert len(server.taken) == 1


def test_a_wrong_password_is_said_and_a_right_one_is_used_without_a_restart(
    live_writer: LiveWriter, tmp_path: Path, secret_line: Path
) -> None:
    (tmp_path / "password").write_text("wrong")
    with MailServer().up(starttls=tls_of(secret_line)) as server:
        centre = sent_by(live_writer, secret_settings(server, tmp_path))
        assert centre.alerts() == [
            "The report of 2026-11-22 could not be mailed:"
            " localhost does not accept the name or the password. It is tried again."
        ]
        (tmp_path / "password").write_text(PASSWORD)
        centre.look(for_s=900)
        assert (len(server.taken), centre.alerts()) == (1, [])


def test_who_cannot_prove_to_be_the_mail_server_gets_no_password(
    live_writer: LiveWriter, tmp_path: Path, secret_line: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with MailServer().up(starttls=tls_of(secret_line)) as server:
        centre = sent_by(live_writer, secret_settings(server, tmp_path))
        assert "could not prove who it is" in centre.alerts()[0]
        assert (server.taken, server.passwords) == ([], [])


def test_a_password_that_others_can_read_by_now_is_not_used(
    live_writer: LiveWriter, tmp_path: Path, secret_line: Path
) -> None:
    (tmp_path / "password").chmod(0o644)
    with MailServer().up(starttls=tls_of(secret_line)) as server:
        centre = sent_by(live_writer, secret_settings(server, tmp_path))
        assert "The file with the secret" in centre.alerts()[0]
        assert server.passwords == []


# --- In the server itself -----------------------------------------------------------------------------------------


def test_the_server_mails_the_day_by_itself_after_a_restart(tmp_path: Path, server: MailServer) -> None:
    (tmp_path / "server.toml").write_text(
        f'[mail]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\nsender = "dawr@example.org"\n'
        'to = ["manager@example.org"]\n[report]\nmail = true\nlanguage = "ar"\n'
    )
    running = RunningServer(tmp_path, "--trust-clock")
    try:
        assert running.post("/tickets", {"service": "birth"}).status == 201
        running.post("/counters/1/call")
        running.post("/counters/1/complete")
        running.stop()
        running.config.write_text(ALWAYS_OPEN.replace("00:00-24:00", "00:00-00:01"), "utf-8")
        running.start()
        until(lambda: server.taken, 30)
        assert "مركز صغير" in str(server.taken[0]["Subject"])
    finally:
        running.kill()
