"""Each night all that is on record is verified; what is not as it was written is told to managers in the morning."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dawr.language import LANGUAGES
from dawr.overview import Trouble
from dawr.text import without_isolates
from dawr.words import Words
from server.administration.file import SettingsFile
from server.app import Server, create_app
from server.audit.nightly import NightlyCheck
from server.keeping.log import FILE, Log
from tests.halls import small_centre
from tests.server.audit.test_seals import A_LINE, folder, played, seal, tamper
from tests.server.machine import Machine
from tests.server.running import ALWAYS_OPEN, always_open

__all__ = ["folder", "played"]

EVENING = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # 23:00 in Damascus
TAMPERINGS = {
    "an event": (f"UPDATE event SET counter = NULL WHERE {A_LINE}", "The events of 2026-11-15 are not what they were"),
    "the audit log": (
        "DROP TRIGGER audit_stays; UPDATE audit SET record = replace(record, 'server', 'Salma') WHERE number = 2",
        "The audit log was changed after it was written: entry 2 is not what it was",
    ),
    "its newest entry": (
        "DROP TRIGGER audit_is_kept; DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)",
        "The audit log is not whole: entry 3 is missing",
    ),
}


class Nights:
    """The check of a log, and its nights, which pass at once."""

    def __init__(self, folder: Path) -> None:
        self.log, self.now = Log(folder), EVENING
        self.check = NightlyCheck(self.log, small_centre().zone, lambda: self.now)

    def pass_one(self) -> list[str]:
        """What managers read in the morning."""
        self.now += timedelta(days=1)
        assert self.check.check_if_due()
        return self.said("en")

    def said(self, language: str) -> list[str]:
        alerts = [need.alert(Words(language)) for need in self.check.needs()]
        assert {alert.trouble for alert in alerts} <= {Trouble.RECORD}
        return [without_isolates(alert.sentence) for alert in alerts]


@pytest.fixture
def nights(folder: Path) -> Iterator[Nights]:
    seal(folder)
    nights = Nights(folder)
    yield nights
    nights.log.close()


def test_of_a_record_that_is_whole_nothing_is_said(nights: Nights) -> None:
    assert nights.pass_one() == []


@pytest.mark.parametrize(("statements", "found"), TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_what_was_changed_is_said_in_the_morning_in_each_language(
    nights: Nights, folder: Path, statements: str, found: str
) -> None:
    *before, change = statements.split("; ")
    with closing(sqlite3.connect(folder / FILE)) as log:
        for statement in before:
            log.execute(statement)
    tamper(folder, change)
    assert nights.said("en") == [], "nobody has looked yet"
    [said] = nights.pass_one()
    assert said.startswith(found)
    assert "dawr audit verify" in said
    for language in LANGUAGES:
        [told] = nights.said(language)
        assert "{" not in told
    assert nights.pass_one() == [said], "and each morning after"


def test_when_the_file_is_put_back_nothing_is_said_any_more(nights: Nights, folder: Path) -> None:
    tamper(folder, f"UPDATE event SET counter = counter || 'x' WHERE {A_LINE}")
    assert nights.pass_one() != []
    tamper(folder, f"UPDATE event SET counter = replace(counter, 'x', '') WHERE {A_LINE}")
    assert nights.pass_one() == []


def test_damage_is_said_rather_than_that_the_record_was_changed(nights: Nights, folder: Path) -> None:
    tamper(folder, f"DELETE FROM event WHERE {A_LINE}")
    assert nights.pass_one() == ["The server's log is damaged. Please tell a technician."]


def test_managers_find_it_on_the_page_of_the_hall(folder: Path, tmp_path: Path) -> None:
    seal(folder)
    machine = Machine(EVENING, kept_right=True)
    (tmp_path / "centre.toml").write_text(ALWAYS_OPEN, "utf-8")
    server = create_app(
        always_open(),
        SettingsFile(tmp_path / "centre.toml"),
        folder,
        async_mode="threading",
        hardware=machine.hardware,
        open_to_all=True,
    )
    try:
        tamper(folder, f"UPDATE event SET counter = NULL WHERE {A_LINE}")
        [check] = [one for one in server.rounds if one._name == "nightly check"]
        check._work()
        assert records(server) == []
        machine.pass_time(hours=5)
        check._work()
        [alert] = records(server)
    finally:
        server.access.close()
        server.log.close()
    assert alert["subject"] == "log"
    assert "2026-11-15" in alert["sentence"]


def records(server: Server) -> list[Any]:
    """What the overview says of the record."""
    overview: Any = server.app.test_client().get("/api/v1/overview?language=en", headers={"Host": "127.0.0.1"}).json
    return [one for one in overview["alerts"] if one["trouble"] == "record"]
