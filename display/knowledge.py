"""What the board knows: the last news, whether the server still talks, and which calls were announced.

Pure: news and the time of the boot clock come in, calls to announce come out.
"""

from dataclasses import dataclass, field

from dawr.board import Board, BoardCall
from dawr.settings.centre import Centre

# A board that has just been switched on, or has found the server again, does not shout out what everyone saw.
OLDEST_FIRST_ANNOUNCED_S = 30.0


@dataclass
class Knowledge:
    """One board's knowledge. `announced` is the highest call that was announced, `called_s` when those shown were.

    `restored` says that the board is from before this start. Times in `_s` are seconds of the boot clock.
    """

    centre: Centre | None = None
    board: Board | None = None
    restored: bool = False
    at_contact: bool = True
    announced: int = 0
    called_s: dict[int, float] = field(default_factory=dict)

    def hear_centre(self, centre: Centre) -> None:
        """Take the centre's settings."""
        self.centre = centre

    def hear_board(self, board: Board, now_s: float) -> list[BoardCall]:
        """Take a board from the server; the calls to announce now, the oldest first."""
        if self.board is not None and self.board.epoch != board.epoch:
            self.at_contact, self.announced = True, 0
        new = [call for call in board.calls if call.call > self.announced]
        if self.at_contact:
            new = [call for call in new if _age_s(call, board) <= OLDEST_FIRST_ANNOUNCED_S]
        self.board, self.at_contact, self.restored = board, False, False
        self.announced = max([self.announced, *(call.call for call in board.calls)])
        self.called_s = {
            **{call.call: self.called_s[call.call] for call in board.calls if call.call in self.called_s},
            **{call.call: now_s for call in new},
        }
        return sorted(new, key=lambda call: call.call)

    def remember(self, centre: Centre | None, board: Board | None) -> None:
        """Take what was known before this start: something to show, nothing to announce."""
        self.centre, self.board, self.restored = centre, board, board is not None
        self.announced = max((call.call for call in board.calls), default=0) if board else 0

    def lose_server(self) -> None:
        """The connection is gone: what comes next is old news first."""
        self.at_contact = True


def _age_s(call: BoardCall, board: Board) -> float:
    """Age of a call by the server's clock alone."""
    return (board.at - call.called_at).total_seconds()
