"""The hall page: one address at which a person sees and uses every device of the demo's hall.

It shows the devices' own pictures and hands on what a person does; it draws nothing itself and decides nothing.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue

from dawr.settings.centre import Centre
from dawr.text import direction_of
from dawr.words import Words
from demo.telling import BUTTONS, FIGURES, PLAYED_FIGURES, told
from demo.watch import Answer, Devices, Watch, get, post

QUIET_S = 10.0
LONGEST_BODY = 1024
# Everything comes from this address, and nobody may put the page into a frame.
POLICY = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Hall:
    """The hall that a page is about. `played` is the day that was played before it opened."""

    centre: Centre
    devices: Devices
    watch: Watch
    played: date | None = None


def create_app(hall: Hall) -> Flask:
    """The page with everything it asks for."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.add_url_rule("/", "page", lambda: _page(hall))
    app.add_url_rule("/icon.svg", "icon", lambda: Response(render_template("icon.svg"), mimetype="image/svg+xml"))
    app.add_url_rule("/events", "events", lambda: _events(hall))
    app.add_url_rule("/picture/<screen>", "picture", lambda screen: _picture(hall, screen))
    app.add_url_rule("/slip/<name>", "slip", lambda name: send_from_directory(hall.devices.slips.resolve(), name))
    app.add_url_rule("/tap/<screen>", "tap", lambda screen: _tap(hall, screen), methods=["POST"])
    app.add_url_rule("/press/<counter>", "press", lambda counter: _press(hall, counter), methods=["POST"])
    app.add_url_rule("/api/v1/<path:rest>", "api", lambda rest: _api(hall, rest))
    app.after_request(_guarded)
    return app


def _page(hall: Hall) -> str:
    centre = hall.centre
    language = _language(centre)
    words = Words(language, centre.centre.digits)
    return render_template(
        "hall_page.html",
        language=language,
        direction=direction_of(language),
        languages={code: Words(code)("languages.name") for code in centre.centre.languages},
        words=words,
        centre_name=words.of(centre.centre.name),
        counters=list(hall.devices.counters),
        buttons=BUTTONS,
        figures=FIGURES,
        played=hall.played,
        played_figures=PLAYED_FIGURES,
        lines=[{"id": line.id, "letter": line.letter, "name": words.of(line.name)} for line in centre.lines],
        pages=_pages(hall, words),
        links=_links(hall, words),
        said={key: words(f"hall_page.{key}") for key in ("enlarge", "slip", "not_taken", "silent_demo")},
    )


def _pages(hall: Hall, words: Words) -> list[dict[str, str]]:
    """The server's own pages, at the name by which this page was reached."""
    reached = urlsplit(request.host_url)
    host = f"[{reached.hostname}]" if ":" in (reached.hostname or "") else reached.hostname
    server = f"http://{host}:{urlsplit(hall.devices.server).port}"
    first = next(iter(hall.devices.counters))
    paths = {
        "clerk": f"/counter/{first}",
        "live": "/live",
        "reports": "/reports",
        "board": "/board",
        "public": "/public",
        "start": "/",
    }
    return [
        {
            "href": f"{server}{path}?language={words.language}",
            "text": words(f"hall_page.page.{name}", counter=first),
        }
        for name, path in paths.items()
    ]


def _links(hall: Hall, words: Words) -> list[dict[str, str]]:
    report = f"/api/v1/reports/waiting?by=service&format=csv&language={words.language}"
    played = f"&from={hall.played}&to={hall.played}"
    addresses = {
        "board": "/api/v1/board",
        "api": "/api/v1/openapi.json",
        "log": "/api/v1/log?limit=100",
        "report_today": report,
        **({"report_played": report + played} if hall.played else {}),
    }
    return [{"href": address, "text": words(f"hall_page.link.{name}")} for name, address in addresses.items()]


def _events(hall: Hall) -> Response:
    """What the page shows, whole, now and at every change: one connection a page."""
    words = Words(_language(hall.centre), hall.centre.centre.digits)

    def stream() -> Iterator[str]:
        for facts in hall.watch.changes(QUIET_S):
            # A comment now and then, or a browser that has gone would never be noticed.
            yield f"data: {json.dumps(told(facts, hall.centre, words), ensure_ascii=False)}\n\n" if facts else ":\n\n"

    return Response(stream(), mimetype="text/event-stream", headers={"Cache-Control": "no-store"})


def _picture(hall: Hall, screen: str) -> ResponseReturnValue:
    png = hall.watch.picture(screen)
    if png is None:
        abort(404)
    return Response(png, mimetype="image/png", headers={"Cache-Control": "no-store"})


def _tap(hall: Hall, screen: str) -> ResponseReturnValue:
    if screen != "kiosk":
        abort(404)
    body = _body()
    return _handed_on(hall.devices.kiosk, "tap", {"x": body.get("x"), "y": body.get("y")})


def _press(hall: Hall, counter: str) -> ResponseReturnValue:
    if counter not in hall.devices.counters:
        abort(404)
    return _handed_on(hall.devices.counters[counter], "press", {"button": _body().get("button")})


def _body() -> dict[str, Any]:
    """What was posted. Only JSON: a page of somebody else cannot send that to us."""
    body = request.get_json()
    if not isinstance(body, dict):
        abort(400)
    return body


def _handed_on(port: int, what: str, body: dict[str, Any]) -> ResponseReturnValue:
    try:
        return "", post(f"http://127.0.0.1:{port}/{what}", body).status
    except OSError:
        return "", 503


def _api(hall: Hall, rest: str) -> ResponseReturnValue:
    """The server's own answers, to read: the server may listen where the page's visitor cannot reach it."""
    query = request.query_string.decode("ascii", "ignore")
    try:
        answer = get(f"{hall.devices.server}/api/v1/{rest}?{query}")
    except OSError:
        abort(503)
    return Response(answer.body, answer.status, headers=_headers(answer))


def _headers(answer: Answer) -> dict[str, str]:
    return {name: value for name in ("Content-Type", "Content-Disposition") if (value := answer.headers.get(name))}


def _language(centre: Centre) -> str:
    """The language in the address, or the centre's first one."""
    offered = centre.centre.languages
    asked = request.args.get("language")
    return asked if asked in offered else offered[0]


def _guarded(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
