"""`dawr kiosk`: puts the kiosk's process together."""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import click

from dawr.admission import wanted_by
from dawr.admitting import Admitting
from dawr.bench import Bench
from dawr.client import Client
from dawr.clock import Clock
from dawr.errors import (
    DawrError,
    PinsMissing,
    ScreenMissing,
    SettingsMistaken,
    StorageFailed,
    TextUnshapeable,
    WrongMachine,
)
from dawr.find_server import FindServer
from dawr.messages import Note, to_wire
from dawr.orders import ORDERS
from dawr.orders import Order as PrintOrder
from dawr.pin import Pin
from dawr.pins import open_pins
from dawr.settings.devices import KioskDevice, TouchScreen, beside
from dawr.settings.mistakes import Mistake, MistakenSettings, read
from dawr.text import check_shaping
from dawr.token import OwnToken
from dawr.views import TicketView

# Before the first import of pygame, which greets on standard output.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame

from dawr.window import open_window
from kiosk.buttons import ButtonKiosk
from kiosk.hand_in import HandingIn
from kiosk.identity import owner
from kiosk.issue import Health, Issuing, Refusal
from kiosk.journal import Copy, Wish
from kiosk.knowledge import CENTRE_FILE, Knowledge
from kiosk.opening import RESERVE, Opened, open_journal
from kiosk.orders import Heard, Orders
from kiosk.printer import Printer
from kiosk.screen import KioskScreen
from kiosk.shut_out import SHUT_OUT_FILE, ShutOut
from kiosk.visit import Order
from kiosk.worker import News, Worker

PRINTER_CACHE = "printer"

_log = logging.getLogger("kiosk")


@click.command()
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The kiosk's TOML file.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder of the journal with every number that this kiosk gave. Never delete it.",
)
@click.option(
    "--bench",
    "bench_port",
    type=click.IntRange(0, 65535),
    help="Show the screen and take touches over HTTP on this port.",
)
@click.option("--windows/--fullscreen", default=None, help="A window or the whole screen, whatever the file says.")
@click.option(
    "--adopt",
    "adopts",
    is_flag=True,
    help="Go on with the journal of another machine. Only if that one is switched off for good.",
)
@click.option("--verbose", is_flag=True, help="Log more.")
def main(config: Path, data: Path, bench_port: int | None, windows: bool | None, adopts: bool, verbose: bool) -> None:
    """Give tickets: a touch screen or buttons, and a slip printer. It needs no server to give them."""
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    os.umask(0o077)  # what visitors typed stands in the journal
    data.mkdir(parents=True, exist_ok=True)
    clock = Clock()
    try:
        device = read(KioskDevice, config)
        knowledge = _knowledge(device, config, data, clock)
        check_shaping()
    except SettingsMistaken as problem:
        click.echo(problem, err=True)
        sys.exit(2)
    except TextUnshapeable as problem:
        raise click.ClickException(str(problem)) from None
    with ExitStack() as parts:
        try:
            opened = _journal(device, data, adopts)
        except (WrongMachine, StorageFailed) as problem:
            _show_fault(device, knowledge, problem, bench_port, windows, parts)
            sys.exit(1)
        parts.callback(opened.journal.close)
        Kiosk(device, knowledge, opened, clock, data, parts).run(bench_port, windows)


