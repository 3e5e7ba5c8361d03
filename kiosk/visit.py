"""One visitor's way through the pages: what is shown, and what a touch, the time or a printed slip makes of it.

Pure: a visit and an event give the next visit and, sometimes, an order to print. Nothing here knows what a page looks
like.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from dawr.admitting import Code
from dawr.messages import Note
from dawr.offers import Offers
from dawr.settings.centre import Centre, Language
from dawr.words import Digits
from kiosk.issue import NOBODY_ADMITTED, Refusal, Took
from kiosk.journal import Wish

WARN_S = 10.0
TICKET_S = 20.0
# As long as it takes to have the printer mended; then nobody may print a stranger's copy any more.
DOUBT_S = 120.0
REFUSED_S = 12.0
SHORT_S = 5.0
REFERENCE_LENGTH = 20
SEARCH_LENGTH = 30


class Page(StrEnum):
    """What can be on the screen."""

    STARTING = "starting"
    ADMISSION = "admission"
    FAULT = "fault"
    CLOSED = "closed"
    CATEGORIES = "categories"
    SERVICES = "services"
    SEARCH = "search"
    SERVICE = "service"
    CLASSES = "classes"
    REFERENCE = "reference"
    COMFORT = "comfort"
    STAFF = "staff"
    PRINTING = "printing"
    TICKET = "ticket"
    PAPERS = "papers"
    REFUSED = "refused"


Mode = Literal["large", "contrast", "low"]


@dataclass(frozen=True, slots=True)
class Comfort:
    """How a visitor needs the screen to be: large print, strong contrast, everything within low reach."""

    large: bool = False
    contrast: bool = False
    low: bool = False


# --- What a touch can mean ---


@dataclass(frozen=True, slots=True)
class Speak:
    """Go on in this language."""

    language: Language


@dataclass(frozen=True, slots=True)
class Open:
    """Go to a page."""

    page: Page


@dataclass(frozen=True, slots=True)
class OpenCategory:
    """See a category's services."""

    category: str


@dataclass(frozen=True, slots=True)
class OpenService:
    """See a service."""

    service: str


@dataclass(frozen=True, slots=True)
class Turn:
    """Go on or back in a list that has more than one part."""

    by: int


@dataclass(frozen=True, slots=True)
class Type:
    """Type a letter."""

    letter: str


@dataclass(frozen=True, slots=True)
class Erase:
    """Take the last letter back."""


@dataclass(frozen=True, slots=True)
class ChooseClass:
    """Say who the ticket is for; None for everyone else."""

    visitor_class: str | None


@dataclass(frozen=True, slots=True)
class Switch:
    """Turn a mode on or off."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class TakeTicket:
    """Take a ticket; `reference` is given or surely not there."""

    anyway: bool = False


@dataclass(frozen=True, slots=True)
class PrintPapers:
    """Print the list of papers."""


@dataclass(frozen=True, slots=True)
class Back:
    """One page back."""


@dataclass(frozen=True, slots=True)
class Home:
    """To the first page, as a new visitor finds it."""


@dataclass(frozen=True, slots=True)
class Stay:
    """I am still here."""


@dataclass(frozen=True, slots=True)
class PrintCopy:
    """Print a copy of the slip that may not have come out."""


Action = (
    Speak
    | Open
    | OpenCategory
    | OpenService
    | Turn
    | Type
    | Erase
    | ChooseClass
    | Switch
    | TakeTicket
    | PrintPapers
    | PrintCopy
    | Back
    | Home
    | Stay
)


# --- The visit ---


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a visitor is. `part`: which part of a list; `since_s`: the last touch, by the monotonic clock."""

    language: Language
    page: Page = Page.CATEGORIES
    comfort: Comfort = Comfort()
    trail: tuple["Visit", ...] = field(default=(), repr=False)
    category: str | None = None
    service: str | None = None
    visitor_class: str | None = None
    typed: str = ""
    part: int = 0
    printing_papers: bool = False
    result: Took | Refusal | None = None
    since_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything else that a page depends on. `staff_marks`: small marks that lead to the `notes`, for staff.

    `admission`: the code by which a manager admits this `kiosk`, while no manager has.
    """

    centre: Centre | None = None
    offers: Offers | None = None
    fault: Refusal | None = None
    staff_marks: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    clock: str = ""
    idle_s: float = 30.0
    strong: bool = False
    kiosk: str = ""
    admission: Code | None = None

    @property
    def digits(self) -> Digits:
        """The centre's form of digits."""
        return self.centre.centre.digits if self.centre else "latin"

    @property
    def languages(self) -> tuple[Language, ...]:
        """The centre's languages; both while it is not known."""
        return self.centre.centre.languages if self.centre else ("ar", "en")


