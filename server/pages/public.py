"""Waits in public: how many wait in each line now, and when it is usually quiet. As a page, and as JSON for websites.

Only sums: no ticket is named.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from statistics import fmean
from typing import Any

from flask import Blueprint, Response, request
from pydantic import Field

from dawr.estimate import learned_minutes, minutes_per_call, wait_minutes
from dawr.hall import Hall
from dawr.messages import Message
from dawr.settings.centre import WEEKDAYS, Centre, Line, Texts
from dawr.slip import turn_sentences
from dawr.words import Words
from server.keeping.log import Log
from server.keeping.writer import OffLoop, Writer
from server.pages.site import Page, Site, guarded
from server.reports.usual_waits import UsualWait, usual_waits

FRESH_S = 15
LEVELS = (0.25, 0.5, 1.0, 2.0)
"""Shades of usual waits: up to these shares of the centre's target, and one beyond."""


class PublicLine(Message):
    """A line as anybody may know it."""

    id: str
    """Id of the line."""
    name: Texts
    """Its name in each language."""
    waiting: int
    """People who wait."""
    open_counters: int
    """Open counters that serve it."""
    wait_minutes: tuple[int, int] | None
    """Range of minutes that somebody who comes now would probably wait; none while no counter serves it."""
    usual: list[UsualWait]
    """What the wait usually is, over the last 6 weeks."""


class PublicWaits(Message):
    """The waits of a centre."""

    centre: Texts
    """Its name in each language."""
    target_minutes: int = Field(ge=1)
    """The centre's promise: nobody waits longer."""
    lines: list[PublicLine]
    """Every line, in the order of the settings."""


class Public:
    """The waits of a server in public."""

    def __init__(self, centre: Centre, writer: Writer, log: Log, off_loop: OffLoop, site: Site) -> None:
        self._centre, self._writer, self._log, self._off_loop, self._site = centre, writer, log, off_loop, site
        self._page = Page("/public", "public", self._facts)
        self._usual: tuple[date | None, dict[str, list[UsualWait]]] = (None, {})

    def blueprint(self) -> Blueprint:
        """The page and the JSON."""
        public = Blueprint("public", __name__)
        public.add_url_rule("/public", "page", self._show)
        public.add_url_rule("/public.json", "waits", self._tell)
        public.after_request(guarded)
        return public

    def waits(self) -> PublicWaits:
        """The waits now."""
        hall = self._writer.hall
        waiting, usual = hall.waiting(), self._usual_of(hall.day)
        return PublicWaits(
            centre=self._centre.centre.name,
            target_minutes=self._centre.centre.target_minutes,
            lines=[
                PublicLine(
                    id=line.id,
                    name=line.name,
                    waiting=waiting[line.id],
                    open_counters=hall.open_counters(line.id),
                    wait_minutes=_wait(hall, line, waiting[line.id]),
                    usual=usual.get(line.id, []),
                )
                for line in self._centre.lines
            ],
        )

    def _usual_of(self, today: date | None) -> dict[str, list[UsualWait]]:
        """Only days that are over count, so they are read once a day."""
        if today and self._usual[0] != today:

            def read() -> dict[str, list[UsualWait]]:
                with self._log.reading() as log:
                    return usual_waits(log, self._centre, today, self._log.file.parent)

            self._usual = (today, self._off_loop(read))
        return self._usual[1]

    def _show(self) -> Response:
        answer = self._site.show(self._page, self._site.words(self._page), self._facts(self._writer.hall))
        return _unless_known(answer)

    def _tell(self) -> Response:
        answer = Response(self.waits().model_dump_json(), mimetype="application/json")
        answer.headers["Cache-Control"] = f"public, max-age={FRESH_S}"
        answer.headers["Access-Control-Allow-Origin"] = "*"
        return _unless_known(answer)

    def _facts(self, _hall: Hall) -> Mapping[str, Any]:
        words = self._site.words(self._page)
        return {"lines": [_said(one, self._centre, words) for one in self.waits().lines]}


def _unless_known(answer: Response) -> Response:
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _wait(hall: Hall, line: Line, waiting: int) -> tuple[int, int] | None:
    open_counters = hall.open_counters(line.id)
    if not open_counters:
        return None
    usual = fmean(one.usual_minutes for one in hall.centre.services if one.line == line.id)
    return wait_minutes(waiting, minutes_per_call(learned_minutes(hall.line_calls[line.id]), usual, open_counters))


def _said(line: PublicLine, centre: Centre, words: Words) -> Mapping[str, Any]:
    """A line as the page shows it."""
    expected = turn_sentences(words, None, line.wait_minutes) if line.wait_minutes else [words("public.nobody_open")]
    hours = sorted({one.hour for one in line.usual})
    return {
        "name": words.of(line.name),
        "waiting": words.number(line.waiting),
        "says": " ".join(expected),
        "quietest": _quietest(line.usual, words),
        "hours": [words.number(f"{hour:02}") for hour in hours],
        "days": [
            {"name": words(f"report.{day}"), "cells": [_cell(line.usual, day, hour, centre, words) for hour in hours]}
            for day in (WEEKDAYS[-1], *WEEKDAYS[:-1])
            if any(one.weekday == day for one in line.usual)
        ],
    }


def _cell(usual: Sequence[UsualWait], day: str, hour: int, centre: Centre, words: Words) -> Mapping[str, Any] | None:
    found = next((one for one in usual if (one.weekday, one.hour) == (day, hour)), None)
    if found is None:
        return None
    minutes = found.median_wait_s / 60
    level = sum(minutes > share * centre.centre.target_minutes for share in LEVELS)
    return {"minutes": words.number(round(minutes)), "level": level}


def _quietest(usual: Sequence[UsualWait], words: Words) -> str | None:
    if not usual:
        return None
    best = min(usual, key=lambda one: one.median_wait_s)
    hour = words.number(f"{best.hour:02}:00")
    return words("public.quietest", day=words(f"report.{best.weekday}"), hour=hour)
