"""`dawr ca`: what the centre's certificate authority is known by, and its certificate for browsers."""

import sys
from pathlib import Path
from typing import NoReturn

import click

from dawr.errors import CaUnusable
from dawr.language import LANGUAGES, own_language
from dawr.text import without_isolates
from dawr.words import Words
from server.transport.authority import Authority, kept_authority


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The server's folder, as for dawr server.")
@click.option("--export", type=click.Path(dir_okay=False, path_type=Path), help="Write its certificate into this file.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of what is printed here; else by LANG.")
def main(data: Path, export: Path | None, language: str | None) -> None:
    """Show the fingerprint of the centre's certificate authority, and write its certificate for browsers.

    The certificate is no secret, but has to reach a browser unchanged: carry it on a stick, or compare the fingerprint.

    Exit code: 0 shown, 1 there is none, or it cannot be used.
    """
    words = Words(language or own_language())
    try:
        authority = kept_authority(data)
        if authority is None:
            _end(words("ca.none", folder=data))
        if export:
            export.write_bytes(authority.ca_file.read_bytes())
    except CaUnusable as problem:
        _end(words("ca.unusable", why=problem))
    except OSError as problem:
        _end(words("ca.not_written", file=export, why=problem.strerror))
    _show(authority, words)


def _show(authority: Authority, words: Words) -> None:
    click.echo(without_isolates(words("ca.fingerprint")))
    click.echo(in_groups(authority.fingerprint()))
    click.echo(without_isolates(words("ca.names")))
    click.echo(" ".join(authority.certified()))


def in_groups(fingerprint: str) -> str:
    """A fingerprint for eyes and ears: in groups of four."""
    return " ".join(fingerprint[start : start + 4] for start in range(0, len(fingerprint), 4))


def _end(sentence: str) -> NoReturn:
    click.echo(without_isolates(sentence), err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
