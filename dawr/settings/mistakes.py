"""Reading a settings file: all its mistakes at once, each with file, key, what is wrong and what would be right.

The sentences are words under `mistake.`: what is `wrong`, and what would be `right` where that can be said.
"""

import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError, model_validator
from pydantic_core import CoreSchema, ErrorDetails, core_schema

from dawr.errors import SettingsMistaken
from dawr.settings.as_written import table_as_written, table_in
from dawr.text import without_isolates
from dawr.words import Words


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
    """How a text has to look: a pattern for the machine, and the same in words, under `mistake.shape.`."""

    pattern: str
    kind: str
    example: str = ""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def _checked(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text):
            raise WrongShape(self)
        return text

    def said(self, words: Words) -> str:
        """How it has to look, in some words: what follows "Write"."""
        return words(f"mistake.shape.{self.kind}", example=self.example)


class WrongShape(ValueError):
    """A text that does not look as it has to."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape.said(Words("en")))
        self.shape = shape


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value has to be, in words under `mistake.kind.`."""

    name: str

    def said(self, words: Words) -> str:
        """The kind in some words: what follows "It has to be"."""
        return words(f"mistake.kind.{self.name}")


@dataclass(frozen=True, slots=True)
class Choice:
    """Values of which one has to be chosen."""

    values: tuple[str, ...]

    def said(self, words: Words) -> str:
        """All of them."""
        return f" {words('mistake.or')} ".join(self.values)


@dataclass(frozen=True, slots=True)
class Named:
    """Something by its name in the settings."""

    name: Mapping[Any, str]

    def said(self, words: Words) -> str:
        """The name in the language of the words."""
        return words.of(self.name)


def _speaks(fact: object) -> bool:
    """Whether a fact is said otherwise in each language."""
    return isinstance(fact, Shape | Kind | Choice | Named)


T = TypeVar("T", bound=Table)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: `key` as a person finds it in the file (`service[3].line`), and what is wrong about it.

    `why` and its facts make the sentences, in any language.
    """

    file: str
    key: str
    why: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def said(self, words: Words) -> str:
        """What is wrong and what would be right; it follows the key's name."""
        return f"{self._part('wrong', words)} {self._part('right', words)}".rstrip()

    def line(self, words: Words) -> str:
        """One line for a terminal."""
        return without_isolates(f"{self.file}: {self.key}: {self.said(words)}")

    @property
    def wrong(self) -> str:
        """What is wrong, in English."""
        return without_isolates(self._part("wrong", Words("en")))

    @property
    def right(self) -> str:
        """What would be right, in English; empty where that cannot be said."""
        return without_isolates(self._part("right", Words("en")))

    def __str__(self) -> str:
        return self.line(Words("en"))

    def _part(self, part: str, words: Words) -> str:
        key = f"mistake.{self.why}.{part}"
        if part == "right" and not words.has(key):
            return ""
        return words(key, **{name: fact.said(words) if _speaks(fact) else fact for name, fact in self.facts.items()})


class MistakenSettings(SettingsMistaken):
    """A settings file with its mistakes."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = list(mistakes)
        super().__init__(self.lines(Words("en")))

    def lines(self, words: Words) -> str:
        """Every mistake on a line of its own."""
        return "\n".join(mistake.line(words) for mistake in self.mistakes)


class WrongKey(ValueError):
    """A key with what is wrong about it: the name of the words for it, and its facts."""

    def __init__(self, key: str, why: str, **facts: object) -> None:
        super().__init__(f"{key}: {why}")
        self.key, self.why, self.facts = key, why, facts

    def in_file(self, file: str) -> Mistake:
        """The same as a mistake of a file."""
        return Mistake(file, self.key, self.why, self.facts)


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
    return checked(model, data_in(text, file), file)


def load(file: Path) -> dict[str, Any]:
    """What a TOML file says, not yet checked. `MistakenSettings` when it cannot be read."""
    return data_in(text_of(file), str(file))


def text_of(file: Path) -> str:
    """A settings file's text, line ends as they are. `MistakenSettings` when it cannot be read."""
    try:
        # Windows' Notepad puts a byte order mark in front.
        return file.read_bytes().decode("utf-8-sig")
    except OSError as problem:
        raise MistakenSettings([Mistake(str(file), "-", "unreadable", {"reason": problem.strerror})]) from None
    except UnicodeDecodeError:
        raise MistakenSettings([Mistake(str(file), "-", "not_utf8")]) from None


