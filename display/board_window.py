"""The board's window from moment to moment: take the news, draw what changed, announce the new calls, remember.

Everything here runs on one thread; other threads hand their news in through `post`.
"""

import queue
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pygame

from dawr.board import Board
from dawr.client import NOT_ADMITTED
from dawr.clock import Clock
from dawr.errors import ForeignServer, OtherLog, PlainServer
from dawr.settings.centre import Centre
from dawr.settings.devices import BoardScreen
from display import last_known
from display.announcer import Announcer
from display.knowledge import Knowledge
from display.layout import Layout, plan
from display.message_line import Trouble
from display.scene import compose
from display.screen import Screen
from display.showing import Admission, Showing, longest_number, showing_at
from display.theme import THEMES

QUICK_PAUSE_S, FLASH_PAUSE_S, CALM_PAUSE_S = 0.04, 0.1, 0.25
# A card in a small computer lives long if it is not written at every ticket.
KEEP_EVERY_S = 5.0
_TROUBLE = {problem.code: Trouble.OTHER_LOG for problem in (OtherLog, ForeignServer, PlainServer)}
_TROUBLE |= dict.fromkeys(NOT_ADMITTED, Trouble.NOT_ADMITTED)

Show = Callable[[bytes, tuple[int, int]], None]


class BoardWindow:
    """One board on one surface. `silent_for_s` says how long nothing has come from a server that is connected,
    `turned_away_for` for which problem, by its code, a server does not take this board, `admission` by what a
    manager admits it, while none has.
    """

    def __init__(
        self,
        surface: pygame.Surface,
        settings: BoardScreen,
        announcer: Announcer,
        *,
        clock: Clock,
        data: Path | None = None,
        silent_for_s: Callable[[], float],
        show: Show | None = None,
        turned_away_for: Callable[[], str | None] = lambda: None,
        admission: Callable[[], Admission | None] = lambda: None,
    ) -> None:
        self.screen, self.settings, self.announcer = Screen(surface), settings, announcer
        self.clock, self.data, self.show = clock, data, show
        self.silent_for_s, self.turned_away_for = silent_for_s, turned_away_for
        self.admission = admission
        self.knowledge = Knowledge()
        self._news: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._ended = False
        # A server that turns us away again and again is as good as silent, so the time since then counts.
        self._lost_s: float | None = time.monotonic()
        self._shown: Showing | None = None
        self._to_keep = False
        self._kept_s = 0.0
        if data:
            self.knowledge.remember(*last_known.recall(data, clock.trusted()))

    def post(self, take: Callable[..., None], *news: object) -> None:
        """Have this done on the window's thread, at once; callable from any thread."""
        self._news.put(lambda: take(*news))

    def hear_board(self, board: Board) -> None:
        """A board from the server."""
        for call in self.knowledge.hear_board(board, time.monotonic()):
            self.announcer.announce(call.number, call.counter)
        self._to_keep = True

    def hear_centre(self, centre: Centre) -> None:
        """The centre's settings from the server."""
        self.knowledge.hear_centre(centre)
        self._to_keep = True

    def find_server(self) -> None:
        """The server has taken us."""
        self._lost_s = None

    def lose_server(self) -> None:
        """The connection to the server is gone."""
        self._lost_s = time.monotonic() - self.silent_for_s()
        self.knowledge.lose_server()

    def end(self) -> None:
        """Let `run` return."""
        self._ended = True

    def run(self) -> None:
        """Be the board until the end."""
        while not self._ended:
            self.draw()
            self._take_news(self._pause_s())
            self._take_window_events()
            self._keep(time.monotonic())
        self._kept_s = 0.0
        self._keep(time.monotonic())

    @property
    def layout(self) -> Layout:
        """The layout for this surface and the numbers on it now."""
        board = self.knowledge.board
        screen = self.settings
        size = self.screen.surface.get_size()
        return plan(size, screen.inches, screen.farthest_seat_m, longest_number(board))

    def draw(self) -> None:
        """Bring the surface up to date; nothing is done when nothing changed."""
        layout, admission = self.layout, self.admission()
        showing = showing_at(
            time.monotonic(),
            self.knowledge,
            layout,
            self.clock.trusted(),
            self._silent_s(),
            mute=self.announcer.mute,
            trouble=Trouble.NOT_ADMITTED if admission else _TROUBLE.get(self.turned_away_for() or ""),
            admission=admission,
        )
        if showing == self._shown:
            return
        self._shown = showing
        changed = self.screen.paint(compose(showing, layout, THEMES[self.settings.theme]))
        if changed and self.screen.surface is pygame.display.get_surface():
            pygame.display.update(changed)
        if changed and self.show:
            surface = self.screen.surface
            self.show(pygame.image.tobytes(surface, "RGB"), surface.get_size())

    def state(self) -> dict[str, Any]:
        """What the board shows and says, for its bench."""
        board, shown = self.knowledge.board, self._shown
        latest = board.calls[0] if board and board.calls else None
        return {
            "up": board is not None and self._lost_s is None,
            "sequence": board.sequence if board else None,
            "number": latest.number if latest else None,
            "counter": latest.counter if latest else None,
            "waiting": {line.line: line.waiting for line in board.waiting} if board else {},
            "stale": bool(shown and shown.alarm),
            "code": shown.admission.code.letters if shown and shown.admission else None,
            "message": [text for text, _ in shown.message.texts] if shown else [],
            "mute": self.announcer.mute,
            "said": [[said.number, said.counter, said.how] for said in list(self.announcer.said)],
            "warnings": [warn.key for warn in self.layout.warnings],
        }

    def _silent_s(self) -> float:
        return self.silent_for_s() if self._lost_s is None else time.monotonic() - self._lost_s

    def _pause_s(self) -> float:
        """How long nothing can change by itself."""
        if self._shown and self._shown.message.moving:
            return QUICK_PAUSE_S
        return FLASH_PAUSE_S if self._shown and self._shown.fresh else CALM_PAUSE_S

    def _take_news(self, wait_s: float) -> None:
        try:
            self._news.get(timeout=wait_s)()
            while True:
                self._news.get_nowait()()
        except queue.Empty:
            return

    def _take_window_events(self) -> None:
        for event in pygame.event.get():
            if event.type == pygame.QUIT or (event.type == pygame.KEYDOWN and event.key == pygame.K_ESCAPE):
                self._ended = True

    def _keep(self, now_s: float) -> None:
        if self._to_keep and self.data and now_s - self._kept_s >= KEEP_EVERY_S:
            self._to_keep, self._kept_s = False, now_s
            last_known.keep(self.data, self.knowledge.centre, self.knowledge.board)
