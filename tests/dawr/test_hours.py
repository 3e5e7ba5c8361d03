"""Business days, opening hours, last tickets, caps and stopped services."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dawr.hours import business_day, closing, offer
from dawr.settings.centre import Centre, Service
from dawr.settings.mistakes import MistakenSettings, parse
from tests.halls import SMALL_CENTRE, small_centre

CENTRE = small_centre()
BIRTH = CENTRE.service["birth"]


def damascus(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CENTRE.zone).astimezone(UTC)


def why(at: datetime, service: Service = BIRTH, issued: int = 0, centre: Centre = CENTRE) -> str | None:
    return offer(centre, service, at, issued, None).why


@pytest.mark.parametrize(
    ("hour", "minute", "reason"),
    [
        (7, 59, "closed.opens_at"),
        (8, 0, None),
        (15, 14, None),
        (15, 15, "closed.last_ticket"),
        (15, 29, "closed.last_ticket"),
        (15, 30, "closed.over"),
        (23, 0, "closed.over"),
    ],
)
def test_tickets_are_given_from_opening_until_a_quarter_before_closing(
    hour: int, minute: int, reason: str | None
) -> None:
    assert why(damascus(22, hour, minute)) == reason


def test_between_two_stretches_it_says_when_it_opens_again() -> None:
    about = offer(CENTRE, BIRTH, damascus(23, 12, 30), 0, None)
    assert (about.why, about.facts) == ("closed.opens_at", {"time": "13:00"})


def test_a_day_without_hours_is_closed() -> None:
    assert why(damascus(24, 10)) == "closed.not_today"


def test_a_holiday_is_closed_and_says_which() -> None:
    text = SMALL_CENTRE.replace("sunday =", 'friday = ["08:00-15:00"]\nsunday =')
    centre = parse(Centre, text, "small.toml")
    about = offer(centre, BIRTH, damascus(25, 10, month=12), 0, None)
    assert about.why == "closed.holiday"
    assert about.reason == {"ar": "عيد الميلاد", "en": "Christmas"}
    assert why(damascus(18, 10, month=12), centre=centre) is None


def test_a_service_with_hours_of_its_own_goes_by_them() -> None:
    text = SMALL_CENTRE.replace("daily_cap = 300", 'hours = { sunday = ["09:00-10:00"] }')
    centre = parse(Centre, text, "small.toml")
    service = centre.service["birth"]
    assert why(damascus(22, 8, 30), service, centre=centre) == "closed.opens_at"
    assert why(damascus(22, 9, 30), service, centre=centre) is None
    assert why(damascus(22, 8, 30), centre.service["deed"], centre=centre) is None


def test_the_daily_cap_closes_a_service() -> None:
    assert why(damascus(22, 9), issued=299) is None
    assert why(damascus(22, 9), issued=300) == "closed.cap_reached"


def test_a_stopped_service_says_what_staff_said() -> None:
    reason = {"ar": "الجهاز معطل", "en": "The machine is broken"}
    about = offer(CENTRE, BIRTH, damascus(22, 9), 0, reason)  # type: ignore[arg-type]
    assert (about.open, about.why, about.reason) == (False, "closed.stopped", reason)


def test_an_untrusted_clock_closes_nothing() -> None:
    assert offer(CENTRE, BIRTH, None, 0, None).open
    assert offer(CENTRE, BIRTH, None, 300, None).why == "closed.cap_reached"


def test_the_business_day_begins_at_four_not_at_midnight() -> None:
    assert business_day(CENTRE, damascus(23, 3, 59)) == date(2026, 11, 22)
    assert business_day(CENTRE, damascus(23, 4)) == date(2026, 11, 23)


def test_business_days_never_run_backwards() -> None:
    start = damascus(1, 0, month=1)
    days = [business_day(CENTRE, start + timedelta(hours=hour)) for hour in range(24 * 400)]
    assert days == sorted(days)


def test_a_day_is_over_when_its_last_service_closes() -> None:
    assert closing(CENTRE, date(2026, 11, 23)) == damascus(23, 15, 30)
    assert closing(CENTRE, date(2026, 11, 24)) is None
    late = SMALL_CENTRE.replace("usual_minutes = 12", 'usual_minutes = 12\nhours = { sunday = ["16:00-18:00"] }')
    assert closing(parse(Centre, late, "small.toml"), date(2026, 11, 22)) == damascus(22, 18)


def test_a_centre_that_closes_at_24_gives_tickets_in_the_last_minute_too() -> None:
    late = SMALL_CENTRE.replace("[hours]", "last_ticket_minutes = 0\n[hours]").replace("08:00-15:30", "16:00-24:00")
    centre = parse(Centre, late, "small.toml")
    assert why(damascus(22, 23, 59), centre=centre) is None
    assert why(damascus(22, 15, 59), centre=centre) == "closed.opens_at"
    [span] = centre.hours.sunday
    assert str(span) == "16:00-24:00"


@pytest.mark.parametrize("span", ["24:00-24:00", "16:00-24:01", "16:00-25:00"])
def test_no_other_time_is_beyond_the_day(span: str) -> None:
    with pytest.raises(MistakenSettings):
        parse(Centre, SMALL_CENTRE.replace("08:00-15:30", span), "small.toml")


def test_nothing_closes_on_a_holiday() -> None:
    text = SMALL_CENTRE.replace("sunday =", 'friday = ["08:00-15:00"]\nsunday =')
    centre = parse(Centre, text, "small.toml")
    assert closing(centre, date(2026, 12, 25)) is None
    assert closing(centre, date(2026, 12, 18)) == damascus(18, 15, month=12)
