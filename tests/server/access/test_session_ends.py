"""When sessions end: after closing time by the hall's clock, and never in the middle of the day."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dawr.settings.centre import Centre
from dawr.settings.mistakes import parse
from server.access.passwords import hashed
from server.access.people import session_ends
from server.access.who import Role
from server.administration.file import SettingsFile
from server.app import Server, create_app
from tests.peer import until
from tests.server.access.staff import PIN
from tests.server.machine import Machine
from tests.server.running import ALWAYS_OPEN

SETTINGS = ALWAYS_OPEN.replace('"00:00-24:00"', '"08:00-14:00"')
CENTRE = parse(Centre, SETTINGS, "centre.toml")
DAY = date(2026, 4, 20)


def at(clock: str, day: date = DAY) -> datetime:
    """That time of day in the centre, as UTC."""
    return datetime.combine(day, datetime.strptime(clock, "%H:%M").time(), CENTRE.zone).astimezone(UTC)


@contextmanager
def running(folder: Path, machine: Machine) -> Iterator[Server]:
    (folder / "centre.toml").write_text(SETTINGS, "utf-8")
    server = create_app(
        CENTRE,
        SettingsFile(folder / "centre.toml"),
        folder / "data",
        async_mode="threading",
        hardware=machine.hardware,
        clock_is_right=True,
    )
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def machine() -> Machine:
    return Machine(at("09:00"))


@pytest.fixture
def server(tmp_path: Path, machine: Machine) -> Iterator[Server]:
    with running(tmp_path, machine) as server:
        server.access.add_person("Rima", Role.CLERK, hashed(PIN), machine.wall)
        yield server


class Page:
    """A browser that signed in now."""

    def __init__(self, server: Server) -> None:
        self.client = server.app.test_client()
        said = self.client.post("/api/v1/session", json={"name": "Rima", "secret": PIN})
        assert said.status_code == 200, said.text

    @property
    def is_signed_in(self) -> bool:
        return self.client.get("/api/v1/counters/1").status_code == 200


def test_a_session_ends_an_hour_after_closing_time(server: Server, machine: Machine) -> None:
    page = Page(server)
    machine.pass_time(hours=5, minutes=59)
    assert page.is_signed_in
    machine.pass_time(minutes=2)
    assert not page.is_signed_in


def test_one_that_begins_after_that_lasts_until_the_day_ends(server: Server, machine: Machine) -> None:
    machine.pass_time(hours=7)
    page = Page(server)
    machine.pass_time(hours=8)
    assert page.is_signed_in


@pytest.mark.parametrize("hours", [7, -3])
def test_a_clock_that_jumps_ends_no_session(server: Server, machine: Machine, hours: int) -> None:
    page = Page(server)
    machine.kept_right = True
    machine.jump(hours=hours)
    until(lambda: server.writer.hall.clock_jumped is not None)
    assert page.is_signed_in
    assert Page(server).is_signed_in


def test_a_clock_for_which_nobody_vouches_ends_no_session() -> None:
    assert session_ends(CENTRE, DAY, None) is None
    assert session_ends(CENTRE, None, at("09:00")) is None


def test_on_a_day_without_hours_only_the_day_counts() -> None:
    closed = parse(Centre, ALWAYS_OPEN.replace('sunday = ["00:00-24:00"]\n', ""), "centre.toml")
    sunday = date(2026, 4, 19)
    assert session_ends(closed, sunday, at("09:00", sunday)) is None
    assert session_ends(CENTRE, DAY, at("09:00")) == at("14:00") + timedelta(hours=1)
