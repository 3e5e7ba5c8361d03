"""A server put together: the log, the writer, the teller, HTTP and Socket.IO, for one centre."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from flask.json.provider import DefaultJSONProvider
from flask_socketio import SocketIO
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from dawr.clock import Hardware, Trust
from dawr.errors import BeginsAnew, DawrError, NotAllowed
from dawr.messages import Command, NoteClock
from dawr.settings.centre import Centre
from dawr.settings.server import ServerSettings, configured_names
from server.access.admissions import Admissions
from server.access.guard import Guard, is_page
from server.access.people import People
from server.access.rights import MANAGERS
from server.access.store import AccessStore
from server.access.who import ANYBODY, Who
from server.administration.api import Administration
from server.administration.file import SettingsFile
from server.administration.history import History
from server.administration.previews import Previews
from server.administration.store import SettingsStore
from server.audit import seals
from server.audit.exports import Exports
from server.audit.nightly import LOOK_EVERY_S, NightlyCheck
from server.audit.trail import COUNTED_EVERY_S, Audit
from server.audit.view import AuditLog
from server.door.door import Door
from server.door.names import OwnNames
from server.door.packets import Hearing
from server.interface.api import Api
from server.interface.metrics import Metrics
from server.interface.routes import LARGE_BYTES, Hello
from server.keeping.hall_clock import HallClock, Jump
from server.keeping.log import Log
from server.keeping.writer import Do, Stored, Writer
from server.off_loop import AsyncMode, off_loop
from server.outgoing.outgoing import Outgoing
from server.pages.phone import Phone
from server.pages.public import Public
from server.pages.ratings import Ratings
from server.pages.site import Site
from server.pages.tablet import Tablet
from server.practice.training import Training
from server.privacy.retention import Retention
from server.reports.preparing import Preparing, are_all_ready
from server.rounds import Round
from server.telling.attendance import Attendance
from server.telling.copies import Copies
from server.telling.live import Live, make_socketio
from server.telling.needs import Needs
from server.telling.orders import Orders
from server.telling.teller import Teller
from server.transport.authority import kept_authority
from server.transport.ca_page import ca_page

ENDING_S = 5.0
REVOKED_S = 1.0

ALL_OFF = ServerSettings()

_log = logging.getLogger(__name__)


@dataclass
class Server:
    """A server's parts. `app` is what a WSGI server serves, between `start` and `stop`."""

    app: Flask
    socketio: SocketIO
    log: Log
    writer: Writer
    teller: Teller
    training: Training
    access: AccessStore
    people: People
    rounds: list[Round]
    """What it does by itself beside the hall."""
    audit: Audit
    rivals: dict[str, str] = field(default_factory=dict)
    """Other servers of the same centre with other logs, as far as was heard, and where they are."""
    _loops: list[Any] = field(default_factory=list)

    def start(self) -> None:
        """Begin to take commands and to tell."""
        self.writer.start_day_if_due()
        for one in self.rounds:
            one.start()
        loops = (self.writer.run, self.teller.run, self.training.run)
        self._loops = [self.socketio.start_background_task(loop) for loop in loops]

    def stop(self) -> None:
        """Store what waits, tell everybody goodbye, and close the log."""
        for one in self.rounds:
            one.stop()
        self.writer.end()
        self.teller.stop()
        self.training.stop()
        for loop in self._loops:
            loop.join()
        self.access.close()
        self.audit.record_counted()
        self.log.close()


class _Json(DefaultJSONProvider):
    """JSON in the order of the definitions, with Arabic as it is written."""

    sort_keys = False
    ensure_ascii = False


