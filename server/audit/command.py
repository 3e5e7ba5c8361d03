"""`dawr audit`: whether what the log says of people, devices and settings is as it was written."""

import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NoReturn

import click

from dawr.language import LANGUAGES, own_language
from dawr.text import without_isolates
from dawr.words import Words
from server.audit.chain import Link
from server.audit.trail import CHAIN, Entry, sentence
from server.audit.verified import NotWhole, verified
from server.keeping.log import FILE

_data = click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
_language = click.option(
    "--language", type=click.Choice(LANGUAGES), help="Language of what is said here; else by LANG."
)
_HEAD = re.compile(r"(\d+)((?:-[0-9a-f]{4}){5})")


@click.group()
def main() -> None:
    """Look after the audit log and the history of the settings."""


@main.command()
@_data
@click.option("--head", "heads", multiple=True, help="A head that was written down: nothing up to it may have changed.")
@_language
def verify(data: Path, heads: tuple[str, ...], language: str | None) -> None:
    """Say whether every record of a server's data folder is there and unchanged.

    The server may be running. Exit code: 0 all is as it was written, 1 something is missing or was changed.
    """
    words = Words(language or own_language())
    kept = _kept(heads)
    with _reading(data, words) as log:
        [events] = log.execute("SELECT count(*) FROM event").fetchone()
        try:
            with click.progressbar(length=events, label=words("audit.days.looking"), file=sys.stderr) as bar:
                whole = verified(log, kept, bar.update)
        except NotWhole as found:
            _end(words(found.key, **found.facts))
    _say(words("audit.whole", count=whole.versions))
    _say(words("audit.log.whole", count=whole.entries))
    _say(words("audit.days.whole", count=len(whole.sealed)))
    if removed := sum(seal.is_past for seal in whole.sealed):
        _say(words("audit.days.removed", count=removed))
    _say(words("audit.days.unsealed"))


@main.command()
@_data
@_language
def head(data: Path, language: str | None) -> None:
    """Print number and short hash of the newest entry of the audit log.

    Written down elsewhere, it proves later that nothing up to it was changed: `dawr audit verify DATA --head HEAD`.
    """
    with _reading(data, Words(language or own_language())) as log:
        click.echo(CHAIN.end(log).short)


@main.command()
@_data
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with all that is known.")
@_language
def show(data: Path, as_json: bool, language: str | None) -> None:
    """Print the audit log, the oldest entry first."""
    words = Words(language or own_language())
    with _reading(data, words) as log:
        for number, record in log.execute("SELECT number, record FROM audit ORDER BY number"):
            if as_json:
                click.echo(json.dumps({"number": number, **json.loads(record)}, ensure_ascii=False))
            else:
                entry = Entry.model_validate_json(record)
                _say(f"{number}  {entry.at}  {sentence(entry, words)}")


def _kept(heads: tuple[str, ...]) -> dict[int, str]:
    """Heads that were written down, by their numbers."""
    found = [_HEAD.fullmatch(one.strip().lower()) for one in heads]
    if not all(found):
        raise click.BadParameter("417-1f2e-3d4c-5b6a-7988-0a1b", param_hint="--head")
    return {int(one[1]): Link(int(one[1]), one[2].replace("-", "")).short for one in found if one}


@contextmanager
def _reading(data: Path, words: Words) -> Iterator[sqlite3.Connection]:
    """The log of a data folder, all of one moment."""
    file = data / FILE
    if not file.exists():
        _end(words("server.no_log", folder=data))
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as log:
            log.execute("BEGIN")
            yield log
    except sqlite3.Error as problem:
        _end(words("audit.unreadable", folder=data, why=problem))


def _say(said: str) -> None:
    click.echo(without_isolates(said))


def _end(why: str) -> NoReturn:
    click.echo(without_isolates(why), err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
