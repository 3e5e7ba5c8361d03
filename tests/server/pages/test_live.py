"""The managers' page in a real browser on a real server: what it shows, and the three things that one does there."""

from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dawr.client import Client
from tests.browser import PHONE, faultless_page
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
    expect(live.locator("[data-counter='1'] .of-lines")).to_have_text("AC")
    assert hall_server.get("/counters/1").json["lines"] == ["civil", "land"]


def drag(page: Page, source: Locator, target: Locator) -> None:
    """Take something with the mouse and let it go over a counter."""
    source.scroll_into_view_if_needed()
    for step, place in enumerate((source, target)):
        box = place.bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=1 + 4 * step)
        if place is source:
            page.mouse.down()


def lines_of(server: RunningServer, counter: str) -> Any:
    view = server.get(f"/counters/{counter}").json
    return view["lines"], view["state"]


@pytest.fixture
def as_it_was(hall_server: RunningServer) -> Iterator[None]:
    """Counter 1 is closed and serves its own line, before and after."""
    begin_anew(hall_server)
    yield
    begin_anew(hall_server)


def begin_anew(server: RunningServer) -> None:
    server.post("/counters/1/open", {"lines": ["civil"]})
    server.post("/counters/1/close")


def test_a_line_is_dragged_to_a_counter_and_that_is_undone(
    hall_server: RunningServer, live: Page, as_it_was: None
) -> None:
    before = lines_of(hall_server, "1")
    card = live.locator("[data-counter='1']")
    expect(card).to_have_attribute("data-state", "closed")
    drag(live, live.locator("[data-line=land] .held"), card)
    expect(live.locator(".ghost")).to_have_text("Counter ⁦1⁩ opens and calls from ⁨C – Land registry⁩ as well")
    assert lines_of(hall_server, "1") == before, "nothing is done before it is let go"
    live.mouse.up()
    expect(card.locator(".of-lines")).to_have_text("AC")
    assert lines_of(hall_server, "1") == (["civil", "land"], "open")
    expect(live.locator("#answer")).to_contain_text("now calls from")
    live.get_by_role("button", name="Undo").click()
    expect(card).to_have_attribute("data-state", "closed")
    assert lines_of(hall_server, "1") == before
    expect(live.locator("#undo")).to_be_hidden()


def test_an_undo_of_a_drag_does_not_take_back_what_the_clerk_did_since(
    hall_server: RunningServer, live: Page, as_it_was: None
) -> None:
    ticket = hall_server.post("/tickets", {"service": "birth"}).json
    drag(live, live.locator("[data-line=land] .held"), live.locator("[data-counter='1']"))
    live.mouse.up()
    expect(live.locator("#undo")).to_be_visible()
    hall_server.post("/counters/1/call", {"ticket": ticket["id"]})
    live.get_by_role("button", name="Undo").click()
    expect(live.locator("#answer")).to_contain_text("only its last action can be")
    assert hall_server.get(f"/tickets/{ticket['id']}").json["state"] == "called"


def test_a_counters_lines_are_dragged_by_finger_and_what_it_has_is_passed_over(
    hall_server: RunningServer, browser: Browser, as_it_was: None
) -> None:
    with faultless_page(browser, viewport=PHONE, has_touch=True) as page:
        page.goto(f"{hall_server.address}/live?language=en")
        source, card = page.locator("[data-counter='2'] header b"), page.locator("[data-counter='1']")
        expect(source).to_have_attribute("data-lines", "land civil")
        source.scroll_into_view_if_needed()
        finger = page.context.new_cdp_session(page)

        def touch(kind: str, place: Locator | None) -> None:
            box = place.bounding_box() if place else None
            points = [{"x": box["x"] + 20, "y": box["y"] + 20}] if box else []
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        touch("touchStart", source)
        touch("touchMove", source.locator("xpath=../.."))
        touch("touchMove", card)
        expect(page.locator(".ghost")).to_contain_text("opens and calls from ⁨C – Land registry⁩ as well")
        touch("touchEnd", None)
        expect(card.locator(".of-lines")).to_have_text("AC")
    assert lines_of(hall_server, "1") == (["civil", "land"], "open")


def test_a_drag_that_is_broken_off_or_ends_nowhere_does_nothing(hall_server: RunningServer, live: Page) -> None:
    before = lines_of(hall_server, "1")
    held, card = live.locator("[data-line=land] .held"), live.locator("[data-counter='1']")
    drag(live, held, card)
    live.keyboard.press("Escape")
    expect(live.locator(".ghost")).to_have_count(0)
    live.mouse.up()
    drag(live, held, live.locator("#devices"))
    expect(live.locator(".ghost")).to_contain_text("onto which counter?")
    live.mouse.up()
    drag(live, live.locator("[data-counter='2'] [data-lines=civil]"), live.locator("[data-counter='2']"))
    live.mouse.up()
    assert (lines_of(hall_server, "1"), live.locator("#answer").inner_text()) == (before, "")


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


def test_a_television_that_only_looks_on_is_not_among_the_devices(hall_server: RunningServer, browser: Browser) -> None:
    context = browser.new_context()
    board, live = context.new_page(), context.new_page()
    board.goto(f"{hall_server.address}/board")
    hall_server.post("/tickets", {"service": "birth"})
    hall_server.post("/counters/1/call-next", {})
    expect(board.locator("#latest .number")).to_be_visible()
    live.goto(f"{hall_server.address}/live?language=en")
    expect(live.locator("#figures")).to_be_visible()
    expect(live.locator("#devices li").first).to_be_visible()
    expect(live.locator("#devices li").filter(has_text="Board")).to_have_count(0)
    context.close()
