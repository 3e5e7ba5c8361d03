"""The writer: the one place where a command becomes stored events, and the only one that changes the hall.

One loop takes the commands that wait, stores them with one COMMIT (group commit), then answers each caller, then
tells what is new. SQLite works through `off_loop`, so that a slow disk never stops an event loop.

Readers get `hall`, a copy published after each COMMIT: they wait for nobody, and see nothing that is not stored. (A
lock would hold every reader, and the dispatcher, for as long as the next COMMIT takes.)
"""

import errno
import hashlib
import json
import logging
import queue
import sqlite3
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from dawr.clock import Moment
from dawr.decide import decide
from dawr.errors import BeginsAnew, DawrError, KeyReused, NumberTaken, StorageFailed
from dawr.hall import Hall, rebuild
from dawr.hours import business_day
from dawr.ids import new_id
from dawr.messages import Command, Event, HandIn, NoteClock, StartDay, TicketIssued, to_wire
from dawr.settings.centre import Centre
from server.access.who import ANYBODY, Who
from server.keeping.answers import answer
from server.keeping.log import Answer, Log

MOST_AT_ONCE = 64
ANSWERS_KEPT = timedelta(days=14)
"""For so long a command that is sent again is answered as the first time. (Tickets are known for ever.)"""

OffLoop = Callable[[Callable[[], Any]], Any]
"""Runs a function where it may block, waits for it without stopping anybody else, and gives what it gave."""

Do = Callable[[Command, str | None, Who], dict[str, Any]]
"""Does a command with an id that somebody sends and gives its answer, as `Writer.do`."""

