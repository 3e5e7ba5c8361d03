"""Waits in public, in a real browser on a real server with some weeks behind it."""

import json
import sqlite3
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from dawr.settings.centre import WEEKDAYS, Centre
from dawr.settings.mistakes import parse
from server.keeping.log import Log
from server.practice.busy_day import busy_day
from server.practice.play_day import play
from tests.browser import DESK, PHONE, barriers, faultless_page
from tests.halls import SMALL_CENTRE
from tests.server.running import RunningServer, always_open

pytestmark = pytest.mark.browser

FIRST_LOAD_BYTES = 50_000
THREE_WEEKS = [date.today() - timedelta(days=days) for days in range(23, 1, -1)]
OPEN_DAYS = [day for day in THREE_WEEKS if WEEKDAYS[day.weekday()] in ("sunday", "monday")]


@pytest.fixture(scope="module")
def old_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that has been running for some weeks."""
    folder, centre = tmp_path_factory.mktemp("server"), parse(Centre, SMALL_CENTRE, "small.toml")
    log = Log(folder / "data")
    for seed, day in enumerate(OPEN_DAYS):
        play(centre, log, busy_day(centre, day, 120, seed))
    log.close()
    server = RunningServer(folder, "--trust-clock")  # else it waits for somebody who knows what day it is
    deadline = time.monotonic() + 10
    while server.get("/health").json["day"] == str(OPEN_DAYS[-1]) and time.monotonic() < deadline:
        time.sleep(0.05)
    yield server
    server.kill()


def waits(server: RunningServer, **headers: str) -> Any:
    return urllib.request.urlopen(urllib.request.Request(f"{server.address}/public.json", headers=headers))


def test_what_is_usual_is_what_an_independent_look_at_the_log_finds(old_server: RunningServer) -> None:
    zone, found = always_open().zone, defaultdict(list)
    with sqlite3.connect(f"{(old_server.data / 'hall.sqlite').as_uri()}?mode=ro", uri=True) as log:
        asked = "SELECT line, day, joined_at, first_called_at FROM ticket WHERE day < ? AND first_called_at NOT NULL"
        for line, day, joined, called in log.execute(asked, (old_server.get("/health").json["day"],)):
            weekday = WEEKDAYS[date.fromisoformat(day).weekday()]
            found[line, weekday, datetime.fromtimestamp(joined, zone).hour].append(called - joined)
    median = {key: sorted(all)[ceil(len(all) / 2) - 1] for key, all in found.items() if len(all) >= 5}
    told = {
        (line["id"], one["weekday"], one["hour"]): one["median_wait_s"]
        for line in json.load(waits(old_server))["lines"]
        for one in line["usual"]
    }
    assert len(told) > 10
    assert told == pytest.approx(median)


def test_the_page_says_who_waits_now_and_keeps_up_by_itself(old_server: RunningServer, page: Page) -> None:
    page.clock.install()
    page.goto(f"{old_server.address}/public?language=en")
    civil = page.locator(".lines li").filter(has_text="Civil registry")
    before = int(civil.locator(".waiting b").inner_text())
    civil.locator("summary").click()
    expect(civil.locator("table")).to_be_visible()
    old_server.post("/tickets", {"service": "birth"})
    page.clock.run_for(31_000)
    expect(civil.locator(".waiting b")).to_have_text(str(before + 1))
    expect(civil.locator("table")).to_be_visible()  # what was unfolded stays so
    expect(civil).to_contain_text("No counter is open")
    old_server.post("/counters/1/open")
    page.clock.run_for(31_000)
    expect(civil).to_contain_text("Expected wait")


def test_only_the_json_is_for_other_sites_and_unchanged_it_is_nothing(old_server: RunningServer) -> None:
    answer = waits(old_server)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    with pytest.raises(urllib.error.HTTPError) as unchanged:
        waits(old_server, **{"If-None-Match": answer.headers["ETag"]})
    assert unchanged.value.code == 304
    for path in ("/public", "/api/v1/board"):
        with urllib.request.urlopen(f"{old_server.address}{path}") as other:
            assert other.headers["Access-Control-Allow-Origin"] is None


def test_another_sites_page_can_read_the_json(old_server: RunningServer, browser: Browser, tmp_path: Path) -> None:
    site = tmp_path / "index.html"
    site.write_text("<p>the centre's website</p>")
    page = browser.new_page()
    page.goto(site.as_uri())
    told = page.evaluate("address => fetch(address).then(answer => answer.json())", f"{old_server.address}/public.json")
    assert told["centre"]["en"] == "Small centre"
    page.close()


def test_no_ticket_is_named(old_server: RunningServer) -> None:
    ticket = old_server.post("/tickets", {"service": "deed"}).json
    for path in ("/public", "/public.json"):
        with urllib.request.urlopen(f"{old_server.address}{path}") as answer:
            said = answer.read().decode()
        assert ticket["id"] not in said and ticket["number"] not in said


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_it_fits_and_is_small(old_server: RunningServer, browser: Browser, language: str, size: dict[str, int]) -> None:
    with faultless_page(browser, viewport=size) as page:
        loaded: dict[str, int] = {}
        page.on("response", lambda answer: loaded.update({answer.url: len(answer.body())}))
        page.goto(f"{old_server.address}/public?language={language}", wait_until="networkidle")
        assert sum(loaded.values()) < FIRST_LOAD_BYTES, loaded
        for fold in page.locator("summary").all():
            fold.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert barriers(page) == []
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
