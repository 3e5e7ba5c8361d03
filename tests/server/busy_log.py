"""A log of two busy days, and of one on which clerks take things back and forget to close, and visitors come and go."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from dawr.messages import (
    CallNext,
    CallTicket,
    CancelTicket,
    IssueTicket,
    OpenCounter,
    Park,
    Recall,
    Serve,
    StartDay,
    StepAside,
    StepBack,
    TakeBreak,
    Undo,
)
from server.keeping.log import Log
from server.practice.busy_day import Move, busy_day
from server.practice.play_day import play
from tests.halls import small_centre

BUSY = (date(2026, 11, 15), date(2026, 11, 16))
LAST = date(2026, 11, 17)


def make_busy_log(folder: Path) -> None:
    """Play the three days into a new log; the night after them has begun."""
    log = Log(folder)
    for seed, day in enumerate(BUSY, 1):
        play(small_centre(), log, busy_day(small_centre(), day, 250, seed))
    morning = datetime(2026, 11, 17, 6, tzinfo=UTC)
    commands = [
        StartDay(day=LAST),
        *[IssueTicket(service="birth", language="ar") for _ in range(7)],
        OpenCounter(counter="1"),
        CallNext(counter="1"),
        Undo(counter="1"),
        CallTicket(counter="1", ticket="A905"),  # overtakes four
        CallTicket(counter="1", ticket="A903"),  # overtakes two, which is taken back; so is the end of A905
        Undo(counter="1"),
        Serve(counter="1"),
        Park(counter="1"),
        CallNext(counter="1"),  # nobody presses "serve"
        CallNext(counter="1"),
        TakeBreak(counter="1"),
        OpenCounter(counter="1"),
        StepAside(ticket="A904"),
        CallNext(counter="1"),
        OpenCounter(counter="1", lines=("civil",)),
        StepAside(ticket="A903"),
        Undo(counter="1"),  # the lines are as before, and who went away is not back
        StepBack(ticket="A903"),
        StepBack(ticket="A904"),
        CallNext(counter="1"),
        OpenCounter(counter="1", lines=("civil",)),
        CancelTicket(ticket="A903"),
        Undo(counter="1"),
        CallNext(counter="1"),
        Recall(counter="1"),
        Undo(counter="1"),
        Serve(counter="1"),
    ]
    moves = [Move(morning + timedelta(seconds=4 * place), command) for place, command in enumerate(commands)]
    night = StartDay(day=LAST + timedelta(days=1))
    play(small_centre(), log, [*moves, Move(morning + timedelta(hours=20), night)])
    log.close()
