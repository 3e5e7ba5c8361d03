"""Running the demo, from the first process to the last: what runs, with what, and what is said about it."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn

import click
import gevent
from gevent.event import Event
from gevent.pywsgi import WSGIServer

from dawr.errors import SettingsMistaken
from dawr.hours import business_day, last_open_day
from dawr.settings.centre import read_centre
from dawr.text import without_isolates
from dawr.words import Words
from demo.example import Files, example_folder, write_settings
from demo.hall_page import Hall, create_app
from demo.processes import Part, Processes, free_port
from demo.watch import Devices, Watch

THIS_MACHINE = "127.0.0.1"
NO_HARDWARE = {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
OF_A_HALL = ("server", "kiosk", "slips")


def run(centre: str, data: Path, host: str, port: int, language: str, *, day: bool, windows: bool) -> None:
    """Run until SIGTERM or SIGINT. Ends the process with 2 for mistaken settings, 1 for what else hinders it."""
    words = Words(language)
    if windows and not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")):
        _end(words("demo.no_screen"))
    try:
        example = example_folder(centre)
        folder = (data / example.name).resolve()
        with _alone_in(folder, words):
            played = _play_a_day(example, folder, words) if day else None
            _run_the_hall(example, folder, host, port, played, words, windows)
    except SettingsMistaken as mistakes:
        _end(str(mistakes), 2)


def _run_the_hall(
    example: Path, folder: Path, host: str, port: int, played: date | None, words: Words, windows: bool
) -> None:
    server, printer = f"http://{_from_here(host)}:{free_port(0, host)}", f"tcp://{THIS_MACHINE}:{free_port()}"
    files = write_settings(example, folder / "settings", server, printer, windows)
    devices = Devices(
        server=server,
        printer=printer,
        kiosk=free_port(),
        board=free_port(),
        counters={counter: free_port() for counter in files.counters},
        slips=folder / "slips",
    )
    centre = read_centre(files.centre)
    page = _listening(Hall(centre, devices, Watch(devices, played), played), host, port, words)
    processes = Processes(
        parts(files, folder, devices, host, words),
        folder / "logs",
        {} if windows else NO_HARDWARE,
        lambda key, **facts: _say(words, f"demo.{key}", indent="  ", **facts),
    )
    told_to_end = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(number, told_to_end.set)
    _say(words, "demo.begins", centre=words.of(centre.centre.name))
    _say(words, "demo.always_open", counters=", ".join(files.counters))
    try:
        gevent.wait([gevent.spawn(processes.start), told_to_end], count=1)
        if not told_to_end.is_set():
            _welcome(host, page.server_port, folder, words)
            told_to_end.wait()
    finally:
        _say(words, "demo.ending", indent="\n")
        processes.stop()
        page.stop(timeout=0)


def parts(files: Files, folder: Path, devices: Devices, host: str, words: Words) -> list[Part]:
    """What runs: each part as its own process, as it would on a machine of its own.

    The server's pages are where the hall page is: at `host`.
    """

    def device(name: str, title: str, module: str, settings: Path, bench: int) -> Part:
        own = ("--config", str(settings), "--data", str(folder / name), "--bench", str(bench))
        return Part(name, title, (module, *own), f"http://{THIS_MACHINE}:{bench}/state")

    log = ("--config", str(files.centre), "--data", str(folder / "server"))
    there = ("--host", host, "--port", _port(devices.server))
    slips = ("--port", _port(devices.printer), "--out", str(devices.slips))
    return [
        Part(
            "server",
            words("demo.part.server"),
            ("server", *log, *there, "--no-discovery", "--trust-clock", "--no-sign-in"),
            f"{devices.server}/api/v1/health",
        ),
        Part("printer", words("demo.part.printer"), ("kiosk.virtual_printer", *slips), devices.printer),
        device("kiosk", words("demo.part.kiosk"), "kiosk", files.kiosk, devices.kiosk),
        device("board", words("demo.part.board"), "display", files.board, devices.board),
        *(
            device(f"counter-{id}", words("demo.part.counter", counter=id), "counter", file, devices.counters[id])
            for id, file in files.counters.items()
        ),
    ]


def _play_a_day(example: Path, folder: Path, words: Words) -> date:
    """Play the last day on which the centre was open into a new log, and show its report."""
    centre = read_centre(example / "centre.toml")
    day = last_open_day(centre, business_day(centre, datetime.now(UTC)))
    _set_aside(folder, words)
    log = ("--config", str(example / "centre.toml"), "--data", str(folder / "server"))
    _carry_out("server.practice.play_day", *log, "--day", str(day))
    _carry_out(
        "server.reports.command",
        *log,
        "--from",
        str(day),
        "--to",
        str(day),
        "--by",
        "line",
        "--language",
        words.language,
    )
    click.echo()
    return day


def _set_aside(folder: Path, words: Words) -> None:
    """A log's times never go back, so an earlier day needs a new log; the old one is kept."""
    there = [folder / part for part in OF_A_HALL if (folder / part).exists()]
    if there:
        aside = folder.with_name(f"{folder.name}-until-{datetime.now():%Y-%m-%d-%H%M%S}")
        aside.mkdir()
        for part in there:
            part.rename(aside / part.name)
        _say(words, "demo.set_aside", folder=_short(aside))


def _carry_out(module: str, *arguments: str) -> None:
    """Run one of our commands to its end; when it fails it has said why."""
    done = subprocess.run([sys.executable, "-P", "-m", module, *arguments], check=False)
    if done.returncode:
        sys.exit(done.returncode)


def _listening(hall: Hall, host: str, port: int, words: Words) -> WSGIServer:
    """The hall page, already listening; on another port when this one is taken."""
    try:
        free = free_port(port, host)
        page = WSGIServer((host, free), create_app(hall), log=None)
        page.start()
    except OSError as problem:
        _end(words("demo.cannot_listen", host=host, why=problem.strerror))
    if port and free != port:
        _say(words, "demo.port_taken", port=port, other=free)
    return page


def _welcome(host: str, port: int, folder: Path, words: Words) -> None:
    shown = "localhost" if host == THIS_MACHINE else f"[{host}]" if ":" in host else host
    # Alone on its line and without direction marks, so that it can be clicked, copied and read by scripts.
    _say(words, "demo.ready_at", indent="\n")
    click.echo(f"\n    http://{shown}:{port}/\n")
    if host != THIS_MACHINE:
        _say(words, "demo.open_to_all")
    _say(words, "demo.how_to_end", folder=_short(folder))


@contextmanager
def _alone_in(folder: Path, words: Words) -> Iterator[None]:
    """The demo's folder for this demo alone: two would write one log."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as problem:
        _end(words("demo.cannot_store", folder=_short(folder), why=problem.strerror))
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            _end(words("demo.runs_already", folder=_short(folder)))
        yield


def _say(words: Words, key: str, indent: str = "", **facts: object) -> None:
    """Say it on the terminal; one that reads left to right only shows the marks of direction as boxes."""
    text = words(key, **facts)
    click.echo(indent + (text if words.language == "ar" else without_isolates(text)))


def _end(why: str, code: int = 1) -> NoReturn:
    click.echo(why, err=True)
    sys.exit(code)


def _from_here(host: str) -> str:
    """How processes of this machine reach what listens at a host; every address is reached at the machine's own."""
    return {"0.0.0.0": THIS_MACHINE, "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)


def _port(address: str) -> str:
    return address.rpartition(":")[2]


def _short(folder: Path) -> str:
    """A path as a person would write it from here."""
    return os.path.relpath(folder) if folder.is_relative_to(Path.cwd()) else str(folder)
