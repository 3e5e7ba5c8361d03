"""What could be held in the hand or seen, against the server's log: whether the promises were kept."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from PIL import Image

from dawr.slip import Text
from dawr.slip_image import draw
from dawr.text import isolate
from kiosk.paper import Slip

Entries = Sequence[dict[str, Any]]


def broken_promises(slips: Iterable[Slip], log: Entries) -> list[str]:
    """What is wrong, a sentence each: numbers lost, doubled or made up, tickets called twice, a log that goes back.

    A ticket in doubt may be on paper or not.
    """
    issued = [entry["event"] for entry in log if entry["name"] == "TicketIssued"]
    in_log = Counter(event["number"] for event in issued)
    proved = [event["number"] for event in issued if not event.get("in_doubt")]
    on_paper = Counter(numbers_on_paper(slips, in_log))
    return [
        *(f"{number} is on paper {times} times" for number, times in on_paper.items() if times > 1),
        *(f"{number} is in the log {times} times" for number, times in in_log.items() if times > 1),
        *(f"{number} is in the log and on no paper" for number in proved if number not in on_paper),
        *(f"{number} is on paper and not in the log" for number in on_paper if number not in in_log),
        *_called_twice(log, {event["ticket"]: event["number"] for event in issued}),
        *_gone_back(log),
    ]


def numbers_on_paper(slips: Iterable[Slip], known: Iterable[str]) -> list[str]:
    """The number of each slip, found by its ink; `slip 3` where it is none of those that are known.

    A torn slip without a number is left out.
    """
    inks = _Inks(known)
    read = [(inks.number_on(slip.picture), place, slip) for place, slip in enumerate(slips, 1)]
    return [number or f"slip {place}" for number, place, slip in read if number or not slip.torn]


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


class _Inks:
    """What numbers look like on paper: each is drawn as the kiosk draws it."""

    def __init__(self, numbers: Iterable[str]) -> None:
        self._numbers = list(numbers)
        self._drawn: dict[int, dict[int, dict[bytes, str]]] = {}

    def number_on(self, picture: Image.Image) -> str | None:
        """The known number in a picture, by the first row that begins one."""
        # Rows of a one-bit picture are whole bytes, and paper is a multiple of eight dots wide.
        dots, row_bytes = picture.tobytes(), picture.width // 8
        by_height = self._on_paper_of(picture.width)
        for top in range(0, len(dots), row_bytes):
            for size_bytes, inks in by_height.items():
                if number := inks.get(dots[top : top + size_bytes]):
                    return number
        return None

    def _on_paper_of(self, width_dots: int) -> dict[int, dict[bytes, str]]:
        """The ink of each number on paper of that width, by its length."""
        if width_dots not in self._drawn:
            by_height = self._drawn[width_dots] = defaultdict(dict)
            for number in self._numbers:
                ink = _ink(number, width_dots).tobytes()
                by_height[len(ink)][ink] = number
        return self._drawn[width_dots]


def _ink(number: str, width_dots: int) -> Image.Image:
    """The number's row alone, as high as its ink."""
    row = draw([Text(isolate(number), "ltr", size="number", weight="black")], width_dots)
    _, top, _, bottom = row.point(lambda dot: 255 - dot).getbbox() or (0, 0, 0, 0)
    return row.crop((0, top, width_dots, bottom))
