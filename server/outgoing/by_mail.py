"""A day by mail: made, and handed to the mail server."""

from collections.abc import Callable
from datetime import date, datetime
from email.message import EmailMessage

from dawr.settings.centre import Centre
from dawr.settings.server import Mail
from dawr.words import Words
from server.outgoing.daily import Way
from server.outgoing.days import Days, Record, name_of
from server.outgoing.failure import NotSent
from server.outgoing.mail import compose, send
from server.telling.needs import Need


class ByMail:
    """Mails days of a centre, each in the words of whoever wants it."""

    def __init__(self, mail: Mail, centre: Centre, days: Days, clock: Callable[[], datetime], record: Record) -> None:
        self._mail, self._centre, self._days, self._clock = mail, centre, days, clock
        self._record = record

    def send(self, day: date, words: Words) -> list[str]:
        """Mail a day, and give the addresses that the mail server refuses. `NotSent` when it refuses them all."""
        report, head = self._days.report(day), self._days.head()
        message: EmailMessage = self._days.off_loop(
            lambda: compose(report, head, self._centre, words, self._mail, self._clock())
        )
        refused = send(self._mail, message)
        self._record(name_of(day), ", ".join(one for one in self._mail.to if one not in refused))
        return refused

    def by_hand(self, day: date, words: Words) -> str:
        """The same for a manager who waits for it."""
        refused = self.send(day, words)
        if refused:
            why = self._partly(refused)
            return words("daily.mailed_partly", day=words.date(day), why=words(why.key, **why.facts))
        return words("daily.mailed", day=words.date(day), who=", ".join(self._mail.to))

    def daily(self, words: Words) -> Way:
        """The same at closing."""

        def mail(day: date) -> Need | None:
            refused = self.send(day, words)
            return self._partly(refused).unsent("mail", "alert.partly_mailed", day=day) if refused else None

        return Way(
            "mail",
            mail,
            lambda day, why: why.unsent("mail", "alert.unsent_mail", day=day),
            makes_up=True,
            pauses_s=(30.0, 120.0, 300.0, 900.0),
        )

    def _partly(self, refused: list[str]) -> NotSent:
        return NotSent("unsent.recipients", host=self._mail.host, who=", ".join(refused))
