"""Where a device's server is: the address typed into its settings, or the last good one, or whoever advertises itself.

An advertisement proves nothing: it may be left over from a server that is gone, or be somebody else's. A device follows
one log, that of the first server that took it; of several that it does not know it takes none.
"""

import asyncio
import logging
import os
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from zeroconf import InterfaceChoice, IPVersion, ServiceInfo, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from dawr.pin import Pin

SERVICE_TYPE = "_dawr._tcp.local."
LAST_GOOD, FOLLOWED = "server.txt", "log.txt"
CENTRE, LOG, TLS = "centre", "log", "tls"
"""What an advertisement tells beside the address: id of the centre, epoch of the log, `1` where HTTPS is spoken."""

# A browser asks four times in 14 s and then only listens, and it never sees a network that came up after it was
# made. So each gets 5 s, and then there is a new one.
BROWSE_S = 5.0
RESOLVE_MS = 1500
RETRY_S = (0.2, 2.0)
# How long a device that knows no server yet listens whether there are two.
OTHERS_S = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A server that advertises itself: the epoch of its log, and where it is."""

    log: str
    addresses: tuple[str, ...]


class FindServer:
    """Gives the addresses to try, the likeliest first, such as `http://10.0.0.5:8090`; calling it is a `client.Find`.

    `typed` is the settings' address; then no other is tried. `data` is the device's folder, in which the last good
    address and the log that is followed are remembered; without it they are forgotten at the end. `centre` is the id
    of the only centre to look for, or empty for any. `interfaces` are the own IPv4 addresses to ask from. A
    device with a pin in its folder need not choose between several servers: their certificates decide.
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
        self._log_file = data / FOLLOWED if data else None
        self._pin = Pin(data)
        self._followed = _read(self._log_file)
        self._trouble = ""

    @property
    def log(self) -> str:
        """Epoch of the log that is followed; empty if none is, or if staff typed the address of the server."""
        return "" if self._typed else self._followed

    def follow(self, log: str) -> None:
        """Follow the log of the server that has taken us, from now on."""
        if log != self._followed:
            self._followed = log
            _write(self._log_file, log)

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
                    heard = await self._next(zeroconf, names, random.uniform(*RETRY_S))
                    if heard is None and last_good:
                        yield last_good
                    if heard is None:
                        continue
                    chosen = await self._chosen(zeroconf, names, heard)
                    for address in chosen:
                        yield address
                    if not chosen:
                        break  # ask anew whether one of them has gone

    def remember(self, address: str) -> None:
        """Keep an address that took us, to be tried first from now on. Losing it costs a search, nothing else."""
        if self._file is None or self._typed or address == self._last_good():
            return
        _write(self._file, address)

    def _last_good(self) -> str:
        remembered = _read(self._file)
        # From the days before it was paired: to a plain server it tells nothing any more.
        schemes = ("https://",) if self._pin.is_set else ("http://", "https://")
        return remembered if remembered.startswith(schemes) else ""

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

    async def _next(self, zeroconf: Zeroconf, names: asyncio.Queue[str], wait_s: float) -> _Heard | None:
        """The next server that is heard of, with all its addresses: only the device's own LAN's may be in reach."""
        try:
            name = await asyncio.wait_for(names.get(), wait_s)
        except TimeoutError:
            return None
        info = AsyncServiceInfo(SERVICE_TYPE, name)
        if not await info.async_request(zeroconf, RESOLVE_MS):
            return None
        if self._centre and property_of(info, CENTRE) != self._centre:
            return None
        scheme = "https" if property_of(info, TLS) == "1" else "http"
        addresses = info.parsed_addresses(IPVersion.V4Only)
        return _Heard(property_of(info, LOG), tuple(f"{scheme}://{address}:{info.port}" for address in addresses))

    async def _chosen(self, zeroconf: Zeroconf, names: asyncio.Queue[str], first: _Heard) -> tuple[str, ...]:
        """The addresses to try. Who follows a log tries them all, for servers with another one do not take it."""
        if self._followed or self._last_good() or self._pin.is_set:
            return first.addresses
        heard = [first]
        end_s = _now_s() + OTHERS_S
        while (left_s := end_s - _now_s()) > 0:
            if another := await self._next(zeroconf, names, left_s):
                heard.append(another)
        if len({one.log for one in heard}) > 1:
            self._say(f"two servers advertise themselves: {', '.join(one.addresses[0] for one in heard)}")
            return ()
        return tuple(address for one in heard for address in one.addresses)

    def _say(self, what: str) -> None:
        if what != self._trouble:
            _log.error("%s; switch one off, or type the right one into this device's settings", what)
        self._trouble = what


def property_of(info: ServiceInfo, name: str) -> str:
    """What an advertisement says of this; empty if nothing."""
    return (info.properties.get(name.encode()) or b"").decode(errors="replace")


def _read(file: Path | None) -> str:
    try:
        return file.read_text("utf-8").strip() if file else ""
    except (OSError, UnicodeDecodeError):
        return ""


def _write(file: Path | None, text: str) -> None:
    """Keep a line in a file, whole or not at all. Losing it costs a search, so a broken disk is only logged."""
    if file is None:
        return
    new = file.with_suffix(".new")
    try:
        with new.open("w", encoding="utf-8") as out:
            out.write(f"{text}\n")
            out.flush()
            os.fsync(out.fileno())
        new.replace(file)
    except OSError as problem:
        _log.warning("%s is not remembered: %s", file.name, problem)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
