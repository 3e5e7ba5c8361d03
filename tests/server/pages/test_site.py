"""What every page of the centre has in common, in a real browser on a real server."""

import gzip
import re
import urllib.error
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from server.pages.site import PAGES
from tests.browser import DESK, PHONE, barriers, faultless_page
from tests.server.running import RunningServer

pytestmark = pytest.mark.browser

PATHS = {page.name: page.path.replace("{counter}", "2") for page in PAGES}


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_page_fits_its_screen_in_both_languages_and_complains_of_nothing(
    hall_server: RunningServer, browser: Browser, name: str, language: str, size: dict[str, int]
) -> None:
    with faultless_page(browser, viewport=size) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{hall_server.address}{PATHS[name]}?language={language}")
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("document.documentElement.lang") == language
        assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert [url for url in asked if not url.startswith(hall_server.address)] == [], "all comes from the centre"


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_nothing_on_a_page_keeps_anybody_from_using_it(
    hall_server: RunningServer, page: Page, name: str, language: str
) -> None:
    page.goto(f"{hall_server.address}{PATHS[name]}?language={language}")
    expect(page.locator("h1")).to_be_visible()
    assert barriers(page) == []


def test_a_chosen_language_is_kept(hall_server: RunningServer, page: Page) -> None:
    page.goto(f"{hall_server.address}/")
    expect(page.locator("html")).to_have_attribute("lang", "en")  # the browser's
    page.get_by_role("link", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    page.goto(f"{hall_server.address}/counter/1")
    expect(page.locator("html")).to_have_attribute("lang", "ar")


def test_an_unknown_counter_is_said_in_a_sentence(hall_server: RunningServer, page: Page) -> None:
    answer = page.request.get(f"{hall_server.address}/counter/77?language=en")
    assert (answer.status, "counter" in answer.text()) == (404, True)


def test_a_page_says_that_its_server_is_gone_and_goes_on_by_itself(
    hall_server: RunningServer, browser: Browser
) -> None:
    page = browser.new_page()
    page.goto(f"{hall_server.address}/?language=en")
    page.context.set_offline(True)
    expect(page.locator("#lost")).to_contain_text("No connection", timeout=10_000)
    page.context.set_offline(False)
    expect(page.locator("#lost")).to_be_hidden(timeout=10_000)
    page.close()


def fetch(server: RunningServer, path: str, **headers: str) -> tuple[Any, bytes]:
    asked = urllib.request.Request(f"{server.address}{path}", headers=headers)
    with urllib.request.urlopen(asked) as answer:
        return answer.headers, answer.read()


@pytest.mark.parametrize("path", ["/live", "/counter/1", "/static/clerk.js", "/static/clerk.css"])
def test_what_a_page_is_made_of_is_compressed_for_who_can_read_that(hall_server: RunningServer, path: str) -> None:
    plain, whole = fetch(hall_server, path)
    packed, few = fetch(hall_server, path, **{"Accept-Encoding": "br, gzip"})
    assert (plain["Content-Encoding"], packed["Content-Encoding"]) == (None, "gzip")
    assert plain["Content-Type"] == packed["Content-Type"]
    assert plain["Vary"] == packed["Vary"] == "Accept-Encoding"
    assert gzip.decompress(few) == whole
    assert len(few) < 0.5 * len(whole)
    assert fetch(hall_server, path, **{"Accept-Encoding": "gzip;q=0"})[0]["Content-Encoding"] is None


def test_a_file_is_kept_for_a_year_by_its_version_and_asked_for_again_without(hall_server: RunningServer) -> None:
    page = fetch(hall_server, "/live")[1].decode()
    versioned = re.findall(r'"(/static/live\.js\?v=\w+)"', page)
    assert "max-age=31536000" in fetch(hall_server, versioned[0])[0]["Cache-Control"]
    for path in ("/static/live.js", "/static/live.js?v=old"):
        assert fetch(hall_server, path)[0]["Cache-Control"] == "no-cache"


def test_the_two_forms_of_a_file_are_never_taken_for_each_other(hall_server: RunningServer) -> None:
    gzipped = {"Accept-Encoding": "gzip"}
    plain, packed = (fetch(hall_server, "/static/live.js", **headers)[0]["ETag"] for headers in ({}, gzipped))
    assert plain != packed
    with pytest.raises(urllib.error.HTTPError, match="304"):
        fetch(hall_server, "/static/live.js", **gzipped, **{"If-None-Match": packed})
    assert fetch(hall_server, "/static/live.js", **{"If-None-Match": packed})[0]["ETag"] == plain
