"""The hall's clock: whom it believes, that it never goes back, and what a server makes of a clock that jumps."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dawr.clock import Moment, Trust
from dawr.errors import UnknownIssuer
from dawr.messages import CallNext, Command, HandIn, IssueTicket, NoteClock, PrintedTicket
from dawr.settings.centre import Centre
from dawr.settings.mistakes import parse
from server.keeping.hall_clock import HallClock, Jump
from server.keeping.log import Log
from server.keeping.writer import Writer
from tests.halls import SMALL_CENTRE, SUNDAY_MORNING
from tests.server.machine import Machine
from tests.server.running import ALWAYS_OPEN

NINE = SUNDAY_MORNING
YEARS_OFF = datetime(2019, 2, 14, 10, 11, tzinfo=UTC)
HOUR, DAY, INSTANT = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)


def clock_of(machine: Machine, last_at: datetime | None = NINE - HOUR, **facts: Any) -> HallClock:
    return HallClock(last_at, machine.hardware, **{"has_battery": False, **facts})


# --- Whom it believes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kept_right", "facts", "trust"),
    [(True, {}, Trust.NTP), (False, {"vouched": True}, Trust.STAFF), (False, {"has_battery": True}, Trust.STAFF)],
)
def test_a_clock_that_somebody_vouches_for_is_gone_by(kept_right: bool, facts: dict[str, bool], trust: Trust) -> None:
    clock = clock_of(Machine(NINE, kept_right=kept_right), **facts)
    assert (clock.now(), clock.trust, clock.look()) == (NINE, trust, None)


def test_a_clock_without_battery_and_ntp_is_nobodys_time() -> None:
    clock = clock_of(Machine(NINE))
    assert (clock.now(), clock.trust, clock.knows_the_day) == (NINE, Trust.NONE, False)


@pytest.mark.parametrize("facts", [{}, {"vouched": True}, {"has_battery": True}])
def test_hours_back_at_boot_the_time_goes_on_from_the_log_until_ntp_comes(facts: dict[str, bool]) -> None:
    machine = Machine(NINE - 3 * HOUR)
    clock = clock_of(machine, last_at=NINE, **facts)
    assert (clock.now(), clock.trust) == (NINE + INSTANT, Trust.NONE)
    assert clock.look() == Jump(-3 * HOUR, False, Trust.NONE, NINE + INSTANT)
    machine.pass_time(minutes=5)
    assert (clock.now(), clock.look()) == (NINE + timedelta(minutes=5) + INSTANT, None)
    machine.jump(hours=4)
    machine.kept_right = True
    assert clock.has_news()
    assert clock.look() == Jump(HOUR - INSTANT, True, Trust.NTP, NINE + INSTANT)
    assert (clock.now(), clock.trust, clock.has_news()) == (machine.wall, Trust.NTP, False)


@pytest.mark.parametrize("trusted", [Trust.NTP, Trust.STAFF])
@pytest.mark.parametrize("by", [365 * DAY, 2 * HOUR, -2 * HOUR, -365 * DAY])
def test_a_jump_of_a_trusted_clock_is_told_and_not_followed(trusted: Trust, by: timedelta) -> None:
    machine = Machine(NINE, kept_right=trusted is Trust.NTP)
    clock = clock_of(machine, vouched=True)
    machine.jump(seconds=by.total_seconds())
    assert clock.has_news()
    assert clock.look() == Jump(by, False, trusted, NINE)
    machine.pass_time(hours=3)
    assert (clock.now(), clock.trust, clock.look()) == (NINE + 3 * HOUR, trusted, None)
    machine.jump(seconds=-by.total_seconds())
    assert clock.look() == Jump(-by, False, trusted, NINE)
    assert clock.now() == NINE + 3 * HOUR


def test_ntp_is_believed_more_than_staff() -> None:
    machine = Machine(NINE)
    clock = clock_of(machine, has_battery=True)
    machine.jump(minutes=20)
    machine.kept_right = True
    assert clock.look() == Jump(timedelta(minutes=20), True, Trust.NTP, NINE)
    assert clock.now() == machine.wall


def test_a_hand_that_sets_an_unknown_time_is_believed() -> None:
    machine = Machine(NINE - 3 * HOUR)
    clock = clock_of(machine, last_at=NINE)
    clock.look()
    machine.jump(hours=5)
    jump = clock.look()
    assert jump is not None
    assert (jump.followed, jump.trust, clock.now()) == (True, Trust.STAFF, NINE + 2 * HOUR)


def test_a_device_is_believed_while_nobody_else_tells_the_time() -> None:
    machine = Machine(NINE)
    clock = clock_of(machine)
    clock.hear(Moment("kiosk", 7.0, NINE + 2 * HOUR, Trust.NTP))
    assert clock.has_news()
    machine.pass_time(minutes=3)
    assert clock.look() == Jump(2 * HOUR, True, Trust.SERVER, NINE)
    assert (clock.now(), clock.trust) == (NINE + 2 * HOUR + timedelta(minutes=3), Trust.SERVER)
    assert (clock.has_news(), clock.look()) == (False, None)


def test_ntp_is_believed_more_than_a_device() -> None:
    machine = Machine(NINE)
    clock = clock_of(machine)
    clock.hear(Moment("kiosk", 7.0, NINE + 2 * HOUR, Trust.NTP))
    machine.kept_right = True
    assert clock.look() is None
    assert (clock.now(), clock.trust, clock.has_news()) == (NINE, Trust.NTP, False)


@pytest.mark.parametrize("facts", [{}, {"has_battery": True}])
def test_a_year_forward_at_boot_is_not_believed_without_ntp(facts: dict[str, bool]) -> None:
    clock = clock_of(Machine(NINE + 365 * DAY), last_at=NINE, **facts)
    assert (clock.now(), clock.trust) == (NINE + INSTANT, Trust.NONE)


@pytest.mark.parametrize(("kept_right", "vouched"), [(True, False), (False, True)])
def test_after_a_long_closure_ntp_or_staff_are_believed(kept_right: bool, vouched: bool) -> None:
    machine = Machine(NINE + 200 * DAY, kept_right=kept_right)
    clock = clock_of(machine, last_at=NINE, vouched=vouched)
    assert (clock.now(), clock.knows_the_day) == (machine.wall, True)


def test_over_a_weekend_a_battery_is_enough() -> None:
    machine = Machine(NINE + 3 * DAY)
    assert clock_of(machine, last_at=NINE, has_battery=True).now() == machine.wall


# --- It never goes back ----------------------------------------------------------------------------------------------


def test_set_back_by_ntp_it_goes_on_at_half_speed_until_the_real_time_is_there() -> None:
    machine = Machine(NINE)
    clock = clock_of(machine, has_battery=True)
    machine.jump(hours=-1)
    machine.kept_right = True
    clock.look()
    assert clock.now() == NINE
    machine.pass_time(hours=1)
    assert (clock.now(), machine.wall, clock.trust) == (NINE + HOUR / 2, NINE, Trust.NONE)
    machine.pass_time(hours=1)
    assert (clock.now(), clock.trust) == (machine.wall, Trust.NTP) == (NINE + HOUR, Trust.NTP)
    machine.pass_time(hours=1)
    assert clock.now() == machine.wall


def test_a_log_that_is_a_year_ahead_does_not_hold_the_day_for_a_year() -> None:
    machine = Machine(NINE, kept_right=True)
    clock = clock_of(machine, last_at=NINE + 365 * DAY)
    assert clock.now() - NINE == 371 * DAY  # 53 weeks: the same weekday, and the same hour
    assert (clock.trust, clock.knows_the_day) == (Trust.NONE, True)
    machine.pass_time(days=1)
    assert clock.look() == Jump(-365 * DAY, True, Trust.NONE, NINE + 371 * DAY)
    assert (clock.now() - machine.wall, clock.look()) == (371 * DAY, None)


def test_nobody_waits_for_the_real_time_for_a_day() -> None:
    """At half speed two days of the kiosks would be one of the log, and have its numbers twice."""
    clock = clock_of(Machine(NINE, kept_right=True), last_at=NINE + DAY - timedelta(minutes=3))
    assert clock.now() == NINE + 7 * DAY


def test_a_log_that_is_ahead_is_so_after_a_restart_without_the_time() -> None:
    clock = clock_of(Machine(NINE), last_at=NINE + 371 * DAY - HOUR, ahead=371 * DAY)
    assert (clock.now(), clock.trust, clock.look()) == (NINE + 371 * DAY, Trust.NONE, None)


def test_a_log_that_is_ahead_is_so_even_if_the_machine_has_lost_some_hours() -> None:
    clock = clock_of(Machine(NINE), last_at=NINE + 371 * DAY + HOUR, ahead=371 * DAY)
    assert clock.look() == Jump(-HOUR, False, Trust.NONE, NINE + 371 * DAY + HOUR + INSTANT)
    assert clock.dated(Moment("kiosk", 7.0, NINE, Trust.NTP)).wall == NINE + 371 * DAY


def test_a_log_that_was_ahead_is_not_when_the_real_time_has_come() -> None:
    machine = Machine(NINE + 371 * DAY)
    clock = clock_of(machine, last_at=machine.wall - HOUR, ahead=371 * DAY, has_battery=True)
    assert (clock.now(), clock.trust) == (machine.wall, Trust.STAFF)


def test_it_follows_the_small_steps_of_ntp_and_is_never_earlier_than_before() -> None:
    machine = Machine(NINE, kept_right=True)
    clock = clock_of(machine)
    before = clock.now()
    for step in (0.4, -0.4, 3, -3, 9, -9, 0.001) * 20:
        machine.pass_time(seconds=1)
        machine.jump(seconds=step)
        assert clock.look() is None
        now = clock.now()
        assert now >= before
        before = now
    machine.pass_time(seconds=30)
    assert abs(clock.now() - machine.wall) < timedelta(seconds=10)


# --- A server by this clock ------------------------------------------------------------------------------------------


class Run:
    """A server's writer on a machine of the test's own; it may be started again."""

    def __init__(self, folder: Path, machine: Machine, centre: Centre | None = None) -> None:
        self.folder, self.machine = folder, machine
        self.centre = centre or parse(Centre, ALWAYS_OPEN, "always.toml")
        self.start()

    def start(self) -> None:
        self.log = Log(self.folder)
        self.clock = HallClock(self.log.last_at(), self.machine.hardware, has_battery=False, ahead=self.log.ahead())
        self.writer = Writer(
            self.centre,
            self.log,
            self.clock.now,
            knows_the_day=lambda: self.clock.knows_the_day,
            look_at_clock=self.look,
            has_clock_news=self.clock.has_news,
            hear_clock=self.clock.hear,
            dated=self.clock.dated,
        )

    def look(self) -> NoteClock | None:
        jump = self.clock.look()
        return jump and NoteClock(
            seconds=jump.by.total_seconds(), followed=jump.followed, trust=jump.trust, since=jump.since
        )

    def do(self, command: Command) -> dict[str, Any]:
        answer = self.writer.submit(command)
        self.writer.run_until_idle()
        return answer.result(0)

    def idle(self) -> None:
        """What the teller's ticks do while nobody presses anything: first the clock is noted, then the day begins."""
        for _ in range(2):
            self.writer.start_day_if_due()
            self.writer.run_until_idle()

    def reboot(self, wall: datetime) -> None:
        self.log.close()
        self.machine.reboot(wall)
        self.start()

    def take(self) -> str:
        number: str = self.do(IssueTicket(service="birth"))["ticket"]["number"]
        return number

    def hand_in(
        self, number: str, *, minutes_ago: float = 0, wall: datetime | None = None, issuer: str = "kiosk-1"
    ) -> None:
        """A kiosk tells of a ticket; at `wall` if it knows the time."""
        trust = Trust.NONE if wall is None else Trust.NTP
        issued = Moment("kiosk", 10_000 - 60 * minutes_ago, wall or YEARS_OFF, trust)
        ticket = PrintedTicket(id=f"{number} of {wall}", number=number, service="birth", language="ar", issued=issued)
        sent = Moment("kiosk", 10_000, wall or YEARS_OFF, trust)
        self.do(HandIn(issuer=issuer, sent=sent, tickets=(ticket,)))

    def hand_in_after_a_cut(self, number: str, wall: datetime) -> None:
        """A kiosk that knew the time tells of a ticket after a power cut, when it knows it no more."""
        issued = Moment("kiosk", 10_000, wall, Trust.NTP)
        ticket = PrintedTicket(id=number, number=number, service="birth", language="ar", issued=issued)
        self.do(HandIn(issuer="kiosk-1", sent=Moment("kiosk again", 40, YEARS_OFF, Trust.NONE), tickets=(ticket,)))

    def call(self) -> str | None:
        ticket = self.do(CallNext(counter="1"))["ticket"]
        return ticket and ticket["number"]

    def events(self, name: str = "%") -> list[dict[str, Any]]:
        with self.log.reading() as connection:
            rows = connection.execute("SELECT name, at FROM event WHERE name LIKE ? ORDER BY sequence", (name,))
            return [{"name": row[0], "at": row[1]} for row in rows]

    def waits_s(self) -> list[float]:
        with self.log.reading() as connection:
            rows = connection.execute(
                "SELECT first_called_at - joined_at FROM ticket WHERE first_called_at IS NOT NULL"
            )
            return [round(row[0], 3) for row in rows]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path, Machine(NINE, kept_right=True))
    yield run
    times = [datetime.fromisoformat(event["at"]) for event in run.events()]
    assert times == sorted(times)
    assert all(wait_s >= 0 for wait_s in run.waits_s())
    run.log.close()


