"""`dawr pair`: admits a device at its own machine, with a manager who types the code that is shown here."""

import asyncio
import logging
import sys
import time
from functools import partial
from pathlib import Path
from typing import NoReturn

import click

from dawr.admission import LASTS_S, POLL_S, Asked, ask, ask_the_first, grouped, keep, token_given, wanted_by
from dawr.errors import (
    BadMessage,
    DawrError,
    ForeignServer,
    NotPaired,
    PlainServer,
    Refused,
    ServerUnreachable,
    SettingsMistaken,
)
from dawr.find_server import FindServer
from dawr.language import LANGUAGES, own_language
from dawr.pin import CA_FILE, Pin
from dawr.settings.check import read_any
from dawr.settings.devices import BoardDevice, CounterDevice, KioskDevice
from dawr.text import without_isolates
from dawr.words import Words

Device = KioskDevice | CounterDevice | BoardDevice


@click.command()
@click.option(
    "--config", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The device's TOML file."
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The device's folder, as for dawr kiosk, counter and display; its token is kept there.",
)
@click.option("--server", default="", help="The server's address; else that of the file, else it is looked for.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of what is said here; else by LANG.")
def main(config: Path, data: Path, server: str, language: str | None) -> None:
    """Have a manager admit this device: a kiosk, a counter's box or a board.

    It shows a code, which a manager types on the server's page /devices. The device may be running; it goes on by
    itself. Until it is admitted, nothing is stored.

    Exit code: 0 admitted, 1 not, 2 mistakes in the file.
    """
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    words = Words(language or own_language())
    try:
        device = _device(config, words)
        asked = _asked(device, server, data, words)
        token = _waited_for(asked)
        click.echo("", err=True)
    except SettingsMistaken as problem:
        click.echo(problem, err=True)
        sys.exit(2)
    except DawrError as problem:
        _end(_why(problem, data, words))
    except KeyboardInterrupt:
        click.echo("", err=True)
        _end(words("pair.stopped"))
    if token is None:
        _end(words("pair.over"))
    try:
        keep(asked, token, data)
    except OSError as problem:
        _end(words("pair.not_kept", folder=data, why=problem.strerror or problem))
    _tell(words("pair.done"))


def _device(config: Path, words: Words) -> Device:
    device = read_any(config)
    if not isinstance(device, Device):
        _end(words("pair.no_device", file=config))
    return device


def _asked(device: Device, server: str, data: Path, words: Words) -> Asked:
    """The server that was asked; its code has been shown."""
    typed = server.rstrip("/") or _typed(device)
    if typed and not typed.startswith(("http://", "https://")):
        _end(words("pair.no_address", address=typed))
    asking = partial(ask, wanted=wanted_by(device), pin=Pin(data), language=words.language)
    if typed:
        asked = asking(typed)
    else:
        _tell(words("pair.looking"))
        asked = asyncio.run(ask_the_first(FindServer(data=data), asking))
    _tell(words("pair.read", address=asked.address))
    click.echo(framed(asked.code))
    _tell(words("pair.waits"))
    return asked


def _waited_for(asked: Asked) -> str | None:
    """The token that a manager has given, None when it is over; a point on the screen each time that it waits on."""
    end_s = time.monotonic() + LASTS_S
    while time.monotonic() < end_s:
        try:
            if token := token_given(asked):
                return token
        except Refused:
            return None
        except ServerUnreachable:
            pass  # it may come back in time
        click.echo(".", nl=False, err=True)
        time.sleep(POLL_S)
    return None


def framed(code: str) -> str:
    """A code that is read from some steps away."""
    spaced = f"   {'   '.join(' '.join(group) for group in grouped(code).split())}   "
    line = "─" * len(spaced)
    return f"\n    ┌{line}┐\n    │{' ' * len(spaced)}│\n    │{spaced}│\n    │{' ' * len(spaced)}│\n    └{line}┘\n"


def _typed(device: Device) -> str:
    match device:
        case KioskDevice():
            return device.kiosk.server
        case CounterDevice():
            return device.counter.server
        case BoardDevice():
            return device.display.server


def _why(problem: DawrError, data: Path, words: Words) -> str:
    match problem:
        case ForeignServer():
            return words("pair.foreign", file=data / CA_FILE, why=problem)
        case PlainServer():
            return words("pair.plain", file=data / CA_FILE, why=problem)
        case NotPaired():
            return words("pair.damaged", file=data / CA_FILE, why=problem)
        case Refused():
            return words("pair.refused", why=problem)
        case ServerUnreachable():
            return words("pair.unreachable", why=problem)
        case BadMessage():
            return words("pair.no_answer", why=problem)
    return str(problem)


def _tell(said: str) -> None:
    click.echo(without_isolates(said), err=True)


def _end(why: str) -> NoReturn:
    _tell(why)
    sys.exit(1)


if __name__ == "__main__":
    main()
