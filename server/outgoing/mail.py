"""The day's report as a mail: the main figures to read at once, the whole report attached."""

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dawr.settings.centre import Centre
from dawr.settings.server import Mail, read_secret
from dawr.text import direction_of, without_isolates
from dawr.words import Words
from server.outgoing.failure import NotSent, by_network
from server.reports.files import FORMATS
from server.reports.telling import figure
from server.reports.waiting import WaitingReport

ANSWER_S = 20.0
ATTACHED = ("pdf", "xlsx")
FIRST_FIGURES = (
    "visits",
    "completed",
    "no_shows",
    "left",
    "mean_wait_s",
    "median_wait_s",
    "p90_wait_s",
    "longest_wait_s",
    "within_target",
)
"""What is read first, of a day."""

_TEMPLATES = Path(__file__).parents[1] / "templates"


def first_figures(report: WaitingReport, words: Words) -> Iterator[tuple[str, str, str | None]]:
    """Name and value of each, and the value of the day beside it if that had any visit."""
    before = report.compared.total if report.compared and report.compared.total.visits else None
    for column in FIRST_FIGURES:
        yield (
            words(f"report.{column}"),
            figure(column, report.total, words),
            figure(column, before, words) if before else None,
        )


def beside(report: WaitingReport, words: Words) -> str:
    """Which day stands beside it, in a sentence; empty when none was asked for."""
    if not report.compared:
        return ""
    day = words.date(report.compared.first)
    return words("daily.beside" if report.compared.total.visits else "daily.beside_nothing", day=day)


def compose(report: WaitingReport, head: str, centre: Centre, words: Words, mail: Mail, now: datetime) -> EmailMessage:
    """The mail about one day; `head` is the mark of the audit log.

    Its Message-ID is the day's, so that a mail that comes twice is known for the same.
    """
    centre_name, day = words.of(centre.centre.name), report.first
    message = EmailMessage()
    message["Subject"] = without_isolates(words("daily.subject", centre=centre_name, day=words.date(day)))
    user, _, domain = mail.sender.partition("@")
    message["From"] = Address(centre_name, user, domain)
    message["To"] = ", ".join(mail.to)
    message["Date"] = format_datetime(now.astimezone(centre.zone))
    message["Message-ID"] = f"<day-{day}.{centre.centre.id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_text(report, head, centre_name, words))
    message.add_alternative(_html(report, head, centre_name, words), subtype="html")
    for suffix in ATTACHED:
        form = FORMATS[suffix]
        kind, _, subtype = form.media_type.partition("/")
        message.add_attachment(
            form.write(report, centre, words), kind, subtype, filename=f"dawr-{centre.centre.id}-{day}.{suffix}"
        )
    return message


def send(mail: Mail, message: EmailMessage) -> list[str]:
    """Hand the mail to the mail server, and give the addresses for which it does not take it.

    `NotSent` when it takes it for nobody.
    """
    try:
        with _connected(mail) as server:
            if mail.user and mail.password_file:
                server.login(mail.user, _password(mail.password_file))
            return list(server.send_message(message))
    except smtplib.SMTPAuthenticationError:
        raise NotSent("unsent.password", host=mail.host) from None
    except smtplib.SMTPRecipientsRefused as refusal:
        raise NotSent("unsent.recipients", host=mail.host, who=", ".join(refusal.recipients)) from None
    except smtplib.SMTPResponseException as refusal:
        raise NotSent("unsent.refused", host=mail.host, answer=f"{refusal.smtp_code} {_read(refusal)}") from None
    except ssl.SSLError as problem:  # a certificate that is wrong is a ValueError as well
        raise by_network(problem, mail.host) from None
    except (smtplib.SMTPNotSupportedError, ValueError) as problem:
        raise NotSent("unsent.refused", host=mail.host, answer=str(problem)) from None
    except OSError as problem:  # every other SMTPException is one
        raise by_network(problem, mail.host) from None


def _connected(mail: Mail) -> smtplib.SMTP:
    # The address literal of RFC 5321, 4.1.3: a hall's server often has no name, and looking for one takes seconds.
    here, trusted = "[127.0.0.1]", ssl.create_default_context()
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.host, mail.port, here, timeout=ANSWER_S, context=trusted)
    server = smtplib.SMTP(mail.host, mail.port, here, timeout=ANSWER_S)
    if mail.security == "starttls":
        try:
            server.starttls(context=trusted)
        except BaseException:
            server.close()
            raise
    return server


def _password(file: str) -> str:
    try:
        return read_secret(Path(file))
    except (OSError, UnicodeDecodeError):
        raise NotSent("unsent.secret") from None


def _read(refusal: smtplib.SMTPResponseException) -> str:
    said = refusal.smtp_error
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _text(report: WaitingReport, head: str, centre_name: str, words: Words) -> str:
    lines = [
        words("daily.line", name=name, value=value)
        if before is None
        else words("daily.line_beside", name=name, value=value, before=before)
        for name, value, before in first_figures(report, words)
    ]
    parts = [centre_name, words.date(report.first), "", *lines, "", beside(report, words), *_notes(report, head, words)]
    return without_isolates("\n".join(parts))


def _html(report: WaitingReport, head: str, centre_name: str, words: Words) -> str:
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("day_mail.html").render(
        language=words.language,
        direction=direction_of(words.language),
        centre=centre_name,
        day=words.date(report.first),
        figures=list(first_figures(report, words)),
        beside=beside(report, words),
        notes=_notes(report, head, words),
        before=words("daily.before"),
        has_before=report.compared is not None and report.compared.total.visits > 0,
    )


def _notes(report: WaitingReport, head: str, words: Words) -> Sequence[str]:
    return [
        words("report.note", minutes=round(report.target_s / 60)),
        words("daily.attached"),
        words("daily.head", head=head),
    ]
