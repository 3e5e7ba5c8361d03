"""The first look at every request, HTTP and Socket.IO alike, before its body is read and before Flask sees it."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wrappers import Request

from dawr.errors import DawrError, ForeignOrigin, NotJson, TooManyRequests, WrongHost
from dawr.settings.centre import Centre
from server.door import limits
from server.door.headers import guarding
from server.door.limits import Overflow
from server.door.names import OwnNames
from server.door.origin import is_foreign, may_change
from server.door.packets import well_formed
from server.interface.over_http import words_for
from server.interface.problems import MEDIA_TYPE, problem
from server.interface.routes import LARGE_BYTES

Wsgi = Callable[..., Iterable[bytes]]


class Door:
    """A WSGI app in front of another. `sleep` lets everybody else go on for so many seconds."""

    def __init__(self, app: Wsgi, centre: Centre, names: OwnNames, sleep: Callable[[float], Any]) -> None:
        self._app, self._centre, self._names, self._sleep = app, centre, names, sleep
        self._requests, self._crowd = limits.requests(), limits.Crowd()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer, whose = (
            guarding(start_response, environ["wsgi.url_scheme"]),
            limits.whose(environ.get("REMOTE_ADDR", "")),
        )
        # Behind nginx only here is known whose a connection is; one that is live stays until it ends.
        if not self._crowd.let_in(whose):
            return self._refused(TooManyRequests("too many are being served", seconds=5), environ, answer)
        try:
            self._look(environ, whose)
            return self._app(environ, answer)
        except DawrError as refusal:
            return self._refused(refusal, environ, answer)
        finally:
            self._crowd.leave(whose)

    def _look(self, environ: dict[str, Any], whose: str) -> None:
        try:
            wait_s = self._requests.take(whose)
        except Overflow as overflow:
            # Whoever sends request after request without waiting for answers would leave no moment for others.
            self._sleep(0)
            raise TooManyRequests("too many requests from one address", seconds=overflow.whole_s) from None
        if wait_s:
            self._sleep(wait_s)
        host = environ.get("HTTP_HOST", "")
        if not self._names.has(host):
            raise WrongHost("the Host header names another machine", host=host[:100])
        if may_change(environ) and is_foreign(environ):
            raise ForeignOrigin(
                "a page of another site may not change anything here", origin=environ.get("HTTP_ORIGIN", "?")[:100]
            )
        if not well_formed(environ, LARGE_BYTES):
            raise NotJson("this is no packet of Socket.IO")

    def _refused(self, refusal: DawrError, environ: dict[str, Any], answer: Callable[..., Any]) -> Iterable[bytes]:
        said = problem(refusal, words_for(Request(environ), self._centre.centre))
        body = json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")
        headers = [("Content-Type", MEDIA_TYPE), ("Content-Length", str(len(body)))]
        if isinstance(refusal, TooManyRequests):
            headers.append(("Retry-After", str(refusal.facts["seconds"])))
        answer(f"{said['status']} {HTTP_STATUS_CODES[said['status']]}", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]