_log = logging.getLogger(__name__)
_STOP: Final = object()
_LOOK: Final = object()
_EVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stored:
    """What one COMMIT stored, for those who count: its events, and how long it took."""

    events: list[Event]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A command that waits for its answer."""

    command: Command
    id: str
    ticket: str
    answer: "Future[dict[str, Any]]"
    who: Who = ANYBODY


@dataclass(frozen=True, slots=True)
class _Last:
    """Work after which there are no more commands."""

    work: Callable[[], Any]
    outcome: "Future[Any]"


_Outcome = dict[str, Any] | DawrError


class Writer:
    """Does commands, one after the other.

    `clock` gives aware UTC, `knows_the_day` whether a day may begin by it, and `look_at_clock` the note of a jump of it
    if there was one since; `has_clock_news` says whether it will, `hear_clock` takes the time of a device, `dated` puts
    that into the time of the log. `on_stored` hears of each COMMIT that stored events, after its callers were answered;
    `most_at_once` commands share one COMMIT.
    """

    def __init__(
        self,
        centre: Centre,
        log: Log,
        clock: Callable[[], datetime],
        off_loop: OffLoop = lambda work: work(),
        on_stored: Callable[[Stored], None] = lambda _stored: None,
        most_at_once: int = MOST_AT_ONCE,
        *,
        knows_the_day: Callable[[], bool] = lambda: True,
        look_at_clock: Callable[[], NoteClock | None] = lambda: None,
        has_clock_news: Callable[[], bool] = lambda: False,
        hear_clock: Callable[[Moment], None] = lambda _device: None,
        dated: Callable[[Moment], Moment] = lambda moment: moment,
    ) -> None:
        self._centre, self._log, self._clock, self._off_loop = centre, log, clock, off_loop
        self._on_stored, self._most_at_once = on_stored, most_at_once
        self._knows_the_day, self._look_at_clock, self._has_clock_news = knows_the_day, look_at_clock, has_clock_news
        self._hear_clock, self._dated = hear_clock, dated
        self._kiosks = frozenset(kiosk.id for kiosk in centre.kiosks)
        self._jump: NoteClock | None = None
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._ended = False
        self._notes: list[str] = []
        self._working: Hall | None = rebuild(centre, log.today())
        self.hall = self._working.copy()
        """The hall as it is stored; not to be changed."""
        self.trouble: str | None = None
        """Why nothing can be stored at present."""

    def do(self, command: Command, id: str | None = None, who: Who = ANYBODY) -> dict[str, Any]:
        """Do a command and wait until it is stored; a command id that came before is answered as it was then.

        `who` sends it, and is stored beside its events; anybody for the server's own commands and for visitors.

        The answer is as it goes on the wire. A refusal (`DawrError`) has changed nothing; `StorageFailed` when it
        could not be stored, so that it did not happen or is in doubt: the same id finds out.
        """
        return self.submit(command, id, who).result()

    def submit(self, command: Command, id: str | None = None, who: Who = ANYBODY) -> "Future[dict[str, Any]]":
        """The same without waiting."""
        waiting = _Waiting(command, id or new_id(), new_id(), Future(), who)
        self._put(waiting)
        return waiting.answer

    def end_with(self, work: Callable[[], Any]) -> Any:
        """Do some work after all commands that came before it, and end: later ones are refused with `BeginsAnew`.

        Gives what the work gave. When it raises, that is raised here, and the loop goes on as if nothing had been.
        """
        last = _Last(work, Future())
        self._put(last)
        return last.outcome.result()

    def start_day_if_due(self) -> None:
        """Begin the business day, if the one of the hall is over; before that, note what became of the clock."""
        if self._has_clock_news():
            self._inbox.put(_LOOK)
        today = business_day(self._centre, self._clock())
        if self._is_over(self.hall.day, today):
            self._inbox.put(_start_of(today))

    def run(self) -> None:
        """The writer's loop; ends after `stop` or `end_with`, when everything before it is stored."""
        while self._turn():
            pass
        if self._ended:
            self._refuse_the_rest()

    def run_until_idle(self) -> None:
        """The same, but only as long as something waits; for those who turn the loop themselves."""
        while not self._inbox.empty() and self._turn():
            pass

    def _turn(self) -> bool:
        """Do what can be stored together; whether the loop goes on."""
        batch, after = self._gathered()
        if batch:
            self._serve([one for one in batch if one is not _LOOK])
        return not (after is _STOP or (isinstance(after, _Last) and self._ends_with(after)))

    def _gathered(self) -> tuple[list[Any], Any]:
        """What waits and can be stored together, and what has to be done after it, if anything."""
        batch: list[Any] = []
        while len(batch) < self._most_at_once and not (batch and self._inbox.empty()):
            following = self._inbox.get()
            if following is _STOP or isinstance(following, _Last):
                return batch, following
            batch.append(following)
        return batch, None

    def _ends_with(self, last: _Last) -> bool:
        try:
            outcome = self._off_loop(last.work)
        except Exception as problem:
            last.outcome.set_exception(problem)
            return False
        self._ended = True
        last.outcome.set_result(outcome)
        return True

    def _put(self, item: Any) -> None:
        self._inbox.put(item)
        if self._ended:
            self._refuse_the_rest()

    def _refuse_the_rest(self) -> None:
        """Nobody will do it any more, and whoever sent it has to know."""
        while not self._inbox.empty():
            with suppress(queue.Empty):  # another thread refuses as well
                left = self._inbox.get_nowait()
                future = left.answer if isinstance(left, _Waiting) else getattr(left, "outcome", None)
                if future:
                    future.set_exception(BeginsAnew("the server is ending"))

    def stop(self) -> None:
        """End the loop after what waits already; what comes later waits for it to run again."""
        self._inbox.put(_STOP)

    def end(self) -> None:
        """The same for good: whoever comes later is refused with `BeginsAnew`. Waits until everything is stored."""
        with suppress(BeginsAnew):  # it has ended already
            self.end_with(lambda: None)

    def _serve(self, batch: Sequence[_Waiting]) -> None:
        outcomes, stored = self._off_loop(lambda: self._store(batch))
        for waiting, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, DawrError):
                waiting.answer.set_exception(outcome)
            else:
                waiting.answer.set_result(outcome)
        while self._notes:
            _log.error(self._notes.pop(0))
        if stored.events:
            self._on_stored(stored)

    # --- Off the loop: no locks and no logging here, they belong to the loop's thread -------------------------------

    def _store(self, batch: Sequence[_Waiting]) -> tuple[Sequence[_Outcome], Stored]:
        """All of it in one transaction; when that fails nobody is told anything but that."""
        try:
            return self._stored(batch)
        except (sqlite3.Error, OSError) as problem:
            if _disk_full(problem) and self._log.give_up_ballast():
                self._notes.append("the disk is full: the ballast was given up, make room soon")
                return self._store(batch)
            self.trouble = str(problem)
            self._notes.append(f"nothing can be stored: {problem}")
            return [StorageFailed(self.trouble)] * len(batch), Stored([], 0)

    def _stored(self, batch: Sequence[_Waiting]) -> tuple[Sequence[_Outcome], Stored]:
        began_s = time.monotonic()
        self._recover()
        news: list[Event] = []
        try:
            with self._log.transaction():
                self._note_clock(batch, news)
                outcomes = [self._outcome(waiting, news) for waiting in batch]
        except BaseException:
            self._working = None
            raise
        self._jump = None
        self.hall, self.trouble = self._hall.copy(), None
        return outcomes, Stored(news, time.monotonic() - began_s)

    def _recover(self) -> None:
        """After a failed COMMIT only the log knows what happened: open it anew and begin from there."""
        if self._working is None:
            self._log.close()
            self._log.open()
            self._working = rebuild(self._centre, self._log.today())

    def _note_clock(self, batch: Sequence[_Waiting], news: list[Event]) -> None:
        """Before anything is decided by a clock that jumped, the log says so; the next time, if that was not stored."""
        for waiting in batch:
            if isinstance(waiting.command, HandIn) and waiting.command.issuer in self._kiosks:
                self._hear_clock(waiting.command.sent)
        self._jump = self._jump or self._look_at_clock()
        if self._jump:
            self._outcome(_Waiting(self._jump, new_id(), "", Future()), news)
            self._notes.append(f"the clock jumped: {self._jump}")

    @property
    def _hall(self) -> Hall:
        assert self._working is not None
        return self._working

    def _outcome(self, waiting: _Waiting, news: list[Event]) -> _Outcome:
        fingerprint = _fingerprint(waiting.command)
        before = self._log.answer(waiting.id)
        if before:
            return _again(waiting.id, before, fingerprint)
        now = self._not_going_back(self._clock())
        today = business_day(self._centre, now)
        if self._is_over(self._hall.day, today) and not isinstance(waiting.command, StartDay | NoteClock):
            self._outcome(_start_of(today), news)
            now = self._not_going_back(now)
        try:
            with self._log.part():
                events = self._change(waiting, now)
                outcome: _Outcome = answer(self._hall, waiting.command, events, waiting.ticket, now)
                self._log.keep_answer(waiting.id, waiting.command.NAME, now, Answer(fingerprint, {"answer": outcome}))
            news += events
        except DawrError as refusal:
            self._log.keep_answer(waiting.id, waiting.command.NAME, now, Answer(fingerprint, _refused(refusal)))
            outcome = refusal
        except Exception as defect:
            if isinstance(defect, sqlite3.Error | OSError) and not isinstance(defect, sqlite3.IntegrityError):
                raise
            # A defect of ours in one command must not cost those that wait with it.
            self._notes.append(f"{waiting.command.NAME} could not be done: {traceback.format_exc()}")
            outcome = DawrError("the server has a defect, which is in its journal")
        if self._hall.sequence != self._log.sequence:
            self._working = rebuild(self._centre, self._log.today())
        return outcome

    def _not_going_back(self, now: datetime) -> datetime:
        return max(now, self._hall.last_at or _EVER)

    def _is_over(self, day: date | None, today: date) -> bool:
        """While nobody knows the time, the day that runs goes on: people who wait must not be sent away by mistake."""
        return day is None or (day < today and self._knows_the_day())

    def _change(self, waiting: _Waiting, now: datetime) -> list[Event]:
        """Decide a command, store its events and fold them."""
        events = decide(self._hall, self._without_known(waiting.command), now, waiting.ticket)
        self._refuse_taken_numbers(events)
        stored = self._log.append(waiting.id, self._hall.day, events, waiting.who)
        if stored:
            self._hall.apply(stored)
            self._log.keep_tickets(self._hall.changed.values())
        if isinstance(waiting.command, StartDay):
            self._log.forget_answers(now - ANSWERS_KEPT)
        return events

    def _without_known(self, command: Command) -> Command:
        """A kiosk may hand a ticket in again on another day, when the hall no longer knows it. What is new, dated."""
        if not isinstance(command, HandIn):
            return command
        known = self._log.known_tickets(ticket.id for ticket in command.tickets)
        tickets = tuple(
            one.model_copy(update={"issued": self._dated(one.issued)}) for one in command.tickets if one.id not in known
        )
        return command.model_copy(update={"sent": self._dated(command.sent), "tickets": tickets})

    def _refuse_taken_numbers(self, events: Sequence[Event]) -> None:
        """The hall knows the numbers of its own day only; late tickets are of days before."""
        taken: dict[tuple[date, str], str] = {}
        for event in events:
            if isinstance(event, TicketIssued) and event.day != self._hall.day:
                place = (event.day, event.number)
                owner = taken.setdefault(place, self._log.owner_of(*place) or event.ticket)
                if owner != event.ticket:
                    raise NumberTaken(
                        f"{event.number} was given twice on {event.day}", number=event.number, issuer=event.issuer
                    )


