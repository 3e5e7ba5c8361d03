"""What may be looked at of the audit log: its part of the route table."""

from typing import Annotated

from pydantic import Field

from dawr.messages import Message
from server.audit.trail import AuditEntry
from server.interface.routes import FAR, NoQuery, ViewRoute


class AuditLine(AuditEntry):
    """An entry of the audit log, told in the language of who asks."""

    sentence: str
    """What was done and by whom."""


class AuditPage(Message):
    """A stretch of the audit log, the newest entry first."""

    head: str
    """Number and short hash of the newest entry; a copy of it elsewhere proves later that nothing before it changed."""
    entries: list[AuditLine]
    """At most a hundred entries."""


class AuditQuery(NoQuery):
    """Which stretch of the audit log."""

    before: Annotated[int | None, Field(ge=1, le=FAR)] = None
    """Only entries before this one; the newest if left out."""


AUDIT_VIEWS: tuple[ViewRoute, ...] = (
    ViewRoute("/audit", "audit", "What people, devices and the server did, a hundred at a time", AuditPage, AuditQuery),
)
"""Everything of the audit log that may be looked at."""