def create_app(
    centre: Centre,
    file: SettingsFile,
    data: Path,
    *,
    async_mode: AsyncMode,
    clock_is_right: bool = False,
    hardware: Hardware | None = None,
    begin_anew: Callable[[], None] = lambda: None,
    own: ServerSettings = ALL_OFF,
    open_to_all: bool = False,
    host: str = "",
) -> Server:
    """A server for a centre, with its log in `data`; `file` has its settings, which the devices get as they are now.

    `own` is what no device gets. `host` is where it listens, which is one of its names.
    `clock_is_right`: staff say so of this machine's clock. `hardware` is another machine to take the time from.
    `begin_anew` is called when the settings in their file were changed. `open_to_all`: everybody may everything.

    `sqlite3.Error` or `OSError` when the log cannot be opened, `LogDamaged` when it cannot be read.
    """
    log, centre_text = Log(data), file.text()
    hall_clock = HallClock(log.last_at(), hardware, vouched=clock_is_right, ahead=log.ahead())
    clock = hall_clock.now

    def on_stored(stored: Stored) -> None:
        metrics.count(stored)
        teller.wake()

    writer = Writer(
        centre,
        log,
        clock,
        off_loop(async_mode),
        on_stored,
        knows_the_day=lambda: hall_clock.knows_the_day,
        look_at_clock=lambda: _note(hall_clock.look()),
        has_clock_news=hall_clock.has_news,
        hear_clock=hall_clock.hear,
        dated=hall_clock.dated,
    )
    app = Flask("server")
    app.json = _Json(app)
    app.config["MAX_CONTENT_LENGTH"] = LARGE_BYTES
    socketio = make_socketio(app, async_mode)
    names = OwnNames((*configured_names(own.network, centre), *([host] if host else [])))
    app.wsgi_app = Door(app.wsgi_app, centre, names, socketio.sleep)  # type: ignore[method-assign]
    if own.network.behind_proxy:
        # Around Socket.IO too, and one hop exactly: what stands before nginx's own word was written by anybody.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]

    def hello() -> Hello:
        return Hello(epoch=log.epoch, version=version("dawr"), now=clock(), trust=hall_clock.trust, centre=centre_text)

    teller = Teller(writer, log.epoch, clock, hello, socketio.emit, clock_told=lambda: hall_clock.told)
    access = AccessStore(data)

    def hall_time() -> datetime | None:
        # A clock that jumped in the middle of the day says nothing of how long somebody has been here.
        return None if writer.hall.clock_jumped or hall_clock.trust is Trust.NONE else clock()

    guard = Guard(access, clock, lambda: writer.hall.day, hall_time, open_to_all=open_to_all)
    guard.watch(app)
    training = Training(socketio, centre, clock, hello, guard)
    rivals: dict[str, str] = {}
    attendance = Attendance(centre)
    copies = Copies(writer, lambda *to_kiosk: live.send(*to_kiosk), socketio.sleep)
    orders = Orders(centre, copies.do, lambda *to_kiosk: live.send(*to_kiosk), socketio.sleep)

    def do(command: Command, id: str | None, who: Who) -> dict[str, Any]:
        """What somebody sends, over HTTP or Socket.IO. Where nobody is asked, who it is may be long out of date."""
        return orders.do(command, id, ANYBODY if open_to_all else who)

    live = Live(
        socketio,
        centre,
        _without_goodbye(do, socketio.sleep),
        teller,
        log.epochs,
        attendance,
        clock,
        orders.hear,
        guard,
    )
    Hearing(socketio, centre)
    metrics = Metrics(lambda: writer, list(centre.line), live.connections)
    beside = off_loop(async_mode)
    needs = Needs(attendance, live.kiosks)
    preparing = Preparing(file.path, data, lambda: writer.hall.day, lambda: beside(lambda: are_all_ready(log, centre)))
    audit = Audit(log.file, clock, lambda: hall_clock.trust, off_loop(async_mode))
    api = Api(
        centre,
        writer,
        do,
        log,
        metrics,
        hall_clock,
        rivals,
        live.kiosks,
        beside,
        needs,
        lambda: preparing.is_at_work,
        lambda: None if open_to_all or g.who.role not in MANAGERS else access.ids(),
    )
    exports = Exports(audit)
    exports.watch(app)
    app.register_blueprint(api.blueprint())
    store = SettingsStore(file, History(log.file), log, writer, clock, lambda: hall_clock.trust, begin_anew)
    store.note_start()
    app.register_blueprint(AuditLog(audit, api.words).blueprint())
    people = People(
        centre, access, audit, clock, lambda: writer.hall.day, hall_time, off_loop(async_mode), live.part_with_revoked
    )
    app.register_blueprint(people.blueprint())
    admissions = Admissions(centre, access, guard, live, audit, clock, lambda: _fingerprint(data), off_loop(async_mode))
    app.register_blueprint(admissions.blueprint())
    previews = Previews()
    app.register_blueprint(Administration(store, previews, api.words, clock, beside).blueprint())
    site = Site(app, centre, writer, previews, clock, open_to_all=open_to_all)
    app.register_blueprint(site.blueprint())
    ratings = Ratings(writer)
    app.register_blueprint(Phone(writer, site.show, ratings).blueprint())
    app.register_blueprint(Tablet(writer, ratings, clock).blueprint())
    app.register_blueprint(Public(centre, writer, log, off_loop(async_mode), site).blueprint())
    app.register_blueprint(ca_page(data))
    app.register_error_handler(DawrError, lambda error: _refused(api.refused(error), site))
    app.register_error_handler(NotAllowed, lambda error: _not_allowed(error, site, api))
    app.register_error_handler(HTTPException, lambda error: _refused(api.refused_by_http(error), site))
    app.register_error_handler(Exception, lambda error: _defect(api, error))
    apart = off_loop(async_mode)
    sealing = seals.Sealing(log, audit, lambda: writer.hall.day, apart)
    retention = Retention(log, audit, centre.privacy, lambda: hall_clock.trust, lambda: writer.hall.day, apart)
    nightly = NightlyCheck(log, centre.zone, clock, off_loop(async_mode))
    needs.hear(nightly.needs)
    rounds = [
        Round("nightly check", LOOK_EVERY_S, nightly.check_if_due),
        Round("parting with the revoked", REVOKED_S, live.part_with_revoked),
        preparing,
        Round("sealing", seals.LOOK_EVERY_S, lambda: _after_a_day(log, writer, sealing, retention)),
        Round("counting for the audit log", COUNTED_EVERY_S, audit.record_counted),
    ]
    outgoing = Outgoing(
        own, centre, log, writer, hall_clock, off_loop(async_mode), needs, orders.seen_through, exports.sent
    )
    app.register_blueprint(outgoing.by_hand.blueprint())
    rounds += outgoing.rounds
    return Server(app, socketio, log, writer, teller, training, access, people, rounds, audit, rivals)


