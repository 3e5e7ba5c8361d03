"""`dawr administrator`: who may do everything, said at the machine itself."""

import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click

from dawr.clock import Trust, this_machine
from dawr.errors import WeakSecret
from dawr.language import LANGUAGES, own_language
from dawr.text import without_isolates
from dawr.words import Words
from server.access.passwords import check_secret, hashed
from server.access.routes import LONGEST_NAME
from server.access.store import FILE, AccessStore
from server.access.who import Role
from server.audit.trail import Audit
from server.keeping.log import FILE as LOG_FILE


@click.command()
@click.option(
    "--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True, help="The server's folder."
)
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of what is said here; else by LANG.")
@click.argument("name", required=False)
def main(data: Path, language: str | None, name: str | None) -> None:
    """Make NAME an administrator, or give NAME a new password. The server may be running."""
    words = Words(language or own_language())
    if not (data / FILE).exists() or not (data / LOG_FILE).exists():
        _end(words("server.no_log_yet", folder=data))
    name = (name or click.prompt(words("administrator.name"))).strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        _end(words("administrator.no_name"))
    secret = click.prompt(words("administrator.password"), hide_input=True)
    try:
        check_secret(Role.ADMINISTRATOR, secret)
    except WeakSecret as problem:
        _end(words(f"people.weak.{problem.facts['why']}"))
    if click.prompt(words("administrator.again"), hide_input=True) != secret:
        _end(words("administrator.differ"))
    did = _store(data, name, hashed(secret))
    _audit(data).record("", "server", did, {"person": name, "how": "dawr administrator"})
    click.echo(
        without_isolates(words("administrator.made" if did == "person_added" else "administrator.changed", name=name))
    )


def _store(data: Path, name: str, secret: str) -> str:
    """What was done, as the audit log calls it."""
    with closing(AccessStore(data)) as store:
        if person := store.person(name):
            store.change_person(person.id, role=Role.ADMINISTRATOR, secret=secret)
            return "person_changed"
        store.add_person(name, Role.ADMINISTRATOR, secret, datetime.now(UTC))
        return "person_added"


def _audit(data: Path) -> Audit:
    synchronised = this_machine().is_synchronised()
    return Audit(data / LOG_FILE, lambda: datetime.now(UTC), lambda: Trust.NTP if synchronised else Trust.NONE)


def _end(why: str) -> NoReturn:
    click.echo(without_isolates(why), err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
