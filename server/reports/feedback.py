"""What visitors thought of their visit, by service; it was stored without ticket, counter or clerk."""

import json
import sqlite3
from collections import Counter as Tally
from collections.abc import Iterator, Mapping
from datetime import date

from pydantic import Field

from dawr.messages import SCORES, Message
from dawr.settings.centre import Centre, Texts
from server.reports.waiting import check_period

FEWEST = 5
"""A service with fewer answers in the period is not shown, nor counted in the total: they might be told apart."""

_OF_EVENTS = """
    SELECT json_extract(body, '$.service'), json_extract(body, '$.score'), count(*) FROM event
    WHERE name = 'FeedbackGiven' AND day BETWEEN ? AND ? GROUP BY 1, 2
    """
_OF_PAST_DAYS = "SELECT feedback FROM past_day WHERE day BETWEEN ? AND ?"


class FeedbackRow(Message):
    """The answers for one service."""

    key: str
    """Id of the service; `all` for all that are shown."""
    name: Texts | None = None
    """Its name in each language."""
    scores: list[int] | None
    """How many gave each score, from 1 (poor) to 3 (good); none where fewer than 5 answered."""


class FeedbackReport(Message):
    """The answers of a period."""

    first: date = Field(alias="from")
    """First business day."""
    last: date = Field(alias="to")
    """Last business day, included."""
    rows: list[FeedbackRow]
    """Each service that had answers, in the order of the settings."""
    total: FeedbackRow
    """All that are shown together."""


def feedback(log: sqlite3.Connection, centre: Centre, first: date, last: date) -> FeedbackReport:
    """The answers of the business days `first` to `last`. `BadMessage` when that is no period."""
    check_period(first, last)
    given: dict[str, Tally[int]] = {}
    for service, score, count in answers(log, first, last):
        given.setdefault(service, Tally())[score] += count
    order = {service: place for place, service in enumerate(centre.service)}
    services = sorted(given, key=lambda service: (order.get(service, len(order)), service))
    shown = Tally[int]()
    for scores in given.values():
        if scores.total() >= FEWEST:
            shown.update(scores)
    return FeedbackReport(
        first=first,
        last=last,
        rows=[_row(service, given[service], centre) for service in services],
        total=_row("all", shown, centre),
    )


def answers(log: sqlite3.Connection, first: date, last: date) -> Iterator[tuple[str, int, int]]:
    """Service, score and how many gave it; also of days whose events were removed."""
    period = (str(first), str(last))
    yield from log.execute(_OF_EVENTS, period)
    for (said,) in log.execute(_OF_PAST_DAYS, period):
        yield from map(tuple, json.loads(said))


def _row(key: str, scores: Mapping[int, int], centre: Centre) -> FeedbackRow:
    shown = [scores.get(score, 0) for score in SCORES] if sum(scores.values()) >= FEWEST else None
    return FeedbackRow(key=key, name=centre.service[key].name if key in centre.service else None, scores=shown)
