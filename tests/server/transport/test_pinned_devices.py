"""A device that has pinned its centre's authority: who may take it in, who gets nothing, and that no clock matters."""

import logging
import select
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from dawr.client import Client
from dawr.errors import BadMessage, ForeignServer, ServerUnreachable
from dawr.find_server import FindServer
from dawr.pin import Pin, fetch_ca, fingerprint, pinned_context
from server.discovery import Advert
from server.transport.authority import open_authority
from tests.dawr.test_client import at
from tests.house.source import ROOT
from tests.peer import Peer, until
from tests.server.transport.fronted import HERE, Hall, Nginx, fronted_peer, pinned, showing, signed

LOOPBACK = frozenset({"127.0.0.1"})
BOX = {"role": "counter", "id": "box-1", "counter": "1", "token": "a secret"}
CLOCK = ROOT / "tests" / "server" / "shifted_clock.c"
YEAR_S = 31_557_600


@pytest.fixture(scope="module")
def false(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Peer, Nginx]]:
    """A false server with an authority of its own, and a certificate for the same names as the true one's."""
    with fronted_peer(tmp_path_factory.mktemp("false")) as false:
        yield false


@pytest.fixture
def false_peer(false: tuple[Peer, Nginx]) -> Peer:
    """What a false server hears."""
    return false[0]


@pytest.fixture
def false_nginx(false: tuple[Peer, Nginx]) -> Nginx:
    """What stands before it."""
    return false[1]


@pytest.fixture
def quiet(false_peer: Peer) -> Iterator[Peer]:
    """The false server; it has to have heard nothing by the end."""
    yield false_peer
    assert (false_peer.auths(), false_peer.got()) == ([], [])


