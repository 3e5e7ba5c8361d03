"""The report's page on a log of two busy days: from the figures to the tickets, and from a ticket to its story."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time

import pytest
from playwright.sync_api import Browser, Page, expect

from dawr.messages import GiveFeedback
from server.access.who import Role
from server.keeping.log import Log
from server.practice.busy_day import Move, busy_day
from server.practice.play_day import play
from tests.browser import PHONE, barriers, faultless_page
from tests.halls import small_centre
from tests.server.access.staff import PASSWORD, PIN, add
from tests.server.access.staff import Browser as Staff
from tests.server.running import ALWAYS_OPEN, RunningServer

pytestmark = pytest.mark.browser

SUNDAY, MONDAY = date(2025, 11, 16), date(2025, 11, 17)
TICKETS = {SUNDAY: 120, MONDAY: 90}
BOTH = f"from={SUNDAY}&to={MONDAY}"


@pytest.fixture(scope="module")
def busy_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("busy")
    log = Log(folder / "data")
    for day, tickets in TICKETS.items():
        play(small_centre(), log, busy_day(small_centre(), day, tickets, seed=1))
    evening = datetime.combine(MONDAY, time(20), UTC)
    said = [("birth", 3), ("birth", 3), ("birth", 3), ("birth", 2), ("birth", 1), ("deed", 1)]
    play(small_centre(), log, [Move(evening, GiveFeedback(service=service, score=score)) for service, score in said])
    log.close()
    server = RunningServer(folder)
    yield server
    server.kill()


def opened(server: RunningServer, page: Page, query: str, language: str = "en") -> Page:
    page.goto(f"{server.address}/reports?{query}&language={language}")
    return page


def figure_of(page: Page, column: str) -> str:
    return page.locator(f"[data-figure={column}] button.figure").inner_text()


@pytest.mark.parametrize("language", ["ar", "en"])
def test_from_a_figure_to_its_tickets_and_to_the_story_of_one(
    busy_server: RunningServer, page: Page, language: str
) -> None:
    opened(busy_server, page, BOTH, language)
    expect(page.locator("#report")).to_be_visible()
    report = busy_server.get(f"/reports/waiting?{BOTH}&by=line").json["total"]
    assert figure_of(page, "visits") == str(report["visits"]) == "210"
    whole = round(report["mean_wait_s"])
    assert figure_of(page, "mean_wait_s") == f"{whole // 60}:{whole % 60:02d}"
    page.locator("[data-figure=no_shows] button.figure").click()
    rows = page.locator("#drilled tbody tr")
    expect(rows).to_have_count(report["no_shows"])
    number = rows.first.locator("button").inner_text()
    rows.first.locator("button").click()
    expect(page.locator("#drill-title")).to_contain_text(number)
    missed = {"ar": "لم يحضر أحد إلى الشباك", "en": "Nobody came to counter"}[language]
    expect(page.locator(".story li").last).to_contain_text(missed)
    page.keyboard.press("Escape")
    expect(page.locator("#drill")).to_be_hidden()


def test_what_changed_since_the_day_before_is_said_in_words(busy_server: RunningServer, page: Page) -> None:
    opened(busy_server, page, f"from={MONDAY}&to={MONDAY}")
    change = page.locator("[data-figure=visits] .change")
    expect(change).to_have_text(re.compile(r"▼ .*30.* fewer \(before: .*120.*\)"))
    expect(page.locator("#said")).to_contain_text("Sunday")


def test_what_visitors_thought_is_shown_by_service_and_small_sums_are_not(
    busy_server: RunningServer, page: Page
) -> None:
    opened(busy_server, page, f"from={MONDAY}&to={MONDAY}")
    rows = page.locator("#feedback > li")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text(re.compile("All.*5.*answers", re.DOTALL))
    expect(rows.nth(1)).to_contain_text("Good 60% · Fair 20% · Poor 20%")
    expect(rows.nth(2)).to_contain_text("Fewer than five answers")
    opened(busy_server, page, f"from={SUNDAY}&to={SUNDAY}")
    expect(rows).to_have_text("Nobody has answered in this period.")


def test_a_table_is_sorted_by_the_heading_that_is_pressed(busy_server: RunningServer, page: Page) -> None:
    opened(busy_server, page, f"{BOTH}&by=half-hour")
    times = page.locator("#groups tbody th")
    expect(times.first).to_have_text("08:00")
    heading = page.locator("#groups th[data-column=visits]")
    heading.locator("button").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    counts = [int(text) for text in page.locator("#groups tbody tr td:nth-child(2)").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)
    heading.locator("button").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")


def test_a_row_of_the_table_leads_to_the_tickets_of_its_group(busy_server: RunningServer, page: Page) -> None:
    opened(busy_server, page, f"{BOTH}&by=weekday")
    row = page.locator("#groups tbody tr", has_text="Monday")
    row.get_by_role("button", name="Monday, Tickets").click()
    expect(page.locator("#drilled tbody tr")).to_have_count(50)
    page.get_by_role("button", name="Next page").click()
    expect(page.locator("#drilled tbody tr")).to_have_count(40)
    expect(page.locator("#drilled")).to_contain_text("17 November 2025")
    assert "16 November" not in page.locator("#drilled").inner_text()


def test_the_charts_say_what_they_show(busy_server: RunningServer, page: Page) -> None:
    opened(busy_server, page, BOTH)
    expect(page.locator("#week tbody tr")).to_have_count(2)
    charts = busy_server.get(f"/reports/charts?{BOTH}").json
    cells = [cell for cell in charts["week"] if cell["called"]]
    assert page.locator("#week tbody td:not(.none)").count() == len(cells)
    assert page.locator("#over-the-day circle").count() == sum(one["called"] > 0 for one in charts["over_the_day"])
    assert page.locator("#spread rect title").first.text_content()


def test_a_period_without_tickets_and_a_bad_one_are_said_in_a_sentence(busy_server: RunningServer, page: Page) -> None:
    opened(busy_server, page, "from=2025-11-10&to=2025-11-12")
    expect(page.locator("#said")).to_contain_text("No tickets were taken from")
    expect(page.locator("#report")).to_be_hidden()
    page.locator("[name=from]").fill("2025-12-01")
    expect(page.locator("#said")).to_contain_text("The first day is after the last")


def test_what_is_asked_stands_in_the_address_and_back_goes_back(busy_server: RunningServer, page: Page) -> None:
    opened(busy_server, page, BOTH)
    expect(page.locator("#groups tbody tr")).to_have_count(2)
    page.locator("[name=by]").select_option("day")
    expect(page).to_have_url(re.compile("by=day"))
    expect(page.locator("#groups tbody th").first).to_contain_text("16 November 2025")
    page.go_back()
    expect(page.locator("#groups tbody th").first).to_contain_text("Civil registry")


@pytest.mark.parametrize("language", ["ar", "en"])
def test_nothing_in_a_report_keeps_anybody_from_using_it(busy_server: RunningServer, page: Page, language: str) -> None:
    opened(busy_server, page, f"{BOTH}&by=weekday", language)
    expect(page.locator("#report")).to_be_visible()
    page.locator("summary").click()
    assert barriers(page) == []
    page.locator("[data-figure=parked] button.figure").click()
    expect(page.locator("#drilled tbody tr").first).to_be_visible()
    assert barriers(page) == []
    page.locator("#drilled tbody button").first.click()
    expect(page.locator(".story li").first).to_be_visible()
    assert barriers(page) == []


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_report_fits_a_phone(busy_server: RunningServer, browser: Browser, language: str) -> None:
    with faultless_page(browser, viewport=PHONE) as page:
        opened(busy_server, page, f"{BOTH}&by=service", language)
        expect(page.locator("#report")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_where_nobody_signs_in_the_table_by_clerk_says_so_and_the_rest_is_there(
    busy_server: RunningServer, page: Page
) -> None:
    opened(busy_server, page, f"{BOTH}&by=clerk")
    expect(page.locator("#no-clerks")).to_have_text("Nobody signs in at this server, so nobody knows who pressed.")
    expect(page.locator("#groups-title")).to_have_text(re.compile("Grouped by: .*Clerk"))
    expect(page.locator("#groups")).to_be_hidden()
    assert figure_of(page, "visits") == "210"
    page.locator("select[name=by]").select_option("line")
    expect(page.locator("#groups tbody tr").first).to_be_visible()
    expect(page.locator("#no-clerks")).to_be_hidden()


def test_a_manager_sees_figures_by_clerk_and_who_did_what(tmp_path_factory: pytest.TempPathFactory, page: Page) -> None:
    folder = tmp_path_factory.mktemp("clerks")
    settings = ALWAYS_OPEN + "\n[privacy]\nclerk_figures = true\n"
    server = RunningServer(folder, open_to_all=False, settings=settings)
    try:
        rima = add(server, "Rima", Role.CLERK, PIN)
        add(server, "Huda", Role.MANAGER, PASSWORD)
        clerk = Staff(server)
        assert clerk.sign_in("Rima", PIN).status == 200
        clerk.ask("POST", "/api/v1/counters/1/open")
        number = clerk.ask("POST", "/api/v1/tickets", {"service": "birth"}).json["number"]
        assert clerk.ask("POST", "/api/v1/counters/1/call-next").status == 200
        said = {"name": "Huda", "secret": PASSWORD}
        assert page.request.post(f"{server.address}/api/v1/session", data=said).ok
        opened(server, page, "by=clerk")
        row = page.locator("#groups tbody tr")
        expect(row.locator("th")).to_have_text(rima.name)
        expect(page.locator("#clerks-how")).to_contain_text("Who pressed is known for")
        row.get_by_role("button", name="Rima, Called: 1").click()
        page.locator("#drilled").get_by_role("button", name=number).click()
        steps = page.locator(".story li")
        expect(steps).to_have_text([re.compile("taken.*Rima", re.DOTALL), re.compile("Called to.*Rima", re.DOTALL)])
        page.keyboard.press("Escape")
        page.locator("select[name=by]").select_option("line")
        expect(page.locator("#clerks-how")).to_be_hidden()
    finally:
        server.kill()
