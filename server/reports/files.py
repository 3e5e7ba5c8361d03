"""A report as a file to keep or to go on reckoning with. A new format has one entry in `FORMATS`."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

from dawr.settings.centre import Centre
from dawr.words import Words
from server.reports.figures import COLUMNS
from server.reports.groups import group_name
from server.reports.pdf_file import to_pdf
from server.reports.waiting import WaitingReport
from server.reports.xlsx_file import to_xlsx


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file."""

    media_type: str
    write: Callable[[WaitingReport, Centre, Words], bytes]


def to_csv(report: WaitingReport, _centre: Centre, words: Words) -> bytes:
    """The rows and the total as CSV in UTF-8 with a heading in the language of the words; times in seconds."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([words("report.group"), *(words(f"report.{column}") for column in COLUMNS)])
    for row in [*report.rows, report.total]:
        name = group_name(row.key, row.name, report.by, words)
        writer.writerow([_text(name), *(_cell(getattr(row, column)) for column in COLUMNS)])
    return out.getvalue().encode()


def _text(name: str) -> str:
    """As a table program shows it: what begins so it would take for a formula (OWASP, CSV injection)."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.3f}"


FORMATS: dict[str, Format] = {
    "csv": Format("text/csv", to_csv),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", to_xlsx),
    "pdf": Format("application/pdf", to_pdf),
}
"""Every kind of file by its suffix."""
