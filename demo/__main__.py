"""The demo: a whole centre on this machine, put together here. `main` is the command `dawr demo`."""

if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click
import gevent
from gevent.event import Event
from gevent.pywsgi import WSGIServer

from dawr.hours import last_open_day
from dawr.settings.centre import read_centre
from demo.example import Files, example_folder, write_settings
from demo.hall_page import Hall, create_app
from demo.processes import Part, Processes, free_port
from demo.watch import Devices, Watch

THIS_MACHINE = "127.0.0.1"
NO_HARDWARE = {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
OF_A_HALL = ("server", "kiosk", "slips")


@click.command()
@click.option("--centre", "name", default="tartous-main", show_default=True, help="An example, or a folder like it.")
@click.option("--day", is_flag=True, help="Play a busy day of 500 tickets first, so that the reports show something.")
@click.option("--windows", is_flag=True, help="Open the kiosk and the board on this screen as well.")
@click.option("--host", default=THIS_MACHINE, show_default=True, help="Address of the hall page.")
@click.option("--port", default=8000, show_default=True, help="Port of the hall page; another one if it is taken.")
@click.option(
    "--data",
    default=".demo",
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for everything that the demo keeps.",
)
def main(name: str, day: bool, windows: bool, host: str, port: int, data: Path) -> None:
    """Run a whole centre on this machine: server, kiosk with printer, three counter boxes, board, and a hall page.

    It needs no screen, sound, pins or printer. Ctrl-C ends everything.
    """
    example = example_folder(name)
    folder = (data / example.name).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder):
        played = _play_a_day(example, folder) if day else None
        _run_the_hall(example, folder, played, windows, host, port)


def _run_the_hall(example: Path, folder: Path, played: date | None, windows: bool, host: str, port: int) -> None:
    """Everything from the first process to the last, until Ctrl-C or SIGTERM."""
    server, printer = f"http://{THIS_MACHINE}:{free_port()}", f"tcp://{THIS_MACHINE}:{free_port()}"
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
    processes = Processes(
        parts(files, folder, devices), folder / "logs", {} if windows else NO_HARDWARE, lambda news: _say(f"  {news}")
    )
    page = _listening(Hall(centre, devices, Watch(devices), played), host, port)
    told_to_end = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(number, told_to_end.set)

    _say(f"{centre.centre.name.get('en') or next(iter(centre.centre.name.values()))}")
    _say(f"For the demo it is open day and night, and counters {', '.join(files.counters)} serve every line.")
    try:
        starting = gevent.spawn(processes.start)
        gevent.wait([starting, told_to_end], count=1)
        if not told_to_end.is_set():
            _welcome(host, page.server_port, folder)
            told_to_end.wait()
    finally:
        _say("\nEnding …")
        processes.stop()
        page.stop(timeout=0)


def parts(files: Files, folder: Path, devices: Devices) -> list[Part]:
    """What runs: each part as its own process, as it would on a machine of its own."""

    def device(name: str, module: str, settings: Path, bench: int) -> Part:
        own = folder / name.replace(" ", "-")
        command = (module, "--config", str(settings), "--data", str(own), "--bench", str(bench))
        return Part(name, command, f"http://{THIS_MACHINE}:{bench}/state")

    server = ("--config", str(files.centre), "--data", str(folder / "server"), "--port", _port(devices.server))
    return [
        Part("server", ("server", *server), f"{devices.server}/api/v1/health"),
        Part(
            "printer",
            ("kiosk.virtual_printer", "--port", _port(devices.printer), "--out", str(devices.slips)),
            devices.printer,
        ),
        device("kiosk", "kiosk", files.kiosk, devices.kiosk),
        device("board", "display", files.board, devices.board),
        *(
            device(f"counter {counter}", "counter", settings, devices.counters[counter])
            for counter, settings in files.counters.items()
        ),
    ]


def _play_a_day(example: Path, folder: Path) -> date:
    """Play the last day on which the centre was open into a new log, and show its report."""
    centre = read_centre(example / "centre.toml")
    day = last_open_day(centre, datetime.now(centre.zone).date())
    _set_aside(folder)
    of_the_log = ("--config", str(example / "centre.toml"), "--data", str(folder / "server"))
    _run("server.play_day", *of_the_log, "--day", str(day))
    _run("server.report_command", *of_the_log, "--from", str(day), "--to", str(day), "--by", "line", "--language", "en")
    _say("")
    return day


def _set_aside(folder: Path) -> None:
    """A log's times never go back, so an earlier day needs a new log; the old one is kept."""
    there = [folder / part for part in OF_A_HALL if (folder / part).exists()]
    if there:
        aside = folder.with_name(f"{folder.name}-until-{datetime.now():%Y-%m-%d-%H%M%S}")
        aside.mkdir()
        for part in there:
            part.rename(aside / part.name)
        _say(f"A played day needs a new log; what the demo had before is now in {_short(aside)}.")


def _run(module: str, *arguments: str) -> None:
    """Run one of our commands to its end; when it fails it has said why."""
    done = subprocess.run([sys.executable, "-P", "-m", module, *arguments], check=False)
    if done.returncode:
        sys.exit(done.returncode)


def _listening(hall: Hall, host: str, port: int) -> WSGIServer:
    """The hall page, already listening; on another port when this one is taken."""
    try:
        free = free_port(port, host)
        page = WSGIServer((host, free), create_app(hall), log=None)
        page.start()
    except OSError as problem:
        raise click.ClickException(f"The hall page cannot listen on {host}: {problem.strerror}.") from None
    if free != port:
        _say(f"Port {port} is taken, so the hall page takes port {free}.")
    return page


def _welcome(host: str, port: int, folder: Path) -> None:
    shown = "localhost" if host == THIS_MACHINE else f"[{host}]" if ":" in host else host
    _say(f"\nThe hall is open:  http://{shown}:{port}/\n")
    if host != THIS_MACHINE:
        _say("Everybody who can reach this address can press the buttons of this hall.")
    _say(f"Settings, logs and slips are in {_short(folder)}. Ctrl-C ends everything.")


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Two demos in one folder would write one log: the second is refused."""
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(
                f"A demo is running in {_short(folder)} already: end it with Ctrl-C, or name another --data."
            ) from None
        yield


def _port(address: str) -> str:
    return address.rpartition(":")[2]


def _short(folder: Path) -> str:
    """A path as a person would write it from here."""
    return os.path.relpath(folder) if folder.is_relative_to(Path.cwd()) else str(folder)


def _say(text: str) -> None:
    click.echo(text)


if __name__ == "__main__":
    main()
