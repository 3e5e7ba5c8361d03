"""`dawr report`: the waiting report of a centre's data folder on paper, in a spreadsheet or in a terminal."""

import os
import sqlite3
import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path

import click

from dawr.hours import business_day
from dawr.language import LANGUAGES, own_language
from dawr.settings.centre import Centre, read_centre
from dawr.settings.mistakes import MistakenSettings
from dawr.text import without_isolates
from dawr.words import Words
from server.reports.figures import COLUMNS, SECONDS, SHARES, WaitingRow
from server.reports.files import FORMATS
from server.reports.groups import GROUPS, group_name
from server.reports.waiting import WaitingReport, waiting

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--config", type=click.Path(path_type=Path), required=True, help="The centre's settings.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The server's data folder; it may be running.",
)
@click.option("--from", "first", type=DAY, help="First day, as 2026-11-22; today if left out.")
@click.option("--to", "last", type=DAY, help="Last day, included; the first day if left out.")
@click.option("--by", type=click.Choice(list(GROUPS)), default="service", show_default=True, help="How to group.")
@click.option("--format", "form", type=click.Choice(["table", "json", *FORMATS]), default="table", show_default=True)
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of the headings; the centre's first one.")
def main(
    config: Path, data: Path, first: datetime | None, last: datetime | None, by: str, form: str, language: str | None
) -> None:
    """How long people waited, from the tickets in a data folder."""
    try:
        centre = read_centre(config)
    except MistakenSettings as mistaken:
        raise _Wrong(mistaken.lines(Words(language or own_language()))) from None
    start = first.date() if first else business_day(centre, datetime.now(UTC))
    end = last.date() if last else start
    if start > end:
        raise _Wrong(f"--from {start} is after --to {end}.")
    report = _read(data / "hall.sqlite", centre, start, end, by)
    words = Words(language or centre.centre.languages[0], centre.centre.digits)
    if form == "json":
        click.echo(report.model_dump_json(by_alias=True, indent=2))
    elif form in FORMATS:
        click.echo(FORMATS[form].write(report, centre, words), nl=False)
    else:
        click.echo(without_isolates(_table(report, words)))


class _Wrong(click.ClickException):
    """Wrong use or wrong settings."""

    exit_code = 2


def _read(file: Path, centre: Centre, first: date, last: date, by: str) -> WaitingReport:
    if not file.exists():
        raise _Wrong(f"There is no log in {file.parent}. Name the folder that the server was started with.")
    # Not `mode=ro`: a reader of a WAL file may have to make its shared index.
    database = sqlite3.connect(file)
    try:
        database.execute("pragma query_only=on")
        # What is kept there has to stay the server's own.
        folder = file.parent if file.stat().st_uid == os.geteuid() else None
        return waiting(database, centre, first, last, by, folder=folder)
    except sqlite3.DatabaseError as problem:
        raise click.ClickException(f"{file} cannot be read: {problem}.") from None
    finally:
        database.close()


def _table(report: WaitingReport, words: Words) -> str:
    days = {"first": report.first.isoformat(), "last": report.last.isoformat()}
    if not report.total.visits:
        return words("report.nothing", **days)
    heading = [words("report.group"), *(words(f"report.{column}") for column in COLUMNS)]
    lines = [heading, *(_line(row, report.by, words) for row in [*report.rows, report.total])]
    widths = [max(_width(line[place]) for line in lines) for place in range(len(heading))]
    table = [
        "  ".join(
            _pad(cell, width, first=not place) for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    note = words("report.note", minutes=round(report.target_s / 60))
    return "\n".join([words("report.title", **days), "", *table, "", note])


def _line(row: WaitingRow, by: str, words: Words) -> list[str]:
    return [
        group_name(row.key, row.name, by, words),
        *(_figure(column, getattr(row, column), words) for column in COLUMNS),
    ]


def _figure(column: str, value: float | None, words: Words) -> str:
    if value is None:
        return "–"
    if column in SECONDS:
        minutes, seconds = divmod(round(value), 60)
        return words.number(f"{minutes}:{seconds:02d}")
    return words.number(f"{value:.0%}" if column in SHARES else value)


def _width(text: str) -> int:
    """Columns that a terminal gives the text; marks take none."""
    return sum(unicodedata.category(letter) != "Mn" for letter in text)


def _pad(text: str, width: int, first: bool) -> str:
    blank = " " * (width - _width(text))
    return text + blank if first else blank + text


if __name__ == "__main__":
    main()
