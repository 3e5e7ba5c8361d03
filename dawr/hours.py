"""Days and hours: which business day it is, and whether a service gives tickets now.

Kiosks and server decide with the same function from the same settings; the reason is a word key that both can say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from dawr.settings.centre import Centre, Service, Span, Texts


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether a service gives tickets. When not: `why` is a word key under `closed.`, with its facts or the reason."""

    open: bool
    why: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    reason: Texts | None = None


OPEN = Offer(True)


def business_day(centre: Centre, now: datetime) -> date:
    """The business day of an instant: it begins at the centre's `day_starts`, not at midnight."""
    local = now.astimezone(centre.zone)
    begins = centre.centre.day_starts
    return local.date() if local.time() >= begins else local.date() - timedelta(days=1)


def last_open_day(centre: Centre, before: date) -> date:
    """The latest day before this one on which the centre gave tickets; the day before if it never does."""
    closed = {holiday.date for holiday in centre.holidays}
    days = (before - timedelta(days=back) for back in range(1, 366))
    return next((day for day in days if day not in closed and centre.hours.on(day)), before - timedelta(days=1))


def closing(centre: Centre, day: date) -> datetime | None:
    """When the last service closes on that day, aware; None when nothing opens on it."""
    if day in {holiday.date for holiday in centre.holidays}:
        return None
    hours = [centre.hours, *(service.hours for service in centre.services if service.hours)]
    spans = [span for one in hours for span in one.on(day)]
    return datetime.combine(day, max(span.closes for span in spans), centre.zone) if spans else None


def offer(centre: Centre, service: Service, now: datetime | None, issued_today: int, stopped: Texts | None) -> Offer:
    """Whether the service gives tickets at an instant.

    `now` is None while the clock is not trusted: then the hours cannot close anything. `stopped` is the reason
    that staff gave for stopping it, `issued_today` counts against the daily cap.
    """
    if stopped is not None:
        return Offer(False, "closed.stopped", reason=stopped)
    if service.daily_cap is not None and issued_today >= service.daily_cap:
        return Offer(False, "closed.cap_reached")
    return OPEN if now is None else _by_the_clock(centre, service, now)


def _by_the_clock(centre: Centre, service: Service, now: datetime) -> Offer:
    local = now.astimezone(centre.zone)
    holiday = next((one for one in centre.holidays if one.date == local.date()), None)
    if holiday:
        return Offer(False, "closed.holiday", reason=holiday.name)
    spans = (service.hours or centre.hours).on(local.date())
    if not spans:
        return Offer(False, "closed.not_today")
    at = local.time().replace(tzinfo=None)
    current = next((span for span in spans if at in span), None)
    if current is None:
        later = next((span for span in spans if span.opens > at), None)
        return (
            Offer(False, "closed.opens_at", {"time": f"{later.opens:%H:%M}"}) if later else Offer(False, "closed.over")
        )
    if at >= _last_ticket(current, centre, local):
        return Offer(False, "closed.last_ticket")
    return OPEN


def _last_ticket(span: Span, centre: Centre, local: datetime) -> time:
    """The time of day from which no more tickets are given in a stretch; its end is closing time."""
    closes = datetime.combine(local.date(), span.closes)
    return max(span.opens, (closes - timedelta(minutes=centre.centre.last_ticket_minutes)).time())
