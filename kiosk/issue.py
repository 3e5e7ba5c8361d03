"""From a touch to a slip: the one path on which a number is given.

Checked first, then written in the journal, then printed and proved, then handed in. What is in doubt is valid and
handed in with a flag; what surely did not print is skipped: it stays in the journal as failed and is never given again.
Handing in waits for the printer's proof, a second or so, because the server cannot be told of a doubt afterwards.
"""

import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

from cachetools import TTLCache
from PIL import Image

from dawr.clock import Clock, Trust
from dawr.errors import DeviceTwice, StorageFailed
from dawr.messages import CopyOutcome
from dawr.offers import ServiceOffer, fee_texts
from dawr.orders import OrderSheet
from dawr.settings.centre import Centre, Texts
from dawr.slip import PapersFacts, TicketFacts, papers_rows, sheet_rows, ticket_rows
from dawr.slip_facts import ticket_facts
from dawr.slip_image import draw
from kiosk.journal import Copy, Fate, Given, Journal, Wish
from kiosk.knowledge import Knowledge
from kiosk.pace import Pace
from kiosk.printer import Outcome, Printer, Report
from kiosk.spare import SILENT_S, SPARE_FILE, Spare
from kiosk.transport import Cause

LEAST_FREE_BYTES = 20_000_000
SLIPS_A_MINUTE = 20
TYPED_KEPT, TYPED_KEPT_S = 20, 600.0
NOBODY_ADMITTED = "kiosk.not_admitted"

_FATES = {Outcome.PRINTED: Fate.PRINTED, Outcome.IN_DOUBT: Fate.IN_DOUBT, Outcome.FAILED: Fate.FAILED}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no slip: a word key with its facts, or with the reason that staff or settings gave."""

    key: str
    facts: Mapping[str, str] = field(default_factory=dict)
    reason: Texts | None = None


@dataclass(frozen=True, slots=True)
class Took:
    """A ticket that the visitor has, with its id; `in_doubt` when the slip may not have come out."""

    number: str
    service: str
    in_doubt: bool
    ticket: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the kiosk can give tickets: why not, and whether the paper is running out."""

    fault: Refusal | None = None
    near_end: bool = False


