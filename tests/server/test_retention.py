"""What the log forgets: in time, wholly, on record, and nothing because a clock is wrong."""

import json
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dawr.clock import Trust
from dawr.errors import DetailsRemoved
from dawr.messages import TicketIssued
from dawr.settings.centre import Privacy
from server.audit.seals import Seal, Sealing, seals, verify
from server.audit.trail import Audit, append
from server.keeping.damage import damage_of
from server.keeping.log import FILE, Log, read
from server.keeping.mend import mend
from server.privacy.retention import Retention, due
from server.reports.counter_times import counter_times
from server.reports.feedback import feedback
from server.reports.replay import replay
from server.reports.tickets import timeline
from server.reports.waiting import waiting
from tests.halls import small_centre
from tests.server.audit.test_trail import command
from tests.server.busy_log import BUSY, LAST
from tests.server.running import RunningServer

NOW = datetime(2026, 11, 18, 1, tzinfo=UTC)
ALL_DAYS = (*BUSY, LAST)
PRIVACY = Privacy()


@pytest.fixture
def folder(busy_log: Path, tmp_path: Path) -> Path:
    data = Path(shutil.copytree(busy_log, tmp_path / "data"))
    seal(data)
    return data


def seal(data: Path) -> None:
    log = Log(data)
    Sealing(log, audit(data), lambda: LAST, lambda work: work()).seal_if_due()
    log.close()


def audit(data: Path) -> Audit:
    return Audit(data / FILE, lambda: NOW, lambda: Trust.NTP)


def age(data: Path, privacy: Privacy, trust: Trust = Trust.NTP, today: date = LAST) -> None:
    """Let the night after the log's last day do what it does."""
    log = Log(data)
    try:
        age_open(log, privacy, trust, today)
    finally:
        log.close()


def age_open(log: Log, privacy: Privacy, trust: Trust = Trust.NTP, today: date = LAST) -> None:
    """The same with a log that stays open."""
    data, days = log.file.parent, [today - timedelta(days=1)]
    retention = Retention(log, audit(data), privacy, lambda: trust, lambda: days[-1], lambda work: work())
    retention.remove_if_due()
    days.append(today)
    retention.remove_if_due()


def at_once(personal_days: int = 0, steps_years: int = 50) -> Privacy:
    """Times that no centre can set, so that three days are enough."""
    return Privacy.model_construct(personal_days=personal_days, steps_years=steps_years)


def rows(data: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data / FILE)) as db:
        return db.execute(sql).fetchall()


def done(data: Path) -> list[tuple[str, str]]:
    """What was removed, by the audit log."""
    entries = [json.loads(line) for line in command("show", data, "--json").stdout.splitlines()]
    return [(one["action"], one["about"]["day"]) for one in entries if one["action"].endswith("_removed")]


def everything(data: Path) -> bytes:
    """All bytes of the database's files."""
    return b"".join(file.read_bytes() for file in sorted(data.glob("hall.sqlite*")))


# --- What is due ---------------------------------------------------------------------------------------------------


def sealed(*days: date) -> list[Seal]:
    return [Seal(str(day), place, place, "digest") for place, day in enumerate(days)]


def weekdays(first: date, count: int) -> list[date]:
    """Business days of a centre that opens from Sunday to Thursday."""
    days = (first + timedelta(days=place) for place in range(2 * count))
    return [day for day in days if day.isoweekday() not in (5, 6)][:count]


def test_a_day_is_due_after_as_many_days_as_the_calendar_says() -> None:
    days = weekdays(date(2026, 1, 4), 40)
    found = due(sealed(*days[:-1]), days[-1], PRIVACY)
    assert [seal.day for seal in found.personal] == [str(day) for day in days if (days[-1] - day).days > 30]
    assert found.steps == []


