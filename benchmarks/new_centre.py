"""How long somebody takes to make a centre of their own from an example, on the administration page.

    python benchmarks/new_centre.py [--pace 1]

A browser does on a real server what a person would do, at a person's pace: 200 characters a minute, 1.2 s for each
press, 5 s to look at each section. From the example of a small town: a name, hours, three changed services, two
counters, a look at the slip, and publishing. The file must then say all of it. `--pace 0` does not wait.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser import running_browser
from tests.house.source import ROOT
from tests.server.running import RunningServer

CHARACTER_S, PRESS_S, LOOK_S = 60 / 200, 1.2, 5.0
PATIENCE_MS = 60_000


@dataclass
class Person:
    """Somebody at the page."""

    page: Page
    pace: float
    presses: int = 0
    characters: int = 0

    def press(self, target: Locator) -> None:
        self.take(PRESS_S)
        self.presses += 1
        target.click()

    def write(self, target: Locator, text: str) -> None:
        """Go to a field and replace what is in it."""
        self.press(target)
        self.take(len(text) * CHARACTER_S)
        self.characters += len(text)
        target.fill(text)
        target.blur()

    def choose(self, target: Locator, value: str) -> None:
        """Open a list and take one of it."""
        self.take(2 * PRESS_S)
        self.presses += 2
        target.select_option(value)

    def go(self, section: str) -> None:
        self.press(self.page.get_by_role("link", name=section, exact=True))
        self.take(LOOK_S)

    def take(self, seconds: float) -> None:
        """Let so much of a person's time pass."""
        time.sleep(seconds * self.pace)


def begin(person: Person) -> None:
    page = person.page
    person.go("الملف والأمثلة")
    person.press(page.get_by_role("button", name="الصفصافة"))
    person.press(page.locator("#ask").get_by_role("button", name="البدء من هذا المثال"))


def name_it(person: Person) -> None:
    person.write(field(person, "centre.name.ar"), "مركز خدمة المواطن – القدموس")
    person.write(field(person, "centre.name.en"), "Citizen Service Centre – Qadmous")


def set_hours(person: Person) -> None:
    page = person.page
    person.go("الدوام والعطل")
    sunday = page.get_by_role("group", name="الأحد")
    person.write(sunday.get_by_label("من، الفترة"), "8:30")
    person.write(sunday.get_by_label("إلى، الفترة"), "14:30")
    for day in ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس"):
        person.press(page.get_by_role("group", name=day).get_by_role("button", name="كيوم"))


def change_services(person: Person) -> None:
    person.go("الخدمات")
    open_row(person, "service[1]")
    person.write(field(person, "service[1].name.ar"), "بيان قيد فردي")
    person.write(field(person, "service[1].fee"), "2000")
    open_row(person, "service[5]")
    person.write(field(person, "service[5].fee"), "15000")
    person.write(field(person, "service[5].usual_minutes"), "12")
    open_row(person, "service[8]")
    person.write(field(person, "service[8].name.ar"), "فاتورة المياه والصرف الصحي")
    person.write(field(person, "service[8].name.en"), "Water and sewage bill")


def set_counters(person: Person) -> None:
    person.go("الشبابيك")
    open_row(person, "counter[1]")
    person.write(field(person, "counter[1].name.ar"), "السجلات")
    person.write(field(person, "counter[1].name.en"), "Records")
    open_row(person, "counter[2]")
    person.write(field(person, "counter[2].name.ar"), "البلدية والصندوق")
    person.write(field(person, "counter[2].name.en"), "Council and cashier")
    person.choose(person.page.locator('[data-row="counter[2]"] .main-one select'), "payments")


def publish(person: Person) -> None:
    page = person.page
    person.press(page.get_by_role("button", name="مراجعة واعتماد"))
    person.take(LOOK_S)
    person.press(page.get_by_role("button", name="معاينة الورقة واللوحة"))
    expect(page.locator("#preview-slip")).to_be_visible(timeout=PATIENCE_MS)
    person.take(LOOK_S)
    person.press(page.locator("#preview-close"))
    person.press(page.get_by_role("button", name="اعتماد التغييرات", exact=True))
    expect(page.locator("#notice")).to_contain_text("اعتُمدت التغييرات", timeout=PATIENCE_MS)


STEPS = (begin, name_it, set_hours, change_services, set_counters, publish)


def field(person: Person, key: str) -> Locator:
    return person.page.locator(f'[data-key="{key}"]')


def open_row(person: Person, key: str) -> None:
    person.press(person.page.locator(f'[data-row="{key}"] .open-row'))


def must_say_it(server: RunningServer) -> None:
    settings = server.get("/settings").json["settings"]
    assert settings["centre"]["name"]["en"] == "Citizen Service Centre – Qadmous"
    assert settings["hours"]["thursday"] == ["08:30-14:30"]
    assert [settings["service"][place].get("fee") for place in (0, 4)] == [2000, 15000]
    assert settings["service"][7]["name"]["en"] == "Water and sewage bill"
    assert settings["counter"][1]["lines"][0] == "payments"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pace", type=float, default=1.0, help="1 is a person's pace; 0 does not wait.")
    arguments = parser.parse_args()
    found = (ROOT / "config" / "tartous-main" / "centre.toml").read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder, running_browser() as browser:
        server = RunningServer(Path(folder), settings=found)
        try:
            person = Person(browser.new_page(viewport={"width": 1280, "height": 900}), arguments.pace)
            began_s = time.monotonic()
            person.page.goto(f"{server.address}/admin?language=ar")
            expect(person.page.locator("body.ready")).to_be_attached()
            person.take(LOOK_S)
            for step in STEPS:
                step_s = time.monotonic()
                step(person)
                print(f"  {step.__name__.replace('_', ' ')}: {time.monotonic() - step_s:.0f} s")
            took_s = time.monotonic() - began_s
            must_say_it(server)
        finally:
            server.kill()
    print(f"{took_s / 60:.1f} minutes, {person.presses} presses, {person.characters} characters")


if __name__ == "__main__":
    main()
