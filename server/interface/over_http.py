"""What all of the HTTP API answers with, and how its addresses are written for Flask."""

from typing import Any

from flask import Response, current_app
from pydantic import BaseModel
from werkzeug.wrappers import Request

from dawr.settings.centre import About
from dawr.words import Words
from server.interface.problems import MEDIA_TYPE


def rule(path: str) -> str:
    """An address of the route tables as Flask writes it."""
    return path.replace("{", "<").replace("}", ">")


def view_answer(view: BaseModel, status: int = 200) -> Response:
    """A view as JSON."""
    return Response(view.model_dump_json(by_alias=True), status, mimetype="application/json")


def json_answer(value: Any, status: int = 200) -> Response:
    """A value as JSON."""
    return Response(current_app.json.dumps(value), status, mimetype="application/json")


def problem_answer(members: dict[str, Any]) -> Response:
    """A refusal (RFC 9457)."""
    return Response(current_app.json.dumps(members), members["status"], mimetype=MEDIA_TYPE)


def words_for(request: Request, about: About) -> Words:
    """The words of whoever asks: by the address, the browser, or the centre's first language."""
    asked = request.args.get("language") or request.accept_languages.best_match(about.languages)
    return Words(asked if asked in about.languages else about.languages[0], about.digits)
