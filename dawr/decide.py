"""What a command means now: the hall and a command give events, or a refusal that changes nothing.

One function a command, found through `_DECISIONS`. The hall is only read here.
"""

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from typing import Any

from dawr import calling
from dawr.clock import Moment, joined_at
from dawr.errors import (
    ActionRefused,
    ChangedSince,
    CounterBusy,
    CounterNotOpen,
    ForeignNumber,
    NoMoreTime,
    NothingToDo,
    NothingToUndo,
    NotOffered,
    NumberTaken,
    RecallFirst,
    ReferenceNotWanted,
    UnknownClass,
    UnknownIssuer,
    UnknownKiosk,
    UnknownLanguage,
    UnknownLine,
    UnknownService,
)
from dawr.hall import CounterState, Hall, LastAction
from dawr.hours import business_day, offer
from dawr.messages import (
    ActionUndone,
    AskCopy,
    CallNext,
    CallTicket,
    CancelTicket,
    ClockJumped,
    CloseCounter,
    Command,
    Complete,
    CopyAsked,
    CopyEnded,
    CounterClosed,
    CounterOpened,
    CounterPaused,
    DayStarted,
    EndCopy,
    Event,
    FeedbackGiven,
    GiveFeedback,
    HandIn,
    IssueTicket,
    MarkNoShow,
    NoteClock,
    NumberSkipped,
    OfferService,
    OpenCounter,
    Park,
    PrintedTicket,
    Recall,
    Resume,
    Serve,
    ServiceOffered,
    ServiceStopped,
    SkipNumber,
    StartDay,
    StepAside,
    StepBack,
    StopService,
    TakeBreak,
    TicketCalled,
    TicketCancelled,
    TicketCarried,
    TicketCompleted,
    TicketIssued,
    TicketMissed,
    TicketParked,
    TicketRecalled,
    TicketResumed,
    TicketServed,
    TicketSteppedAside,
    TicketSteppedBack,
    TicketTransferred,
    Transfer,
    Undo,
)
from dawr.numbers import format_number, parse_number
from dawr.settings.centre import SERVER, Line, Service
from dawr.tickets import AT_COUNTER, MOST_STEPS_ASIDE, Action, EndedBy, Place, State, Ticket

UNDO = timedelta(seconds=10)
_UNSERVED = (State.WAITING, State.PARKED)
_INSTANT = timedelta(microseconds=1)


def decide(hall: Hall, command: Command, now: datetime, new_id: str) -> list[Event]:
    """The events that a command makes of this hall, in order; a refusal is raised and nothing has changed.

    `now` is aware UTC and not before the hall's last event; `new_id` names the ticket that the command may give.
    """
    return _DECISIONS[type(command)](hall, command, now, new_id)


def _issue(hall: Hall, command: IssueTicket, now: datetime, new_id: str) -> list[Event]:
    service = _service(hall, command.service)
    # The hours close the kiosks; who stands at the reception is helped or not by those who work there.
    about = offer(hall.centre, service, None, hall.issued_for[service.id], hall.stopped.get(service.id))
    if not about.open:
        raise NotOffered(f"{service.id} takes no tickets now", why=about.why, values=about.facts, reason=about.reason)
    if command.reference and not service.needs_reference:
        raise ReferenceNotWanted(f"{service.id} does not ask for a reference", service=service.id)
    language = command.language or hall.centre.centre.languages[0]
    if language not in hall.centre.centre.languages:
        raise UnknownLanguage(f"the centre does not speak {language}", language=language)
    line = hall.centre.line[service.line]
    count = hall.centre.ranges[SERVER].count_of(hall.issued[SERVER][line.id])
    return [
        TicketIssued(
            at=now,
            ticket=new_id,
            number=format_number(line.letter, count),
            day=_day(hall, now),
            service=service.id,
            line=line.id,
            visitor_class=command.visitor_class,
            language=language,
            reference=command.reference,
            issuer=SERVER,
            joined_at=now,
            counted_from=calling.counted_from(now, _credit(hall, command.visitor_class)),
        )
    ]


