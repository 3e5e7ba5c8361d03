"""A small file of a sender, by which it knows after a restart what it has sent."""

import json
import os
from pathlib import Path
from typing import Any


class Kept:
    """A JSON object in a file, written whole or not at all."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> dict[str, Any]:
        """What was written last; empty when there is nothing, or nothing that can be read."""
        try:
            said = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return said if isinstance(said, dict) else {}

    def write(self, said: dict[str, Any]) -> None:
        """Keep this instead, also over a power cut. `OSError` when it cannot be written."""
        fresh = self._file.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as out:
            json.dump(said, out, ensure_ascii=False)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self._file)
