"""The command `dawr demo`: its options, and the exchange of the standard library that gevent needs."""

from pathlib import Path

import click

from dawr.language import LANGUAGES, own_language


@click.command()
@click.option("--centre", default="tartous-main", show_default=True, help="An example, or a folder like those.")
@click.option("--day", is_flag=True, help="Play a busy day of 500 tickets first, so that the reports show something.")
@click.option("--windows", is_flag=True, help="Open the kiosk and the board on this screen as well.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the hall page; 0.0.0.0 for every one.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port of the hall page; another one if it is taken.",
)
@click.option(
    "--data",
    default=".demo",
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for everything that the demo keeps.",
)
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of what is printed here; else by LANG.")
def main(centre: str, day: bool, windows: bool, host: str, port: int, data: Path, language: str | None) -> None:
    """Run a whole centre on this machine: server, kiosk with printer, three counter boxes, board, and a hall page.

    It needs no screen, sound, pins or printer. Ctrl-C ends everything.
    """
    from gevent import monkey

    monkey.patch_all()
    from demo.running import run

    run(centre, data, host, port, language or own_language(), day=day, windows=windows)


if __name__ == "__main__":
    main()
