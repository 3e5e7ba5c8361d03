"""A server is killed and starts again: how long until every device of a large hall has a right view, limits and all?

    python -m benchmarks.reconnect_storm [--devices 200] [--kills 5] [--addresses 1] [--nginx] [--down 0]

Real server, real log on this disk, killed with SIGKILL. Kiosks, counters' boxes and boards connect with tokens, by the
client and with the pauses of devices, all from one process, which shares the processor with the server. A view is right
when it shows the last event that was stored before the kill. `--addresses 1`: all of them are behind one address, as
behind a router that translates; `--addresses 200`: each has its own. `--nginx`: nginx in front, by HTTPS.
"""

import argparse
import asyncio
import random
import ssl
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import socketio

from dawr.client import CONNECT_S, PAUSE_S
from server.access.store import AccessStore
from server.access.who import Role
from tests.server.running import ALWAYS_OPEN, RunningServer
from tests.server.transport.fronted import Hall, free_ports

KIOSKS, COUNTERS = 2, 60
VIEWS = {Role.KIOSK: ("board", "menu"), Role.COUNTER: ("board", "counter"), Role.BOARD: ("board",)}
SETTINGS = ALWAYS_OPEN + "".join(f'\n[[counter]]\nid = "{n}"\nlines = ["civil"]\n' for n in range(4, COUNTERS + 1))
GIVE_UP_S = 120.0


class Device:
    """A device that stays connected, and the sequence that each of its views shows."""

    def __init__(self, role: Role, number: int, token: str, came: Counter[str]) -> None:
        self.role, self.came = role, came
        self.auth = {"role": role.value, "id": f"{role.value}-{number}", "token": token}
        if role is Role.COUNTER:
            self.auth["counter"] = str(number)
        self.shown: dict[str, int] = {}

    async def stay(self, address: str, own_address: str, tls: ssl.SSLContext | None) -> None:
        """Connect, again and again, as `dawr.client` does."""
        while True:
            line = aiohttp.TCPConnector(ssl=tls or True, local_addr=(own_address, 0))
            async with aiohttp.ClientSession(connector=line) as http:
                await self._once(socketio.AsyncClient(reconnection=False, http_session=http), address)
            await asyncio.sleep(random.uniform(*PAUSE_S))

    async def _once(self, client: socketio.AsyncClient, address: str) -> None:
        for event in VIEWS[self.role]:
            client.on(event, lambda view, event=event: self.shown.__setitem__(event, view["sequence"]))
        try:
            async with asyncio.timeout(CONNECT_S):
                await client.connect(address, auth=self.auth, transports=["websocket"], wait_timeout=CONNECT_S)
            self.came["connected"] += 1
            await client.eio.wait()
        except (socketio.exceptions.ConnectionError, aiohttp.ClientError, OSError, ValueError) as problem:
            self.came[_why(problem)] += 1
        finally:
            self.shown.clear()
            with suppress(TimeoutError, aiohttp.ClientError, OSError, socketio.exceptions.ConnectionError):
                await asyncio.wait_for(client.disconnect(), 1)

    def is_right(self, sequence: int) -> bool:
        """Whether it shows everything up to an event. A counter's own view comes again only when it has changed."""
        return set(self.shown) == set(VIEWS[self.role]) and self.shown["board"] >= sequence


def _why(problem: BaseException) -> str:
    """By which kind of refusal a device did not get in."""
    causes = [problem, problem.__cause__, problem.__context__]
    for one in causes:
        if isinstance(one, aiohttp.WSServerHandshakeError):
            return f"HTTP {one.status}"
    return "nobody listened" if "Cannot connect" in str(problem) or "rror" in str(problem) else type(problem).__name__


@contextmanager
def hall(folder: Path, *, nginx: bool) -> Iterator[tuple[RunningServer, str, ssl.SSLContext | None]]:
    """A server that starts on the same port again, with nginx in front if that is wanted; and how it is reached."""
    [port] = free_ports(1)
    if nginx:
        with Hall(folder, "--port", str(port), settings=SETTINGS, open_to_all=False) as fronted:
            yield fronted.server, fronted.nginx.address, fronted.nginx.context()
        return
    server = RunningServer(folder, "--port", str(port), settings=SETTINGS, open_to_all=False)
    try:
        yield server, f"http://127.0.0.1:{port}", None
    finally:
        server.kill()