def test_years_later_the_steps_are_due() -> None:
    days = weekdays(date(2020, 1, 5), 1700)
    found = due(sealed(*days[:-1]), days[-1], PRIVACY)
    assert [seal.day for seal in found.steps] == [str(day) for day in days if (days[-1] - day).days > 5 * 365]


@pytest.mark.parametrize("ahead", [timedelta(days=8), timedelta(days=365), timedelta(days=40 * 365)])
def test_a_clock_that_is_years_ahead_makes_nothing_old(ahead: timedelta) -> None:
    days = weekdays(date(2026, 1, 4), 20)
    assert due(sealed(*days), days[-1] + ahead, PRIVACY) == ([], [])
    wrong = [days[-1] + ahead + timedelta(days=place) for place in range(5)]
    assert due(sealed(*days, *wrong[:-1]), wrong[-1], PRIVACY).steps == []


def test_a_clock_that_was_set_back_makes_nothing_old() -> None:
    days = weekdays(date(2026, 1, 4), 20)
    assert due(sealed(*days), days[0] - timedelta(days=4000), PRIVACY) == ([], [])


def test_while_nobody_vouches_for_the_clock_nothing_is_removed(folder: Path) -> None:
    age(folder, at_once(), Trust.NONE)
    assert done(folder) == []
    age(folder, at_once(), Trust.STAFF)
    assert len(done(folder)) > 0


def test_by_default_three_days_are_young(folder: Path) -> None:
    age(folder, PRIVACY)
    assert done(folder) == []


# --- What could belong to a person -----------------------------------------------------------------------------------


def test_classes_and_reasons_are_in_no_byte_of_the_file_any_more(busy_log: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(busy_log, tmp_path / "data"))
    with closing(sqlite3.connect(folder / FILE)) as log, log:
        for name, reason in (("TicketParked", "Abu Salim looks for his card"), ("CounterPaused", "Huda at the doctor")):
            say = "UPDATE event SET body = json_set(body, '$.reason', ?) WHERE name = ?"
            assert log.execute(say, (reason, name)).rowcount > 0
    seal(folder)
    log = Log(folder)
    with log.transaction():
        log.forget_answers(NOW + timedelta(days=1))
    words = [b'"class"', b"elderly", b"Abu Salim", b"Huda"]
    assert [word for word in words if word not in everything(folder)] == []
    age_open(log, at_once(), today=date(2026, 11, 18))
    assert [word for word in words if word in everything(folder)] == [], "also in the WAL"
    log.close()
    assert [word for word in words if word in everything(folder)] == []


def test_a_credit_does_not_tell_of_a_class_that_was_taken_out(folder: Path) -> None:
    counted = "SELECT count(*) FROM ticket WHERE counted_from <> joined_at"
    assert rows(folder, counted) > [(0,)]
    age(folder, at_once(), today=date(2026, 11, 18))
    assert rows(folder, counted) == [(0,)]
    with closing(sqlite3.connect(folder / FILE)) as db:
        issued = [entry.event for entry in read(db, 0, -1) if isinstance(entry.event, TicketIssued)]
    assert {(one.counted_from == one.joined_at, one.visitor_class) for one in issued} == {(True, None)}


def test_a_credit_does_not_tell_of_a_class_after_a_transfer_either(busy_log: Path, tmp_path: Path) -> None:
    """Its place in the new line may come from its class too."""
    folder = Path(shutil.copytree(busy_log, tmp_path / "data"))
    with closing(sqlite3.connect(folder / FILE)) as db, db:
        moved = "UPDATE event SET body = json_set(body, '$.counted_from', '2026-11-01T06:00:00Z') WHERE name = ?"
        assert db.execute(moved, ("TicketTransferred",)).rowcount > 0
    seal(folder)
    age(folder, at_once(), today=date(2026, 11, 18))
    kept = "SELECT count(*) FROM event WHERE name = 'TicketTransferred' AND body ->> 'counted_from' <> body ->> 'at'"
    assert rows(folder, kept) == [(0,)]


