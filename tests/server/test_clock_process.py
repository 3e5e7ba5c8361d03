"""A real server whose wall clock jumps, by a preload that shifts the real-time clock of its process alone."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.peer import until
from tests.server.running import RunningServer

SOURCE = Path(__file__).with_name("shifted_clock.c")
HOUR_S, DAY_S, YEAR_S = 3600, 86_400, 365 * 86_400

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler for the shifted clock")


@pytest.fixture(scope="module")
def preload(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("clock") / "shifted_clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, SOURCE, "-ldl"], check=True, timeout=60)
    return library


Shifted = Callable[..., RunningServer]


@pytest.fixture
def server(tmp_path: Path, preload: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    monkeypatch.setenv("LD_PRELOAD", str(preload))
    monkeypatch.setenv("SHIFTED_BY", str(tmp_path / "shift"))
    shift(tmp_path, 0)
    server = RunningServer(tmp_path, "--trust-clock")
    yield server
    server.kill()


def shift(folder: Path, seconds: int) -> None:
    """Whole or not at all, since the server may read it at any moment."""
    new = folder / "shift.new"
    new.write_text(str(seconds))
    new.replace(folder / "shift")


def take(server: RunningServer) -> Any:
    return server.post("/tickets", {"service": "birth"}).json


def call(server: RunningServer) -> Any:
    return server.post("/counters/1/call-next").json["ticket"]


def now_of(server: RunningServer) -> datetime:
    return datetime.fromisoformat(server.get("/health").json["now"])


def log_of(server: RunningServer) -> list[Any]:
    events: list[Any] = server.get("/log?limit=1000").json["events"]
    return events


def times_never_go_back(server: RunningServer) -> bool:
    times = [datetime.fromisoformat(entry["event"]["at"]) for entry in log_of(server)]
    return times == sorted(times)


@pytest.mark.parametrize("seconds", [YEAR_S, -3 * HOUR_S], ids=["a year forward", "hours back"])
def test_a_clock_that_jumps_in_service_and_comes_back_moves_nothing(server: RunningServer, seconds: int) -> None:
    before = now_of(server)
    assert take(server)["number"] == "A901"
    for by, jumps in ((seconds, 1), (0, 2)):
        shift(server.folder, by)
        until(lambda jumps=jumps: [one["name"] for one in log_of(server)].count("ClockJumped") == jumps)
        assert timedelta() <= now_of(server) - before < timedelta(minutes=1)
    health = server.get("/health").json
    assert (health["trust"], round(health["clock_jumped"]["seconds"], -1), health["clock_jumped"]["followed"]) == (
        "staff",
        -seconds,
        False,
    )
    assert [take(server)["number"], call(server)["number"], call(server)["number"]] == ["A902", "A901", "A902"]
    assert times_never_go_back(server)
    assert [one["name"] for one in log_of(server)].count("DayStarted") == 1


def test_hours_back_at_boot_the_log_goes_on_and_nobody_is_told_a_time(server: RunningServer) -> None:
    numbers = [take(server)["number"]]
    server.kill()
    shift(server.folder, -3 * HOUR_S)
    server.start()
    until(lambda: server.get("/health").json["clock_jumped"])
    assert server.get("/health").json["trust"] == "none"
    numbers.append(take(server)["number"])
    # Somebody sets the clock: that time is believed, and told.
    shift(server.folder, 60)
    until(lambda: server.get("/health").json["trust"] == "staff")
    numbers.append(take(server)["number"])
    assert numbers == ["A901", "A902", "A903"]
    assert [call(server)["number"] for _ in numbers] == numbers
    report = server.get("/reports/waiting").json["total"]
    assert (report["called"], 0 <= report["longest_wait_s"] < 120) == (3, True)
    assert times_never_go_back(server)


def test_a_server_without_the_time_takes_it_from_a_kiosk_and_keeps_to_it(server: RunningServer) -> None:
    """The log is a year ahead by a mistake. Only a kiosk knows; later that knows no more than the server."""
    take(server)
    server.kill()
    shift(server.folder, -400 * DAY_S - 3 * HOUR_S)
    server.start()
    real = datetime.now(UTC) - timedelta(days=400)
    assert hand_in(server, "A001", ("boot 1", real, "ntp"), ("boot 1", real, "ntp")) == "A001"
    until(lambda: [one for one in log_of(server) if one["name"] == "ClockJumped" and one["event"]["followed"]])
    assert hand_in(server, "A002", ("boot 1", real, "ntp"), ("boot 2", real, "none")) == "A002"
    server.kill()
    server.start()
    assert hand_in(server, "A003", ("boot 1", real, "ntp"), ("boot 2", real, "none")) == "A003"
    assert times_never_go_back(server)


def hand_in(
    server: RunningServer, number: str, issued: tuple[str, datetime, str], sent: tuple[str, datetime, str]
) -> Any:
    """Hand a ticket in, with the boot, wall clock and trust of its kiosk then and now; gives who is called next."""
    moments = [
        {"boot": boot, "boottime_s": 100.0, "wall": wall.isoformat(), "trust": trust}
        for boot, wall, trust in (issued, sent)
    ]
    ticket = {"id": number, "number": number, "service": "birth", "language": "ar", "issued": moments[0]}
    answer = server.post("/kiosks/kiosk-1/hand-in", {"sent": moments[1], "tickets": [ticket]})
    assert answer.json["stored"] == [number]
    while (called := call(server))["number"].startswith("A9"):
        pass
    return called["number"]
