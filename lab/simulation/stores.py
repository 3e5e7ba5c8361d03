"""The real journal and the real log on a simulated disk: the power may go on either side of every commit."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

from dawr.clock import Moment
from dawr.errors import StorageFailed
from dawr.messages import Event
from dawr.numbers import NumberRange
from dawr.settings.centre import Centre
from kiosk.journal import Given, Journal, Wish
from lab.simulation.machines import Disk, Machine
from server.access.who import ANYBODY, Who
from server.keeping.log import Log

JOURNAL = "journal.sqlite"
_ON_PAPER = "('printed', 'in_doubt')"


class DiskJournal(Journal):
    """The kiosk's journal on its machine's disk."""

    synchronous = 2

    def __init__(self, machine: Machine) -> None:
        self._machine, self._disk = machine, _disk(machine)
        self._disk.opened(self)
        self.file = self._disk.folder / JOURNAL
        self.on_given: Callable[[Given, Centre], None] = lambda _given, _centre: None
        super().__init__(self.file, machine.name)

    def handed_in(self) -> list[tuple[str, str]]:
        """Id and number of every ticket that the server is said to have."""
        return self._database.execute(
            f"SELECT id, number FROM ticket WHERE handed_in = 1 AND state IN {_ON_PAPER}"
        ).fetchall()

    def image(self) -> bytes:
        """The database as it is now."""
        return self._database.serialize()

    def give(
        self,
        wish: Wish,
        centre: Centre,
        part: NumberRange,
        now: Moment,
        used_elsewhere: Mapping[str, int] | None = None,
    ) -> Given:
        """As the real one does; `on_given` hears of it."""
        given = super().give(wish, centre, part, now, used_elsewhere)
        self.on_given(given, centre)
        return given

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        self._machine.step("before a commit of the journal")
        if self._disk.fails():
            raise StorageFailed("the disk took nothing")
        with super()._change() as change:
            yield change
            if self._disk.fails():
                raise sqlite3.OperationalError("the disk took nothing of it")
        self._disk.committed(self.file, self.image, synchronous=self.synchronous)
        self._machine.step("after a commit of the journal")
        if self._disk.fails():
            raise StorageFailed("the disk did not say whether it took it")


class DiskLog(Log):
    """The server's log on its machine's disk."""

    synchronous = 2

    def __init__(self, machine: Machine) -> None:
        self._machine, self._disk = machine, _disk(machine)
        super().__init__(self._disk.folder)
        self._disk.opened(self)

    def append(
        self, command: str, day: date | None, events: Sequence[Event], who: Who = ANYBODY
    ) -> list[tuple[int, Event]]:
        """As the real one does; the true time is remembered apart."""
        numbered = super().append(command, day, events, who)
        self._disk.stored_at_s.update(dict.fromkeys((at for at, _ in numbered), self._machine.timeline.now_s))
        return numbered

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """As in the real one, on a disk that can fail."""
        self._machine.step("before a commit of the log")
        if self._disk.fails():
            raise sqlite3.OperationalError("the disk took nothing")
        with super().transaction():
            yield
            if self._disk.fails():
                raise sqlite3.OperationalError("the disk took nothing of it")
        self._disk.committed(self.file, self._db.serialize, synchronous=self.synchronous)
        self._machine.step("after a commit of the log")
        if self._disk.fails():
            raise sqlite3.OperationalError("the disk did not say whether it took it")

    def _place_ballast(self) -> None:
        """No simulated disk is ever full."""


def _disk(machine: Machine) -> Disk:
    assert machine.disk is not None
    return machine.disk
