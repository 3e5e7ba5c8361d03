"""What could be held in the hand or seen, against the server's log: whether the promises were kept."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from PIL import Image

from dawr.slip import Text
from dawr.text import isolate
from kiosk.paper import Slip
from kiosk.slip_image import draw
from lab.network.machines import KioskMachine

Entries = Sequence[dict[str, Any]]


def broken_promises(kiosks: Sequence[KioskMachine], log: Entries) -> list[str]:
    """What is wrong, a sentence each: numbers lost, doubled or made up, tickets called twice, a log that goes back."""
    issued = [entry["event"] for entry in log if entry["name"] == "TicketIssued"]
    in_log = Counter(event["number"] for event in issued)
    on_paper = Counter(number for kiosk in kiosks for number in numbers_on_paper(kiosk.printer.slips, in_log))
    return [
        *(f"{number} is on paper {times} times" for number, times in on_paper.items() if times > 1),
        *(f"{number} is in the log {times} times" for number, times in in_log.items() if times > 1),
        *(f"{number} is in the log and on no paper" for number in in_log if number not in on_paper),
        *(f"{number} is on paper and not in the log" for number in on_paper if number not in in_log),
        *_called_twice(log, {event["ticket"]: event["number"] for event in issued}),
        *_gone_back(log),
    ]


def numbers_on_paper(slips: Iterable[Slip], known: Iterable[str]) -> list[str]:
    """The number of each slip, found by its ink; `slip 3` where it is none of those that are known."""
    numbers = list(known)
    return [_number_of(slip.picture, numbers) or f"slip {place}" for place, slip in enumerate(slips, 1)]


def waiting(log: Entries) -> set[str]:
    """The tickets that nobody has called or cancelled yet, by id."""
    gone = {entry["event"]["ticket"] for entry in log if entry["name"] in ("TicketCalled", "TicketCancelled")}
    return {entry["event"]["ticket"] for entry in log if entry["name"] == "TicketIssued"} - gone


def _called_twice(log: Entries, numbers: dict[str, str]) -> Iterator[str]:
    calls = Counter(entry["event"]["ticket"] for entry in log if entry["name"] == "TicketCalled")
    yield from (f"{numbers.get(one, one)} was called {times} times" for one, times in calls.items() if times > 1)


def _gone_back(log: Entries) -> Iterator[str]:
    times = [datetime.fromisoformat(entry["event"]["at"]) for entry in log]
    yield from (f"the log goes back from {before} to {after}" for before, after in pairwise(times) if after < before)


def _number_of(picture: Image.Image, numbers: Iterable[str]) -> str | None:
    """All slips of a centre have their number at the same height; each is drawn as the kiosk draws it, and compared."""
    return next((number for number in numbers if _holds(picture, _ink(number, picture.width))), None)


def _ink(number: str, width_dots: int) -> Image.Image:
    """The number's row alone, as high as its ink."""
    row = draw([Text(isolate(number), "ltr", size="number", weight="black")], width_dots)
    _, top, _, bottom = row.point(lambda dot: 255 - dot).getbbox() or (0, 0, 0, 0)
    return row.crop((0, top, width_dots, bottom))


def _holds(picture: Image.Image, ink: Image.Image) -> bool:
    """Rows of a one-bit picture are whole bytes, and paper is a multiple of eight dots wide."""
    return ink.tobytes() in picture.tobytes()
