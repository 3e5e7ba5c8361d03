"""docs/protocol.md, made from the messages and the route table.

`python -m server.interface.protocol_page > docs/protocol.md`.
"""

import sys
from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter

from dawr.board import BoardCall, BoardCounter, BoardWaiting
from dawr.clock import Moment
from dawr.errors import DawrError
from dawr.messages import EVENTS, Note, PrintedTicket
from dawr.orders import SheetFigure
from dawr.views import CopyView, MenuLine, ServiceView, SetAside, TicketView
from server.access.device_routes import DEVICE_ASKS, DEVICE_VIEWS
from server.access.routes import PEOPLE_ASKS, PEOPLE_VIEWS
from server.administration.routes import SETTINGS_ASKS, SETTINGS_VIEWS
from server.interface.openapi import PREFIX
from server.interface.problems import STATUS
from server.interface.routes import (
    COMMAND_ROUTES,
    EMITTED,
    LARGE_BYTES,
    SMALL_BYTES,
    TOLD,
    VIEW_ROUTES,
    CommandRoute,
    OfferedNow,
    PrintedOrder,
)
from server.keeping.writer import MOST_AT_ONCE
from server.telling.live import HEARTBEAT_S, PATIENCE_S, Device

PARTS = (
    SheetFigure,
    TicketView,
    CopyView,
    SetAside,
    ServiceView,
    BoardCall,
    BoardWaiting,
    BoardCounter,
    MenuLine,
    PrintedTicket,
    PrintedOrder,
    OfferedNow,
    Note,
    Moment,
)
"""What the fields of messages and views consist of."""

_INTRODUCTION = f"""\
# The wire protocol

Made from the code by `python -m server.interface.protocol_page > docs/protocol.md`; a test keeps it fresh.

Everything is JSON. Times are RFC 3339 in UTC with `Z`. The same commands go over HTTP and over Socket.IO; the HTTP API
describes itself at `{PREFIX}/openapi.json` (OpenAPI 3.1).

## In short

- **Store, then answer, then tell.** A command is stored, its events and its answer in one transaction, flushed to the
  disk; then it is answered; then everybody is told. Up to {MOST_AT_ONCE} commands that wait share one COMMIT.
- **Once.** A command has an id made by its sender: the header `Idempotency-Key`, or `command_id` in a Socket.IO payload
  (1 to 64 visible ASCII characters, best a UUID; without one the server makes one). Sent again, also after a restart of
  the server, it gets its first answer, refusals included. The same id with another command is `idempotency_key_reused`.
- **A refusal changes nothing.** Only `storage_failed` leaves it open whether the command was stored: send it again with
  the same id.
- **Views, not differences.** What the server tells is always whole, with the `sequence` of the last event it shows. One
  board makes a screen right again, whatever it missed. Another `epoch` is another log: forget what you knew.

## Connecting by Socket.IO

Path `/socket.io`, namespace `/`, best straight by websocket. The server pings every {HEARTBEAT_S} s and gives a client
up after {PATIENCE_S} s more; a client should do the same. Messages may have up to {LARGE_BYTES // 1024} KB. Pages of
other origins are turned away. Who connects says who it is (`auth`):
"""

_COMMANDS = f"""
Who is not in the centre's settings is refused: `connect_error` with `message`, the sentence, and `data`, the problem.

Then the server emits `hello`, `board`, to a kiosk `menu`, and to those with a `counter` its `counter`; the last three
again on every change. A kiosk gets `print-copy` when staff ask for a copy there, and the orders of browsers and of
the server itself, the same one again and again until it has told what came of it.

A page in the namespace `/training`, with its `counter`, gets an invented hall of its own in memory: the same words and
a clerk's commands, nothing of it stored, gone with the connection.

## Commands

An event of the command's name; the acknowledgement is `{{"ok": true, ...answer}}` or `{{"ok": false, "problem": ...}}`.
Over HTTP it is `POST {PREFIX}` and the path; the body has up to {SMALL_BYTES // 1024} KB ({LARGE_BYTES // 1024} KB for
hand-in) and may leave out what stands in the path.
"""

