"""A real nginx in front of whatever listens on this machine, with the configuration that Dawr writes."""

import json
import shutil
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from dawr.pin import Pin, pinned_context
from dawr.settings.server import Network
from server.transport import FOLDER
from server.transport.front import CONFIGURATION, Front
from server.transport.front import FOLDER as NGINX_FOLDER
from tests.peer import until
from tests.server.running import Answer, RunningServer, always_open

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
HERE = frozenset({"10.77.0.1"})
"""What the machine's own address is said to be."""


def free_ports(count: int) -> list[int]:
    """Ports that nobody used a moment ago."""
    lines = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [line.getsockname()[1] for line in lines]
    for line in lines:
        line.close()
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

    def plainly(self, path: str, **headers: str) -> Answer:
        """Over plain HTTP."""
        return self.ask(path, address=f"http://127.0.0.1:{self.http_port}", **headers)

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
    """A server process with nginx in front, set up as staff would do it."""

    def __init__(self, folder: Path) -> None:
        https_port, http_port = free_ports(2)
        (folder / "server.toml").write_text(
            f"[network]\nbehind_proxy = true\nhttps_port = {https_port}\nhttp_port = {http_port}\n"
            'names = ["queue.example.org"]\nplain_http = ["phone", "board"]\n'
        )
        self.server = RunningServer(folder)
        self.nginx = Nginx(self.server.data / NGINX_FOLDER / CONFIGURATION, https_port, http_port)

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


def pinned(folder: Path, ca_file: Path) -> Pin:
    """A device's folder in which this authority is pinned."""
    pin = Pin(folder)
    pin.keep(ca_file.read_bytes())
    return pin