@pytest.mark.parametrize("by", [365 * DAY, -5 * HOUR, -365 * DAY])
def test_a_jump_in_service_changes_nothing_but_is_in_the_log(run: Run, by: timedelta) -> None:
    assert [run.take(), run.take()] == ["A901", "A902"]
    run.machine.pass_time(minutes=10)
    run.machine.jump(seconds=by.total_seconds())
    run.idle()
    assert [event["name"] for event in run.events()][-1] == "ClockJumped"
    assert run.take() == "A903"
    assert [run.call(), run.call()] == ["A901", "A902"]
    assert run.waits_s() == [600, 600]
    jumped = run.writer.hall.clock_jumped
    assert jumped is not None
    assert (jumped.seconds, jumped.followed, jumped.trust) == (by.total_seconds(), False, Trust.NTP)
    assert len(run.events("DayStarted")) == 1


def test_a_jump_and_a_restart_with_ntp_on_the_right_side_again_starts_the_next_day_in_its_time(run: Run) -> None:
    run.take()
    run.machine.jump(days=365)
    run.idle()
    run.reboot(NINE + DAY)
    run.idle()
    assert run.writer.hall.day == date(2026, 11, 23)
    assert run.take() == "A901"


def test_hours_back_at_boot_no_number_begins_anew_and_real_waits_are_told(run: Run) -> None:
    assert run.take() == "A901"
    run.machine.kept_right = False
    run.reboot(NINE - 5 * HOUR)
    assert run.take() == "A902"
    run.machine.pass_time(minutes=4)
    run.machine.jump(hours=7)
    run.machine.kept_right = True
    run.machine.pass_time(minutes=1)
    run.idle()
    assert [run.call(), run.call()] == ["A901", "A902"]
    assert [round(wait_s) for wait_s in run.waits_s()] == [2 * 3600 + 5 * 60, 5 * 60]
    assert run.take() == "A903"


