import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peer import until
from tests.server.busy_log import make_busy_log
from tests.server.live_writer import LiveWriter
from tests.server.running import RunningServer


@pytest.fixture(scope="module")
def hall_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server for all tests of a module; each takes its own tickets."""
    server = RunningServer(tmp_path_factory.mktemp("server"))
    until(lambda: server.get("/health").json["day"])  # its start is an event, and would come in the middle of a test
    yield server
    server.kill()


@pytest.fixture(scope="session")
def busy_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the log that `make_busy_log` makes."""
    folder = tmp_path_factory.mktemp("busy")
    make_busy_log(folder)
    return folder


@pytest.fixture
def live_writer(tmp_path: Path) -> Iterator[LiveWriter]:
    """A writer on a real log, at a time of the test's choosing."""
    live = LiveWriter(tmp_path)
    yield live
    live.stop()


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop on a thread of its own, for the clients of a module."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
