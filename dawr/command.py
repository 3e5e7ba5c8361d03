"""The `dawr` command: which part is meant, and nothing else.

A part is named here by its module, which is imported only when it is asked for, so that `dawr --help` answers at once
and no part has to have what another one needs.
"""

import importlib
import sys
from dataclasses import dataclass

import click

from dawr.errors import DawrError, SettingsMistaken


@dataclass(frozen=True, slots=True)
class Part:
    """A part of Dawr: the module that holds its `main`, and what it is in one line."""

    module: str
    summary: str


PARTS = {
    "demo": Part("demo.__main__", "Run a whole centre on this machine and show its hall page."),
    "server": Part("server.__main__", "Keep the log of a centre and tell every device."),
    "nginx": Part(
        "server.transport.nginx_command", "Write the configuration of nginx, which speaks HTTPS in front of it."
    ),
    "ca": Part("server.transport.ca_command", "Show and export the centre's certificate authority."),
    "kiosk": Part("kiosk.__main__", "Give tickets: touch screen or buttons, and a slip printer."),
    "counter": Part("counter.__main__", "Be a counter's box: next, recall, no-show, break."),
    "display": Part("display.__main__", "Show the board of the hall and call the numbers aloud."),
    "pair": Part("dawr.pair_command", "Have a manager admit this device to its centre."),
    "printer": Part("kiosk.virtual_printer", "Be a slip printer that saves pictures instead of printing."),
    "report": Part("server.reports.command", "Report how long people waited."),
    "administrator": Part(
        "server.access.administrator_command", "Make an administrator, or give one who forgot it a new password."
    ),
    "audit": Part(
        "server.audit.command", "Prove that the records of people, devices and settings are as they were written."
    ),
    "privacy": Part("server.privacy.command", "Say what was removed from the log for people's privacy."),
    "token": Part("server.access.token_command", "Make a token for a program, or take one back."),
    "check": Part("dawr.settings.check", "Check settings and name every mistake in them."),
}


class Parts(click.Group):
    """A group whose commands are the parts, each with its own options and its own help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The parts in the order in which a newcomer needs them."""
        return list(PARTS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command that hands over to a part."""
        part = PARTS.get(cmd_name)
        if part is None:
            return None
        return click.Command(
            cmd_name,
            params=[click.Argument(["words"], nargs=-1, type=click.UNPROCESSED)],
            callback=lambda words: run(part, f"{ctx.command_path} {cmd_name}", list(words)),
            short_help=part.summary,
            context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
            add_help_option=False,
        )


@click.group(cls=Parts)
@click.version_option(package_name="dawr", message="Dawr %(version)s")
def main() -> None:
    """Dawr: the queue of a public-service centre. Begin with: dawr demo"""


def run(part: Part, name: str, words: list[str]) -> None:
    """Run a part as its own program under this name. What goes wrong is one sentence, never a traceback."""
    try:
        importlib.import_module(part.module).main(words, prog_name=name)
    except DawrError as problem:
        click.echo(str(problem), err=True)
        sys.exit(2 if isinstance(problem, SettingsMistaken) else 1)
