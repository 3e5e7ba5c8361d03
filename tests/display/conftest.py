from collections.abc import Iterator
from pathlib import Path

import pytest

from display.clips import make
from tests.peer import Peer, running_peer


@pytest.fixture(scope="session")
def made_clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every clip, made once."""
    folder = tmp_path_factory.mktemp("clips")
    for _ in make(folder):
        pass
    return folder


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    with running_peer(tmp_path) as peer:
        yield peer
