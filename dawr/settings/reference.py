"""docs/settings.md, written from the settings themselves: `python -m dawr.settings.reference > docs/settings.md`."""

import json
from collections.abc import Iterator
from datetime import date, time
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from dawr.settings.as_written import table_in
from dawr.settings.centre import Centre, Hours, Span, Texts
from dawr.settings.devices import BoardDevice, CounterDevice, KioskDevice
from dawr.settings.fields import first
from dawr.settings.mistakes import Shape
from dawr.settings.server import ServerSettings
from dawr.text import without_isolates
from dawr.words import Words

OPENING = """# Settings

<!-- Written by `python -m dawr.settings.reference > docs/settings.md`: change the settings modules, not this file. -->

A centre has one file, `centre.toml`, and each device a small one of its own. `server.toml` beside the centre's file is
for what no device may hear, such as passwords; it can be left out, and each of its tables switches something on
([alerts and the daily report](alerts-and-daily-report.md)). They are TOML: `key = value`, tables in square brackets,
and `#` before a comment. [`config/small-town`](../config/small-town) is a whole centre with an explanation at each key:
copy it and change what is different. After each change:

    dawr check config/small-town

reads every file of the folder and names every mistake: file, key, what is wrong, what would be right. Nothing starts
with mistaken settings, and a key that is not in this list is a mistake too.

*Needed* in the column "without it" means that there is no default.
"""

FILES = (
    ("The centre: `centre.toml`", Centre),
    ("The server alone: `server.toml`", ServerSettings),
    ("A kiosk: `kiosk-1.toml`", KioskDevice),
    ("A counter: `counter-1.toml`", CounterDevice),
    ("A board: `board-1.toml`", BoardDevice),
)


def reference() -> str:
    """The whole page."""
    return "\n".join([OPENING, *(line for title, model in FILES for line in _file(title, model))])


def tables(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, FieldInfo, type[BaseModel]]]:
    """Every table of a file by the heading that it has there, `[[service]]` or `[box.display]`."""
    for name, field in model.model_fields.items():
        table = table_in(field.annotation)
        if table:
            path = f"{above}{field.alias or name}"
            yield f"[[{path}]]" if _is_list(field) else f"[{path}]", field, table
            yield from tables(table, f"{path}.")


def _file(title: str, model: type[BaseModel]) -> Iterator[str]:
    yield f"## {title}\n"
    for heading, field, table in tables(model):
        if heading != "[service.hours]":
            yield from _table(heading, field, table)


def _table(heading: str, field: FieldInfo, table: type[BaseModel]) -> Iterator[str]:
    yield f"### `{heading}`\n"
    yield f"{table.__doc__} {_presence(field)}\n"
    yield "| key | what to write | without it | meaning |"
    yield "|---|---|---|---|"
    for name, key in table.model_fields.items():
        kind = _kind(key.annotation, tuple(key.metadata))
        yield f"| `{key.alias or name}` | {kind} | {_default(key)} | {key.description} |"
    yield ""


def _is_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is tuple


def _presence(field: FieldInfo) -> str:
    if not _is_list(field):
        return "Needed." if field.is_required() else "Can be left out."
    most = first(MaxLen, field.metadata)
    if most:
        return f"Up to {most.max_length} of them, or none."
    return "At least one is needed." if field.is_required() else "Any number of them, or none."


def _kind(annotation: Any, metadata: tuple[Any, ...] = ()) -> str:
    """What a person has to write, in words."""
    origin, inside = get_origin(annotation), get_args(annotation)
    shape = first(Shape, metadata)
    if shape:
        return without_isolates(shape.said(Words("en")))
    if annotation == Texts:
        return 'a text in each language: `{ ar = "…", en = "…" }`'
    if origin is Annotated:
        return _kind(inside[0], inside[1:])
    if origin in (Union, UnionType):
        return _kind(next(one for one in inside if one is not NoneType), metadata)
    if origin is Literal:
        return " or ".join(f"`{_toml(one)}`" for one in inside)
    if origin is tuple:
        return _list_of(inside, metadata)
    if annotation in (int, float):
        return f"{'a whole number' if annotation is int else 'a number'}{_limits(metadata)}"
    if table_in(annotation):
        return "the same keys as `[hours]`" if annotation is Hours else "a table, see below"
    return _WORDS[annotation]


_WORDS: dict[Any, str] = {
    str: "a text",
    bool: "`true` or `false`",
    date: "a date",
    time: 'a time of day such as "04:00"',
    Span: '"08:00-15:30"',
}


def _list_of(inside: tuple[Any, ...], metadata: tuple[Any, ...]) -> str:
    least, most = first(MinLen, metadata), first(MaxLen, metadata)
    if inside[-1] is not Ellipsis:
        count = f" of {len(inside)}"
    elif least and most:
        low, high = least.min_length, most.max_length
        count = f" of {low}" if low == high else f" of {low} to {high}"
    else:
        count = " of one or more" if least else ""
    return f"a list{count}, each {_kind(inside[0])}"


def _limits(metadata: tuple[Any, ...]) -> str:
    least, most = first(Ge, metadata), first(Le, metadata)
    if least and most:
        return f" from {least.ge} to {most.le}"
    return f", {least.ge} or more" if least else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "*needed*"
    value = field.default
    assert value is not PydanticUndefined, "a default from a factory cannot be shown"
    return "–" if value is None else f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    """A default as it would stand in a file."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_toml(one)}' for key, one in value.items())} }}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(f"{value:%H:%M}" if isinstance(value, time) else value, ensure_ascii=False)


if __name__ == "__main__":
    print(reference(), end="")
