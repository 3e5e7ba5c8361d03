"""A board: the real knowledge of what to show and what to announce."""

from typing import Any

from dawr.board import Board
from lab.simulation.machines import Machine
from lab.simulation.network import Line, Network, Wire
from lab.simulation.parts import Parts
from lab.simulation.seen import Seen, Shown


class HallBoard:
    """A screen in the hall."""

    def __init__(self, machine: Machine, network: Network, parts: Parts, seen: Seen) -> None:
        self.machine, self._parts, self._seen = machine, parts, seen
        self.line = Line(network, machine, Wire(machine.name), self._hear, self._connected)
        self._announced: set[int] = set()
        self._latest: tuple[str, int] | None = None
        machine.boot = self._boot

    def _boot(self) -> None:
        self._knowledge = self._parts.board()
        self._announced.clear()

    def _connected(self, up: bool) -> None:
        if not up:
            self._knowledge.lose_server()

    def _hear(self, event: str, data: Any) -> None:
        if event != "board":
            return
        board, now_s, name = Board.model_validate(data), self.machine.timeline.now_s, self.machine.name
        self._look(board)
        for call in self._knowledge.hear_board(board, self.machine.boottime_s()):
            self.machine.timeline.note(name, f"announces {call.number} at {call.counter}")
            if call.call in self._announced:
                self._seen.broken("I3", f"{name} announced call {call.call} ({call.number}) twice", call.number)
            self._announced.add(call.call)
        for call in board.calls:
            shown = Shown(now_s, name, call.call, call.number, call.counter)
            self._seen.shown.setdefault((call.call, call.number, call.counter), shown)

    def _look(self, board: Board) -> None:
        """What anybody would notice who looks at it."""
        if self._latest and self._latest[0] != board.epoch:
            self._seen.broken("I7", f"the board is of another log: {self._latest[0]}, then {board.epoch}")
        if self._latest and self._latest[1] > board.sequence:
            self._seen.broken("I7", f"the board goes back from {self._latest[1]} to {board.sequence}")
        self._latest = board.epoch, board.sequence
        there = [counter.number for counter in board.counters if counter.number]
        for number in there:
            if there.count(number) > 1:
                self._seen.broken("I3", f"the board shows {number} at two counters", number)
