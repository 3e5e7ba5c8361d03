"""The OpenAPI 3.1 document of the HTTP API, made from the route table and the messages themselves."""

import re
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from server.access.device_routes import DEVICE_ASKS, DEVICE_VIEWS
from server.access.routes import PEOPLE_ASKS, PEOPLE_VIEWS
from server.administration.routes import SETTINGS_ASKS, SETTINGS_VIEWS, AskRoute
from server.audit.routes import AUDIT_VIEWS
from server.interface.problems import MEDIA_TYPE, Problem
from server.interface.routes import COMMAND_ROUTES, VIEW_ROUTES, CommandRoute, NoQuery, ViewRoute

PREFIX = "/api/v1"
VIEWS = (*VIEW_ROUTES, *SETTINGS_VIEWS, *AUDIT_VIEWS, *DEVICE_VIEWS, *PEOPLE_VIEWS)
ASKS = (*SETTINGS_ASKS, *DEVICE_ASKS, *PEOPLE_ASKS)
_REF = "#/components/schemas/{model}"

_KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Id of this command, best a UUID. Sent again with the same command it gets the first answer.",
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,64}$"},
}


def document() -> dict[str, Any]:
    """The whole document."""
    schemas = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for view in VIEWS:
        paths.setdefault(view.path, {})["get"] = _view(view, schemas)
    for route in COMMAND_ROUTES:
        paths.setdefault(route.path, {})["post"] = _command(route, schemas)
    for ask in ASKS:
        paths.setdefault(ask.path, {})[ask.method.lower()] = _asked(ask)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Dawr",
            "version": version("dawr"),
            "summary": "The queue of a public-service centre",
            "description": "Refusals are problem details (RFC 9457) with a stable `code`; a refusal changes nothing.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": PREFIX}],
        "tags": [{"name": name} for name in dict.fromkeys(map(_tag, [*paths]))],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _schemas() -> dict[str, Any]:
    """What comes in as it is read, what goes out as it is written."""
    incoming: list[type[BaseModel]] = [
        *(route.command for route in COMMAND_ROUTES),
        *(ask.body for ask in ASKS if ask.body),
    ]
    outgoing: list[type[BaseModel]] = [
        Problem,
        *(route.answer for route in COMMAND_ROUTES),
        *(route.answer for route in VIEWS if route.answer),
        *(ask.answer for ask in ASKS if ask.answer),
    ]
    modes = [(model, "validation") for model in incoming] + [(model, "serialization") for model in outgoing]
    _, made = models_json_schema(list(dict.fromkeys(modes)), ref_template=_REF)  # type: ignore[arg-type]
    schemas: dict[str, Any] = made["$defs"]
    return schemas


def _command(route: CommandRoute, schemas: dict[str, Any]) -> dict[str, Any]:
    name = route.command.__name__
    body = schemas.get(name) or {}
    if route.in_path:
        body = schemas[name] = _without(body, route.in_path)
    answer = route.only[1] if route.only else route.answer
    return {
        "operationId": route.command.NAME,
        "tags": [_tag(route.path)],
        "summary": _first_line(route.command),
        "parameters": [
            *_path_parameters(route.path, {key: str(f.description) for key, f in route.command.model_fields.items()}),
            _KEY_HEADER,
            *_query(NoQuery),
        ],
        "requestBody": {
            "required": bool(body.get("required")),
            "content": {"application/json": {"schema": {"$ref": _REF.format(model=name)}}},
        },
        "responses": {
            str(route.status): _response(_first_line(route.answer), answer, ("application/json",)),
            "default": _refusal(),
        },
    }


def _view(route: ViewRoute, schemas: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": route.name,
        "tags": [_tag(route.path)],
        "summary": route.summary,
        "parameters": [*_path_parameters(route.path, route.facts), *_query(route.query)],
        "responses": {"200": _response(route.summary, route.answer, route.media_types), "default": _refusal()},
    }


def _asked(ask: AskRoute) -> dict[str, Any]:
    return {
        "operationId": ask.name,
        "tags": [_tag(ask.path)],
        "summary": ask.summary,
        "parameters": [*_path_parameters(ask.path, ask.facts), *_query(NoQuery)],
        **({"requestBody": _body(ask.body)} if ask.body else {}),
        "responses": {
            str(ask.status): _response(ask.summary, ask.answer, (ask.media_type,)),
            "default": _refusal(),
        },
    }


def _body(model: type[BaseModel]) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": _REF.format(model=model.__name__)}}}
    return {"required": True, "content": content}


def _response(description: str, model: type[BaseModel] | None, media_types: Iterable[str]) -> dict[str, Any]:
    schema = {"$ref": _REF.format(model=model.__name__)} if model else {}
    text = {"type": "string"}
    return {
        "description": description,
        "content": {kind: {"schema": schema if kind == "application/json" else text} for kind in media_types},
    }


def _refusal() -> dict[str, Any]:
    return {
        "description": "Why it was refused; nothing has changed",
        "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model=Problem.__name__)}}},
    }


def _path_parameters(path: str, meanings: Any) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "description": meanings[name], "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _query(model: type[BaseModel]) -> list[dict[str, Any]]:
    properties = model.model_json_schema(by_alias=True)["properties"]
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": schema.get("description", ""),
            "schema": {key: value for key, value in schema.items() if key not in ("description", "title")},
        }
        for name, schema in properties.items()
    ]


def _without(schema: dict[str, Any], field: str) -> dict[str, Any]:
    """A body's schema without the field that stands in the path already."""
    return {
        **schema,
        "properties": {name: value for name, value in schema.get("properties", {}).items() if name != field},
        "required": [name for name in schema.get("required", []) if name != field],
    }


def _tag(path: str) -> str:
    return path.split("/")[1].removesuffix(".json")


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]