def devices_of(server: RunningServer, count: int, came: Counter[str]) -> tuple[list[Device], str]:
    """So many devices with tokens, and the token of a manager."""
    places = [(Role.KIOSK, number) for number in range(1, KIOSKS + 1)]
    places += [(Role.COUNTER, number) for number in range(1, COUNTERS + 1)]
    places = places[:count] + [(Role.BOARD, number) for number in range(1, count - len(places) + 1)]
    store, now = AccessStore(server.data), datetime.now(UTC)

    def token(role: Role, place: str | None) -> str:
        return store.give_token(role, f"{role} {place}", place, now)[0]

    def place_of(role: Role, number: int) -> str | None:
        return {Role.KIOSK: f"kiosk-{number}", Role.COUNTER: str(number)}.get(role)

    found = [Device(role, number, token(role, place_of(role, number)), came) for role, number in places]
    manager = token(Role.MANAGER, None)
    store.close()
    return found, manager


async def storm(asked: argparse.Namespace, server: RunningServer, address: str, tls: ssl.SSLContext | None) -> bool:
    """Kill and start it so often, and say how long each part took. Whether every device came back each time."""
    came: Counter[str] = Counter()
    devices, manager = devices_of(server, asked.devices, came)
    staying = [
        asyncio.create_task(device.stay(address, f"127.0.1.{1 + number % asked.addresses}", tls))
        for number, device in enumerate(devices)
    ]
    first_s = await until_right(devices, 0)
    if len(first_s) < len(devices):
        print(f"{len(devices) - len(first_s)} of {len(devices)} devices find no way in; {said(came)}")
        return False
    print(f"{len(devices)} devices from {asked.addresses} addresses, the first time: {first_s[-1]:.1f} s")
    alls: list[float] = []
    for kill in range(1, asked.kills + 1):
        sequence = await asyncio.to_thread(_stored, server, manager)
        await until_right(devices, sequence)
        came.clear()
        began_s = time.monotonic()
        await asyncio.to_thread(_restart, server, asked.down)
        started_s = time.monotonic() - began_s
        times = await until_right(devices, sequence, began_s)
        if len(times) < len(devices):
            print(
                f"kill {kill}: {len(devices) - len(times)} devices are still away after {GIVE_UP_S:.0f} s; {said(came)}"
            )
            return False
        alls.append(times[-1] - started_s)
        print(
            f"kill {kill}: the server was there after {started_s:.1f} s; right again after the kill: half of them "
            f"after {statistics.median(times):.1f} s, all after {times[-1]:.1f} s; {said(came)}"
        )
    print(f"from the server's start until all are right: {min(alls):.1f} to {max(alls):.1f} s")
    for one in staying:
        one.cancel()
    await asyncio.gather(*staying, return_exceptions=True)
    return True


async def until_right(devices: list[Device], sequence: int, began_s: float | None = None) -> list[float]:
    """When each device was right, in seconds; those that are not after a long time are left out."""
    began_s = time.monotonic() if began_s is None else began_s
    times: dict[int, float] = {}
    while len(times) < len(devices) and time.monotonic() - began_s < GIVE_UP_S:
        for number, device in enumerate(devices):
            if number not in times and device.is_right(sequence):
                times[number] = time.monotonic() - began_s
        await asyncio.sleep(0.05)
    return sorted(times.values())


def said(came: Counter[str]) -> str:
    """What became of the attempts."""
    return ", ".join(f"{times} × {what}" for what, times in sorted(came.items()))


def _stored(server: RunningServer, manager: str) -> int:
    """Something happens in the hall; the sequence that every board has to show from then on."""
    who: Any = {"Authorization": f"Bearer {manager}"}
    answer = server.post("/tickets", {"service": "birth"}, **who)
    assert answer.status == 201, answer.body
    sequence: int = server.get("/board", **who).json["sequence"]
    return sequence


def _restart(server: RunningServer, down_s: float) -> None:
    server.kill()
    time.sleep(down_s)
    server.start()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--addresses", type=int, default=1, help="from how many addresses they come, at most 250")
    parser.add_argument("--nginx", action="store_true", help="with nginx in front of the server")
    parser.add_argument("--down", type=float, default=0, help="so many seconds pass before it is started again")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        hall(Path(folder), nginx=asked.nginx) as (server, address, tls),
    ):
        raise SystemExit(not asyncio.run(storm(asked, server, address, tls)))


if __name__ == "__main__":
    main()
