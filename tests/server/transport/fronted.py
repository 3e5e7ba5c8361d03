"""A real nginx in front of whatever listens on this machine, with the configuration that Dawr writes."""

import json
import random
import shutil
import socket
import ssl
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dawr.pin import Pin, pinned_context
from dawr.settings.server import Network
from server.transport import FOLDER
from server.transport.authority import NOT_AFTER, NOT_BEFORE, Authority
from server.transport.front import CONFIGURATION, Front
from server.transport.front import FOLDER as NGINX_FOLDER
from tests.peer import Peer, running_peer, until
from tests.server.running import ALWAYS_OPEN, Answer, RunningServer, always_open

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
HERE = frozenset({"10.77.0.1"})
"""What the machine's own address is said to be."""


def free_ports(count: int) -> list[int]:
    """Ports that nobody used a moment ago, out of those that the system gives to no connection by itself."""
    ports: list[int] = []
    while len(ports) < count:
        with suppress(OSError), socket.create_server(("", random.randrange(20_000, 32_000))) as line:
            ports.append(line.getsockname()[1])
    return ports


class Nginx:
    """nginx, running from a configuration until it is stopped."""

    def __init__(self, configuration: Path, https_port: int, http_port: int) -> None:
        if not Path(NGINX).exists():
            pytest.fail("Debian's nginx is missing: make setup installs it")
        self.https_port, self.http_port = https_port, http_port
        self.address = f"https://127.0.0.1:{https_port}"
        self.data = configuration.parent.parent
        self._log = (self.data / "nginx.err").open("a")
        self.process = subprocess.Popen([NGINX, "-e", "stderr", "-c", configuration], stderr=self._log)
        until(self._answers)

    @property
    def ca_file(self) -> Path:
        return self.data / FOLDER / "ca.pem"

    def context(self) -> ssl.SSLContext:
        return pinned_context(self.ca_file)

    def ask(self, path: str, *, address: str = "", method: str = "GET", body: object = None, **headers: str) -> Answer:
        """Over HTTPS, or where `address` says; redirections are not followed."""
        sent = None if body is None else json.dumps(body).encode()
        named = {"Content-Type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()}
        request = urllib.request.Request(f"{address or self.address}{path}", sent, named, method=method)
        try:
            with self._opener().open(request, timeout=20) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, refusal.headers, refusal.read())

    def plainly(self, path: str, *, method: str = "GET", body: object = None, **headers: str) -> Answer:
        """Over plain HTTP."""
        return self.ask(path, address=f"http://127.0.0.1:{self.http_port}", method=method, body=body, **headers)

    def serial(self) -> str:
        """The serial number of the certificate that it shows now."""
        with (
            socket.create_connection(("127.0.0.1", self.https_port), 5) as line,
            self.context().wrap_socket(line) as tls,
        ):
            certificate = tls.getpeercert()
        assert certificate
        return str(certificate["serialNumber"])

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self._log.close()

    def _opener(self) -> urllib.request.OpenerDirector:
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_: object) -> None:
                return None

        return urllib.request.build_opener(urllib.request.HTTPSHandler(context=self.context()), Stay)

    def _answers(self) -> bool:
        assert self.process.poll() is None, (self.data / "nginx.err").read_text()
        try:
            socket.create_connection(("127.0.0.1", self.https_port), 1).close()
        except OSError:
            return False
        return True


class Hall:
    """A server process with nginx in front, set up as staff would do it; the rest is as for `RunningServer`."""

    def __init__(self, folder: Path, *options: str, settings: str = ALWAYS_OPEN, open_to_all: bool = True) -> None:
        https_port, http_port = free_ports(2)
        (folder / "server.toml").write_text(
            f"[network]\nbehind_proxy = true\nhttps_port = {https_port}\nhttp_port = {http_port}\n"
            'names = ["queue.example.org"]\nplain_http = ["phone", "board"]\n'
        )
        self.server = RunningServer(folder, *options, settings=settings, open_to_all=open_to_all)
        self.nginx = Nginx(self.server.data / NGINX_FOLDER / CONFIGURATION, https_port, http_port)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.nginx.stop()
        self.server.kill()


@contextmanager
def nginx_before(
    port: int, data: Path, *, names: Sequence[str] = (), plain_http: Sequence[str] = ("phone",)
) -> Iterator[Nginx]:
    """nginx in front of a port of this machine, with a certificate authority of its own."""
    https_port, http_port = free_ports(2)
    network = Network.model_validate(
        {"names": names, "https_port": https_port, "http_port": http_port, "plain_http": plain_http}
    )
    front = Front(data, always_open(), network, port, lambda: HERE)
    front.prepare()
    nginx = Nginx(front.file, https_port, http_port)
    try:
        yield nginx
    finally:
        nginx.stop()


@contextmanager
def fronted_peer(folder: Path) -> Iterator[tuple[Peer, Nginx]]:
    """What a device's server hears, and the nginx before it."""
    folder.mkdir(exist_ok=True)
    with running_peer(folder) as peer, nginx_before(peer.port, folder / "nginx") as nginx:
        yield peer, nginx


def pinned(folder: Path, ca_file: Path) -> Pin:
    """A device's folder in which this authority is pinned."""
    pin = Pin(folder)
    pin.keep(ca_file.read_bytes())
    return pin


def signed(authority: Authority, name: str, beside: Path, ends: datetime = NOT_AFTER) -> Path:
    """A certificate for the server's key that whoever has the authority's key can make, but the authority would not."""
    ca = x509.load_pem_x509_certificate(authority.ca_file.read_bytes())
    ca_key, key = (
        serialization.load_pem_private_key(file.read_bytes(), None)
        for file in (authority.folder / "ca.key", authority.key_file)
    )
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    made = x509.CertificateBuilder(
        ca.subject, x509.Name([]), key.public_key(), x509.random_serial_number(), NOT_BEFORE, ends
    ).add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=True)
    file = beside / "signed.pem"
    file.write_bytes(made.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return file


@contextmanager
def showing(chain: Path, key: Path) -> Iterator[int]:
    """The port of something that shows a certificate to whoever comes, and answers a page."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def greet() -> None:
        with suppress(OSError):
            while True:
                line, _ = listener.accept()
                with suppress(OSError):
                    tls = context.wrap_socket(line, server_side=True)
                    tls.recv(4096)
                    tls.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")
                    tls.close()

    threading.Thread(target=greet, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()
