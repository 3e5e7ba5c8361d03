import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from uuid import uuid4

import pytest

from dawr.client import Client
from dawr.find_server import FindServer
from server.discovery import Advert
from tests.peer import Peer, until

LOOPBACK = frozenset({"127.0.0.1"})
ROOT = Path(__file__).parents[2]


async def addresses(find: FindServer, count: int) -> list[str]:
    """The first addresses that it gives."""
    found: list[str] = []
    async with aclosing(find()) as given:
        async for address in given:
            found.append(address)
            if len(found) == count:
                break
    return found


def first(find: FindServer, count: int = 1, deadline_s: float = 12.0) -> list[str]:
    return asyncio.run(asyncio.wait_for(addresses(find, count), deadline_s))


@pytest.fixture
def centre() -> str:
    """An id that no other test on this machine looks for."""
    return f"centre-{uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def advertised() -> Iterator[str]:
    """The id of a centre whose server is advertised on this machine, at port 8090."""
    centre = f"centre-{uuid4().hex[:12]}"
    advert = Advert(8090, centre, lambda: LOOPBACK)
    advert.start()
    yield centre
    advert.stop()


def test_a_typed_address_is_the_only_one() -> None:
    assert first(FindServer(typed="http://10.0.0.5:8090"), count=2) == ["http://10.0.0.5:8090"]


def test_the_last_good_address_comes_first(tmp_path: Path) -> None:
    FindServer(data=tmp_path).remember("http://10.0.0.5:8090")

    assert first(FindServer(data=tmp_path)) == ["http://10.0.0.5:8090"]
    assert [file.name for file in tmp_path.iterdir()] == ["server.txt"]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"10.0.0.5"])
def test_what_is_no_address_in_the_remembered_file_is_passed_over(
    tmp_path: Path, content: bytes, advertised: str
) -> None:
    (tmp_path / "server.txt").write_bytes(content)
    find = FindServer(data=tmp_path, centre=advertised, interfaces=["127.0.0.1"])

    assert first(find) == ["http://127.0.0.1:8090"]


def test_an_address_that_cannot_be_remembered_only_costs_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    FindServer(data=tmp_path / "missing").remember("http://10.0.0.5:8090")

    assert "not remembered" in caplog.text


def test_a_server_that_advertises_itself_later_is_found(centre: str) -> None:
    advert = Advert(8090, centre, lambda: LOOPBACK)

    async def search() -> list[str]:
        searching = asyncio.create_task(addresses(FindServer(centre=centre, interfaces=["127.0.0.1"]), count=1))
        await asyncio.sleep(0)
        advert.start()
        return await asyncio.wait_for(searching, 12)

    found = asyncio.run(search())
    advert.stop()

    assert found == ["http://127.0.0.1:8090"]


def test_another_centres_server_is_passed_over(advertised: str, centre: str) -> None:
    find = FindServer(centre=centre, interfaces=["127.0.0.1"])

    with pytest.raises(TimeoutError):
        first(find, deadline_s=2)
    assert first(FindServer(centre=advertised, interfaces=["127.0.0.1"]))


def test_the_last_good_address_is_tried_again_while_searching(tmp_path: Path, centre: str) -> None:
    FindServer(data=tmp_path).remember("http://10.0.0.5:8090")

    find = FindServer(data=tmp_path, centre=centre, interfaces=["127.0.0.1"])
    assert first(find, count=2) == ["http://10.0.0.5:8090"] * 2


def test_an_advert_starts_at_once_and_needs_no_network(centre: str) -> None:
    advert = Advert(8090, centre, frozenset)
    began = time.monotonic()
    advert.start()
    advert.stop()

    assert time.monotonic() - began < 0.5


def test_a_client_without_any_address_finds_its_server_and_remembers_it(
    peer: Peer, tmp_path: Path, centre: str
) -> None:
    advert = Advert(peer.port, centre, lambda: LOOPBACK)
    advert.start()
    find = FindServer(data=tmp_path, centre=centre, interfaces=["127.0.0.1"])
    client = Client(find, {"role": "board", "id": "hall"}, {}, on_found=find.remember)
    client.start()
    until(lambda: client.is_up, deadline_s=12)
    client.stop()
    advert.stop()

    assert (tmp_path / "server.txt").read_text() == f"{peer.address}\n"


# --- Two machines: network namespaces joined by a bridge ---------------------------------------------------------