def test_people_who_came_before_the_machine_knew_the_new_day_are_called_on_it(run: Run) -> None:
    """A power cut last afternoon, and a morning without NTP: the machine takes it for the afternoon still."""
    assert run.take() == "A901"
    run.machine.kept_right = False
    run.reboot(NINE + HOUR)
    assert [run.take(), run.take()] == ["A902", "A903"]
    run.machine.pass_time(minutes=10)
    run.machine.jump(hours=23)
    run.machine.kept_right = True
    run.idle()
    assert run.writer.hall.day == date(2026, 11, 23)
    carried = run.writer.hall.tickets.values()
    assert {ticket.number for ticket in carried} == {"A902", "A903"}
    assert [ticket.counted_from for ticket in carried] == [ticket.joined_at for ticket in carried]
    assert [run.call(), run.call(), run.call()] == ["A902", "A903", None]
    assert run.take() == "A904"
    assert [round(wait_s) for wait_s in run.waits_s()] == [600, 600]
    kept_right_since = run.machine.wall
    run.reboot(kept_right_since + timedelta(minutes=1))
    assert run.take() == "A905"
    with run.log.reading() as connection:
        rows = connection.execute("SELECT number, day, state FROM ticket ORDER BY number").fetchall()
    assert rows[0] == ("A901", "2026-11-22", "cancelled")
    assert {day for _, day, _ in rows[1:]} == {"2026-11-23"}


