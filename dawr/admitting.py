"""Having a device admitted, however long it takes: one conversation with a server in each device's folder.

The device shows the code on its own screen, and `dawr pair` in a terminal. To a server, who asks again for the same
device is that device, started anew: the code before is over. So only one of the two asks; the other shows its code.
"""

import asyncio
import fcntl
import json
import logging
import os
import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Self

from dawr.admission import LASTS_S, POLL_S, Asked, Wanted, ask, ask_the_first, grouped, keep, token_given
from dawr.errors import DawrError, Refused
from dawr.pin import Pin

SHOWN_FILE = "admission.json"
LOOK_S = 1.0
AGAIN_S = 10.0
"""A server that lets this device not even wait is asked again after this time."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Code:
    """The code that a manager types, and the server at which it is to be typed."""

    letters: str
    address: str

    @property
    def grouped(self) -> str:
        """The code as it is read aloud."""
        return grouped(self.letters)

    @property
    def page(self) -> str:
        """Where a manager types it."""
        return f"{self.address}/devices"


class Turn:
    """The right to ask for the device of one folder; whoever holds it says in the folder what it shows."""

    def __init__(self, data: Path) -> None:
        self._file = data / SHOWN_FILE
        self._lock: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def take(self) -> bool:
        """Whether it is ours, or is from now on; another process may hold it. `OSError` when there can be no folder."""
        if self._lock is not None:
            return True
        self._file.parent.mkdir(parents=True, exist_ok=True)
        # The folder itself: a file that somebody removes would be locked by two.
        folder = os.open(self._file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(folder)
            return False
        self._file.unlink(missing_ok=True)
        self._lock = folder
        return True

    def show(self, code: Code) -> None:
        """Say what the one whose turn it is shows. `OSError` when the disk fails."""
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(asdict(code)), "ascii")
        new.replace(self._file)

    def others(self) -> Code | None:
        """What the one whose turn it is shows; None as long as there is nothing."""
        try:
            return Code(**json.loads(self._file.read_text("ascii")))
        except (OSError, ValueError, TypeError):
            return None

    def leave(self) -> None:
        """Show nothing any more, and let others ask."""
        if self._lock is not None:
            self._file.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None


class Admitting:
    """Has a running device admitted, on a thread of its own, whenever `servers` gives addresses to ask at.

    `code` is what its screen is to show; `data` is its folder, in which it keeps what it is given. It connects by
    itself, as with whatever token is put there.
    """

    def __init__(self, wanted: Wanted, data: Path, servers: Callable[[], Sequence[str]]) -> None:
        self._wanted, self._data, self._servers = wanted, data, servers
        self._asked: Asked | None = None
        self._until_s = 0.0
        self._trouble = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="admitting", daemon=True)
        self.code: Code | None = None

    def start(self) -> None:
        """Begin; nothing is asked before a server wants this device to be admitted."""
        self._thread.start()

    def stop(self) -> None:
        """End; an answer that is still waited for is not."""
        self._ended.set()
        self._thread.join(POLL_S)

    def _run(self) -> None:
        with Turn(self._data) as turn:
            pause_s = 0.0
            while not self._ended.wait(pause_s):
                try:
                    self.code = self._step(turn)
                    pause_s = POLL_S if self.code else LOOK_S
                except (DawrError, OSError) as problem:
                    # Nothing could be typed now; the device goes on saying what it says without a server.
                    self.code, pause_s = None, AGAIN_S if isinstance(problem, Refused) else POLL_S
                    self._say(f"it cannot be asked for admission: {problem}")

    def _step(self, turn: Turn) -> Code | None:
        """Go on with the conversation; what to show now."""
        servers = self._servers()
        if not servers:
            self._asked = None
            turn.leave()
            return None
        if not turn.take():
            self._asked = None
            return turn.others()
        token = self._given()
        if self._asked and token:
            keep(self._asked, token, self._data)
            self._say(f"a manager has admitted this device at {self._asked.address}")
            self._asked = None
            return None
        asked = self._asked = self._asked or self._begun(turn, servers)
        return Code(asked.code, asked.address)

    def _given(self) -> str | None:
        """The token, once a manager has typed the code. When that is over, nothing is asked any more."""
        try:
            if self._asked and time.monotonic() < self._until_s:
                return token_given(self._asked)
        except Refused:
            pass
        self._asked = None
        return None

    def _begun(self, turn: Turn, servers: Sequence[str]) -> Asked:
        """A server that was asked; else it is somebody else's turn, who may know another one."""

        async def likeliest_first() -> AsyncGenerator[str]:
            for address in reversed(servers):
                yield address

        try:
            asked = asyncio.run(ask_the_first(likeliest_first, partial(ask, wanted=self._wanted, pin=Pin(self._data))))
            code = Code(asked.code, asked.address)
            turn.show(code)
        except BaseException:
            turn.leave()
            raise
        self._until_s = time.monotonic() + LASTS_S
        self._say(f"a manager admits this device at {code.page} by the code {code.grouped}; dawr pair shows it too")
        return asked

    def _say(self, what: str) -> None:
        """Log it once, however often it is so."""
        if what != self._trouble:
            _log.info("%s", what)
        self._trouble = what
