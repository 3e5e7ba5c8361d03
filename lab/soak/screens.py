"""Many boards in one process: each a real connection that knows what a board knows, and paints nothing.

`python -m lab.soak.screens` tells on its bench what each of them shows.
"""

import hashlib
import json
import signal
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import click

from dawr.bench import Bench
from dawr.board import Board
from dawr.client import Client
from dawr.find_server import FindServer
from display.knowledge import Knowledge


class Screen:
    """One board without a picture."""

    def __init__(self, server: str, name: str) -> None:
        self._knowledge = Knowledge()
        self.client = Client(
            FindServer(server),
            {"role": "board", "id": name},
            {"board": self._hear},
            on_down=self._knowledge.lose_server,
        )

    def _hear(self, wire: Mapping[str, Any]) -> None:
        self._knowledge.hear_board(Board.model_validate(wire), time.monotonic())

    @property
    def shows(self) -> str:
        """What it shows now, in short; empty before it has heard anything."""
        board = self._knowledge.board
        return digest(board.model_dump(mode="json")) if board else ""


def digest(board: Mapping[str, Any]) -> str:
    """A board in short: the same for the same one, whenever it was made."""
    shown = {key: value for key, value in board.items() if key != "at"}
    return hashlib.blake2b(json.dumps(shown, sort_keys=True).encode(), digest_size=8).hexdigest()


@click.command()
@click.option("--server", required=True, help="The server's address.")
@click.option("--screens", "count", default=38, show_default=True, help="How many.")
@click.option("--bench", "bench_port", required=True, type=int, help="Port that tells what they show.")
def main(server: str, count: int, bench_port: int) -> None:
    """Be many boards until told to end."""
    screens = [Screen(server, f"screen-{place}") for place in range(1, count + 1)]
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    with ExitStack() as parts:
        bench = Bench(
            bench_port,
            state=lambda: {
                "up": all(one.client.is_up for one in screens),
                "shown": [one.shows for one in screens],
            },
        )
        bench.start()
        parts.callback(bench.stop)
        for one in screens:
            one.client.start()
            parts.callback(one.client.stop)
        over.wait()


if __name__ == "__main__":
    main()
