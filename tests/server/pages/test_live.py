"""The managers' page in a real browser on a real server: what it shows, and the three things that one does there."""

from collections.abc import AsyncGenerator

import pytest
from playwright.sync_api import Browser, Page, expect

from dawr.client import Client
from tests.browser import faultless_page
from tests.peer import until
from tests.server.running import RunningServer

pytestmark = pytest.mark.browser


@pytest.fixture
def live(hall_server: RunningServer, page: Page) -> Page:
    page.goto(f"{hall_server.address}/live?language=en")
    expect(page.locator("#devices li")).to_have_count(2)
    return page


def figure(page: Page, name: str) -> int:
    return int(page.locator(f"[data-figure={name}] dd").first.inner_text())


def test_a_ticket_shows_within_seconds_and_a_line_that_nobody_serves_is_an_alert(
    hall_server: RunningServer, live: Page
) -> None:
    before = figure(live, "tickets")
    hall_server.post("/tickets", {"service": "deed"})
    expect(live.locator("[data-figure=tickets] dd").first).to_have_text(str(before + 1), timeout=5_000)
    expect(live.locator("#alerts li[data-trouble=unserved]")).to_contain_text("Land registry")
    assert live.title().startswith("(")
    hall_server.post("/counters/3/call-next")
    expect(live.locator("#alerts li[data-trouble=unserved]")).to_have_count(0, timeout=5_000)
    expect(live.locator("[data-counter='3'] .service")).to_have_text("Property statement")
    expect(live.locator("[data-counter='3'] .since")).to_contain_text("called")


def test_a_service_is_stopped_with_a_reason_in_both_languages_and_offered_again(
    hall_server: RunningServer, live: Page
) -> None:
    live.get_by_role("searchbox").fill("birth")
    row = live.locator("[data-service=birth]")
    row.get_by_role("button").click()
    live.get_by_role("button", name="network").click()
    live.locator("#stop").get_by_role("button", name="Stop", exact=True).click()
    expect(row).to_contain_text("stopped: The service is stopped for now")
    refused = hall_server.post("/tickets", {"service": "birth"})
    assert refused.status == 409
    live.get_by_role("searchbox").fill("")
    expect(row).to_be_visible()
    row.get_by_role("button", name="Offer again").click()
    expect(row).to_be_hidden()
    assert hall_server.post("/tickets", {"service": "birth"}).status == 201


def test_a_reason_is_needed_in_each_language(hall_server: RunningServer, live: Page) -> None:
    live.get_by_role("searchbox").fill("birth")
    live.locator("[data-service=birth]").get_by_role("button").click()
    dialog = live.locator("#stop")
    dialog.locator("input[name=en]").fill("No stamps today.")
    dialog.get_by_role("button", name="Stop", exact=True).click()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    assert hall_server.get("/services").json["services"][0]["open"]


def test_a_counter_takes_a_line_from_another(hall_server: RunningServer, live: Page) -> None:
    live.locator("[data-counter='1']").get_by_role("button").click()
    dialog = live.locator("#of-lines")
    dialog.get_by_label("Civil registry").uncheck()
    expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    dialog.get_by_label("Land registry").check()
    dialog.get_by_label("Civil registry").check()
    dialog.get_by_role("button", name="Save").click()
    expect(live.locator("[data-counter='1'] .of-lines")).to_have_text("A C")
    assert hall_server.get("/counters/1").json["lines"] == ["civil", "land"]


def test_without_a_line_nothing_is_done_and_it_is_said(hall_server: RunningServer, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{hall_server.address}/live?language=en")
    expect(page.locator("#devices li")).to_have_count(2)
    page.context.set_offline(True)
    expect(page.locator("#lost")).to_be_visible(timeout=10_000)
    page.get_by_role("searchbox").fill("property")
    page.locator("[data-service=deed]").get_by_role("button").click()
    page.get_by_role("button", name="network").click()
    page.locator("#stop").get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#answer")).to_contain_text("no connection")
    page.context.set_offline(False)
    expect(page.locator("#lost")).to_be_hidden(timeout=10_000)
    assert hall_server.get("/services").json["services"][1]["open"]
    page.close()


def test_everything_is_in_arabic_for_who_reads_arabic(hall_server: RunningServer, browser: Browser) -> None:
    with faultless_page(browser) as page:
        page.goto(f"{hall_server.address}/live?language=ar")
        expect(page.locator("#devices")).to_contain_text("الكشك")
        expect(page.locator("#devices")).to_contain_text("غير متصل")


def test_a_kiosk_says_itself_what_is_wrong_with_it(hall_server: RunningServer, live: Page) -> None:

    async def find() -> AsyncGenerator[str]:
        yield hall_server.address

    kiosk = Client(find, {"role": "kiosk", "id": "kiosk-1"}, on={})
    kiosk.start()
    until(lambda: kiosk.is_up)
    kiosk.tell("notes", {"notes": [{"key": "printer.paper_out"}]})
    until(lambda: hall_server.get("/kiosks").json["kiosks"][0]["notes"])
    hall_server.post("/tickets", {"service": "birth"})
    expect(live.locator("#alerts")).to_contain_text("The printer is out of paper")
    expect(live.locator("#devices li").first).to_contain_text("out of paper")
    kiosk.stop()


def test_a_screen_in_a_browser_keeps_its_name(hall_server: RunningServer, browser: Browser) -> None:
    context = browser.new_context()
    board, live = context.new_page(), context.new_page()
    live.goto(f"{hall_server.address}/live?language=en")
    boards = live.locator("#devices li").filter(has_text="Board")
    board.goto(f"{hall_server.address}/board")
    expect(boards).to_have_count(1, timeout=15_000)
    board.reload()
    hall_server.post("/tickets", {"service": "birth"})
    expect(live.locator("#figures")).to_be_visible()
    live.reload()
    expect(boards).to_have_count(1)
    context.close()
