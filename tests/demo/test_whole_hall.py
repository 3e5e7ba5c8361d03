"""A stranger at the hall page, in a real browser: from a touch on the real kiosk to the real board."""

import os
import re
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import faultless_page, running_browser
from tests.demo.running import RunningDemo, until

pytestmark = pytest.mark.browser

ARABIC, ENGLISH = "ar", "en"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with faultless_page(browser) as page:
        yield page


def open_hall(page: Page, demo: RunningDemo, language: str) -> None:
    page.goto(f"{demo.address}/?language={language}")
    for screen in ("kiosk", "board"):
        expect(page.locator(f"#{screen} img")).to_be_visible(timeout=15_000)


def place_of(demo: RunningDemo, what: str) -> tuple[float, float]:
    """Where it is on the kiosk's picture, as fractions, as soon as it is there."""
    x, y = until(
        lambda: next((at for name, at in demo.state("kiosk")["targets"].items() if name.startswith(what)), None)
    )
    return x, y


def touch(page: Page, demo: RunningDemo, what: str) -> None:
    """Touch something on the kiosk's picture; the kiosk itself tells where it is."""
    x, y = place_of(demo, what)
    box = page.locator("#kiosk img").bounding_box()
    assert box
    page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def reach(page: Page, demo: RunningDemo, wanted: str, touched: str) -> None:
    """Touch until the kiosk is on the wanted page; it takes one touch, later ones meet a page that has turned."""
    touch(page, demo, touched)
    until(lambda: demo.state("kiosk")["page"] == wanted)


def take_a_ticket(page: Page, demo: RunningDemo) -> str:
    reach(page, demo, "services", "OpenCategory")
    reach(page, demo, "service", "OpenService")
    reach(page, demo, "ticket", "TakeTicket")
    return str(demo.state("kiosk")["number"])


@pytest.mark.parametrize("language", [ARABIC, ENGLISH])
def test_a_stranger_takes_a_ticket_calls_it_and_sees_it_on_the_board(
    page: Page, demo: RunningDemo, language: str
) -> None:
    open_hall(page, demo, language)
    slips = page.locator("#slips li").count()

    number = take_a_ticket(page, demo)
    expect(page.locator("#slips li")).to_have_count(slips + 1, timeout=15_000)
    assert page.locator("#slips img").first.evaluate("img => img.decode().then(() => img.naturalWidth)") > 300

    frame = int(page.locator("#board").get_attribute("data-frame") or 0)
    box = page.locator('.box[data-counter="1"]')
    box.locator("button.next").click()
    expect(box.locator(".status")).to_contain_text(number, timeout=10_000)
    calls = until(lambda: [call for call in demo.ask("/api/v1/board")["calls"] if call["number"] == number])
    assert calls[0]["counter"] == "1"
    until(lambda: int(page.locator("#board").get_attribute("data-frame") or 0) > frame)
    lit = box.locator(".digits svg").evaluate_all("all => all.map(one => one.querySelectorAll('.lit').length)")
    assert sum(1 for count in lit if count) == 3
    reach(page, demo, "categories", "Home")
    # The double-press guard of a real box.
    page.wait_for_timeout(1600)


def test_a_refused_press_says_why(page: Page, demo: RunningDemo) -> None:
    open_hall(page, demo, ENGLISH)
    box = page.locator('.box[data-counter="2"]')
    box.locator("button.recall").click()
    expect(box.locator(".answer")).to_contain_text("Nobody is at counter", timeout=10_000)


def test_a_slip_can_be_enlarged_and_closed_again_by_keyboard(page: Page, demo: RunningDemo) -> None:
    open_hall(page, demo, ENGLISH)
    page.locator("#slips button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()


def test_the_kiosk_can_be_touched_by_keyboard(page: Page, demo: RunningDemo) -> None:
    """The pointer begins in the middle; from there the arrows lead it into a category's tile."""
    open_hall(page, demo, ENGLISH)
    x, y = place_of(demo, "OpenCategory")
    page.locator("#kiosk").focus()
    page.keyboard.press("ArrowUp")
    step_y = 0.04 * page.locator("#kiosk img").evaluate("img => img.naturalWidth / img.naturalHeight")
    for _ in range(max(0, round((0.5 - y) / step_y) - 1)):
        page.keyboard.press("ArrowUp")
    for _ in range(round(abs(0.5 - x) / 0.04)):
        page.keyboard.press("ArrowLeft" if x < 0.5 else "ArrowRight")
    expect(page.locator("#kiosk .pointer")).to_be_visible()
    page.keyboard.press("Enter")
    until(lambda: demo.state("kiosk")["page"] == "services")
    reach(page, demo, "categories", "Back")


@pytest.mark.parametrize("language", [ARABIC, ENGLISH])
@pytest.mark.parametrize("width", [1280, 800, 360])
def test_nothing_has_to_be_scrolled_sideways(page: Page, demo: RunningDemo, language: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 780})
    open_hall(page, demo, language)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.dir") == ("rtl" if language == ARABIC else "ltr")


def test_the_other_language_is_one_press_away_and_stays_in_the_address(page: Page, demo: RunningDemo) -> None:
    open_hall(page, demo, ARABIC)
    page.get_by_role("link", name="English").click()
    expect(page).to_have_url(re.compile(r"language=en"))
    expect(page.get_by_role("heading", name="Counter boxes")).to_be_visible()


def test_everything_comes_from_one_address(page: Page, demo: RunningDemo) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_hall(page, demo, ENGLISH)
    assert [url for url in asked if not url.startswith(demo.address)] == []


def test_the_links_lead_to_the_servers_own_answers(page: Page, demo: RunningDemo) -> None:
    open_hall(page, demo, ENGLISH)
    links = page.locator("footer a").evaluate_all("all => all.map(one => one.href)")
    assert len(links) >= 4
    assert [page.request.get(link).status for link in links] == [200] * len(links)


def test_a_device_that_is_gone_is_said_over_its_picture(own_demo: RunningDemo, page: Page) -> None:
    open_hall(page, own_demo, ENGLISH)
    [board] = [id for id, command in own_demo.children().items() if "-m display " in command]
    os.kill(board, signal.SIGKILL)
    expect(page.locator("#board .silent")).to_be_visible(timeout=10_000)
    expect(page.locator("#board .silent")).to_be_hidden(timeout=20_000)


def test_a_demo_that_has_ended_is_said(browser: Browser, own_demo: RunningDemo) -> None:
    page = browser.new_page()
    open_hall(page, own_demo, ENGLISH)
    own_demo.end()
    expect(page.locator("#lost")).to_contain_text("make demo", timeout=10_000)
    page.close()


@pytest.mark.parametrize("language", [ARABIC, ENGLISH])
def test_every_page_of_the_server_is_one_press_away(page: Page, demo: RunningDemo, language: str) -> None:
    open_hall(page, demo, language)
    for link in page.locator("nav.pages a").all():
        with page.context.expect_page() as opened:
            link.click()
        expect(opened.value.locator("html")).to_have_attribute("lang", language)
        expect(opened.value.locator("h1").first).to_be_attached()
        opened.value.close()
