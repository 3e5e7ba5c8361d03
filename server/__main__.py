"""The server's process: settings in, one address out, until it is told to end."""

import sys
from pathlib import Path

import click

from dawr.language import LANGUAGES, own_language


@click.command()
@click.option(
    "--config", type=click.Path(path_type=Path), required=True, help="The centre's settings: centre.toml or its folder."
)
@click.option(
    "--data", type=click.Path(path_type=Path), required=True, help="Folder of the log; made if it is not there."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for every one.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port; 0 for a free one.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of what is printed here; else by LANG.")
@click.option(
    "--replaces",
    multiple=True,
    metavar="LOG",
    help="This server takes the place of the one that kept this log (its epoch): devices that followed it come here.",
)
@click.option(
    "--trust-clock", is_flag=True, help="This machine's clock is right, though neither NTP nor a battery says so."
)
@click.option("--no-sign-in", is_flag=True, help="Everybody may do everything; for trying it out.")
@click.option("--no-discovery", is_flag=True, help="Do not advertise the server in the network.")
def main(
    config: Path,
    data: Path,
    host: str,
    port: int,
    language: str | None,
    replaces: tuple[str, ...],
    trust_clock: bool,
    no_sign_in: bool,
    no_discovery: bool,
) -> None:
    """Keep the log of a centre and tell every device."""
    from gevent import monkey

    monkey.patch_all()
    # python-socketio takes its clients along, and with aiohttp they are 9 MB that no server needs.
    sys.modules.setdefault("aiohttp", None)  # type: ignore[arg-type]
    from server.serving import serve

    serve(
        config,
        data,
        host,
        port,
        language or own_language(),
        replaces=replaces,
        trust_clock=trust_clock,
        advertise=not no_discovery,
        open_to_all=no_sign_in,
    )


if __name__ == "__main__":
    main()