def _hand_in(hall: Hall, command: HandIn, now: datetime, _new_id: str) -> list[Event]:
    """Every printed ticket is taken, even a late one of a day that is over; what is known already is passed over."""
    if command.issuer == SERVER or command.issuer not in hall.centre.ranges:
        raise UnknownIssuer(f"{command.issuer} owns no numbers in this centre", issuer=command.issuer)
    events: list[Event] = []
    taken = {ticket.number: ticket.id for ticket in hall.tickets.values() if ticket.day == hall.day}
    fresh = {printed.id: printed for printed in command.tickets if printed.id not in hall.tickets}
    joined = _joining_times(command.sent, fresh.values(), now)
    for printed in fresh.values():
        issued = _handed_in(hall, command.issuer, printed, joined[printed.id], now)
        if issued.day == hall.day and taken.setdefault(issued.number, issued.ticket) != issued.ticket:
            raise NumberTaken(
                f"{issued.number} was given twice on one day", number=issued.number, issuer=command.issuer
            )
        events.append(issued)
        if issued.day != hall.day:
            events.append(TicketCancelled(at=now, ticket=issued.ticket, by=EndedBy.DAY_END))
    return events


def _skip(hall: Hall, command: SkipNumber, now: datetime, _new_id: str) -> list[Event]:
    """What a lost journal did not know of can have been handed in before; a number is skipped only once."""
    if command.issuer == SERVER or command.issuer not in hall.centre.ranges:
        raise UnknownIssuer(f"{command.issuer} owns no numbers in this centre", issuer=command.issuer)
    if command.line not in hall.centre.line:
        raise UnknownLine(f"there is no line {command.line}", line=command.line)
    _check_owner(hall, command.issuer, hall.centre.line[command.line], command.number)
    is_taken = command.day == hall.day and hall.has_number(command.number)
    if is_taken and command.why == "not_printed":
        raise NumberTaken(f"{command.number} is a ticket", number=command.number, issuer=command.issuer)
    if is_taken or (command.day, command.number) in hall.skipped:
        return []
    return [
        NumberSkipped(
            at=now,
            issuer=command.issuer,
            line=command.line,
            number=command.number,
            day=command.day,
            why=command.why,
        )
    ]


def _ask_copy(hall: Hall, command: AskCopy, now: datetime, new_id: str) -> list[Event]:
    ticket = hall.ticket(command.ticket)
    kiosk = _kiosk(hall, command.kiosk or ticket.issuer)
    return [CopyAsked(at=now, id=new_id, ticket=ticket.id, number=ticket.number, kiosk=kiosk)]


def _end_copy(hall: Hall, command: EndCopy, now: datetime, _new_id: str) -> list[Event]:
    known = hall.copies.get(command.id)
    if known and known.outcome:
        return []
    return [
        CopyEnded(
            at=now,
            id=command.id,
            ticket=command.ticket,
            number=command.number,
            kiosk=_kiosk(hall, command.kiosk),
            asked_by=command.asked_by,
            outcome=command.outcome,
            why=command.why,
        )
    ]


def _joining_times(sent: Moment, tickets: Collection[PrintedTicket], now: datetime) -> dict[str, datetime]:
    """When tickets joined, by their ids, in the order in which they were given.

    What is known of each is the latest that it can have been, and so none joined after one that was given later.
    """
    latest, times = now, {}
    for printed in reversed([*tickets]):
        latest = min(latest, joined_at(printed.issued, sent, now))
        times[printed.id] = latest
        latest -= _INSTANT
    return times


def _in_order(hall: Hall, issuer: str, number: str, joined: datetime, now: datetime) -> datetime:
    """Not before those who wait already with an earlier number of the same kiosk.

    A message that was long on its way must not put A012 behind A013, who stands beside it and can read.
    """
    day, (letter, count) = business_day(hall.centre, joined), parse_number(number)
    part = hall.centre.part_of(issuer, count)
    waiting = (
        one.joined_at + _INSTANT
        for one in hall.tickets.values()
        if one.state is State.WAITING and (one.issuer, one.day) == (issuer, day)
        if one.number.startswith(letter) and parse_number(one.number)[1] < count
        # Spare numbers are higher than those that the kiosk gives before and after them.
        if part.holds(parse_number(one.number)[1])
    )
    return min(max([joined, *waiting]), now)


def _handed_in(hall: Hall, issuer: str, printed: PrintedTicket, joined: datetime, now: datetime) -> TicketIssued:
    service = _service(hall, printed.service)
    line = hall.centre.line[service.line]
    _check_owner(hall, issuer, line, printed.number)
    joined = _in_order(hall, issuer, printed.number, joined, now)
    return TicketIssued(
        at=now,
        ticket=printed.id,
        number=printed.number,
        day=_day(hall, joined),
        service=service.id,
        line=line.id,
        visitor_class=printed.visitor_class,
        language=printed.language,
        reference=printed.reference if service.needs_reference else None,
        issuer=issuer,
        joined_at=joined,
        counted_from=calling.counted_from(joined, _credit(hall, printed.visitor_class)),
        in_doubt=printed.in_doubt,
        spare=hall.centre.part_of(issuer, parse_number(printed.number)[1]).spare,
    )