class Kiosk:
    """The parts of a working kiosk, each wired to the others."""

    def __init__(
        self, device: KioskDevice, knowledge: Knowledge, opened: Opened, clock: Clock, data: Path, parts: ExitStack
    ) -> None:
        journal = opened.journal
        self._replaced = opened.replaced
        self._device, self._knowledge, self._journal, self._clock = device, knowledge, journal, clock
        self._parts = parts
        self._face: KioskScreen | ButtonKiosk | None = None
        self._notes: tuple[Note, ...] = ()
        self._fault: Refusal | None = None
        centre = knowledge.centre
        shut_out = self._shut_out = ShutOut(data / SHUT_OUT_FILE)
        find = self._find = FindServer(device.kiosk.server, data, centre.centre.id if centre else "")
        self._client = Client(
            find,
            {"role": "kiosk", "id": device.kiosk.id},
            {
                "hello": self._hear_hello,
                "menu": self._hear_menu,
                "print-copy": self._hear_copy,
                **{name: partial(self._hear_order, order) for name, order in ORDERS.items()},
            },
            on_up=self._come_up,
            on_found=find.remember,
            log=lambda: find.log,
            pin=Pin(data),
            token=OwnToken(data).read,
            on_not_admitted=shut_out.remember,
        )
        self._admitting = Admitting(wanted_by(device), data, self._client.to_be_admitted_at)
        self._handing_in = HandingIn(journal, device.kiosk.id, self._client.call, clock, self._tell)
        printer = Printer(
            device.printer.address,
            cache=data / PRINTER_CACHE,
            paper_mm=device.printer.paper_mm,
            answers=device.printer.answers,
            cutter=device.printer.cutter,
            torn=journal.interrupted > 0,
        )
        issuing = Issuing(
            knowledge,
            journal,
            printer,
            clock,
            data,
            self._handing_in.wake,
            slips_a_minute=device.kiosk.slips_a_minute,
        )
        orders = Orders(issuing, journal, lambda ended: self._client.tell("order-ended", to_wire(ended)))
        self._worker = Worker(issuing, self._tell, orders.carry_out)
        knowledge.is_fresh = lambda: self._client.is_up
        knowledge.silent_for_s = self._client.silent_for_s
        knowledge.turned_away = self._client.turned_away_for
        knowledge.is_not_admitted = lambda: self._client.is_not_admitted() or shut_out.is_so
        knowledge.admission = lambda: self._admitting.code

    def run(self, bench_port: int | None, windows: bool | None) -> None:
        """Give tickets until the end."""
        face = self._face = self._screen(windows) if self._device.screen else self._buttons()
        if bench_port is not None:
            bench = _bench(bench_port, face)
            self._parts.callback(bench.stop)
        _end_by_signal(face.end)
        self._worker.start()
        self._parts.callback(self._worker.stop)
        self._handing_in.start()
        self._parts.callback(self._handing_in.stop)
        self._client.start()
        self._parts.callback(self._client.stop)
        self._admitting.start()
        self._parts.callback(self._admitting.stop)
        face.run()

    def _screen(self, windows: bool | None) -> KioskScreen:
        assert self._device.screen
        return KioskScreen(
            _open_screen(self._device.screen, windows, self._parts),
            self._device.screen,
            self._knowledge,
            self._journal,
            self._order,
            silent_for_s=self._client.silent_for_s,
            replaced=self._replaced,
            tell=self._tell_notes,
        )

    def _buttons(self) -> ButtonKiosk:
        try:
            if self._device.buttons:
                open_pins(self._device.kiosk.pins)
        except PinsMissing as problem:
            raise click.ClickException(
                f'{problem}. Run it on a Raspberry Pi; pins = "mock" under [kiosk] is for trying things out.'
            ) from None
        face = ButtonKiosk(
            self._device.buttons,
            self._knowledge,
            self._journal,
            self._order,
            silent_for_s=self._client.silent_for_s,
            replaced=self._replaced,
            tell=self._tell_notes,
        )
        self._parts.callback(face.close)
        return face

    def _order(self, order: Order) -> None:
        self._worker.order(order)

    def _tell(self, news: News) -> None:
        if isinstance(news, Health):
            self._fault = news.fault
        if self._face:
            self._face.hear(news)

    def _tell_notes(self, notes: tuple[Note, ...]) -> None:
        self._notes = notes
        fault = self._fault and {"fault": to_wire(Note(key=self._fault.key, facts=dict(self._fault.facts)))}
        self._client.tell("notes", {"notes": [to_wire(note) for note in notes], **(fault or {})})

    def _come_up(self) -> None:
        self._shut_out.forget()
        self._handing_in.wake()

    def _hear_hello(self, hello: dict[str, object]) -> None:
        self._find.follow(str(hello["epoch"]))
        self._knowledge.hear_hello(hello)
        try:
            self._journal.follow(str(hello["epoch"]))
            self._journal.note_start(self._clock.now())
        except StorageFailed as problem:
            _log.error("%s", problem)
        self._handing_in.wake()
        self._tell_notes(self._notes)
        self._wake()

    def _hear_menu(self, menu: dict[str, object]) -> None:
        self._knowledge.hear_menu(menu)
        self._wake()

    def _hear_order(self, order: type[PrintOrder], said: dict[str, Any]) -> None:
        heard = order.model_validate(said)
        self._worker.order(Heard(heard, str(heard.id), time.monotonic()))

    def _hear_copy(self, order: dict[str, Any]) -> None:
        self._worker.order(_copy(order, vouched=self._clock.trusted() is not None))

    def _wake(self) -> None:
        if isinstance(self._face, KioskScreen):
            self._face.wake()


