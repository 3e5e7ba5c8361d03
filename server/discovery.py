"""Telling devices on the local network where the server is, by DNS-SD: `_dawr._tcp.local.`.

The advertisement is a hint for devices without a typed address; it says nothing that is secret.
"""

import logging
import socket
import threading
from collections.abc import Callable

import ifaddr
from zeroconf import Error, IPVersion, ServiceInfo, Zeroconf

from dawr.find_server import SERVICE_TYPE

WIRE_VERSION = "1"
LOOK_AGAIN_S = 5.0
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
    """The advertisement of one server, made again whenever its addresses change.

    `start` returns at once and never fails: without a network there is nothing to advertise until one comes. Only
    for a server that listens beyond its own machine.
    """

    def __init__(self, port: int, centre_id: str, addresses: Callable[[], frozenset[str]] = own_addresses) -> None:
        self._port, self._centre_id, self._addresses = port, centre_id, addresses
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="advert", daemon=True)

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
                self._advertise(addresses)
            except (OSError, Error) as problem:
                _log.warning("the server is not advertised on the network: %s", problem)
                self._stopping.wait(LOOK_AGAIN_S)

    def _advertise(self, addresses: frozenset[str]) -> None:
        """Advertise these addresses until they have changed or the end has come.

        A name that was registered before an address came up is never found on that address' LAN: hence anew.
        """
        with Zeroconf(sorted(addresses), ip_version=IPVersion.V4Only) as network:
            network.register_service(self._info(addresses), allow_name_change=True)
            _log.info("advertised as %s on %s", SERVICE_TYPE, ", ".join(sorted(addresses)))
            while self._addresses() == addresses and not self._stopping.wait(LOOK_AGAIN_S):
                pass
            network.unregister_all_services()

    def _info(self, addresses: frozenset[str]) -> ServiceInfo:
        host = socket.gethostname().split(".")[0][:30]
        # A label of DNS holds 63 bytes.
        name = f"{self._centre_id[:30]}-{host}"
        return ServiceInfo(
            SERVICE_TYPE,
            f"{name}.{SERVICE_TYPE}",
            port=self._port,
            parsed_addresses=sorted(addresses),
            properties={"v": WIRE_VERSION, "centre": self._centre_id},
            server=f"{name}.local.",
        )
