"""What the kiosk knows of its centre: the settings and the last menu, from the server or from its own disk.

Of the menu only what decides is kept: what was stopped on which day, and the tickets that count against a daily cap.
How many wait is old at once, and the numbers used up may only be taken from a server that is heard.
"""

import logging
import os
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dawr.admitting import Code
from dawr.clock import Clock, take_time
from dawr.errors import SettingsMistaken
from dawr.hours import business_day
from dawr.offers import Offers, numbers_used, offers
from dawr.settings.centre import Centre, read_centre
from dawr.settings.mistakes import parse
from dawr.views import Menu
from kiosk.journal import Journal

CENTRE_FILE = "centre.toml"
MENU_FILE = "menu.json"

_log = logging.getLogger(__name__)


class Knowledge:
    """The centre's settings, None until there are any, and the menu; any thread may ask or tell.

    `folder` keeps the settings that the server sent last, which count more than `centre_file`, and what decides of its
    last menu; `is_fresh` says whether the server is being heard now, `silent_for_s` how long ago it was last,
    `turned_away` for which problem, by its code, it does not take this kiosk, `is_not_admitted` whether it refused this
    kiosk because no manager admitted it, and `admission` what code a manager is to type then.
    """

    def __init__(self, kiosk: str, folder: Path, centre_file: Path | None, clock: Clock) -> None:
        self.kiosk, self._folder, self._clock = kiosk, folder, clock
        self.centre = _kept(folder / CENTRE_FILE) or (read_centre(centre_file) if centre_file else None)
        self.menu: Menu | None = _kept_menu(folder / MENU_FILE)
        self._kept, self._has_heard_menu = self.menu, False
        self.is_fresh: Callable[[], bool] = lambda: False
        self.silent_for_s: Callable[[], float] = lambda: 0.0
        self.turned_away: Callable[[], str | None] = lambda: None
        self.is_not_admitted: Callable[[], bool] = lambda: False
        self.admission: Callable[[], Code | None] = lambda: None

    def hear_hello(self, hello: Mapping[str, Any]) -> None:
        """Take the server's time and the settings in its greeting, and keep these for when it is gone."""
        take_time(self._clock, hello)
        try:
            centre = parse(Centre, hello["centre"], "the server's settings")
        except SettingsMistaken as problem:
            # A server of another version; with the settings that it has, this kiosk can go on.
            _log.error("%s", problem)
            return
        if centre != self.centre:
            self.centre = centre
        _keep(self._folder / CENTRE_FILE, hello["centre"])

    def hear_menu(self, menu: Mapping[str, Any]) -> None:
        """Take the live part of what is offered, and keep what decides for a start without the server."""
        self.menu, self._has_heard_menu = Menu.model_validate(menu), True
        deciding = _deciding(self.menu, self.centre)
        if deciding != self._kept:
            _keep(self._folder / MENU_FILE, deciding.model_dump_json())
            self._kept = deciding

    def now(self) -> datetime | None:
        """The wall time, None while nobody vouches for it."""
        return self._clock.trusted()

    def today(self) -> date | None:
        """The business day, None while nobody vouches for the time."""
        now = self._clock.trusted()
        return business_day(self.centre, now) if self.centre and now else None

    def offers(self, journal: Journal | None) -> Offers | None:
        """What the kiosk offers now; None before there are settings."""
        centre, menu, now = self.centre, self.menu, self._clock.trusted()
        if centre is None:
            return None
        untold = journal.untold_today(business_day(centre, now)) if now and journal else {}
        return offers(centre, menu, now, fresh=self.is_fresh(), untold=untold)

    def hears_todays_numbers(self) -> bool:
        """Whether the server is heard now, and has said which of this kiosk's numbers it knows of today.

        A log that is ahead counts today's on a later day.
        """
        now = self._clock.trusted()
        heard = self.menu if self._has_heard_menu and self.is_fresh() else None
        return bool(now and self.centre and heard and heard.day and heard.day >= business_day(self.centre, now))

    def numbers_used(self) -> Mapping[str, int]:
        """How many numbers of each line the server knows that this kiosk has used up today.

        A server that is heard speaks of today, whatever it takes the date to be.
        """
        heard = self.menu if self._has_heard_menu and self.is_fresh() else None
        return numbers_used(self.menu, self.kiosk, heard.day if heard else self.today())


def _kept(file: Path) -> Centre | None:
    try:
        return read_centre(file) if file.exists() else None
    except SettingsMistaken as problem:
        # Written by another version; the server sends them again, and the settings file is there until then.
        _log.warning("%s", problem)
        return None


def _deciding(menu: Menu, centre: Centre | None) -> Menu:
    """What of a menu still holds when the server is gone; the same for every menu that decides the same."""
    capped = {service.id for service in centre.services if service.daily_cap is not None} if centre else set[str]()
    issued = {service: count for service, count in menu.issued_today.items() if service in capped}
    return menu.model_copy(update={"sequence": 0, "issued_today": issued, "lines": {}, "used_numbers": {}})


def _kept_menu(file: Path) -> Menu | None:
    try:
        return Menu.model_validate_json(file.read_bytes()) if file.exists() else None
    except ValidationError as problem:
        # Torn, or written by another version; without it everything is offered until the server is heard.
        _log.warning("%s is passed over: %s", file, problem)
        return None


def _keep(file: Path, text: str) -> None:
    """Write it as a whole or not at all; a full disk costs only what a start without the server would know."""
    try:
        if file.exists() and file.read_text("utf-8") == text:
            return
        fresh = file.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)
    except OSError as problem:
        _log.error("%s cannot be kept: %s", file, problem)
