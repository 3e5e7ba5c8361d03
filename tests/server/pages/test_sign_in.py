"""People sign in, in a real browser on a real server."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from server.access.store import AccessStore
from server.access.who import Role
from tests.browser import DESK, PHONE, barriers
from tests.server.access.staff import PASSWORD, PIN, add
from tests.server.access.test_people import code_of
from tests.server.running import RunningServer

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    server = RunningServer(tmp_path_factory.mktemp("sign-in"), open_to_all=False)
    add(server, "Huda", Role.ADMINISTRATOR, PASSWORD)
    add(server, "Rima", Role.CLERK, PIN)
    add(server, "Sami", Role.CLERK, PIN)
    yield server
    server.kill()


@pytest.fixture
def machine(browser: Browser) -> Iterator[Page]:
    """A browser that nobody has used yet. Chromium itself complains of each refusal, so it may."""
    context = browser.new_context(viewport=DESK, locale="en")
    yield context.new_page()
    context.close()


def sign_in(page: Page, name: str, secret: str) -> None:
    page.locator("#name").fill(name)
    page.locator("#secret").fill(secret)
    page.get_by_role("button", name="Sign in").click()


def test_a_clerk_signs_in_and_comes_to_the_counter(server: RunningServer, machine: Page) -> None:
    machine.goto(f"{server.address}/counter/1")
    expect(machine.locator("#name")).to_be_focused()
    assert "Rima" not in machine.content(), "no stranger learns who works here"
    sign_in(machine, "Rima", "000000")
    expect(machine.locator("#wrong")).to_contain_text("wrong")
    expect(machine.locator("#secret")).to_be_focused()
    expect(machine.locator("#name")).to_have_value("Rima")
    machine.keyboard.type(PIN)
    machine.keyboard.press("Enter")
    machine.wait_for_url(f"{server.address}/counter/1")
    expect(machine.locator("#switch")).to_contain_text("Rima")


def test_clerks_change_over_with_one_press_and_a_pin(server: RunningServer, machine: Page) -> None:
    for name in ("Rima", "Sami"):
        machine.goto(f"{server.address}/sign-in?to=/counter/2")
        if machine.locator("#known").is_visible():
            machine.locator("#other").click()
        sign_in(machine, name, PIN)
        machine.wait_for_url(f"{server.address}/counter/2")
    machine.locator("#switch").click()
    machine.get_by_role("button", name="Rima").click()
    expect(machine.locator("#secret")).to_be_focused()
    expect(machine.locator("#secret")).to_have_attribute("inputmode", "numeric")
    assert barriers(machine) == []
    machine.keyboard.type(PIN)
    machine.keyboard.press("Enter")
    machine.wait_for_url(f"{server.address}/counter/2")
    expect(machine.locator("#switch")).to_contain_text("Rima")


@pytest.mark.parametrize(
    "to", ["//evil.example", "/\\evil.example", "/.//evil.example/", "https://evil.example/", "javascript:alert(1)", ""]
)
def test_signing_in_leads_nowhere_else(server: RunningServer, machine: Page, to: str) -> None:
    machine.goto(f"{server.address}/sign-in?to={to}")
    sign_in(machine, "Rima", PIN)
    machine.wait_for_url(f"{server.address}/" if "/./" not in to else f"{server.address}//evil.example/")


def test_a_page_whose_session_has_ended_goes_to_sign_in_and_comes_back(server: RunningServer, machine: Page) -> None:
    machine.goto(f"{server.address}/counter/2")
    sign_in(machine, "Rima", PIN)
    machine.wait_for_url(f"{server.address}/counter/2")
    expect(machine.locator("#next, #call-next").first).to_be_visible()
    cookie = next(one["value"] for one in machine.context.cookies() if one["name"] == "dawr")
    store = AccessStore(server.data)
    store.end_session(cookie)
    store.close()
    machine.wait_for_url("**/sign-in?to=%2Fcounter%2F2")
    machine.get_by_role("button", name="Rima").click()
    machine.keyboard.type(PIN)
    machine.keyboard.press("Enter")
    machine.wait_for_url(f"{server.address}/counter/2")


def test_who_may_not_see_a_page_is_told_and_can_switch(server: RunningServer, machine: Page) -> None:
    machine.goto(f"{server.address}/people")
    sign_in(machine, "Rima", PIN)
    expect(machine.get_by_role("alert").first).to_contain_text("clerk")
    machine.locator("#other").click()
    sign_in(machine, "Huda", PASSWORD)
    expect(machine.locator("h1")).to_have_text("People")


def test_the_start_page_shows_what_one_may_open(server: RunningServer, machine: Page) -> None:
    machine.goto(f"{server.address}/")
    paths = "[href='/counter/1'], [href='/live'], [href='/admin'], [href='/people'], [href='/kiosk']"
    expect(machine.locator(paths)).to_have_count(0)
    machine.get_by_role("link", name="Sign in").click()
    sign_in(machine, "Rima", PIN)
    expect(machine.locator("[href='/counter/1']")).to_be_visible()
    expect(machine.locator("[href='/live'], [href='/admin'], [href='/people']")).to_have_count(0)
    machine.locator("#switch").click()
    machine.get_by_role("button", name="Sign out").click()
    machine.wait_for_url(f"{server.address}/sign-in")
    machine.goto(f"{server.address}/")
    expect(machine.locator("#switch")).to_have_count(0)


def test_an_administrator_keeps_the_list_of_people(server: RunningServer, machine: Page) -> None:
    machine.goto(f"{server.address}/people")
    sign_in(machine, "Huda", PASSWORD)
    machine.get_by_role("button", name="Somebody new").click()
    machine.locator("#name").fill("Tala")
    machine.locator("#secret").fill("123456")
    machine.get_by_role("button", name="Save").click()
    expect(machine.locator("#wrong")).to_contain_text("one of the first")
    machine.locator("#secret").fill("803317")
    machine.get_by_role("button", name="Save").click()
    expect(machine.locator("#said")).to_contain_text("Tala")
    assert barriers(machine) == []
    machine.get_by_role("button", name="Change: Tala").click()
    machine.locator("#role").select_option("manager")
    machine.get_by_role("button", name="Save").click()
    expect(machine.locator("#wrong")).to_contain_text("password")
    machine.locator("#secret").fill(PASSWORD)
    machine.get_by_role("button", name="Save").click()
    expect(machine.locator("#people li", has_text="Tala")).to_contain_text("manager")
    machine.get_by_role("button", name="Remove: Tala").click()
    machine.locator("#remove-dialog").get_by_role("button", name="Remove").click()
    expect(machine.locator("#people li", has_text="Tala")).to_have_count(0)
    machine.get_by_role("button", name="Remove: Huda").click()
    machine.locator("#remove-dialog").get_by_role("button", name="Remove").click()
    expect(machine.locator("#remove-wrong")).to_contain_text("only administrator")


@pytest.mark.parametrize("language", ["ar", "en"])
def test_people_fit_a_phone(server: RunningServer, browser: Browser, language: str) -> None:
    context = browser.new_context(viewport=PHONE, locale=language)
    page = context.new_page()
    page.goto(f"{server.address}/people?language={language}")
    sign_in_in_any_language(page, "Huda", PASSWORD)
    expect(page.locator("#people li").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    context.close()


def sign_in_in_any_language(page: Page, name: str, secret: str) -> None:
    page.locator("#name").fill(name)
    page.locator("#secret").fill(secret)
    page.keyboard.press("Enter")


def test_the_first_start(tmp_path_factory: pytest.TempPathFactory, machine: Page) -> None:
    server = RunningServer(tmp_path_factory.mktemp("first"), open_to_all=False)
    try:
        code = code_of(server)
        machine.goto(f"{server.address}/counter/1")
        machine.wait_for_url("**/first-start")
        assert barriers(machine) == []
        for field, text in (("#code", "111 111 111"), ("#name", "Huda"), ("#secret", PASSWORD), ("#again", "other")):
            machine.locator(field).fill(text)
        begin = machine.get_by_role("button", name="Begin")
        begin.click()
        expect(machine.locator("#wrong")).to_contain_text("not the same")
        machine.locator("#again").fill(PASSWORD)
        begin.click()
        expect(machine.locator("#wrong")).to_contain_text("not the code")
        machine.locator("#code").fill(code)
        begin.click()
        machine.wait_for_url(f"{server.address}/")
        expect(machine.locator("#switch")).to_contain_text("Huda")
    finally:
        server.kill()
