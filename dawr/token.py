"""By what a server knows a device that it admitted: a secret in the device's own folder, for its user alone."""

import logging
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from dawr.durable import settle

TOKEN_FILE = "token"
_OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OwnToken:
    """The token in this folder; read anew each time, for pairing may put it there at any moment."""

    data: Path | None

    def read(self) -> str:
        """The token; empty if there is none, or none that can be read, which is logged.

        A file that others could read is closed to them and used: a kiosk must not stand still for it.
        """
        if self.data is None:
            return ""
        file = self.data / TOKEN_FILE
        try:
            if file.stat().st_mode & _OF_OTHERS:
                file.chmod(0o600)
                _log.warning("%s could be read by others: pair this device anew if there are any on it", file)
            return file.read_text("ascii").strip()
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as problem:
            # Of what cannot be decoded, the problem would tell a part.
            _log.error("%s cannot be read: %s", file, type(problem).__name__)
            return ""

    def keep(self, token: str) -> None:
        """Store it, whole or not at all, in the place of the one before. `OSError` when it cannot be stored."""
        assert self.data is not None, "a device without a folder can keep nothing"
        self.data.mkdir(parents=True, exist_ok=True)
        descriptor, new = tempfile.mkstemp(prefix=f"{TOKEN_FILE}.", dir=self.data)
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(f"{token}\n")
            out.flush()
            os.fsync(out.fileno())
        Path(new).replace(self.data / TOKEN_FILE)
        settle(self.data)