def test_a_server_that_lost_the_time_takes_it_from_a_kiosk_that_has_begun_the_next_day(run: Run) -> None:
    run.hand_in("A001", wall=NINE)
    run.machine.kept_right = False
    run.reboot(NINE + HOUR)
    run.hand_in("A001", wall=NINE + DAY)
    assert (run.writer.hall.day, run.clock.trust) == (date(2026, 11, 23), Trust.SERVER)
    assert run.call() == "A001"


def test_a_kiosk_that_knows_no_more_of_the_time_is_not_heard(run: Run) -> None:
    run.machine.kept_right = False
    run.reboot(NINE)
    run.hand_in("A001")
    assert (run.clock.knows_the_day, run.clock.has_news()) == (False, False)


def test_who_is_no_kiosk_of_the_centre_does_not_tell_the_time(run: Run) -> None:
    run.machine.kept_right = False
    run.reboot(NINE)
    with pytest.raises(UnknownIssuer):
        run.hand_in("A001", wall=NINE + 3 * DAY, issuer="nobody")
    assert (run.clock.knows_the_day, run.clock.has_news()) == (False, False)


def test_a_server_that_knows_the_time_hears_no_kiosk(run: Run) -> None:
    run.hand_in("A001", wall=NINE + 3 * DAY)
    assert (run.clock.now(), run.clock.trust, run.clock.has_news()) == (NINE, Trust.NTP, False)
    assert run.events("ClockJumped") == []