@dataclass(frozen=True, slots=True)
class PapersOrder:
    """Print the list of papers of a service."""

    service: str
    language: Language


@dataclass(frozen=True, slots=True)
class OwnCopyOrder:
    """Print a copy of this kiosk's own ticket, by its id, for the visitor who took it."""

    ticket: str


Order = Wish | PapersOrder | OwnCopyOrder


# The pages that a visitor may have walked away from; the others go by themselves, or are the first one anyway.
_PATIENT = frozenset({Page.SERVICES, Page.SEARCH, Page.SERVICE, Page.CLASSES, Page.REFERENCE, Page.COMFORT, Page.STAFF})


def shown(visit: Visit, around: Surroundings) -> Page:
    """The page that is on the screen: what hinders everyone comes before what one visitor is doing."""
    if visit.page in (Page.PRINTING, Page.TICKET, Page.PAPERS):
        return visit.page
    if around.admission:
        return Page.ADMISSION
    if around.fault and around.fault.key == NOBODY_ADMITTED:  # such a kiosk may never have had any settings
        return Page.FAULT
    if around.centre is None or around.offers is None:
        return Page.STARTING
    if around.fault:
        return Page.FAULT
    if not around.offers.open and visit.page not in (Page.COMFORT, Page.STAFF):
        return Page.CLOSED
    return visit.page


def touch(visit: Visit, action: Action, around: Surroundings, now_s: float) -> tuple[Visit, Order | None]:
    """What a touch makes of a visit, and what is to be printed because of it."""
    visit = replace(visit, since_s=now_s)
    match action:
        case Stay():
            return visit, None
        case Home():
            return fresh(around, now_s), None
        case Back():
            return _back(visit, around), None
        case Speak(language):
            return replace(visit, language=language, part=0), None
        case Switch(mode):
            return replace(visit, comfort=_switched(visit.comfort, mode), part=0), None
        case Open(page):
            return _forward(visit, page=page, typed=""), None
        case OpenCategory(category):
            return _forward(visit, page=Page.SERVICES, category=category), None
        case OpenService(service):
            return _forward(visit, page=Page.SERVICE, service=service, visitor_class=None, typed=""), None
        case ChooseClass(visitor_class):
            return replace(_back(visit, around), visitor_class=visitor_class), None
        case Turn(by):
            return replace(visit, part=max(0, visit.part + by)), None
        case Type(letter):
            most = REFERENCE_LENGTH if visit.page is Page.REFERENCE else SEARCH_LENGTH
            return replace(visit, typed=(visit.typed + letter)[:most], part=0), None
        case Erase():
            return replace(visit, typed=visit.typed[:-1], part=0), None
        case PrintCopy():
            return _copy_order(visit)
        case TakeTicket() | PrintPapers():
            return _order(visit, action, around)


def finish(visit: Visit, result: Took | Refusal | None, around: Surroundings, now_s: float) -> Visit:
    """What came of an order: a ticket, a refusal, or a sheet of papers (None)."""
    if visit.page is not Page.PRINTING:
        return visit
    page = {Took: Page.TICKET, Refusal: Page.REFUSED}.get(type(result), Page.PAPERS)
    return replace(visit, page=page, result=result, since_s=now_s)


