"""nginx in front of a server: by which names it is reached, and the configuration that nginx runs with.

Configuration and certificate follow the machine: a new address needs nobody who comes by. nginx runs as the server's
own user, so the server tells it by a signal to read both again; connections that are open stay open.
"""

import json
import logging
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dawr.settings.centre import Centre
from dawr.settings.server import Network, configured_names
from dawr.text import without_isolates
from dawr.words import Words
from server.discovery import own_addresses
from server.interface.routes import LARGE_BYTES
from server.transport.authority import Authority, open_authority

FOLDER, CONFIGURATION, PID = "nginx", "nginx.conf", "nginx.pid"

# Of one address. A page takes some ten requests, a hall's devices keep one connection each, two hundred of them perhaps
# behind a router that makes one address of all; a Wi-Fi that does so with its phones has each ask once in several
# seconds.
REQUESTS_A_SECOND, BURST, MOST_CONNECTIONS = 100, 200, 300

_STATIC = ("/static/", "= /icon.svg")
_PLAIN_PLACES = {"phone": ("/t/",), "board": ("= /board", "/socket.io/")}

_log = logging.getLogger(__name__)


class Front:
    """What nginx needs to stand in front of one server, in `DATA/nginx` and `DATA/tls`.

    `port` is where the server listens on its own machine; `addresses` tells the machine's own ones of the moment.
    """

    def __init__(
        self,
        data: Path,
        centre: Centre,
        network: Network,
        port: int,
        addresses: Callable[[], frozenset[str]] = own_addresses,
    ) -> None:
        self._centre, self._network, self._port, self._addresses = centre, network, port, addresses
        self._data = data.resolve()
        self._beyond: list[str] = []
        self._prepared_for: list[str] | None = None

    @property
    def file(self) -> Path:
        """The configuration: `nginx -e stderr -c FILE` starts it."""
        return self._data / FOLDER / CONFIGURATION

    def names(self) -> list[str]:
        """Every name and address by which somebody may call the server now."""
        configured = configured_names(self._network, self._centre)
        own = [*_host_names(), "localhost", "127.0.0.1", *sorted(self._addresses())]
        return list(dict.fromkeys([*own, *configured]))

    def prepare(self) -> bool:
        """Bring certificate and configuration up to date, and the CA into being. Whether anything was changed.

        `CaUnusable` when the CA that is there cannot be used, `OSError` when the disk refuses.
        """
        names = self.names()
        changed = self._prepare(names)
        self._prepared_for = names
        return changed

    def follow(self) -> None:
        """Bring all up to date if names or addresses have changed, and have nginx read what is new."""
        # A run before this one may have ended between writing and telling.
        is_first = self._prepared_for is None
        if self.names() != self._prepared_for and (self.prepare() or is_first):
            self.reload()

    def _prepare(self, names: Sequence[str]) -> bool:
        authority = open_authority(self._data, self._centre.centre.id, names)
        is_new = authority.certify(names)
        self._tell_beyond(authority.refused(names))
        wanted = _configuration(authority, self._centre, self._network, self._port, names, self.file.parent)
        if not is_new and self.file.exists() and self.file.read_text("utf-8") == wanted:
            return False
        self.file.parent.mkdir(mode=0o700, exist_ok=True)
        new = self.file.with_suffix(".new")
        new.write_text(wanted, "utf-8")
        new.replace(self.file)
        return True

    def reload(self) -> None:
        """Have nginx read certificate and configuration again, if it runs."""
        pid = self._running()
        if pid is None:
            return
        try:
            os.kill(pid, signal.SIGHUP)
            _log.info("nginx reads its configuration and certificate again")
        except OSError as problem:
            _log.error("nginx cannot be told to read its configuration again (%s): nginx -s reload", problem.strerror)

    def _running(self) -> int | None:
        try:
            pid = int((self.file.parent / PID).read_text())
            # After a power cut the number may be another process's.
            is_nginx = Path(f"/proc/{pid}/comm").read_text().strip() == "nginx"
        except (OSError, ValueError):
            return None
        return pid if is_nginx else None

    def _tell_beyond(self, names: list[str]) -> None:
        if names != self._beyond:
            _log.warning("the centre's authority may not vouch for %s: see docs/transport.md", ", ".join(names) or "–")
        self._beyond = names


def _configuration(
    authority: Authority, centre: Centre, network: Network, port: int, names: Sequence[str], folder: Path
) -> str:
    places = [place for page in network.plain_http for place in _PLAIN_PLACES[page]]
    text: str = _template().render(
        BURST=BURST,
        MOST_CONNECTIONS=MOST_CONNECTIONS,
        PID=PID,
        REQUESTS_A_SECOND=REQUESTS_A_SECOND,
        chain=authority.chain_file,
        folder=folder,
        http_port=network.http_port,
        http_suffix="" if network.http_port == 80 else f":{network.http_port}",
        https_port=network.https_port,
        https_suffix="" if network.https_port == 443 else f":{network.https_port}",
        key=authority.key_file,
        most_bytes=LARGE_BYTES,
        names=names,
        plain_http=network.plain_http,
        plain_places=[*dict.fromkeys(places), *_STATIC] if places else [],
        port=port,
        **{key: _said(centre, key) for key in ("no_server", "too_much", "unknown_name")},
    )
    return text


def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, trim_blocks=True, autoescape=False
    )
    environment.filters["quoted"] = lambda path, *inside: json.dumps(str(Path(path, *inside)), ensure_ascii=False)
    environment.filters["text"] = lambda text: json.dumps(text, ensure_ascii=False)
    return environment.get_template("nginx.conf.jinja")


def _said(centre: Centre, key: str) -> str:
    """What nginx says by itself, in the centre's languages: it does not know whom it speaks to."""
    return "".join(f"{without_isolates(Words(language)(f'nginx.{key}'))}\n" for language in centre.centre.languages)


def _host_names() -> Iterator[str]:
    """The machine's name, and the one by which mDNS (Avahi) makes it known."""
    full = re.sub(r"[^a-z0-9.-]", "-", socket.gethostname().lower()).strip("-.")
    first = full.split(".")[0]
    if full:
        yield from (full, first, f"{first}.local")
