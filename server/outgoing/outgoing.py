"""Puts together what the server's own settings switch on."""

from dawr.clock import Trust
from dawr.settings.centre import Centre
from dawr.settings.server import DailyReport, ServerSettings, Webhook
from dawr.words import Words
from server.keeping.hall_clock import HallClock
from server.keeping.log import Log
from server.keeping.writer import OffLoop, Writer
from server.outgoing import daily, webhook
from server.outgoing.by_hand import ByHand, Send
from server.outgoing.by_mail import ByMail
from server.outgoing.days import Days, Record
from server.outgoing.on_paper import OnPaper, Order
from server.rounds import Round
from server.telling.needs import Needs


class Outgoing:
    """Every sender of a server: those that send by themselves, and those that a manager asks."""

    def __init__(
        self,
        own: ServerSettings,
        centre: Centre,
        log: Log,
        writer: Writer,
        clock: HallClock,
        off_loop: OffLoop,
        needs: Needs,
        order: Order,
        record: Record,
    ) -> None:
        self._own, self._centre, self._log, self._writer = own, centre, log, writer
        self._clock, self._needs, self._record = clock, needs, record
        self._days = Days(log, centre, off_loop)
        self.rounds: list[Round] = []
        """The senders that do it by themselves."""
        by_hand: dict[str, Send] = {}
        daily_ways: list[daily.Way] = []
        self._add_mail(by_hand, daily_ways)
        self._add_paper(by_hand, daily_ways, order)
        if daily_ways:
            self._add_daily(daily_ways)
        if own.webhook:
            self._add_webhook(own.webhook)
        self.by_hand = ByHand(centre, self._days, by_hand)

    def _add_mail(self, by_hand: dict[str, Send], daily_ways: list[daily.Way]) -> None:
        if self._own.mail:
            by_mail = ByMail(self._own.mail, self._centre, self._days, self._clock.now, self._record)
            by_hand["mail"] = by_mail.by_hand
            daily_ways += [by_mail.daily(self._words)] if self._report.mail else []

    def _add_paper(self, by_hand: dict[str, Send], daily_ways: list[daily.Way], order: Order) -> None:
        if self._report.print_on:
            on_paper = OnPaper(self._report.print_on, self._days, order, self._record)
            by_hand["print"] = on_paper.by_hand
            daily_ways.append(on_paper.daily(self._words))

    def _add_daily(self, ways: list[daily.Way]) -> None:
        sender = daily.Daily(
            ways,
            lambda: self._writer.hall,
            self._clock.now,
            lambda: self._clock.trust is not Trust.NONE,
            self._days.had_visits,
            self._log.file.parent,
        )
        self._needs.hear(sender.unsent)
        self.rounds.append(Round("daily report", daily.LOOK_EVERY_S, sender.look))

    def _add_webhook(self, settings: Webhook) -> None:
        hall, data = lambda: self._writer.hall, self._log.file.parent
        teller = webhook.Teller(settings, self._centre, hall, self._needs, self._clock.now, data)
        self._needs.hear(teller.unsent)
        self.rounds.append(Round("webhook", webhook.LOOK_EVERY_S, teller.look))

    @property
    def _report(self) -> DailyReport:
        return self._own.report or DailyReport()

    @property
    def _words(self) -> Words:
        about = self._centre.centre
        return Words(self._report.language or about.languages[0], about.digits)
