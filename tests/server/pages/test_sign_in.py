"""People sign in, in a real browser on a real server."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from server.access.store import AccessStore
from server.access.who import Role
from tests.browser import DESK, PHONE, barriers
from tests.server.access.staff import PASSWORD, PIN, add
from tests.server.access.staff import Browser as Clerk
from tests.server.access.test_people import code_of
from tests.server.running import RunningServer

pytestmark = pytest.mark.browser
LAPTOP = {"width": 1366, "height": 768}


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


def test_nothing_is_typed_before_the_page_can_send_it(server: RunningServer, machine: Page) -> None:
    """A browser would send the form by itself, as no address of ours takes it."""
    held: list[Route] = []
    machine.route("**/static/sign_in.js*", lambda route: held.append(route))
    machine.goto(f"{server.address}/sign-in", wait_until="commit")
    expect(machine.locator("#name")).to_be_disabled()
    expect(machine.get_by_role("button", name="Sign in")).to_be_disabled()
    held[0].continue_()
    expect(machine.locator("#name")).to_be_focused()
    sign_in(machine, "Rima", PIN)
    expect(machine.locator("[href='/counter/1']")).to_be_visible()


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
    machine.wait_for_url("**/sign-in?*to=%2Fcounter%2F2")
    expect(machine.locator("#ended")).to_be_visible()
    expect(machine.get_by_role("button", name="Rima")).to_be_focused()
    machine.get_by_role("button", name="Rima").click()
    machine.keyboard.type(PIN)
    machine.keyboard.press("Enter")
    machine.wait_for_url(f"{server.address}/counter/2")


def test_who_may_not_see_a_page_is_told_and_can_switch(server: RunningServer, machine: Page) -> None:
    machine.goto(f"{server.address}/people")
    sign_in(machine, "Rima", PIN)
    expect(machine.get_by_role("alert").first).to_contain_text("clerk")
    assert barriers(machine) == []
    expect(machine.get_by_role("link", name="To the start page")).to_have_attribute("href", "/")
    machine.locator("#other").click()
    sign_in(machine, "Huda", PASSWORD)
    expect(machine.locator("h1")).to_have_text("People")


def test_who_came_to_the_sign_in_page_by_mistake_goes_back(server: RunningServer, machine: Page) -> None:
    machine.goto(f"{server.address}/counter/2")
    sign_in(machine, "Rima", PIN)
    machine.locator("#switch").click()
    machine.get_by_role("link", name="Go back").click()
    machine.wait_for_url(f"{server.address}/counter/2")
    expect(machine.locator("#switch")).to_contain_text("Rima")
    machine.get_by_role("link", name="Small centre").click()
    machine.wait_for_url(f"{server.address}/")


def test_another_language_keeps_the_way_back(server: RunningServer, machine: Page) -> None:
    machine.goto(f"{server.address}/counter/2")
    machine.get_by_role("link", name="العربية").click()
    expect(machine.locator("html")).to_have_attribute("lang", "ar")
    sign_in_in_any_language(machine, "Rima", PIN)
    machine.wait_for_url(f"{server.address}/counter/2")


def test_a_browser_at_a_counter_is_not_asked_to_keep_a_pin(server: RunningServer, machine: Page) -> None:
    secret = machine.locator("#secret")
    for name, proof, autocomplete in (("Rima", PIN, "off"), ("Huda", PASSWORD, "current-password")):
        machine.goto(f"{server.address}/sign-in?to=/counter/2")
        if machine.locator("#known").is_visible():
            machine.locator("#other").click()
        expect(secret).to_have_attribute("autocomplete", "current-password")  # nobody knows yet who it is
        sign_in(machine, name, proof)
        machine.wait_for_url(f"{server.address}/counter/2")
        machine.locator("#switch").click()
        machine.get_by_role("button", name=name).click()
        expect(secret).to_have_attribute("autocomplete", autocomplete)


def test_a_draft_of_settings_survives_the_end_of_a_session(server: RunningServer, machine: Page) -> None:
    warnings: list[str] = []
    machine.on("dialog", lambda dialog: (warnings.append(dialog.type), dialog.accept()))
    machine.goto(f"{server.address}/admin")
    sign_in(machine, "Huda", PASSWORD)
    longest = machine.get_by_label("Longest acceptable wait")
    longest.fill("45")
    expect(machine.locator("#bar-count")).to_contain_text("One change")
    cookie = next(one["value"] for one in machine.context.cookies() if one["name"] == "dawr")
    store = AccessStore(server.data)
    store.end_session(cookie)
    store.close()
    machine.get_by_role("button", name="Huda").click()
    machine.keyboard.type(PASSWORD)
    machine.keyboard.press("Enter")
    expect(machine.locator("#notice")).to_contain_text("a draft of last time")
    expect(longest).to_have_value("45")
    assert warnings == [], "nothing is lost, so nobody is warned"
    machine.get_by_role("link", name="Switch").click()  # signing out oneself keeps it as well, with a warning
    machine.get_by_role("button", name="Sign out").click()
    machine.wait_for_url(f"{server.address}/sign-in")
    machine.goto(f"{server.address}/admin")
    machine.get_by_role("button", name="Huda").click()
    machine.keyboard.type(PASSWORD)
    machine.keyboard.press("Enter")
    expect(longest).to_have_value("45")


def test_saving_nothing_ends_no_session(server: RunningServer, machine: Page) -> None:
    machine.goto(f"{server.address}/people")
    sign_in(machine, "Huda", PASSWORD)
    machine.get_by_role("button", name="Change: Huda").click()
    assert barriers(machine) == []
    machine.get_by_role("button", name="Save").click()
    expect(machine.locator("#person-dialog")).to_be_hidden()
    machine.reload()
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


def test_visitors_see_their_pages_without_signing_in(server: RunningServer, machine: Page) -> None:
    clerk = Clerk(server)
    clerk.sign_in("Rima", PIN)
    ticket = clerk.ask("POST", "/api/v1/tickets", {"service": "birth"}).json
    clerk.ask("POST", "/api/v1/counters/1/call-next", {})
    machine.goto(f"{server.address}/board")
    expect(machine.locator("#latest .number")).to_have_text(ticket["number"])
    machine.goto(f"{server.address}/public")
    expect(machine.locator("main")).to_contain_text("Civil registry")
    machine.goto(f"{server.address}/t/{ticket['id']}")
    expect(machine.locator("#turn")).to_contain_text(ticket["number"])


@pytest.mark.parametrize("path", ["/nothing-here", "/counter/77"])
def test_an_address_with_nothing_is_a_page_with_a_way_on(server: RunningServer, machine: Page, path: str) -> None:
    machine.goto(f"{server.address}/counter/2")
    sign_in(machine, "Rima", PIN)
    machine.wait_for_url(f"{server.address}/counter/2")
    answer = machine.goto(f"{server.address}{path}")
    assert answer and answer.status == 404
    expect(machine.get_by_role("alert").first).to_contain_text("There is no" if "77" in path else "nothing at this")
    assert barriers(machine) == []
    machine.get_by_role("link", name="To the start page").click()
    machine.wait_for_url(f"{server.address}/")
    assert "json" in server.ask_at("GET", "/nothing-here").headers["Content-Type"], "programs are told it as ever"


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
        machine.set_viewport_size(LAPTOP)
        begin.click()
        expect(machine.locator("#wrong")).to_contain_text("not the same")
        expect(machine.locator("#wrong")).to_be_in_viewport(ratio=1)
        assert barriers(machine) == []
        machine.locator("#again").fill(PASSWORD)
        begin.click()
        expect(machine.locator("#wrong")).to_contain_text("not the code")
        machine.locator("#code").fill(code)
        begin.click()
        machine.wait_for_url(f"{server.address}/people")
        expect(machine.locator("#alone")).to_contain_text("second administrator")
        expect(machine.locator("#switch")).to_contain_text("Huda")
    finally:
        server.kill()
