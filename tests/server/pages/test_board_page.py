"""The board in a browser, on a real server: what it shows, how large, and that it never shows old news as new."""

import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from display.layout import plan, required_capital_px
from display.theme import THEMES
from tests.browser import barriers, faultless_page
from tests.server.running import RunningServer

pytestmark = pytest.mark.browser

FULL_HD = {"width": 1920, "height": 1080}
SCREENS = ((1080, 1920), (1280, 720), (1920, 1080), (3840, 2160))
CAPITAL_OF_FONT = 0.711
STALE_S = 10
# The page's name of a colour, where it is not the theme's own.
NAMES = {"latest": "latest-card"}


@pytest.fixture
def wall(browser: Browser) -> Iterator[Page]:
    """A page on a television."""
    with faultless_page(browser, viewport=FULL_HD) as page:
        yield page


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server that may be killed and comes again at the same address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = RunningServer(tmp_path, "--port", str(port))
    yield server
    server.kill()


def call_one(server: RunningServer, service: str = "birth", counter: str = "1") -> str:
    server.post("/tickets", {"service": service})
    number: str = server.post(f"/counters/{counter}/call-next").json["ticket"]["number"]
    return number


def resize(page: Page, width: int, height: int) -> None:
    """Turn the screen into another one; the page follows with its next frame."""
    page.set_viewport_size({"width": width, "height": height})
    expect(page.locator("header")).to_have_css("width", f"{width}px")
    page.evaluate("() => new Promise((go) => requestAnimationFrame(() => setTimeout(go)))")


def test_it_shows_the_latest_call_those_before_it_and_who_waits(hall_server: RunningServer, wall: Page) -> None:
    wall.goto(f"{hall_server.address}/board")
    first = call_one(hall_server)
    second = call_one(hall_server, "deed", "3")
    hall_server.post("/tickets", {"service": "birth"})
    expect(wall.locator("#latest .number")).to_have_text(second)
    expect(wall.locator("#latest .counter")).to_have_text("3")
    expect(wall.locator("#calls .number").first).to_have_text(first)
    expect(wall.locator("#waiting .count").first).to_have_text("1")
    expect(wall.locator("#counters [data-state=open]")).to_have_text(["1", "3"])
    expect(wall.locator("html")).to_have_attribute("dir", "rtl")  # the centre's language, not the browser's
    assert wall.locator("#waiting .name").first.inner_text().split("\n") == ["السجل المدني", "Civil registry"]


def test_a_new_call_flashes_and_an_old_one_does_not(own_server: RunningServer, wall: Page) -> None:
    wall.goto(f"{own_server.address}/board")
    expect(wall.locator(".calm b").first).to_have_text("لم يُنادَ على أي رقم بعد")
    call_one(own_server)
    expect(wall.locator("#latest.lit")).to_be_visible()
    expect(wall.locator("#latest.lit")).to_have_count(0, timeout=10_000)


def test_sound_is_offered_once_and_a_press_switches_it_on(hall_server: RunningServer, wall: Page) -> None:
    wall.goto(f"{hall_server.address}/board")
    expect(wall.locator("#sound")).to_contain_text("Press OK for sound")
    wall.keyboard.press("Enter")
    expect(wall.locator("#sound")).to_be_hidden()
    expect(wall.locator("body.mute")).to_have_count(0)


def test_a_killed_server_makes_it_stale_and_a_restart_makes_it_right_again(
    own_server: RunningServer, browser: Browser
) -> None:
    page = browser.new_page(viewport=FULL_HD)
    page.goto(f"{own_server.address}/board")
    number = call_one(own_server)
    expect(page.locator("#latest .number")).to_have_text(number)
    own_server.kill()
    expect(page.locator("body.stale")).to_have_count(1, timeout=STALE_S * 1000)
    expect(page.locator("#footer")).to_contain_text("No connection to the server")
    expect(page.locator("#footer")).to_contain_text("الاتصال بالخادم مقطوع")
    expect(page.locator("#latest .number")).to_have_text(number)
    own_server.start()
    expect(page.locator("body.stale")).to_have_count(0, timeout=STALE_S * 1000)
    following = call_one(own_server)
    expect(page.locator("#latest .number")).to_have_text(following)
    page.close()


