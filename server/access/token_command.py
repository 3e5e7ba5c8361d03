"""`dawr token`: tokens for programs and scripts, made, listed and taken back at the server's own machine."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import click

from dawr.clock import Clock
from dawr.language import LANGUAGES, own_language
from dawr.text import without_isolates
from dawr.words import Words
from server.access.store import AccessStore, Token
from server.access.who import AT_A_COUNTER, AT_A_KIOSK, Role
from server.audit.trail import THE_MACHINE, Audit
from server.keeping.log import FILE

ROLES = [role.value for role in Role if role is not Role.ANYBODY]
MOST_DAYS = 3650


@click.command()
@click.argument("role", type=click.Choice(ROLES), required=False, metavar="[ROLE]")
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The server's folder, as for dawr server.")
@click.option("--name", default="", help="What it is called in lists and records; else the role.")
@click.option("--place", help="Id of the kiosk or counter that it is for; needed for devices that stand at one.")
@click.option("--days", type=click.IntRange(1, MOST_DAYS), help="How long it holds; else until it is taken back.")
@click.option("--list", "listing", is_flag=True, help="Show the tokens there are, without their secrets.")
@click.option("--revoke", metavar="ID", help="Take a token back, by its id in the list.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of what is said here; else by LANG.")
def main(
    role: str | None,
    data: Path,
    name: str,
    place: str | None,
    days: int | None,
    listing: bool,
    revoke: str | None,
    language: str | None,
) -> None:
    """Make a token with which a program may do what ROLE may. It is printed this once only.

    ROLE: clerk, manager or administrator; kiosk, counter or board; face or tablet, which are a kiosk and a counter's
    tablet in a browser.

    A program shows it over HTTP as `Authorization: Bearer TOKEN`, over Socket.IO as `auth.token`. The server may be
    running: a new token holds, and one that is taken back holds no longer, at once.

    Exit code: 0 done, 1 not, 2 wrongly asked for.
    """
    if (role is not None) + listing + (revoke is not None) != 1:
        raise click.UsageError("ROLE, --list, --revoke: one of them")
    words = Words(language or own_language())
    with _opened(data, words) as store:
        if listing:
            _list(store, words)
        elif revoke is not None:
            _revoke(store, data, revoke, words)
        elif role is not None:
            _check_place(Role(role), place)
            _make(store, data, Role(role), name.strip() or role, place, days, words)


def _make(
    store: AccessStore, data: Path, role: Role, name: str, place: str | None, days: int | None, words: Words
) -> None:
    now = datetime.now(UTC)
    secret, token = store.give_token(role, name, place, now, now + timedelta(days=days) if days else None)
    _record(data, "token_made", token)
    _explain(words("token.made", name=name, id=token.id))
    _explain(words("token.until", time=token.until) if token.until else words("token.for_ever"))
    click.echo(secret)


def _revoke(store: AccessStore, data: Path, id: str, words: Words) -> None:
    token = store.revoke(id)
    if token is None:
        _end(words("token.unknown", id=id))
    _record(data, "token_revoked", token)
    _explain(words("token.revoked", name=token.name))


def _list(store: AccessStore, words: Words) -> None:
    tokens = store.tokens()
    if not tokens:
        _explain(words("token.none"))
    for token in tokens:
        click.echo("\t".join((token.id, token.role, token.place or "-", token.since, token.until or "-", token.name)))


def _check_place(role: Role, place: str | None) -> None:
    if (place is not None) != (role in AT_A_KIOSK | AT_A_COUNTER):
        why = "stands at a kiosk or counter: say which" if place is None else "stands at no kiosk or counter"
        raise click.BadParameter(f"a {role} {why}", param_hint="--place")


@contextmanager
def _opened(data: Path, words: Words) -> Iterator[AccessStore]:
    """What a server has stored there; only the server makes the folder, as its own user."""
    if not (data / FILE).exists():
        _end(words("server.no_log", folder=data))
    try:
        store = AccessStore(data)
        try:
            yield store
        finally:
            store.close()
    except (sqlite3.Error, OSError) as problem:
        _end(words("token.unusable", folder=data, why=problem))


def _record(data: Path, action: str, token: Token) -> None:
    trust = Clock().now().trust
    Audit(data / FILE, lambda: datetime.now(UTC), lambda: trust).record("", THE_MACHINE, action, {"token": token.name})


def _explain(said: str) -> None:
    click.echo(without_isolates(said), err=True)


def _end(why: str) -> NoReturn:
    _explain(why)
    sys.exit(1)


if __name__ == "__main__":
    main()
