"""A report as an Excel sheet: real numbers, dates and times, and sheets that run from right to left in Arabic."""

import io
from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Any

import xlsxwriter

from dawr.settings.centre import Centre
from dawr.text import direction_of, without_isolates
from dawr.words import Words
from server.reports.counter_times import USES
from server.reports.figures import COLUMNS, SECONDS, SHARES, WaitingRow
from server.reports.groups import group_name
from server.reports.waiting import CounterUse, WaitingReport

A_DAY_S = 86_400
AS_WRITTEN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
"""A name that somebody gave to a service is a text, whatever it begins with."""
FORMATS = {
    "title": {"bold": True, "font_size": 14},
    "heading": {"bold": True, "text_wrap": True, "valign": "top", "bottom": 2},
    "text": {},
    "count": {"num_format": "#,##0"},
    "seconds": {"num_format": "[h]:mm:ss"},
    "share": {"num_format": "0.0%"},
    "date": {"num_format": "yyyy-mm-dd", "align": "left"},
    "time": {"num_format": "hh:mm", "align": "left"},
}
Cell = tuple[str, Any]
"""A format of these and a value; None stays empty."""


def to_xlsx(report: WaitingReport, centre: Centre, words: Words) -> bytes:
    """The groups, the period beside them if there is one, and the counters, each on a sheet of its own."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, AS_WRITTEN) as book:
        book.set_properties({"title": _plain(words, "report.title", first=report.first, last=report.last)})
        formats = {name: book.add_format(facts) for name, facts in FORMATS.items()}
        for name, table in _sheets(report, words).items():
            _write(
                book.add_worksheet(name), formats, [[("title", words.of(centre.centre.name))], *table], words.language
            )
    return out.getvalue()


def _sheets(report: WaitingReport, words: Words) -> dict[str, list[list[Cell]]]:
    sheets = {words("reports.title"): _groups(report.rows, report.total, report, words, report.first, report.last)}
    if report.compared:
        other = report.compared
        sheets[words("reports.compare")] = _groups(other.rows, other.total, report, words, other.first, other.last)
    sheets[words("replay.counters")] = _counters(report.counters, words)
    return sheets


def _groups(
    rows: Sequence[WaitingRow], total: WaitingRow, report: WaitingReport, words: Words, first: date, last: date
) -> list[list[Cell]]:
    heading = [words(f"reports.groups.{report.by}"), *(words(f"report.{column}") for column in COLUMNS)]
    return [
        [("text", words("reports.from")), ("date", first), ("text", words("reports.to")), ("date", last)],
        [("text", _plain(words, "report.note", minutes=round(report.target_s / 60)))],
        [("heading", name) for name in heading],
        *([_key(row, report.by, words), *(_figure(column, row) for column in COLUMNS)] for row in [*rows, total]),
    ]


def _counters(counters: Sequence[CounterUse], words: Words) -> list[list[Cell]]:
    heading = [words("reports.counter"), *(words(f"reports.uses.{use}") for use in USES), words("reports.occupancy")]
    return [
        [("text", words("reports.counters_how"))],
        [("heading", name) for name in heading],
        *(
            [
                ("text", one.counter),
                *(("seconds", getattr(one, f"{use}_s") / A_DAY_S) for use in USES),
                ("share", one.occupancy),
            ]
            for one in counters
        ),
    ]


def _key(row: WaitingRow, by: str, words: Words) -> Cell:
    """The group by a value that sorts: a real date or time where it is one."""
    real: dict[str, Callable[[str], Cell]] = {
        "day": lambda key: ("date", date.fromisoformat(key)),
        "half-hour": lambda key: ("time", time.fromisoformat(key)),
        "hour": lambda key: ("time", time(int(key))),
    }
    return real[by](row.key) if by in real and row.key != "all" else ("text", group_name(row.key, row.name, by, words))


def _figure(column: str, row: WaitingRow) -> Cell:
    value = getattr(row, column)
    if column in SECONDS:
        return "seconds", None if value is None else value / A_DAY_S
    return "share" if column in SHARES else "count", value


def _write(sheet: Any, formats: dict[str, Any], table: list[list[Cell]], language: str) -> None:
    if direction_of(language) == "rtl":
        sheet.right_to_left()
    heading = next(place for place, row in enumerate(table) if row[0][0] == "heading")
    for place, row in enumerate(table):
        for column, (form, value) in enumerate(row):
            if value is not None:
                sheet.write(place, column, value, formats[form])
    sheet.freeze_panes(heading + 1, 1)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, len(table[heading]) - 1, 13)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _plain(words: Words, key: str, **values: object) -> str:
    """A sentence for a program that shows marks of direction as boxes."""
    return without_isolates(words(key, **values))