class Middle:
    """Somebody between a device and its server: takes TLS with a certificate of his own, and hears all that is said."""

    def __init__(self, chain: Path, key: Path, server_port: int, server: ssl.SSLContext) -> None:
        self.heard = b""
        self.came = 0
        self._own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._own.load_cert_chain(chain, key)
        self._server_port, self._server = server_port, server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._take, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _take(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                self.came += 1
                threading.Thread(target=self._stand_between, args=(line,), daemon=True).start()

    def _stand_between(self, line: socket.socket) -> None:
        # In one thread: two that use one TLS connection at once break it.
        with suppress(OSError):
            device = self._own.wrap_socket(line, server_side=True)
            onward = socket.create_connection(("127.0.0.1", self._server_port), 5)
            server = self._server.wrap_socket(onward, server_hostname="localhost")
            other_end = {device: server, server: device}
            for side in other_end:
                side.settimeout(0.2)
            while True:
                for side in [one for one in other_end if one.pending()] or select.select([*other_end], [], [], 30)[0]:
                    with suppress(TimeoutError):  # a message of TLS itself, with nothing to pass on
                        said = side.recv(4096)
                        if not said:
                            return
                        self.heard += said if side is device else b""
                        other_end[side].sendall(said)


@contextmanager
def middle(nginx: Nginx, chain: Path, key: Path) -> Iterator[Middle]:
    one = Middle(chain, key, nginx.https_port, nginx.context())
    try:
        yield one
    finally:
        one.close()


@contextmanager
def device(*addresses: str, pin: Pin) -> Iterator[Client]:
    client = Client(at(*addresses), BOX, {}, pin=pin)
    client.start()
    try:
        yield client
    finally:
        client.stop()


def tokens(peer: Peer) -> list[str]:
    return [said["token"] for said in peer.auths()]


def test_a_pinned_device_tells_its_own_server_who_it_is(own_nginx: Nginx, own_peer: Peer, folder: Path) -> None:
    with device(own_nginx.address, pin=pinned(folder, own_nginx.ca_file)) as client:
        until(lambda: client.is_up)
    assert tokens(own_peer) == ["a secret"]


def test_it_knows_its_server_also_by_an_address_that_is_in_no_certificate_yet(own_nginx: Nginx, folder: Path) -> None:
    context = pinned(folder, own_nginx.ca_file).context()
    with socket.create_connection(("127.0.0.99", own_nginx.https_port), 5) as line:
        assert context.wrap_socket(line, server_hostname="127.0.0.99").version() == "TLSv1.3"


def test_a_false_server_of_the_same_names_gets_nothing_even_if_the_devices_system_believes_it(
    false_nginx: Nginx,
    quiet: Peer,
    own_nginx: Nginx,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(false_nginx.ca_file))
    with device(false_nginx.address, pin=pinned(folder, own_nginx.ca_file)) as client:
        until(lambda: client.turned_away_for() == "foreign_server")
        until(lambda: "told nothing" in caplog.text)
        assert not client.is_up


def test_it_is_said_once_and_the_search_goes_on(
    false_nginx: Nginx, quiet: Peer, own_nginx: Nginx, own_peer: Peer, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    seen: list[str] = []

    async def find() -> AsyncGenerator[str]:
        seen.append("asked")
        yield false_nginx.address
        if len(seen) > 3:
            yield own_nginx.address

    client = Client(find, BOX, {}, pin=pinned(folder, own_nginx.ca_file))
    client.start()
    until(lambda: client.is_up)
    assert client.turned_away_for() is None
    client.stop()
    assert caplog.text.count("was told nothing") == 1
    assert tokens(own_peer) == ["a secret"]


@pytest.mark.parametrize("tls", [True, False])
def test_a_false_server_that_advertises_itself_gets_nothing(
    tls: bool, false_nginx: Nginx, quiet: Peer, own_nginx: Nginx, own_peer: Peer, folder: Path
) -> None:
    centre = f"centre-{uuid4().hex[:12]}"
    false = Advert(false_nginx.https_port if tls else quiet.port, centre, lambda: LOOPBACK, log="false", tls=tls)
    false.start()
    find = FindServer(data=folder, centre=centre, interfaces=["127.0.0.1"])
    client = Client(find, BOX, {}, on_found=find.remember, pin=pinned(folder, own_nginx.ca_file))
    client.start()
    until(lambda: client.turned_away_for() == ("foreign_server" if tls else "plain_server"), deadline_s=30)
    true = Advert(own_nginx.https_port, centre, lambda: LOOPBACK, log="true", tls=True)
    true.start()
    until(lambda: client.is_up, deadline_s=40)
    client.stop()
    for advert in (false, true):
        advert.stop()
    assert tokens(own_peer) == ["a secret"]
    assert (folder / "server.txt").read_text() == f"{own_nginx.address}\n"


def test_the_same_device_without_its_pin_would_tell_the_false_server(false_peer: Peer, folder: Path) -> None:
    """What the pin is for."""
    with device(false_peer.address, pin=Pin(folder)) as client:
        until(lambda: client.is_up)
    assert tokens(false_peer) == ["a secret"]
    false_peer.forget()


def test_somebody_in_between_with_the_right_names_hears_nothing(
    own_nginx: Nginx, own_peer: Peer, folder: Path, tmp_path: Path
) -> None:
    his = open_authority(tmp_path / "his", "small", ["localhost", "127.0.0.1", *HERE])
    together = tmp_path / "together.pem"
    # The true authority's certificate is public: he may show it behind his own.
    together.write_bytes(his.chain_file.read_bytes() + own_nginx.ca_file.read_bytes())
    for chain in (his.chain_file, together):
        with (
            middle(own_nginx, chain, his.key_file) as he,
            device(he.address, pin=pinned(folder, own_nginx.ca_file)) as client,
        ):
            until(lambda he=he: he.came > 2)  # type: ignore[misc]
            assert client.turned_away_for() == "foreign_server"
            assert he.heard == b""
    assert own_peer.auths() == []


def test_the_same_man_hears_all_of_a_device_that_pinned_him(own_nginx: Nginx, own_peer: Peer, tmp_path: Path) -> None:
    """He can hear at all: the test above could fail."""
    his = open_authority(tmp_path / "his", "small", ["localhost", "127.0.0.1", *HERE])
    with (
        middle(own_nginx, his.chain_file, his.key_file) as he,
        device(he.address, pin=pinned(tmp_path / "d", his.ca_file)),
    ):
        until(lambda: he.heard)


def test_a_pinned_device_speaks_plainly_to_nobody(quiet: Peer, own_nginx: Nginx, folder: Path) -> None:
    with device(quiet.address, pin=pinned(folder, own_nginx.ca_file)) as client:
        until(lambda: client.turned_away_for() == "plain_server")


def test_a_device_without_a_pin_tells_no_https_server_who_it_is(false_nginx: Nginx, quiet: Peer, folder: Path) -> None:
    """Its system's authorities count for nothing, and who only looks right least of all."""
    with device(false_nginx.address, pin=Pin(folder)) as client:
        until(lambda: client.turned_away_for() == "not_paired")


@pytest.mark.parametrize("damaged", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_damaged_pin_lets_nobody_in(
    damaged: bytes, false_nginx: Nginx, quiet: Peer, own_nginx: Nginx, folder: Path
) -> None:
    pin = pinned(folder, own_nginx.ca_file)
    (folder / "ca.pem").write_bytes(damaged)
    with device(quiet.address, false_nginx.address, own_nginx.address, pin=pin) as client:
        until(lambda: client.turned_away_for() == "not_paired")
        assert not client.is_up


def test_a_pin_is_the_devices_own_and_works_from_the_next_attempt_on(
    own_nginx: Nginx, own_peer: Peer, folder: Path
) -> None:
    pin = Pin(folder)
    with device(own_nginx.address, pin=pin) as client:
        until(lambda: client.turned_away_for() == "not_paired")
        pin.keep(own_nginx.ca_file.read_bytes())
        until(lambda: client.is_up)
    assert (folder / "ca.pem").stat().st_mode & 0o777 == 0o600


def test_what_is_pinned_is_one_certificate(own_nginx: Nginx, false_nginx: Nginx, folder: Path) -> None:
    with pytest.raises(BadMessage):
        Pin(folder).keep(own_nginx.ca_file.read_bytes() + false_nginx.ca_file.read_bytes())
    assert not Pin(folder).is_set


# --- Clocks ----------------------------------------------------------------------------------------------------------

CONNECT = """
import sys, time
from pathlib import Path
from dawr.client import Client
from dawr.pin import Pin
async def find():
    yield sys.argv[1]
client = Client(find, {"role": "board", "id": "hall"}, {}, pin=Pin(Path(sys.argv[2])))
client.start()
until = time.monotonic() + 20
while not client.is_up and time.monotonic() < until:
    time.sleep(0.02)
print(time.strftime("%Y"), client.is_up, client.turned_away_for())
client.stop()
"""
CHECKED = """
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
try:
    context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))), server_hostname="localhost")
    print("taken")
except ssl.SSLCertVerificationError as problem:
    print(problem.verify_message)
"""


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("cc") is None:
        pytest.skip("there is no C compiler for the shifted clock")
    library = tmp_path_factory.mktemp("clock") / "shifted_clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, CLOCK, "-ldl"], check=True, timeout=60)
    return library


@pytest.mark.parametrize(
    ("years", "complaint"), [(-40, "certificate is not yet valid"), (80, "certificate has expired")]
)
def test_a_clock_that_is_decades_off_locks_no_pinned_device_out(
    years: int, complaint: str, clock: Path, own_nginx: Nginx, own_peer: Peer, folder: Path, tmp_path: Path
) -> None:
    pinned(folder, own_nginx.ca_file)
    shift = tmp_path / "shift"
    shift.write_text(str(years * YEAR_S))
    then = {"LD_PRELOAD": str(clock), "SHIFTED_BY": str(shift)}

    def said_then(code: str, *words: str | Path) -> str:
        command = [sys.executable, "-c", code, *words]
        return subprocess.run(command, cwd=ROOT, env=then, capture_output=True, text=True, timeout=60).stdout.strip()

    # The clock is so wrong that who looks at dates takes nobody.
    assert said_then(CHECKED, str(own_nginx.https_port), own_nginx.ca_file) == complaint
    year = datetime.now(UTC).year + years
    assert said_then(CONNECT, own_nginx.address, folder) in {f"{year + off} True None" for off in (-1, 0, 1)}


def test_a_certificate_that_ended_long_ago_is_still_the_servers(own_nginx: Nginx, tmp_path: Path) -> None:
    authority = open_authority(own_nginx.data, "small", [])
    ended = signed(authority, "localhost", tmp_path, ends=datetime(2001, 1, 1, tzinfo=UTC))
    with showing(ended, authority.key_file) as port:
        for context, taken in ((pinned_context(authority.ca_file), True), (dated(authority.ca_file), False)):
            with socket.create_connection(("127.0.0.1", port), 5) as line:
                if taken:
                    context.wrap_socket(line).close()
                else:
                    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
                        context.wrap_socket(line)


def dated(ca_file: Path) -> ssl.SSLContext:
    """Believes the same authority, but looks at dates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cafile=ca_file)
    return context


# --- Before a pin is set ----------------------------------------------------------------------------------------------


def test_a_device_fetches_the_authority_that_its_server_is_from(hall: Hall) -> None:
    ca = fetch_ca(hall.nginx.address)
    assert ca == hall.nginx.ca_file.read_bytes()
    assert fingerprint(ca) == open_authority(hall.nginx.data, "small", []).fingerprint()


def test_somebody_in_between_cannot_give_the_true_authority_as_his_own(hall: Hall, tmp_path: Path) -> None:
    his = open_authority(tmp_path / "his", "small", ["localhost", "127.0.0.1"])
    with middle(hall.nginx, his.chain_file, his.key_file) as he, pytest.raises(ForeignServer):
        fetch_ca(he.address)


def test_who_gives_no_authority_is_said(own_nginx: Nginx, own_peer: Peer) -> None:
    with pytest.raises(BadMessage):
        fetch_ca(own_nginx.address)
    for address in (own_peer.address.replace("http:", "https:"), "https://127.0.0.1:9"):
        with pytest.raises(ServerUnreachable):
            fetch_ca(address)
