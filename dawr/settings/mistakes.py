"""Reading a settings file: all its mistakes at once, each with file, key, what is wrong and what would be right."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from dawr.errors import SettingsMistaken


class Table(BaseModel):
    """A table of a settings file: frozen, and a key it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


T = TypeVar("T", bound=Table)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: `key` as a person finds it in the file (`service[3].line`), and two sentences."""

    file: str
    key: str
    wrong: str
    right: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.wrong} {self.right}".rstrip()


class MistakenSettings(SettingsMistaken):
    """A settings file with its mistakes."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = list(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


class WrongKey(ValueError):
    """Raised by a check over several keys: names the key, what is wrong and what would be right."""

    def __init__(self, key: str, wrong: str, right: str) -> None:
        super().__init__(f"{wrong} {right}")
        self.key, self.wrong, self.right = key, wrong, right


class WrongKeys(ValueError):
    """Several `WrongKey` found by one check."""

    def __init__(self, wrongs: list[WrongKey]) -> None:
        super().__init__("; ".join(map(str, wrongs)))
        self.wrongs = wrongs


def read(model: type[T], file: Path) -> T:
    """The settings in a TOML file. `MistakenSettings` with every mistake, also when it is no TOML at all."""
    try:
        text = file.read_text("utf-8")
    except OSError as problem:
        raise MistakenSettings(
            [Mistake(str(file), "-", f"cannot be read: {problem.strerror}.", "")]
        ) from None
    except UnicodeDecodeError:
        raise MistakenSettings([Mistake(str(file), "-", "is not UTF-8 text.", "Save it as UTF-8.")]) from None
    return parse(model, text, str(file))


def parse(model: type[T], text: str, file: str) -> T:
    """The same from a text; `file` is the name to report."""
    try:
        return model.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        raise MistakenSettings([Mistake(file, "-", f"is not valid TOML: {problem}.", "")]) from None
    except ValidationError as problem:
        errors = problem.errors(include_url=False)
        raise MistakenSettings(
            mistake
            for error in errors
            if not _follows(error, errors)
            for mistake in _mistakes(model, error, file)
        ) from None


def _follows(error: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Whether a list is only too short because its entries are mistaken, which is said already."""
    loc = error["loc"]
    return error["type"] == "too_short" and any(
        one["loc"][: len(loc)] == loc for one in errors if one is not error
    )


def _mistakes(model: type[BaseModel], error: ErrorDetails, file: str) -> list[Mistake]:
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, WrongKeys):
        return [Mistake(file, wrong.key, wrong.wrong, wrong.right) for wrong in cause.wrongs]
    where = _path(error["loc"])
    wrong, right = _sentences(model, error)
    return [Mistake(file, where, wrong, right)]


def _path(loc: tuple[int | str, ...]) -> str:
    """`service[3].line`: tables are counted from 1, as a person counts them."""
    path = ""
    for part in loc:
        path += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if path else part
    return path or "-"


def _sentences(model: type[BaseModel], error: ErrorDetails) -> tuple[str, str]:
    context: Mapping[str, Any] = error.get("ctx", {})
    value = error.get("input")
    match error["type"]:
        case "missing":
            return "is missing.", "Add it."
        case "extra_forbidden":
            known = list(_table_at(model, error["loc"][:-1]))
            near = difflib.get_close_matches(str(error["loc"][-1]), known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(known)}."
            return "is not a setting.", hint
        case "literal_error" | "enum":
            return f"is {value!r}.", f"Write one of {context['expected']}."
        case "string_pattern_mismatch":
            return f"is {value!r}.", f"It has to match {context['pattern']}."
        case "greater_than_equal":
            return f"is {value!r}.", f"It has to be {context['ge']} or more."
        case "greater_than":
            return f"is {value!r}.", f"It has to be more than {context['gt']}."
        case "less_than_equal":
            return f"is {value!r}.", f"It has to be {context['le']} or less."
        case "too_short":
            return "has too few entries.", f"It needs {context['min_length']} or more."
        case "string_too_short":
            return "is empty.", "Write a text."
        case kind if kind.endswith(("_type", "_parsing")):
            return f"is {value!r}.", f"It has to be {_KINDS.get(kind.rsplit('_', 1)[0], kind)}."
        case _:
            return f"is {value!r}.", f"{error['msg'].removeprefix('Value error, ')}."


_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "string": "a text in quotation marks",
    "bool": "true or false",
    "date": "a date such as 2026-04-17",
    "date_from_datetime": "a date such as 2026-04-17",
    "list": "a list in square brackets",
    "tuple": "a list in square brackets",
    "dict": "a table",
    "model": "a table",
}


def _table_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> Iterable[str]:
    """The keys that the table at this place knows."""
    current: Any = model
    for part in loc:
        if isinstance(part, int):
            continue
        current = _inner(current.model_fields[_field(current, part)].annotation)
        if current is None:
            return ()
    return [field.alias or name for name, field in current.model_fields.items()]


def _field(model: type[BaseModel], key: str) -> str:
    return next(name for name, field in model.model_fields.items() if key in (field.alias, name))


def _inner(annotation: Any) -> type[BaseModel] | None:
    """The table type inside `list[T]`, `tuple[T, ...]`, `T | None` or `Annotated[T, …]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((inner for inner in map(_inner, get_args(annotation)) if inner), None)