def _check_owner(hall: Hall, issuer: str, line: Line, number: str) -> None:
    try:
        letter, count = parse_number(number)
        hall.centre.part_of(issuer, count)
    except ValueError:
        letter = ""
    if letter != line.letter:
        raise ForeignNumber(f"{issuer} owns no number {number} in line {line.id}", number=number, issuer=issuer)


def _cancel(hall: Hall, command: CancelTicket, now: datetime, _new_id: str) -> list[Event]:
    ticket = hall.ticket(command.ticket)
    _allow(ticket, Action.CANCEL)
    return [TicketCancelled(at=now, ticket=ticket.id, by=command.by)]


def _step_aside(hall: Hall, command: StepAside, now: datetime, _new_id: str) -> list[Event]:
    ticket = hall.ticket(command.ticket)
    _allow(ticket, Action.STEP_ASIDE)
    if ticket.steps_aside >= MOST_STEPS_ASIDE:
        raise NoMoreTime(f"{ticket.number} has stepped aside before", number=ticket.number, count=MOST_STEPS_ASIDE)
    return [TicketSteppedAside(at=now, ticket=ticket.id)]


def _step_back(hall: Hall, command: StepBack, now: datetime, _new_id: str) -> list[Event]:
    ticket = hall.ticket(command.ticket)
    _allow(ticket, Action.STEP_BACK)
    if not ticket.stepped_aside:
        raise ActionRefused(
            f"a clerk set {ticket.number} aside",
            number=ticket.number,
            state=ticket.state.value,
            action=Action.STEP_BACK.value,
        )
    return [TicketSteppedBack(at=now, ticket=ticket.id)]


def _call_next(hall: Hall, command: CallNext, now: datetime, _new_id: str) -> list[Event]:
    events = [*_opened(hall, command.counter, now), *_ended_visit(hall, command.counter, now)]
    following = calling.pick(hall.eligible_at(command.counter))
    if following:
        events.append(TicketCalled(at=now, counter=command.counter, ticket=following.id))
    return events


def _call(hall: Hall, command: CallTicket, now: datetime, _new_id: str) -> list[Event]:
    ticket = hall.ticket(command.ticket)
    _allow(ticket, Action.CALL)
    by_rule = ticket.state is State.WAITING and calling.pick(hall.eligible_at(command.counter)) == ticket
    return [
        *_opened(hall, command.counter, now),
        *_ended_visit(hall, command.counter, now),
        TicketCalled(at=now, counter=command.counter, ticket=ticket.id, out_of_order=not by_rule),
    ]


def _recall(hall: Hall, command: Recall, now: datetime, _new_id: str) -> list[Event]:
    ticket = _present(hall, command.counter, Action.RECALL)
    return [TicketRecalled(at=now, counter=command.counter, ticket=ticket.id)]


def _serve(hall: Hall, command: Serve, now: datetime, _new_id: str) -> list[Event]:
    ticket = _present(hall, command.counter, Action.SERVE)
    return [TicketServed(at=now, counter=command.counter, ticket=ticket.id)]


def _complete(hall: Hall, command: Complete, now: datetime, _new_id: str) -> list[Event]:
    ticket = _present(hall, command.counter, Action.COMPLETE)
    return [TicketCompleted(at=now, counter=command.counter, ticket=ticket.id)]


def _no_show(hall: Hall, command: MarkNoShow, now: datetime, _new_id: str) -> list[Event]:
    ticket = _present(hall, command.counter, Action.MARK_NO_SHOW)
    missing = hall.centre.centre.recalls_before_no_show - ticket.recalls
    if missing > 0:
        raise RecallFirst(f"recall {ticket.number} {missing} more times first", number=ticket.number, count=missing)
    return [TicketMissed(at=now, counter=command.counter, ticket=ticket.id)]


def _park(hall: Hall, command: Park, now: datetime, _new_id: str) -> list[Event]:
    ticket = _present(hall, command.counter, Action.PARK)
    return [TicketParked(at=now, counter=command.counter, ticket=ticket.id, reason=command.reason)]


def _resume(hall: Hall, command: Resume, now: datetime, _new_id: str) -> list[Event]:
    hall.counter(command.counter)
    ticket = hall.ticket(command.ticket)
    _allow(ticket, Action.RESUME)
    return [TicketResumed(at=now, counter=command.counter, ticket=ticket.id)]