ADVERTISE = """
import sys, time
from server.discovery import Advert
Advert(8090, sys.argv[1]).start()
time.sleep(60)
"""
SEARCH = """
import asyncio, sys
from contextlib import aclosing
from dawr.find_server import FindServer
async def search():
    async with aclosing(FindServer(centre=sys.argv[1])()) as given:
        async for address in given:
            print(address, flush=True)
asyncio.run(asyncio.wait_for(search(), 30))
"""


def ip(arguments: str) -> None:
    subprocess.run(["ip", *arguments.split()], check=True, capture_output=True, timeout=10)


def namespaces_work() -> bool:
    if os.geteuid() != 0 or not shutil.which("ip"):
        return False
    name = f"dawr-try-{os.getpid()}"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True)
    subprocess.run(["ip", "netns", "del", name], capture_output=True)
    return tried.returncode == 0


class Lan:
    """Machines `name-0`, `name-1`, `name-2` as network namespaces, in a row from the first to each of the others."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.running: list[subprocess.Popen[str]] = []

    def build(self) -> None:
        for machine in range(3):
            ip(f"netns add {self.name}-{machine}")
            ip(f"-n {self.name}-{machine} link set lo up")
        for other in (1, 2):
            first, second = f"{self.name}-0", f"{self.name}-{other}"
            ip(f"-n {first} link add eth{other} type veth peer name eth0 netns {second}")
            ip(f"-n {first} link set eth{other} up")
            ip(f"-n {second} link set eth0 up")
            ip(f"-n {second} addr add 10.77.{other}.2/24 dev eth0")

    def give_server_address(self, other: int) -> None:
        ip(f"-n {self.name}-0 addr add 10.77.{other}.1/24 dev eth{other}")

    def run(self, machine: int, code: str, argument: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            ["ip", "netns", "exec", f"{self.name}-{machine}", sys.executable, "-c", code, argument],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        return process

    def remove(self) -> None:
        for process in self.running:
            process.kill()
            process.communicate()
        for machine in range(3):
            subprocess.run(["ip", "netns", "del", f"{self.name}-{machine}"], capture_output=True)


@pytest.fixture
def lan() -> Iterator[Lan]:
    if not namespaces_work():
        pytest.skip("needs root and network namespaces (ip netns)")
    lan = Lan(f"dawr{os.getpid()}")
    try:
        lan.build()
        yield lan
    finally:
        lan.remove()


def test_devices_of_two_networks_find_one_server_also_by_an_address_it_got_later(lan: Lan, centre: str) -> None:
    lan.give_server_address(1)
    lan.run(0, ADVERTISE, centre)
    near = lan.run(1, SEARCH, centre)
    assert near.stdout is not None
    assert near.stdout.readline() == "http://10.77.1.1:8090\n"

    far = lan.run(2, SEARCH, centre)
    lan.give_server_address(2)
    assert far.stdout is not None
    assert "http://10.77.2.1:8090\n" in (far.stdout.readline(), far.stdout.readline())


def test_the_log_that_is_followed_is_remembered_unless_staff_typed_the_address(tmp_path: Path) -> None:
    FindServer(data=tmp_path).follow("log-1")
    assert FindServer(data=tmp_path).log == "log-1"
    assert FindServer("http://10.0.0.5:8090", tmp_path).log == ""


def test_who_follows_no_log_yet_takes_none_of_two_servers(centre: str, caplog: pytest.LogCaptureFixture) -> None:
    adverts = [Advert(port, centre, lambda: LOOPBACK, log=f"log-{port}") for port in (8091, 8092)]
    for advert in adverts:
        advert.start()
    until(lambda: all(advert.rivals for advert in adverts), deadline_s=30)
    find = FindServer(centre=centre, interfaces=["127.0.0.1"])
    with pytest.raises(TimeoutError):
        first(find, deadline_s=6)
    assert "two servers advertise themselves" in caplog.text
    assert "another server of this centre is at 127.0.0.1" in caplog.text
    find.follow("log-8091")
    assert len(first(find, count=2, deadline_s=30)) == 2
    adverts[1].stop()
    until(lambda: not adverts[0].rivals, deadline_s=30)
    assert first(FindServer(centre=centre, interfaces=["127.0.0.1"])) == ["http://127.0.0.1:8091"]
    adverts[0].stop()
