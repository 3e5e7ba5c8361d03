"""Reading what comes in: a command and its id from JSON, or every mistake in it. HTTP and Socket.IO read alike."""

import json
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from dawr.errors import NotJson
from server.interface.problems import bad_message, mistaken

_KEY = re.compile(r"[\x21-\x7e]{1,64}")

_M = TypeVar("_M", bound=BaseModel)


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body; an empty body is an empty one. `NotJson` when it is none."""
    if not body.strip():
        return {}
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as problem:
        raise NotJson(f"the body is no JSON: {problem}") from None
    if not isinstance(value, dict):
        raise NotJson("the body is JSON, but no object")
    return value


def read(model: type[_M], payload: Mapping[str, Any]) -> _M:
    """A message from its JSON values. `BadMessage` with every mistake."""
    try:
        return model.model_validate(payload)
    except ValidationError as problem:
        raise bad_message(problem) from None


def with_path(payload: dict[str, Any], path: Mapping[str, str]) -> dict[str, Any]:
    """The payload with what stands in the address. `BadMessage` where the two differ."""
    differing = [name for name, value in path.items() if payload.get(name, value) != value]
    if differing:
        raise mistaken([{"field": name, "message": f"the address says {path[name]}"} for name in differing])
    return {**payload, **path}


def command_id(key: object, field: str) -> str | None:
    """The id of a command as its sender wrote it, or None. `BadMessage` for what cannot be one."""
    if key is None:
        return None
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise mistaken([{"field": field, "message": "1 to 64 visible ASCII characters, best a UUID"}])
    return key


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
