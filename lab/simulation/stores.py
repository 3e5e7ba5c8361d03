"""The real journal and the real log on a simulated disk: the power may go on either side of every commit."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from dawr.errors import StorageFailed
from kiosk.journal import Journal
from lab.simulation.machines import Disk, Machine
from server.log import Log

JOURNAL = "journal.sqlite"


class DiskJournal(Journal):
    """The kiosk's journal on its machine's disk."""

    synchronous = 2

    def __init__(self, machine: Machine) -> None:
        self._machine, self._disk = machine, _disk(machine)
        self._disk.opened(self)
        self.file = self._disk.folder / JOURNAL
        super().__init__(self.file, machine.name)

    def image(self) -> bytes:
        """The database as it is now."""
        return self._database.serialize()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        self._machine.step("before a commit of the journal")
        if self._disk.fails():
            raise StorageFailed("the disk took nothing")
        with super()._change() as change:
            yield change
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

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """As in the real one, on a disk that can fail."""
        self._machine.step("before a commit of the log")
        if self._disk.fails():
            raise sqlite3.OperationalError("the disk took nothing")
        with super().transaction():
            yield
        self._disk.committed(self.file, self._db.serialize, synchronous=self.synchronous)
        self._machine.step("after a commit of the log")
        if self._disk.fails():
            raise sqlite3.OperationalError("the disk did not say whether it took it")

    def _place_ballast(self) -> None:
        """No simulated disk is ever full."""


def _disk(machine: Machine) -> Disk:
    assert machine.disk is not None
    return machine.disk
