"""The board's memory over a power cut: the last centre and board in one small file."""

import json
import logging
import os
from datetime import datetime, timedelta
from pathlib import Path

from dawr.board import Board
from dawr.settings.centre import Centre

FILE = "last-known.json"
# A board of yesterday would only mislead.
OLDEST = timedelta(hours=12)

_log = logging.getLogger(__name__)


def keep(folder: Path, centre: Centre | None, board: Board | None) -> None:
    """Write both, whole or not at all. A full or broken disk is logged: the board goes on without a memory."""
    known = {
        "centre": centre and centre.model_dump(mode="json", by_alias=True, exclude_none=True),
        "board": board and board.model_dump(mode="json", by_alias=True),
    }
    draft = folder / f"{FILE}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8") as file:
            json.dump(known, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / FILE)
    except OSError as problem:
        _log.warning("the last board could not be kept: %s", problem)


def recall(folder: Path, now: datetime | None) -> tuple[Centre | None, Board | None]:
    """What was kept, if anything can be read. By a trusted clock, a board of more than 12 hours ago is left out."""
    try:
        known = json.loads((folder / FILE).read_text("utf-8"))
        centre = Centre.model_validate(known["centre"]) if known["centre"] else None
        board = Board.model_validate(known["board"]) if known["board"] else None
    except FileNotFoundError:
        return None, None
    except (OSError, ValueError, KeyError, TypeError) as problem:
        _log.warning("the last board could not be read: %s", problem)
        return None, None
    if board and now and now - board.at > OLDEST:
        board = None
    return centre, board
