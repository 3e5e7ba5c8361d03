"""What the kiosk knows of its centre: the settings and the last menu, from the server or from its own disk."""

import logging
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dawr.clock import Clock, take_time
from dawr.errors import SettingsMistaken
from dawr.hours import business_day
from dawr.settings.centre import Centre, read_centre
from dawr.settings.mistakes import parse
from dawr.views import Menu
from kiosk.journal import Journal
from kiosk.offers import Offers, numbers_used, offers

CENTRE_FILE = "centre.toml"

_log = logging.getLogger(__name__)


class Knowledge:
    """The centre's settings, None until there are any, and the menu; any thread may ask or tell.

    `folder` keeps the settings that the server sent last, which count more than `centre_file`; `is_fresh` says whether
    the server is being heard now, `turned_away` for which problem, by its code, it does not take this kiosk.
    """

    def __init__(self, kiosk: str, folder: Path, centre_file: Path | None, clock: Clock) -> None:
        self.kiosk, self._folder, self._clock = kiosk, folder, clock
        self.centre = _kept(folder / CENTRE_FILE) or (read_centre(centre_file) if centre_file else None)
        self.menu: Menu | None = None
        self.is_fresh: Callable[[], bool] = lambda: False
        self.turned_away: Callable[[], str | None] = lambda: None

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
        """Take the live part of what is offered."""
        self.menu = Menu.model_validate(menu)

    def now(self) -> datetime | None:
        """The wall time, None while nobody vouches for it."""
        return self._clock.trusted()

    def offers(self, journal: Journal | None) -> Offers | None:
        """What the kiosk offers now; None before there are settings."""
        centre, menu, now = self.centre, self.menu, self._clock.trusted()
        if centre is None:
            return None
        untold = journal.untold_today(business_day(centre, now)) if now and journal else {}
        return offers(centre, menu, now, fresh=self.is_fresh(), untold=untold)

    def hears_todays_numbers(self) -> bool:
        """Whether the server is heard now, and has said which of this kiosk's numbers it knows of today."""
        now = self._clock.trusted()
        return bool(
            self.is_fresh() and now and self.centre and self.menu and self.menu.day == business_day(self.centre, now)
        )

    def numbers_used(self) -> Mapping[str, int]:
        """How many numbers of each line the server knows that this kiosk has used up today."""
        now = self._clock.trusted()
        today = business_day(self.centre, now) if self.centre and now else None
        return numbers_used(self.menu, self.kiosk, today)


def _kept(file: Path) -> Centre | None:
    try:
        return read_centre(file) if file.exists() else None
    except SettingsMistaken as problem:
        # Written by another version; the server sends them again, and the settings file is there until then.
        _log.warning("%s", problem)
        return None


def _keep(file: Path, text: str) -> None:
    if file.exists() and file.read_text("utf-8") == text:
        return
    fresh = file.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
