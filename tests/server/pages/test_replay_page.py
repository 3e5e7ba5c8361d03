"""A day played again in a real browser: it runs, stops, can be dragged, and shows what the log says."""

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from server.keeping.log import Log
from server.practice.busy_day import busy_day
from server.practice.play_day import play
from tests.browser import PHONE, barriers, faultless_page
from tests.halls import small_centre
from tests.server.running import RunningServer

pytestmark = pytest.mark.browser

DAY = date(2025, 11, 16)


@pytest.fixture(scope="module")
def busy_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("busy")
    log = Log(folder / "data")
    play(small_centre(), log, busy_day(small_centre(), DAY, 120, seed=1))
    log.close()
    server = RunningServer(folder)
    yield server
    server.kill()


def opened(server: RunningServer, page: Page, day: str, language: str = "en") -> Page:
    page.goto(f"{server.address}/reports/replay?day={day}&language={language}")
    return page


def hall_at(server: RunningServer, at_s: float) -> tuple[int, dict[str, str]]:
    """Who waits in all and the state of each counter at a moment, from the server's own answer."""
    waiting: dict[str, int] = {}
    counters: dict[str, str] = {}
    for moment in server.get(f"/reports/replay?day={DAY}").json["moments"]:
        if moment["at_s"] <= at_s:
            waiting |= moment["waiting"]
            counters |= {id: desk["doing"] or desk["state"] for id, desk in moment["counters"].items()}
    return sum(waiting.values()), counters


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_hall_is_as_it_was_at_each_moment_that_is_chosen(
    busy_server: RunningServer, page: Page, language: str
) -> None:
    opened(busy_server, page, str(DAY), language)
    expect(page.locator("#hall")).to_be_visible()
    for at_s in (9000, 14_000, 3000):  # forwards and back
        page.locator("#moment").fill(str(at_s))
        waiting, counters = hall_at(busy_server, at_s)
        expect(page.locator("#all-waiting")).to_contain_text(str(waiting))
        assert page.locator(".people i").count() == waiting
        assert barriers(page) == []
        for id, doing in counters.items():
            expect(page.locator(f"[data-counter='{id}']")).to_have_attribute("data-doing", doing)


def test_time_runs_stops_and_ends_with_the_day(busy_server: RunningServer, page: Page) -> None:
    opened(busy_server, page, str(DAY))
    expect(page.locator("#hall")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(".calls li").first).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Pause").click()
    stopped_at = page.locator("#moment").input_value()
    assert float(stopped_at) > 0
    page.locator("[name=speed]").select_option("900")
    page.locator("#moment").fill(str(int(float(page.locator("#moment").get_attribute("max") or 0)) - 900))
    page.get_by_role("button", name="Play").click()
    expect(page.locator("#said")).to_have_text("The day is over.", timeout=15_000)
    expect(page.locator("#all-waiting")).to_contain_text("0")


def test_a_day_on_which_nothing_happened_says_so(busy_server: RunningServer, page: Page) -> None:
    opened(busy_server, page, "2025-11-10")
    expect(page.locator("#said")).to_contain_text("Nothing happened on")
    expect(page.locator("#play")).to_be_disabled()
    page.locator("[name=day]").fill(str(DAY))
    expect(page.locator("#hall")).to_be_visible()


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_day_played_again_fits_a_phone(busy_server: RunningServer, browser: Browser, language: str) -> None:
    with faultless_page(browser, viewport=PHONE) as page:
        opened(busy_server, page, str(DAY), language)
        expect(page.locator("#hall")).to_be_visible()
        page.locator("#moment").fill("9000")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
