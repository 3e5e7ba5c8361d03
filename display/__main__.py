"""`dawr display`: puts the board's process together."""

import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from dawr.admission import wanted_by
from dawr.admitting import Admitting
from dawr.bench import Bench
from dawr.board import Board
from dawr.client import Client
from dawr.clock import Clock, take_time
from dawr.errors import ScreenMissing, SettingsMistaken, TextUnshapeable
from dawr.find_server import FindServer
from dawr.pin import Pin
from dawr.settings.centre import Centre
from dawr.settings.devices import BoardDevice, beside
from dawr.settings.mistakes import parse, read
from dawr.text import check_shaping
from dawr.token import OwnToken
from display.clips import MADE

# Before the first import of pygame, which greets on standard output.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame

from dawr.window import open_window
from display.announcer import Announcer
from display.board_window import BoardWindow
from display.showing import Admission, words_of

_log = logging.getLogger("display")


@click.command()
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The board's TOML file.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the last known board and the board's token.",
)
@click.option("--bench", "bench_port", type=click.IntRange(0, 65535), help="Show the picture over HTTP on this port.")
@click.option("--windows/--fullscreen", default=None, help="A window or the whole screen, whatever the file says.")
@click.option(
    "--clips", type=click.Path(file_okay=False, path_type=Path), default=MADE, help="Folder of the made voice clips."
)
def main(config: Path, data: Path | None, bench_port: int | None, windows: bool | None, clips: Path) -> None:
    """The hall's board: latest calls, people waiting, chime and voice."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    try:
        device = read(BoardDevice, config)
        check_shaping()
        surface = open_window(
            device.screen.size, fullscreen=device.screen.fullscreen if windows is None else not windows
        )
    except SettingsMistaken as problem:
        click.echo(problem, err=True)
        sys.exit(2)
    except (TextUnshapeable, ScreenMissing) as problem:
        raise click.ClickException(f"the board cannot be shown here: {problem}") from None

    recordings = beside(config, device.sound.clips) if device.sound.clips else None
    announcer = Announcer(device.sound, recordings, clips)
    bench = _open_bench(bench_port)
    window, client, admitting = _wire(device, surface, announcer, bench, data)
    for warn in window.layout.warnings:
        _log.warning("%s", words_of(None)[1](f"board.{warn.key}", **dict(warn.values)))
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: window.end())
    announcer.start()
    client.start()
    if admitting:
        admitting.start()
    try:
        window.run()
    finally:
        if admitting:
            admitting.stop()
        client.stop()
        announcer.stop()
        if bench:
            bench.stop()
        pygame.display.quit()


def _open_bench(port: int | None) -> Bench | None:
    if port is None:
        return None
    try:
        return Bench(port)
    except OSError as problem:
        raise click.ClickException(f"the bench cannot use port {port}: {problem.strerror}") from None


def _wire(
    device: BoardDevice, surface: pygame.Surface, announcer: Announcer, bench: Bench | None, data: Path | None
) -> tuple[BoardWindow, Client, Admitting | None]:
    """The window, its line to the server, and what has it admitted there if it has a folder for what it is given.

    What comes in from the server is done on the window's thread.
    """
    clock = Clock()
    if data:
        data.mkdir(parents=True, exist_ok=True)
    find = FindServer(device.display.server, data)

    def hear_hello(wire: dict[str, Any]) -> None:
        find.follow(wire["epoch"])
        take_time(clock, wire)
        window.post(window.hear_centre, parse(Centre, wire["centre"], "the server's settings"))

    client = Client(
        find,
        {"role": "board", "id": device.display.id},
        {
            "hello": hear_hello,
            "board": lambda wire: window.post(window.hear_board, Board.model_validate(wire)),
        },
        on_up=lambda: window.post(window.find_server),
        on_down=lambda: window.post(window.lose_server),
        on_found=find.remember,
        log=lambda: find.log,
        pin=Pin(data),
        token=OwnToken(data).read,
    )
    admitting = Admitting(wanted_by(device), data, client.to_be_admitted_at) if data else None

    def admission() -> Admission | None:
        code = admitting and admitting.code
        return Admission(device.display.id, code) if code else None

    window = BoardWindow(
        surface,
        device.screen,
        announcer,
        clock=clock,
        data=data,
        silent_for_s=client.silent_for_s,
        turned_away_for=client.turned_away_for,
        admission=admission,
        show=bench.show if bench else None,
    )
    if bench:
        bench.state = window.state
        bench.start()
        _log.info("bench on http://127.0.0.1:%d", bench.port)
    return window, client, admitting


if __name__ == "__main__":
    main()