def test_people_who_wait_when_the_real_time_comes_to_a_log_that_is_a_year_ahead_are_called(tmp_path: Path) -> None:
    run = Run(tmp_path, Machine(NINE + 400 * DAY))
    assert run.take() == "A901"
    run.machine.pass_time(minutes=10)
    run.machine.jump(days=-400)
    run.machine.kept_right = True
    run.idle()
    assert [run.call(), run.call()] == ["A901", None]
    assert run.waits_s() == [600]


@pytest.mark.parametrize("restarted", [False, True])
def test_a_late_ticket_of_a_kiosk_that_lost_the_time_is_called_though_the_log_is_ahead(
    tmp_path: Path, restarted: bool
) -> None:
    run = Run(tmp_path, Machine(NINE + 400 * DAY))
    run.machine.jump(days=-400)
    run.machine.kept_right = True
    run.idle()
    run.machine.pass_time(days=1)
    run.idle()
    if restarted:
        run.machine.kept_right = False
        run.reboot(run.machine.wall - HOUR)
    run.hand_in_after_a_cut("A001", NINE + DAY)
    assert run.call() == "A001"


def test_people_who_came_before_a_machine_started_that_did_not_know_the_new_day_are_called_on_it(run: Run) -> None:
    run.take()
    run.machine.kept_right = False
    run.reboot(NINE + HOUR)
    run.hand_in("A001", minutes_ago=15)
    run.hand_in("A002", wall=NINE + DAY)
    assert [run.call(), run.call(), run.call()] == ["A001", "A002", None]


def test_without_any_trust_midnight_and_morning_do_not_end_the_day_of_those_who_wait(run: Run) -> None:
    run.take()
    run.machine.kept_right = False
    run.reboot(NINE + HOUR)
    run.machine.pass_time(hours=30)
    run.idle()
    assert run.take() == "A902"
    assert run.call() == "A901"


def test_midnight_in_service_changes_nothing_and_the_day_starts_at_its_hour(run: Run) -> None:
    run.machine.pass_time(hours=14, minutes=59)  # 23:59 in Damascus
    numbers = [run.take()]
    run.machine.pass_time(minutes=2)
    run.idle()
    numbers.append(run.take())
    assert (numbers, run.writer.hall.day) == (["A901", "A902"], date(2026, 11, 22))
    assert run.call() == "A901"
    run.machine.pass_time(hours=4)
    run.idle()
    assert (run.take(), run.writer.hall.day) == ("A901", date(2026, 11, 23))
    assert run.waits_s() == [120]


def test_daylight_saving_moves_no_wait_and_starts_each_day_once(tmp_path: Path) -> None:
    summer_over = datetime(2026, 10, 24, 20, 30, tzinfo=UTC)  # 23:30 in Beirut; at midnight it is 23:00 again
    beirut = parse(Centre, ALWAYS_OPEN.replace('id = "small"', 'id = "small"\ntimezone = "Asia/Beirut"'), "beirut.toml")
    run = Run(tmp_path, Machine(summer_over, kept_right=True), beirut)
    run.take()
    run.machine.pass_time(hours=1)
    run.idle()
    run.call()
    for _ in range(48):
        run.machine.pass_time(hours=1)
        run.idle()
    assert run.waits_s() == [3600]
    assert [event["at"][:13] for event in run.events("DayStarted")] == [
        "2026-10-24T20",
        "2026-10-25T02",
        "2026-10-26T02",
    ]
    run.log.close()


def test_the_small_centre_of_these_tests_is_in_damascus() -> None:
    assert str(parse(Centre, SMALL_CENTRE, "small.toml").zone) == "Asia/Damascus"
