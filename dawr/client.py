"""The line from a device to its server: Socket.IO, kept up for ever, used from ordinary threads.

What a device does with the views that come in is its own affair; where the server is, is `find_server`'s.
"""

import asyncio
import concurrent.futures
import logging
import random
import ssl
import threading
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import aiohttp
import socketio
from socketio.exceptions import BadNamespaceError
from socketio.exceptions import ConnectionError as NotConnected

from dawr.errors import (
    BadMessage,
    DawrError,
    ForeignServer,
    NotAllowed,
    NotPaired,
    NotSignedIn,
    PlainServer,
    Refused,
    ServerUnreachable,
)
from dawr.ids import new_id
from dawr.pin import Pin

CONNECT_S = 5.0
# In a hall a server that is there answers in milliseconds; one that has moved must not cost more than this.
KNOCK_S = 1.0
RESEND_S = 2.0
PAUSE_S = (0.2, 2.0)  # at random, so that a hall full of devices does not come back in one instant
GOODBYE_S = 1.0
START_OR_STOP_S = 5.0
MOST_MISTRUSTED = 100
"""Servers that are remembered as said already: whoever advertises thousands fills no memory."""
MOST_TO_ASK = 8
"""Servers that are remembered as those that a manager has to admit us at."""

NOT_ADMITTED = frozenset({NotSignedIn.code, NotAllowed.code})
"""For these a server refuses a device that no manager admitted, or not as what it says it is."""

Find = Callable[[], AsyncGenerator[str]]

NOTHING_PINNED = Pin(None)

_log = logging.getLogger(__name__)


def server_ahead(hello: Mapping[str, Any], own_now: datetime) -> timedelta:
    """How far the server's clock is ahead of one's own: its `hello`, and the aware time at which that came in."""
    return datetime.fromisoformat(hello["now"]) - own_now


@dataclass(frozen=True, slots=True, eq=False)
class _Link:
    """One connection while it lasts; `lost` is done when it has ended."""

    sio: socketio.AsyncClient
    lost: asyncio.Future[None]