def _transfer(hall: Hall, command: Transfer, now: datetime, _new_id: str) -> list[Event]:
    hall.counter(command.counter)
    ticket = hall.ticket(command.ticket) if command.ticket else _present(hall, command.counter, Action.TRANSFER)
    _allow(ticket, Action.TRANSFER)
    if ticket.state in AT_COUNTER and ticket.counter != command.counter:
        raise CounterBusy(
            f"{ticket.number} is at counter {ticket.counter}", number=ticket.number, counter=ticket.counter
        )
    if command.to_counter:
        hall.counter(command.to_counter)
    service = _service(hall, command.service or ticket.service)
    line = _line(hall, command.line or (service.line if command.service else ticket.line))
    return [
        TicketTransferred(
            at=now,
            counter=command.counter,
            ticket=ticket.id,
            service=service.id,
            line=line.id,
            to_counter=command.to_counter,
            place=command.place,
            counted_from=_counted_from(hall, ticket, line, command.place, now),
        )
    ]


def _undo(hall: Hall, command: Undo, now: datetime, _new_id: str) -> list[Event]:
    action = undoable(hall, command.counter, now)
    if action is None or command.last not in (None, action.last):
        raise NothingToUndo(f"counter {command.counter} has nothing to undo", counter=command.counter)
    for id, after in action.after.items():
        if not _same_but_for_overtaking(hall.tickets[id], after):
            raise ChangedSince(f"{after.number} was changed since", number=after.number)
    return [ActionUndone(at=now, counter=command.counter, undone=action.last)]


def undoable(hall: Hall, counter: str, now: datetime) -> LastAction | None:
    """The action that the counter can still take back, or None."""
    hall.counter(counter)
    action = hall.last_actions.get(counter)
    return action if action and now - action.at <= UNDO else None


def _open(hall: Hall, command: OpenCounter, now: datetime, _new_id: str) -> list[Event]:
    lines = command.lines if command.lines is not None else hall.counter(command.counter).lines
    known = [_line(hall, line).id for line in dict.fromkeys(lines)]
    hall.counter(command.counter)
    return [CounterOpened(at=now, counter=command.counter, lines=tuple(known))]


def _close(hall: Hall, command: CloseCounter, now: datetime, _new_id: str) -> list[Event]:
    return [*_ended_visit(hall, command.counter, now), CounterClosed(at=now, counter=command.counter)]


def _break(hall: Hall, command: TakeBreak, now: datetime, _new_id: str) -> list[Event]:
    if hall.counter(command.counter).state is CounterState.CLOSED:
        raise CounterNotOpen(f"counter {command.counter} is closed", counter=command.counter)
    ended = _ended_visit(hall, command.counter, now)
    return [*ended, CounterPaused(at=now, counter=command.counter, reason=command.reason)]


def _stop(hall: Hall, command: StopService, now: datetime, _new_id: str) -> list[Event]:
    return [ServiceStopped(at=now, service=_service(hall, command.service).id, reason=command.reason)]


def _offer(hall: Hall, command: OfferService, now: datetime, _new_id: str) -> list[Event]:
    return [ServiceOffered(at=now, service=_service(hall, command.service).id)]


def _feedback(hall: Hall, command: GiveFeedback, now: datetime, _new_id: str) -> list[Event]:
    return [FeedbackGiven(at=now, service=_service(hall, command.service).id, score=command.score)]


def _start_day(hall: Hall, command: StartDay, now: datetime, _new_id: str) -> list[Event]:
    if hall.day is not None and command.day <= hall.day:
        return []
    left: list[Event] = []
    carried: list[Event] = []
    for ticket in hall.tickets.values():
        if ticket.state in _UNSERVED and business_day(hall.centre, ticket.joined_at) >= command.day:
            # The clock was behind when it was taken, and has been put right since.
            carried.append(_carried(ticket, command.day, now))
        elif ticket.state is State.SERVING and ticket.counter:
            left.append(TicketCompleted(at=now, counter=ticket.counter, ticket=ticket.id, by=EndedBy.DAY_END))
        elif ticket.can(Action.CANCEL):
            left.append(TicketCancelled(at=now, ticket=ticket.id, by=EndedBy.DAY_END))
    return [*left, DayStarted(at=now, day=command.day), *carried]


