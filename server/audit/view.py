"""The audit log over HTTP."""

from collections.abc import Callable

from flask import Blueprint, Response, request

from dawr.words import Words
from server.audit.routes import AUDIT_VIEWS, AuditLine, AuditPage, AuditQuery
from server.audit.trail import Audit, AuditEntry, sentence
from server.interface import openapi
from server.interface.incoming import read
from server.interface.over_http import rule, view_answer

ENTRIES_AT_ONCE = 100


class AuditLog:
    """Shows an audit log; `words` are those of whoever asks."""

    def __init__(self, audit: Audit, words: Callable[[], Words]) -> None:
        self._audit, self._words = audit, words

    def blueprint(self) -> Blueprint:
        """All routes about it."""
        routes = Blueprint("audit", __name__, url_prefix=openapi.PREFIX)
        for view in AUDIT_VIEWS:
            routes.add_url_rule(rule(view.path), view.name, self._show, methods=["GET"])
        return routes

    def _show(self) -> Response:
        query, words = read(AuditQuery, request.args.to_dict()), self._words()
        head, entries = self._audit.page(query.before, ENTRIES_AT_ONCE)
        return view_answer(AuditPage(head=head, entries=[_line(entry, words) for entry in entries]))


def _line(entry: AuditEntry, words: Words) -> AuditLine:
    return AuditLine(**entry.model_dump(), sentence=sentence(entry, words))
