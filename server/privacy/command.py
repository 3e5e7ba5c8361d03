"""`dawr privacy`: what the log has forgotten of people, and from when on it still has details."""

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import NamedTuple, NoReturn

import click

from dawr.language import LANGUAGES, own_language
from dawr.text import without_isolates
from dawr.words import Words
from server.audit.seals import ABOUT_DAYS
from server.keeping.log import FILE, details_since

REMOVALS = ("personal_removed", "day_removed")


class Removed(NamedTuple):
    """What was removed: of how many days, up to which one, and when last. The first two are business days."""

    days: int
    last_day: str
    at: str


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of what is said here; else by LANG.")
def main(data: Path, as_json: bool, language: str | None) -> None:
    """Say what was removed from the log in a server's data folder, and what is still there.

    Every removal is an entry of the audit log: `dawr audit show` lists them one by one.
    """
    words, file = Words(language or own_language()), data / FILE
    if not file.exists():
        _end(words("server.no_log", folder=data))
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as log:
            log.execute("BEGIN")
            removed, since = report(log), details_since(log)
    except sqlite3.Error as problem:
        _end(words("audit.unreadable", folder=data, why=problem))
    if as_json:
        told = {action: one and one._asdict() for action, one in removed.items()}
        click.echo(json.dumps({**told, "details_since": since and str(since)}))
        return
    for action, one in removed.items():
        said = words(f"privacy.{action}", count=one.days, day=one.last_day, at=one.at) if one else ""
        click.echo(without_isolates(said or words(f"privacy.no_{action}")))
    if since:
        click.echo(without_isolates(words("privacy.details_since", day=since)))


def report(log: sqlite3.Connection) -> dict[str, Removed | None]:
    """What was removed so far, by the entry that records it; None for nothing yet."""
    found: dict[str, Removed | None] = dict.fromkeys(REMOVALS)
    for (record,) in log.execute(ABOUT_DAYS):
        told = json.loads(record)
        if (action := told["action"]) in found:
            before = found[action]
            day = max(told["about"]["day"], before.last_day if before else "")
            found[action] = Removed((before.days if before else 0) + 1, day, told["at"])
    return found


def _end(why: str) -> NoReturn:
    click.echo(without_isolates(why), err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
