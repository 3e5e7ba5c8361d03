"""Debian's Chromium, which was given the centre's authority as docs/transport.md says."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from server.transport.authority import Authority, kept_authority
from tests.browser import CHROMIUM, FLAGS
from tests.server.transport.fronted import Hall, showing, signed

pytestmark = pytest.mark.browser
RESOLVE = "--host-resolver-rules=MAP queue.example.org 127.0.0.1, MAP bank.example.com 127.0.0.1"


def started(home: Path, ca_file: Path | None) -> Iterator[Browser]:
    # Where Chromium looks has changed in the course of time.
    for place in (".pki/nssdb", ".local/share/pki/nssdb"):
        database = home / place
        database.mkdir(parents=True)
        subprocess.run(["certutil", "-d", f"sql:{database}", "-N", "--empty-password"], check=True, timeout=30)
        if ca_file:
            words = ("-A", "-t", "C,,", "-n", "Dawr", "-i", ca_file)
            subprocess.run(["certutil", "-d", f"sql:{database}", *words], check=True, timeout=30)
    own: dict[str, str | float | bool] = {name: value for name, value in os.environ.items() if name != "XDG_DATA_HOME"}
    own["HOME"] = str(home)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, RESOLVE], env=own)
        yield browser
        browser.close()


@pytest.fixture
def knowing(tmp_path: Path, hall: Hall) -> Iterator[Browser]:
    if shutil.which("certutil") is None:
        pytest.skip("needs certutil (Debian: libnss3-tools)")
    yield from started(tmp_path / "home", hall.nginx.ca_file)


@pytest.fixture
def strange(tmp_path: Path) -> Iterator[Browser]:
    if shutil.which("certutil") is None:
        pytest.skip("needs certutil (Debian: libnss3-tools)")
    yield from started(tmp_path / "home", None)


def complaint(browser: Browser, address: str) -> str:
    page = browser.new_page()
    try:
        page.goto(address)
    except Error as problem:
        return problem.message.split()[1]
    finally:
        page.close()
    return "none"


def test_it_takes_the_server_by_name_and_by_address_and_its_live_pages_work(knowing: Browser, hall: Hall) -> None:
    for host in ("localhost", "127.0.0.1", "queue.example.org"):
        assert complaint(knowing, f"https://{host}:{hall.nginx.https_port}/") == "none"
    page = knowing.new_page()
    with page.expect_websocket() as socket:
        page.goto(f"https://queue.example.org:{hall.nginx.https_port}/board")
    assert socket.value.url.startswith("wss://queue.example.org")
    page.close()


def test_it_does_not_take_a_bank_from_this_authority(knowing: Browser, hall: Hall, tmp_path: Path) -> None:
    authority = kept_authority(hall.server.data)
    assert authority
    assert forged_is(knowing, authority, "queue.example.org", tmp_path) == "none"
    assert forged_is(knowing, authority, "bank.example.com", tmp_path) == "net::ERR_CERT_INVALID"


def forged_is(browser: Browser, authority: Authority, name: str, beside: Path) -> str:
    with showing(signed(authority, name, beside), authority.key_file) as port:
        return complaint(browser, f"https://{name}:{port}/")


def test_without_the_authority_it_warns_and_by_plain_http_a_phone_sees_its_page(strange: Browser, hall: Hall) -> None:
    ticket = hall.server.post("/tickets", {"service": "birth"}).json
    assert complaint(strange, f"{hall.nginx.address}/t/{ticket['id']}") == "net::ERR_CERT_AUTHORITY_INVALID"
    phone = strange.new_page(viewport={"width": 360, "height": 740})
    refused: list[str] = []
    phone.on("requestfailed", lambda request: refused.append(request.url))
    phone.goto(f"http://127.0.0.1:{hall.nginx.http_port}/t/{ticket['id']}", wait_until="networkidle")
    assert ticket["number"] in phone.inner_text("#turn")
    assert phone.evaluate("document.styleSheets.length") > 0
    assert refused == []
    phone.close()


def test_a_television_without_the_authority_shows_the_board_by_plain_http(strange: Browser, hall: Hall) -> None:
    page = strange.new_page()
    with page.expect_websocket() as socket:
        page.goto(f"http://127.0.0.1:{hall.nginx.http_port}/board")
    assert socket.value.url.startswith("ws://")
    page.close()
