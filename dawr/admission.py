"""How a device comes to belong to its centre: it asks the server, shows a code, and waits until a manager types that.

Nothing is stored before it was admitted. The code is `pairing`'s, the authority that it vouches for `pin`'s.
"""

import asyncio
import json
import os
import re
import shutil
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, closing
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dawr.errors import BadMessage, DawrError, ForeignServer, NotPaired, PlainServer, Refused, ServerUnreachable
from dawr.find_server import FindServer
from dawr.pairing import code_of, commitment, new_nonce
from dawr.pin import CA_FILE, Pin, fetch_ca, fingerprint, only_certificate, trusting_nobody
from dawr.settings.devices import BoardDevice, CounterDevice, KioskDevice
from dawr.token import TOKEN_FILE, OwnToken

PATH = "/api/v1/pairing"
POLL_S = 2.0
LASTS_S = 600.0
"""A code holds for five minutes at the server, and what it gave is there for five more."""
FIND_S = 15.0
ANSWER_S = 5.0
MOST_BYTES = 64 * 1024

_ID = re.compile(r"[\w-]{1,100}", re.ASCII)
_NONCE = re.compile(r"[0-9a-f]{64}")
_TOKEN = re.compile(r"[!-~]{1,500}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """As what a device wants to be admitted; it is the same that it says when it connects."""

    role: str
    id: str
    counter: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A server that was asked, and the `code` for the manager. `ca` is its authority's certificate, if it has one."""

    address: str
    code: str
    ca: bytes | None
    id: str
    nonce: str = field(repr=False)
    language: str


def wanted_by(device: KioskDevice | CounterDevice | BoardDevice) -> Wanted:
    """What the device of this file is."""
    match device:
        case KioskDevice():
            return Wanted("kiosk", device.kiosk.id)
        case CounterDevice():
            return Wanted("counter", f"box-{device.counter.id}", device.counter.id)
        case BoardDevice():
            return Wanted("board", device.display.id)


def ask(address: str, wanted: Wanted, pin: Pin, language: str = "en") -> Asked:
    """Ask the server at `http://host:port` or `https://…`; a device that has pinned an authority asks no other.

    `ServerUnreachable`; `ForeignServer` and `PlainServer` when the pin forbids it, `Refused` when the server does,
    `BadMessage` when the answer is none. `NotPaired` when the pin cannot be read.
    """
    ca = _authority(address, pin)
    nonce = new_nonce()
    wire = {"role": wanted.role, "id": wanted.id, "counter": wanted.counter, "commitment": commitment(nonce)}
    begun = _said(address, ca, "POST", PATH, wire, {"Accept-Language": language})
    id, servers = _checked(begun, "pairing", _ID), _checked(begun, "nonce", _NONCE)
    _said(address, ca, "POST", f"{PATH}/{id}/reveal", {"nonce": nonce}, {"Accept-Language": language})
    return Asked(address, code_of(nonce, servers, fingerprint(ca) if ca else ""), ca, id, nonce, language)


async def ask_the_first(find: Callable[[], AsyncGenerator[str]], ask: Callable[[str], Asked]) -> Asked:
    """Ask the first server that is found and can be asked, for at most `FIND_S`.

    Else the last trouble is raised, `ServerUnreachable` when there was no server at all.
    """
    trouble: DawrError = ServerUnreachable("no server was found")
    try:
        async with asyncio.timeout(FIND_S), aclosing(find()) as addresses:
            async for address in addresses:
                try:
                    return await asyncio.to_thread(ask, address)
                except (ServerUnreachable, ForeignServer, PlainServer, BadMessage) as problem:
                    trouble = problem
    except TimeoutError:
        pass
    raise trouble


def token_given(asked: Asked) -> str | None:
    """The token, as soon as a manager has typed the code; None until then. `Refused` when it is over, else as `ask`."""
    headers = {"Authorization": f"Pairing {asked.nonce}", "Accept-Language": asked.language}
    said = _said(asked.address, asked.ca, "GET", f"{PATH}/{asked.id}", None, headers)
    return _checked(said, "token", _TOKEN) if said.get("state") == "admitted" else None


def keep(asked: Asked, token: str, data: Path) -> None:
    """Store what the device needs to be known, and where it was. `OSError` when it cannot be stored."""
    if asked.ca:
        Pin(data).keep(asked.ca)
    OwnToken(data).keep(token)
    FindServer(data=data).remember(asked.address)
    if os.geteuid() == 0:  # by sudo; the device runs as the folder's owner
        owner = data.stat()
        for name in (CA_FILE, TOKEN_FILE):
            if (data / name).exists():
                shutil.chown(data / name, owner.st_uid, owner.st_gid)


def grouped(code: str) -> str:
    """A code as it is read aloud: `A7K M2Q`."""
    return f"{code[:3]} {code[3:]}"


def _authority(address: str, pin: Pin) -> bytes | None:
    """The certificate of the authority by which this server is to be known; None for plain HTTP."""
    by_tls = address.startswith("https://")
    if pin.is_set and not by_tls:
        raise PlainServer(f"{address} does not speak HTTPS")
    if pin.is_set:
        return _pinned(pin)
    return fetch_ca(address) if by_tls else None


def _pinned(pin: Pin) -> bytes:
    assert pin.data is not None
    try:
        return only_certificate((pin.data / CA_FILE).read_bytes())
    except (OSError, BadMessage) as problem:
        raise NotPaired(f"the pinned authority cannot be read: {problem}") from None


def _said(
    address: str, ca: bytes | None, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]
) -> dict[str, Any]:
    try:
        with closing(_connection(address, ca)) as connection:
            sent = None if body is None else json.dumps(body).encode()
            connection.request(method, path, sent, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            status, text = answer.status, answer.read(MOST_BYTES)
    except HTTPException as problem:
        raise BadMessage(f"{address} gives no answer of ours: {problem!r}", mistakes=[]) from None
    except ssl.SSLCertVerificationError as problem:
        raise ForeignServer(f"{address} is not known by its authority: {problem.verify_message}") from None
    except OSError as problem:
        raise ServerUnreachable(f"{address} does not answer: {problem}") from None
    return _judged(address, status, text)


def _judged(address: str, status: int, text: bytes) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise BadMessage(f"{address} gives no answer of ours: {status}", mistakes=[])
    if status >= HTTPStatus.BAD_REQUEST:
        raise Refused(said)
    return said


def _connection(address: str, ca: bytes | None) -> HTTPConnection:
    at = urlsplit(address)
    if ca is None:
        return HTTPConnection(at.hostname or "", at.port or 80, timeout=ANSWER_S)
    believing = trusting_nobody()
    believing.load_verify_locations(cadata=ca.decode("ascii"))
    return HTTPSConnection(at.hostname or "", at.port or 443, timeout=ANSWER_S, context=believing)


def _checked(said: Mapping[str, Any], name: str, shape: re.Pattern[str]) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise BadMessage(f"the server's {name} is none", mistakes=[])
    return value
