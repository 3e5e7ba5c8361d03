"""A mistaken file, read as far as it can be: so that one mistake does not hide those between other keys."""

from collections.abc import Iterator
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

T = TypeVar("T", bound=BaseModel)


class Unreadable:
    """Stands where a value is missing or of the wrong kind: equal to nothing else, and nothing is in it."""

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __getattr__(self, name: str) -> "Unreadable":
        if name.startswith("__"):
            raise AttributeError(name)
        return Unreadable()


def table_as_written(table: type[T], raw: dict[str, Any]) -> T:
    """The table with what the file says, `Unreadable` where that is of the wrong kind. Limits are not checked."""
    values: dict[str, Any] = {}
    for name, field in table.model_fields.items():
        key = field.alias or name
        if key in raw:
            values[key] = _value_as_written(field.annotation, raw[key])
        elif field.is_required():
            values[key] = Unreadable()
    return table.model_construct(**values)


def table_in(annotation: Any) -> type[BaseModel] | None:
    """The table type inside `tuple[T, ...]`, `T | None` or `Annotated[T, …]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((inner for inner in map(table_in, get_args(annotation)) if inner), None)


def _value_as_written(annotation: Any, raw: object) -> Any:
    try:
        return TypeAdapter(annotation).validate_python(raw)
    except ValidationError:
        table = table_in(annotation)
    if get_origin(annotation) is tuple:
        if not isinstance(raw, list):
            return Unreadable()  # such as one [line] instead of [[line]]
        entries = [_value_as_written(get_args(annotation)[0], one) for one in raw]
        # Tables keep their place, which is part of their name (`service[3]`); other entries are left out.
        return tuple(one for one in entries if table or not isinstance(one, Unreadable))
    if isinstance(raw, dict) and table:
        return table_as_written(table, raw)
    return raw if isinstance(raw, dict) and _may_be_mapping(annotation) else Unreadable()


def _may_be_mapping(annotation: Any) -> bool:
    return get_origin(annotation) is dict or any(map(_may_be_mapping, get_args(annotation)))