class Issuing:
    """Gives tickets. One thread at a time; `on_given` is told after each one that is to be handed in."""

    def __init__(
        self,
        knowledge: Knowledge,
        journal: Journal,
        printer: Printer,
        clock: Clock,
        folder: Path,
        on_given: Callable[[], None] = lambda: None,
        *,
        least_free_bytes: int = LEAST_FREE_BYTES,
        slips_a_minute: int = SLIPS_A_MINUTE,
        draw_slip: Callable[[TicketFacts, int], Image.Image] = lambda facts, dots: draw(ticket_rows(facts), dots),
    ) -> None:
        self._knowledge, self._journal, self._printer = knowledge, journal, printer
        self._clock, self._folder, self._on_given = clock, folder, on_given
        self._least_free_bytes, self._draw_slip = least_free_bytes, draw_slip
        self._pace = Pace(slips_a_minute)
        self._spare = Spare(folder / SPARE_FILE)
        self._unsettled: dict[str, Callable[[], None]] = {}
        # The journal forgets what was typed as soon as the server has it; a copy for who stands here has it still.
        self._typed: TTLCache[str, str] = TTLCache(TYPED_KEPT, TYPED_KEPT_S, lambda: clock.now().boottime_s)

    def prepare(self) -> None:
        """Do what would hold up the first ticket."""
        self._printer.prepare()

    def health(self) -> Health:
        """Whether a ticket could be given now, apart from what is offered."""
        self._settle_left()
        if self._knowledge.is_not_admitted():
            return Health(Refusal(NOBODY_ADMITTED))
        centre = self._knowledge.centre
        if centre is None:
            return Health(Refusal("kiosk.no_settings"))
        if self._knowledge.kiosk not in centre.ranges:
            return Health(Refusal("kiosk.no_numbers", {"kiosk": self._knowledge.kiosk}))
        if self._knowledge.turned_away() == DeviceTwice.code:
            return Health(Refusal(f"problem.{DeviceTwice.code}", {"device": self._knowledge.kiosk}))
        blind = self._blind()
        if blind:
            return Health(blind)
        if shutil.disk_usage(self._folder).free < self._least_free_bytes:
            return Health(Refusal("kiosk.disk_full"))
        state = self._printer.check()
        fault = None if state.ready else _printer_says(state.cause)
        return Health(fault or self._too_many(), state.near_end)

    def take(self, wish: Wish) -> Took | Refusal:
        """Give a ticket for a wish: checked, stored, printed."""
        fault = self.health().fault
        offered = self._offered(wish.service)
        if fault or not offered:
            return fault or Refusal("kiosk.not_here")
        if not offered.offer.open:
            return Refusal(offered.offer.why or "closed.stopped", offered.offer.facts, offered.offer.reason)
        centre = self._knowledge.centre
        assert centre is not None
        try:
            part = (centre.spares if self._journal.is_on_spare() else centre.ranges)[self._knowledge.kiosk]
            used = {} if part.spare else self._knowledge.numbers_used()
            given = self._journal.give(wish, centre, part, self._clock.now(), used)
        except StorageFailed as problem:
            _log.error("%s", problem)
            return Refusal("kiosk.cannot_store")
        return self._print(given, centre, offered)

    def print_own_copy(self, ticket: str, id: str | None = None) -> Took | Refusal:
        """Print a copy of this kiosk's own ticket for the visitor who asks; after that it may still be in doubt.

        `id`: that of the browser's order, of which one copy is printed.
        """
        try:
            given = self._journal.given(ticket)
        except StorageFailed as problem:
            _log.error("%s", problem)
            return Refusal("kiosk.cannot_store")
        if typed := self._typed.get(given.id):
            given = replace(given, wish=replace(given.wish, reference=typed))
        outcome = self.print_copy(Copy.of(given, id))
        if outcome == "printed":
            self._typed.pop(given.id, None)
        return Took(given.number, given.wish.service, outcome != "printed", given.id)

    def print_copy(self, copy: Copy) -> CopyOutcome | None:
        """Print a copy, marked as one; None when this one was asked for before, or cannot be stored.

        It is never printed again by itself: a person may ask for another one.
        """
        try:
            if not self._journal.begin_copy(copy):
                return None
        except StorageFailed as problem:
            _log.error("%s", problem)
            return None
        outcome, why = self._copied(copy)
        self._unsettled[copy.id] = partial(self._journal.settle_copy, copy.id, outcome, why)
        self._settle_left()
        _log.info("copy of %s for the %s: %s %s", copy.number, copy.asked_by, outcome, why or "")
        return outcome

    def print_papers(self, service: str, language: str) -> Refusal | None:
        """Print what a service needs: a sheet without a number. None when it may have come out."""
        fault = self.health().fault
        offered = self._offered(service)
        if fault or not offered:
            return fault or Refusal("kiosk.not_here")
        centre = self._knowledge.centre
        assert centre is not None
        facts = PapersFacts(
            centre=centre.centre.name,
            service=offered.service.name,
            language=language,
            digits=centre.centre.digits,
            papers=offered.service.papers,
            fee=fee_texts(centre, offered.service),
            usual_minutes=offered.service.usual_minutes,
        )
        report = self._put_on_paper(draw(papers_rows(facts), self._printer.width_dots))
        return _printer_says(report.cause) if report.outcome is Outcome.FAILED else None

    def print_sheet(self, id: str, sheet: OrderSheet) -> Outcome | Refusal:
        """Print a sheet of figures for staff, once for each id; a refusal that came before the paper is not kept."""
        fault = self.health().fault
        centre = self._knowledge.centre
        if fault or not centre:
            return fault or Refusal("kiosk.not_here")
        self._journal.begin_sheet(id)
        rows = sheet_rows(sheet, centre.centre.name, centre.centre.digits)
        report = self._put_on_paper(draw(rows, self._printer.width_dots))
        self._unsettled[id] = partial(self._journal.settle_sheet, id, _FATES[report.outcome])
        self._settle_left()
        return _printer_says(report.cause) if report.outcome is Outcome.FAILED else report.outcome

    def _copied(self, copy: Copy) -> tuple[CopyOutcome, str | None]:
        """What became of the paper, and the word key of the reason unless it was printed."""
        fault = self.health().fault
        centre = self._knowledge.centre
        if fault or not centre or copy.wish.service not in centre.service:
            return "failed", fault.key if fault else "kiosk.not_here"
        report = self._put_on_paper(self._draw_slip(_slip_again(copy, centre), self._printer.width_dots))
        printed = report.outcome is Outcome.PRINTED
        return report.outcome.value, None if printed else _printer_says(report.cause).key

    def _put_on_paper(self, slip: Image.Image) -> Report:
        report = self._printer.print(slip)
        if report.outcome is not Outcome.FAILED:
            self._pace.note(self._clock.now().boottime_s)
        return report

    def _too_many(self) -> Refusal | None:
        return Refusal("kiosk.too_many") if self._pace.is_over(self._clock.now().boottime_s) else None

    def _blind(self) -> Refusal | None:
        """A lost journal, while nobody has said which numbers are used: the server does as soon as it is heard.

        Until then spare numbers are given, if the centre set some aside.
        """
        today = self._knowledge.today()
        try:
            if not self._journal.is_blind():
                return None
            if not (today and self._knowledge.hears_todays_numbers()):
                return None if self._is_on_spare(today) else Refusal("kiosk.journal_lost")
            self._spare.heard(today)
            self._journal.see_again()
        except StorageFailed as problem:
            _log.error("%s", problem)
            return Refusal("kiosk.cannot_store")
        _log.warning("the server has said which numbers are used: tickets are given again")
        return None

    def _is_on_spare(self, today: date | None) -> bool:
        """Whether spare numbers are given now; begins with them when the server is gone and all of them are free."""
        centre = self._knowledge.centre
        if centre is None or self._knowledge.kiosk not in centre.spares:
            return False
        if not self._journal.is_on_spare():
            if self._knowledge.silent_for_s() < SILENT_S or not self._spare.may_begin(today):
                return False
            self._spare.note(today)
            self._journal.begin_spare()
            _log.error("the journal is lost and no server is there: spare numbers are given")
        self._spare.note(today)
        return True

    def _offered(self, service: str) -> ServiceOffer | None:
        offers = self._knowledge.offers(self._journal)
        try:
            return offers.service(service) if offers else None
        except KeyError:
            return None

    def _print(self, given: Given, centre: Centre, offered: ServiceOffer) -> Took | Refusal:
        slip = self._draw_slip(_slip(given, centre, offered), self._printer.width_dots)
        report = self._put_on_paper(slip)
        fate = _FATES[report.outcome]
        self._unsettled[given.id] = partial(self._journal.settle, given.id, fate)
        if fate is Fate.IN_DOUBT and given.wish.reference:
            self._typed[given.id] = given.wish.reference
        self._settle_left()
        level = logging.INFO if fate is Fate.PRINTED else logging.WARNING
        _log.log(level, "%s %s after %.1f s %s", given.number, fate, report.seconds, report.cause or "")
        if fate is Fate.FAILED:
            return _printer_says(report.cause)
        return Took(given.number, given.wish.service, fate is Fate.IN_DOUBT, given.id)

    def _settle_left(self) -> None:
        """Write down what became of slips: until the journal takes it, the server is not told of the ticket.

        What a power cut finds here, the journal calls in doubt at the next start.
        """
        try:
            for id, settle in list(self._unsettled.items()):
                settle()
                del self._unsettled[id]
                self._on_given()
        except StorageFailed as problem:
            _log.error("%s", problem)


def _printer_says(cause: Cause | None) -> Refusal:
    return Refusal(f"printer.{cause or Cause.NO_ANSWER}")


def _slip(given: Given, centre: Centre, offered: ServiceOffer) -> TicketFacts:
    wish, moment = given.wish, given.moment
    return replace(
        ticket_facts(centre, offered.service, given.number, wish.language, wish.visitor_class, wish.reference),
        ahead=offered.waiting,
        wait_minutes=offered.wait_minutes,
        code=centre.phone_page(given.id),
        joined_at=None if moment.trust is Trust.NONE else moment.wall.astimezone(centre.zone),
    )


def _slip_again(copy: Copy, centre: Centre) -> TicketFacts:
    """What the slip said, but how many were ahead, which has changed."""
    wish = copy.wish
    service = centre.service[wish.service]
    return replace(
        ticket_facts(centre, service, copy.number, wish.language, wish.visitor_class, wish.reference),
        joined_at=copy.joined_at and copy.joined_at.astimezone(centre.zone),
        copy=True,
    )
