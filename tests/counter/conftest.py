from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peer import Peer, running_peer


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    with running_peer(tmp_path) as peer:
        peer.emit(counter={"id": "3", "state": "open", "ticket": None, "waiting": 7})
        yield peer
