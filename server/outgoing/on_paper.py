"""A day on paper: a sheet with its main figures, ordered from a kiosk and seen through until it has told."""

from collections.abc import Callable
from datetime import date

from dawr.errors import OrderRefused, OrderUnsettled
from dawr.ids import new_id
from dawr.messages import Note
from dawr.orders import OrderEnded, OrderSheet, SheetFigure
from dawr.words import Words
from server.outgoing.daily import Way
from server.outgoing.days import Days, Record, name_of
from server.outgoing.failure import NotSent
from server.outgoing.mail import beside, first_figures
from server.telling.needs import Need

Order = Callable[[OrderSheet], OrderEnded]
"""Sees an order through. `OrderRefused` when the kiosk is not connected, `OrderUnsettled` when it does not tell."""


class OnPaper:
    """Prints days on one kiosk."""

    def __init__(self, kiosk: str, days: Days, order: Order, record: Record) -> None:
        self._kiosk, self._days, self._order, self._record = kiosk, days, order, record

    def print(self, day: date, words: Words, id: str) -> bool:
        """Have the sheet of a day printed once for this id; whether it surely came out. `NotSent` when it did not."""
        try:
            ended = self._order(self._sheet(day, words, id))
        except OrderRefused:
            raise NotSent("unsent.kiosk_gone", device=self._kiosk) from None
        except OrderUnsettled:
            raise NotSent("unsent.kiosk_silent", device=self._kiosk) from None
        if ended.outcome == "refused":
            raise _not_printed(ended.why, words)
        self._record(name_of(day), self._kiosk)
        return ended.outcome == "printed"

    def by_hand(self, day: date, words: Words) -> str:
        """A new sheet for a manager who waits for it."""
        surely = self.print(day, words, f"{name_of(day)}-{new_id()}")
        key = "daily.printed" if surely else "alert.doubtful_paper"
        return words(key, day=words.date(day), device=self._kiosk)

    def daily(self, words: Words) -> Way:
        """The sheet of the day at closing; by its id the kiosk knows it again, also after a power cut.

        Nobody else's order can have this id: there is a space in it.
        """

        def send(day: date) -> Need | None:
            facts = {"day": day, "device": self._kiosk}
            return None if self.print(day, words, f"day {day}") else Need(self._kiosk, "alert.doubtful_paper", facts)

        return Way(
            "print",
            send,
            lambda day, why: why.unsent(self._kiosk, "alert.unsent_paper", day=day, device=self._kiosk),
            makes_up=False,
            # After a restart of the server its kiosk comes back within seconds; and whoever puts in paper in the
            # evening does not stay long.
            pauses_s=(5.0, 5.0, 30.0, 60.0),
        )

    def _sheet(self, day: date, words: Words, id: str) -> OrderSheet:
        report = self._days.report(day)
        lines = list(first_figures(report, words))
        compared = any(before is not None for *_, before in lines)
        return OrderSheet(
            kiosk=self._kiosk,
            id=id,
            language="ar" if words.language == "ar" else "en",
            title=words.date(day),
            columns=(words("daily.that_day"), words("daily.earlier")) if compared else (),
            figures=tuple(
                SheetFigure(name=name, values=(value,) if before is None else (value, before))
                for name, value, before in lines
            ),
            says=(
                beside(report, words),
                words("report.note", minutes=round(report.target_s / 60)),
                words("daily.head", head=self._days.head()),
            ),
        )


def _not_printed(why: Note | None, words: Words) -> NotSent:
    """What staff can do about it, where there are words for that; else what a visitor would read."""
    facts = dict(why.facts) if why else {}
    for key in (f"staff.{why.key}", why.key) if why else ():
        try:
            words(key, **facts)
        except (KeyError, AssertionError):
            continue  # a kiosk of another version
        return NotSent(key, **facts)
    return NotSent("kiosk.not_printed")
