"""The administration page in a real browser on a real server: from a draft to a file, and back again."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, expect

from tests.browser import DESK, PHONE, barriers, faultless_page
from tests.server.running import ALWAYS_OPEN, RunningServer

pytestmark = pytest.mark.browser

SECTIONS = ("centre", "hours", "classes", "lines", "categories", "services", "counters", "kiosks", "file", "history")
PATIENCE_S = 30


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without a fault. That a server is gone for a moment, the browser says in its console, and that is none."""
    page = browser.new_page(viewport=DESK)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    page.close()
    assert faults == []


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server whose settings a test changes."""
    server = RunningServer(tmp_path)
    yield server
    server.kill()


def open_admin(page: Page, server: RunningServer, section: str = "", language: str = "en") -> None:
    page.goto(f"{server.address}/admin?language={language}#{section}")
    expect(page.locator("body.ready")).to_be_attached()


def settings(server: RunningServer) -> dict[str, Any]:
    found: dict[str, Any] = server.get("/settings").json["settings"]
    return found


def menu_names(server: RunningServer) -> list[str]:
    """What a kiosk offers."""
    return [service["name"]["en"] for service in server.get("/services").json["services"]]


def row(page: Page, name: str) -> Locator:
    """The row of that name, open."""
    item = page.locator("#section [data-row]").filter(has=page.get_by_role("button", name=name, expanded=False))
    if item.count():
        key = item.first.get_attribute("data-row")
        item.first.locator(".open-row").click()
        return page.locator(f'[data-row="{key}"]')
    return page.locator("#section [data-row]").filter(has=page.get_by_role("button", name=name, expanded=True)).first


def publish(page: Page) -> None:
    """Look through the changes and publish them, until the server works with them."""
    page.get_by_role("button", name="Review and publish").click()
    page.get_by_role("button", name="Publish the changes").click()
    expect(page.locator("#notice")).to_contain_text("The changes are published", timeout=PATIENCE_S * 1000)


def until(what: str, holds: Any) -> None:
    """Wait until something holds: a server that begins anew refuses for a moment."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail(f"not within {PATIENCE_S} s: {what}")


# ---- from a draft to the file ----


def test_a_new_name_is_at_the_kiosk_after_publishing_and_not_before(own_server: RunningServer, page: Page) -> None:
    open_admin(page, own_server, "services")
    row(page, "Birth certificate").get_by_label("in English").first.fill("Birth record")
    expect(page.locator("#bar-count")).to_have_text("One change not yet published")
    assert "Birth certificate" in menu_names(own_server)
    page.get_by_role("button", name="Review and publish").click()
    expect(page.locator("#review-changes li")).to_contain_text(
        re.compile("The service .*Birth record.*Name of the service.*was .*Birth certificate.*, becomes .*Birth record")
    )
    page.get_by_role("button", name="Publish the changes").click()
    expect(page.locator("#notice")).to_contain_text("The changes are published", timeout=PATIENCE_S * 1000)
    assert "Birth record" in menu_names(own_server)
    assert 'en = "Birth record"' in own_server.config.read_text("utf-8")
    expect(page.locator("#bar-count")).to_contain_text("No changes")


def test_what_was_just_published_is_undone_with_one_press_and_a_confirmation(
    own_server: RunningServer, page: Page
) -> None:
    open_admin(page, own_server)
    page.get_by_label("Longest acceptable wait").fill("35")
    publish(page)
    assert settings(own_server)["centre"]["target_minutes"] == 35
    page.locator("#notice").get_by_role("button", name="Undo").click()
    page.locator("#ask").get_by_role("button", name="Undo").click()
    until("the old target", lambda: "target_minutes" not in settings(own_server)["centre"])
    expect(page.locator("#notice")).to_contain_text("published", timeout=PATIENCE_S * 1000)


