"""The parts of a centre that a mutant may replace by one with a defect. The product's own are the defaults."""

from dataclasses import dataclass

from counter.panel import Panel
from display.knowledge import Knowledge
from kiosk.hand_in import HandingIn
from kiosk.issue import Issuing
from lab.simulation.network import Line
from lab.simulation.printers import SimulatedPrinter
from lab.simulation.stores import DiskJournal, DiskLog
from server.keeping.writer import Writer


@dataclass(frozen=True, slots=True)
class Parts:
    """What a centre is made of."""

    journal: type[DiskJournal] = DiskJournal
    issuing: type[Issuing] = Issuing
    handing_in: type[HandingIn] = HandingIn
    printer: type[SimulatedPrinter] = SimulatedPrinter
    log: type[DiskLog] = DiskLog
    writer: type[Writer] = Writer
    counter_line: type[Line] = Line
    panel: type[Panel] = Panel
    board: type[Knowledge] = Knowledge
