"""The HTTP API under /api/v1: commands in, views out. What it consists of stands in `server.interface.routes`."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from importlib.metadata import version
from typing import Any

from flask import Blueprint, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from dawr.board import board
from dawr.errors import DawrError
from dawr.hours import business_day
from dawr.messages import Note, to_wire
from dawr.overview import overview
from dawr.settings.centre import Centre
from dawr.views import counter_view, service_view, ticket_view, without_reference
from dawr.words import Words
from server.access.who import Who
from server.interface import openapi
from server.interface.incoming import command_id, json_object, read, with_path
from server.interface.metrics import Metrics
from server.interface.over_http import json_answer, problem_answer, rule, view_answer, words_for
from server.interface.problems import http_problem, problem
from server.interface.routes import (
    COMMAND_ROUTES,
    VIEW_ROUTES,
    CommandRoute,
    Counters,
    DayQuery,
    Health,
    Kiosks,
    KioskView,
    Lines,
    LineView,
    LogEntry,
    LogPage,
    LogQuery,
    LogSender,
    Notes,
    NoteView,
    PeriodQuery,
    Readiness,
    ReadyQuery,
    ReportQuery,
    Services,
    TicketsQuery,
    ViewRoute,
)
from server.keeping import log as logs
from server.keeping.hall_clock import HallClock
from server.keeping.log import Log
from server.keeping.writer import Do, OffLoop, Writer
from server.pages.offered import kiosk_offers
from server.reports import clerks
from server.reports.charts import charts
from server.reports.feedback import feedback
from server.reports.files import FORMATS
from server.reports.history import not_ready
from server.reports.replay import replay
from server.reports.tickets import Which, tickets, timeline
from server.reports.usual_day import UsualDay
from server.reports.waiting import WaitingReport, compared_period, waiting
from server.telling.needs import Needs, sentence

KEY = "Idempotency-Key"
FEW_DAYS = 10
"""So many days a report makes ready by itself, within a second or two."""


class Api:
    """The views of a server and the way in for its commands."""

    def __init__(
        self,
        centre: Centre,
        writer: Writer,
        do: Do,
        log: Log,
        metrics: Metrics,
        clock: HallClock,
        rivals: Mapping[str, str],
        kiosks_said: Callable[[], Mapping[str, Notes]],
        off_loop: OffLoop,
        needs: Needs,
        are_days_prepared: Callable[[], bool],
        present: Callable[[], AbstractSet[str] | None],
    ) -> None:
        self._present = present
        self._are_days_prepared = are_days_prepared
        self._centre, self._writer, self._do, self._log, self._metrics = centre, writer, do, log, metrics
        self._needs, self._kiosks_said, self._usual_day = needs, kiosks_said, UsualDay(log, centre.zone)
        self._hall_clock, self._clock, self._rivals, self._off_loop = clock, clock.now, rivals, off_loop

    def blueprint(self) -> Blueprint:
        """All routes of the table, with their refusals."""
        api = Blueprint("api", __name__, url_prefix=openapi.PREFIX)
        for route in COMMAND_ROUTES:
            api.add_url_rule(rule(route.path), f"do-{route.command.NAME}", self._taker(route), methods=["POST"])
        for view in VIEW_ROUTES:
            api.add_url_rule(rule(view.path), view.name, self._shower(view), methods=["GET"])
        return api

    def refused(self, error: DawrError) -> Response:
        """The answer to what was refused; `seconds` among its facts say when it is worth to try again."""
        answer = problem_answer(problem(error, self.words()))
        if "seconds" in error.facts:
            answer.headers["Retry-After"] = str(error.facts["seconds"])
        return answer

    def refused_by_http(self, error: HTTPException) -> Response:
        """The answer to what HTTP itself refuses; it keeps headers such as Allow."""
        answer = problem_answer(http_problem(error, self.words()))
        for name, value in error.get_headers():
            if name.lower() not in ("content-type", "content-length"):
                answer.headers[name] = value
        return answer

    def _taker(self, route: CommandRoute) -> Callable[..., Response]:
        def take(**path: str) -> Response:
            request.max_content_length = route.most_bytes
            key = command_id(request.headers.get(KEY), KEY)
            command = read(route.command, with_path(_payload(), path))
            answer = self._do(command, key, g.who)
            return json_answer(answer[route.only[0]] if route.only else answer, route.status)

        return take

    def _shower(self, view: ViewRoute) -> Callable[..., Response]:
        make: Callable[..., Response] = getattr(self, f"_{view.name}")

        def show(**path: str) -> Response:
            return make(read(view.query, request.args.to_dict()), **path)

        return show

    # --- One function a view --------------------------------------------------------------------------------------

    def _ticket(self, _query: object, ticket: str) -> Response:
        hall = self._writer.hall
        return view_answer(ticket_view(hall, hall.ticket(ticket)))

    def _board(self, _query: object) -> Response:
        hall = self._writer.hall
        answer = view_answer(board(hall, self._log.epoch, self._clock()))
        answer.set_etag(f"{self._log.epoch}-{hall.sequence}", weak=True)
        answer.headers["Cache-Control"] = "no-cache"
        answer.make_conditional(request.environ)
        return answer

    def _services(self, _query: object) -> Response:
        hall, now = self._writer.hall, self._clock()
        waiting = hall.waiting()
        return view_answer(Services(services=[service_view(hall, one, now, waiting) for one in self._centre.services]))

    def _counters(self, _query: object) -> Response:
        hall, now = self._writer.hall, self._clock()
        return view_answer(Counters(counters=[without_reference(counter_view(hall, id, now)) for id in hall.counters]))

    def _overview(self, _query: object) -> Response:
        now = self._clock()
        usual: float | None = self._off_loop(lambda: self._usual_day.tickets_by(now))
        words = self.words()
        devices, own = self._needs.devices(words), self._needs.own(words)
        return view_answer(overview(self._writer.hall, now, devices, usual, words, own))

    def _counter(self, _query: object, counter: str) -> Response:
        return view_answer(without_reference(counter_view(self._writer.hall, counter, self._clock())))

    def _notes(self) -> dict[str, Sequence[Note]]:
        return {id: said.notes for id, said in self._kiosks_said().items()}

    def _kiosks(self, _query: object) -> Response:
        words, known = self.words(), self._notes()
        return view_answer(
            Kiosks(
                kiosks=[
                    KioskView(
                        id=kiosk.id,
                        connected=kiosk.id in known,
                        notes=[_note_view(note, words) for note in known.get(kiosk.id, ())],
                    )
                    for kiosk in self._centre.kiosks
                ]
            )
        )

    def _kiosk_offers(self, _query: object, kiosk: str) -> Response:
        said = self._kiosks_said().get(kiosk)
        view = kiosk_offers(self._writer.hall, kiosk, self._clock(), said)
        answer = view_answer(view)
        answer.add_etag()
        answer.headers["Cache-Control"] = "no-cache"
        answer.make_conditional(request.environ)
        return answer

    def _lines(self, _query: object) -> Response:
        hall = self._writer.hall
        waiting = hall.waiting()
        return view_answer(
            Lines(
                lines=[
                    LineView(
                        id=line.id,
                        letter=line.letter,
                        name=line.name,
                        waiting=waiting[line.id],
                        open_counters=hall.open_counters(line.id),
                    )
                    for line in self._centre.lines
                ]
            )
        )

    def _waiting_report(self, query: ReportQuery) -> Response:
        first, last = self._period(query)
        words, present = self.words(), self._present()

        def report(log: sqlite3.Connection) -> WaitingReport:
            return waiting(log, self._centre, first, last, query.by, query.compare, self._log.file.parent, present)

        if query.format == "json":
            return view_answer(self._of_the_log(report))
        form = FORMATS[query.format]
        # A long table on paper takes seconds, for which nobody may stop the loop either.
        file = self._of_the_log(lambda log: form.write(report(log), self._centre, words))
        name = f"{'clerks' if query.by == clerks.BY else 'waiting'}-{first}-{last}.{query.format}"
        answer = Response(file, mimetype=form.media_type)
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def _readiness(self, query: ReadyQuery) -> Response:
        first, last = self._period(query)
        periods = [(first, last)]
        if query.compare != "none" and first <= last:
            periods.append(compared_period(first, last, query.compare))
        folder = self._log.file.parent
        found = self._of_the_log(lambda log: [not_ready(log, self._centre, *period, folder) for period in periods])
        days, missing = sum(count for _, count in found), sum(len(days) for days, _ in found)
        wait = missing > FEW_DAYS and self._are_days_prepared()
        return view_answer(Readiness(days=days, ready=days - missing, wait=wait))

    def _feedback(self, query: PeriodQuery) -> Response:
        first, last = self._period(query)
        return view_answer(self._of_the_log(lambda log: feedback(log, self._centre, first, last)))

    def _charts(self, query: PeriodQuery) -> Response:
        first, last = self._period(query)
        return view_answer(self._of_the_log(lambda log: charts(log, self._centre, first, last, self._log.file.parent)))

    def _past_tickets(self, query: TicketsQuery) -> Response:
        which, present = Which(*self._period(query), query.by, query.key, query.show), self._present()
        return view_answer(
            self._of_the_log(lambda log: tickets(log, self._centre, which, query.page, self._log.file.parent, present))
        )

    def _timeline(self, _query: object, ticket: str) -> Response:
        words, present = self.words(), self._present()

        def name_of(who: Who) -> str | None:
            return None if present is None else words.of(clerks.shown_name(who.name, who.id in present))

        return view_answer(self._of_the_log(lambda log: timeline(log, ticket, name_of)))

    def _replay(self, query: DayQuery) -> Response:
        day = query.day or self._today()
        return view_answer(self._of_the_log(lambda log: replay(log, self._centre, day)))

    def _today(self) -> date:
        return self._writer.hall.day or business_day(self._centre, self._clock())

    def _period(self, query: PeriodQuery) -> tuple[date, date]:
        today = self._today()
        return query.first or query.last or today, query.last or today

    def _of_the_log(self, make: Callable[[sqlite3.Connection], Any]) -> Any:
        """What is made of the whole log, beside the loop that serves everybody."""

        def read() -> Any:
            with self._log.reading() as connection:
                return make(connection)

        return self._off_loop(read)

    def _log_page(self, query: LogQuery, with_senders: bool) -> LogPage:
        sequence = self._writer.hall.sequence
        with self._log.reading() as connection:
            those = list(logs.read(connection, query.after, query.limit))
            who = logs.senders(connection, [one.sequence for one in those]) if with_senders else {}
        events = [
            LogEntry(
                sequence=one.sequence,
                command=one.command,
                name=one.name,
                event=to_wire(one.event),
                sender=_sender(who.get(one.sequence)),
            )
            for one in those
        ]
        return LogPage(
            epoch=self._log.epoch, sequence=max([sequence, *(one.sequence for one in events)]), events=events
        )

    def _log_after(self, query: LogQuery) -> Response:
        with_senders = self._present() is not None
        return view_answer(self._off_loop(lambda: self._log_page(query, with_senders)))

    def _health(self, _query: object) -> Response:
        hall, trouble = self._writer.hall, self._writer.trouble or self._log.damage
        health = Health(
            status="failing" if trouble else "ok",
            trouble=trouble,
            ballast=self._log.ballast.exists(),
            version=version("dawr"),
            epoch=self._log.epoch,
            sequence=hall.sequence,
            day=hall.day,
            now=self._clock(),
            trust=self._hall_clock.trust,
            clock_jumped=hall.clock_jumped,
            rivals=sorted(self._rivals.values()),
        )
        return view_answer(health, 503 if trouble else 200)

    def _figures(self, _query: object) -> Response:
        return Response(self._metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")

    def _openapi(self, _query: object) -> Response:
        return json_answer(openapi.document())

    def words(self) -> Words:
        """The words of whoever asks: by the address, the browser, or the centre's first language."""
        return words_for(request, self._centre.centre)


def _sender(who: Who | None) -> LogSender | None:
    return LogSender(id=who.id, role=who.role, name=who.name) if who else None


def _note_view(note: Note, words: Words) -> NoteView:
    return NoteView(key=note.key, sentence=sentence(note, words))


def _payload() -> dict[str, Any]:
    body = request.get_data(cache=False)
    if body and not request.is_json:
        current_app.aborter(415)
    return json_object(body)
