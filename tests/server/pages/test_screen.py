"""A browser that nobody knows shows a code, and goes on by itself once a manager has typed it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from server.access.store import AccessStore
from server.access.who import Role
from tests.server.running import RunningServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    server = RunningServer(tmp_path_factory.mktemp("screen"), open_to_all=False)
    yield server
    server.kill()


def by_manager(server: RunningServer) -> dict[str, str]:
    store = AccessStore(server.data)
    secret, _ = store.give_token(Role.MANAGER, "a manager", None, datetime.now(UTC))
    store.close()
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("path", ["/counter/2/tablet", "/kiosk?at=kiosk-1"])
def test_a_browser_shows_its_code_and_goes_on_when_it_is_admitted(
    server: RunningServer, browser: Browser, path: str
) -> None:
    page = browser.new_page()
    page.goto(f"{server.address}{path}")
    expect(page.locator("#code")).to_have_text(re.compile(r"^[0-9A-Z]{3} [0-9A-Z]{3}$"))
    manager = by_manager(server)
    [waiting] = server.get("/devices", **manager).json["waiting"]
    body = {"pairing": waiting["pairing"], "code": page.locator("#code").inner_text(), "name": "a screen"}
    assert server.post("/devices", body, **manager).status == 201
    page.wait_for_url(f"{server.address}{path}", timeout=10_000)
    expect(page.locator("body")).to_have_class(re.compile("tablet|kiosk"))
    [cookie] = page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("dawr-device", True, "Strict")
    page.close()


@pytest.mark.parametrize(("path", "role"), [("/counter/1/tablet", "tablet"), ("/kiosk?at=kiosk-1", "face")])
def test_a_browser_that_is_shut_out_asks_anew(server: RunningServer, browser: Browser, path: str, role: str) -> None:
    page = browser.new_page()
    page.goto(f"{server.address}{path}")
    expect(page.locator("#code")).not_to_be_empty()
    manager = by_manager(server)
    waiting = next(one for one in server.get("/devices", **manager).json["waiting"] if one["role"] == role)
    body = {"pairing": waiting["pairing"], "code": page.locator("#code").inner_text(), "name": "a screen"}
    device = server.post("/devices", body, **manager).json["device"]
    page.wait_for_url(f"{server.address}{path}", timeout=10_000)
    server.post(f"/devices/{device['id']}/revoke", {}, **manager)
    page.wait_for_url("**/screen?to=*", timeout=20_000)
    expect(page.locator("#code")).not_to_be_empty()
    page.close()


def test_it_leads_nowhere_but_to_this_server(server: RunningServer, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{server.address}/screen?to=https://example.org/kiosk?at=kiosk-1")
    expect(page.locator("#code")).not_to_be_empty()
    page.get_by_role("link", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    expect(page.locator("#code")).not_to_be_empty()
    assert page.locator("#sign-in").get_attribute("href") == "/sign-in?to=%2Fkiosk%3Fat%3Dkiosk-1"
    page.close()


def test_once_admitted_it_stays_at_this_server(server: RunningServer, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{server.address}/screen?to=https://example.org//evil.example/kiosk?at=kiosk-1")
    expect(page.locator("#code")).not_to_be_empty()
    manager = by_manager(server)
    waiting = server.get("/devices", **manager).json["waiting"][-1]
    body = {"pairing": waiting["pairing"], "code": page.locator("#code").inner_text(), "name": "a screen"}
    assert server.post("/devices", body, **manager).status == 201
    page.wait_for_url(f"{server.address}//evil.example/kiosk?at=kiosk-1", timeout=10_000)
    page.close()
