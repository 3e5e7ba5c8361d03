"""Reading a settings file: all its mistakes at once, each with file, key, what is wrong and what would be right."""

import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError, model_validator
from pydantic_core import CoreSchema, ErrorDetails, core_schema

from dawr.errors import SettingsMistaken
from dawr.settings.as_written import table_as_written, table_in


class Table(BaseModel):
    """A table of a settings file: frozen, and a key it does not know is a mistake.

    The docstring under a field is its explanation in docs/settings.md.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    def wrongs(self) -> Iterator["WrongKey"]:
        """What is wrong between keys that are each right by themselves."""
        return iter(())

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        wrongs = list(self.wrongs())
        if wrongs:
            raise WrongKeys(wrongs)
        return self


@dataclass(frozen=True, slots=True)
class Shape:
    """How a text has to look: a pattern for the machine, and the same in words."""

    pattern: str
    words: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def _checked(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text):
            raise ValueError(f"Write {self.words}")
        return text


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
    """A key with what is wrong about it and what would be right."""

    def __init__(self, key: str, wrong: str, right: str) -> None:
        super().__init__(f"{wrong} {right}")
        self.key, self.wrong, self.right = key, wrong, right


class WrongKeys(ValueError):
    """Raised by a table whose keys do not go together."""

    def __init__(self, wrongs: list[WrongKey]) -> None:
        super().__init__("; ".join(map(str, wrongs)))
        self.wrongs = wrongs


def read(model: type[T], file: Path) -> T:
    """The settings in a TOML file. `MistakenSettings` with every mistake, also when it is no TOML at all."""
    return checked(model, load(file), str(file))


def parse(model: type[T], text: str, file: str) -> T:
    """The same from a text; `file` is the name to report."""
    return checked(model, _toml(text, file), file)


def load(file: Path) -> dict[str, Any]:
    """What a TOML file says, not yet checked. `MistakenSettings` when it cannot be read."""
    try:
        # Windows' Notepad puts a byte order mark in front.
        return _toml(file.read_text("utf-8-sig"), str(file))
    except OSError as problem:
        raise MistakenSettings([Mistake(str(file), "-", f"cannot be read: {problem.strerror}.", "")]) from None
    except UnicodeDecodeError:
        raise MistakenSettings([Mistake(str(file), "-", "is not UTF-8 text.", "Save it as UTF-8.")]) from None


def _toml(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise MistakenSettings([Mistake(file, "-", f"is not valid TOML: {problem}.", "")]) from None


def checked(model: type[T], data: dict[str, Any], file: str) -> T:
    """The settings, when what the file says has no mistake. `MistakenSettings` with every one else."""
    try:
        return model.model_validate(data)
    except ValidationError as problem:
        errors = problem.errors(include_url=False)
        raise MistakenSettings(
            Mistake(file, wrong.key, wrong.wrong, wrong.right) for wrong in _wrong_keys(model, errors, data)
        ) from None


def _wrong_keys(model: type[Table], errors: list[ErrorDetails], data: dict[str, Any]) -> list[WrongKey]:
    """Every wrong key: each by itself, then those between keys that were not named yet."""
    own = [
        WrongKey(_path(error["loc"]), *_sentences(model, error))
        for error in errors
        if not isinstance(error.get("ctx", {}).get("error"), WrongKeys) and not _follows(error, errors)
    ]
    named = {wrong.key for wrong in own}
    between = table_as_written(model, data).wrongs()
    return own + [wrong for wrong in between if named.isdisjoint(_path_and_above(wrong.key))]


def _path_and_above(key: str) -> set[str]:
    """`service[3].name.ar` and all that it is in: `service[3].name`, `service[3]`, `service`."""
    return {key, *(key[: place.start()] for place in re.finditer(r"[.\[]", key))}


def _follows(error: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Whether a list is only too short because its entries are mistaken, which is said already."""
    loc = error["loc"]
    return error["type"] == "too_short" and any(one["loc"][: len(loc)] == loc for one in errors if one is not error)


def _path(loc: tuple[int | str, ...]) -> str:
    """`service[3].line`: tables are counted from 1, as a person counts them."""
    path = ""
    # pydantic adds "[key]" when the key of a mapping is the mistake.
    for part in (part for part in loc if part != "[key]"):
        path += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if path else part
    return path or "-"


def _sentences(model: type[BaseModel], error: ErrorDetails) -> tuple[str, str]:
    context: Mapping[str, Any] = error.get("ctx", {})
    value = f"is {_shown(error.get('input'))}."
    match error["type"]:
        case "missing":
            return "is missing.", "Add it."
        case "extra_forbidden":
            known = list(_table_at(model, error["loc"][:-1]))
            near = difflib.get_close_matches(str(error["loc"][-1]), known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(known)}."
            return "is not a setting.", hint
        case "literal_error":
            return value, f"Write one of {context['expected']}.".replace("'", '"')
        case "greater_than_equal":
            return value, f"It has to be {context['ge']} or more."
        case "less_than_equal":
            return value, f"It has to be {context['le']} or less."
        case "too_short":
            return "has too few entries.", f"It needs {context['min_length']} or more."
        case "too_long":
            return "has too many entries.", f"It can have {context['max_length']} at most."
        case "string_too_short":
            return "is empty.", "Write a text."
        case kind if kind.endswith(("_type", "_parsing")):
            return value, f"It has to be {_KINDS.get(kind.rsplit('_', 1)[0], kind)}."
        case _:
            return value, f"{error['msg'].removeprefix('Value error, ')}."


def _shown(value: object) -> str:
    """A value as it stands in the file, cut when it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:60]}…"


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
    current: type[BaseModel] | None = model
    for part in loc:
        if isinstance(part, str) and current:
            current = table_in(current.model_fields[_field(current, part)].annotation)
    return [field.alias or name for name, field in current.model_fields.items()] if current else ()


def _field(model: type[BaseModel], key: str) -> str:
    return next(name for name, field in model.model_fields.items() if key in (field.alias, name))
