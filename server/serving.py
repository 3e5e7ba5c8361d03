"""Serving a centre on a socket under gevent, from reading the settings to the last COMMIT."""

import errno
import fcntl
import ipaddress
import logging
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
import gevent
from gevent.event import Event

from dawr.errors import CaUnusable
from dawr.settings.centre import Centre, read_centre
from dawr.settings.mistakes import MistakenSettings
from dawr.settings.server import SERVER_FILE, ServerSettings, read_server
from dawr.words import Words
from server.administration.file import SettingsFile
from server.answering import Answering
from server.app import Server, create_app
from server.beginning_anew import begin_anew, kept_listener
from server.door.limits import Crowd
from server.door.listener import Listener
from server.keeping.damage import refuse_damaged
from server.keeping.log import FILE
from server.keeping.storage_trouble import sentence
from server.rounds import Round

if TYPE_CHECKING:
    from server.discovery import Advert
    from server.transport.front import Front

BACKLOG = 1024
GOODBYE_S = 0.5
LOCK = "lock"
LOOK_EVERY_S = 5.0
"""How often the machine's addresses are looked at, for nginx's certificate."""


def serve(
    config: Path,
    data: Path,
    host: str,
    port: int,
    language: str,
    *,
    replaces: Sequence[str] = (),
    trust_clock: bool = False,
    advertise: bool,
    open_to_all: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT. Ends the process with 2 for mistaken settings, 1 for what else hinders it."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    os.umask(0o077)  # the log, its copies and the lock are the server's alone, whoever else has an account here
    words = Words(language)
    file = config / "centre.toml" if config.is_dir() else config
    centre, own = _settings(file, words)
    if own.network.behind_proxy and not _is_loopback(host):
        _end(words("server.proxy_is_passed_by", host=host), 2)
    with _folder(data, words):
        listener = _listener(host, port, words)
        told = _Told()
        try:
            refuse_damaged(data / FILE)
            server = create_app(
                centre,
                SettingsFile(file),
                data,
                async_mode="gevent",
                clock_is_right=trust_clock,
                begin_anew=told.to_begin_anew,
                own=own,
                open_to_all=open_to_all,
                host=host,
            )
        except (sqlite3.Error, OSError) as problem:
            _end(sentence(problem, data, words))
        front = _front(data, centre, own, listener, words)
        if front:
            server.rounds.append(Round("certificate", LOOK_EVERY_S, front.follow))
        for epoch in replaces:
            server.log.take_the_place_of(epoch)
        address = f"http://{_in_url(host)}:{listener.getsockname()[1]}"
        # Alone on its line and without direction marks, so that it can be clicked, copied and read by scripts.
        click.echo(f"{words('server.listening', centre=words.of(centre.centre.name))}\n{address}")
        click.echo(words(_who_reaches_it(own, host)))
        if open_to_all:
            click.echo(words("server.open_to_all"))
        elif code := server.people.code():
            click.echo(words("server.first_start", code=code))
        advertised = advertise and (own.network.behind_proxy or not _is_loopback(host))
        kept = listener.dup()
        crowd = Crowd(of_one=not own.network.behind_proxy)
        _until_told(told, server, listener, crowd, _advert(listener, centre, own, server) if advertised else None)
        if not told.to_end:
            begin_anew(kept)


def _settings(file: Path, words: Words) -> tuple[Centre, ServerSettings]:
    try:
        centre = read_centre(file)
        return centre, read_server(file.with_name(SERVER_FILE), centre)
    except MistakenSettings as mistaken:
        _end(mistaken.lines(words), 2)


def _who_reaches_it(own: ServerSettings, host: str) -> str:
    if own.network.behind_proxy:
        return "server.behind_proxy"
    return "server.only_here" if _is_loopback(host) else "server.to_all"


def _front(data: Path, centre: Centre, own: ServerSettings, listener: socket.socket, words: Words) -> "Front | None":
    """nginx in front of this server, which follows the server's port, names and certificate; None without any."""
    if not own.network.behind_proxy:
        return None
    from server.transport.front import Front  # with its cryptography 10 MB, only for whom they are of use

    front = Front(data, centre, own.network, listener.getsockname()[1])
    try:
        front.follow()
    except CaUnusable as problem:
        _end(words("ca.unusable", why=problem))
    except OSError as problem:
        _end(sentence(problem, data, words))
    return front


def _advert(listener: socket.socket, centre: Centre, own: ServerSettings, server: Server) -> "Advert":
    from server.discovery import Advert  # 3 MB, only for whom it is of use

    proxy = own.network.https_port if own.network.behind_proxy else None
    port = proxy or listener.getsockname()[1]
    return Advert(port, centre.centre.id, log=server.log.epoch, rivals=server.rivals, tls=proxy is not None)


class _Told:
    """What the server is told to do: to end, or to begin anew with changed settings."""

    def __init__(self) -> None:
        self.to_end = False
        self._heard = Event()

    def end(self) -> None:
        self.to_end = True
        self._heard.set()

    def to_begin_anew(self) -> None:
        self._heard.set()

    def wait(self) -> None:
        self._heard.wait()


def _until_told(told: _Told, server: Server, listener: socket.socket, crowd: Crowd, advert: "Advert | None") -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, told.end)
    answering = Answering(server.app)
    wsgi = Listener(listener, answering, log=None, error_log=logging.getLogger("server.http"), crowd=crowd)
    server.start()
    wsgi.start()
    if advert:
        advert.start()
    told.wait()
    wsgi.close()
    server.stop()
    answering.let_out(GOODBYE_S)
    if advert:
        advert.stop()


@contextmanager
def _folder(data: Path, words: Words) -> Iterator[None]:
    """The data folder, for this server alone."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / LOCK).open("w")
    except OSError as problem:
        _end(sentence(problem, data, words))
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            _end(words("server.data_in_use", folder=data))
        yield


def _listener(host: str, port: int, words: Words) -> socket.socket:
    if kept := kept_listener():
        return kept
    try:
        [family, kind, _, _, address] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # pywsgi sends head and body apart: with Nagle's algorithm every answer on a kept connection takes 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as problem:
        key = "server.port_taken" if problem.errno == errno.EADDRINUSE else "server.cannot_listen"
        facts: dict[str, Any] = {} if problem.errno == errno.EADDRINUSE else {"why": problem.strerror}
        _end(words(key, host=host, port=port, **facts))
    return listener


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _end(sentence: str, code: int = 1) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(code)
