"""The administration of a centre over HTTP: its settings to look at, to check and to change."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, g, request

from dawr.errors import NotJson, UnknownExample
from dawr.settings.centre import Centre, Privacy, read_centre
from dawr.settings.changes import changes
from dawr.settings.fields import fields
from dawr.settings.mistakes import Mistake, MistakenSettings, checked
from dawr.settings.plain import without_nothing
from dawr.settings.writing import rewritten
from dawr.words import Words
from server.administration.file import SettingsFile, digest_of, why_not_written
from server.administration.history import Author
from server.administration.previews import Previews, slip_picture
from server.administration.routes import (
    SETTINGS_ASKS,
    SETTINGS_VIEWS,
    AskRoute,
    Example,
    HistoryQuery,
    PreviewKept,
    SettingsChange,
    SettingsCheck,
    SettingsMistake,
    SettingsNow,
    SettingsStored,
    SettingsUndo,
    SettingsVersions,
    SettingsWanted,
    SlipWanted,
)
from server.administration.store import SettingsStore
from server.interface import openapi
from server.interface.incoming import json_object, read
from server.interface.over_http import json_answer, rule, view_answer
from server.interface.problems import said
from server.interface.routes import LARGE_BYTES, ViewRoute
from server.keeping.writer import OffLoop

VERSIONS_AT_ONCE = 100
EXAMPLES = Path(__file__).resolve().parents[2] / "config"


class Administration:
    """The settings of a server's centre. `words` are those of whoever asks."""

    def __init__(
        self,
        store: SettingsStore,
        previews: Previews,
        words: Callable[[], Words],
        clock: Callable[[], datetime],
        off_loop: OffLoop,
    ) -> None:
        self._store, self._file, self._previews = store, store.file, previews
        self._words, self._clock, self._off_loop = words, clock, off_loop

    def blueprint(self) -> Blueprint:
        """All routes about settings."""
        routes = Blueprint("administration", __name__, url_prefix=openapi.PREFIX)
        for view in SETTINGS_VIEWS:
            routes.add_url_rule(rule(view.path), view.name, self._shower(view), methods=["GET"])
        for ask in SETTINGS_ASKS:
            routes.add_url_rule(rule(ask.path), ask.name, self._answerer(ask), methods=["POST"])
        return routes

    def _shower(self, view: ViewRoute) -> Callable[..., Response]:
        make: Callable[..., Response] = getattr(self, f"_{view.name}")

        def show(**path: str) -> Response:
            return make(read(view.query, request.args.to_dict()), **path)

        return show

    def _answerer(self, ask: AskRoute) -> Callable[..., Response]:
        make: Callable[..., Response] = getattr(self, f"_{ask.name}")

        def answer() -> Response:
            return make(*(() if ask.body is None else (read(ask.body, _payload()),)))

        return answer

    # --- One function a view --------------------------------------------------------------------------------------

    def _settings_now(self, _query: object) -> Response:
        text, hindrance, words = self._file.text(), self._file.hindrance(), self._words()
        return json_answer(
            SettingsNow(
                digest=digest_of(text),
                settings=self._file.says(text),
                writable=hindrance and words(why_not_written(hindrance)),
            ).model_dump(by_alias=True)
        )

    def _settings_fields(self, _query: object) -> Response:
        return json_answer(
            {table: [field.model_dump(mode="json") for field in those] for table, those in fields().items()}
        )

    def _settings_file(self, _query: object) -> Response:
        answer = Response(self._file.text(), mimetype="application/toml")
        answer.headers["Content-Disposition"] = 'attachment; filename="centre.toml"'
        return answer

    def _settings_history(self, query: HistoryQuery) -> Response:
        versions = self._off_loop(lambda: self._store.history.versions(query.before, VERSIONS_AT_ONCE))
        return view_answer(SettingsVersions(versions=versions))

    def _settings_examples(self, _query: object) -> Response:
        found = [_example(file) for file in sorted(EXAMPLES.glob("*/centre.toml"))]
        return json_answer([one.model_dump() for one in found])

    def _settings_example(self, _query: object, example: str) -> Response:
        files = {file.parent.name: file for file in EXAMPLES.glob("*/centre.toml")}
        if example not in files:
            raise UnknownExample(f"there is no example {example}", example=example)
        return view_answer(SettingsWanted(settings=SettingsFile(files[example]).settings()))

    # --- What is asked with a body --------------------------------------------------------------------------------

    def _check_settings(self, wanted: SettingsWanted) -> Response:
        settings = without_nothing(wanted.settings)
        mistakes = said(self._mistakes_in(settings), self._words())
        return view_answer(
            SettingsCheck(
                mistakes=[SettingsMistake(**one) for one in mistakes],
                changes=changes(self._file.settings(), settings),
                warnings=self._warnings(settings),
            )
        )

    def _mistakes_in(self, settings: dict[str, Any]) -> list[Mistake]:
        """Those of the settings themselves, or else why the hall as it is now cannot go on with them."""
        try:
            centre = checked(Centre, settings, str(self._file.path))
        except MistakenSettings as mistaken:
            return mistaken.mistakes
        misfits: list[Mistake] = self._off_loop(lambda: self._store.misfits(centre))
        return misfits

    def _warnings(self, settings: dict[str, Any]) -> list[str]:
        """What details these settings will remove that those of now leave."""
        try:
            wanted = checked(Privacy, settings.get("privacy", {}), str(self._file.path))
        except MistakenSettings:
            return []
        more, words = self._off_loop(lambda: self._store.removes(wanted)), self._words()
        kinds = {"privacy.warning_personal": more.personal, "privacy.warning_steps": more.steps}
        return [words(key, count=len(days)) for key, days in kinds.items() if days]

    def _change_settings(self, change: SettingsChange) -> Response:
        if change.settings is None:
            toml = str(change.toml)
            return self._stored(change.based_on, lambda _before: toml)
        settings = without_nothing(change.settings)
        checked(Centre, settings, str(self._file.path))
        return self._stored(change.based_on, lambda before: rewritten(before, settings))

    def _undo_settings(self, undo: SettingsUndo) -> Response:
        text: str = self._off_loop(lambda: self._store.history.text_before(undo.version))
        return self._stored(undo.based_on, lambda _before: text, undoes=undo.version)

    def _preview_slip(self, wanted: SlipWanted) -> Response:
        # On the loop, which owns the locks of the letters' cache; it takes as long as a few answers.
        centre = self._wanted(wanted)
        picture = slip_picture(centre, wanted.service, wanted.language, wanted.paper_mm, self._clock())
        return Response(picture, mimetype="image/png")

    def _preview_board(self, wanted: SettingsWanted) -> Response:
        return view_answer(PreviewKept(preview=self._previews.keep(self._wanted(wanted))))

    def _wanted(self, wanted: SettingsWanted) -> Centre:
        """The centre of these settings. `MistakenSettings` when there is none."""
        return checked(Centre, without_nothing(wanted.settings), str(self._file.path))

    def _stored(self, based_on: str, make: Callable[[str], str], undoes: int | None = None) -> Response:
        stored = self._store.change(
            based_on, make, Author(g.who.name or None, str(g.who.role), request.remote_addr), undoes
        )
        return view_answer(SettingsStored(version=stored.version, digest=stored.digest))


def _example(file: Path) -> Example:
    centre = read_centre(file)
    return Example(
        id=file.parent.name,
        name=centre.centre.name,
        services=len(centre.services),
        counters=len(centre.counters),
    )


def _payload() -> dict[str, Any]:
    """The body. Whether a page of another site sent it, was looked at before (`server.door`)."""
    if not request.is_json:
        raise NotJson("the body is not application/json")
    request.max_content_length = LARGE_BYTES
    return json_object(request.get_data(cache=False))
