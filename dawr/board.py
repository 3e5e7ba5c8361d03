"""What the boards of a hall show, whole: the latest calls, who is at which counter, how many wait.

Everybody sees it, so there is no ticket's id in it: that is what opens the ticket on a phone.
"""

from datetime import date

from pydantic import Field

from dawr.hall import CALLS_SHOWN, Call, CounterState, Hall
from dawr.messages import Instant, Message
from dawr.tickets import AT_COUNTER, State

_OFF_THE_BOARD = frozenset({State.WAITING, State.CANCELLED})


class BoardCall(Message):
    """One line of the board: a number and where it goes."""

    call: int
    """Sequence of the call or recall; a higher one than seen before is announced."""
    number: str
    """What people read."""
    counter: str
    """Id of the counter."""
    line: str
    """Id of the line."""
    language: str
    """Language of the visitor."""
    state: State
    """State of the ticket now."""
    called_at: Instant
    """When it was called or recalled."""
    recalls: int
    """How often it was recalled."""


class BoardWaiting(Message):
    """How many wait in a line."""

    line: str
    """Id of the line."""
    letter: str
    """Its letter."""
    waiting: int
    """People."""


class BoardCounter(Message):
    """A counter and whom it serves."""

    counter: str
    """Id of the counter."""
    state: CounterState
    """Whether it calls people."""
    number: str | None = None
    """Number of the visit in progress."""


class Board(Message):
    """The whole board; each change sends it anew."""

    epoch: str
    """Id born with the log; another one means another log."""
    sequence: int
    """Sequence of the last event it shows."""
    at: Instant
    """When it was made, by the server's clock."""
    day: date | None
    """The business day."""
    calls: list[BoardCall] = Field(max_length=CALLS_SHOWN)
    """The latest calls, newest first, each ticket once."""
    waiting: list[BoardWaiting]
    """Every line, in the order of the settings."""
    counters: list[BoardCounter]
    """Every counter, in the order of the settings."""


def board(hall: Hall, epoch: str, at: Instant) -> Board:
    """The board of a hall."""
    waiting = hall.waiting()
    return Board(
        epoch=epoch,
        sequence=hall.sequence,
        at=at,
        day=hall.day,
        calls=[_call(hall, call) for call in _latest(hall)],
        waiting=[BoardWaiting(line=one.id, letter=one.letter, waiting=waiting[one.id]) for one in hall.centre.lines],
        counters=[
            BoardCounter(
                counter=one.id, state=one.state, number=hall.tickets[one.ticket].number if one.ticket else None
            )
            for one in hall.counters.values()
        ],
    )


def _latest(hall: Hall) -> list[Call]:
    """The newest call of each ticket, newest first; who waits again, has stepped aside or left is off the board."""
    latest: dict[str, Call] = {}
    for call in reversed(hall.calls):
        ticket = hall.tickets[call.ticket]
        moved = ticket.state in AT_COUNTER and ticket.counter != call.counter
        if ticket.state not in _OFF_THE_BOARD and not moved and not ticket.stepped_aside:
            latest.setdefault(call.ticket, call)
    return list(latest.values())[:CALLS_SHOWN]


def _call(hall: Hall, call: Call) -> BoardCall:
    ticket = hall.tickets[call.ticket]
    return BoardCall(
        call=call.sequence,
        number=ticket.number,
        counter=call.counter,
        line=ticket.line,
        language=ticket.language,
        state=ticket.state,
        called_at=call.at,
        recalls=ticket.recalls,
    )
