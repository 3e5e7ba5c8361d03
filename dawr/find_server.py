"""Where a device's server is: the address typed into its settings, or the last good one, or whoever advertises itself.

An advertisement proves nothing: it may be left over from a server that is gone, or be somebody else's.
"""

import asyncio
import logging
import os
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from zeroconf import InterfaceChoice, IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

SERVICE_TYPE = "_dawr._tcp.local."
LAST_GOOD = "server.txt"

# A browser asks four times in 14 s and then only listens, and it never sees a network that came up after it was
# made. So each gets 5 s, and then there is a new one.
BROWSE_S = 5.0
RESOLVE_MS = 1500
RETRY_S = (0.2, 2.0)

_log = logging.getLogger(__name__)


class FindServer:
    """Gives the addresses to try, the likeliest first, such as `http://10.0.0.5:8090`; calling it is a `client.Find`.

    `typed` is the settings' address; then no other is tried. `data` is the device's folder, in which the last good
    address is remembered; without it none is. `centre` is the id of the only centre to look for, or empty for any.
    `interfaces` are the own IPv4 addresses to ask from.
    """

    def __init__(
        self,
        typed: str = "",
        data: Path | None = None,
        centre: str = "",
        interfaces: list[str] | InterfaceChoice = InterfaceChoice.All,
    ) -> None:
        self._typed, self._centre, self._interfaces = typed, centre, interfaces
        self._file = data / LAST_GOOD if data else None

    async def __call__(self) -> AsyncGenerator[str]:
        if self._typed:
            yield self._typed
            return
        last_good = self._last_good()
        if last_good:
            yield last_good
        while True:
            async with self._browsing() as (zeroconf, names):
                end_s = _now_s() + BROWSE_S
                while _now_s() < end_s:
                    try:
                        name = await asyncio.wait_for(names.get(), random.uniform(*RETRY_S))
                    except TimeoutError:
                        if last_good:
                            yield last_good
                        continue
                    for address in await self._addresses(zeroconf, name):
                        yield address

    def remember(self, address: str) -> None:
        """Keep an address that took us, to be tried first from now on. Losing it costs a search, nothing else."""
        if self._file is None or self._typed or address == self._last_good():
            return
        new = self._file.with_suffix(".new")
        try:
            with new.open("w", encoding="utf-8") as file:
                file.write(f"{address}\n")
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._file)
        except OSError as problem:
            _log.warning("the server's address is not remembered: %s", problem)

    def _last_good(self) -> str:
        try:
            remembered = self._file.read_text("utf-8").strip() if self._file else ""
        except (OSError, UnicodeDecodeError):
            return ""
        return remembered if remembered.startswith(("http://", "https://")) else ""

    @asynccontextmanager
    async def _browsing(self) -> AsyncIterator[tuple[Zeroconf, asyncio.Queue[str]]]:
        """Look for servers; their names come into the queue. OSError where there is no network at all."""
        names: asyncio.Queue[str] = asyncio.Queue()

        def hear(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
            if state_change is not ServiceStateChange.Removed:
                names.put_nowait(name)

        async with (
            AsyncZeroconf(self._interfaces, ip_version=IPVersion.V4Only) as network,
            AsyncServiceBrowser(network.zeroconf, SERVICE_TYPE, handlers=[hear]),
        ):
            yield network.zeroconf, names

    async def _addresses(self, zeroconf: Zeroconf, name: str) -> list[str]:
        """All addresses of an advertised server, since only the device's own LAN's may be within reach."""
        info = AsyncServiceInfo(SERVICE_TYPE, name)
        if not await info.async_request(zeroconf, RESOLVE_MS):
            return []
        centre = (info.properties.get(b"centre") or b"").decode(errors="replace")
        if self._centre and centre != self._centre:
            return []
        return [f"http://{address}:{info.port}" for address in info.parsed_addresses(IPVersion.V4Only)]


def _now_s() -> float:
    return asyncio.get_running_loop().time()
