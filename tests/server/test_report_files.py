"""A report as a file: real numbers and dates in a sheet, Arabic as it is read on paper."""

import csv
import io
import sqlite3
from contextlib import closing
from datetime import datetime, time, timedelta
from pathlib import Path

import openpyxl
import pypdf
import pytest

from dawr.language import LANGUAGES
from dawr.words import Words
from server.keeping.log import FILE
from server.reports.figures import COLUMNS
from server.reports.files import FORMATS
from server.reports.groups import GROUPS
from server.reports.waiting import WaitingReport, waiting
from tests.halls import small_centre
from tests.server.busy_log import BUSY, LAST
from tests.server.running import RunningServer


def report(busy_log: Path, by: str) -> WaitingReport:
    with closing(sqlite3.connect(busy_log / FILE)) as log:
        return waiting(log, small_centre(), BUSY[1], LAST, by, "previous")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("by", GROUPS)
def test_a_sheet_has_real_numbers_and_runs_as_its_language_does(busy_log: Path, by: str, language: str) -> None:
    found = report(busy_log, by)
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].write(found, small_centre(), Words(language))))
    assert len(book.worksheets) == 3
    assert {sheet.sheet_view.rightToLeft for sheet in book} == {language == "ar" or None}
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[1][1] == datetime(2026, 11, 16)
    for row, cells in zip([*found.rows, found.total], rows[4:], strict=True):
        for column, cell in zip(COLUMNS, cells[1:], strict=True):
            seconds = cell.total_seconds() if isinstance(cell, timedelta) else cell
            if isinstance(cell, time):
                seconds = timedelta(
                    hours=cell.hour, minutes=cell.minute, seconds=cell.second, microseconds=cell.microsecond
                ).total_seconds()
            assert seconds == pytest.approx(getattr(row, column), abs=1e-3)


@pytest.mark.parametrize(("by", "kind"), [("day", datetime), ("half-hour", time), ("line", str)])
def test_the_groups_of_a_sheet_sort_as_what_they_are(busy_log: Path, by: str, kind: type) -> None:
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].write(report(busy_log, by), small_centre(), Words("ar"))))
    assert isinstance(list(book.worksheets[0].iter_rows(values_only=True))[4][0], kind)


@pytest.mark.parametrize("by", GROUPS)
def test_a_printed_report_says_every_figure_of_its_total(busy_log: Path, by: str) -> None:
    found = report(busy_log, by)
    printed = pypdf.PdfReader(io.BytesIO(FORMATS["pdf"].write(found, small_centre(), Words("en"))))
    text = " ".join(page.extract_text() for page in printed.pages)
    assert f"{found.total.visits:,}" in text and "Small centre" in text
    whole = round(found.total.mean_wait_s or 0)
    assert f"{whole // 60}:{whole % 60:02d}" in text


def test_arabic_on_paper_is_made_of_joined_letters(busy_log: Path) -> None:
    """The letters of a word that are not shaped would each stand for themselves: fewer forms of the same letters."""
    printed = pypdf.PdfReader(io.BytesIO(FORMATS["pdf"].write(report(busy_log, "line"), small_centre(), Words("ar"))))
    assert "السجل المدني" in " ".join(page.extract_text() for page in printed.pages).replace("\n", " ")


@pytest.mark.parametrize("form", FORMATS)
def test_the_server_gives_each_file_with_its_name(hall_server: RunningServer, form: str) -> None:
    answer = hall_server.get(f"/reports/waiting?from=2026-11-01&to=2026-11-02&format={form}&language=ar")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith(FORMATS[form].media_type)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="waiting-2026-11-01-2026-11-02.{form}"'
    assert answer.body


@pytest.mark.parametrize("name", ['=HYPERLINK("http://evil.example")', "@SUM(1)", "+1", "-1", "http://evil.example"])
def test_a_name_is_a_text_whatever_it_begins_with(busy_log: Path, name: str) -> None:
    found = report(busy_log, "service")
    named = found.rows[0].model_copy(update={"name": {"ar": name, "en": name}})
    strange = found.model_copy(update={"rows": [named]})
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].write(strange, small_centre(), Words("en"))))
    cell = book.worksheets[0].cell(5, 1)
    assert (cell.value, cell.data_type, cell.hyperlink) == (name, "s", None)
    [_, row, _] = csv.reader(io.StringIO(FORMATS["csv"].write(strange, small_centre(), Words("en")).decode()))
    assert row[0].removeprefix("'") == name
    assert row[0][0] not in "=+-@"
