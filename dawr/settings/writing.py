"""Writing changed settings into a TOML file as a person would: what did not change stays as it is, comments too."""

import contextlib
import operator
import tomllib
from collections.abc import MutableMapping
from datetime import date
from typing import Any

import tomli_w
import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Item, Table

from dawr.settings.changes import ID
from dawr.settings.plain import plain


def rewritten(text: str, settings: dict[str, Any]) -> str:
    """The file's text, saying these plain settings."""
    try:
        document = tomlkit.parse(text)
        _rewrite(document, settings)
        made = tomlkit.dumps(document)
        if plain(tomllib.loads(made)) == settings:
            return made
    except (TOMLKitError, tomllib.TOMLDecodeError):
        pass
    # A file that cannot be changed key by key is written anew: what it says counts more than its comments.
    return tomli_w.dumps(_native(settings))


def _rewrite(table: MutableMapping[str, Any], settings: dict[str, Any], path: str = "") -> None:
    for key in [key for key in table if key not in settings]:
        del table[key]
    for key, value in settings.items():
        if key not in table:
            table[key] = _item(key, value, path)
        elif plain(_bare(table[key])) != value:
            _change(table, key, value, f"{path}{key}")


def _change(table: MutableMapping[str, Any], key: str, value: Any, path: str) -> None:
    before = table[key]
    if isinstance(before, AoT) and _is_list_of_tables(value):
        entries = _entries(before, value, path)
        if entries is not before:
            table[key] = entries
    elif isinstance(before, MutableMapping) and isinstance(value, dict):
        _rewrite(before, value, f"{path}.")
    else:
        table[key] = _item(key, value, path)


def _entries(before: AoT, after: list[dict[str, Any]], path: str) -> AoT:
    """The tables of a list in their new order; each known one keeps its comments."""
    key = ID.get(path, "id")
    known: dict[str, Table] = {str(plain(_bare(one)).get(key)): one for one in before.body}
    tables = []
    for one in after:
        table = known.pop(str(one.get(key)), None) or tomlkit.table()
        _rewrite(table, one, f"{path}.")
        tables.append(table)
    if len(tables) == len(before.body) and all(map(operator.is_, tables, before.body)):
        return before
    entries = tomlkit.aot()
    for table in tables:
        if not table.as_string().endswith("\n\n"):
            table.add(tomlkit.nl())
        entries.append(table)
        table.trivia.indent = ""  # tomlkit would put another empty line before it
    return entries


def _item(key: str, value: Any, path: str = "") -> Any:
    """A value as a person would write it: tables at the top, inline tables inside, a list of texts line by line."""
    if not path and isinstance(value, dict):
        table = tomlkit.table()
        table.update({name: _item(name, one, f"{key}.") for name, one in value.items()})
        return table
    if not path and _is_list_of_tables(value):
        return _entries(tomlkit.aot(), value, key)
    if isinstance(value, dict):
        inside = ", ".join(f"{name} = {_item(name, one, f'{key}.').as_string()}" for name, one in value.items())
        return tomlkit.value(f"{{ {inside} }}")
    if isinstance(value, list):
        array = tomlkit.array()
        array.extend([_item(key, one, f"{key}.") for one in value])
        return array.multiline(_is_list_of_tables(value))
    return tomlkit.item(_native_value(key, value))


def _native(settings: dict[str, Any]) -> dict[str, Any]:
    """Plain settings with the values that TOML has words of its own for."""
    return {key: _native_value(key, value) for key, value in settings.items()}


def _native_value(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return _native(value)
    if isinstance(value, list):
        return [_native_value(key, one) for one in value]
    if key == "date" and isinstance(value, str):
        with contextlib.suppress(ValueError):
            return date.fromisoformat(value)
    return value


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _bare(value: Any) -> Any:
    return value.unwrap() if isinstance(value, Item) else value
