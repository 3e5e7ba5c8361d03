"""What a person is told when the log cannot be used, and the command that helps: one sentence for each cause."""

import errno
import sqlite3
import sys
from pathlib import Path

from dawr.errors import LogDamaged
from dawr.words import Words

_SQLITE = {
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_READONLY: "disk_read_only",
    sqlite3.SQLITE_IOERR: "disk_failing",
    sqlite3.SQLITE_CORRUPT: "log_damaged",
    sqlite3.SQLITE_NOTADB: "log_damaged",
}
_SYSTEM = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EROFS: "disk_read_only",
    errno.EIO: "disk_failing",
}
_PRIMARY = 0xFF  # of SQLite's extended result codes, the cause (sqlite.org/rescode.html)


def sentence(problem: Exception, folder: Path, words: Words) -> str:
    """Why the log in this folder cannot be used, and what to type."""
    why = (isinstance(problem, OSError) and problem.strerror) or problem
    return words(f"server.{cause(problem)}", folder=folder, why=why, mend=mending(folder))


def cause(problem: Exception) -> str:
    """The word key, under `server.`, for what went wrong; `cannot_store` for what is nothing of all this."""
    if isinstance(problem, LogDamaged):
        return "log_damaged"
    if isinstance(problem, sqlite3.Error):
        return _SQLITE.get(getattr(problem, "sqlite_errorcode", 0) & _PRIMARY, "cannot_store")
    return _SYSTEM.get(getattr(problem, "errno", None) or 0, "cannot_store")


def mending(folder: Path) -> str:
    """The command that saves what can be read of a damaged log."""
    return f"{sys.executable} -m server.keeping.mend --data {folder}"
