"""The devices page in a real browser: what waits is admitted by its code, what was admitted is shut out."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser import barriers
from tests.server.access.test_pairing import NewDevice, wrong
from tests.server.running import RunningServer


def test_a_manager_admits_a_device_and_shuts_it_out(hall_server: RunningServer, page: Page) -> None:
    page.goto(f"{hall_server.address}/devices?language=en")
    expect(page.locator("#nobody-waits")).to_be_visible()
    device = NewDevice(hall_server, role="counter", id="box-2", counter="2")
    code = device.shows()
    item = page.locator("#waiting li")
    expect(item).to_contain_text("box-2", timeout=10_000)
    assert code not in page.content(), "who admits it has to look at the device"
    item.get_by_label("Code").fill(code.lower())
    item.get_by_label("Name").fill("Rana's box")
    item.get_by_role("button", name="Admit").click()
    expect(page.locator("#notice")).to_contain_text("is admitted")
    assert device.polls().json["state"] == "admitted"

    expect(page.locator("#devices li")).to_contain_text(re.compile("Rana's box.*Box of counter", re.DOTALL))
    page.get_by_role("button", name=re.compile("Revoke.*Rana")).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#devices li")).to_have_count(1)
    page.get_by_role("button", name=re.compile("Revoke.*Rana")).click()
    page.get_by_role("button", name="Shut it out").click()
    expect(page.locator("#devices li")).to_have_count(0)
    expect(page.locator("#no-devices")).to_be_visible()


def test_what_was_typed_stays_while_others_come(hall_server: RunningServer, page: Page) -> None:
    page.goto(f"{hall_server.address}/devices?language=en")
    device = NewDevice(hall_server, role="board", id="board-a")
    code = device.shows()
    item = page.locator("#waiting li", has_text="board-a")
    expect(item).to_be_visible(timeout=10_000)
    item.get_by_label("Code").fill(wrong(code))
    typed = item.get_by_label("Code").input_value()
    assert typed.replace(" ", "") == wrong(code).replace(" ", "")
    NewDevice(hall_server, role="board", id="board-b").shows()
    expect(page.locator("#waiting li", has_text="board-b")).to_be_visible(timeout=10_000)
    expect(item.get_by_label("Code")).to_have_value(typed)


def test_a_wrong_code_is_said_in_a_sentence(hall_server: RunningServer, browser: Browser) -> None:
    page = browser.new_page()  # which complains of every refusal
    page.goto(f"{hall_server.address}/devices?language=en")
    device = NewDevice(hall_server, role="board", id="board-c")
    code = device.shows()
    item = page.locator("#waiting li", has_text="board-c")
    item.get_by_label("Code").fill(wrong(code), timeout=10_000)
    item.get_by_role("button", name="Admit").click()
    expect(item.get_by_role("alert")).to_contain_text("not the code")
    assert "4" in item.get_by_role("alert").inner_text()
    page.close()


def test_after_the_last_try_it_is_said_what_to_do(hall_server: RunningServer, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{hall_server.address}/devices?language=en")
    device = NewDevice(hall_server, role="board", id="board-d")
    code = device.shows()
    item = page.locator("#waiting li", has_text="board-d")
    for left in (4, 3, 2, 1):
        item.get_by_label("Code").fill(wrong(code), timeout=10_000)
        item.get_by_role("button", name="Admit").click()
        expect(item.get_by_role("alert")).to_contain_text(re.compile(rf"{left}\W* more"))
    item.get_by_role("button", name="Admit").click()
    expect(page.locator("#notice")).to_contain_text("dawr pair")
    expect(item).to_have_count(0)
    page.close()


def test_a_code_is_taken_as_a_terminal_shows_it(hall_server: RunningServer, page: Page) -> None:
    page.goto(f"{hall_server.address}/devices?language=en")
    device = NewDevice(hall_server, role="board", id="board-e")
    code = device.shows().replace(" ", "")
    item = page.locator("#waiting li", has_text="board-e")
    field = item.get_by_label("Code")
    field.fill("   ".join((" ".join(code[:3]), " ".join(code[3:]))), timeout=10_000)
    expect(field).to_have_value(f"{code[:3]} {code[3:]}")
    assert item.get_by_label("Name").input_value() == "Board board-e"
    assert barriers(page) == []
    field.press("Enter")
    expect(page.locator("#notice")).to_contain_text("is admitted")
    page.get_by_role("button", name=re.compile("Revoke.*board-e")).click()
    assert barriers(page) == []
    page.get_by_role("button", name="Cancel").click()


def test_before_a_second_kiosk_of_a_place_is_admitted_it_is_asked(hall_server: RunningServer, page: Page) -> None:
    first, second = NewDevice(hall_server), NewDevice(hall_server)
    code = first.shows()
    hall_server.post("/devices", {"pairing": first.id, "code": code, "name": "the old one"})
    code = second.shows()
    page.goto(f"{hall_server.address}/devices?language=en")
    item = page.locator("#waiting li", has_text="kiosk-1")
    item.get_by_label("Code").fill(code)
    item.get_by_role("button", name="Admit").click()
    expect(page.locator("#ask")).to_contain_text("the old one")
    page.get_by_role("button", name="Admit this one instead").click()
    expect(page.locator("#notice")).to_contain_text("Shut out")
    expect(page.locator("#devices li", has_text="the old one")).to_have_count(0)
