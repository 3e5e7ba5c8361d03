"""Visits that were rated, so that each is only once.

It is known here, until the server ends, and in no file, so that nothing ties an answer to its ticket.
"""

from dawr.ids import new_id
from dawr.messages import GiveFeedback
from dawr.tickets import EndedBy, State, Ticket
from server.interface.incoming import read
from server.keeping.writer import Writer


class Ratings:
    """Whose visitor may say how the visit was, on the phone or at the counter's tablet."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._rated: set[str] = set()

    def has(self, ticket: str) -> bool:
        """Whether the visit of this ticket was rated."""
        return ticket in self._rated

    def may(self, ticket: Ticket) -> bool:
        """Whether it can be rated now: a counter completed it, and it was not rated yet."""
        return ticket.state is State.COMPLETED and ticket.ended_by is EndedBy.COUNTER and not self.has(ticket.id)

    def rate(self, ticket: Ticket, score: int | None) -> None:
        """Store what the visitor thought of it, without the ticket. `BadMessage` for no score of ours."""
        command = read(GiveFeedback, {"service": ticket.service, "score": score})
        self._rated = {ticket.id, *(self._rated & self._writer.hall.tickets.keys())}
        self._writer.do(command, new_id())
