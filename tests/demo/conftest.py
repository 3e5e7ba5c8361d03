"""A real demo for the tests: every process of a small town's centre, with its hall page."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo.running import RunningDemo, begin


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """The small town's hall, from its first process to its last."""
    running = begin(tmp_path_factory.mktemp("demo"))
    yield running
    running.end()


@pytest.fixture
def own_demo(tmp_path: Path) -> Iterator[RunningDemo]:
    """The same for one test alone, which may end it as it likes."""
    running = begin(tmp_path)
    yield running
    running.end()
