"""Beginning anew in the same process: its number, its arguments and its open port stay; everything else is read again.

Whoever supervises the server notices nothing, and whoever calls meanwhile waits a moment at the open port.
"""

import os
import socket
import sys
from typing import NoReturn

_LISTENER = "DAWR_LISTENER"


def begin_anew(listener: socket.socket) -> NoReturn:
    """Become a new run of the same program, which goes on listening here."""
    listener.set_inheritable(True)
    os.environ[_LISTENER] = str(listener.fileno())
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def kept_listener() -> socket.socket | None:
    """Where the run before this one listened; None in a first run."""
    number = os.environ.pop(_LISTENER, None)
    if number is None:
        return None
    listener = socket.socket(fileno=int(number))
    listener.set_inheritable(False)
    return listener
