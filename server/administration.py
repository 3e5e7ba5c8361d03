"""The administration of a centre over HTTP: its settings to look at, to check and to change."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from dawr.errors import ForeignOrigin, NotJson, UnknownExample
from dawr.settings.centre import Centre, read_centre
from dawr.settings.changes import changes
from dawr.settings.fields import fields
from dawr.settings.mistakes import Mistake, MistakenSettings, checked
from dawr.settings.plain import without_nothing
from dawr.words import Words
from server import openapi
from server.incoming import json_object, read
from server.over_http import json_answer, rule, view_answer
from server.routes import LARGE_BYTES, ViewRoute
from server.settings_file import SettingsFile, digest_of, why_not_written
from server.settings_routes import (
    SETTINGS_ASKS,
    SETTINGS_VIEWS,
    AskRoute,
    Example,
    SettingsCheck,
    SettingsMistake,
    SettingsNow,
    SettingsWanted,
)

EXAMPLES = Path(__file__).resolve().parent.parent / "config"


class Administration:
    """The settings of a server's centre. `words` are those of whoever asks."""

    def __init__(self, file: SettingsFile, words: Callable[[], Words]) -> None:
        self._file, self._words = file, words

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
            read(view.query, request.args.to_dict())
            return make(**path)

        return show

    def _answerer(self, ask: AskRoute) -> Callable[..., Response]:
        make: Callable[..., Response] = getattr(self, f"_{ask.name}")

        def answer() -> Response:
            return make(read(ask.body, _payload()))

        return answer

    # --- One function a view --------------------------------------------------------------------------------------

    def _settings_now(self) -> Response:
        text, hindrance, words = self._file.text(), self._file.hindrance(), self._words()
        return json_answer(
            SettingsNow(
                digest=digest_of(text),
                settings=self._file.says(text),
                writable=hindrance and words(why_not_written(hindrance)),
            ).model_dump(by_alias=True)
        )

    def _settings_fields(self) -> Response:
        return json_answer(
            {table: [field.model_dump(mode="json") for field in those] for table, those in fields().items()}
        )

    def _settings_file(self) -> Response:
        answer = Response(self._file.text(), mimetype="application/toml")
        answer.headers["Content-Disposition"] = 'attachment; filename="centre.toml"'
        return answer

    def _settings_examples(self) -> Response:
        found = [_example(file) for file in sorted(EXAMPLES.glob("*/centre.toml"))]
        return json_answer([one.model_dump() for one in found])

    def _settings_example(self, example: str) -> Response:
        files = {file.parent.name: file for file in EXAMPLES.glob("*/centre.toml")}
        if example not in files:
            raise UnknownExample(f"there is no example {example}", example=example)
        return view_answer(SettingsWanted(settings=SettingsFile(files[example]).settings()))

    # --- What is asked with a body --------------------------------------------------------------------------------

    def _check_settings(self, wanted: SettingsWanted) -> Response:
        settings = without_nothing(wanted.settings)
        return view_answer(
            SettingsCheck(mistakes=self._said(_mistakes_in(settings)), changes=changes(self._file.settings(), settings))
        )

    def _said(self, mistakes: list[Mistake]) -> list[SettingsMistake]:
        """The mistakes in the asker's language, with the digits that a file has."""
        words = Words(self._words().language)
        return [SettingsMistake(key=one.key, sentence=one.said(words)) for one in mistakes]


def _mistakes_in(settings: dict[str, Any]) -> list[Mistake]:
    try:
        checked(Centre, settings, "")
    except MistakenSettings as mistaken:
        return mistaken.mistakes
    return []


def _example(file: Path) -> Example:
    centre = read_centre(file)
    return Example(
        id=file.parent.name,
        name=centre.centre.name,
        services=len(centre.services),
        counters=len(centre.counters),
    )


def _payload() -> dict[str, Any]:
    """The body, of a request that no other site's page can have sent."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise ForeignOrigin(f"a page of {origin} may not change anything here", origin=origin)
    if not request.is_json:
        raise NotJson("the body is not application/json")
    request.max_content_length = LARGE_BYTES
    return json_object(request.get_data(cache=False))
