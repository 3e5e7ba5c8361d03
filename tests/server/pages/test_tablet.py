"""The tablet at a counter, in a real browser on a real server."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import barriers, faultless_page
from tests.server.running import RunningServer

pytestmark = pytest.mark.browser

TABLET = {"width": 1024, "height": 768}


@pytest.fixture
def tablet(hall_server: RunningServer, browser: Browser) -> Iterator[Page]:
    with faultless_page(browser, viewport=TABLET) as page:
        page.goto(f"{hall_server.address}/counter/3/tablet?language=en")
        yield page


def visit(server: RunningServer, *then: str) -> Any:
    """A visitor who was called to counter 3, and what happened then."""
    ticket = server.post("/tickets", {"service": "deed", "language": "en"}).json
    assert server.post("/counters/3/call", {"ticket": ticket["id"]}).status == 200
    for done in then:
        assert server.post(f"/counters/3/{done}").status == 200
    return ticket


def given(server: RunningServer) -> list[Any]:
    page = server.get("/log?limit=1000").json
    return [one["event"] | {"at": None} for one in page["events"] if one["name"] == "FeedbackGiven"]


def answer(server: RunningServer, ticket: Any, counter: str = "3") -> None:
    """What the page sends for a tap."""
    body = f"visit={ticket['id']}&score=1".encode()
    address = f"{server.address}/counter/{counter}/tablet/feedback"
    urllib.request.urlopen(urllib.request.Request(address, body, method="POST")).close()


def test_the_tablet_shows_who_is_called_asks_after_the_visit_and_thanks(
    hall_server: RunningServer, tablet: Page
) -> None:
    before = given(hall_server)
    ticket = visit(hall_server)
    expect(tablet.locator("#number")).to_have_text(ticket["number"])
    expect(tablet.locator("#now")).to_have_attribute("data-state", "called")
    expect(tablet.locator("#rate")).to_be_hidden()
    hall_server.post("/counters/3/serve")
    expect(tablet.locator("#now")).to_have_attribute("data-state", "serving")
    hall_server.post("/counters/3/complete")
    expect(tablet.locator("legend")).to_contain_text("How was your visit?")
    expect(tablet.locator("legend")).to_contain_text("كيف كانت زيارتك؟")
    tablet.get_by_role("button", name="Good").click()
    expect(tablet.locator("#thanks")).to_be_visible()
    expect(tablet.locator("#rate")).to_be_hidden()
    answer(hall_server, ticket)  # a second time is not heard
    assert given(hall_server) == [*before, {"at": None, "service": "deed", "score": 3}]
    assert ticket["id"] not in json.dumps(given(hall_server))
    tablet.reload()
    expect(tablet.locator("#now")).to_have_attribute("data-state", "open")
    expect(tablet.locator("#rate")).to_be_hidden()


def test_the_question_is_gone_when_the_next_visitor_has_come(hall_server: RunningServer, tablet: Page) -> None:
    first = visit(hall_server, "complete")
    expect(tablet.locator("#rate")).to_be_visible()
    visit(hall_server)
    expect(tablet.locator("#rate")).to_be_visible()
    hall_server.post("/counters/3/serve")
    expect(tablet.locator("#rate")).to_be_hidden()
    hall_server.post("/counters/3/complete")
    expect(tablet.locator("#rate")).to_be_visible()
    before = given(hall_server)
    answer(hall_server, first)  # it is another visit that is asked about now
    assert given(hall_server) == before


@pytest.mark.parametrize("end", ["park", "transfer"])
def test_who_is_not_done_is_not_asked(hall_server: RunningServer, tablet: Page, end: str) -> None:
    done = visit(hall_server, "serve", "complete")
    answer(hall_server, done)
    visit(hall_server, "serve", end)
    expect(tablet.locator("#now")).to_have_attribute("data-state", "open")
    expect(tablet.locator("#rate")).to_be_hidden()


def test_no_counter_is_answered_for_another(hall_server: RunningServer) -> None:
    ticket, before = visit(hall_server, "complete"), given(hall_server)
    answer(hall_server, ticket, counter="2")
    assert given(hall_server) == before


def test_what_was_said_on_the_phone_is_not_asked_again_at_the_counter(hall_server: RunningServer, tablet: Page) -> None:
    ticket = visit(hall_server, "complete")
    expect(tablet.locator("#rate")).to_be_visible()
    address = f"{hall_server.address}/t/{ticket['id']}/feedback"
    urllib.request.urlopen(urllib.request.Request(address, b"score=2", method="POST")).close()
    tablet.reload()
    expect(tablet.locator("#now")).to_have_attribute("data-state", "open")
    expect(tablet.locator("#rate")).to_be_hidden()


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_question_fits_the_tablet(hall_server: RunningServer, browser: Browser, language: str) -> None:
    with faultless_page(browser, viewport=TABLET) as page:
        page.goto(f"{hall_server.address}/counter/3/tablet?language={language}")
        visit(hall_server, "complete")
        expect(page.locator("#rate")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= TABLET["width"]
        assert page.evaluate("document.documentElement.scrollHeight") <= TABLET["height"]
        assert barriers(page) == []
