"""The demo's own settings are valid, and usable at any hour."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from dawr.errors import SettingsMistaken
from dawr.hours import offer
from dawr.settings.centre import Centre, read_centre
from dawr.settings.devices import BoardDevice, CounterDevice, KioskDevice
from dawr.settings.mistakes import read
from demo.example import EXAMPLES, Files, example_folder, write_settings

CENTRES = sorted(file.parent.name for file in EXAMPLES.glob("*/centre.toml"))


def written(name: str, folder: Path) -> Files:
    return write_settings(example_folder(name), folder, "http://127.0.0.1:8080", "tcp://127.0.0.1:9100", windows=False)


@pytest.mark.parametrize("name", CENTRES)
def test_every_device_has_valid_settings_without_hardware(name: str, tmp_path: Path) -> None:
    files = written(name, tmp_path)
    kiosk = read(KioskDevice, files.kiosk)
    assert kiosk.screen and not kiosk.screen.fullscreen
    assert kiosk.kiosk.pins == "mock"
    assert kiosk.kiosk.id in {one.id for one in read_centre(files.centre).kiosks}
    assert not read(BoardDevice, files.board).screen.fullscreen
    assert {read(CounterDevice, file).counter.pins for file in files.counters.values()} == {"mock"}


@pytest.mark.parametrize("name", CENTRES)
def test_a_counter_with_a_box_serves_whatever_a_visitor_chooses(name: str, tmp_path: Path) -> None:
    files = written(name, tmp_path)
    centre = read_centre(files.centre)
    assert 2 <= len(files.counters) <= 3
    assert all(set(centre.counter[id].lines) == set(centre.line) for id in files.counters)


@pytest.mark.parametrize("name", CENTRES)
def test_every_service_is_offered_at_any_hour_of_any_day(name: str, tmp_path: Path) -> None:
    centre = read_centre(written(name, tmp_path).centre)
    holidays = [holiday.date for holiday in read_centre(example_folder(name) / "centre.toml").holidays]
    week = [date(2026, 11, 22) + timedelta(days=ahead) for ahead in range(7)]
    assert [closed for day in [*holidays, *week] for closed in closed_at(centre, day)] == []


def closed_at(centre: Centre, day: date) -> list[str]:
    times = [datetime.combine(day, time(hour, 30), UTC) for hour in range(24)]
    return [f"{one.id} {at}" for at in times for one in centre.services if not offer(centre, one, at, 0, None).open]


def test_a_folder_of_ones_own_is_a_centre_too(tmp_path: Path) -> None:
    (tmp_path / "centre.toml").write_text((EXAMPLES / "small-town" / "centre.toml").read_text("utf-8"), "utf-8")
    folder = example_folder(str(tmp_path))
    files = write_settings(folder, tmp_path / "demo", "http://127.0.0.1:8080", "tcp://127.0.0.1:9100", windows=True)
    assert read(KioskDevice, files.kiosk).kiosk.id == "kiosk-1"


def test_an_unknown_centre_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(SettingsMistaken, match="small-town"):
        example_folder("atlantis")
