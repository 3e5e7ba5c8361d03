"""Defects put in on purpose. A simulation that does not catch each of them proves nothing."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from counter.panel import Button, Panel
from dawr.clock import Moment, Trust
from dawr.errors import Refused
from dawr.hours import business_day
from dawr.ids import new_id
from dawr.messages import Command, HandIn, to_wire
from dawr.numbers import NumberRange
from dawr.settings.centre import Centre
from display.knowledge import Knowledge
from kiosk.hand_in import ANSWER_S, HandingIn
from kiosk.issue import Issuing
from kiosk.journal import Fate, Given, Wish
from kiosk.printer import Outcome, Report
from lab.simulation.machines import Machine, PowerCut
from lab.simulation.network import Line, Link
from lab.simulation.parts import Parts
from lab.simulation.printers import SimulatedPrinter
from lab.simulation.stores import DiskJournal, DiskLog
from server.access.who import ANYBODY, Who
from server.keeping.writer import Writer


@dataclass(frozen=True, slots=True)
class Mutant:
    """A defect: what is wrong, the parts that have it, and a seed that shows it."""

    what: str
    parts: Parts
    shown_by: int


# --- Kiosks -------------------------------------------------------------------------------------------------------


class _PrintsFirst(DiskJournal):
    """The number reaches the disk only after the slip is out."""

    def give(self, *args: Any, **more: Any) -> Given:
        before = self.image()
        given = super().give(*args, **more)
        self._disk.hold(self.file, before)
        return given

    def settle(self, id: str, fate: Fate) -> None:
        super().settle(id, fate)
        self._disk.release(self.file)


class _NeverSyncs(DiskJournal):
    synchronous = 0


class _IgnoresHighWater(DiskJournal):
    def give(
        self,
        wish: Wish,
        centre: Centre,
        part: NumberRange,
        now: Moment,
        used_elsewhere: Mapping[str, int] | None = None,
    ) -> Given:
        return super().give(wish, centre, part, now, {})


class _RestartsNaively(_IgnoresHighWater):
    """A new day of whatever the wall clock says begins at the first number again.

    The server's word of what was used would save it, so that it is not heard.
    """

    def give(
        self,
        wish: Wish,
        centre: Centre,
        part: NumberRange,
        now: Moment,
        used_elsewhere: Mapping[str, int] | None = None,
    ) -> Given:
        _restart_if_new(self, business_day(centre, now.wall).isoformat())
        return super().give(wish, centre, part, now, used_elsewhere)


def _restart_if_new(journal: DiskJournal, day: str) -> None:
    with journal._change() as change:
        known = change.execute("SELECT value FROM about WHERE key = 'naive day'").fetchone()
        if known is None or known[0] != day:
            change.execute("INSERT OR REPLACE INTO about VALUES ('naive day', ?)", (day,))
            if known is not None:
                change.execute("UPDATE line SET run = run + 1, used = 0")


class _RestartsWhenTold(_IgnoresHighWater):
    """The day begins when somebody presses the button for it: here, when the server first says so."""

    def note_start(self, now: Moment) -> None:
        super().note_start(now)
        _restart_if_new(self, now.wall.date().isoformat())


class _DropsDoubts(DiskJournal):
    """What the printer did not prove is taken for not printed."""

    def settle(self, id: str, fate: Fate) -> None:
        super().settle(id, Fate.FAILED if fate is Fate.IN_DOUBT else fate)


class _ForgetsInterrupted(DiskJournal):
    """What a power cut left open is taken for not printed."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine)
        with self._change() as change:
            change.execute("UPDATE ticket SET state = 'failed' WHERE state = 'in_doubt' AND handed_in = 0")


class _ForgetsFates(Issuing):
    """What became of a slip is written down once, or never."""

    def _settle_left(self) -> None:
        super()._settle_left()
        self._unsettled.clear()


class _ForgetsTooEarly(HandingIn):
    def _send(self, tickets: list[Given]) -> None:
        self._journal.told([ticket.id for ticket in tickets])
        super()._send(tickets)


class _TellsTheWallClock(HandingIn):
    """When a ticket was taken is told by the wall clock, right or wrong."""

    def _send(self, tickets: list[Given]) -> None:
        sent = replace(self._clock.now(), boot="another")
        told = tuple(
            ticket.printed().model_copy(update={"issued": replace(ticket.moment, trust=Trust.NTP)})
            for ticket in tickets
        )
        self._call(HandIn.NAME, to_wire(HandIn(issuer=self._kiosk, sent=sent, tickets=told)), ANSWER_S)
        self._journal.told([ticket.id for ticket in tickets])


class _GivesUp(HandingIn):
    """One refusal is the end of all that was sent with it, whatever it was about."""

    def _one_by_one(self, tickets: list[Given], refused: Refused) -> bool:
        self._journal.told([ticket.id for ticket in tickets])
        return True


class _Reprints(SimulatedPrinter):
    def print(self, picture: Any) -> Report:
        report = super().print(picture)
        return super().print(picture) if report.outcome is Outcome.IN_DOUBT else report


# --- Server -------------------------------------------------------------------------------------------------------


class _DoesEverythingAgain(Writer):
    """No command is known by its id."""

    def submit(self, command: Command, id: str | None = None, who: Who = ANYBODY) -> "Future[dict[str, Any]]":
        return super().submit(command, None, who)