def test_the_history_says_in_plain_words_what_changed_and_undoes_it(own_server: RunningServer, page: Page) -> None:
    open_admin(page, own_server, "lines")
    row(page, "Land registry").get_by_label("in English").fill("Land and property")
    publish(page)
    page.get_by_role("link", name="History").click()
    newest = page.locator(".history > li").first
    expect(newest).to_contain_text(
        re.compile("The line .*Land and property.*Name of the line, in English.*was .*Land registry.*became .*Land and")
    )
    expect(newest).to_contain_text("127.0.0.1")
    newest.get_by_role("button", name="Undo").click()
    page.locator("#ask").get_by_role("button", name="Undo").click()
    until("the old name", lambda: settings(own_server)["line"][1]["name"]["en"] == "Land registry")
    expect(page.locator("#notice")).to_contain_text("published", timeout=PATIENCE_S * 1000)
    page.get_by_role("link", name="History").click()
    expect(page.locator(".history > li").first).to_contain_text("An earlier change was undone")


# ---- mistakes ----


def test_a_mistake_is_a_sentence_that_leads_to_its_field(own_server: RunningServer, page: Page) -> None:
    open_admin(page, own_server, "services")
    row(page, "Birth certificate").get_by_label("in Arabic").first.fill("")
    expect(page.locator("#bar-mistakes")).to_have_text("One mistake")
    page.get_by_role("link", name="The centre").click()
    page.locator("#bar-mistakes").click()
    expect(page.locator("#review-publish")).to_be_disabled()
    page.locator("#review-mistake-list button").filter(has_text=re.compile("The service .*Birth certificate")).click()
    field = page.locator(":focus")
    expect(field).to_have_attribute("data-key", "service[1].name.ar")
    expect(field).to_have_attribute("aria-invalid", "true")
    described = (field.get_attribute("aria-describedby") or "").split()[-1]
    expect(page.locator(f"#{described}")).to_be_visible()
    expect(page.locator(f"#{described}")).to_contain_text("language")
    expect(page.locator('#sections a[href="#services"] .count')).to_have_text("1")
    assert barriers(page) == []
    field.fill("بيان ولادة جديد")
    expect(page.locator("#bar-mistakes")).to_be_hidden()
    expect(field).not_to_have_attribute("aria-invalid", "true")


def test_a_counter_without_a_line_is_led_to(own_server: RunningServer, page: Page) -> None:
    open_admin(page, own_server, "counters")
    page.get_by_role("button", name="Add a counter").click()
    expect(page.locator("#bar-mistakes")).to_be_visible()
    page.locator("#bar-mistakes").click()
    page.locator("#review-mistake-list button").first.click()
    expect(page.locator(":focus")).to_have_attribute("data-key", "counter[4].lines")
    page.get_by_label("Civil registry").check()
    expect(page.locator("#bar-mistakes")).to_be_hidden()


def test_what_people_wait_for_now_cannot_be_deleted_and_the_page_says_so(own_server: RunningServer, page: Page) -> None:
    own_server.post("/tickets", {"service": "deed"})
    open_admin(page, own_server, "services")
    row(page, "Property statement").get_by_role("button", name="Delete the service").click()
    page.locator("#ask").get_by_role("button", name="Delete the service").click()
    page.locator("#bar-mistakes").click()
    expect(page.locator("#review-mistake-list")).to_contain_text(
        re.compile("Services.*lacks .*Property statement.*tickets")
    )
    expect(page.locator("#review-publish")).to_be_disabled()


# ---- rows ----


def test_a_new_service_takes_line_and_group_and_names_itself(own_server: RunningServer, page: Page) -> None:
    open_admin(page, own_server, "services")
    page.get_by_role("button", name=re.compile("Add a service to .*Papers")).click()
    expect(page.locator(":focus")).to_have_attribute("data-key", "service[3].name.ar")
    page.keyboard.type("شهادة إقامة")
    page.keyboard.press("Tab")
    page.keyboard.type("Proof of residence")
    publish(page)
    new = settings(own_server)["service"][2]
    assert (new["id"], new["category"], new["line"]) == ("proof-of-residence", "papers", "land")


