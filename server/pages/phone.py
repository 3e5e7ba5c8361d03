"""A ticket on its visitor's phone: how it stands, in sentences, more time, and the way out of the line.

Whoever knows a ticket's id, which only its slip says, sees the page of that ticket, and may set it aside for a while
or give it up. Nothing here names another ticket, or takes a number for an id.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field

from dawr.errors import ActionRefused, NoMoreTime
from dawr.hall import Hall
from dawr.ids import new_id
from dawr.messages import CancelTicket, Command, Message, StepAside, StepBack
from dawr.slip import turn_sentences
from dawr.tickets import MOST_STEPS_ASIDE, Action, EndedBy, State, Ticket
from dawr.views import ticket_view
from dawr.words import Words
from server.keeping.writer import Writer
from server.pages.ratings import Ratings
from server.pages.site import Page, guarded

SOON, NEAR = 2, 8
"""People ahead: with so few the visitor should be near the counters; with so few the phone asks more often."""
OFTEN_S, SOMETIMES_S, SELDOM_S = 5, 10, 25


class Standing(Message):
    """How a ticket stands, for its visitor; the page polls this."""

    state: State | None
    """Where it is in its life; none if it is not of today."""
    counter: str | None = None
    """Number over the counter that it is, or was, called to."""
    calls: str = ""
    """Another one after each call and recall, so that the phone rings once for each."""
    title: str
    """The most important, in few words."""
    says: list[str]
    """The rest, sentence by sentence."""
    may_leave: bool = False
    """Whether the visitor can give the number up now."""
    may_step_aside: bool = False
    """Whether the visitor can ask for more time now."""
    may_step_back: bool = False
    """Whether the visitor can say now to be ready."""
    may_rate: bool = False
    """Whether the visitor can say now how the visit was."""
    again_s: int | None = Field(gt=0)
    """Seconds until it is worth to ask again; none when nothing can change any more."""


class Shows(Protocol):
    """Makes the answer that shows a page in some words."""

    def __call__(self, page: Page, words: Words, facts: Mapping[str, Any]) -> Response: ...


class Phone:
    """The pages of tickets; `show` makes a page."""

    def __init__(self, writer: Writer, show: Shows, ratings: Ratings) -> None:
        self._writer, self._show, self._ratings = writer, show, ratings
        self._about = Page("/t/{code}", "phone", self._facts)

    def blueprint(self) -> Blueprint:
        """The page, what it polls, and what a visitor can do."""
        phone = Blueprint("phone", __name__, url_prefix="/t")
        phone.add_url_rule("/<code>", "page", self._page)
        phone.add_url_rule("/<code>.json", "standing", self._polled)
        for name, may, make in _PRESSES:
            phone.add_url_rule(f"/<code>/{name}", name, self._presser(may, make), methods=["POST"])
        phone.add_url_rule("/<code>/feedback", "feedback", self._rate, methods=["POST"])
        phone.after_request(guarded)
        return phone

    def _page(self, code: str) -> ResponseReturnValue:
        hall = self._writer.hall
        answer = self._show(self._about, self._words(hall, code), self._facts(hall, code))
        answer.status_code = 200 if code in hall.tickets else 404
        return answer

    def _facts(self, hall: Hall, code: str) -> Mapping[str, Any]:
        words, ticket = self._words(hall, code), hall.tickets.get(code)
        return {
            "standing": standing(hall, ticket, words, self._ratings).model_dump(mode="json"),
            "ticket": ticket
            and {
                "number": words.number(ticket.number),
                "service": words.of(hall.centre.service[ticket.service].name),
                "taken": words.time(ticket.joined_at.astimezone(hall.centre.zone)),
            },
            "most_steps_aside": MOST_STEPS_ASIDE,
        }

    def _polled(self, code: str) -> Response:
        hall = self._writer.hall
        ticket = hall.tickets.get(code)
        view = standing(hall, ticket, self._words(hall, code), self._ratings)
        answer = Response(view.model_dump_json(), 200 if ticket else 404, mimetype="application/json")
        answer.headers["Cache-Control"] = "no-cache"
        answer.add_etag()
        answer.make_conditional(request)
        return answer

    def _presser(self, may: Callable[[Ticket], bool], make: Callable[[str], Command]) -> Callable[[str], Any]:
        def press(code: str) -> ResponseReturnValue:
            """Back to the page in any case: it says what became of the ticket."""
            ticket = self._writer.hall.tickets.get(code)
            if ticket and may(ticket):
                with suppress(ActionRefused, NoMoreTime):  # somebody was faster
                    self._writer.do(make(code), new_id())
            return self._back(code)

        return press

    def _rate(self, code: str) -> ResponseReturnValue:
        ticket = self._writer.hall.tickets.get(code)
        if ticket and self._ratings.may(ticket):
            self._ratings.rate(ticket, request.form.get("score", type=int))
        return self._back(code)

    def _back(self, code: str) -> ResponseReturnValue:
        return redirect(url_for("phone.page", code=code, language=request.args.get("language")), 303)

    def _words(self, hall: Hall, code: str) -> Words:
        """Those that the visitor asks for, or that the slip is in."""
        about, ticket = hall.centre.centre, hall.tickets.get(code)
        asked = request.args.get("language") or (ticket.language if ticket else None)
        asked = asked or request.accept_languages.best_match(about.languages)
        return Words(asked if asked in about.languages else about.languages[0], about.digits)


def standing(hall: Hall, ticket: Ticket | None, words: Words, ratings: Ratings) -> Standing:
    """How a ticket of today stands; None is one that is not known today."""
    if ticket is None:
        return Standing(state=None, title=words("phone.unknown"), says=[words("phone.unknown_how")], again_s=SELDOM_S)
    title, says = _SAID[ticket.state](hall, ticket, words)
    if ticket.can(Action.STEP_ASIDE) and not _may_step_aside(ticket):
        says = [*says, words("phone.no_more_time", times=MOST_STEPS_ASIDE)]
    return Standing(
        state=ticket.state,
        counter=ticket.counter and words.number(ticket.counter),
        calls=f"{ticket.called_at:%H%M%S}-{ticket.recalls}" if ticket.called_at else "",
        title=title,
        says=[*says, words("phone.rated")] if ratings.has(ticket.id) else says,
        may_leave=_may_leave(ticket),
        may_step_aside=_may_step_aside(ticket),
        may_step_back=_may_step_back(ticket),
        may_rate=ratings.may(ticket),
        again_s=_again_s(hall, ticket),
    )


def _may_leave(ticket: Ticket) -> bool:
    """Who stands at the counter says it there."""
    return ticket.can(Action.CANCEL) and ticket.state is not State.SERVING


def _may_step_aside(ticket: Ticket) -> bool:
    return ticket.can(Action.STEP_ASIDE) and ticket.steps_aside < MOST_STEPS_ASIDE


def _may_step_back(ticket: Ticket) -> bool:
    return ticket.can(Action.STEP_BACK) and ticket.stepped_aside


_PRESSES: tuple[tuple[str, Callable[[Ticket], bool], Callable[[str], Command]], ...] = (
    ("leave", _may_leave, lambda code: CancelTicket(ticket=code, by=EndedBy.VISITOR)),
    ("aside", _may_step_aside, lambda code: StepAside(ticket=code)),
    ("ready", _may_step_back, lambda code: StepBack(ticket=code)),
)
"""What a visitor can do with the ticket: its address, when it is possible, and its command."""


def _again_s(hall: Hall, ticket: Ticket) -> int | None:
    match ticket.state:
        case State.COMPLETED | State.CANCELLED:
            return None
        case State.WAITING if (ahead := hall.ahead_of(ticket)) > SOON:
            return SOMETIMES_S if ahead <= NEAR else SELDOM_S
        case State.WAITING | State.CALLED:
            return OFTEN_S
        case _:
            return SOMETIMES_S


_Said = tuple[str, list[str]]


def _waiting(hall: Hall, ticket: Ticket, words: Words) -> _Said:
    view = ticket_view(hall, ticket)
    title, *rest = turn_sentences(words, view.ahead, view.wait_minutes)
    soon = view.ahead is not None and view.ahead <= SOON
    return title, [*rest, words("phone.soon" if soon else "phone.watch")]


def _called(_hall: Hall, ticket: Ticket, words: Words) -> _Said:
    again = [words("phone.called_again")] if ticket.recalls else []
    return words("phone.called", counter=ticket.counter), [*again, words("phone.called_how")]


def _parked(hall: Hall, ticket: Ticket, words: Words) -> _Said:
    if not ticket.stepped_aside:
        return _plain("parked")(hall, ticket, words)
    ahead = hall.ahead_of(ticket)
    place = words("phone.ahead_of_place", count=ahead) if ahead else words("phone.next_of_place")
    return words("phone.aside"), [place, words("phone.aside_how")]


def _plain(key: str) -> Callable[[Hall, Ticket, Words], _Said]:
    def said(_hall: Hall, ticket: Ticket, words: Words) -> _Said:
        return words(f"phone.{key}", counter=ticket.counter), [words(f"phone.{key}_how", counter=ticket.counter)]

    return said


def _cancelled(_hall: Hall, ticket: Ticket, words: Words) -> _Said:
    return words("phone.cancelled"), [words(f"phone.cancelled_by.{ticket.ended_by or EndedBy.COUNTER}")]


_SAID: dict[State, Callable[[Hall, Ticket, Words], _Said]] = {
    State.WAITING: _waiting,
    State.CALLED: _called,
    State.SERVING: _plain("serving"),
    State.PARKED: _parked,
    State.COMPLETED: _plain("completed"),
    State.NO_SHOW: _plain("no_show"),
    State.CANCELLED: _cancelled,
}
"""What is said in each state."""
