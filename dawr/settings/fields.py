"""What can be set at a centre, for forms: each field of each table with what kind it is and what limits it has."""

from collections.abc import Iterable
from datetime import date, time
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from dawr.settings.as_written import table_in
from dawr.settings.centre import Centre, Hours, Span, Texts
from dawr.settings.mistakes import Shape

T = TypeVar("T")

Kind = Literal[
    "text",
    "texts",
    "texts_list",
    "id",
    "int",
    "bool",
    "choice",
    "choices",
    "time",
    "date",
    "spans",
    "hours",
    "letter",
    "lines",
    "line",
    "category",
    "address",
]

_REFERENCES: dict[str, Kind] = {"line": "line", "category": "category"}
_SHAPES: dict[str, Kind] = {"id": "id", "counter": "id", "letter": "letter", "bare_address": "address"}
_PLAIN: dict[Any, Kind] = {str: "text", int: "int", bool: "bool", date: "date", time: "time", Hours: "hours"}


class Field(BaseModel):
    """A field of a table, for whoever makes a form of it."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    key: str
    """Its key in the file."""
    kind: Kind
    """What it holds; `texts` has one text a language, `choices` several of the choices, `lines` ids of lines."""
    required: bool
    """Whether it has to be there."""
    default: Any
    """What holds without it, as it would stand in the file; none where nothing does."""
    least: int | None
    """The smallest number, or the fewest entries."""
    most: int | None
    """The largest number, or the most entries."""
    choices: list[Any] | None
    """What can be chosen from; none where anything goes."""


def fields() -> dict[str, list[Field]]:
    """The fields of each table of a centre's file, by the table's key."""
    found = {}
    for name, field in Centre.model_fields.items():
        table = table_in(field.annotation)
        assert table is not None
        found[field.alias or name] = [_field(field.alias or name, key, one) for key, one in table.model_fields.items()]
    return found


def _field(table: str, key: str, field: FieldInfo) -> Field:
    annotation, metadata = _without_none(field.annotation), list(field.metadata)
    while get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        metadata += more
    low, high = first(Ge, metadata), first(Le, metadata)
    fewest, longest = first(MinLen, metadata), first(MaxLen, metadata)
    return Field(
        key=key,
        kind=_kind(key, annotation, metadata),
        required=field.is_required(),
        default=None if field.is_required() else _as_written(field.default),
        least=_number(low.ge if low else fewest.min_length if fewest else None),
        most=_number(high.le if high else longest.max_length if longest else None),
        choices=_choices(annotation),
    )


def _kind(key: str, annotation: Any, metadata: list[Any]) -> Kind:
    origin, inside = get_origin(annotation), get_args(annotation)
    shape = first(Shape, metadata)
    if shape:
        kind = _SHAPES[shape.kind]
        return _REFERENCES.get(key, kind) if kind == "id" else kind
    if annotation == Texts:
        return "texts"
    if origin is Literal:
        return "choice"
    if origin is tuple:
        return _kind_of_list(inside[0])
    return _PLAIN[annotation]


def _kind_of_list(entry: Any) -> Kind:
    if entry == Texts:
        return "texts_list"
    if entry is Span:
        return "spans"
    return "choices" if get_origin(entry) is Literal else "lines"


def _choices(annotation: Any) -> list[Any] | None:
    if get_origin(annotation) is tuple:
        annotation = get_args(annotation)[0]
    return list(get_args(annotation)) if get_origin(annotation) is Literal else None


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        return next(one for one in get_args(annotation) if one is not NoneType)
    return annotation


def first(kind: type[T], metadata: Iterable[Any]) -> T | None:
    """The annotation of this kind, also from inside a `Field(…)`."""
    inside = [one for each in metadata for one in (each.metadata if isinstance(each, FieldInfo) else [each])]
    return next((one for one in inside if isinstance(one, kind)), None)


def _number(limit: Any) -> int | None:
    return None if limit is None else int(limit)


def _as_written(value: Any) -> Any:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return list(value) if isinstance(value, tuple) else value