def test_the_order_of_services_is_changed_and_said(own_server: RunningServer, page: Page) -> None:
    open_admin(page, own_server, "services")
    page.get_by_role("button", name=re.compile("Move .*Birth certificate.* down")).click()
    expect(page.locator("#said")).to_contain_text("is now at place")
    expect(page.locator(":focus")).to_have_attribute("aria-label", re.compile("Move .*Birth certificate.* up"))
    publish(page)
    assert menu_names(own_server) == ["Property statement", "Birth certificate"]


def test_a_copy_of_a_service_has_its_own_name_and_id(own_server: RunningServer, page: Page) -> None:
    open_admin(page, own_server, "services")
    row(page, "Birth certificate").get_by_role("button", name="Copy this service").click()
    publish(page)
    copy = settings(own_server)["service"][1]
    assert (copy["id"], copy["name"]["en"], copy["usual_minutes"]) == ("birth-2", "Birth certificate (copy)", 6)


def test_deleting_a_line_says_what_refers_to_it_and_moves_its_services(own_server: RunningServer, page: Page) -> None:
    open_admin(page, own_server, "lines")
    row(page, "Land registry").get_by_role("button", name="Delete the line").click()
    expect(page.locator("#ask")).to_contain_text("One service waits in it")
    expect(page.locator("#ask")).to_contain_text("\u20662\u2069 counters serve it")
    referring = ["Property statement", "Counter \u20662\u2069", "Counter \u20663\u2069"]
    expect(page.locator("#ask li")).to_have_text(referring)
    page.locator("#ask").get_by_role("button", name="Delete the line").click()
    expect(page.locator("#section [data-row]")).to_have_count(1)
    page.locator("#bar-mistakes").click()  # counter 3 served nothing else
    page.locator("#review-mistake-list button").first.click()
    page.get_by_label("Civil registry").check()
    publish(page)
    assert {service["line"] for service in settings(own_server)["service"]} == {"civil"}


def test_whoever_refers_to_a_row_is_told_its_new_id(own_server: RunningServer, page: Page) -> None:
    open_admin(page, own_server, "lines")
    item = row(page, "Land registry")
    item.get_by_text("More options and details").click()
    item.get_by_label("Name for machines").fill("property")
    item.get_by_label("Name for machines").press("Tab")
    publish(page)
    now = settings(own_server)
    assert now["service"][1]["line"] == "property"
    assert [counter["lines"] for counter in now["counter"]] == [["civil"], ["property", "civil"], ["property"]]


def test_only_letters_that_are_free_are_offered(own_server: RunningServer, page: Page) -> None:
    open_admin(page, own_server, "lines")
    letters = row(page, "Civil registry").get_by_label("Letter").locator("option").all_inner_texts()
    assert letters[:2] == ["A", "D"]


def test_hours_are_written_by_the_day_with_any_digits(own_server: RunningServer, page: Page) -> None:
    open_admin(page, own_server, "hours")
    sunday = page.get_by_role("group", name="Sunday")
    sunday.get_by_label("To, stretch").fill("١٢")
    sunday.get_by_role("button", name="Add hours").click()
    sunday.get_by_label("From, stretch").last.fill("13")
    sunday.get_by_label("To, stretch").last.fill("1530")
    page.get_by_role("group", name="Monday").get_by_role("button", name=re.compile("As on")).click()
    publish(page)
    hours = settings(own_server)["hours"]
    assert hours["sunday"] == hours["monday"] == ["00:00-12:00", "13:00-15:30"]


# ---- the draft ----


