"""Work that the server does by itself every so often, beside the hall: each on a thread of its own."""

import logging
import threading
from collections.abc import Callable

GOODBYE_S = 1.0

_log = logging.getLogger(__name__)


class Round:
    """Does its work every so many seconds, the first time after as long; what goes wrong costs only that one time."""

    def __init__(self, name: str, every_s: float, work: Callable[[], object]) -> None:
        self._name, self._every_s, self._work = name, every_s, work
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Do it no more; what is being done now is not waited for longer than a moment."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(GOODBYE_S)

    def _run(self) -> None:
        while not self._over.wait(self._every_s):
            try:
                self._work()
            except Exception:
                if not self._over.is_set():
                    _log.exception("the %s failed and is tried again", self._name)
