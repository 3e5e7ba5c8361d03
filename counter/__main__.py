"""`dawr counter`: puts the process of a counter's box together."""

import logging
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click

from counter.box import ButtonBox
from counter.desk import Desk
from counter.number_pad import NumberPad
from dawr.admission import wanted_by
from dawr.admitting import Admitting
from dawr.bench import Bench
from dawr.client import Client
from dawr.errors import PinsMissing, SettingsMistaken
from dawr.find_server import FindServer
from dawr.pin import Pin
from dawr.pins import open_pins
from dawr.settings.devices import CounterDevice
from dawr.settings.mistakes import read
from dawr.token import OwnToken


@click.command()
@click.option(
    "--config", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The counter box's TOML file."
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder in which the server's last good address and the box's token are kept.",
)
@click.option(
    "--bench", "bench_port", type=click.IntRange(0, 65535), help="Show the box and take presses over HTTP on this port."
)
@click.option("--verbose", is_flag=True, help="Log more.")
def main(config: Path, data: Path | None, bench_port: int | None, verbose: bool) -> None:
    """A counter's box: next, recall, no-show and break; its lamp says whether a press was taken."""
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    try:
        device = read(CounterDevice, config)
    except SettingsMistaken as problem:
        click.echo(problem, err=True)
        sys.exit(2)
    if data:
        data.mkdir(parents=True, exist_ok=True)

    desk = Desk(device.counter.id)
    with ExitStack() as parts:
        try:
            tap = _wire(device, desk, parts)
        except PinsMissing as problem:
            raise click.ClickException(
                f"{problem}. Run it on a Raspberry Pi, or have a [number_pad] instead of a [box] in {config}; "
                'pins = "mock" under [counter] is for trying things out.'
            ) from None
        if bench_port is not None:
            parts.callback(_open_bench(bench_port, desk, tap).stop)
        for ending in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ending, lambda *_: desk.end())
        client = _client(device, desk, data)
        desk.is_not_admitted = client.is_not_admitted
        client.start()
        parts.callback(client.stop)
        if data:
            admitting = Admitting(wanted_by(device), data, client.to_be_admitted_at)
            admitting.start()
            parts.callback(admitting.stop)
        desk.run(client.call)


def _wire(device: CounterDevice, desk: Desk, parts: ExitStack) -> Callable[[str], None]:
    """Join box and number pad, whichever there are, to the desk. What you get presses a button by name."""
    taps: list[Callable[[str], None]] = []
    if device.box:
        open_pins(device.counter.pins)
        box = ButtonBox(device.box, lambda button, down: desk.contact(button, down=down))
        parts.callback(box.close)
        desk.lamps.append(box.light)
        desk.displays.append(box.show)
        taps.append(box.tap)
    if device.number_pad:
        pad = NumberPad(Path(device.number_pad.device), lambda button: desk.contact(button, settle_s=0.0))
        pad.start()
        parts.callback(pad.stop)
        desk.lamps.append(pad.light)
        taps.append(pad.tap)
    return taps[0]


def _client(device: CounterDevice, desk: Desk, data: Path | None) -> Client:
    find = FindServer(device.counter.server, data)
    return Client(
        find,
        {"role": "counter", "id": f"box-{device.counter.id}", "counter": device.counter.id},
        {"hello": lambda hello: find.follow(hello["epoch"]), "counter": desk.hear},
        on_up=lambda: desk.connect(True),
        on_down=lambda: desk.connect(False),
        on_found=find.remember,
        log=lambda: find.log,
        pin=Pin(data),
        token=OwnToken(data).read,
    )


def _open_bench(port: int, desk: Desk, tap: Callable[[str], None]) -> Bench:
    try:
        bench = Bench(port, on_press=tap, state=desk.state)
    except OSError as problem:
        raise click.ClickException(f"the bench cannot use port {port}: {problem.strerror}") from None
    bench.start()
    return bench


if __name__ == "__main__":
    main()
