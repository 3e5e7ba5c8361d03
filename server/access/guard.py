"""The guard: nothing is answered, over HTTP or Socket.IO, before it is known who asks and that they may."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, g, redirect, request
from flask.typing import ResponseReturnValue

from dawr.errors import NotAllowed, NotSignedIn
from server.access.rights import may, row_of
from server.access.store import AccessStore
from server.access.who import ANYBODY, PEOPLE, SCREENS, Who

COOKIE = "dawr"
COOKIE_OVER_TLS = "__Host-dawr"
"""A browser takes it from HTTPS alone, and gives it to no other host, port or path."""
SIGN_IN, FIRST_START = "/sign-in", "/first-start"
_FOR_ALL_TO_BEGIN = frozenset({"site.start", "site.sign_in", "site.first_start"})
DEVICE_COOKIE = "dawr-device"
DEVICE_COOKIE_OVER_TLS = "__Host-dawr-device"
"""The token of a browser that is a screen of the centre."""
DEVICE_COOKIE_S = 400 * 24 * 3600
"""As long as Chromium keeps any cookie; each time its page is loaded it begins anew."""
SCREEN = "/screen"
_PAGES_OF_SCREENS = frozenset({"site.kiosk", "site.tablet"})
"""Pages of browsers that are devices: a stranger's shows a code there by which it is admitted."""


class Guard:
    """Says who asks and whether they may. `day` is the hall's business day.

    `hall_time` is None while it cannot be told whether the centre has closed. A server `open_to_all` asks nobody.
    """

    def __init__(
        self,
        store: AccessStore,
        clock: Callable[[], datetime],
        day: Callable[[], date | None],
        hall_time: Callable[[], datetime | None],
        *,
        open_to_all: bool,
    ) -> None:
        self._store, self._clock, self._day, self._hall_time = store, clock, day, hall_time
        self._open_to_all = open_to_all
        self.seen: dict[str, datetime] = {}
        """When each token was used last, by its digest, since the server started."""

    def watch(self, app: Flask) -> None:
        """Look at every request of an app before anything else does."""
        app.before_request(self._look)
        app.after_request(_kept_on)
        app.after_request(_kept_by_nobody)

    def who(self, token: object = None) -> Who:
        """Who makes the present request: a device by its token, a person or a screen by a cookie, or anybody."""
        if said := token or token_of_request():
            return self._with_token(str(said))
        session = session_of_request()
        if session and (person := self._store.who_has_session(session, self._day(), self._hall_time())):
            return person
        return self._with_token(screen) if (screen := request.cookies.get(device_cookie())) else ANYBODY

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
        return (
            self._open_to_all or who is ANYBODY or self._store.holds(who, self._day(), self._clock(), self._hall_time())
        )

    def _look(self) -> ResponseReturnValue | None:
        if request.endpoint is None:  # no such address, which the app says itself
            return None
        g.who = self.who()
        if elsewhere := self._begins_elsewhere(request.endpoint):
            return redirect(elsewhere, 303)
        try:
            self.permit(g.who, row_of(request.endpoint), request.view_args or {})
        except NotSignedIn:
            if request.method == "GET" and is_page(request.endpoint):
                begins = SCREEN if request.endpoint in _PAGES_OF_SCREENS else SIGN_IN
                return redirect(f"{begins}?to={quote(request.full_path.rstrip('?'))}", 303)
            raise
        return None

    def _begins_elsewhere(self, endpoint: str) -> str | None:
        """Where a stranger has to begin who asks for a page of the staff, as long as there is no administrator."""
        if self._open_to_all or not self._is_of_the_staff(endpoint):
            return None
        if self._store.has_administrator():
            return SIGN_IN if endpoint == "site.first_start" else None
        return FIRST_START if g.who is ANYBODY and endpoint != "site.first_start" else None

    def _is_of_the_staff(self, endpoint: str) -> bool:
        if endpoint in _PAGES_OF_SCREENS:
            return False
        return endpoint in _FOR_ALL_TO_BEGIN or (is_page(endpoint) and not may(ANYBODY, endpoint, {}))


def token_of_request() -> str | None:
    """What the request's header `Authorization: Bearer` says (RFC 6750)."""
    said = request.authorization
    return said.token if said and said.type == "bearer" else None


def session_of_request() -> str | None:
    """What the cookie of the request says."""
    return request.cookies.get(COOKIE_OVER_TLS if request.is_secure else COOKIE)


def give_to_screen(answer: Response, secret: str) -> Response:
    """The answer with the token of a screen, which no script can read."""
    answer.set_cookie(
        device_cookie(), secret, max_age=DEVICE_COOKIE_S, httponly=True, samesite="Strict", secure=request.is_secure
    )
    return answer


def _kept_on(answer: Response) -> Response:
    secret = request.cookies.get(device_cookie())
    is_screen = request.endpoint in _PAGES_OF_SCREENS and g.who.role in SCREENS
    return give_to_screen(answer, secret) if secret and is_screen else answer


def _kept_by_nobody(answer: Response) -> Response:
    """What a person was shown who had signed in is not shown again at the same computer, once they have gone."""
    if request.endpoint and g.who.role in PEOPLE and not may(ANYBODY, row_of(request.endpoint), {}):
        answer.headers["Cache-Control"] = "no-store"
    return answer


def device_cookie() -> str:
    """The name of the cookie in which a browser brings its token."""
    return DEVICE_COOKIE_OVER_TLS if request.is_secure else DEVICE_COOKIE


def is_page(endpoint: str) -> bool:
    """Whether it is one of the centre's pages, which people look at."""
    return endpoint.startswith("site.")
