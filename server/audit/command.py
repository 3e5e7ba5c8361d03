"""`dawr audit`: whether what the log says of changed settings is as it was written."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import click

from dawr.language import LANGUAGES, own_language
from dawr.text import without_isolates
from dawr.words import Words
from server.administration import history
from server.audit.chain import Broken
from server.log import FILE


@click.group()
def main() -> None:
    """Look after the history of the settings."""


@main.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of what is said here; else by LANG.")
def verify(data: Path, language: str | None) -> None:
    """Say whether every record of changed settings in a server's data folder is there and unchanged.

    The server may be running. Exit code: 0 all is as it was written, 1 something is missing or was changed.
    """
    words = Words(language or own_language())
    file = data / FILE
    if not file.exists():
        _end(words("server.no_log", folder=data))
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as log:
            log.execute("BEGIN")  # all of one moment
            versions = history.verify(log)
    except sqlite3.Error as problem:
        _end(words("audit.unreadable", folder=data, why=problem))
    except Broken as found:
        _end(words(f"audit.{found.what}", version=found.number))
    click.echo(without_isolates(words("audit.whole", count=versions)))


def _end(sentence: str) -> NoReturn:
    click.echo(without_isolates(sentence), err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