MOST_DOTS = 200
"""No line of a file has more. A key of some ten thousand parts takes gigabytes to read."""


def data_in(text: str, file: str) -> dict[str, Any]:
    """What a TOML text says, not yet checked; `file` is the name to report. `MistakenSettings` when it is no TOML."""
    try:
        if any(line.count(".") > MOST_DOTS for line in text.splitlines()):
            raise tomllib.TOMLDecodeError(f"a line with more than {MOST_DOTS} points")
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise MistakenSettings([Mistake(file, "-", "not_toml", {"reason": str(problem)})]) from None


def checked(model: type[T], data: dict[str, Any], file: str) -> T:
    """The settings, when what the file says has no mistake. `MistakenSettings` with every one else."""
    try:
        return model.model_validate(data)
    except ValidationError as problem:
        errors = problem.errors(include_url=False)
        raise MistakenSettings(wrong.in_file(file) for wrong in _wrong_keys(model, errors, data)) from None


def _wrong_keys(model: type[Table], errors: list[ErrorDetails], data: dict[str, Any]) -> list[WrongKey]:
    """Every wrong key: each by itself, then those between keys that were not named yet."""
    own = [
        _wrong_key(model, error)
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


def _wrong_key(model: type[BaseModel], error: ErrorDetails) -> WrongKey:
    """What pydantic found, in our words."""
    key, value = _path(error["loc"]), _shown(error.get("input"))
    context: Mapping[str, Any] = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return WrongKey(key, "missing")
        case "extra_forbidden":
            known = list(_table_at(model, error["loc"][:-1]))
            near = difflib.get_close_matches(str(error["loc"][-1]), known, 1)
            return WrongKey(key, "misspelt", near=near[0]) if near else WrongKey(key, "unknown", known=", ".join(known))
        case "literal_error":
            return WrongKey(key, "no_choice", value=value, choice=_choice(context["expected"]))
        case "greater_than_equal":
            return WrongKey(key, "too_little", value=value, limit=context["ge"])
        case "less_than_equal":
            return WrongKey(key, "too_much", value=value, limit=context["le"])
        case "too_short":
            return WrongKey(key, "too_few", limit=context["min_length"])
        case "too_long":
            return WrongKey(key, "too_many", limit=context["max_length"])
        case "string_too_short":
            return WrongKey(key, "empty")
    shape = getattr(context.get("error"), "shape", None)
    if shape:
        return WrongKey(key, "wrong_shape", value=value, shape=shape)
    kind = next((name for start, name in _KINDS.items() if error["type"].startswith(start)), None)
    if kind:
        return WrongKey(key, "wrong_kind", value=value, kind=Kind(kind))
    return WrongKey(key, "otherwise", value=value, reason=error["msg"])


def _choice(expected: str) -> Choice:
    """From pydantic's `'ar' or 'en'`, as it would stand in a file."""
    return Choice(tuple(re.split(", | or ", expected.replace("'", '"'))))


def _shown(value: object) -> str:
    """A value as it stands in the file, cut when it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:60]}…"


_KINDS = {
    "int": "int",
    "float": "float",
    "finite_number": "float",
    "string": "string",
    "bool": "bool",
    "date": "date",
    "list": "list",
    "tuple": "list",
    "dict": "table",
    "model": "table",
}
"""How pydantic's names of what is wrong begin, and the kind that is meant."""


def _table_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> Iterable[str]:
    """The keys that the table at this place knows."""
    current: type[BaseModel] | None = model
    for part in loc:
        if isinstance(part, str) and current:
            current = table_in(current.model_fields[_field(current, part)].annotation)
    return [field.alias or name for name, field in current.model_fields.items()] if current else ()


def _field(model: type[BaseModel], key: str) -> str:
    return next(name for name, field in model.model_fields.items() if key in (field.alias, name))
