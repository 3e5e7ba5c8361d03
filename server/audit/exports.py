"""What leaves the centre in one piece is on record: files that are taken, the log, days that are mailed or printed.

What is answered as a file (`Content-Disposition: attachment`) is recorded wherever it comes from. What is no file, and
yet so much that it has to be recorded, has a row in `AS_DATA`. What is looked at on a page, part by part, is not.
"""

import time
from collections.abc import Mapping

from cachetools import TTLCache
from flask import Flask, Response, g, has_request_context, request
from werkzeug.http import parse_options_header

from server.access.rights import row_of
from server.audit.trail import THE_SERVER, Audit

AS_DATA: Mapping[str, str] = {"log_after": "log"}
"""Rows of the table of rights by which much leaves that is no file, and what it is called in the record."""
AGAIN_S = 3600.0
"""A program that follows the log asks each second; it is recorded once in so long."""
MOST_FOLLOWERS = 1000


class Exports:
    """Watches what an app answers, and hears what is sent."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self._recorded: TTLCache[tuple[str, ...], bool] = TTLCache(MOST_FOLLOWERS, AGAIN_S, time.monotonic)

    def watch(self, app: Flask) -> None:
        """Record what is taken away by an answer of this app, before the answer leaves."""
        app.after_request(self._look)

    def sent(self, what: str, to: str) -> None:
        """Record what was sent: by whoever makes the present request, or by the server itself."""
        who, role = (g.who.name, str(g.who.role)) if has_request_context() else ("", THE_SERVER)
        self._audit.record(who, role, "sent", {"what": what, "to": to})

    def _look(self, answer: Response) -> Response:
        if answer.status_code == 200 and request.method == "GET" and request.endpoint:
            kind, said = parse_options_header(answer.headers.get("Content-Disposition"))
            if kind == "attachment":
                self._record(said.get("filename", request.path))
            elif what := AS_DATA.get(row_of(request.endpoint)):
                self._record_once(what)
        return answer

    def _record_once(self, what: str) -> None:
        follower = (g.who.name, str(g.who.role), request.remote_addr or "", what)
        if follower not in self._recorded:
            self._recorded[follower] = True
            self._record(what)

    def _record(self, what: str) -> None:
        self._audit.record(g.who.name, str(g.who.role), "exported", {"what": what, "from": request.remote_addr or ""})
