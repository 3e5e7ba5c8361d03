"""What is different between two versions of a centre's settings, told by the ids that people know."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ID = {"holiday": "date"}
"""By what the entries of a list of tables are known, where it is not their `id`."""

Kind = Literal["changed", "added", "removed"]


class Change(BaseModel):
    """One difference."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, use_attribute_docstrings=True)

    key: str
    """What changed, with ids: `service[home-rental].fee`; a table of its own is named as a whole."""
    kind: Kind
    """What became of it."""
    was: str | None
    """What it said before; none for what was added. Of a table, its name."""
    now: Annotated[str | None, Field(alias="is")]
    """What it says now; none for what was removed."""


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Every difference between two versions in plain values, in the order of the file; they may be mistaken."""
    return list(_in_table("", before, after))


def _in_table(path: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for key in dict.fromkeys([*before, *after]):
        yield from _between(f"{path}.{key}" if path else key, before.get(key), after.get(key))


def _between(path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after and type(before) is type(after):
        return
    known = [_by_id(path, one) for one in (before, after)]
    if any(known) and None not in known:
        yield from _in_list(path, *known)  # type: ignore[arg-type]
    elif (isinstance(before, dict) and isinstance(after, dict | None)) or (isinstance(after, dict) and before is None):
        yield from _in_table(path, before or {}, after or {})
    else:
        yield _change(path, before, after)


def _in_list(path: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for id in dict.fromkeys([*before, *after]):
        key = f"{path}[{id}]"
        if id in before and id in after:
            yield from _in_table(key, before[id], after[id])
        else:
            yield _change(key, before.get(id), after.get(id))
    stayed = [[id for id in one if id in other] for one, other in ((before, after), (after, before))]
    if stayed[0] != stayed[1]:
        yield _change(path, stayed[0], stayed[1])


def _by_id(path: str, value: Any) -> dict[str, Any] | None:
    """The tables of a list by their ids; None for what is no such list, nothing for a list that is not there."""
    if value is None:
        return {}
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return None
    key = ID.get(path, "id")
    ids = [one.get(key) for one in value]
    if None in ids or len({str(id) for id in ids}) < len(ids):
        return None
    return dict(zip(map(str, ids), value, strict=True))


def _change(path: str, before: Any, after: Any) -> Change:
    kind: Kind = "added" if before is None else "removed" if after is None else "changed"
    return Change(key=path, kind=kind, was=_shown(before), now=_shown(after))


def _shown(value: Any) -> str | None:
    """A value in few words: of a table its name, or all that it says."""
    if value is None:
        return None
    if isinstance(value, dict):
        name = value.get("name")
        return _shown(name if isinstance(name, dict) else list(value.values()))
    if isinstance(value, list):
        return ", ".join(_shown(one) or "" for one in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