def tick(visit: Visit, around: Surroundings, now_s: float) -> Visit:
    """What time makes of a visit: a page that nobody touches goes back to the first one, as new."""
    if visit.page is not Page.PRINTING and left_s(visit, around, now_s) <= 0:
        return fresh(around, now_s)
    return visit


def left_s(visit: Visit, around: Surroundings, now_s: float) -> float:
    """Seconds until the page goes back to the first one by itself."""
    stays = {Page.TICKET: TICKET_S, Page.REFUSED: REFUSED_S, Page.PAPERS: SHORT_S}
    if visit.page is Page.TICKET and isinstance(visit.result, Took) and visit.result.in_doubt:
        return visit.since_s + DOUBT_S - now_s
    return visit.since_s + stays.get(visit.page, around.idle_s) - now_s


def can_copy(visit: Visit, around: Surroundings) -> bool:
    """Whether a copy may be asked for now: the slip is in doubt, its visitor is still there, the printer is well."""
    return isinstance(visit.result, Took) and visit.result.in_doubt and around.fault is None


def warning_s(visit: Visit, around: Surroundings, now_s: float) -> int | None:
    """Whole seconds to say in the warning before a visit is dropped; None while there is no need for one."""
    if shown(visit, around) not in _PATIENT:
        return None
    left = left_s(visit, around, now_s)
    return max(1, int(-(-left // 1))) if left <= WARN_S else None


def fresh(around: Surroundings, now_s: float = 0.0) -> Visit:
    """A visit that begins."""
    return Visit(around.languages[0], since_s=now_s)


def _forward(visit: Visit, **changes: object) -> Visit:
    if visit.page is changes["page"]:
        return replace(visit, **changes)  # type: ignore[arg-type]
    return replace(visit, trail=(*visit.trail, replace(visit, trail=())), part=0, **changes)  # type: ignore[arg-type]


def _back(visit: Visit, around: Surroundings) -> Visit:
    """The page before, in the language and with the comfort of now."""
    if not visit.trail:
        return replace(fresh(around, visit.since_s), language=visit.language, comfort=visit.comfort)
    *trail, before = visit.trail
    return replace(
        before,
        trail=tuple(trail),
        language=visit.language,
        comfort=visit.comfort,
        part=before.part if visit.comfort == before.comfort else 0,
        since_s=visit.since_s,
    )


def _switched(comfort: Comfort, mode: Mode) -> Comfort:
    match mode:
        case "large":
            return replace(comfort, large=not comfort.large)
        case "contrast":
            return replace(comfort, contrast=not comfort.contrast)
        case "low":
            return replace(comfort, low=not comfort.low)


def _copy_order(visit: Visit) -> tuple[Visit, Order | None]:
    if not (isinstance(visit.result, Took) and visit.result.in_doubt):
        return visit, None
    return replace(visit, page=Page.PRINTING, printing_papers=False), OwnCopyOrder(visit.result.ticket)


def _order(visit: Visit, action: TakeTicket | PrintPapers, around: Surroundings) -> tuple[Visit, Order | None]:
    if visit.service is None or around.offers is None:
        return visit, None
    printing = replace(visit, page=Page.PRINTING, result=None, printing_papers=isinstance(action, PrintPapers))
    match action:
        case PrintPapers():
            return printing, PapersOrder(visit.service, visit.language)
        case TakeTicket(anyway):
            service = around.offers.service(visit.service).service
            typed = visit.typed if visit.page is Page.REFERENCE and not anyway else ""
            if service.needs_reference and not typed and not anyway:
                return _forward(visit, page=Page.REFERENCE, typed=""), None
            wish = Wish(
                service=service.id,
                language=visit.language,
                visitor_class=visit.visitor_class,
                reference=typed or None,
            )
            return printing, wish
