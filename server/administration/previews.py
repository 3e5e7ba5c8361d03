"""Settings that nobody has stored yet, to be looked at: a slip as the kiosk would print it, and a board's hall."""

import io
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, timedelta

from dawr.decide import decide
from dawr.errors import UnknownPreview, UnknownService
from dawr.hall import Hall
from dawr.hours import business_day
from dawr.ids import new_id
from dawr.messages import CallNext, Command, IssueTicket, OpenCounter, StartDay
from dawr.numbers import format_number
from dawr.settings.centre import Centre, Language
from dawr.slip import ticket_rows
from dawr.slip_facts import ticket_facts
from dawr.slip_image import WIDTH_DOTS, PaperMm, draw

KEPT = 8
AHEAD, WAIT_MINUTES = 4, (10, 20)
WAITING_A_LINE, OPEN_COUNTERS = 3, 4
# Old enough that the board takes nothing for news, and does not call it aloud.
CALLED_BEFORE = timedelta(minutes=2)


class Previews:
    """The centres that somebody looks at now, in memory: the newest few, gone with the server."""

    def __init__(self) -> None:
        self._centres: OrderedDict[str, Centre] = OrderedDict()

    def keep(self, centre: Centre) -> str:
        """Keep a centre to be looked at; gives its id."""
        id = new_id()
        self._centres[id] = centre
        while len(self._centres) > KEPT:
            self._centres.popitem(last=False)
        return id

    def centre(self, id: str) -> Centre:
        """The centre of this id. `UnknownPreview` when it is not kept any more."""
        if id not in self._centres:
            raise UnknownPreview(f"there is no preview {id}")
        return self._centres[id]


def slip_picture(centre: Centre, service: str, language: Language, paper_mm: PaperMm, now: datetime) -> bytes:
    """A slip with an invented number as a PNG file, one pixel a dot. `UnknownService` when there is no such service."""
    if service not in centre.service:
        raise UnknownService(f"there is no service {service}", service=service)
    about = centre.service[service]
    first = centre.kiosks[0].numbers_from if centre.kiosks else 1
    number = format_number(centre.line[about.line].letter, first + 11)
    facts = replace(
        ticket_facts(centre, about, number, language),
        ahead=AHEAD,
        wait_minutes=WAIT_MINUTES,
        code=centre.phone_page(new_id()),
        joined_at=now.astimezone(centre.zone),
    )
    file = io.BytesIO()
    draw(ticket_rows(facts), WIDTH_DOTS[paper_mm]).save(file, "PNG")
    return file.getvalue()


def invented_hall(centre: Centre, now: datetime) -> Hall:
    """A hall of this centre with a few people in each line, and the first counters open and calling."""
    hall, at = Hall(centre), now - CALLED_BEFORE
    _do(hall, StartDay(day=business_day(centre, at)), at)
    for line in centre.lines:
        services = [one.id for one in centre.services if one.line == line.id]
        for service in (services * WAITING_A_LINE)[:WAITING_A_LINE]:
            reference = "TR-1" if centre.service[service].needs_reference else None
            _do(hall, IssueTicket(service=service, reference=reference), at)
    for counter in centre.counters[:OPEN_COUNTERS]:
        at += timedelta(seconds=1)
        _do(hall, OpenCounter(counter=counter.id), at)
        _do(hall, CallNext(counter=counter.id), at)
    return hall


def _do(hall: Hall, command: Command, at: datetime) -> None:
    events = decide(hall, command, max(at, hall.last_at or at), new_id())
    hall.apply(list(enumerate(events, hall.sequence + 1)))
