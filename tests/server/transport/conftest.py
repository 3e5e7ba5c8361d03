from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peer import Peer, running_peer
from tests.server.transport.fronted import Hall, Nginx, nginx_before


@pytest.fixture(scope="module")
def peer_behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """What a device's own server hears; it is behind `own_nginx`."""
    with running_peer(tmp_path_factory.mktemp("own")) as peer:
        yield peer


@pytest.fixture(scope="module")
def own_nginx(peer_behind: Peer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """The centre's own nginx."""
    with nginx_before(peer_behind.port, tmp_path_factory.mktemp("own-nginx")) as nginx:
        yield nginx


@pytest.fixture
def own_peer(peer_behind: Peer) -> Iterator[Peer]:
    yield peer_behind
    peer_behind.forget()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A device's own folder."""
    return tmp_path / "device"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A centre's server behind its nginx, for all tests of a module."""
    hall = Hall(tmp_path_factory.mktemp("hall"))
    yield hall
    hall.stop()