def test_a_draft_survives_a_closed_tab(own_server: RunningServer, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    open_admin(page, own_server)
    page.get_by_label("Longest acceptable wait").fill("45")
    expect(page.locator("#bar-count")).to_contain_text("One change")
    page.close(run_before_unload=False)
    again = context.new_page()
    open_admin(again, own_server)
    expect(again.locator("#notice")).to_contain_text("a draft of last time")
    expect(again.get_by_label("Longest acceptable wait")).to_have_value("45")
    context.close()


def test_leaving_with_a_draft_warns(own_server: RunningServer, page: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", stay)
    open_admin(page, own_server)
    page.get_by_label("Longest acceptable wait").fill("45")
    page.goto(f"{own_server.address}/?language=en")
    assert asked == ["beforeunload"]


def test_a_change_is_taken_back_from_the_list(own_server: RunningServer, page: Page) -> None:
    open_admin(page, own_server)
    page.get_by_label("Longest acceptable wait").fill("45")
    page.get_by_label("How often to call again").fill("4")
    page.get_by_role("button", name="Review and publish").click()
    page.locator("#review-changes li").filter(has_text="Longest").get_by_role("button", name="Take back").click()
    expect(page.locator("#review-changes li")).to_have_count(1)
    page.get_by_role("button", name="Go on editing").click()
    expect(page.get_by_label("Longest acceptable wait")).to_have_value("20")
    expect(page.get_by_label("How often to call again")).to_have_value("4")


# ---- two at once ----


def test_two_administrators_lose_nothing_and_choose_where_both_changed_the_same(
    own_server: RunningServer, browser: Browser
) -> None:
    first, second = browser.new_context().new_page(), browser.new_context().new_page()
    for page in (first, second):
        open_admin(page, own_server)
    second.get_by_label("How often to call again").fill("4")
    second.get_by_label("Longest acceptable wait").fill("30")
    first.get_by_label("Longest acceptable wait").fill("25")
    publish(first)
    expect(second.locator("#doubts")).to_be_visible(timeout=PATIENCE_S * 1000)
    expect(second.locator("#notice")).to_contain_text("Somebody else changed the settings")
    second.get_by_label("Yours:").check()
    second.get_by_role("button", name="Go on editing").click()
    publish(second)
    centre = settings(own_server)["centre"]
    assert (centre["target_minutes"], centre["recalls_before_no_show"]) == (30, 4)
    for page in (first, second):
        page.context.close()


def test_a_change_of_another_place_is_put_together_without_a_question(
    own_server: RunningServer, browser: Browser
) -> None:
    first, second = browser.new_context().new_page(), browser.new_context().new_page()
    for page in (first, second):
        open_admin(page, own_server, "services")
    row(second, "Property statement").get_by_label("in English").first.fill("Deed")
    row(first, "Birth certificate").get_by_label("in English").first.fill("Birth record")
    publish(first)
    expect(second.locator("#notice")).to_contain_text("Your changes were put", timeout=PATIENCE_S * 1000)
    publish(second)
    assert menu_names(own_server) == ["Birth record", "Deed"]
    for page in (first, second):
        page.context.close()


# ---- files and examples ----


def test_a_file_is_taken_home_and_brought_again(own_server: RunningServer, page: Page, tmp_path: Path) -> None:
    open_admin(page, own_server, "file")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download the file").click()
    assert Path(coming.value.path()).read_text("utf-8") == own_server.config.read_text("utf-8")
    brought = tmp_path / "brought.toml"
    brought.write_text("# brought from home\n" + ALWAYS_OPEN.replace("Small centre", "Centre from home"), "utf-8")
    page.locator("input[type=file]").set_input_files(brought)
    page.locator("#ask").get_by_role("button", name="Publish the file").click()
    expect(page.locator("#notice")).to_contain_text("published", timeout=PATIENCE_S * 1000)
    expect(page.locator(".over")).to_have_text("Centre from home")
    assert "# brought from home" in own_server.config.read_text("utf-8")


def test_a_file_with_mistakes_changes_nothing_and_says_why(
    own_server: RunningServer, page: Page, tmp_path: Path
) -> None:
    before = own_server.config.read_text("utf-8")
    open_admin(page, own_server, "file")
    brought = tmp_path / "brought.toml"
    brought.write_text(before.replace('line = "civil"', 'line = "nowhere"'), "utf-8")
    page.locator("input[type=file]").set_input_files(brought)
    page.locator("#ask").get_by_role("button", name="Publish the file").click()
    expect(page.locator("#ask li").first).to_contain_text("service[1].line")
    assert own_server.config.read_text("utf-8") == before


def test_an_example_is_begun_from_and_the_centre_keeps_its_name_and_kiosks(
    own_server: RunningServer, page: Page
) -> None:
    open_admin(page, own_server, "file")
    page.get_by_role("button", name=re.compile("Begin from this example: .*Safsafeh")).click()
    page.locator("#ask").get_by_role("button", name="Begin from this example").click()
    expect(page.locator("#section-title")).to_be_focused()
    expect(page.get_by_label("in English").first).to_have_value("Small centre")
    publish(page)
    now = settings(own_server)
    assert len(now["service"]) == 10
    assert [kiosk["id"] for kiosk in now["kiosk"]] == ["kiosk-1", "kiosk-2"]


# ---- previews ----


def test_the_slip_is_shown_as_it_will_be_printed_in_each_language(own_server: RunningServer, page: Page) -> None:
    open_admin(page, own_server, "services")
    row(page, "Birth certificate").get_by_role("button", name="Preview the slip").click()
    image = page.locator("#preview-slip")
    expect(image).to_have_attribute("src", re.compile("^data:image/png;base64,"))
    assert image.evaluate("async (image) => { await image.decode(); return image.naturalWidth }") > 300
    arabic = image.get_attribute("src")
    page.locator("#preview-language").select_option("en")
    expect(image).not_to_have_attribute("src", arabic or "")


def test_the_board_is_shown_in_a_frame_with_the_draft(own_server: RunningServer, page: Page) -> None:
    open_admin(page, own_server)
    page.get_by_label("in English").first.fill("Centre of the draft")
    page.get_by_role("button", name="Review and publish").click()
    page.get_by_role("button", name="Preview slip and board").click()
    page.get_by_role("button", name="The board").click()
    expect(page.frame_locator("#preview-board").locator("body")).to_contain_text("Centre of the draft")


# ---- for everybody ----


def test_a_change_is_published_by_keyboard_alone(own_server: RunningServer, page: Page) -> None:
    open_admin(page, own_server)

    def tab_to(target: Locator) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if target.evaluate("(element) => element === document.activeElement"):
                return
        pytest.fail("the keyboard does not get there")

    tab_to(page.get_by_role("link", name="Services", exact=True))
    page.keyboard.press("Enter")
    expect(page.locator("#section-title")).to_be_focused()
    tab_to(page.locator('[data-row="service[2]"] .open-row'))
    page.keyboard.press("Enter")
    tab_to(page.locator('[data-key="service[2].fee"]'))
    page.keyboard.type("٥٠٠")
    tab_to(page.get_by_role("button", name="Review and publish"))
    page.keyboard.press("Enter")
    expect(page.locator("#review-publish")).to_be_enabled()
    tab_to(page.locator("#review-publish"))
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_be_focused(timeout=PATIENCE_S * 1000)
    assert settings(own_server)["service"][1]["fee"] == 500


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_section_can_be_used_by_everybody(
    hall_server: RunningServer, browser: Browser, section: str, language: str
) -> None:
    with faultless_page(browser, viewport=PHONE) as page:
        open_admin(page, hall_server, section, language)
        for closed in page.locator("#section [data-row] [aria-expanded=false]").all()[:1]:
            closed.click()
        for more in page.locator("#section summary").all():
            more.click()
        page.wait_for_load_state("networkidle") if section in ("file", "history") else None
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert barriers(page) == []


def test_the_kiosks_that_are_there_are_shown_beside_their_numbers(hall_server: RunningServer, page: Page) -> None:
    open_admin(page, hall_server, "kiosks")
    expect(page.locator(".devices li")).to_have_count(2)
    expect(page.locator(".devices li").first).to_contain_text("not seen today")


def test_the_start_page_leads_here(hall_server: RunningServer, page: Page) -> None:
    page.goto(f"{hall_server.address}/?language=en")
    page.get_by_role("link", name="Administration").click()
    expect(page.locator("body.ready")).to_be_attached()
