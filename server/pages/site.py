"""What every page of the centre has in common: its address, its language, its words and what it may load.

A new page has one line in `PAGES`, a function that gives its own facts, a template, a script and a style of its name,
and its words in the section of that name.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dawr.errors import NotAllowed
from dawr.hall import Hall
from dawr.settings.centre import Centre
from dawr.text import direction_of
from dawr.words import Words, catalogue
from server.access.rights import may
from server.access.who import ANYBODY, PEOPLE
from server.administration.previews import Previews, invented_hall
from server.interface.over_http import rule
from server.interface.problems import problem
from server.keeping.writer import Writer
from server.pages import admin, board, clerk, devices, kiosk, live, people, reports, screen, sign_in, start, tablet
from server.pages.compressed import compressed, serve_files

COOKIE = "language"
MANIFEST, MANIFEST_TYPE = "/app.webmanifest", "application/manifest+json"
A_YEAR_S = 365 * 24 * 3600
# Everything comes from this address, and nobody may put a page into a frame.
POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Page:
    """A page: where it is and what it is about. `facts` gives what its script is told; `{name}`s of the path go in."""

    path: str
    name: str
    facts: Callable[..., Mapping[str, Any]]
    like: str | None = None
    """The page whose template, script, style and words it has; its own if left out."""
    app: Callable[..., Mapping[str, Any]] | None = None
    """Its web app manifest in some words, if it is one that a browser can install."""
    for_everybody: bool = False
    """Whether it is on a wall, in the centre's first language, and not in that of whoever set the screen up."""

    preview: Callable[[Hall, datetime], Mapping[str, Any]] | None = None
    """Its facts of an invented hall of settings that nobody has stored, if it can be looked at with those."""

    @property
    def look(self) -> str:
        """The name of its template, script, style and section of words."""
        return self.like or self.name


PAGES: tuple[Page, ...] = (
    Page("/", "start", start.facts),
    Page("/counter/{counter}", "clerk", clerk.facts, app=clerk.manifest),
    Page("/counter/{counter}/training", "training", clerk.training_facts, like="clerk"),
    Page("/counter/{counter}/tablet", "tablet", tablet.facts, for_everybody=True),
    Page("/sign-in", "sign_in", sign_in.facts),
    Page("/first-start", "first_start", sign_in.first_facts),
    Page("/people", "people", people.facts),
    Page("/live", "live", live.facts),
    Page("/devices", "devices", devices.facts),
    Page("/screen", "screen", screen.facts),
    Page("/admin", "admin", admin.facts),
    Page("/board", "board", board.facts, for_everybody=True, preview=board.preview_facts),
    Page("/kiosk", "kiosk", kiosk.facts, for_everybody=True),
    Page("/reports", "reports", reports.facts),
    Page("/reports/replay", "replay", reports.replay_facts),
)
"""Every page of the centre."""
SIGN_IN = next(page for page in PAGES if page.name == "sign_in")
REFUSED = Page("", "refused", lambda _hall: {})
"""At no address: what stands instead of any page that cannot be shown."""