class _KnowsNoTicket(Writer):
    """A ticket that is handed in again is a new one."""

    def _without_known(self, command: Command) -> Command:
        if not isinstance(command, HandIn):
            return command
        known = self._log.known_tickets(ticket.id for ticket in command.tickets)
        tickets = [one.model_copy(update={"id": new_id()}) if one.id in known else one for one in command.tickets]
        return command.model_copy(update={"tickets": tuple(tickets)})


class _AnswersTooEarly(Writer):
    """A hand-in is answered as soon as it is read."""

    def submit(self, command: Command, id: str | None = None, who: Who = ANYBODY) -> "Future[dict[str, Any]]":
        stored = super().submit(command, id, who)
        if not isinstance(command, HandIn):
            return stored
        early: Future[dict[str, Any]] = Future()
        early.set_result({"stored": [ticket.id for ticket in command.tickets], "sequence": self.hall.sequence})
        return early


class _TellsTooEarly(Writer):
    """Readers and screens see what is not stored yet."""

    def _change(self, waiting: Any, now: Any) -> Any:
        events = super()._change(waiting, now)
        self.hall = self._hall.copy()
        return events


class _Slow(DiskLog):
    """There is time between a change and its commit, in which screens can be told."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with super().transaction():
            yield
            self._machine.bell().sleep(0.3)
            if self._machine.timeline.happens(0.03):
                self._machine.stop(20.0, why="loses power within a commit")
                raise PowerCut


class _LogNeverSyncs(DiskLog):
    synchronous = 0


class _TakesDoubtForNo(Writer):
    """A COMMIT that failed is taken for one that did not happen, and the hall goes on as before."""

    def _recover(self) -> None:
        if self._working is None:
            self._working = self.hall.copy()


class _JoinsWhenHandedIn(Writer):
    """The time of a hand-in counts, not the time when the ticket was taken."""

    def _without_known(self, command: Command) -> Command:
        command = super()._without_known(command)
        if not isinstance(command, HandIn):
            return command
        tickets = [one.model_copy(update={"issued": command.sent}) for one in command.tickets]
        return command.model_copy(update={"tickets": tuple(tickets)})


# --- Counters -----------------------------------------------------------------------------------------------------


class _NamesNoCommand(Line):
    """Each time that a command is sent it is another one."""

    def _send(self, link: Link, event: str, command: Mapping[str, Any], number: int) -> None:
        super()._send(link, event, {**command, "command_id": new_id()}, number)


class _NewCommandEachPress(Panel):
    """A press after one that was not answered is another command."""

    def _identify(self, button: Button) -> None:
        self.command_id = new_id()


# --- Boards -------------------------------------------------------------------------------------------------------


class _ShoutsAgain(Knowledge):
    """After a lost connection the board forgets what it has announced."""

    def lose_server(self) -> None:
        super().lose_server()
        self.announced = 0


MUTANTS: dict[str, Mutant] = {
    "print-before-commit": Mutant("slips are printed before their numbers are stored", Parts(journal=_PrintsFirst), 3),
    "journal-sync-off": Mutant("the kiosk's journal does not wait for its disk", Parts(journal=_NeverSyncs), 2),
    "log-sync-off": Mutant("the server's log does not wait for its disk", Parts(log=_LogNeverSyncs), 1),
    "restart-naively": Mutant("numbers restart on a new day of any clock", Parts(journal=_RestartsNaively), 3),
    "restart-when-told": Mutant("the day begins when somebody says so", Parts(journal=_RestartsWhenTold), 5),
    "ignore-high-water": Mutant("a lost journal begins at the first number", Parts(journal=_IgnoresHighWater), 17),
    "drop-doubts": Mutant("what was not proved is not handed in", Parts(journal=_DropsDoubts), 22),
    "forget-interrupted": Mutant("what a cut left open is not handed in", Parts(journal=_ForgetsInterrupted), 2),
    "forget-fates": Mutant("a fate that could not be stored is forgotten", Parts(issuing=_ForgetsFates), 631),
    "forget-before-answer": Mutant("tickets are off the list before the answer", Parts(handing_in=_ForgetsTooEarly), 1),
    "give-up-when-refused": Mutant("a refused hand-in is not tried again", Parts(handing_in=_GivesUp), 17),
    "wall-clock": Mutant("the wall clock says when a ticket was taken", Parts(handing_in=_TellsTheWallClock), 3),
    "reprint": Mutant("a slip in doubt is printed again", Parts(printer=_Reprints), 22),
    "no-idempotency": Mutant("the server knows no command again", Parts(writer=_DoesEverythingAgain), 1),
    "new-tickets": Mutant("the server knows no ticket again", Parts(writer=_KnowsNoTicket), 2),
    "answer-before-commit": Mutant("hand-ins are answered before they are stored", Parts(writer=_AnswersTooEarly), 17),
    "tell-before-commit": Mutant("screens are told before it is stored", Parts(writer=_TellsTooEarly, log=_Slow), 6),
    "doubt-is-no": Mutant("a COMMIT in doubt is taken for none", Parts(writer=_TakesDoubtForNo), 34),
    "hand-in-order": Mutant("tickets join when they are handed in", Parts(writer=_JoinsWhenHandedIn), 17),
    "no-request-id": Mutant("a counter's command has no id of its own", Parts(counter_line=_NamesNoCommand), 1),
    "new-press": Mutant("a press that nobody answered is sent as a new one", Parts(panel=_NewCommandEachPress), 4),
    "shout-again": Mutant("boards announce again after a lost connection", Parts(board=_ShoutsAgain), 2),
}
