"""What only the server knows: whom it mails and tells, and what stands between it and its network.

`centre.toml` goes to every device, and passwords must not.
"""

import ipaddress
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field

from dawr.settings.centre import Centre, Id, Language
from dawr.settings.devices import beside
from dawr.settings.mistakes import MistakenSettings, Shape, Table, WrongKey, read

SERVER_FILE = "server.toml"

MailAddress = Annotated[str, Shape(r"[^\s@<>]+@[^\s@<>]+", "mail_address", '"manager@example.org"')]
WebAddress = Annotated[str, Shape(r"https?://[^\s/?#]+\S*", "web_address", '"https://example.org/alerts"')]
HostName = Annotated[str, Shape(r"[^\s/:@]+", "host", '"mail.example.org"')]
# It is written into the certificate and into nginx's configuration.
_NAME = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?"
NetworkName = Annotated[str, Shape(_NAME, "network_name", '"queue.example.org", "192.168.1.10"')]
Port = Annotated[int, Field(ge=1, le=65535)]
PublicPage = Literal["phone", "board"]
AlertKind = Literal["unserved", "long_wait", "silent", "noted", "unsent", "record"]


class Mail(Table):
    """The mail server that takes the centre's mail, as for any mail program."""

    host: HostName
    """Its name."""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    """Its port: usually 587 with `starttls`, 465 with `tls`, 25 with `none`."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the line to it is kept secret; `none` only inside one's own network."""
    user: str | None = None
    """The name to sign in with. Left out: it takes mail without."""
    password_file: str | None = None
    """File with the password alone, seen from this one, which only its owner may read (`chmod 600`)."""
    sender: MailAddress
    """The address that the mail comes from."""
    to: Annotated[tuple[MailAddress, ...], Field(min_length=1)]
    """Who gets it."""


class Webhook(Table):
    """A program that is told of what needs somebody, when it begins and when it ends."""

    address: WebAddress
    """Where it takes them: a small JSON by POST."""
    alerts: tuple[AlertKind, ...] = ("unserved", "long_wait", "silent", "noted", "unsent", "record")
    """The kinds of alerts that it is told of."""
    secret_file: str | None = None
    """File with a secret by which it knows that an alert is from here; only its owner may read it (`chmod 600`)."""


class DailyReport(Table):
    """The report of the day, when the centre has closed."""

    mail: bool = False
    """Whether it is mailed, with PDF and Excel; needs `[mail]`."""
    print_on: Id | None = None
    """The kiosk that prints a sheet with the day's figures, and no more on the next day. Left out: none does."""
    language: Language | None = None
    """Its language. Left out: the centre's first one."""


class Network(Table):
    """How browsers and devices reach the server: see transport.md."""

    names: tuple[NetworkName, ...] = ()
    """Names and addresses by which browsers reach the centre, beside those that its machine has by itself."""
    behind_proxy: bool = False
    """Whether nginx stands in front and speaks HTTPS. The server listens to its own machine alone, and believes it."""
    https_port: Port = 443
    """Where nginx takes HTTPS."""
    http_port: Port = 80
    """Where nginx takes plain HTTP, to give the pages below and to lead everybody else to HTTPS."""
    plain_http: tuple[PublicPage, ...] = ("phone",)
    """Public pages that come by plain HTTP too: visitors' phones and many televisions cannot know the centre's CA."""


class ServerSettings(Table):
    """The server's file. Without it nothing is mailed, printed or told to anybody else."""

    network: Network = Network()

    mail: Mail | None = None
    webhook: Webhook | None = None
    report: DailyReport | None = None

    def wrongs(self) -> Iterator[WrongKey]:
        """A user without a password, a password without a user, and a report that is to be mailed by nobody."""
        if self.mail and self.mail.user and not self.mail.password_file:
            yield WrongKey("mail.password_file", "missing")
        if self.mail and self.mail.password_file and not self.mail.user:
            yield WrongKey("mail.user", "missing")
        if self.report and self.report.mail and not self.mail:
            yield WrongKey("report.mail", "no_mail_server")


def read_server(file: Path, centre: Centre) -> ServerSettings:
    """The server's settings, its files with whole paths; everything is off when there is no such file.

    `MistakenSettings` with every mistake, also between them and the centre, and about the files that they name.
    """
    if not file.exists():
        return ServerSettings()
    settings = read(ServerSettings, file)
    wrongs = [*about_its_files(settings, file), *against_centre(settings, centre)]
    if wrongs:
        raise MistakenSettings(wrong.in_file(str(file)) for wrong in wrongs)
    found = {table: {key: str(beside(file, path))} for table, key, path in _secret_files(settings)}
    tables = {table: getattr(settings, table).model_copy(update=paths) for table, paths in found.items()}
    return settings.model_copy(update=tables)


def configured_names(network: Network, centre: Centre) -> list[str]:
    """The names and addresses by which the centre is reached as far as files say so; slips lead phones to one too."""
    phones = urlsplit(centre.centre.phone_address or "").hostname or ""
    return [*network.names, *([phones] if re.fullmatch(_NAME, phones) else [])]


def read_secret(file: Path) -> str:
    """The secret in a file. `OSError` when it cannot be read, `PermissionError` when others may read it as well."""
    if file.stat().st_mode & 0o077:
        raise PermissionError(f"others may read {file}")
    return file.read_text("utf-8").strip()


def about_its_files(settings: ServerSettings, file: Path) -> Iterator[WrongKey]:
    """Files with secrets that are not there, or that others may read."""
    for table, key, path in _secret_files(settings):
        secret = beside(file, path)
        try:
            if not read_secret(secret):
                yield WrongKey(f"{table}.{key}", "empty_secret", value=path)
        except PermissionError:
            yield WrongKey(f"{table}.{key}", "open_secret", value=path)
        except (OSError, UnicodeDecodeError):
            yield WrongKey(f"{table}.{key}", "no_secret_file", value=path)


def against_centre(settings: ServerSettings, centre: Centre) -> Iterator[WrongKey]:
    """What the centre does not have, and what its visitors' phones could not open."""
    yield from _about_phones(settings.network, centre.centre.phone_address)
    report = settings.report
    if not report:
        return
    kiosks = sorted(kiosk.id for kiosk in centre.kiosks)
    if report.print_on and report.print_on not in kiosks:
        yield WrongKey("report.print_on", "no_kiosk_in_centre", value=report.print_on, known=", ".join(kiosks) or "–")
    if report.language and report.language not in centre.centre.languages:
        yield WrongKey("report.language", "not_a_language_here", value=report.language)


def _about_phones(network: Network, address: str | None) -> Iterator[WrongKey]:
    """The code on a slip has to lead a phone that never saw the centre's CA to a page without a warning."""
    if not (network.behind_proxy and address):
        return
    at = urlsplit(address)
    if at.scheme == "https":
        # With a public name and a public certificate, somebody else's server may stand there.
        if at.hostname in network.names or _is_address(at.hostname or ""):
            yield WrongKey("network.names", "phones_would_be_warned", value=address)
        return
    if "phone" not in network.plain_http:
        yield WrongKey("network.plain_http", "phones_need_http", value=address)
    if (at.port or 80) != network.http_port:
        yield WrongKey("network.http_port", "phones_come_elsewhere", value=address)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _secret_files(settings: ServerSettings) -> Iterator[tuple[str, str, str]]:
    if settings.mail and settings.mail.password_file:
        yield "mail", "password_file", settings.mail.password_file
    if settings.webhook and settings.webhook.secret_file:
        yield "webhook", "secret_file", settings.webhook.secret_file
