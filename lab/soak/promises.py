"""What lay on paper and what clerks were told, against the server's log of the day."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from PIL import Image

from kiosk.paper import Slip
from lab.network.evidence import Entries, broken_promises
from lab.soak.hall import SoakedHall, slips
from lab.soak.people import Answered
from lab.soak.processes import Part

_TORN = re.compile(r"^(slip-\d+\.png): .* stopped halfway", re.MULTILINE)


def broken(hall: SoakedHall, log: Entries) -> list[str]:
    """Every promise that was not kept, a sentence each; after a day in whose end everybody was called."""
    paper = [slip for printer in hall.printers for slip in fallen(printer)]
    answers = [answer for clerk in hall.clerks for answer in clerk.answers]
    return [*broken_promises(paper, log), *not_called(log), *broken_words(answers, log)]


def fallen(printer: Part) -> list[Slip]:
    """Every slip that a printer has cut off, in order."""
    torn = set(_TORN.findall(printer.log.read_text("utf-8")))
    return [Slip(_picture(file), torn=file.name in torn) for file in sorted(slips(printer).glob("*.png"))]


def not_called(log: Entries) -> Iterator[str]:
    """Every ticket of the log that nobody has called. (Those called twice, `broken_promises` finds.)"""
    calls = Counter(entry["event"]["ticket"] for entry in log if entry["name"] == "TicketCalled")
    for entry in log:
        if entry["name"] == "TicketIssued" and not calls[entry["event"]["ticket"]]:
            yield f"{entry['event']['number']} was never called"


def broken_words(answers: Iterable[Answered], log: Entries) -> Iterator[str]:
    """Every answer to a clerk that the log does not bear out."""
    called = {
        (entry["command"], entry["event"]["counter"], entry["event"]["ticket"])
        for entry in log
        if entry["name"] == "TicketCalled"
    }
    for one in answers:
        if (one.command, one.counter, one.ticket) not in called:
            yield f"counter {one.counter} was told of {one.ticket}, and the log does not know it"


def _picture(file: Path) -> Image.Image:
    with Image.open(file) as picture:
        return picture.convert("1")