def _start_of(day: date) -> _Waiting:
    # No sender may write a space into an id: whoever sent this one first would keep the day from beginning.
    return _Waiting(StartDay(day=day), f"start-day {day}", "", Future())


def _fingerprint(command: Command) -> str:
    """The same for the same command, whatever the order of its keys was, and whatever a visitor typed.

    Of the digest of a phone number with little else the number could be found by trying.
    """
    said = json.dumps([command.NAME, _without_reference(to_wire(command))], sort_keys=True)
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def _without_reference(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_reference(one) for key, one in value.items() if key != "reference"}
    return [_without_reference(one) for one in value] if isinstance(value, list) else value


def _refused(refusal: DawrError) -> dict[str, Any]:
    return {"refused": {"code": refusal.code, "detail": str(refusal), "facts": refusal.facts}}


def _again(id: str, before: Answer, fingerprint: str) -> _Outcome:
    """What the command was answered the first time; `KeyReused` if it was another command."""
    if before.fingerprint != fingerprint:
        return KeyReused(f"{id} came before with another command", command_id=id)
    if "answer" in before.result:
        answer: dict[str, Any] = before.result["answer"]
        return answer
    refused = before.result["refused"]
    return _ERRORS[refused["code"]](refused["detail"], **refused["facts"])


def _disk_full(problem: Exception) -> bool:
    return getattr(problem, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL or (
        isinstance(problem, OSError) and problem.errno == errno.ENOSPC
    )


_ERRORS = {error.code: error for error in DawrError.__subclasses__()}
