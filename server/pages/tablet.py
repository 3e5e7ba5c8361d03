"""The tablet at a counter, which faces the visitor: whose turn it is there and, after a visit, how it was."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from pydantic import Field

from dawr.hall import Hall
from dawr.messages import Message
from dawr.text import direction_of
from dawr.tickets import State, Ticket
from dawr.words import catalogue
from server.keeping.writer import Writer
from server.pages.ratings import Ratings

ASKS_FOR = timedelta(seconds=30)
"""So long after a visit the tablet asks how it was, unless the next visitor has come."""
LATE = timedelta(seconds=10)
"""So much later an answer is still taken: somebody was about to tap."""


class Asks(Message):
    """Whether the tablet asks now."""

    visit: str | None
    """The visit that it asks about; none if it does not ask."""
    seconds: float = Field(ge=0)
    """For how long it asks."""


def facts(hall: Hall, counter: str) -> Mapping[str, Any]:
    """The counter, and all words in each of the centre's languages: visitors read theirs. `UnknownCounter`."""
    languages = hall.centre.centre.languages
    return {
        "counter": hall.counter(counter).id,
        "speaks": {code: {"dir": direction_of(code), **catalogue(code)["tablet"]} for code in languages},
        "thanks_s": 6,
    }


class Tablet:
    """What the tablets of a server ask, and the answers."""

    def __init__(self, writer: Writer, ratings: Ratings, clock: Callable[[], datetime]) -> None:
        self._writer, self._ratings, self._clock = writer, ratings, clock

    def blueprint(self) -> Blueprint:
        """What the page asks for, beside the page itself."""
        tablet = Blueprint("tablets", __name__, url_prefix="/counter")
        tablet.add_url_rule("/<counter>/tablet.json", "asks", self._asks)
        tablet.add_url_rule("/<counter>/tablet/feedback", "feedback", self._rate, methods=["POST"])
        return tablet

    def _asks(self, counter: str) -> Response:
        hall, now = self._writer.hall, self._clock()
        visit = self._last_visit(hall, counter, now - ASKS_FOR)
        present = hall.counter(counter).ticket
        if visit is None or visit.ended_at is None or (present and hall.tickets[present].state is State.SERVING):
            said = Asks(visit=None, seconds=0)
        else:
            said = Asks(visit=visit.id, seconds=(visit.ended_at + ASKS_FOR - now).total_seconds())
        answer = Response(said.model_dump_json(), mimetype="application/json")
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _rate(self, counter: str) -> ResponseReturnValue:
        """Counted, or passed over if it is too late for that visit: nobody is told which."""
        visit = self._last_visit(self._writer.hall, counter, self._clock() - ASKS_FOR - LATE)
        if visit and visit.id == request.form.get("visit"):
            self._ratings.rate(visit, request.form.get("score", type=int))
        return "", 204

    def _last_visit(self, hall: Hall, counter: str, since: datetime) -> Ticket | None:
        """The visit that this counter completed last, if that was not before `since` and it is not rated yet."""
        ended = (one for one in reversed([*hall.in_state(State.COMPLETED)]) if one.ended_at)
        last = next((one for one in ended if one.counter == hall.counter(counter).id), None)
        return last if last and last.ended_at and last.ended_at >= since and self._ratings.may(last) else None