def test_the_report_stays_the_same(folder: Path) -> None:
    before = [report(folder) for _ in range(2)]
    age(folder, at_once())
    assert [report(folder)] == before[:1]
    age(folder, at_once(steps_years=0), today=LAST)
    assert [report(folder)] == before[1:]


def report(data: Path) -> tuple[object, object, object]:
    with closing(sqlite3.connect(data / FILE)) as db:
        centre, (first, *_, last) = small_centre(), ALL_DAYS
        times = [counter_times(db, day) for day in ALL_DAYS]
        return waiting(db, centre, first, last, "service", "none", None), feedback(db, centre, first, last), times


# --- The steps -------------------------------------------------------------------------------------------------------


def test_removed_events_are_gone_and_the_rest_can_be_read(folder: Path) -> None:
    everybody = {
        str(ticket) for (ticket,) in rows(folder, "SELECT DISTINCT ticket FROM event WHERE ticket IS NOT NULL")
    }
    [(tickets,)] = rows(folder, "SELECT count(*) FROM ticket")
    age(folder, at_once(steps_years=0))
    assert [day for action, day in done(folder) if action == "day_removed"] == [str(day) for day in BUSY]
    assert rows(folder, "SELECT DISTINCT day FROM event ORDER BY 1") == [(str(LAST),), ("2026-11-18",)]
    assert rows(folder, "SELECT count(*) FROM ticket") == [(tickets,)]
    assert damage_of(folder / FILE) is None
    assert len(everybody) > 0


def test_what_is_left_is_verified_and_what_was_removed_is_on_record(folder: Path) -> None:
    age(folder, at_once(steps_years=0))
    answer = command("verify", folder)
    assert (answer.returncode, "2 days were removed" in answer.stdout) == (0, True)
    assert done(folder)[0] == ("personal_removed", str(BUSY[0]))


@pytest.mark.parametrize("privacy", [at_once(), at_once(steps_years=0)], ids=["personal", "steps"])
def test_a_removal_hides_nothing_that_was_changed_before(folder: Path, privacy: Privacy) -> None:
    with closing(sqlite3.connect(folder / FILE)) as log, log:
        log.execute("UPDATE event SET counter = '9' WHERE sequence = 50")
    age(folder, privacy)
    answer = command("verify", folder)
    assert (answer.returncode, f"{BUSY[0]} are not what they were" in answer.stderr) == (1, True)


def test_an_event_that_is_put_into_a_removed_day_is_noticed(folder: Path) -> None:
    age(folder, at_once(steps_years=0))
    with closing(sqlite3.connect(folder / FILE)) as log, log:
        log.execute("INSERT INTO event VALUES (50, '', '', '', '', '', '', '', NULL)")
    assert command("verify", folder).returncode == 1


def test_a_log_without_its_oldest_events_can_be_mended(folder: Path) -> None:
    [(tickets,)] = rows(folder, "SELECT count(*) FROM ticket")
    before = report(folder)
    age(folder, at_once(steps_years=0))
    with closing(sqlite3.connect(folder / FILE)) as log, log:
        log.execute("INSERT INTO event SELECT max(sequence) + 1, '', '', '', '', '', '', '{', NULL FROM event")
    mend(folder, NOW)
    assert damage_of(folder / FILE) is None
    assert rows(folder, "SELECT count(*) FROM ticket") == [(tickets,)]
    assert report(folder) == before


def test_beside_a_nearly_full_disk_nothing_is_touched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.privacy.retention.BALLAST_BYTES", 1 << 60)
    age(folder, at_once())
    assert done(folder) == []


# --- A kill at any moment --------------------------------------------------------------------------------------------

ROUND = """
import sys
from datetime import date
from pathlib import Path
from tests.server.test_retention import LAST, age, at_once
age(Path(sys.argv[1]), at_once(steps_years=0))
"""


