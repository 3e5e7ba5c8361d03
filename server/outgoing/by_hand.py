"""A manager wants a day now: the buttons under the reports. What is switched on stands in the server's own settings."""

from collections.abc import Callable
from datetime import date

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from dawr.messages import Message
from dawr.settings.centre import Centre, Language
from dawr.words import Words
from server.interface.incoming import json_object, read
from server.outgoing.days import Days
from server.outgoing.failure import NotSent

Send = Callable[[date, Words], str]
"""Sends a day and says what became of it, as a sentence; `NotSent` when it was not sent."""


class Wanted(Message):
    """A day that is to be sent now."""

    day: date
    """The business day."""
    language: Language
    """In which language."""


class Told(Message):
    """What became of it."""

    sent: bool
    """Whether it was sent."""
    sentence: str
    """The same, for whoever pressed."""


class ByHand:
    """Answers the buttons; `ways` has each that is switched on."""

    def __init__(self, centre: Centre, days: Days, ways: dict[str, Send]) -> None:
        self._centre, self._days, self._ways = centre, days, ways

    def blueprint(self) -> Blueprint:
        """What the reports' page asks for: which buttons there are, and one address for each."""
        hand = Blueprint("by-hand", __name__, url_prefix="/reports")
        hand.add_url_rule("/ways", "ways", lambda: {"ways": list(self._ways)})
        for name, send in self._ways.items():
            hand.add_url_rule(f"/{name}", name, self._sender(name, send), methods=["POST"])
        return hand

    def _sender(self, name: str, send: Send) -> Callable[[], ResponseReturnValue]:
        def answer() -> ResponseReturnValue:
            if not request.is_json:
                abort(415)  # and so no other site's form can press it
            wanted = read(Wanted, json_object(request.get_data()))
            words = Words(wanted.language, self._centre.centre.digits)
            told = self._told(name, send, wanted.day, words)
            return Response(told.model_dump_json(), mimetype="application/json")

        return answer

    def _told(self, name: str, send: Send, day: date, words: Words) -> Told:
        if not self._days.had_visits(day):
            return Told(sent=False, sentence=words("daily.nothing", day=words.date(day)))
        try:
            return Told(sent=True, sentence=send(day, words))
        except NotSent as why:
            sentence = words(f"daily.not_{name}", day=words.date(day), why=words(why.key, **why.facts))
            return Told(sent=False, sentence=sentence)
