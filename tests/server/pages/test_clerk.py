"""The clerk's page in a real browser on a real server: a day's work, by mouse and by keys, and a line that breaks."""

import re
import shutil
import signal
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dawr.client import Client
from tests.browser import PHONE, barriers, faultless_page
from tests.peer import until
from tests.server.pages.cable import Cable
from tests.server.pages.clerks import press_at_once
from tests.server.running import ALWAYS_OPEN, RunningServer

pytestmark = pytest.mark.browser

SETTINGS = ALWAYS_OPEN.replace(
    "last_ticket_minutes = 0",
    """last_ticket_minutes = 0
park_reasons = [{ ar = "أوراق ناقصة", en = "A paper is missing" }, { ar = "تصوير", en = "Copying" }]
break_reasons = [{ ar = "صلاة", en = "Prayer" }]""",
).replace(
    "usual_minutes = 6",
    """usual_minutes = 6
needs_reference = true
papers = [{ ar = "الهوية", en = "Identity card" }, { ar = "طوابع", en = "Stamps" }]""",
)

DIALOGS = {"park": "p", "transfer": "t", "cancel": "x", "call": "k", "resume": "l", "break": "b", "copy": "d"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    server = RunningServer(tmp_path, settings=SETTINGS)
    server.options = ("--port", server.address.rpartition(":")[2])  # where it is found again after a restart
    yield server
    server.kill()


@contextmanager
def kiosk_at(server: RunningServer, end: Callable[[Any], Any]) -> Iterator[list[Any]]:
    """A kiosk-2 that tells, of each copy that it is to print, what `end` makes of it; with all that it was told."""
    told: list[Any] = []

    async def find() -> AsyncGenerator[str]:
        yield server.address

    def hear(order: Any) -> None:
        told.append(order)
        if ended := end(order):
            server.post("/kiosks/kiosk-2/end-copy", copy_ended(order) | ended)

    kiosk = Client(find, {"role": "kiosk", "id": "kiosk-2"}, on={"print-copy": hear})
    kiosk.start()
    until(lambda: kiosk.is_up)
    yield told
    kiosk.stop()


def copy_ended(order: Any) -> Any:
    about = {"id": order["id"], "ticket": order["ticket"]["id"], "number": order["ticket"]["number"]}
    return {**about, "kiosk": "kiosk-2", "asked_by": "staff"}


@pytest.fixture
def cable(server: RunningServer) -> Iterator[Cable]:
    cable = Cable(server.address)
    yield cable
    cable.close()


def take(server: RunningServer, *services: str, **more: str) -> list[str]:
    """Give tickets; their numbers."""
    return [server.post("/tickets", {"service": one, **more}).json["number"] for one in services]


def events(server: RunningServer, *names: str) -> list[str]:
    """Those of these events that the log has, oldest first."""
    entries = server.get("/log?limit=1000").json["events"]
    return [entry["name"] for entry in entries if entry["name"] in names]


def counter(server: RunningServer, id: str = "2") -> Any:
    return server.get(f"/counters/{id}").json


def show(page: Page, server: RunningServer | Cable, language: str = "en", path: str = "/counter/2") -> None:
    page.goto(f"{server.address}{path}?language={language}")
    expect(button(page, "call-next")).to_be_enabled()


def button(page: Page, name: str) -> Locator:
    return page.locator(f"#{name}")


def notice(page: Page, said: str, **patience: float) -> None:
    expect(page.locator("#notice")).to_have_text(spoken(said), **patience)


def spoken(said: str) -> re.Pattern[str]:
    """The words, whatever marks of direction stand between them."""
    return re.compile("[\u2066-\u2069]*".join(map(re.escape, said)))


def number(page: Page, shown: str) -> None:
    expect(page.locator("#number")).to_have_text(shown)


def past_double_press(page: Page) -> None:
    """The guard against double presses goes by the page's own clock."""
    page.wait_for_timeout(1600)


# --- A day's work -------------------------------------------------------------------------------------------------


def test_a_clerk_on_the_first_day_needs_one_button(server: RunningServer, page: Page) -> None:
    take(server, "birth", **{"class": "elderly", "reference": "TR-7"})
    show(page, server)
    expect(page.locator("#state")).to_have_text("The counter is closed")
    expect(button(page, "call-next")).to_contain_text("Open and call next")
    button(page, "call-next").click()
    number(page, "A901")
    notice(page, "A901 is being called")
    for shown in ("Birth certificate", "Elderly", "TR-7", "usually", "Identity card"):
        expect(page.locator("#desk")).to_contain_text(shown)
    past_double_press(page)
    button(page, "call-next").click()
    notice(page, "Nobody is waiting")
    number(page, "–")
    expect(page.locator("#served")).to_have_text("1")
    expect(page.locator("#mean")).to_have_text(re.compile(r"\d:\d\d"))
    expect(button(page, "call-next")).to_be_enabled()
    expect(button(page, "call-next")).to_contain_text("Call next")
    assert events(server, "TicketCalled", "TicketCompleted") == ["TicketCalled", "TicketCompleted"]


def test_papers_are_ticked_on_the_screen_only_and_anew_for_the_next_visitor(server: RunningServer, page: Page) -> None:
    take(server, "birth", "birth")
    show(page, server)
    button(page, "call-next").click()
    page.get_by_label("Identity card").check()
    sequence = counter(server)["sequence"]
    page.keyboard.press("r")
    notice(page, "called again")
    expect(page.get_by_label("Identity card")).to_be_checked()
    past_double_press(page)
    page.keyboard.press("Space")  # the box was ticked by mouse, so the space bar is not its own
    number(page, "A902")
    expect(page.get_by_label("Identity card")).not_to_be_checked()
    assert counter(server)["sequence"] == sequence + 3  # recalled, completed, called: nothing of papers


def test_a_no_show_needs_its_recalls_and_the_button_says_so(server: RunningServer, page: Page) -> None:
    take(server, "birth")
    show(page, server)
    button(page, "call-next").click()
    for missing in ("after 2 more calls", "after 1 more call"):
        expect(button(page, "no-show")).to_be_disabled()
        expect(button(page, "no-show")).to_have_text(spoken(missing))
        page.keyboard.press("n")
        notice(page, "First call this visitor")
        button(page, "recall").click()
        notice(page, "A901 is being called again")
    expect(button(page, "no-show")).to_be_enabled()
    button(page, "no-show").click()
    notice(page, "A901 did not come")
    assert events(server, "TicketMissed") == ["TicketMissed"]


def test_the_last_action_is_taken_back_while_the_seconds_count_down(server: RunningServer, page: Page) -> None:
    take(server, "birth")
    show(page, server)
    expect(button(page, "undo")).to_be_disabled()
    button(page, "call-next").click()
    expect(button(page, "undo")).to_contain_text(re.compile(r"[5-9]\D*s|10\D*s"))
    expect(button(page, "undo")).to_contain_text(re.compile(r"[1-4]\D*s"), timeout=10_000)
    button(page, "undo").click()
    notice(page, "taken back")
    number(page, "–")
    assert counter(server)["next"] == "A901"
    past_double_press(page)
    button(page, "call-next").click()
    number(page, "A901")
    expect(button(page, "undo")).to_be_disabled(timeout=12_000)
    page.keyboard.press("u")
    notice(page, "nothing to undo")


def test_a_whole_day_by_keyboard_alone(server: RunningServer, page: Page) -> None:
    take(server, "birth", "birth", "birth", "deed", "birth", "birth")
    show(page, server)

    def key(*keys: str) -> None:
        for one in keys:
            page.keyboard.press(one)

    key("o")
    notice(page, "The counter is open")
    key("Space")
    number(page, "A901")
    key("s")
    notice(page, "A901 is at the counter")
    past_double_press(page)
    key("Space")
    number(page, "A902")
    key("r")
    notice(page, "A902 is being called again")
    key("r")
    expect(button(page, "no-show")).to_be_enabled()
    key("n")
    notice(page, "A902 did not come")
    past_double_press(page)
    key("Space")
    number(page, "A903")
    key("p", "1")
    notice(page, "A903 was set aside")
    assert counter(server)["set_aside"][0]["reason"] == "A paper is missing"
    past_double_press(page)
    key("Space")
    number(page, "C901")
    key("t")
    expect(page.locator("#transfer-dialog")).to_be_visible()
    page.keyboard.type("Counter 3")  # as one chooses in a list
    key("Enter")
    notice(page, "C901 was sent on")
    assert server.get("/tickets/C901").json["for_counter"] == "3"
    key("l", "2", "Enter")  # the no-show is back: the second of those set aside
    notice(page, "A902 is being called")
    key("c")
    notice(page, "A902 is done")
    key("u")
    notice(page, "taken back")
    number(page, "A902")
    key("k")
    page.keyboard.type("a904")
    key("Enter")
    notice(page, "A904 is being called")
    number(page, "A904")
    key("l", "1", "Tab", "Enter")  # the parked one waits again
    notice(page, "A903 waits again")
    key("x")
    page.keyboard.type("a905")
    key("Enter")
    notice(page, "A905 was taken out")
    key("b", "1")
    notice(page, "You are on a break")
    expect(page.locator("#state")).to_have_text("On a break: Prayer")
    expect(button(page, "call-next")).to_contain_text("End the break and call next")
    past_double_press(page)
    key("Space")
    number(page, "A903")
    key("o")
    notice(page, "The counter is closed")
    states = {
        one: server.get(f"/tickets/{one}").json["state"] for one in ("A901", "A902", "A903", "A904", "A905", "C901")
    }
    assert states == {
        "A901": "completed",
        "A902": "completed",
        "A903": "completed",
        "A904": "completed",
        "A905": "cancelled",
        "C901": "waiting",
    }


def test_focus_by_tab_stays_where_it_was_and_the_space_bar_is_its_buttons(server: RunningServer, page: Page) -> None:
    take(server, "birth")
    show(page, server)
    button(page, "call-next").click()
    number(page, "A901")
    button(page, "recall").focus()
    page.keyboard.press("Space")
    notice(page, "called again")
    expect(button(page, "recall")).to_be_focused()
    assert events(server, "TicketCompleted") == []


def test_dialogs_are_left_by_escape_and_nothing_was_done(server: RunningServer, page: Page) -> None:
    take(server, "birth")
    show(page, server)
    button(page, "call-next").click()
    number(page, "A901")
    sequence = counter(server)["sequence"]
    for name, press in DIALOGS.items():
        page.keyboard.press(press)
        expect(page.locator(f"#{name}-dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(f"#{name}-dialog")).to_be_hidden()
    assert counter(server)["sequence"] == sequence


# --- Keys ---------------------------------------------------------------------------------------------------------


def test_keys_go_by_their_place_when_the_keyboard_types_arabic(server: RunningServer, page: Page) -> None:
    take(server, "birth", "birth")
    show(page, server, "ar")
    type_arabic(page, "body", " ", "Space")
    number(page, "A901")
    type_arabic(page, "body", "ق", "KeyR")
    notice(page, "يُعاد الآن نداء")
    type_arabic(page, "body", "ن", "KeyK")
    expect(page.locator("#call-dialog")).to_be_visible()
    type_arabic(page, "#call-number", "ش", "KeyA")
    expect(page.locator("#call-number")).to_have_value("A")
    page.keyboard.insert_text("٩٠٢")
    page.keyboard.press("Enter")
    number(page, "A902")


def type_arabic(page: Page, where: str, letter: str, code: str) -> None:
    page.locator(where).dispatch_event("keydown", {"key": letter, "code": code, "bubbles": True, "cancelable": True})


def test_keys_do_nothing_while_somebody_types_or_switched_them_off(server: RunningServer, page: Page) -> None:
    take(server, "birth", "birth")
    show(page, server)
    button(page, "call-next").click()
    number(page, "A901")
    sequence = counter(server)["sequence"]
    page.keyboard.press("p")
    page.locator("#park-reason").fill("")
    page.keyboard.type("urn 1 car 2")
    expect(page.locator("#park-reason")).to_have_value("urn 1 car 2")
    page.keyboard.press("Escape")
    for press in ("Control+r", "Alt+n"):
        page.locator("body").dispatch_event(
            "keydown", {"code": "KeyR", "ctrlKey": press[0] == "C", "altKey": press[0] == "A"}
        )
    button(page, "keys").click()
    past_double_press(page)
    for press in ("Space", "r", "c"):
        page.keyboard.press(press)
    expect(button(page, "keys")).to_have_attribute("aria-pressed", "false")
    assert counter(server)["sequence"] == sequence
    page.reload()
    expect(button(page, "keys")).to_have_attribute("aria-pressed", "false")
    button(page, "keys").click()
    page.keyboard.press("r")
    notice(page, "called again")


def test_a_key_that_is_pressed_as_a_dialog_closes_is_not_lost(server: RunningServer, page: Page) -> None:
    show(page, server)
    page.keyboard.press("k")
    expect(page.locator("#call-number")).to_be_focused()
    # Until the next frame, the focus is still in the field of the dialog that is gone.
    page.evaluate(
        """() => {
            document.getElementById("call-dialog").close();
            const key = new KeyboardEvent("keydown", { code: "KeyL", bubbles: true, cancelable: true });
            document.getElementById("call-number").dispatchEvent(key);
        }"""
    )
    expect(page.locator("#resume-dialog")).to_be_visible()


def test_a_double_press_counts_once_and_says_so(server: RunningServer, page: Page) -> None:
    take(server, "birth", "birth")
    show(page, server)
    page.keyboard.press("Space")
    number(page, "A901")
    page.keyboard.press("Space")
    notice(page, "Pressed twice: it counted once")
    number(page, "A901")
    assert events(server, "TicketCalled") == ["TicketCalled"]


# --- What others do -----------------------------------------------------------------------------------------------


def test_page_and_box_of_one_counter_show_the_same(server: RunningServer, page: Page, browser: Browser) -> None:
    take(server, "birth", "deed", "birth")
    show(page, server)
    with faultless_page(browser) as other:
        show(other, server)
        server.post("/counters/2/call-next")
        for one in (page, other):
            number(one, "A901")
            expect(one.locator("#next-number")).to_have_text("C901")
            expect(one.locator("#lines li")).to_have_text([re.compile(r"C.*1$"), re.compile(r"A.*1$")])


def test_a_question_about_a_visitor_is_withdrawn_when_the_visitor_is_no_longer_there(
    server: RunningServer, page: Page
) -> None:
    take(server, "birth", "birth")
    show(page, server)
    button(page, "call-next").click()
    number(page, "A901")
    page.keyboard.press("p")
    expect(page.locator("#park-dialog")).to_be_visible()
    server.post("/counters/2/call-next")  # the box on the desk
    number(page, "A902")
    expect(page.locator("#park-dialog")).to_be_hidden()
    assert events(server, "TicketParked") == []


def test_what_the_server_refuses_is_said_in_its_sentence(server: RunningServer, page: Page) -> None:
    show(page, server, "ar")
    page.keyboard.press("k")
    page.keyboard.type("A999")
    page.keyboard.press("Enter")
    notice(page, "لا توجد اليوم تذكرة")
    expect(page.locator("#notice")).to_have_class(re.compile("refused"))


def test_more_than_the_usual_time_is_said_and_coloured(server: RunningServer, page: Page) -> None:
    page.add_init_script(
        "const real = performance.now.bind(performance);"
        "window.later_ms = 0; performance.now = () => real() + window.later_ms;"
    )
    take(server, "birth")
    show(page, server)
    button(page, "call-next").click()
    expect(page.locator("#usual")).to_have_text(re.compile("usually"))
    page.evaluate("window.later_ms = 7 * 60000")
    expect(page.locator("#elapsed")).to_contain_text("7:0")
    expect(page.locator("#usual")).to_have_text(re.compile("longer than the usual"))
    expect(page.locator("#desk")).to_have_class(re.compile("past"))


# --- A line that breaks -------------------------------------------------------------------------------------------


def test_a_press_without_a_connection_is_clearly_refused(server: RunningServer, browser: Browser) -> None:
    take(server, "birth")
    page = browser.new_page()
    show(page, server)
    page.context.set_offline(True)
    expect(page.locator("#lost")).to_contain_text("Nothing can be called", timeout=10_000)
    expect(page).to_have_title(re.compile("No connection"))
    for name in ("call-next", "call", "open", "undo"):
        expect(button(page, name)).to_be_disabled()
    page.keyboard.press("Space")
    notice(page, "Not done: there is no connection")
    page.context.set_offline(False)
    expect(button(page, "call-next")).to_be_enabled(timeout=10_000)
    expect(page.locator("#lost")).to_be_hidden()
    assert counter(server)["state"] == "closed"
    page.keyboard.press("Space")
    number(page, "A901")
    page.close()


def test_a_press_when_the_cable_comes_out_is_done_once_when_it_is_in_again(
    server: RunningServer, cable: Cable, browser: Browser
) -> None:
    take(server, "birth", "birth")
    page = browser.new_page()
    show(page, cable)
    cable.pull()
    page.keyboard.press("Space")
    notice(page, "One moment")
    page.keyboard.press("Space")
    notice(page, "still on its way")
    expect(page.locator("#lost")).to_contain_text("Your last press is kept", timeout=15_000)
    assert counter(server)["state"] == "closed"
    cable.plug_in()
    number(page, "A901")
    expect(page.locator("#lost")).to_be_hidden(timeout=10_000)
    notice(page, "A901 is being called")
    assert events(server, "TicketCalled") == ["TicketCalled"]
    page.close()


@pytest.mark.parametrize("stored", [False, True], ids=["before it was stored", "before it was answered"])
def test_a_press_while_the_server_dies_is_done_once(
    server: RunningServer, cable: Cable, browser: Browser, stored: bool
) -> None:
    take(server, "birth", "birth")
    page = browser.new_page()
    show(page, cable)
    if stored:
        # The command gets through, the answer does not: what goes back is held.
        cable.pull_back()
        page.keyboard.press("Space")
        until(lambda: events(server, "TicketCalled"))
    else:
        server.process.send_signal(signal.SIGSTOP)
        page.keyboard.press("Space")
        notice(page, "One moment")
    server.kill()
    cable.drop()
    cable.plug_in()
    expect(page.locator("#lost")).to_contain_text("Your last press is kept", timeout=10_000)
    server.start()
    number(page, "A901")
    notice(page, "A901 is being called")
    assert events(server, "TicketCalled") == ["TicketCalled"]
    page.close()


def test_a_press_is_done_once_when_the_page_is_loaded_anew_in_the_middle(
    server: RunningServer, cable: Cable, browser: Browser
) -> None:
    take(server, "birth", "birth")
    page = browser.new_page()
    show(page, cable)
    cable.pull_back()
    page.keyboard.press("Space")
    until(lambda: events(server, "TicketCalled"))
    page.goto("about:blank")
    cable.drop()
    cable.plug_in()
    show(page, cable)
    number(page, "A901")
    notice(page, "A901 is being called")
    assert events(server, "TicketCalled") == ["TicketCalled"]
    page.close()


def test_another_log_makes_the_page_begin_anew_and_no_press_goes_over_to_it(
    server: RunningServer, cable: Cable, browser: Browser
) -> None:
    take(server, "birth", "birth")
    page = browser.new_page()
    show(page, cable)
    cable.pull()
    page.keyboard.press("Space")
    notice(page, "One moment")
    server.kill()
    shutil.rmtree(server.data)
    server.start()
    take(server, "deed")
    cable.drop()
    cable.plug_in()
    notice(page, "nobody knows whether your last press was done", timeout=20_000)
    number(page, "–")
    expect(page.locator("#next-number")).to_have_text("C901")
    assert events(server, "TicketCalled") == []
    page.close()


def test_the_page_works_where_something_on_the_way_cuts_web_sockets(server: RunningServer, browser: Browser) -> None:
    cable = Cable(server.address, cuts=b"Upgrade: websocket")
    take(server, "birth")
    page = browser.new_page()
    show(page, cable)
    page.keyboard.press("Space")
    number(page, "A901")
    page.close()
    cable.close()


def test_a_page_that_the_server_refuses_tries_again(server: RunningServer, browser: Browser) -> None:
    page = browser.new_page()
    show(page, server)
    server.kill()
    server.config.write_text(SETTINGS.replace('id = "2"\nlines', 'id = "4"\nlines'), "utf-8")
    server.start()
    expect(page.locator("#lost")).to_contain_text("There is no counter", timeout=10_000)
    server.kill()
    server.config.write_text(SETTINGS, "utf-8")
    server.start()
    expect(button(page, "call-next")).to_be_enabled(timeout=15_000)
    page.close()


# --- Many at once -------------------------------------------------------------------------------------------------


def test_clerks_who_press_at_once_never_call_the_same_ticket(server: RunningServer) -> None:
    rounds = 100
    given = take(server, *["birth"] * rounds * 2)
    called = press_at_once(server.address, ("1", "2"), rounds)
    assert sorted(called) == sorted(given)
    assert len(events(server, "TicketCalled")) == len(given)


# --- Practice -----------------------------------------------------------------------------------------------------


def test_practice_is_marked_works_like_the_real_thing_and_leaves_the_log_alone(
    server: RunningServer, page: Page
) -> None:
    take(server, "birth")
    before = server.get("/log?limit=1000").json
    show(page, server, "ar", "/counter/2/training")
    expect(page.locator(".training")).to_contain_text("تدريب")
    assert "التدريب" in page.title()
    page.keyboard.press("Space")
    expect(page.locator("#state")).to_have_text("نودي وهو في الطريق")
    first = page.locator("#number").inner_text()
    page.keyboard.press("r")
    notice(page, "يُعاد الآن نداء")
    page.keyboard.press("p")
    page.keyboard.press("1")
    notice(page, "عُلِّقت")
    page.keyboard.press("l")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    number(page, first)
    page.keyboard.press("u")
    notice(page, "أُلغي آخر إجراء")
    page.keyboard.press("n")
    expect(page.locator("#notice")).to_have_class(re.compile("refused"))
    page.reload()
    expect(page.locator("#state")).to_have_text("الشباك مغلق")
    after = server.get("/log?limit=1000").json
    assert (after["events"], after["epoch"]) == (before["events"], before["epoch"])
    assert counter(server) == {**counter(server), "state": "closed", "waiting": 1}


def test_visitors_come_by_themselves_in_practice(server: RunningServer, page: Page) -> None:
    show(page, server, "en", "/counter/2/training")
    waiting = sum(int(one) for one in page.locator("#lines b").all_inner_texts())
    assert waiting == 4
    page.wait_for_function(
        "() => [...document.querySelectorAll('#lines b')].reduce((sum, one) => sum + Number(one.textContent), 0) > 4",
        timeout=60_000,
    )


# --- As an app, on a phone ----------------------------------------------------------------------------------------


def test_a_browser_can_install_the_page_as_an_app(server: RunningServer, page: Page) -> None:
    show(page, server, "ar")
    devtools = page.context.new_cdp_session(page)
    errors = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one["errorId"] for one in errors] in ([], ["in-incognito"])  # which a test's browser is
    manifest = page.request.get(f"{server.address}{page.locator('link[rel=manifest]').get_attribute('href')}").json()
    assert (manifest["name"], manifest["lang"], manifest["dir"]) == ("الشباك 2", "ar", "rtl")
    assert page.request.get(f"{server.address}/counter/77/app.webmanifest").status == 404


@pytest.mark.parametrize("language", ["ar", "en"])  # axe-core takes some joined letters for icons: not their contrast
def test_nothing_keeps_anybody_from_using_the_page_at_work_its_dialogs_and_its_refusals(
    server: RunningServer, page: Page, language: str
) -> None:
    take(server, "birth", "birth", **{"class": "elderly", "reference": "TR-7"})
    show(page, server, language)
    page.keyboard.press("Space")
    number(page, "A901")
    page.keyboard.press("n")
    expect(page.locator("#notice")).to_have_class(re.compile("refused"))
    assert barriers(page) == []
    page.keyboard.press("p")
    page.keyboard.press("1")
    past_double_press(page)
    page.keyboard.press("Space")
    number(page, "A902")
    for name, press in DIALOGS.items():
        page.keyboard.press(press)
        expect(page.locator(f"#{name}-dialog")).to_be_visible()
        assert barriers(page) == []
        page.keyboard.press("Escape")


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_dialog_fits_a_phone(server: RunningServer, browser: Browser, language: str) -> None:
    take(server, "birth", "birth")
    with faultless_page(browser, viewport=PHONE) as page:
        show(page, server, language)
        button(page, "call-next").click()
        number(page, "A901")
        for name in DIALOGS:
            button(page, name).click()
            box = page.locator(f"#{name}-dialog").bounding_box()
            assert box is not None
            assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
            page.locator(f"#{name}-dialog [data-back]").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize(("language", "width"), [("ar", 1366), ("en", 1366), ("ar", 1024)])
def test_an_old_pc_shows_every_button_without_scrolling(
    server: RunningServer, browser: Browser, language: str, width: int
) -> None:
    """768 rows of dots, of which the browser takes its part; or less, where the machine is wide."""
    height = 650 if width > 1024 else 680
    take(server, "birth")
    with faultless_page(browser, viewport={"width": width, "height": height}) as page:
        show(page, server, language)
        page.keyboard.press("Space")
        number(page, "A901")
        for button_shown in page.locator(".press:visible").all():
            box = button_shown.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= height, button_shown.inner_text()


@pytest.mark.parametrize("height", [800, 650])
def test_nothing_moves_when_a_visitor_is_called_and_when_the_line_breaks(
    server: RunningServer, browser: Browser, height: int
) -> None:
    take(server, "birth")
    page = browser.new_page(viewport={"width": 1280, "height": height})
    show(page, server)
    places = {name: button(page, name).bounding_box() for name in ("call-next", "undo", "serve", "break", "cancel")}

    def unmoved() -> None:
        assert {name: button(page, name).bounding_box() for name in places} == places

    page.keyboard.press("Space")
    number(page, "A901")
    unmoved()
    page.keyboard.press("n")
    notice(page, "First call")
    unmoved()
    page.context.set_offline(True)
    expect(page.locator("#lost")).to_be_visible(timeout=10_000)
    unmoved()
    page.close()


def test_a_slip_is_printed_again_at_a_kiosk_while_the_clerk_calls_on(server: RunningServer, page: Page) -> None:
    first, second = take(server, "birth", "birth")
    server.post("/counters/1/call-next")
    page.goto(f"{server.address}/counter/1?language=en")
    expect(page.locator("#number")).to_have_text(first)
    with kiosk_at(server, lambda _order: None) as told:
        page.keyboard.press("d")
        expect(page.locator("#copy-number")).to_have_value(first)
        page.get_by_label("At which kiosk?").select_option("kiosk-2")
        page.keyboard.press("Enter")
        expect(page.locator("#notice")).to_contain_text("is being printed at ⁦kiosk-2⁩")
        expect(page.locator("#copy")).to_be_disabled()
        until(lambda: told)
        page.keyboard.press("Space")
        expect(page.locator("#number")).to_have_text(second)
        server.post("/kiosks/kiosk-2/end-copy", copy_ended(told[0]) | {"outcome": "printed"})
        expect(page.locator("#notice")).to_contain_text(re.compile(f"The copy of .{first}. came out at .kiosk-2."))
    assert (told[0]["ticket"]["number"], len(told)) == (first, 1)
    expect(page.locator("#copy")).to_be_enabled()
    page.keyboard.press("d")
    expect(page.locator("#copy-kiosk")).to_have_value("kiosk-2")  # the nearest


@pytest.mark.parametrize(
    ("ended", "sentence"),
    [
        ({"outcome": "in_doubt", "why": "printer.offline"}, "may have come out at"),
        ({"outcome": "failed", "why": "printer.paper_out"}, "The printer is out of paper"),
    ],
)
def test_a_copy_that_did_not_surely_come_out_is_said(
    server: RunningServer, browser: Browser, ended: dict[str, str], sentence: str
) -> None:
    [number], page = take(server, "birth"), browser.new_page()  # which complains itself of what is refused
    page.goto(f"{server.address}/counter/1?language=en")
    with kiosk_at(server, lambda _order: ended):
        ask_copy(page, number)
        expect(page.locator("#notice")).to_contain_text(sentence)
    expect(page.locator("#notice")).to_have_class(re.compile("refused"))
    page.close()


def test_no_copy_comes_from_a_kiosk_that_is_gone_or_of_a_number_that_is_none(
    server: RunningServer, browser: Browser
) -> None:
    [number], page = take(server, "birth"), browser.new_page()
    page.goto(f"{server.address}/counter/1?language=en")
    ask_copy(page, number)
    expect(page.locator("#notice")).to_contain_text("is not connected, so no copy of")
    ask_copy(page, "A999")
    expect(page.locator("#notice")).to_contain_text("There is no ticket")
    page.close()


def ask_copy(page: Page, number: str) -> None:
    expect(page.locator("#copy")).to_be_enabled()
    page.keyboard.press("d")
    page.locator("#copy-number").fill(number)
    page.get_by_label("At which kiosk?").select_option("kiosk-2")
    page.locator("#copy-dialog").get_by_role("button", name="Print").click()


def test_in_practice_no_slip_is_printed(server: RunningServer, page: Page) -> None:
    page.goto(f"{server.address}/counter/1/training?language=en")
    expect(page.locator("#desk")).not_to_have_attribute("data-state", "connecting")
    expect(page.locator("#copy")).to_be_disabled()
    page.keyboard.press("d")
    expect(page.locator("#notice")).to_contain_text("nothing is printed")