def test_what_cannot_be_put_on_record_is_not_removed(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE)) as log, log:
        log.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END")
    before = rows(folder, "SELECT body FROM event")
    with pytest.raises(sqlite3.IntegrityError, match="full"):
        age(folder, at_once())
    assert rows(folder, "SELECT body FROM event") == before


def removals(data: Path) -> int:
    [(count,)] = rows(data, "SELECT count(*) FROM audit WHERE record LIKE '%_removed%'")
    return int(str(count))


def test_a_kill_at_any_moment_leaves_a_log_that_is_verified_and_the_next_round_ends_it(folder: Path) -> None:
    chance, before, kills = random.Random(5), report(folder), 0
    while removals(folder) < 4:
        process, seen = subprocess.Popen([sys.executable, "-c", ROUND, str(folder)]), removals(folder)
        while removals(folder) == seen and process.poll() is None:
            time.sleep(chance.uniform(0, 0.005))
        process.kill()
        kills += process.wait() < 0
        with closing(sqlite3.connect(folder / FILE)) as db:
            verify(db)
        assert report(folder) == before
    assert kills > 0
    age(folder, at_once(steps_years=0))
    with closing(sqlite3.connect(folder / FILE)) as db:
        assert [seal.is_past for seal in seals(db)] == [True, True, False]


# --- Before a change of the times ------------------------------------------------------------------------------------


def test_until_the_next_day_begins_nothing_is_removed(folder: Path) -> None:
    log = Log(folder)
    Retention(log, audit(folder), at_once(), lambda: Trust.NTP, lambda: LAST, lambda work: work()).remove_if_due()
    log.close()
    assert done(folder) == []


def test_shorter_times_say_how_many_days_they_will_cost(folder: Path) -> None:
    server = RunningServer(folder.parent)
    try:
        with closing(sqlite3.connect(folder / FILE)) as log, log:
            for days_ago in range(60, 0, -1):
                day = date(2026, 11, 15) - timedelta(days=days_ago)
                facts = {"day": str(day), "first": -days_ago, "last": -days_ago, "digest": ""}
                append(log, audit(folder).entry("", "server", "day_sealed", facts))
        now = server.get("/settings").json["settings"]

        def warnings(**privacy: int) -> list[str]:
            return list(
                server.post("/settings/check?language=en", {"settings": {**now, "privacy": privacy}}).json["warnings"]
            )

        assert warnings() == []
        assert warnings(personal_days=40) == []
        [said] = warnings(personal_days=20)
        assert "personal details" in said
        assert (
            server.post("/settings/check", {"settings": {**now, "privacy": {"personal_days": 1}}}).json["warnings"]
            == []
        )
    finally:
        server.kill()


# --- What people are told --------------------------------------------------------------------------------------------


def told(data: Path, *words: str) -> str:
    command = [sys.executable, "-m", "server.privacy.command", str(data), "--language", "en", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_command_says_what_was_removed(folder: Path) -> None:
    assert told(folder).count("not removed yet") == 2
    age(folder, at_once(steps_years=0))
    assert f"of 2 days, up to {BUSY[-1]}" in told(folder)
    assert f"since {LAST}" in told(folder)
    assert json.loads(told(folder, "--json"))["day_removed"]["days"] == 2


def test_whoever_asks_for_steps_that_were_removed_is_told_since_when_there_are_any(folder: Path) -> None:
    [(ticket,)] = rows(folder, f"SELECT id FROM ticket WHERE day = '{BUSY[0]}' LIMIT 1")
    age(folder, at_once(steps_years=0))
    with closing(sqlite3.connect(folder / FILE)) as db:
        for ask in (lambda: timeline(db, str(ticket)), lambda: replay(db, small_centre(), BUSY[0])):
            with pytest.raises(DetailsRemoved) as refusal:
                ask()
            assert refusal.value.facts["since"] == str(LAST)
        assert replay(db, small_centre(), LAST).moments != []
