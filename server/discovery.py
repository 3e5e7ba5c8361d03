"""Telling devices on the local network where the server is, by DNS-SD: `_dawr._tcp.local.`, and hearing of rivals.

The advertisement is a hint for devices without a typed address; it says nothing that is secret.
"""

import asyncio
import logging
import socket
import threading
from collections.abc import Callable

import ifaddr
from zeroconf import Error, IPVersion, ServiceInfo, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from dawr.find_server import CENTRE, LOG, SERVICE_TYPE, TLS, property_of

WIRE_VERSION = "1"
LOOK_AGAIN_S = 1.0
RESOLVE_MS = 3000
STOP_S = 5.0

_log = logging.getLogger(__name__)


def own_addresses() -> frozenset[str]:
    """The IPv4 addresses by which other machines may reach this one."""
    return frozenset(
        str(ip.ip)
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if ip.is_IPv4 and not str(ip.ip).startswith(("127.", "169.254."))
    )


class Advert:
    """The advertisement of one server, made again whenever its addresses change. `log` is the epoch of its log.

    `tls` says that HTTPS is spoken at that port, by nginx.

    `start` returns at once and never fails: without a network there is nothing to advertise until one comes. Only
    for a server that listens beyond its own machine.
    """

    def __init__(
        self,
        port: int,
        centre_id: str,
        addresses: Callable[[], frozenset[str]] = own_addresses,
        log: str = "",
        rivals: dict[str, str] | None = None,
        *,
        tls: bool = False,
    ) -> None:
        self._port, self._centre_id, self._addresses, self._log = port, centre_id, addresses, log
        self._tls = tls
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="advert", daemon=True)
        self.rivals = {} if rivals is None else rivals
        """Servers of the same centre that keep another log, with where they are: a mistake that staff have to mend."""

    def start(self) -> None:
        """Begin to advertise, some two seconds from now."""
        self._thread.start()

    def stop(self) -> None:
        """Take the advertisement back."""
        self._stopping.set()
        self._thread.join(STOP_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            addresses = self._addresses()
            if not addresses:
                self._stopping.wait(LOOK_AGAIN_S)
                continue
            try:
                asyncio.run(self._advertise(addresses))
            except (OSError, Error) as problem:
                _log.warning("the server is not advertised on the network: %s", problem)
                self._stopping.wait(LOOK_AGAIN_S)

    async def _advertise(self, addresses: frozenset[str]) -> None:
        """Advertise these addresses until they have changed or the end has come; leaving says goodbye.

        A name that was registered before an address came up is never found on that address' LAN: hence anew.
        """
        async with AsyncZeroconf(sorted(addresses), ip_version=IPVersion.V4Only) as network:
            # All in one event loop: from outside of it, zeroconf under gevent takes its loop for another's, and says
            # no goodbye.
            await (await network.async_register_service(self._info(addresses), allow_name_change=True))
            _log.info("advertised as %s on %s", SERVICE_TYPE, ", ".join(sorted(addresses)))
            heard: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()

            def hear(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
                heard.put_nowait((name, state_change is not ServiceStateChange.Removed))

            async with AsyncServiceBrowser(network.zeroconf, SERVICE_TYPE, handlers=[hear]):
                while self._addresses() == addresses and not self._stopping.is_set():
                    for name, there in [heard.get_nowait() for _ in range(heard.qsize())]:
                        if not await self._note(network.zeroconf, name, there):
                            # On a busy network an answer gets lost: ask again.
                            heard.put_nowait((name, there))
                    await asyncio.sleep(LOOK_AGAIN_S / 4)

    async def _note(self, zeroconf: Zeroconf, name: str, there: bool) -> bool:
        """Take note of a server that came or went, and say loudly when it is a rival of ours.

        False when it did not say who it is.
        """
        if not there:
            self.rivals.pop(name, None)
            return True
        info = AsyncServiceInfo(SERVICE_TYPE, name)
        if not await info.async_request(zeroconf, RESOLVE_MS):
            return False
        if property_of(info, CENTRE) != self._centre_id:
            return True
        other = property_of(info, LOG)
        if other and other != self._log and name not in self.rivals:
            self.rivals[name] = ", ".join(info.parsed_addresses(IPVersion.V4Only))
            _log.error("another server of this centre is at %s: switch one of the two off", self.rivals[name])
        return True

    def _info(self, addresses: frozenset[str]) -> ServiceInfo:
        host = socket.gethostname().split(".")[0][:30]
        # A label of DNS holds 63 bytes.
        name = f"{self._centre_id[:30]}-{host}"
        return ServiceInfo(
            SERVICE_TYPE,
            f"{name}.{SERVICE_TYPE}",
            port=self._port,
            parsed_addresses=sorted(addresses),
            properties={"v": WIRE_VERSION, CENTRE: self._centre_id, LOG: self._log, TLS: "1" if self._tls else "0"},
            # Two machines may have the same name, as new ones from one image do; their addresses must not mix.
            server=f"{name}-{self._log[-8:] or 'server'}.local.",
        )
