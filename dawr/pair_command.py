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
from dawr.admitting import Code, Turn
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
from dawr.token import OwnToken
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

    It shows a code, which a manager types on the server's page /devices. The device may be running: then it is the
    same code as on its screen, and it goes on by itself. No token is stored until it is admitted.

    Exit code: 0 admitted, 1 not, 2 mistakes in the file.
    """
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    words = Words(language or own_language())
    try:
        device = _device(config, words)
        with Turn(data) as turn:
            if not _admitted_by_itself(turn, data, words):
                _admit(device, server, turn, data, words)
    except SettingsMistaken as problem:
        click.echo(problem, err=True)
        sys.exit(2)
    except DawrError as problem:
        _end(_why(problem, data, words))
    except OSError as problem:
        _end(words("pair.not_kept", folder=data, why=problem.strerror or problem))
    except KeyboardInterrupt:
        click.echo("", err=True)
        _end(words("pair.stopped"))
    _tell(words("pair.done"))


def _device(config: Path, words: Words) -> Device:
    device = read_any(config)
    if not isinstance(device, Device):
        _end(words("pair.no_device", file=config))
    return device


def _admitted_by_itself(turn: Turn, data: Path, words: Words) -> bool:
    """Whether the device, which runs and shows a code, was admitted by that; False as soon as it does not wait."""
    before, shown = OwnToken(data).read(), None
    end_s = time.monotonic() + LASTS_S
    while not turn.take():
        if time.monotonic() > end_s:
            _end(words("pair.over"))
        if (others := turn.others()) and others != shown:
            shown = others
            _tell(words("pair.read", address=shown.address))
            click.echo(framed(shown.letters))
            _tell(words("pair.shared"))
        _wait_on()
    return OwnToken(data).read() != before


def _admit(device: Device, server: str, turn: Turn, data: Path, words: Words) -> None:
    asked = _asked(device, server, data, words)
    turn.show(Code(asked.code, asked.address))
    token = _waited_for(asked)
    click.echo("", err=True)
    if token is None:
        _end(words("pair.over"))
    keep(asked, token, data)


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
        _wait_on()
    return None


def _wait_on() -> None:
    click.echo(".", nl=False, err=True)
    time.sleep(POLL_S)


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
