"""Changing a centre's settings while its hall is open: check, intend, write, settle; then the server begins anew.

All of it is done where no command is (`Writer.end_with`): the hall that a change is checked against is the one that
goes on with it.
"""

import contextlib
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from dawr.clock import Trust
from dawr.errors import BeginsAnew, NotToml, SettingsChanged, SettingsNotWritten
from dawr.fitting import misfits
from dawr.settings.centre import Centre, Privacy
from dawr.settings.mistakes import Mistake, MistakenSettings, data_in, parse
from dawr.settings.server import SERVER_FILE, read_server
from server.administration.file import SettingsFile, digest_of, why_not_written
from server.administration.history import Author, History, Intent
from server.audit.seals import seals
from server.keeping.log import Log, today
from server.keeping.writer import Writer
from server.privacy.retention import Due, due

_log = logging.getLogger(__name__)


class Stored(NamedTuple):
    """What a change came to: its version, none if only the next start can record it, and the digest of the file."""

    version: int | None
    digest: str


class _Unchanged(Exception):
    """What was asked for is in the file already, as this version."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


class SettingsStore:
    """The settings of a running server. `clock` gives aware UTC, `trust` who vouches for it.

    `begin_anew` is called when the file was changed; it lets the answer out before it ends anything.
    """

    def __init__(
        self,
        file: SettingsFile,
        history: History,
        log: Log,
        writer: Writer,
        clock: Callable[[], datetime],
        trust: Callable[[], Trust],
        begin_anew: Callable[[], None],
    ) -> None:
        self.file, self.history, self._log = file, history, log
        self._writer, self._clock, self._trust, self._begin_anew = writer, clock, trust, begin_anew

    def note_start(self) -> None:
        """Record the settings as they were found. A history that cannot be written must keep no centre closed."""
        try:
            self.history.settle(self.file.text(), self._clock(), self._trust())
        except sqlite3.Error as problem:
            _log.error("the history of the settings cannot be written: %s", problem)

    def misfits(self, new: Centre) -> list[Mistake]:
        """Why the server and the hall as it is now cannot go on with a new centre; empty when they can."""
        try:
            read_server(self.file.path.with_name(SERVER_FILE), new)
        except MistakenSettings as mistaken:
            return [replace(one, key=f"{SERVER_FILE}: {one.key}") for one in mistaken.mistakes]
        with self._log.reading() as connection:
            wrongs = misfits(self._writer.hall, today(connection), new, self._clock())
        return [wrong.in_file(str(self.file.path)) for wrong in wrongs]

    def removes(self, wanted: Privacy) -> Due:
        """What other times of keeping would remove that those of now do not."""
        now, today = self._writer.hall.centre.privacy, self._writer.hall.day
        if wanted == now or today is None:
            return Due([], [])
        with self._log.reading() as connection:
            found = seals(connection)
        before, after = due(found, today, now), due(found, today, wanted)
        return Due(after.personal[len(before.personal) :], after.steps[len(before.steps) :])

    def change(self, based_on: str, make: Callable[[str], str], author: Author, undoes: int | None = None) -> Stored:
        """Change the file to what `make` makes of its text, and begin anew.

        `SettingsChanged` when it is not the version any more that the change is based on, `MistakenSettings` when what
        was made is mistaken or does not fit the hall, `NotToml`, `SettingsNotWritten`: then nothing has changed.
        """
        try:
            stored: Stored = self._writer.end_with(lambda: self._change(based_on, make, author, undoes))
        except _Unchanged as unchanged:
            return Stored(unchanged.version, based_on)
        except BeginsAnew:
            raise SettingsChanged("somebody else has just changed them") from None
        self._begin_anew()
        return stored

    def _change(self, based_on: str, make: Callable[[str], str], author: Author, undoes: int | None) -> Stored:
        before = self.file.text()
        if digest_of(before) != based_on:
            raise SettingsChanged(f"{based_on} is not the file's digest any more")
        after = make(before)
        self._refuse_mistakes(after)
        intent = Intent(
            kind="changed" if undoes is None else "undone",
            by=author.by,
            role=author.role,
            address=author.address,
            undoes=undoes,
            after=digest_of(after),
        )
        try:
            version = self.history.settle(before, self._clock(), self._trust())
            if after == before:
                raise _Unchanged(version)
            self.history.intend(after, intent)
            self.file.replace(after)
        except OSError as problem:
            raise SettingsNotWritten(str(problem), why=why_not_written(problem)) from problem
        except sqlite3.Error as problem:
            raise SettingsNotWritten(str(problem), why="settings.not_recorded") from problem
        with contextlib.suppress(sqlite3.Error):  # the next start settles it, and says so if it cannot
            return Stored(self.history.settle(after, self._clock(), self._trust()), intent.after)
        return Stored(None, intent.after)

    def _refuse_mistakes(self, text: str) -> None:
        name = str(self.file.path)
        try:
            data_in(text, name)
        except MistakenSettings as mistaken:
            raise NotToml(str(mistaken), reason=mistaken.mistakes[0].facts["reason"]) from None
        found = self.misfits(parse(Centre, text, name))
        if found:
            raise MistakenSettings(found)