def test_a_server_that_only_falls_silent_is_noticed_within_ten_seconds(
    own_server: RunningServer, browser: Browser
) -> None:
    page = browser.new_page(viewport=FULL_HD)
    page.goto(f"{own_server.address}/board")
    call_one(own_server)
    expect(page.locator("#latest .number")).to_be_visible()
    own_server.process.send_signal(signal.SIGSTOP)
    silent = time.monotonic()
    expect(page.locator("body.stale")).to_have_count(1, timeout=2 * STALE_S * 1000)
    assert time.monotonic() - silent < STALE_S
    own_server.process.send_signal(signal.SIGCONT)
    expect(page.locator("body.stale")).to_have_count(0, timeout=STALE_S * 1000)
    page.close()


def test_another_log_is_another_board(own_server: RunningServer, browser: Browser) -> None:
    page = browser.new_page(viewport=FULL_HD)
    page.goto(f"{own_server.address}/board")
    call_one(own_server)
    expect(page.locator("#latest .number")).to_be_visible()
    page.evaluate("document.documentElement.dataset.loaded = 'before'")
    own_server.kill()
    own_server.data.rename(own_server.folder / "old")
    own_server.start()
    expect(page.locator("html:not([data-loaded])")).to_be_visible(timeout=15_000)
    expect(page.locator(".calm")).to_be_visible()
    page.close()


def test_it_does_not_grow_with_the_calls(hall_server: RunningServer, wall: Page) -> None:
    wall.goto(f"{hall_server.address}/board")
    call_one(hall_server)
    expect(wall.locator("#latest .number")).to_be_visible()
    before = wall.evaluate("document.querySelectorAll('*').length")
    for _ in range(30):
        last = call_one(hall_server)
    expect(wall.locator("#latest .number")).to_have_text(last)
    assert wall.evaluate("document.querySelectorAll('*').length") == before


def test_nothing_is_cut_off_or_scrolls(hall_server: RunningServer, wall: Page) -> None:
    wall.goto(f"{hall_server.address}/board")
    for _ in range(3):
        number = call_one(hall_server)
    expect(wall.locator("#latest .number")).to_have_text(number)
    for width, height in SCREENS:
        resize(wall, width, height)
        assert wall.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
            width,
            height,
        ]
        for place in ("#latest .call", "#calls li:not(.empty)", "#waiting li", "header", "footer"):
            for box in wall.locator(place).all():
                assert box.evaluate("one => one.scrollWidth <= one.clientWidth + 1"), (place, width)
                at = box.bounding_box()
                assert at and at["x"] >= 0 and at["y"] >= 0, (place, width)
                assert at["x"] + at["width"] <= width and at["y"] + at["height"] <= height, (place, width)


@pytest.mark.parametrize(("inches", "metres"), [(43, 4), (43, 7), (98, 10)])
def test_it_is_as_large_and_shows_as_much_as_the_other_board(
    hall_server: RunningServer, wall: Page, inches: int, metres: int
) -> None:
    wall.goto(f"{hall_server.address}/board?inches={inches}&metres={metres}")
    for size in SCREENS:
        other = plan(size, inches, metres)
        resize(wall, *size)
        row_px = wall.evaluate("parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--row'))")
        assert wall.locator("#calls > *").count() == len(other.calls)
        assert row_px * CAPITAL_OF_FONT == pytest.approx(other.capital_px, abs=1)
        assert ("nameless" in (wall.locator("body").get_attribute("class") or "")) != other.named
        if "too_far" not in [warn.key for warn in other.warnings]:
            assert other.capital_px >= required_capital_px(size, inches, metres)


@pytest.mark.parametrize("theme", THEMES)
def test_it_has_the_colours_of_the_other_board(hall_server: RunningServer, wall: Page, theme: str) -> None:
    wall.goto(f"{hall_server.address}/board?theme={theme}")
    call_one(hall_server)
    expect(wall.locator("#latest .number")).to_be_visible()
    assert barriers(wall) == []
    told = wall.evaluate(
        "names => names.map(name => getComputedStyle(document.documentElement).getPropertyValue(name).trim())",
        [f"--{NAMES.get(name, name).replace('_', '-')}" for name in asdict(THEMES[theme])],
    )
    for (name, colour), shown in zip(asdict(THEMES[theme]).items(), told, strict=True):
        digits = shown[1:] if len(shown) == 7 else "".join(2 * digit for digit in shown[1:])
        assert tuple(bytes.fromhex(digits)) == colour, name


def test_its_script_has_no_syntax_that_televisions_of_2020_do_not_know(hall_server: RunningServer, wall: Page) -> None:
    script = wall.request.get(f"{hall_server.address}/static/board.js").text()
    assert "?." not in script.replace("?.1", "") and "??" not in script