class Client:
    """A device's connection to its server.

    `find` gives the addresses to try, the likeliest first, and is asked anew each time; `on_found` hears the one
    that took us. `auth` says who is calling: `{"role": "counter", "id": "box-3", "counter": "3"}`. `on` maps events
    to what takes their data; these, `on_up` and `on_down` run on the client's own thread and have to be quick. `log`
    gives the epoch of the log that the device follows, if any: a server with another one does not take it. With `pin`
    set, only a server with a certificate of the pinned authority hears who is calling; others get nothing. `token`
    gives the secret of a device that was admitted, empty if it was not; it is asked anew each time. `on_not_admitted`
    hears it when a server first says that no manager admitted us.
    """

    def __init__(
        self,
        find: Find,
        auth: Mapping[str, str],
        on: Mapping[str, Callable[[Any], None]],
        *,
        on_up: Callable[[], None] = lambda: None,
        on_down: Callable[[], None] = lambda: None,
        on_found: Callable[[str], None] = lambda _address: None,
        log: Callable[[], str] = lambda: "",
        pin: Pin = NOTHING_PINNED,
        token: Callable[[], str] = lambda: "",
        on_not_admitted: Callable[[], None] = lambda: None,
    ) -> None:
        # The server tells by `run` a device that comes again from another one of the same name.
        self._find, self._auth, self._on = find, {**auth, "run": new_id()}, dict(on)
        self._log, self._pin, self._token = log, pin, token
        self._mistrust: DawrError | None = None
        self._mistrusted: set[str] = set()
        self._on_up, self._on_down, self._on_found = on_up, on_down, on_found
        self._on_not_admitted = on_not_admitted
        self._said_token = self._refused_token = ""
        self._not_admitted_at: tuple[str, ...] = ()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="client", daemon=True)
        self._running = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._work: asyncio.Task[None]
        self._stopping = False
        self._link: _Link | None = None
        self._linked = asyncio.Event()
        self._early: list[Callable[[], None]] = []
        self._heard_at_s = time.monotonic()
        self._trouble = ""
        self.turned_away: Any = None
        """What the server said when it refused the connection itself; None as long as it takes us.

        That it has not admitted us holds until one takes us: that it cannot be reached afterwards admits nobody.
        """

    @property
    def is_up(self) -> bool:
        """Whether the server is there. A server gone without a word is noticed after two of its heartbeats, 6 s."""
        return self._link is not None

    def turned_away_for(self) -> str | None:
        """Code of the problem for which the server refused the connection, or we the server; None while all is well."""
        refused_for = self._refused_for()
        return self._mistrust.code if self._mistrust and refused_for not in NOT_ADMITTED else refused_for

    def is_not_admitted(self) -> bool:
        """Whether a server has let us know that no manager admitted us; that holds until one takes us.

        One that speaks HTTPS lets a device know that has neither a token nor anything by which to believe a server.
        """
        return bool(self._not_admitted_at)

    def to_be_admitted_at(self) -> tuple[str, ...]:
        """Where there are servers at which a manager has to admit us, as far as we know; most likely the last one.

        None when we were given another token than the one that was refused: it is tried first.
        """
        return self._not_admitted_at if self._token() == self._refused_token else ()

    def silent_for_s(self) -> float:
        """Seconds since anything came from the server, its heartbeat each 3 s included; since the start if nothing."""
        return time.monotonic() - self._heard_at_s

    def start(self) -> None:
        """Begin to connect, and go on for ever; returns at once."""
        self._thread.start()
        self._running.wait(START_OR_STOP_S)

    def stop(self) -> None:
        """Say goodbye and end. A call in progress ends with `ServerUnreachable`."""
        if self._thread.is_alive():
            with suppress(RuntimeError):  # it ended by itself meanwhile
                self._stopping = True
                self._loop.call_soon_threadsafe(self._work.cancel)
            self._thread.join(START_OR_STOP_S)

    def tell(self, event: str, payload: Mapping[str, Any]) -> None:
        """Send something that nobody answers; for any thread. It is lost when the server is not there."""
        link = self._link
        if link is not None and self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(_told(link, event, payload), self._loop)

    def call(self, event: str, payload: Mapping[str, Any], deadline_s: float) -> dict[str, Any]:
        """Send a command and wait for its answer; the server does it once, however often it has to be sent.

        A payload without a `command_id` gets one. `Refused` if the server says no. `ServerUnreachable` after
        `deadline_s` seconds without an answer; its `maybe_taken` tells whether the command may have been done.
        """
        if threading.current_thread() is self._thread:
            raise RuntimeError("a call from the client's own thread would wait for itself")
        # The thread lives a moment before its loop is there.
        if not (self._thread.is_alive() and self._running.wait(START_OR_STOP_S)):
            raise ServerUnreachable("the client is not running")
        asked = self._call(event, {"command_id": new_id(), **payload}, deadline_s)
        try:
            return asyncio.run_coroutine_threadsafe(asked, self._loop).result(deadline_s + START_OR_STOP_S)
        except (concurrent.futures.CancelledError, TimeoutError):
            raise ServerUnreachable("the client was stopped", maybe_taken=True) from None

    def _refused_for(self) -> str | None:
        said = self.turned_away
        about = said.get("data") if isinstance(said, dict) else None
        return str(about["code"]) if isinstance(about, dict) and "code" in about else said and str(said)

    # --- On the client's own thread -------------------------------------------------------------------------------

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._work = asyncio.ensure_future(self._stay_connected())
        self._running.set()
        with suppress(asyncio.CancelledError):
            await self._work

    async def _stay_connected(self) -> None:
        while not self._stopping:
            try:
                if sio := await self._connected():
                    await self._until_lost(sio)
            except OSError as problem:
                self._say(f"no server can be looked for: {problem}")
            except Exception:
                # A device without this loop would stand there dead; the next round may fare better.
                _log.exception("the connection to the server failed")
            finally:
                self._went_down()
            await asyncio.sleep(random.uniform(*PAUSE_S))

    async def _connected(self) -> socketio.AsyncClient | None:
        """The connection to the first address that takes us; None when there are no more addresses to try."""
        async with aclosing(self._find()) as addresses:
            async for address in addresses:
                try:
                    sio = self._socket(address, self._tls(address))
                except (PlainServer, NotPaired) as problem:
                    self._distrust(address, problem)
                    if not (self._pin.is_set or self._token()):
                        self._note_not_admitted(address, "")
                    continue
                if await self._connects(sio, address):
                    return sio
        return None

    def _tls(self, address: str) -> ssl.SSLContext | None:
        """What makes a server there believable; None for plain HTTP. `PlainServer`, `NotPaired` if nothing could."""
        by_tls = address.startswith("https://")
        if self._pin.is_set and not by_tls:
            raise PlainServer("it does not speak HTTPS")
        if by_tls and not self._pin.is_set:
            raise NotPaired("no authority is pinned here")
        try:
            return self._pin.context() if by_tls else None
        except OSError as problem:
            raise NotPaired(f"the pinned authority cannot be read: {problem}") from None

    def _distrust(self, address: str, problem: DawrError) -> None:
        """Say once that there is a server that gets nothing from us, and why."""
        self._mistrust = problem
        said = f"{address} is not believed and was told nothing ({problem.code}): {problem}"
        if said not in self._mistrusted and len(self._mistrusted) < MOST_MISTRUSTED:
            self._mistrusted.add(said)
            _log.warning("%s", said)

    async def _connects(self, sio: socketio.AsyncClient, address: str) -> bool:
        try:
            async with asyncio.timeout(CONNECT_S):
                await sio.connect(address, auth=self._says(), transports=["websocket"], wait_timeout=CONNECT_S)
        except (NotConnected, aiohttp.ClientError, OSError, ValueError) as problem:
            if foreign := _mistrusted(problem):
                self._distrust(address, ForeignServer(str(foreign)))
            else:
                self._say(
                    f"{address} does not take us: {self._refused_for() or problem or 'no answer'}{self._advice()}"
                )
            await self._part(sio)
            return False
        return True

    def _says(self) -> dict[str, str]:
        """Who we are."""
        self._said_token = self._token()
        more = {"log": self._log(), "token": self._said_token}
        return self._auth | {name: value for name, value in more.items() if value}

    async def _until_lost(self, sio: socketio.AsyncClient) -> None:
        try:
            # Python 3.11's wait_for, which connect() uses, can swallow a cancellation.
            if not self._stopping:
                await sio.eio.wait()
        finally:
            await self._part(sio)

    async def _part(self, sio: socketio.AsyncClient) -> None:
        self._went_down()
        with suppress(TimeoutError, NotConnected, aiohttp.ClientError, OSError):
            await asyncio.wait_for(sio.disconnect(), GOODBYE_S)
        await sio.eio.http.close()

    def _socket(self, address: str, tls: ssl.SSLContext | None) -> socketio.AsyncClient:
        # One session each: Engine.IO closes its session when it is collected as garbage, also one that others use.
        knock = aiohttp.ClientTimeout(total=None, sock_connect=KNOCK_S)
        line = aiohttp.TCPConnector(ssl=tls or True)
        http = aiohttp.ClientSession(connector=line, ws_response_class=self._hearing(), timeout=knock)
        sio = socketio.AsyncClient(reconnection=False, handle_sigint=False, http_session=http)
        sio.on("connect", partial(self._came_up, sio, address))
        sio.on("connect_error", partial(self._was_turned_away, address))
        for event, take in self._on.items():
            sio.on(event, partial(self._hand, event, take))
        return sio

    def _hearing(self) -> type[aiohttp.ClientWebSocketResponse]:
        """A websocket that notes when anything comes in: the engine keeps its heartbeats to itself."""
        client = self

        class Hearing(aiohttp.ClientWebSocketResponse):
            async def receive(self, timeout: float | None = None) -> aiohttp.WSMessage:
                message = await super().receive(timeout)
                # That we gave up ourselves comes here too, and is no word of the server.
                if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                    client._heard_at_s = time.monotonic()
                return message

        return Hearing

    def _came_up(self, sio: socketio.AsyncClient, address: str) -> None:
        self._say(f"connected to {address}")
        self.turned_away = self._mistrust = None
        self._not_admitted_at = ()
        self._mistrusted.clear()
        self._link = _Link(sio, self._loop.create_future())
        self._linked.set()
        self._on_found(address)
        self._on_up()
        early, self._early = self._early, []
        for hand in early:
            hand()

    def _went_down(self) -> None:
        link, self._link = self._link, None
        self._early.clear()
        if link is not None:
            self._linked.clear()
            link.lost.set_result(None)
            self._say("the connection to the server is lost")
            self._on_down()

    def _hand(self, event: str, take: Callable[[Any], None], data: Any = None) -> None:
        if self._link is None:
            # What the server emits while it greets us comes in before the word that it has taken us.
            self._early.append(partial(_handed, event, take, data))
        else:
            _handed(event, take, data)

    def _advice(self) -> str:
        return "; a manager has to admit this device: dawr pair" if self.is_not_admitted() else ""

    def _was_turned_away(self, address: str, said: Any = None) -> None:
        is_a_server = isinstance(said, dict)  # one that we believe; a line that breaks says a text
        if is_a_server or not self.is_not_admitted():
            self.turned_away = said
        if is_a_server:
            self._mistrust = None
            if self._refused_for() in NOT_ADMITTED:
                self._note_not_admitted(address, self._said_token)

    def _note_not_admitted(self, address: str, token: str) -> None:
        was_known, others = self.is_not_admitted(), [one for one in self._not_admitted_at if one != address]
        self._not_admitted_at = (*others, address)[-MOST_TO_ASK:]
        self._refused_token = token
        if not was_known:
            self._on_not_admitted()

    def _say(self, what: str) -> None:
        """Log it once, however often it is tried."""
        if what != self._trouble:
            _log.info("%s", what)
        self._trouble = what

    async def _call(self, event: str, command: Mapping[str, Any], deadline_s: float) -> dict[str, Any]:
        answer: asyncio.Future[Any] = self._loop.create_future()

        def take(*said: Any) -> None:
            if not answer.done():
                answer.set_result(said[0] if said else None)

        sent = False
        try:
            async with asyncio.timeout(deadline_s):
                while not answer.done():
                    await self._linked.wait()
                    assert self._link is not None
                    lost = self._link.lost
                    with suppress(BadNamespaceError):  # it is being lost right now
                        await self._link.sio.emit(event, command, callback=take)
                        sent = True
                    # AsyncClient.call() would wait on after the connection is lost.
                    await asyncio.wait({answer, lost}, timeout=RESEND_S, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            raise ServerUnreachable(f"no answer to {event} in {deadline_s:g} s", maybe_taken=sent) from None
        return _judged(event, answer.result())


def _mistrusted(problem: BaseException | None) -> ssl.SSLError | None:
    """Why a server was not believed, wherever in the chain of causes that stands; None when it was not that.

    A line that is cut while greetings are exchanged is no such reason.
    """
    while problem:
        if isinstance(problem, aiohttp.ClientConnectorSSLError):
            problem = problem.os_error
        if isinstance(problem, ssl.SSLError):
            return None if isinstance(problem, ssl.SSLEOFError) else problem
        problem = problem.__cause__ or problem.__context__
    return None


async def _told(link: _Link, event: str, payload: Mapping[str, Any]) -> None:
    with suppress(BadNamespaceError):  # it is being lost right now
        await link.sio.emit(event, payload)


def _handed(event: str, take: Callable[[Any], None], data: Any) -> None:
    try:
        take(data)
    except Exception:
        # One view that cannot be shown must not cost the connection, which brings the next one.
        _log.exception("%s could not be taken", event)


def _judged(event: str, answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict) or not isinstance(answer.get("ok"), bool):
        raise BadMessage(f"the answer to {event} is none of ours: {answer!r:.200}", mistakes=[])
    if not answer["ok"]:
        raise Refused(answer.get("problem") or {})
    return answer
