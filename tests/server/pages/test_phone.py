"""A ticket on its visitor's phone, in a real browser on a real server."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from dawr.ids import new_id
from tests.browser import DESK, PHONE, barriers, faultless_page
from tests.server.running import RunningServer

pytestmark = pytest.mark.browser

FIRST_LOAD_BYTES, POLL_BYTES = 50_000, 500


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    with faultless_page(browser, viewport=PHONE) as page:
        yield page


def take(server: RunningServer, language: str = "en", service: str = "birth") -> Any:
    return server.post("/tickets", {"service": service, "language": language}).json


def look(server: RunningServer, ticket: Any, language: str = "en") -> Any:
    """What the phone polls."""
    with urllib.request.urlopen(f"{server.address}/t/{ticket['id']}.json?language={language}") as answer:
        return json.load(answer)


def call(server: RunningServer, ticket: Any) -> None:
    assert server.post("/counters/1/call", {"ticket": ticket["id"]}).status == 200


def test_a_visitor_follows_the_ticket_to_its_counter_and_home(hall_server: RunningServer, phone: Page) -> None:
    first, mine = take(hall_server), take(hall_server)
    phone.goto(f"{hall_server.address}/t/{mine['id']}")
    expect(phone.locator(".yours b")).to_have_text(mine["number"])
    expect(phone.locator("#title")).to_have_text("⁦1⁩ person is ahead of you.")
    expect(phone.locator("#says")).to_contain_text("Expected wait")
    call(hall_server, first)
    expect(phone.locator("#title")).to_have_text("Nobody is ahead of you.", timeout=10_000)
    buzz = "navigator.vibrate = (pattern) => { document.body.dataset.buzzed = pattern.length; }"
    phone.evaluate(f"() => {{ {buzz} }}")
    call(hall_server, mine)
    expect(phone.locator("#title")).to_have_text("Go to counter ⁦1⁩", timeout=10_000)
    expect(phone.locator("body")).to_have_attribute("data-buzzed", "5")
    assert phone.title().startswith("● Go to counter")
    hall_server.post("/counters/1/serve")
    expect(phone.locator("#turn")).to_have_attribute("data-state", "serving", timeout=10_000)
    expect(phone.locator("#leave")).to_be_hidden()
    hall_server.post("/counters/1/complete")
    expect(phone.locator("#turn")).to_have_attribute("data-state", "completed", timeout=15_000)


def test_a_called_visitor_asks_for_more_time_and_is_called_again(
    hall_server: RunningServer, phone: Page, page: Page
) -> None:
    mine = take(hall_server)
    page.goto(f"{hall_server.address}/counter/1?language=en")
    call(hall_server, mine)
    expect(page.locator("#number")).to_have_text(mine["number"])
    phone.goto(f"{hall_server.address}/t/{mine['id']}")
    phone.get_by_role("button", name="I need more time").click()
    expect(phone.locator("#title")).to_have_text("You asked for more time")
    expect(page.locator("#service")).to_contain_text("asked for more time. The counter is free")
    expect(page.locator("#notice")).to_contain_text("asked for more time")
    page.keyboard.press("l")
    expect(page.locator("#aside")).to_contain_text("asked for more time")
    page.keyboard.press("Escape")
    phone.get_by_role("button", name="I am ready").click()
    expect(phone.locator("#turn")).to_have_attribute("data-state", "waiting")
    page.keyboard.press("Space")
    expect(page.locator("#number")).to_have_text(mine["number"])
    expect(phone.locator("#turn")).to_have_attribute("data-state", "called", timeout=15_000)
    hall_server.post("/counters/1/complete")


def test_the_fourth_time_there_is_no_more_time_and_the_page_says_so(hall_server: RunningServer, phone: Page) -> None:
    mine = take(hall_server)
    phone.goto(f"{hall_server.address}/t/{mine['id']}")
    for _ in range(3):
        phone.get_by_role("button", name="I need more time").click()
        phone.get_by_role("button", name="I am ready").click()
        expect(phone.locator("#turn")).to_have_attribute("data-state", "waiting")
    expect(phone.locator("#aside")).to_be_hidden()
    expect(phone.locator("#says")).to_contain_text("cannot again")
    press(hall_server, mine, "aside")  # by hand, as nothing on the page does
    assert look(hall_server, mine)["state"] == "waiting"


def test_what_a_clerk_set_aside_no_visitor_takes_back(hall_server: RunningServer, phone: Page) -> None:
    mine = take(hall_server)
    call(hall_server, mine)
    hall_server.post("/counters/1/park")
    phone.goto(f"{hall_server.address}/t/{mine['id']}")
    expect(phone.locator("#ready")).to_be_hidden()
    press(hall_server, mine, "ready")
    assert look(hall_server, mine)["state"] == "parked"
    hall_server.post(f"/tickets/{mine['id']}/cancel")


def press(server: RunningServer, ticket: Any, what: str) -> None:
    urllib.request.urlopen(urllib.request.Request(f"{server.address}/t/{ticket['id']}/{what}", method="POST")).close()


def test_leaving_is_asked_once_more_and_gives_the_number_up(hall_server: RunningServer, phone: Page) -> None:
    ticket = take(hall_server)
    phone.goto(f"{hall_server.address}/t/{ticket['id']}")
    expect(phone.get_by_role("button", name="give up my number")).to_be_hidden()
    phone.get_by_text("I am leaving").click()
    phone.get_by_role("button", name="give up my number").click()
    expect(phone.locator("#title")).to_have_text("This number is no longer in the line")
    assert hall_server.get(f"/tickets/{ticket['id']}").json["state"] == "cancelled"


def test_the_first_load_is_small_and_asks_for_no_font(hall_server: RunningServer, phone: Page) -> None:
    loaded: dict[str, int] = {}
    phone.on("response", lambda answer: loaded.update({answer.url: len(answer.body())}))
    phone.goto(f"{hall_server.address}/t/{take(hall_server, 'ar')['id']}", wait_until="networkidle")
    assert sum(loaded.values()) < FIRST_LOAD_BYTES, loaded
    assert not [url for url in loaded if "woff" in url or "socket.io" in url]


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_poll_is_small_and_unchanged_it_is_nothing(hall_server: RunningServer, language: str) -> None:
    address = f"{hall_server.address}/t/{take(hall_server, language)['id']}.json"
    with urllib.request.urlopen(address) as answer:
        assert len(answer.read()) < POLL_BYTES
        tag = answer.headers["ETag"]
    with pytest.raises(urllib.error.HTTPError) as unchanged:
        urllib.request.urlopen(urllib.request.Request(address, headers={"If-None-Match": tag}))
    assert (unchanged.value.code, unchanged.value.read()) == (304, b"")


def test_it_is_in_the_slips_language_until_another_is_chosen(hall_server: RunningServer, phone: Page) -> None:
    phone.goto(f"{hall_server.address}/t/{take(hall_server, 'ar')['id']}")
    expect(phone.locator("html")).to_have_attribute("lang", "ar")
    phone.get_by_role("link", name="English").click()
    expect(phone.locator("html")).to_have_attribute("lang", "en")


def test_without_javascript_a_reload_shows_how_it_stands(hall_server: RunningServer, browser: Browser) -> None:
    ticket = take(hall_server)
    with faultless_page(browser, viewport=PHONE, java_script_enabled=False) as phone:
        phone.goto(f"{hall_server.address}/t/{ticket['id']}")
        expect(phone.locator("#title")).to_contain_text("ahead of you")
        call(hall_server, ticket)
        phone.reload()
        expect(phone.locator("#title")).to_have_text("Go to counter ⁦1⁩")


def test_a_number_opens_no_page_and_an_unknown_code_is_said_in_a_sentence(
    hall_server: RunningServer, browser: Browser
) -> None:
    page = browser.new_page(viewport=PHONE)
    for code in (take(hall_server)["number"], "0190aaaa-0000-7000-8000-000000000000"):
        answer = page.goto(f"{hall_server.address}/t/{code}?language=en")
        assert answer and answer.status == 404
        expect(page.locator("#title")).to_have_text("There is no such number today")
        polled = page.request.get(f"{hall_server.address}/t/{code}.json")
        assert (polled.status, polled.json()["state"]) == (404, None)
    page.close()


def test_a_slip_that_was_faster_than_its_kiosk_comes_right_by_itself(
    hall_server: RunningServer, browser: Browser
) -> None:
    id, page = new_id(), browser.new_page(viewport=PHONE)
    page.clock.install()
    page.goto(f"{hall_server.address}/t/{id}")
    expect(page.locator(".yours")).to_have_count(0)
    moment = {"boot": "b-1", "boottime_s": 1.0, "wall": datetime.now(UTC).isoformat(), "trust": "none"}
    printed = {"id": id, "number": "A020", "service": "birth", "language": "ar", "issued": moment}
    hall_server.post("/kiosks/kiosk-1/hand-in", {"issuer": "kiosk-1", "sent": moment, "tickets": [printed]})
    page.clock.run_for(30_000)
    expect(page.locator(".yours b")).to_have_text("A020")
    page.close()


def test_nobody_leaves_by_a_number_or_while_at_the_counter(hall_server: RunningServer) -> None:
    ticket = take(hall_server)

    def leave(code: str) -> str:
        urllib.request.urlopen(urllib.request.Request(f"{hall_server.address}/t/{code}/leave", method="POST"))
        return str(look(hall_server, ticket)["state"])

    with pytest.raises(urllib.error.HTTPError):
        leave(ticket["number"])
    call(hall_server, ticket)
    hall_server.post("/counters/1/serve")
    assert leave(ticket["id"]) == "serving"


def test_no_answer_names_another_ticket(hall_server: RunningServer) -> None:
    others = [take(hall_server) for _ in range(3)]
    mine = take(hall_server)
    for path in ("", ".json"):
        with urllib.request.urlopen(f"{hall_server.address}/t/{mine['id']}{path}") as answer:
            said = answer.read().decode()
        assert [one for one in others if one["id"] in said or one["number"] in said] == []


def test_those_far_from_their_turn_ask_less_often(hall_server: RunningServer) -> None:
    tickets = [take(hall_server, service="deed") for _ in range(12)]
    often = [look(hall_server, ticket)["again_s"] for ticket in tickets]
    assert often == sorted(often) and often[0] < often[-1]


def test_a_lost_server_is_said_and_found_again(hall_server: RunningServer, browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)
    page.goto(f"{hall_server.address}/t/{take(hall_server)['id']}")
    page.context.set_offline(True)
    expect(page.locator("#lost")).to_contain_text("No connection since", timeout=60_000)
    page.context.set_offline(False)
    expect(page.locator("#lost")).to_be_hidden(timeout=15_000)
    page.close()


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_state_fits_the_screen(
    hall_server: RunningServer, browser: Browser, language: str, size: dict[str, int]
) -> None:
    ticket = take(hall_server, language)
    with faultless_page(browser, viewport=size) as page:
        for done in (
            None,
            "aside",
            "ready",
            "call",
            "aside",
            "call",
            "recall",
            "recall",
            "no-show",
            "call",
            "park",
            "call",
            "serve",
            "complete",
        ):
            if done in ("aside", "ready"):
                press(hall_server, ticket, done)
            elif done:
                answer = hall_server.post(f"/counters/2/{done}", {"ticket": ticket["id"]} if done == "call" else None)
                assert answer.status == 200, answer.json
            page.goto(f"{hall_server.address}/t/{ticket['id']}")
            expect(page.locator("#title")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
            assert barriers(page) == []


def test_a_visit_is_rated_with_one_tap_once_and_nobody_is_named(hall_server: RunningServer, phone: Page) -> None:
    ticket = take(hall_server, service="deed")
    hall_server.post("/counters/3/call", {"ticket": ticket["id"]})
    phone.goto(f"{hall_server.address}/t/{ticket['id']}")
    expect(phone.locator("#rate")).to_be_hidden()
    hall_server.post("/counters/3/complete")
    expect(phone.locator("#rate")).to_be_visible(timeout=15_000)
    phone.get_by_role("button", name="Good").click()
    expect(phone.locator("#says")).to_contain_text("Your answer was counted.")
    expect(phone.locator("#rate")).to_be_hidden()
    rate(hall_server, ticket, 1)  # a second time is not heard
    given = [one for one in hall_server.get("/log?limit=1000").json["events"] if one["name"] == "FeedbackGiven"]
    assert [one["event"] | {"at": None} for one in given] == [{"at": None, "service": "deed", "score": 3}]
    assert ticket["id"] not in json.dumps(given)


def test_small_sums_of_feedback_are_hidden(hall_server: RunningServer) -> None:
    def scores() -> Any:
        report = hall_server.get("/reports/feedback").json
        return {row["key"]: row["scores"] for row in [*report["rows"], report["total"]]}

    before = sum(one["name"] == "FeedbackGiven" for one in hall_server.get("/log?limit=1000").json["events"])
    for done in range(before + 1, 6):
        ticket = take(hall_server, service="deed")
        hall_server.post("/counters/3/call", {"ticket": ticket["id"]})
        rate(hall_server, ticket, 2)  # too early: the visit goes on
        hall_server.post("/counters/3/complete")
        rate(hall_server, ticket, 1)
        assert (scores()["deed"] is None) == (scores()["all"] is None) == (done < 5)
    assert sum(scores()["deed"]) == sum(scores()["all"]) == 5


def rate(server: RunningServer, ticket: Any, score: int) -> None:
    address = f"{server.address}/t/{ticket['id']}/feedback"
    urllib.request.urlopen(urllib.request.Request(address, f"score={score}".encode(), method="POST")).close()
