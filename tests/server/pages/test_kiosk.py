"""The kiosk in a browser: a real server, a real kiosk process without a face of its own, its printer on a real port."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from zxingcpp import read_barcodes

from kiosk.virtual_printer import VirtualPrinter
from tests.browser import PHONE, barriers, faultless_page
from tests.kiosk.test_browser_orders import FACELESS
from tests.kiosk.test_printer_faults import IN_A_SLIP
from tests.kiosk.test_process import RunningKiosk, _rows
from tests.kiosk.working import until
from tests.server.running import ALWAYS_OPEN, RunningServer

pytestmark = pytest.mark.browser

TABLET, TABLET_INCHES = {"width": 800, "height": 1280}, 10.1
PX_PER_MM = (800**2 + 1280**2) ** 0.5 / TABLET_INCHES / 25.4
PHONES = "http://192.168.10.5"
# Older than a finger that trembles.
BOUNCE_MS = 320


@dataclass
class Hall:
    """A server, a kiosk whose face are browsers, and its printer."""

    server: RunningServer
    kiosk: RunningKiosk
    printer: VirtualPrinter

    def open(self, page: Page, query: str = "language=en") -> None:
        page.goto(f"{self.server.address}/kiosk?at=kiosk-1&{query}")
        expect(page.locator(".tile").first).to_be_visible()
        page.wait_for_timeout(BOUNCE_MS)

    def numbers(self) -> list[str]:
        return [number for number, _ in _rows(self.kiosk.data)]

    def offers(self) -> Any:
        return self.server.get("/kiosks/kiosk-1/offers").json

    def mend(self) -> None:
        self.printer.paper_out, self.printer.byte_rate, self.printer.fault_after = False, None, None
        if self.kiosk.process.poll() is not None:
            self.kiosk.start()
        until(lambda: self.offers()["connected"] and not self.offers()["fault"])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    folder = tmp_path_factory.mktemp("browser-kiosk")
    (folder / "server").mkdir()
    settings = ALWAYS_OPEN.replace("[centre]\n", f'[centre]\nphone_address = "{PHONES}"\n', 1)
    settings = settings.replace('id = "deed"\n', 'id = "deed"\nneeds_reference = true\n')
    settings = settings.replace('id = "birth"\n', 'id = "birth"\npapers = [{ ar = "الهوية", en = "Identity card" }]\n')
    server = RunningServer(folder / "server", settings=settings)
    with VirtualPrinter().start_tcp() as printer:
        kiosk = RunningKiosk(folder, printer.address, "", server.address, own=FACELESS + "slips_a_minute = 600\n")
        yield Hall(server, kiosk, printer)
        kiosk.kill()
    server.kill()


@pytest.fixture
def hall(running: Hall) -> Iterator[Hall]:
    running.mend()
    yield running


def press(page: Page, key: str) -> None:
    page.locator(f"[data-key={key}]").click()
    page.wait_for_timeout(BOUNCE_MS)


def order(page: Page, service: str = "birth") -> None:
    for key in ("papers", service, "take"):
        press(page, key)


def number_on(page: Page) -> str:
    shown = page.locator(".large-number")
    expect(shown).to_be_visible()
    return shown.inner_text()


@pytest.mark.parametrize("language", ["ar", "en"])
def test_three_taps_are_a_slip_with_the_number_that_is_on_the_screen(hall: Hall, page: Page, language: str) -> None:
    hall.open(page, f"language={language}")
    before = len(hall.printer.slips)
    order(page)
    number = number_on(page)
    assert len(hall.printer.slips) == before + 1
    [code] = read_barcodes(hall.printer.slips[-1].picture.convert("L"))
    ticket = code.text.removeprefix(f"{PHONES}/t/")
    until(lambda: hall.server.get(f"/tickets/{ticket}").status == 200)
    view = hall.server.get(f"/tickets/{ticket}").json
    assert (view["number"], view["language"], view["issuer"]) == (number, language, "kiosk-1")
    press(page, "done")
    expect(page.locator(".in.categories")).to_be_visible()


def test_the_whole_way_goes_by_keyboard_alone(hall: Hall, page: Page) -> None:
    hall.open(page)
    for name in ("Papers", "Birth certificate", "Take a ticket"):
        page.keyboard.press("Tab")
        for _ in range(12):
            if name in page.evaluate("document.activeElement.innerText"):
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_timeout(BOUNCE_MS)
    assert number_on(page) == hall.numbers()[-1]


def test_class_and_transaction_number_are_on_the_ticket(hall: Hall, page: Page) -> None:
    hall.open(page)
    for key in ("papers", "deed", "whom", "elderly"):
        press(page, key)
    expect(page.locator("[data-key=whom]")).to_contain_text("Elderly")
    press(page, "take")
    for key in ("7", "4", "-", "1"):
        page.locator(f"[data-key=key-{key}]").click()
    expect(page.locator("#typed")).to_have_value("74-1")
    press(page, "take")
    number = number_on(page)
    until(lambda: hall.server.get(f"/tickets/{number}").status == 200)
    view = hall.server.get(f"/tickets/{number}").json
    assert (view["class"], view["reference"]) == ("elderly", None)


def test_a_child_at_the_glass_gets_one_number(hall: Hall, page: Page) -> None:
    hall.open(page)
    before = len(hall.numbers())
    for key in ("papers", "birth"):
        press(page, key)
    page.locator("[data-key=take]").evaluate("take => { for (let n = 0; n < 9; n += 1) take.click(); }")
    number_on(page)
    assert len(hall.numbers()) == before + 1


def test_the_language_is_changed_on_every_page_and_is_the_first_one_again_for_the_next(hall: Hall, page: Page) -> None:
    hall.open(page, "language=ar")
    press(page, "papers")
    press(page, "language")
    expect(page.locator("html")).to_have_attribute("dir", "ltr")
    expect(page.locator("h1")).to_have_text("Papers")
    press(page, "birth")
    press(page, "home")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")


def test_a_printer_without_paper_is_said_in_both_languages_and_goes_on_by_itself(hall: Hall, page: Page) -> None:
    hall.open(page)
    hall.printer.paper_out = True
    shown = page.locator("#page")
    expect(shown).to_contain_text("The printer is out of paper.")
    expect(shown).to_contain_text("نفد ورق الطابعة.")
    assert page.locator("#page button").count() == 0
    assert barriers(page) == []
    hall.printer.paper_out = False
    expect(page.locator(".in.categories")).to_be_visible()


def test_a_slip_that_stopped_halfway_is_said_and_copied_when_the_printer_is_well(hall: Hall, page: Page) -> None:
    hall.open(page)
    before = len(hall.numbers())
    hall.printer.fault_after = (IN_A_SLIP, "paper_out")
    order(page)
    number = number_on(page)
    expect(page.locator("#page")).to_contain_text("Your slip may not have come out.")
    hall.printer.paper_out, hall.printer.fault_after = False, None
    slips = len(hall.printer.slips)
    press(page, "copy")
    expect(page.locator("#page")).to_contain_text("Take your slip from the printer.")
    assert (number_on(page), len(hall.numbers())) == (number, before + 1)
    assert len(hall.printer.slips) > slips


def test_a_list_of_papers_comes_out_without_a_number(hall: Hall, page: Page) -> None:
    hall.open(page)
    numbers, slips = len(hall.numbers()), len(hall.printer.slips)
    for key in ("papers", "birth", "print"):
        press(page, key)
    expect(page.locator("#page")).to_contain_text("Take the list from the printer.")
    assert (len(hall.numbers()), len(hall.printer.slips)) == (numbers, slips + 1)


def test_a_kiosk_killed_between_number_and_paper_is_told_of_truly(hall: Hall, page: Page) -> None:
    hall.open(page)
    before = len(hall.numbers())
    hall.printer.byte_rate = 4000
    order(page)
    until(lambda: len(hall.numbers()) > before)
    hall.kiosk.kill()
    hall.printer.byte_rate = None
    hall.kiosk.start()
    number = number_on(page)
    expect(page.locator("#page")).to_contain_text("Your number is valid all the same.")
    assert hall.numbers()[before:] == [number]


def test_a_server_killed_while_the_slip_comes_out_costs_nobody_a_second_one(hall: Hall, browser: Browser) -> None:
    page = browser.new_page()
    hall.open(page)
    before, slips = len(hall.numbers()), len(hall.printer.slips)
    hall.printer.byte_rate = 20_000
    order(page)
    until(lambda: len(hall.numbers()) > before)
    hall.server.kill()
    hall.printer.byte_rate = None
    hall.server.options = ("--port", hall.server.address.rpartition(":")[2])
    hall.server.start()
    assert hall.numbers()[before:] == [number_on(page)]
    assert len(hall.printer.slips) == slips + 1
    page.close()


def test_a_cable_pulled_in_the_middle_is_said_and_the_number_comes_with_it(hall: Hall, browser: Browser) -> None:
    page = browser.new_page()
    hall.open(page)
    before, slips = len(hall.numbers()), len(hall.printer.slips)

    def lose(asked: Route) -> None:
        """The order arrives; its answer, and all that is asked after it, is lost with the cable."""
        if len(hall.numbers()) == before:
            asked.fetch()
        page.context.set_offline(True)
        asked.abort()

    page.route("**/tickets?*", lose)
    order(page)
    expect(page.locator("#page")).to_contain_text("It is not certain yet that your slip came out.", timeout=20_000)
    page.unroute("**/tickets?*")
    page.context.set_offline(False)
    assert hall.numbers()[before:] == [number_on(page)]
    expect(page.locator("#page")).to_contain_text("Take your slip from the printer.")
    assert len(hall.printer.slips) == slips + 1
    page.close()


def test_a_page_that_is_loaded_anew_in_the_middle_still_says_the_number(hall: Hall, page: Page) -> None:
    hall.open(page)
    before = len(hall.numbers())
    hall.printer.byte_rate = 20_000
    order(page)
    page.reload()
    assert hall.numbers()[before:] == [number_on(page)]
    press(page, "done")
    page.reload()
    expect(page.locator(".in.categories")).to_be_visible()


def test_a_press_that_never_left_the_browser_is_not_carried_out_later(hall: Hall, browser: Browser) -> None:
    page = browser.new_page()
    hall.open(page)
    before = len(hall.numbers())
    for key in ("papers", "birth"):
        press(page, key)
    page.context.set_offline(True)
    press(page, "take")
    expect(page.locator("#page")).to_contain_text("It is not certain yet", timeout=20_000)
    page.context.set_offline(False)
    expect(page.locator("#page")).to_contain_text("The kiosk was reached too late, so nothing was printed.")
    assert len(hall.numbers()) == before
    page.close()


def test_a_screen_that_hears_nothing_says_so_within_ten_seconds(hall: Hall, browser: Browser) -> None:
    page = browser.new_page()
    hall.open(page)
    page.context.set_offline(True)
    expect(page.locator("#page")).to_contain_text("No connection", timeout=10_000)
    page.context.set_offline(False)
    expect(page.locator(".in.categories")).to_be_visible()
    page.close()


def test_a_visitor_who_has_gone_is_asked_and_then_forgotten(hall: Hall, page: Page) -> None:
    hall.open(page, "language=en&idle=12")
    press(page, "papers")
    press(page, "birth")
    expect(page.locator("#still")).to_contain_text("Are you still there?")
    page.locator("#go-on").click()
    expect(page.locator("#still")).to_be_hidden()
    expect(page.locator(".in.service")).to_be_visible()
    expect(page.locator(".in.categories")).to_be_visible()
    expect(page.locator("#still")).to_be_hidden()


def test_without_a_kiosk_in_the_address_somebody_chooses_one(hall: Hall, page: Page) -> None:
    page.goto(f"{hall.server.address}/kiosk?language=en")
    expect(page.locator("[data-key=kiosk-1]")).to_contain_text("connected")
    expect(page.locator("[data-key=kiosk-2]")).to_contain_text("not connected")
    press(page, "kiosk-1")
    expect(page.locator(".in.categories")).to_be_visible()
    assert "at=kiosk-1" in page.url


@pytest.mark.parametrize("language", ["ar", "en"])
def test_everything_to_touch_is_large_enough_and_nobody_is_kept_out(
    hall: Hall, browser: Browser, language: str
) -> None:
    for size, query, least in ((TABLET, f"inches={TABLET_INCHES}", 20 * PX_PER_MM), (PHONE, "", 48)):
        with faultless_page(browser, viewport=size, screen=size) as page:
            hall.open(page, f"language={language}&{query}")
            for key in ("papers", "birth", "whom"):
                _is_usable(page, size, least)
                press(page, key)
            _is_usable(page, size, least)


def test_large_print_and_strong_contrast_keep_nobody_out(hall: Hall, browser: Browser) -> None:
    with faultless_page(browser, viewport=PHONE) as page:
        hall.open(page)
        for key in ("comfort", "large", "contrast"):
            press(page, key)
        _is_usable(page, PHONE, 48)
        for key in ("done", "papers", "birth"):
            press(page, key)
        _is_usable(page, PHONE, 48)
        press(page, "take")
        number_on(page)
        _is_usable(page, PHONE, 48)


def _is_usable(page: Page, size: dict[str, int], least_px: float) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    boxes = [one.bounding_box() for one in page.locator("button:visible").all()]
    assert boxes and all(box and min(box["width"], box["height"]) >= least_px - 0.6 for box in boxes), boxes
    assert barriers(page) == []
