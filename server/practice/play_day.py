"""Plays a busy day into a centre's log, fast: every command goes through the real writer, by the clock of that day.

The demo runs it so that reports have something to show; tests and benchmarks call `play`.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import chain, repeat
from pathlib import Path
from threading import Thread

import click

from dawr.errors import DawrError, NothingToDo
from dawr.hours import business_day, last_open_day
from dawr.settings.centre import Centre, read_centre
from server.access.who import ANYBODY, Who
from server.keeping.log import Log
from server.keeping.writer import MOST_AT_ONCE, Writer
from server.practice.busy_day import Move, busy_day


def play(
    centre: Centre,
    log: Log,
    moves: Sequence[Move],
    on_played: Callable[[int], None] = lambda _count: None,
    who_of: Callable[[Move], Who] = lambda _move: ANYBODY,
) -> None:
    """Store the moves as the server would have stored them on their day, each with whoever made it.

    `on_played` hears how many more moves are stored. `NothingToDo` when the log is past that day already: its times
    never go back. A move that the log refuses raises its `DawrError`.
    """
    # The writer asks for the time once a command, in the order in which they were sent.
    times = chain((move.at.astimezone(UTC) for move in moves), repeat(moves[-1].at.astimezone(UTC)))
    writer = Writer(centre, log, lambda: next(times))
    if writer.hall.last_at and writer.hall.last_at > moves[0].at:
        raise NothingToDo(f"This log goes on after {moves[0].at:%Y-%m-%d} already: name another folder.")
    loop = Thread(target=writer.run, daemon=True)
    loop.start()
    try:
        for first in range(0, len(moves), MOST_AT_ONCE):
            together = [writer.submit(move.command, who=who_of(move)) for move in moves[first : first + MOST_AT_ONCE]]
            for answer in together:
                answer.result()
            on_played(len(together))
    finally:
        writer.stop()
        loop.join()


@click.command()
@click.option("--config", required=True, type=click.Path(path_type=Path), help="The centre's settings, a TOML file.")
@click.option("--data", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of the log.")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="Day to play; the last one on which the centre was open."
)
@click.option("--tickets", type=click.IntRange(1, 20_000), default=500, show_default=True, help="Tickets of the day.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed plays the same day.")
def main(config: Path, data: Path, day: datetime | None, tickets: int, seed: int) -> None:
    """Play a busy day into the log of a centre whose server is not running."""
    centre = read_centre(config)
    log = Log(data)
    try:
        chosen = day.date() if day else last_open_day(centre, business_day(centre, datetime.now(UTC)))
        moves = busy_day(centre, chosen, tickets, seed)
        with click.progressbar(length=len(moves), label=f"{chosen}: {tickets} tickets", show_pos=True) as bar:
            play(centre, log, moves, bar.update)
    except DawrError as problem:
        raise click.ClickException(str(problem)) from None
    finally:
        log.close()


if __name__ == "__main__":
    main()