_PROBLEMS = """
## Refusals

Problem details of RFC 9457 (`application/problem+json`): `type`, `title`, `status`, `detail` (a sentence in the
language asked for by `?language=` or Accept-Language, else the centre's first one), the stable `code`, and the facts of
the case.
`bad_message` lists every mistake in `mistakes`: `[{"field": ..., "message": ...}]`.

| code | status | meaning |
|---|---|---|
"""


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    yield from _fields(Device)
    yield _COMMANDS
    for route in COMMAND_ROUTES:
        yield from _command(route)
    yield "## Answers\n"
    for answer in dict.fromkeys(route.answer for route in COMMAND_ROUTES):
        yield from _message(answer.__name__, answer)
    yield "## What the server emits\n"
    for name, view in EMITTED.items():
        yield from _message(f"`{name}`: {view.__name__}", view)
    yield "## What devices say besides commands\n"
    for name, said in TOLD.items():
        yield from _message(f"`{name}`: {said.__name__}", said)
    yield "## Parts of these\n"
    for part in PARTS:
        yield from _message(part.__name__, part)
    yield "## Views over HTTP\n\n| GET | what |\n|---|---|"
    yield from (
        f"| `{PREFIX}{view.path}` | {view.summary} |"
        for view in (*VIEW_ROUTES, *SETTINGS_VIEWS, *DEVICE_VIEWS, *PEOPLE_VIEWS)
    )
    yield "\n## Settings\n\nSee [administration](administration.md).\n\n| POST | what |\n|---|---|"
    yield from (f"| `{PREFIX}{ask.path}` | {ask.summary} |" for ask in SETTINGS_ASKS)
    yield "\n## People\n\nSee [people](people.md).\n\n| | what |\n|---|---|"
    yield from (f"| `{ask.method} {PREFIX}{ask.path}` | {ask.summary} |" for ask in PEOPLE_ASKS)
    yield "\n## Devices\n\nSee [devices](devices.md).\n\n| POST | what |\n|---|---|"
    yield from (f"| `{PREFIX}{ask.path}` | {ask.summary} |" for ask in DEVICE_ASKS)
    yield "\n## Events of the log\n"
    for event in EVENTS.values():
        yield from _message(f"`{event.__name__}`", event)
    yield _PROBLEMS.strip("\n")
    yield from (f"| `{code}` | {status} | {_meaning(code)} |" for code, status in STATUS.items())


def _command(route: CommandRoute) -> Iterator[str]:
    yield from _message(f"`{route.command.NAME}`", route.command)
    alone = f"; HTTP gives its `{route.only[0]}` alone" if route.only else ""
    yield f"`POST {PREFIX}{route.path}` → {route.status}, {route.answer.__name__}{alone}\n"


def _message(title: str, model: type[Any]) -> Iterator[str]:
    yield f"### {title}\n\n{_text(model.__doc__)}\n"
    yield from _fields(model)


def _fields(model: type[Any]) -> Iterator[str]:
    schema = TypeAdapter(model).json_schema(by_alias=True)
    required, known = schema.get("required", []), schema.get("$defs", {})
    if schema.get("properties"):
        yield "| field | type | meaning |\n|---|---|---|"
        for name, about in schema["properties"].items():
            shown = f"`{name}`" if name in required else f"`{name}`?"
            yield f"| {shown} | {_type(about, known)} | {_text(about.get('description'))} |"
        yield ""


def _type(about: dict[str, Any], known: dict[str, Any]) -> str:
    """A JSON schema in a few words."""
    if "$ref" in about:
        name = about["$ref"].rpartition("/")[2]
        return _type(known[name], known) if "enum" in known[name] else str(name)
    if "anyOf" in about:
        return " or ".join(_type(one, known) for one in about["anyOf"])
    if "enum" in about:
        return " or ".join(f'"{value}"' for value in about["enum"])
    if "format" in about:
        return {"date-time": "time"}.get(about["format"], str(about["format"]))
    if about.get("type") == "array":
        inner = about.get("prefixItems") or [about["items"]]
        return f"[{', '.join(_type(one, known) for one in inner)}{'' if 'prefixItems' in about else ', …'}]"
    if about.get("type") == "object":
        return f"{{{_type(about.get('propertyNames', {}), known)}: {_type(about['additionalProperties'], known)}}}"
    return str(about.get("type", "string"))


def _meaning(code: str) -> str:
    known: list[type[DawrError]] = [DawrError, *DawrError.__subclasses__()]
    [error] = [one for one in known if one.code == code]
    return _text(error.__doc__)


def _text(words: str | None) -> str:
    return " ".join((words or "").split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
