"""Browsers of the staff and of strangers, each with its cookies and at its address."""

import http.client
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from server.access.passwords import hashed
from server.access.store import AccessStore, Person
from server.access.who import Role
from tests.server.running import RunningServer

PIN, PASSWORD = "492715", "brass kettle on ivory"


@dataclass
class Said:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    json: Any


@dataclass
class Browser:
    """Keeps cookies, and comes from a local address of its own."""

    server: RunningServer
    address: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: object = None) -> Said:
        at = urlsplit(self.server.address)
        line = http.client.HTTPConnection(at.hostname or "", at.port, timeout=20, source_address=(self.address, 0))
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/json"
        line.request(method, path, None if body is None else json.dumps(body), headers)
        answer = line.getresponse()
        text = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        line.close()
        is_json = "json" in (answer.headers["Content-Type"] or "")
        return Said(answer.status, answer.headers, json.loads(text) if is_json else text.decode())

    def sign_in(self, name: str, secret: str) -> Said:
        return self.ask("POST", "/api/v1/session?language=en", {"name": name, "secret": secret})

    def sign_out(self) -> Said:
        return self.ask("DELETE", "/api/v1/session")

    def forget_session(self) -> None:
        self.cookies.pop("dawr", None)


def add(server: RunningServer, name: str, role: Role, secret: str) -> Person:
    """Somebody who can sign in, put there as `dawr administrator` does: beside the running server."""
    store = AccessStore(server.data)
    person = store.add_person(name, role, hashed(secret), datetime.now(UTC))
    store.close()
    return person
