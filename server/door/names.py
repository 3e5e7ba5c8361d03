"""By which names this server is reached.

A browser that comes by another name was deceived: a page of a foreign site has let its own name point here, and takes
itself for one of ours (DNS rebinding).
"""

import ipaddress
import re
import socket
from collections.abc import Iterable

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\s\[\]:/@]+))(?::\d{1,5})?", re.IGNORECASE)


class OwnNames:
    """The names of this machine, and those that the settings give it beside them."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(name.lower().rstrip(".") for name in ("localhost", *names))

    def has(self, host: str) -> bool:
        """Whether a Host header names this machine as it is called now; the port does not matter."""
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        name = (found[1] or found[2]).lower().rstrip(".")
        return name in self._names or name in _machine_names() or _is_own_address(name)


def _machine_names() -> tuple[str, ...]:
    """As mDNS tells them too; asked anew, for staff rename machines."""
    name = socket.gethostname().lower()
    return name, f"{name.partition('.')[0]}.local"


def _is_own_address(text: str) -> bool:
    """Addresses come and go with DHCP; the kernel binds no others."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if address.is_loopback:
        return True
    if address.is_unspecified or address.is_multicast:
        return False
    with socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET) as tried:
        try:
            tried.bind((str(address), 0))
        except OSError:
            return False
    return True
