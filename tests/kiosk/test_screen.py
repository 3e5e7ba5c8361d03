"""The pages: a visitor gets to a ticket in three touches, and everything can be read and touched on every screen."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

import pytest

from dawr.admitting import Code
from dawr.boxes import Box
from dawr.icons import STROKES
from dawr.language import LANGUAGES
from dawr.messages import Note
from dawr.offers import Offers, offers
from dawr.settings.centre import Centre, Language, read_centre
from dawr.text import isolate, width
from dawr.views import MenuLine
from kiosk import icons
from kiosk.issue import Refusal, Took
from kiosk.journal import Wish
from kiosk.measures import Measures
from kiosk.pages import scene
from kiosk.pages.choosing import can_search
from kiosk.pages.look import Look
from kiosk.scene import Card, Icon, Line, Scene, Target, touched
from kiosk.theme import AA, THEMES
from kiosk.visit import (
    Action,
    Back,
    Comfort,
    Erase,
    Home,
    Open,
    OpenCategory,
    OpenService,
    Page,
    PapersOrder,
    PrintPapers,
    Speak,
    Stay,
    Surroundings,
    Switch,
    TakeTicket,
    Turn,
    Type,
    Visit,
    finish,
    fresh,
    left_s,
    shown,
    tick,
    touch,
    warning_s,
)
from tests.house.source import ROOT
from tests.kiosk.working import SUNDAY, menu_of

SCREENS = {
    "upright": ((1080, 1920), 21.5),
    "wide": ((1920, 1080), 21.5),
    "small": ((800, 480), 7.0),
    "large-upright": ((1080, 1920), 32.0),
    "tablet": ((1280, 800), 10.1),
}
CENTRES = ("tartous-main", "housing", "small-town", "university-arts", "damascus-midan")
COMFORTS = {
    "plain": Comfort(),
    "large": Comfort(large=True),
    "low": Comfort(low=True),
    "all": Comfort(large=True, contrast=True, low=True),
}
NOTES = (
    Note(key="staff.in_doubt", facts={"numbers": "A012, W1012, A013, C014"}),
    Note(key="staff.refused", facts={"count": "3"}),
    Note(key="staff.offline_since", facts={"count": "128", "time": "09:41"}),
    Note(key="staff.replaced"),
    Note(key="staff.near_end"),
)
CODE = Code("A7KM2Q", "http://10.0.0.5:8090")
# What a finger needs: a tile, and a key of a keyboard.
TILE_MM, KEY_MM = 20.0, 12.0
# What an icon or a card may go over its neighbours by rounding.
SLACK_PX = 1


@cache
def centre_of(name: str) -> Centre:
    return read_centre(ROOT / "config" / name / "centre.toml")


@cache
def offers_of(name: str, hours: int = 0) -> Offers:
    centre = centre_of(name)
    lines = {
        line.id: MenuLine(waiting=7 * place, open_counters=2, minutes_per_call=None)
        for place, line in enumerate(centre.lines)
    }
    stopped = {
        centre.services[1].id: {
            "ar": "عطل في جهاز الطباعة الملونة، ويُنتظر إصلاحه ظهرًا",
            "en": "The colour printer is broken and will be repaired at noon",
        }
    }
    menu = menu_of(centre, lines=lines, stopped=stopped)
    return offers(centre, menu, SUNDAY + timedelta(hours=hours), fresh=True, untold={})


def around_of(name: str = "tartous-main", **changes: object) -> Surroundings:
    marks = ("warning", "offline", "bills")
    plain = Surroundings(centre=centre_of(name), offers=offers_of(name), clock="10:05", staff_marks=marks, notes=NOTES)
    return replace(plain, **changes)  # type: ignore[arg-type]


@dataclass
class Walk:
    """A visitor at a screen, who touches what the pages show."""

    screen: str
    around: Surroundings
    visit: Visit
    now_s: float = 0.0

    @classmethod
    def begin(cls, screen: str = "upright", name: str = "tartous-main") -> "Walk":
        around = around_of(name)
        return cls(screen, around, fresh(around))

    @property
    def page(self) -> Page:
        return shown(self.visit, self.around)

    def look(self) -> Scene:
        return scene(self.visit, self.around, *SCREENS[self.screen], self.now_s)

    def reach(self, action: Action) -> object:
        """Touch it, turning to the part of the list where it is."""
        while Turn(1) in self.actions() and action not in self.actions():
            self.touch(Turn(1))
        return self.touch(action)

    def actions(self) -> list[Action]:
        """What can be done on the page."""
        return [one.action for one in self.look() if isinstance(one, Target)]

    def touch(self, action: Action) -> object:
        """Touch the middle of what does this; AssertionError when it is not on the page."""
        painted = self.look()
        target = next((one for one in painted if isinstance(one, Target) and one.action == action), None)
        assert target, f"{action} is not on {self.page}"
        hit = touched(painted, target.box.x + target.box.width / 2, target.box.y + target.box.height / 2)
        assert hit and hit.action == action, f"{action} lies under {hit}"
        self.visit, order = touch(self.visit, action, self.around, self.now_s)
        return order


def pages(name: str, language: Language, comfort: Comfort) -> Iterator[tuple[str, Visit, Surroundings]]:
    """Every page, with what is longest on it."""
    around, centre = around_of(name), centre_of(name)
    start = replace(fresh(around), language=language, comfort=comfort)
    longest = max(centre.services, key=lambda one: len(one.name[language]))
    papers = max(centre.services, key=lambda one: sum(len(paper[language]) for paper in one.papers))
    yield "categories", start, around
    for category in centre.categories:
        visit = replace(start, page=Page.SERVICES, category=category.id)
        yield f"services of {category.id}", visit, around
        yield f"services of {category.id}, second part", replace(visit, part=1), around
    for service in {longest.id, papers.id, centre.services[1].id}:
        for visitor_class in (None, centre.classes[1].id):
            visit = replace(start, page=Page.SERVICE, service=service, visitor_class=visitor_class)
            yield f"service {service} {visitor_class}", visit, around
    yield "classes", replace(start, page=Page.CLASSES, service=longest.id), around
    yield "reference", replace(start, page=Page.REFERENCE, service=longest.id, typed="2026/0-77" + "1" * 11), around
    yield "no reference", replace(start, page=Page.REFERENCE, service=longest.id), around
    yield "search", replace(start, page=Page.SEARCH, typed="ا" if language == "ar" else "c"), around
    yield "search for nothing", replace(start, page=Page.SEARCH, typed="ظظظظ"), around
    yield "comfort", replace(start, page=Page.COMFORT), around
    yield "printing", replace(start, page=Page.PRINTING), around
    for in_doubt in (False, True):
        result = Took("W1012", longest.id, in_doubt)
        yield f"ticket {in_doubt}", replace(start, page=Page.TICKET, result=result), around
    broken = replace(around, fault=Refusal("printer.paper_out"))
    yield "ticket in doubt, printer broken", replace(start, page=Page.TICKET, result=result), broken
    yield "papers", replace(start, page=Page.PAPERS), around
    for key in ("closed.last_ticket", "printer.unplugged"):
        yield f"refused {key}", replace(start, page=Page.REFUSED, result=Refusal(key)), around
    yield "closed", start, replace(around, offers=offers_of(name, hours=12))
    for key in (
        "printer.unplugged",
        "printer.overheated",
        "problem.wrong_machine",
        "kiosk.disk_full",
        "kiosk.too_many",
    ):
        note = Note(key=f"staff.{key}")
        yield f"fault {key} with its note", start, replace(around, fault=Refusal(key), notes=(note, *NOTES))
    no_numbers = Refusal("kiosk.no_numbers", {"kiosk": "kiosk-by-the-main-entrance"})
    note = Note(key="staff.kiosk.no_numbers", facts=dict(no_numbers.facts))
    yield "fault without numbers", start, replace(around, fault=no_numbers, notes=(note, *NOTES))
    yield "staff", replace(start, page=Page.STAFF), around
    yield "staff, all well", replace(start, page=Page.STAFF), replace(around, notes=())
    yield "starting", start, Surroundings()
    for code in (CODE, replace(CODE, letters="WMWMWM", address="https://queue.tartous.example.org:65443")):
        yield f"admission {code.letters}", start, replace(around, kiosk="kiosk-by-the-main-entrance", admission=code)
    yield "warning", replace(start, page=Page.SERVICES, category=centre.categories[0].id, since_s=-22.0), around


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_of_a_kiosk_that_nobody_admitted_is_read_from_the_left_and_nothing_can_be_touched(
    language: Language,
) -> None:
    around = around_of(kiosk="kiosk-1", admission=CODE, fault=Refusal("kiosk.not_admitted"))
    visit = replace(fresh(around), language=language, page=Page.SERVICES)
    assert shown(visit, around) is Page.ADMISSION
    painted = scene(visit, around, *SCREENS["upright"], 0.0)
    lines = [item for item in painted if isinstance(item, Line)]
    largest = max(lines, key=lambda line: line.size_px)
    assert (largest.text, largest.direction) == (isolate("A7K M2Q"), "ltr")
    assert isolate("http://10.0.0.5:8090/devices") in {line.text for line in lines}
    assert not [item for item in painted if isinstance(item, Target)]
    printing = replace(visit, page=Page.PRINTING)
    assert shown(printing, around) is Page.PRINTING, "whoever waits for a slip sees it first"


EVERYWHERE = pytest.mark.parametrize("screen", SCREENS)
BOTH = pytest.mark.parametrize("language", LANGUAGES)
ANYHOW = pytest.mark.parametrize("comfort", COMFORTS)


@EVERYWHERE
@BOTH
@pytest.mark.parametrize(
    ("comfort", "name"), [("plain", name) for name in CENTRES] + [(one, CENTRES[0]) for one in ("large", "low", "all")]
)
def test_every_text_fits_its_box_and_the_glass(screen: str, language: Language, comfort: str, name: str) -> None:
    size, inches = SCREENS[screen]
    glass, wrong = Box(0, 0, *size), []
    for page, visit, around in pages(name, language, COMFORTS[comfort]):
        for item in scene(visit, around, size, inches, 0.0):
            if isinstance(item, Line):
                needs = width(item.text, item.weight, item.size_px, item.direction)
                if needs > item.box.width + SLACK_PX or not item.box.within(glass):
                    wrong.append((page, item.text, item.size_px, needs, item.box))
    assert wrong == []


@EVERYWHERE
@BOTH
@ANYHOW
def test_no_text_lies_over_another(screen: str, language: Language, comfort: str) -> None:
    size, inches = SCREENS[screen]
    wrong = []
    for page, visit, around in pages("tartous-main", language, COMFORTS[comfort]):
        painted = scene(visit, around, size, inches, 0.0)
        inks = [(item, _ink(item)) for item in painted if isinstance(item, Line) and item.text]
        if page == "warning":
            inks = inks[-3:]
        for place, (one, box) in enumerate(inks):
            wrong += [(page, one.text, other.text) for other, its in inks[:place] if _overlap(box, its)]
    assert wrong == []


@EVERYWHERE
@BOTH
@ANYHOW
def test_every_tile_is_large_enough_for_a_finger_and_on_the_glass(
    screen: str, language: Language, comfort: str
) -> None:
    size, inches = SCREENS[screen]
    measures, wrong = Measures(*size, inches), []
    for page, visit, around in pages("tartous-main", language, COMFORTS[comfort]):
        for item in scene(visit, around, size, inches, 0.0):
            if isinstance(item, Target):
                least = (KEY_MM if item.is_key else TILE_MM) * measures.px_per_mm - SLACK_PX
                if min(item.box.width, item.box.height) < least or not item.box.within(Box(0, 0, *size)):
                    wrong.append((page, item.action, item.box))
    assert wrong == []


@EVERYWHERE
@BOTH
@ANYHOW
def test_no_two_tiles_share_a_place(screen: str, language: Language, comfort: str) -> None:
    size, inches = SCREENS[screen]
    wrong = []
    for page, visit, around in pages("tartous-main", language, COMFORTS[comfort]):
        targets = [item for item in scene(visit, around, size, inches, 0.0) if isinstance(item, Target)]
        if page == "warning":
            continue
        for place, one in enumerate(targets):
            others = [two for two in targets[:place] if two.action != one.action and _overlap(one.box, two.box)]
            wrong += [(page, one.action, two.action) for two in others]
    assert wrong == []


@BOTH
def test_in_low_reach_everything_to_touch_is_in_the_lower_half(language: Language) -> None:
    size, inches = SCREENS["upright"]
    for page, visit, around in pages("tartous-main", language, Comfort(low=True)):
        if page == "warning":
            continue
        for item in scene(visit, around, size, inches, 0.0):
            assert not isinstance(item, Target) or item.box.y >= size[1] // 2, (page, item)


def test_arabic_is_english_mirrored() -> None:
    """The same tiles at mirrored places; only texts are of their own length."""
    size, inches = SCREENS["upright"]
    around = around_of()
    for visit in (fresh(around), replace(fresh(around), page=Page.SERVICES, category="civil")):
        arabic, english = (scene(replace(visit, language=one), around, size, inches, 0.0) for one in ("ar", "en"))
        there = [
            item.box
            for item in arabic
            if isinstance(item, Target) and isinstance(item.action, OpenCategory | OpenService)
        ]
        here = [
            item.box
            for item in english
            if isinstance(item, Target) and isinstance(item.action, OpenCategory | OpenService)
        ]
        assert there == [replace(box, x=size[0] - box.right) for box in here]


def test_arrows_point_along_the_line_of_reading() -> None:
    visit = replace(Walk.begin().visit, page=Page.SERVICE, service="individual-record")
    for language, flipped in (("ar", True), ("en", False)):
        painted = scene(replace(visit, language=language), around_of(), *SCREENS["upright"], 0.0)
        assert {item.flipped for item in painted if isinstance(item, Icon) and item.name == "back"} == {flipped}
    assert icons.drawn("back", 24).tobytes() != icons.drawn("back", 24, flipped=True).tobytes()
    assert icons.drawn("clock", 24).tobytes() == icons.drawn("clock", 24, flipped=True).tobytes()


@pytest.mark.parametrize("theme", THEMES)
def test_every_ink_stands_out_from_its_ground(theme: str) -> None:
    weak = {name: round(_contrast(*pair), 2) for name, pair in THEMES[theme].pairs().items() if _contrast(*pair) < AA}
    assert weak == {}


@EVERYWHERE
@BOTH
@pytest.mark.parametrize("contrast", [False, True])
def test_only_inks_that_were_checked_are_used_on_their_grounds(screen: str, language: Language, contrast: bool) -> None:
    size, inches = SCREENS[screen]
    checked = {pair for theme in THEMES.values() for pair in theme.pairs().values()}
    wrong = set()
    for page, visit, around in pages("tartous-main", language, Comfort(contrast=contrast)):
        cards: list[Card] = []
        for item in scene(visit, around, size, inches, 0.0):
            if isinstance(item, Card):
                cards.append(item)
            elif isinstance(item, Line) and item.text and page != "warning":
                middle = item.box.x + item.box.width / 2, item.box.y + item.box.height / 2
                ground = next(card.colour for card in reversed(cards) if card.box.holds(*middle))
                if (item.colour, ground) not in checked:
                    wrong.add((page, item.text, item.colour, ground))
    assert wrong == set()


@EVERYWHERE
def test_three_touches_give_a_ticket(screen: str) -> None:
    walk = Walk.begin(screen)
    assert walk.touch(OpenCategory("civil")) is None and walk.page is Page.SERVICES
    assert walk.touch(OpenService("individual-record")) is None and walk.page is Page.SERVICE
    assert walk.touch(TakeTicket()) == Wish(service="individual-record", language="ar")
    assert walk.page is Page.PRINTING


@EVERYWHERE
@BOTH
def test_every_open_service_can_be_reached_and_taken(screen: str, language: Language) -> None:
    for name in ("tartous-main", "small-town"):
        reached = set()
        for category in offers_of(name).categories:
            walk = Walk.begin(screen, name)
            walk.visit = replace(walk.visit, language=language)
            walk.reach(OpenCategory(category.category.id))
            while True:
                tiles = walk.actions()
                reached |= {one.service for one in tiles if isinstance(one, OpenService)}
                if Turn(1) not in tiles:
                    break
                walk.touch(Turn(1))
        assert reached == {one.service.id for one in offers_of(name).services}


@EVERYWHERE
def test_a_class_is_chosen_and_goes_with_the_wish(screen: str) -> None:
    walk = Walk.begin(screen)
    walk.touch(OpenCategory("civil"))
    walk.touch(OpenService("individual-record"))
    walk.touch(Open(Page.CLASSES))
    choice = next(one.action for one in walk.look() if isinstance(one, Target) and "disabled" in str(one.action))
    walk.touch(choice)
    assert walk.page is Page.SERVICE
    assert walk.touch(TakeTicket()) == Wish(service="individual-record", language="ar", visitor_class="disabled")


def test_the_class_of_one_visitor_is_not_the_next_ones() -> None:
    walk = Walk.begin()
    walk.visit = replace(walk.visit, page=Page.SERVICES, category="civil", visitor_class="elderly")
    walk.touch(OpenService("individual-record"))
    assert walk.visit.visitor_class is None


@EVERYWHERE
def test_a_service_that_needs_a_number_asks_for_it(screen: str) -> None:
    service = next(one for one in centre_of("tartous-main").services if one.needs_reference)
    walk = Walk.begin(screen)
    walk.reach(OpenCategory(service.category))
    walk.reach(OpenService(service.id))
    assert walk.touch(TakeTicket()) is None and walk.page is Page.REFERENCE
    for letter in "20/7":
        walk.touch(Type(letter))
    walk.touch(Erase())
    assert walk.touch(TakeTicket()) == Wish(service=service.id, language="ar", reference="20/")


@EVERYWHERE
def test_a_visitor_without_the_number_still_gets_a_ticket(screen: str) -> None:
    service = next(one for one in centre_of("tartous-main").services if one.needs_reference)
    walk = Walk.begin(screen)
    walk.visit = replace(walk.visit, page=Page.REFERENCE, service=service.id, typed="2")
    assert walk.touch(TakeTicket(anyway=True)) == Wish(service=service.id, language="ar")


def test_a_closed_service_tells_its_papers_but_gives_no_ticket() -> None:
    closed = centre_of("tartous-main").services[1]
    walk = Walk.begin()
    walk.reach(OpenCategory(closed.category))
    walk.reach(OpenService(closed.id))
    actions = walk.actions()
    assert TakeTicket() not in actions and PrintPapers() in actions
    assert walk.touch(PrintPapers()) == PapersOrder(closed.id, "ar")


@pytest.mark.parametrize("screen", ["upright", "wide", "large-upright"])
def test_a_service_is_found_by_typing(screen: str) -> None:
    walk = Walk.begin(screen)
    walk.touch(Open(Page.SEARCH))
    for letter in "ولاده":
        walk.touch(Type(letter))
    walk.touch(OpenService("birth-record"))
    walk.touch(Back())
    assert (walk.page, walk.visit.typed) == (Page.SEARCH, "ولاده")


def test_a_screen_without_room_for_a_keyboard_shows_the_categories_instead() -> None:
    size, inches = SCREENS["small"]
    look = Look.of(Visit("ar"), around_of(), size, inches)
    assert not can_search(look)
    painted = scene(Visit("ar", page=Page.SEARCH), around_of(), size, inches, 0.0)
    assert any(isinstance(one, Target) and isinstance(one.action, OpenCategory) for one in painted)


@EVERYWHERE
def test_the_language_can_be_changed_on_every_page_of_a_visit(screen: str) -> None:
    walk = Walk.begin(screen)
    for page in (Page.CATEGORIES, Page.SERVICES, Page.SERVICE, Page.CLASSES, Page.REFERENCE, Page.SEARCH, Page.COMFORT):
        walk.visit = replace(walk.visit, page=page, category="civil", service="individual-record", language="ar")
        walk.touch(Speak("en"))
        assert (walk.visit.language, walk.visit.page) == ("en", page)


def test_a_mode_stays_on_for_the_visit_and_ends_with_it() -> None:
    walk = Walk.begin()
    walk.touch(Open(Page.COMFORT))
    walk.touch(Switch("large"))
    walk.touch(Switch("low"))
    walk.touch(Back())
    walk.touch(OpenCategory("civil"))
    assert walk.visit.comfort == Comfort(large=True, low=True)
    walk.visit = tick(walk.visit, walk.around, 1000.0)
    assert walk.visit.comfort == Comfort()


def test_back_leads_the_way_that_one_came() -> None:
    walk = Walk.begin()
    walk.touch(OpenCategory("building"))
    walk.touch(Turn(1))
    part = walk.visit.part
    service = next(one.action for one in walk.look() if isinstance(one, Target) and isinstance(one.action, OpenService))
    walk.touch(service)
    walk.touch(Back())
    assert (walk.page, walk.visit.part) == (Page.SERVICES, part) and part == 1
    walk.touch(Back())
    assert walk.page is Page.CATEGORIES


def test_nobody_there_brings_back_the_first_page_after_a_warning() -> None:
    walk = Walk.begin()
    walk.touch(Speak("en"))
    walk.touch(OpenCategory("civil"))
    assert warning_s(walk.visit, walk.around, 19.9) is None
    assert warning_s(walk.visit, walk.around, 22.5) == 8
    assert tick(walk.visit, walk.around, 29.9).page is Page.SERVICES
    assert tick(walk.visit, walk.around, 30.0) == fresh(walk.around, 30.0)


def test_a_touch_during_the_warning_only_keeps_the_page() -> None:
    walk = Walk.begin()
    walk.touch(OpenCategory("civil"))
    walk.now_s = 25.0
    hit = touched(walk.look(), 540, 700)
    assert hit and hit.action == Stay()
    walk.touch(Stay())
    assert walk.page is Page.SERVICES and warning_s(walk.visit, walk.around, 26.0) is None


def test_printing_is_not_interrupted_by_time() -> None:
    walk = Walk.begin()
    walk.visit = replace(walk.visit, page=Page.PRINTING)
    assert tick(walk.visit, walk.around, 10_000.0).page is Page.PRINTING


def test_the_number_is_shown_and_makes_room_for_the_next_visitor() -> None:
    walk = Walk.begin()
    walk.visit = replace(walk.visit, page=Page.PRINTING, language="en")
    walk.visit = finish(walk.visit, Took("A012", "individual-record", False), walk.around, 5.0)
    walk.now_s = 5.0
    texts = [item.text for item in walk.look() if isinstance(item, Line)]
    assert any("A012" in text for text in texts) and "Your number" in texts
    assert tick(walk.visit, walk.around, 24.0).page is Page.TICKET
    walk.touch(Home())
    assert walk.visit == fresh(walk.around, 5.0)


def test_a_number_in_doubt_stays_longer_and_says_what_to_do() -> None:
    walk = Walk.begin()
    walk.visit = replace(walk.visit, page=Page.PRINTING, language="en")
    sure = finish(walk.visit, Took("A012", "individual-record", False), walk.around, 0.0)
    walk.visit = finish(walk.visit, Took("A012", "individual-record", True), walk.around, 0.0)
    assert left_s(walk.visit, walk.around, 0.0) > left_s(sure, walk.around, 0.0)
    said = " ".join(item.text for item in walk.look() if isinstance(item, Line))
    assert "may not have come out" in said and "A012" in said and "valid" in said


def test_a_fault_takes_no_touches_and_is_said_in_every_language() -> None:
    around = around_of(fault=Refusal("printer.paper_out"))
    painted = scene(fresh(around), around, *SCREENS["upright"], 0.0)
    assert not any(isinstance(item, Target) for item in painted)
    said = " ".join(item.text for item in painted if isinstance(item, Line))
    assert "out of paper" in said and "ورق" in said


def test_what_is_wrong_is_said_to_staff_under_the_fault_and_behind_the_marks() -> None:
    note = Note(key="staff.printer.paper_out")
    around = around_of(fault=Refusal("printer.paper_out"), notes=(note, *NOTES))
    said = " ".join(one.text for one in scene(fresh(around), around, *SCREENS["small"], 0.0) if isinstance(one, Line))
    assert "Put in a new roll" in said and "لفافة" in said
    for screen in SCREENS:
        walk = Walk.begin(screen)
        walk.touch(Speak("en"))
        walk.touch(Open(Page.STAFF))
        said = " ".join(item.text for item in walk.look() if isinstance(item, Line))
        assert "A012" in said and "09:41" in said and "new roll" in said
        walk.touch(Back())
        assert walk.page is Page.CATEGORIES


def test_a_kiosk_that_is_well_has_no_page_for_staff_to_open() -> None:
    walk = Walk.begin()
    walk.around = replace(walk.around, notes=(), staff_marks=())
    assert Open(Page.STAFF) not in walk.actions()


def test_a_fault_does_not_take_a_number_away_that_is_being_read() -> None:
    visit = Visit("ar", page=Page.TICKET, result=Took("A012", "individual-record", True))
    assert shown(visit, around_of(fault=Refusal("printer.paper_out"))) is Page.TICKET


def test_closed_hours_take_no_tickets_but_change_the_language() -> None:
    around = around_of(offers=offers_of("tartous-main", 12))
    painted = scene(fresh(around), around, *SCREENS["upright"], 0.0)
    actions = [item.action for item in painted if isinstance(item, Target)]
    assert Speak("en") in actions and not any(isinstance(one, OpenCategory | TakeTicket) for one in actions)


def test_before_it_knows_its_centre_the_kiosk_says_that_it_is_starting() -> None:
    assert shown(Visit("ar"), Surroundings()) is Page.STARTING


@pytest.mark.parametrize("name", STROKES)
def test_every_icon_has_ink_and_keeps_within_its_field(name: str) -> None:
    drawn = icons.drawn(name, 96)
    box = drawn.getbbox()
    assert box and box[2] - box[0] > 20
    edge = [drawn.crop(side).getbbox() for side in ((0, 0, 96, 1), (0, 95, 96, 96), (0, 0, 1, 96), (95, 0, 96, 96))]
    assert edge == [None] * 4


def _ink(line: Line) -> Box:
    """Where the line's letters are: their width, and their height without the room for ascents that are not there."""
    wide = width(line.text, line.weight, line.size_px, line.direction)
    spare = line.box.width - wide
    left = line.box.x + {"left": 0, "centre": spare // 2, "right": spare}[line.align]
    high = round(line.size_px * 0.8)
    return Box(left, line.box.y + (line.box.height - high) // 2, wide, high)


def _overlap(one: Box, other: Box) -> bool:
    across = min(one.right, other.right) - max(one.x, other.x)
    down = min(one.bottom, other.bottom) - max(one.y, other.y)
    return across > SLACK_PX and down > SLACK_PX


def _contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: tuple[int, int, int]) -> float:
    """WCAG 2.2, definition of relative luminance."""
    red, green, blue = (c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
