"""The guard: nothing is answered, over HTTP or Socket.IO, before it is known who asks and that they may."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from flask import Flask, g, redirect, request
from flask.typing import ResponseReturnValue

from dawr.errors import NotAllowed, NotSignedIn
from server.access.rights import may, row_of
from server.access.store import AccessStore
from server.access.who import ANYBODY, Who

COOKIE = "dawr"
COOKIE_OVER_TLS = "__Host-dawr"
"""A browser takes it from HTTPS alone, and gives it to no other host, port or path."""
SIGN_IN = "/sign-in"


class Guard:
    """Says who asks and whether they may. `day` is the hall's business day; a server `open_to_all` asks nobody."""

    def __init__(
        self, store: AccessStore, clock: Callable[[], datetime], day: Callable[[], date | None], *, open_to_all: bool
    ) -> None:
        self._store, self._clock, self._day, self._open_to_all = store, clock, day, open_to_all
        self.seen: dict[str, datetime] = {}
        """When each token was used last, by its digest, since the server started."""

    def watch(self, app: Flask) -> None:
        """Look at every request of an app before anything else does."""
        app.before_request(self._look)

    def who(self, token: object = None) -> Who:
        """Who makes the present request: a device by its token, a person by the session's cookie, or anybody."""
        if said := token or token_of_request():
            return self._with_token(str(said))
        session = session_of_request()
        return (session and self._store.who_has_session(session, self._day())) or ANYBODY

    def _with_token(self, secret: str) -> Who:
        now = self._clock()
        who = self._store.who_has_token(secret, now)
        if who is None:
            return ANYBODY
        self.seen[who.proof] = now
        return who

    def permit(self, who: Who, row: str, about: Mapping[str, Any]) -> None:
        """`NotSignedIn` or `NotAllowed` when somebody may not do what a row of the table names."""
        if self._open_to_all or may(who, row, about):
            return
        if who is ANYBODY:
            raise NotSignedIn(f"{row} is not for everybody")
        raise NotAllowed(f"{row} is not for a {who.role}", role=who.role)

    def permit_still(self, who: Who, row: str, about: Mapping[str, Any]) -> None:
        """The same for somebody who was known some time ago."""
        self.permit(who if self.holds(who) else ANYBODY, row, about)

    def holds(self, who: Who) -> bool:
        """Whether somebody is what they were: nothing was revoked, no session has ended."""
        return self._open_to_all or who is ANYBODY or self._store.holds(who, self._day(), self._clock())

    def _look(self) -> ResponseReturnValue | None:
        if request.endpoint is None:  # no such address, which the app says itself
            return None
        g.who = self.who()
        try:
            self.permit(g.who, row_of(request.endpoint), request.view_args or {})
        except NotSignedIn:
            if request.method == "GET" and _is_page(request.endpoint):
                return redirect(f"{SIGN_IN}?to={quote(request.full_path.rstrip('?'))}", 303)
            raise
        return None


def token_of_request() -> str | None:
    """What the request's header `Authorization: Bearer` says (RFC 6750)."""
    said = request.authorization
    return said.token if said and said.type == "bearer" else None


def session_of_request() -> str | None:
    """What the cookie of the request says."""
    return request.cookies.get(COOKIE_OVER_TLS if request.is_secure else COOKIE)


def _is_page(endpoint: str) -> bool:
    return endpoint.startswith("site.")
