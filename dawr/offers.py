"""What a kiosk offers now: its categories with their services, each with what a visitor wants to know first.

Pure: from the centre's settings, the last menu that the server sent, and the time. The kiosk's screen and its page in a
browser show it, the button box asks it, and a ticket is refused or given by the same answer.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from dawr.estimate import minutes_per_call, wait_minutes
from dawr.hours import Offer, business_day, offer
from dawr.settings.centre import Category, Centre, Service, Texts
from dawr.views import Menu
from dawr.words import Words

_SPELLINGS = str.maketrans({"ة": "ه", "ى": "ي", "ٱ": "ا", "ـ": ""})
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class ServiceOffer:
    """A service and how it stands: whether it takes tickets, people waiting and the range of minutes to wait.

    The last two are None while the server's word is missing or old.
    """

    service: Service
    offer: Offer
    waiting: int | None = None
    wait_minutes: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class CategoryOffer:
    """A category with its services, in the order of the settings; one without services is left out."""

    category: Category
    services: tuple[ServiceOffer, ...]

    @property
    def open(self) -> bool:
        """Whether any of its services takes tickets."""
        return any(one.offer.open for one in self.services)


@dataclass(frozen=True, slots=True)
class Offers:
    """Everything that the kiosk offers."""

    categories: tuple[CategoryOffer, ...]

    @property
    def open(self) -> bool:
        """Whether any service takes tickets."""
        return any(category.open for category in self.categories)

    @property
    def closed_because(self) -> Offer:
        """What most services say while none takes tickets."""
        offers = [one.offer for one in self.services]
        return max(offers, key=lambda one: sum(one.why == other.why for other in offers))

    @property
    def services(self) -> tuple[ServiceOffer, ...]:
        """All services."""
        return tuple(service for category in self.categories for service in category.services)

    def service(self, id: str) -> ServiceOffer:
        """A service by its id. KeyError for none."""
        for one in self.services:
            if one.service.id == id:
                return one
        raise KeyError(id)

    def category(self, id: str) -> CategoryOffer:
        """A category by its id. KeyError for none."""
        for one in self.categories:
            if one.category.id == id:
                return one
        raise KeyError(id)

    def search(self, text: str) -> tuple[ServiceOffer, ...]:
        """The services in whose name or category every word of the text begins a word, those by name first."""
        asked = _words(text)
        if not asked:
            return ()
        by_name, by_category = [], []
        for category in self.categories:
            around = _words(" ".join(category.category.name.values()))
            for one in category.services:
                name = _words(" ".join(one.service.name.values()))
                if _begins(asked, name):
                    by_name.append(one)
                elif _begins(asked, name | around):
                    by_category.append(one)
        return tuple(by_name + by_category)


def offers(
    centre: Centre, menu: Menu | None, now: datetime | None, *, fresh: bool, untold: Mapping[str, int]
) -> Offers:
    """What is offered at an instant, None while the clock is not to be trusted.

    `fresh`: the menu tells how it is now, else only what was stopped and given on its day. `untold`: tickets of today
    by service that the server does not know yet.
    """
    today = business_day(centre, now) if now else None
    current = menu if menu and _of_today(menu, today) else None
    by_category: dict[str, list[ServiceOffer]] = {category.id: [] for category in centre.categories}
    for service in centre.services:
        by_category[service.category].append(_service_offer(centre, service, current, now, fresh, untold))
    return Offers(
        tuple(CategoryOffer(one, tuple(by_category[one.id])) for one in centre.categories if by_category[one.id])
    )


def numbers_used(menu: Menu | None, kiosk: str, today: date | None) -> Mapping[str, int]:
    """How many numbers of each line this kiosk has used up today, as far as the server knows."""
    return menu.used_numbers.get(kiosk, {}) if menu and _of_today(menu, today) else {}


def folded(text: str) -> str:
    """The text as a search compares it: without case, marks and the Arabic spellings that people mix up."""
    # NFKD takes hamza and madda off their letters: أ becomes ا and a mark.
    return "".join(
        c for c in unicodedata.normalize("NFKD", text).translate(_SPELLINGS).casefold() if not unicodedata.combining(c)
    )


def fee_texts(centre: Centre, service: Service) -> Texts:
    """The service's fee with the centre's currency, `75,000 SYP`, in each language; empty when none is set."""
    if service.fee is None:
        return {}
    return {language: f"{service.fee:,} {currency}" for language, currency in centre.centre.currency.items()}


def sentence(words: Words, key: str, facts: Mapping[str, str], reason: Texts | None) -> str:
    """Why there is no ticket: a word key with its facts, and the reason that staff or settings gave."""
    said = words.of(reason) if reason else ""
    if key == "closed.holiday":
        return words(key, holiday=said)
    return f"{words(key, **facts)} {said}".strip()


def _of_today(menu: Menu, today: date | None) -> bool:
    return today is None or menu.day is None or menu.day == today


def _service_offer(
    centre: Centre, service: Service, menu: Menu | None, now: datetime | None, fresh: bool, untold: Mapping[str, int]
) -> ServiceOffer:
    issued = untold.get(service.id, 0) + (menu.issued_today.get(service.id, 0) if menu else 0)
    stands = offer(centre, service, now, issued, menu.stopped.get(service.id) if menu else None)
    line = menu.lines.get(service.line) if menu and fresh else None
    if line is None:
        return ServiceOffer(service, stands)
    per_call = minutes_per_call(line.minutes_per_call, service.usual_minutes, line.open_counters)
    return ServiceOffer(service, stands, line.waiting, wait_minutes(line.waiting, per_call))


def _words(text: str) -> set[str]:
    # The article is not what people look for, and they leave it out.
    return {word.removeprefix("ال") for word in _WORD.findall(folded(text))}


def _begins(asked: set[str], words: set[str]) -> bool:
    return all(any(word.startswith(one) for word in words) for one in asked)
