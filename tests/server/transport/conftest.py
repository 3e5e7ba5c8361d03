from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peer import Peer
from tests.server.transport.fronted import Hall, Nginx, fronted_peer


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Peer, Nginx]]:
    """A device's own server, and the nginx before it."""
    with fronted_peer(tmp_path_factory.mktemp("own")) as own:
        yield own


@pytest.fixture
def own_nginx(own: tuple[Peer, Nginx]) -> Nginx:
    """The centre's own nginx."""
    return own[1]


@pytest.fixture
def own_peer(own: tuple[Peer, Nginx]) -> Iterator[Peer]:
    """What a device's own server hears."""
    yield own[0]
    own[0].forget()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A device's own folder."""
    return tmp_path / "device"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A centre's server behind its nginx, for all tests of a module."""
    with Hall(tmp_path_factory.mktemp("hall")) as hall:
        yield hall
