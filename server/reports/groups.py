"""How visits are grouped. A new way has one entry in `GROUPS`, and its order and names below."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

import numpy as np

from dawr.settings.centre import WEEKDAYS, Centre, Counter, Line, Service, Texts
from dawr.words import Words
from server.reports.visits import Column, Names, Records

Key = Callable[[int, Names], str]


def _half_hour(number: int, _names: Names) -> str:
    return f"{number // 2:02d}:{number % 2 * 30:02d}"


def _id(number: int, names: Names) -> str:
    return names.ids[number]


GROUPS: dict[str, tuple[Callable[[Records], Column], Key]] = {
    "service": (lambda records: records["service"], _id),
    "line": (lambda records: records["line"], _id),
    "half-hour": (lambda records: records["half_hour"], _half_hour),
    "hour": (lambda records: records["half_hour"] // 2, lambda number, _names: str(number)),
    # Day 1 of the calendar was a Monday.
    "weekday": (lambda records: ((records["day"] - 1) % 7).astype("u1"), lambda number, _names: WEEKDAYS[number]),
    "counter": (lambda records: records["counter"], _id),
    "day": (lambda records: records["day"], lambda number, _names: date.fromordinal(number).isoformat()),
}
"""How visits can be grouped: the number of each visit's group, and the key of such a number.

A counter's visits are those that it called first; visits that nobody called belong to none."""


def grouped(records: Records, names: Names, by: str) -> Iterator[tuple[str, Records]]:
    """Each group's key and visits, in no order that people would want."""
    number_of, key_of = GROUPS[by]
    for number, group in split(records, number_of(records)):
        key = key_of(number, names)
        if key:
            yield key, group


def group(records: Records, names: Names, by: str, key: str) -> Records:
    """The visits of one group, without putting the others in order; none if there is no such group."""
    number_of, key_of = GROUPS[by]
    numbers = number_of(records)
    there: list[int] = np.flatnonzero(np.bincount(numbers)).tolist()
    wanted = [number for number in there if key and key_of(number, names) == key]
    found: Records = records[np.isin(numbers, wanted)]
    return found


def split(records: Column, numbers: Column) -> Iterator[tuple[int, Column]]:
    """The records, or values of one column, of each number."""
    order = np.argsort(numbers, kind="stable")
    found, starts = np.unique(numbers[order], return_index=True)
    sorted_records = records[order]
    for number, start, end in zip(found, starts, [*starts, len(records)][1:], strict=True):
        yield int(number), sorted_records[start:end]


def order_of(centre: Centre, by: str) -> Callable[[str], tuple[int, str]]:
    """As in the settings, then what the settings no longer know; hours and days by time."""
    fixed: dict[str, list[str]] = {
        "service": list(centre.service),
        "line": list(centre.line),
        "counter": list(centre.counter),
        "weekday": list(WEEKDAYS),
        "hour": [str(hour) for hour in range(24)],
    }
    places = {key: place for place, key in enumerate(fixed.get(by, []))}
    return lambda key: (places.get(key, len(places)), key)


def texts_of(centre: Centre, by: str, key: str) -> Texts | None:
    """The group's name in each language, where the settings have one."""
    named: dict[str, Mapping[str, Service | Line | Counter]]
    named = {"service": centre.service, "line": centre.line, "counter": centre.counter}
    found = named.get(by, {}).get(key)
    return found.name if found else None


def group_name(key: str, name: Texts | None, by: str, words: Words) -> str:
    """What a person calls the group."""
    if key == "all":
        return words("report.total")
    if name:
        return words.of(name)
    if by == "weekday":
        return words(f"report.{key}")
    return words.number(f"{int(key):02d}:00") if by == "hour" else words.number(key)
