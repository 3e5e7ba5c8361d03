"""A manager who cannot wait for the evening: a day is sent when a button is pressed."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from server.keeping.log import Log
from server.practice.busy_day import busy_day
from server.practice.play_day import play
from tests.browser import faultless_page, running_browser
from tests.halls import small_centre
from tests.server.outgoing.mail_server import MailServer
from tests.server.running import RunningServer

SUNDAY = date(2025, 11, 16)


@pytest.fixture(scope="module")
def mail_server() -> Iterator[MailServer]:
    with MailServer().up() as server:
        yield server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, mail_server: MailServer) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("by-hand")
    log = Log(folder / "data")
    play(small_centre(), log, busy_day(small_centre(), SUNDAY, 40, seed=1))
    log.close()
    (folder / "server.toml").write_text(
        f'[mail]\nhost = "127.0.0.1"\nport = {mail_server.port}\nsecurity = "none"\n'
        'sender = "dawr@example.org"\nto = ["manager@example.org"]\n'
    )
    server = RunningServer(folder)
    yield server
    server.kill()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


def press(server: RunningServer, kind: str = "application/json", **wanted: Any) -> Any:
    request = urllib.request.Request(
        f"{server.address}/reports/mail", json.dumps(wanted).encode(), {"Content-Type": kind}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "button", "said"),
    [("en", "Mail this day", "is on its way to"), ("ar", "إرسال هذا اليوم بالبريد", "في طريقه إلى")],
)
def test_the_day_that_is_shown_is_mailed_with_a_press(
    server: RunningServer, mail_server: MailServer, browser: Browser, language: str, button: str, said: str
) -> None:
    mail_server.taken.clear()
    with faultless_page(browser) as page:
        page.goto(f"{server.address}/reports?from={SUNDAY}&to={SUNDAY}&language={language}")
        page.get_by_role("button", name=button).click()
        expect(page.locator("#sent")).to_contain_text(said)
        assert len(mail_server.taken) == 1
        html = mail_server.taken[0].get_body(("html",))
        assert html
        assert f'lang="{language}"' in html.get_content()


@pytest.mark.browser
def test_of_several_days_none_can_be_mailed(server: RunningServer, browser: Browser) -> None:
    with faultless_page(browser) as page:
        page.goto(f"{server.address}/reports?from=2025-11-15&to={SUNDAY}&language=en")
        expect(page.locator("#report")).to_be_visible()
        expect(page.get_by_role("button", name="Mail this day")).to_be_hidden()


@pytest.mark.browser
def test_without_a_mail_server_there_is_no_button(hall_server: RunningServer, browser: Browser) -> None:
    hall_server.post("/tickets", {"service": "birth"})
    with faultless_page(browser) as page:
        page.goto(f"{hall_server.address}/reports?language=en")
        expect(page.locator("#report")).to_be_visible()
        expect(page.get_by_role("button", name="Mail this day")).to_be_hidden()


def test_why_a_mail_was_not_taken_is_said_to_whoever_pressed(server: RunningServer, mail_server: MailServer) -> None:
    mail_server.answer = "552 too large"
    told = press(server, day=str(SUNDAY), language="en")
    mail_server.answer = "250 taken"
    assert told["sent"] is False
    assert "was not mailed" in told["sentence"]
    assert "552 too large" in told["sentence"]


def test_a_day_without_tickets_is_not_mailed(server: RunningServer, mail_server: MailServer) -> None:
    mail_server.taken.clear()
    assert press(server, day="2025-11-14", language="en")["sent"] is False
    assert mail_server.taken == []


@pytest.mark.parametrize(
    ("kind", "wanted", "status"),
    [
        ("text/plain", {"day": str(SUNDAY), "language": "en"}, 415),
        ("application/json", {"day": "tomorrow", "language": "en"}, 422),
        ("application/json", {"language": "en"}, 422),
    ],
)
def test_what_is_no_such_wish_is_refused(server: RunningServer, kind: str, wanted: dict[str, str], status: int) -> None:
    with pytest.raises(urllib.error.HTTPError) as refusal:
        press(server, kind, **wanted)
    assert refusal.value.code == status
