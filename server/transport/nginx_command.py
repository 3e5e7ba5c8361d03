"""`dawr nginx`: writes what nginx needs to stand in front of the server, and says how to start it."""

import sys
from pathlib import Path

import click

from dawr.errors import CaUnusable
from dawr.language import LANGUAGES, own_language
from dawr.settings.centre import read_centre
from dawr.settings.mistakes import MistakenSettings
from dawr.settings.server import SERVER_FILE, read_server
from dawr.text import without_isolates
from dawr.words import Words
from server.keeping.storage_trouble import sentence
from server.transport.front import Front


@click.command()
@click.option(
    "--config", type=click.Path(path_type=Path), required=True, help="The centre's settings: centre.toml or its folder."
)
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The server's folder, as for dawr server.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="The server's port.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of what is printed here; else by LANG.")
def main(config: Path, data: Path, port: int, language: str | None) -> None:
    """Write the configuration with which nginx speaks HTTPS in front of the server.

    It is the whole of nginx's configuration, for an nginx of the server's own user; the server keeps it up to date. The
    centre's certificate authority is made if there is none yet. Without behind_proxy = true under [network] in
    server.toml the server would not believe what nginx says of a caller.

    Exit code: 0 written, 1 the folder cannot be used, 2 mistaken settings.
    """
    words = Words(language or own_language())
    file = config / "centre.toml" if config.is_dir() else config
    try:
        centre = read_centre(file)
        network = read_server(file.with_name(SERVER_FILE), centre).network
    except MistakenSettings as mistaken:
        click.echo(mistaken.lines(words), err=True)
        sys.exit(2)
    front = Front(data, centre, network, port)
    try:
        front.prepare()
    except CaUnusable as problem:
        click.echo(without_isolates(words("ca.unusable", why=problem)), err=True)
        sys.exit(1)
    except OSError as problem:
        click.echo(without_isolates(sentence(problem, data, words)), err=True)
        sys.exit(1)
    click.echo(without_isolates(words("nginx.written")))
    click.echo(f"nginx -e stderr -c {front.file}")
    if not network.behind_proxy:
        click.echo(without_isolates(words("nginx.not_believed")), err=True)


if __name__ == "__main__":
    main()
