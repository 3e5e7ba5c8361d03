"""Machines of a hall as network namespaces: a device finds its server behind nginx by itself, and knows it."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from server.transport.front import CONFIGURATION, FOLDER
from tests.dawr.test_find_server import Lan, namespaces_work
from tests.house.source import ROOT
from tests.peer import until
from tests.server.running import ALWAYS_OPEN
from tests.server.transport.fronted import NGINX, pinned

DEVICE = """
import sys, time
from pathlib import Path
from dawr.client import Client
from dawr.find_server import FindServer
from dawr.pin import Pin
data = Path(sys.argv[1])
find = FindServer(data=data)
client = Client(find, {"role": "board", "id": "hall"}, {}, on_found=find.remember, pin=Pin(data))
client.start()
while not (client.is_up and (data / "server.txt").exists()):
    time.sleep(0.05)
print((data / "server.txt").read_text(), flush=True)
time.sleep(60)
"""


@pytest.fixture
def lan() -> Iterator[Lan]:
    if not namespaces_work():
        pytest.skip("needs root and network namespaces (ip netns)")
    # Another name than those of tests that run beside this one.
    lan = Lan(f"dawrt{socket.gethostname()[:2]}{id(object()) % 10_000}")
    try:
        lan.build()
        yield lan
    finally:
        lan.remove()


@contextmanager
def running(lan: Lan, *command: str | Path, errors: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process on the server's machine, which is told to end: nginx's workers would outlive its death."""
    inside = ["ip", "netns", "exec", f"{lan.name}-0", *command]
    with errors.open("w") as log:
        process = subprocess.Popen(inside, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def test_a_pinned_device_finds_its_server_behind_nginx_also_at_an_address_of_later(lan: Lan, tmp_path: Path) -> None:
    (tmp_path / "centre.toml").write_text(ALWAYS_OPEN, "utf-8")
    (tmp_path / "server.toml").write_text("[network]\nbehind_proxy = true\nhttps_port = 8443\nhttp_port = 8480\n")
    data = tmp_path / "data"
    lan.give_server_address(1)
    settings = ("--config", tmp_path, "--data", data, "--no-sign-in")
    configuration = data / FOLDER / CONFIGURATION
    with running(lan, sys.executable, "-m", "server", *settings, errors=tmp_path / "server.err"):
        until(configuration.exists, 30)
        with running(lan, NGINX, "-e", "stderr", "-c", configuration, errors=tmp_path / "nginx.err"):
            near, far = tmp_path / "near", tmp_path / "far"
            for folder in (near, far):
                pinned(folder, data / "tls" / "ca.pem")
            assert address_found(lan.run(1, DEVICE, str(near))) == "https://10.77.1.1:8443"
            later = lan.run(2, DEVICE, str(far))
            lan.give_server_address(2)
            assert address_found(later) == "https://10.77.2.1:8443"


def address_found(device: "subprocess.Popen[str]") -> str:
    assert device.stdout
    return device.stdout.readline().strip()