def _without_goodbye(do: Do, sleep: Callable[[float], None]) -> Do:
    """A device whose command came too late gets no refusal: its connection ends, and it sends the same again."""

    def done(command: Command, id: str | None, who: Who) -> dict[str, Any]:
        try:
            return do(command, id, who)
        except BeginsAnew:
            sleep(ENDING_S)
            raise

    return done


def _after_a_day(log: Log, writer: Writer, sealing: seals.Sealing, retention: Retention) -> None:
    if writer.hall.day:
        log.references.forget_before(writer.hall.day)
    sealing.seal_if_due()
    retention.remove_if_due()


def _note(jump: Jump | None) -> NoteClock | None:
    if jump is None:
        return None
    return NoteClock(seconds=jump.by.total_seconds(), followed=jump.followed, trust=jump.trust, since=jump.since)


def _not_allowed(error: NotAllowed, site: Site, api: Api) -> Any:
    """A person who opened a page sees one, on which somebody else can sign in."""
    return site.not_allowed(error) if is_page(request.endpoint or "") else api.refused(error)


def _refused(refusal: Response, site: Site) -> Response:
    """Programs are told a problem as JSON; somebody who opened an address in a browser sees a page."""
    looks = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
    # What the door refused has passed no guard: its pages and pictures would be refused as well.
    is_inside = "who" in g or request.endpoint is None
    return site.refused(refusal) if looks and is_inside and not request.path.startswith("/api/") else refusal


def _fingerprint(data: Path) -> str:
    """What devices that come by HTTPS see of the centre's certificate authority."""
    authority = kept_authority(data)
    return authority.fingerprint() if authority else ""


def _defect(api: Api, error: Exception) -> Any:
    _log.error("a request could not be handled", exc_info=error)
    return api.refused(DawrError("the server has a defect, which is in its journal"))
