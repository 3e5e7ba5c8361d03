"""The centre's message in the last line: both languages side by side, or in turn, or moving when too long.

When the server is silent, that is said here instead. Pure: texts, a width and the time in, what stands there out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from dawr.settings.centre import Centre
from dawr.text import Direction, Weight, direction_of, width
from dawr.words import Words

MESSAGE_WEIGHT: Weight = "medium"
MINUTE_S, HOUR_S = 60, 3600
TURN_S = 12.0
# A reader needs the beginning and the end of a moving line to stand still for a moment.
REST_S = 3.0
# In font sizes a second: about four letters, slow enough to be read along.
SPEED = 1.6

Text = tuple[str, Direction]


class Trouble(StrEnum):
    """Why a server that is there does not tell this board anything; each is a sentence in `words` under `board.`."""

    OTHER_LOG = "stale_other_log"
    NOT_ADMITTED = "not_admitted"


@dataclass(frozen=True, slots=True)
class Shown:
    """The texts in the line now. One that is too long is `moving`, and `shift_px` says how far it has."""

    texts: tuple[Text, ...]
    shift_px: int = 0
    moving: bool = False


NOTHING = Shown(())


def message_of(centre: Centre | None) -> tuple[Text, ...]:
    """The centre's message in each of its languages."""
    if centre is None or centre.centre.message is None:
        return ()
    message = centre.centre.message
    return tuple((message[language], direction_of(language)) for language in centre.centre.languages)


def silence(
    words: Sequence[Words], silent_s: float, *, restored: bool, trouble: Trouble | None = None
) -> tuple[Text, ...]:
    """That nothing comes from the server, and since when, or what the trouble is; in each language."""
    minutes, hours = int(silent_s // MINUTE_S), int(silent_s // HOUR_S)
    if trouble:
        key, count = str(trouble), 0
    elif restored:
        key, count = "stale_unknown", 0
    elif not minutes:
        key, count = "stale_now", 0
    elif not hours:
        key, count = "stale_minutes", minutes
    else:
        key, count = "stale_hours", hours
    return tuple((each(f"board.{key}", count=count), direction_of(each.language)) for each in words)


@cache
def _side_by_side(texts: tuple[Text, ...], weight: Weight, size_px: int, width_px: int) -> bool:
    gap = 2 * size_px * (len(texts) - 1)
    return sum(width(text, weight, size_px, direction) for text, direction in texts) + gap <= width_px


def shown_at(elapsed_s: float, texts: tuple[Text, ...], weight: Weight, size_px: int, width_px: int) -> Shown:
    """What the line shows so long after it began. A text that fits never moves."""
    if not texts:
        return NOTHING
    if _side_by_side(texts, weight, size_px, width_px):
        return Shown(texts)
    beyond = [max(0, width(text, weight, size_px, direction) - width_px) for text, direction in texts]
    turns_s = [2 * REST_S + px / (SPEED * size_px) if px else TURN_S for px in beyond]
    into_s = elapsed_s % sum(turns_s)
    turn = 0
    while into_s >= turns_s[turn] and turn < len(texts) - 1:
        into_s -= turns_s[turn]
        turn += 1
    moved = min(max(0.0, into_s - REST_S) * SPEED * size_px, beyond[turn])
    return Shown((texts[turn],), round(moved), beyond[turn] > 0)
