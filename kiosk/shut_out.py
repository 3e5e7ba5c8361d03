"""That a server has refused this kiosk because no manager admitted it, remembered over restarts.

Nobody would ever take in the numbers of such a kiosk, so that it gives none, also when it is started anew where no
server answers. A file notes it until a server takes the kiosk.
"""

import logging
from pathlib import Path

from dawr.durable import settle

SHUT_OUT_FILE = "not-admitted"

_log = logging.getLogger(__name__)


class ShutOut:
    """The note of one kiosk, for any thread. A disk that fails is logged: until the next start it is known anyway."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.is_so = file.exists()

    def remember(self) -> None:
        """A server has refused this kiosk."""
        self.is_so = True
        try:
            self._file.touch()
            settle(self._file.parent)
        except OSError as problem:
            _log.error("%s cannot be kept: %s", self._file, problem)

    def forget(self) -> None:
        """A server has taken this kiosk."""
        if not self.is_so:
            return
        self.is_so = False
        try:
            self._file.unlink(missing_ok=True)
            settle(self._file.parent)
        except OSError as problem:
            _log.error("%s cannot be removed: %s", self._file, problem)
