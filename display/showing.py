"""What is to be seen at a moment: from what the board knows and the time to the values that the picture depends on."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from dawr.admitting import Code
from dawr.board import Board
from dawr.boxes import Box
from dawr.settings.centre import Centre, Language
from dawr.words import Digits, Words
from display.knowledge import Knowledge
from display.layout import USUAL_NUMBER, Layout
from display.message_line import MESSAGE_WEIGHT, NOTHING, Shown, Trouble, message_of, shown_at, silence

# WCAG 2.2, 2.3.1: no more than three flashes in any second. One is enough to be noticed and calm enough to be read.
FLASHES_S, FLASH_EVERY_S = 6.0, 1.0
FRESH_S = 20.0
STALE_AFTER_S = 8.0


@dataclass(frozen=True, slots=True)
class Admission:
    """By what a manager admits the board of this id."""

    id: str
    code: Code


@dataclass(frozen=True, slots=True)
class Showing:
    """Everything that the picture depends on: an equal one needs no painting.

    `clock` is the time in the centre's zone to the minute, None when nobody vouches for it. `fresh` are the calls
    that were just announced, `lit` whether the flashing card is bright now. `alarm` says that `message` is about
    the silent server. `admission` stands in place of all calls, which nobody tells this board.
    """

    centre: Centre | None
    board: Board | None
    clock: datetime | None
    fresh: frozenset[int] = frozenset()
    lit: bool = False
    message: Shown = NOTHING
    alarm: bool = False
    mute: bool = False
    admission: Admission | None = None


def showing_at(
    now_s: float,
    knowledge: Knowledge,
    layout: Layout,
    clock: datetime | None,
    silent_s: float,
    *,
    mute: bool,
    trouble: Trouble | None = None,
    admission: Admission | None = None,
) -> Showing:
    """What is to be seen at this second of the boot clock; `silent_s` is how long nothing has come from the server.

    `trouble`: a server is there, and does not tell us anything.
    """
    centre, board = knowledge.centre, knowledge.board
    stale = board is not None and (silent_s >= STALE_AFTER_S or knowledge.restored)
    alarm = stale or trouble is Trouble.NOT_ADMITTED
    texts = message_of(centre)
    if alarm:
        texts = silence(words_of(centre), silent_s, restored=knowledge.restored, trouble=trouble)
    return Showing(
        centre=centre,
        board=board,
        clock=clock.astimezone(centre.zone).replace(second=0, microsecond=0) if clock and centre else None,
        fresh=frozenset(call for call, at_s in knowledge.called_s.items() if now_s - at_s < FRESH_S),
        lit=_is_lit(now_s, knowledge),
        message=shown_at(now_s, texts, MESSAGE_WEIGHT, message_size(layout), message_box(layout).width),
        alarm=alarm,
        mute=mute,
        admission=admission,
    )


def _is_lit(now_s: float, knowledge: Knowledge) -> bool:
    """Whether the latest call is in the bright half of a flash."""
    latest = knowledge.board.calls[0].call if knowledge.board and knowledge.board.calls else None
    since_s = now_s - knowledge.called_s.get(latest, float("-inf")) if latest is not None else float("inf")
    return since_s < FLASHES_S and since_s % FLASH_EVERY_S < FLASH_EVERY_S / 2


def message_box(layout: Layout) -> Box:
    """Where the message stands."""
    return layout.footer.inset(layout.px(48), layout.px(8))


def message_size(layout: Layout) -> int:
    """Font size of the message."""
    return layout.px(36)


def longest_number(board: Board | None) -> int:
    """Characters of the longest number on the board, at least those of a usual one."""
    return max([USUAL_NUMBER, *(len(call.number) for call in board.calls)]) if board else USUAL_NUMBER


def languages_of(centre: Centre | None) -> tuple[Language, ...]:
    """The languages on the board, the main one first; Arabic and English until the centre is known."""
    return centre.centre.languages if centre else ("ar", "en")


def words_of(centre: Centre | None) -> tuple[Words, ...]:
    """The words in each of the centre's languages."""
    return tuple(_words(language, centre.centre.digits if centre else "latin") for language in languages_of(centre))


@lru_cache(8)
def _words(language: Language, digits: Digits) -> Words:
    return Words(language, digits)