def _knowledge(device: KioskDevice, config: Path, data: Path, clock: Clock) -> Knowledge:
    """The settings of the centre as they are known here, checked against the kiosk's own."""
    centre_file = beside(config, device.kiosk.centre) if device.kiosk.centre else None
    knowledge = Knowledge(device.kiosk.id, data, centre_file, clock)
    services = knowledge.centre.service if knowledge.centre else {}
    unknown = [one for one in device.buttons if services and one.service not in services]
    if unknown:
        raise MistakenSettings(
            Mistake(
                str(config),
                f"button[{device.buttons.index(one) + 1}].service",
                "no_service_in_centre",
                {"value": one.service, "known": ", ".join(sorted(services))},
            )
            for one in unknown
        )
    return knowledge


def _copy(order: dict[str, Any], *, vouched: bool) -> Copy:
    """A copy that staff ask for through the server; its time is told only when somebody vouches for the server's."""
    ticket = TicketView.model_validate(order["ticket"])
    wish = Wish(
        service=ticket.service,
        language="ar" if ticket.language == "ar" else "en",
        visitor_class=ticket.visitor_class,
        reference=ticket.reference,
    )
    return Copy(
        id=order["id"],
        ticket=ticket.id,
        number=ticket.number,
        asked_by="staff",
        wish=wish,
        joined_at=ticket.joined_at if vouched else None,
    )


def _journal(device: KioskDevice, data: Path, adopts: bool) -> Opened:
    reserve = data / (device.kiosk.reserve or RESERVE)
    # Only a kiosk that has worked before keeps settings from the server.
    opened = open_journal(data, owner(device.kiosk.id), reserve, adopts=adopts, used=(data / CENTRE_FILE).exists())
    if opened.journal.interrupted:
        _log.warning("%d slips are in doubt since the last run", opened.journal.interrupted)
    return opened


def _show_fault(
    device: KioskDevice,
    knowledge: Knowledge,
    problem: DawrError,
    bench_port: int | None,
    windows: bool | None,
    parts: ExitStack,
) -> None:
    """Without a journal no number may be given: say so for as long as nobody mends it."""
    _log.error("%s", problem)
    if not device.screen:
        return
    key = "problem.wrong_machine" if isinstance(problem, WrongMachine) else "kiosk.cannot_store"
    face = KioskScreen(
        _open_screen(device.screen, windows, parts),
        device.screen,
        knowledge,
        None,
        lambda _order: None,
        health=Health(Refusal(key)),
    )
    if bench_port is not None:
        parts.callback(_bench(bench_port, face).stop)
    _end_by_signal(face.end)
    face.run()


def _open_screen(screen: TouchScreen, windows: bool | None, parts: ExitStack) -> pygame.Surface:
    parts.callback(pygame.display.quit)
    try:
        return open_window(screen.size, fullscreen=screen.fullscreen if windows is None else not windows)
    except ScreenMissing as problem:
        raise click.ClickException(str(problem)) from None


def _bench(port: int, face: KioskScreen | ButtonKiosk) -> Bench:
    try:
        if isinstance(face, KioskScreen):
            bench = Bench(port, on_tap=face.tap, state=face.state)
            face.show = bench.show
        else:
            bench = Bench(port, on_press=face.tap, state=face.state)
    except OSError as problem:
        raise click.ClickException(f"the bench cannot use port {port}: {problem.strerror}") from None
    bench.start()
    _log.info("bench on http://127.0.0.1:%d", bench.port)
    return bench


def _end_by_signal(end: Callable[[], None]) -> None:
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: end())


if __name__ == "__main__":
    main()