def _carried(ticket: Ticket, day: date, now: datetime) -> TicketCarried:
    return TicketCarried(
        at=now,
        ticket=ticket.id,
        number=ticket.number,
        day=day,
        service=ticket.service,
        line=ticket.line,
        visitor_class=ticket.visitor_class,
        language=ticket.language,
        reference=ticket.reference,
        issuer=ticket.issuer,
        joined_at=ticket.joined_at,
        counted_from=ticket.counted_from,
        in_doubt=ticket.in_doubt,
    )


def _note_clock(_hall: Hall, command: NoteClock, now: datetime, _new_id: str) -> list[Event]:
    return [
        ClockJumped(
            at=now, seconds=command.seconds, followed=command.followed, trust=command.trust, since=command.since
        )
    ]


_Decision = Callable[[Hall, Any, datetime, str], list[Event]]

_DECISIONS: dict[type[Command], _Decision] = {
    IssueTicket: _issue,
    HandIn: _hand_in,
    SkipNumber: _skip,
    AskCopy: _ask_copy,
    EndCopy: _end_copy,
    CancelTicket: _cancel,
    StepAside: _step_aside,
    StepBack: _step_back,
    CallNext: _call_next,
    CallTicket: _call,
    Recall: _recall,
    Serve: _serve,
    Complete: _complete,
    MarkNoShow: _no_show,
    Park: _park,
    Resume: _resume,
    Transfer: _transfer,
    Undo: _undo,
    OpenCounter: _open,
    CloseCounter: _close,
    TakeBreak: _break,
    StopService: _stop,
    OfferService: _offer,
    GiveFeedback: _feedback,
    StartDay: _start_day,
    NoteClock: _note_clock,
}


def _day(hall: Hall, at: datetime) -> date:
    """The business day of an instant; while nobody knows the time, the day that runs goes on."""
    day = business_day(hall.centre, at)
    return min(day, hall.day) if hall.day else day


def _opened(hall: Hall, counter: str, now: datetime) -> list[Event]:
    """Pressing next opens a counter that was closed or on a break: nobody has to know another button first."""
    state = hall.counter(counter)
    return [] if state.state is CounterState.OPEN else [CounterOpened(at=now, counter=counter, lines=state.lines)]


def _ended_visit(hall: Hall, counter: str, now: datetime) -> list[Event]:
    present = hall.counter(counter).ticket
    return [TicketCompleted(at=now, counter=counter, ticket=present)] if present else []


def _present(hall: Hall, counter: str, action: Action) -> Ticket:
    """The ticket at the counter, if the action is possible with it."""
    present = hall.counter(counter).ticket
    if present is None:
        raise NothingToDo(f"nobody is at counter {counter}", counter=counter, action=action.value)
    ticket = hall.tickets[present]
    _allow(ticket, action)
    return ticket


def _allow(ticket: Ticket, action: Action) -> None:
    ticket.after(action)


def _counted_from(hall: Hall, ticket: Ticket, line: Line, place: Place, now: datetime) -> datetime:
    if place is Place.LAST:
        return now
    waiting = (one.counted_from for one in hall.tickets.values() if one.state is State.WAITING and one.line == line.id)
    if place is Place.FIRST:
        return min([ticket.counted_from, *(at - timedelta(microseconds=1) for at in waiting)])
    return calling.counted_from(ticket.joined_at, _credit(hall, ticket.visitor_class))


def _same_but_for_overtaking(one: Ticket, other: Ticket) -> bool:
    return (one.state, one.line, one.counter, one.called_at, one.ended_at, one.recalls, one.steps_aside) == (
        other.state,
        other.line,
        other.counter,
        other.called_at,
        other.ended_at,
        other.recalls,
        other.steps_aside,
    )


def _credit(hall: Hall, visitor_class: str | None) -> timedelta:
    if visitor_class is None:
        return timedelta()
    known = hall.centre.visitor_class.get(visitor_class)
    if known is None:
        raise UnknownClass(f"there is no class {visitor_class}", visitor_class=visitor_class)
    return timedelta(minutes=known.credit_minutes)


def _service(hall: Hall, id: str) -> Service:
    if id not in hall.centre.service:
        raise UnknownService(f"there is no service {id}", service=id)
    return hall.centre.service[id]


def _kiosk(hall: Hall, id: str) -> str:
    if id not in {kiosk.id for kiosk in hall.centre.kiosks}:
        raise UnknownKiosk(f"there is no kiosk {id}", kiosk=id)
    return id


def _line(hall: Hall, id: str) -> Line:
    if id not in hall.centre.line:
        raise UnknownLine(f"there is no line {id}", line=id)
    return hall.centre.line[id]