class Site:
    """The pages of a server."""

    def __init__(
        self,
        app: Flask,
        centre: Centre,
        writer: Writer,
        previews: Previews,
        clock: Callable[[], datetime],
        *,
        open_to_all: bool,
    ) -> None:
        self._open_to_all = open_to_all
        self._centre, self._writer, self._previews, self._clock = centre, writer, previews, clock
        self._version = _version(Path(app.static_folder or ""))
        serve_files(app, self._version, A_YEAR_S)
        app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}

    def blueprint(self) -> Blueprint:
        """Every page, and what belongs to all of them."""
        site = Blueprint("site", __name__)
        for page in PAGES:
            site.add_url_rule(rule(page.path), page.name, self._shower(page))
            if page.app:
                site.add_url_rule(rule(page.path) + MANIFEST, f"{page.name}-app", self._app_shower(page, page.app))
        site.add_url_rule("/icon.svg", "icon", lambda: Response(render_template("icon.svg"), mimetype="image/svg+xml"))
        site.after_request(guarded)
        return site

    def _shower(self, page: Page) -> Callable[..., ResponseReturnValue]:
        def show(**path: str) -> ResponseReturnValue:
            if page.preview and "preview" in request.args:
                return self._show_preview(page, page.preview, self._previews.centre(request.args["preview"]))
            words = self.words(page)
            return self.show(page, words, page.facts(self._writer.hall, **path))

        return show

    def _show_preview(self, page: Page, facts: Callable[..., Mapping[str, Any]], centre: Centre) -> Response:
        """The page of another centre; a page of this server may put it into a frame."""
        g.framed = True
        hall = invented_hall(centre, self._clock())
        return self.show(page, self.words(page, centre), facts(hall, self._clock()), centre)

    def show(self, page: Page, words: Words, facts: Mapping[str, Any], centre: Centre | None = None) -> Response:
        """The answer that shows a page in some words, of the server's own centre or of another."""
        shared = self._shared(page, words, facts, centre or self._centre)
        answer = Response(render_template(f"{page.look}.html", **shared))
        answer.headers["Cache-Control"] = "no-cache"
        if request.args.get("language") == words.language:
            answer.set_cookie(
                COOKIE, words.language, max_age=A_YEAR_S, samesite="Lax", httponly=True, secure=request.is_secure
            )
        return answer

    def not_allowed(self, refusal: NotAllowed) -> Response:
        """The page on which somebody else can sign in, for whoever may not see the one that was asked for."""
        words = self.words(SIGN_IN)
        answer = self.show(
            SIGN_IN, words, {**sign_in.facts(self._writer.hall), "refused": problem(refusal, words)["detail"]}
        )
        answer.status_code = 403
        return answer

    def refused(self, refusal: Response) -> Response:
        """A refusal as a page with the same sentence and a way on, for somebody who opened an address in a browser."""
        answer = self.show(REFUSED, self.words(REFUSED), {"refused": refusal.get_json(force=True)["detail"]})
        answer.status_code = refusal.status_code
        answer.headers.extend(one for one in refusal.headers if one[0] in ("Allow", "Retry-After"))
        return guarded(answer)

    def _app_shower(self, page: Page, app: Callable[..., Mapping[str, Any]]) -> Callable[..., ResponseReturnValue]:
        def show(**path: str) -> ResponseReturnValue:
            page.facts(self._writer.hall, **path)  # there is no app of what there is not
            return json.dumps(app(words=self.words(page), **path), ensure_ascii=False), {"Content-Type": MANIFEST_TYPE}

        return show

    def _shared(self, page: Page, words: Words, facts: Mapping[str, Any], centre: Centre) -> dict[str, Any]:
        """What every template knows."""
        about, who = centre.centre, g.get("who", ANYBODY)
        return {
            "page": page.look,
            "manifest": f"{request.path}{MANIFEST}?language={words.language}" if page.app else None,
            "facts": facts,
            "language": words.language,
            "direction": direction_of(words.language),
            "languages": {code: Words(code)("languages.name") for code in about.languages},
            "words": words,
            "centre": centre,
            "who": who,
            "open_to_all": self._open_to_all,
            "person": None if self._open_to_all or who.role not in PEOPLE else who,
            "here": request.full_path.rstrip("?"),
            "in_language": lambda code: "?" + urlencode({**request.args, "language": code}),
            "may_open": lambda name: self._open_to_all or may(who, f"site.{name}", {}),
            "centre_name": words.of(about.name),
            "asset": lambda file: url_for("static", filename=file, v=self._version),
            "told": json.dumps(
                {
                    "language": words.language,
                    "digits": about.digits,
                    "zone": about.timezone,
                    "version": self._version,
                    "words": {section: catalogue(words.language)[section] for section in ("page", page.look)},
                    **facts,
                },
                ensure_ascii=False,
            ).replace("<", "\\u003c"),
        }

    def words(self, page: Page, centre: Centre | None = None) -> Words:
        """The words of whoever asks: by the address, the last choice, the browser, or the centre's first."""
        about = (centre or self._centre).centre
        own = (request.cookies.get(COOKIE), request.accept_languages.best_match(about.languages))
        asked = (request.args.get("language"), *(() if page.for_everybody else own))
        return Words(next((one for one in asked if one in about.languages), about.languages[0]), about.digits)


def guarded(answer: Response) -> Response:
    """The answer with what keeps a page from loading or being loaded by others, as it goes over the wire."""
    framed = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    answer.headers["Content-Security-Policy"] = framed if g.get("framed") else POLICY
    answer.headers["X-Frame-Options"] = "SAMEORIGIN" if g.get("framed") else "DENY"
    return compressed(answer)


def _version(static: Path) -> str:
    """Changes with the files, so that a browser may keep them for a year."""
    mark = static / "built_from"
    return mark.read_text()[:12] if mark.exists() else "none"
