"""What visitors type at a kiosk (a transaction number, a phone number) is in no file but encrypted, for one day.

Each business day has a key of its own in a file beside the log or the kiosk's journal, which only its user can read.
When the day is over the file is destroyed: what was encrypted with it can then be read nowhere, neither in the log nor
in a copy of it that was made before. Nothing in the log has to change for that.

AES-256-GCM, with the ticket's id as associated data, so that one visitor's number cannot be shown as another's.
"""

import base64
import os
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from dawr.durable import settle

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES, NONCE_BYTES = 32, 12


class References:
    """The keys in a folder, which is made when the first is needed. `OSError` when a key cannot be kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys: dict[str, bytes] = {}

    def hide(self, day: date, ticket: str, reference: str) -> str:
        """A ticket's reference as it may be stored, until the day is over."""
        nonce = os.urandom(NONCE_BYTES)
        hidden = nonce + _cipher(self._key_of(str(day))).encrypt(nonce, reference.encode(), ticket.encode())
        return f"{day}:{base64.urlsafe_b64encode(hidden).decode()}"

    def shown(self, ticket: str, hidden: str) -> str | None:
        """The reference again; None when its day is over, or when it is not this ticket's."""
        from cryptography.exceptions import InvalidTag

        day, _, said = hidden.partition(":")
        with suppress(FileNotFoundError, InvalidTag, ValueError):
            both, key = base64.urlsafe_b64decode(said), self._keys.get(day) or self._file(day).read_bytes()
            return _cipher(key).decrypt(both[:NONCE_BYTES], both[NONCE_BYTES:], ticket.encode()).decode()
        return None

    def forget_before(self, today: date) -> None:
        """Destroy the keys of the days before this one."""
        for file in self._folder.glob("*"):
            if file.stem < str(today):
                self._keys.pop(file.stem, None)
                _write(file, bytes(KEY_BYTES), os.O_WRONLY)
                file.unlink()

    def _key_of(self, day: str) -> bytes:
        if day not in self._keys:
            file = self._file(day)
            if not file.exists():
                self._keep(file, os.urandom(KEY_BYTES))
            self._keys[day] = file.read_bytes()
        return self._keys[day]

    def _keep(self, file: Path, key: bytes) -> None:
        """A power cut leaves the whole key or none."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        fresh = file.with_suffix(".new")
        _write(fresh, key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        fresh.replace(file)
        for folder in (self._folder, self._folder.parent):
            settle(folder)

    def _file(self, day: str) -> Path:
        return self._folder / f"{day}.key"


def _cipher(key: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # 3 MB, only where somebody types anything

    return AESGCM(key)


def _write(file: Path, content: bytes, flags: int) -> None:
    descriptor = os.open(file, flags, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
