"""What happens to the hardware, and what has to come of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from kiosk.virtual_printer import Fault
from lab.hardware.gadget import Gadget, Lines
from lab.hardware.hall import ACT_S, BUTTONS, LAMP, NEXT, Hall
from lab.network.machines import wait_until

IN_A_SLIP = 6000
"""Bytes after which every slip is being printed, and none is done."""
WELL = Lines.NO_FAULT | Lines.SELECTED
HELD_S = 11.0
ANSWERS_S = 5.0
_HEWLETT_PACKARD = 0x03F0


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is done, and what is expected; `play` raises AssertionError or TimeoutError when it does not come so."""

    done: str
    expected: str
    play: Callable[[Hall], None]


def _slip(hall: Hall) -> None:
    before = len(hall.printer.slips)
    number, state = hall.take()
    assert state == "printed", f"{number} is {state}"
    slips = hall.printer.slips[before:]
    assert len(slips) == 1, f"{len(slips)} slips"
    assert not slips[0].torn and not slips[0].mistakes, f"{slips[0].mistakes}"
    wait_until(lambda: _in_log(hall, number) == "printed", ACT_S, f"{number} is in the log as printed")


def _no_number(hall: Hall, fault: str, begin: Callable[[], None]) -> None:
    """While the fault lasts no number is given; afterwards everything is as before."""
    begin()
    hall.until_fault(f"printer.{fault}")
    before, slips = hall.numbers(), len(hall.printer.slips)
    hall.rest(BUTTONS[0])
    hall.pins.tap(BUTTONS[0])
    time.sleep(2.0)
    assert hall.numbers() == before, "a number was given"
    hall.mend()
    assert len(hall.printer.slips) == slips, "a slip came out after the cure"
    _slip(hall)


def _suffers(fault: Fault, shown: str, hall: Hall) -> None:
    _no_number(hall, shown, lambda: hall.printer.suffer(fault))


def _lines(lines: Lines, shown: str, hall: Hall) -> None:
    _no_number(hall, shown, lambda: hall.printer.show(lines))


def _unplugged(hall: Hall) -> None:
    _no_number(hall, "unplugged", hall.printer.unplug)


def _halfway(fault: Fault, shown: frozenset[str], hall: Hall) -> None:
    hall.printer.fault_after = (IN_A_SLIP, fault)
    _in_doubt(hall)
    wait_until(lambda: hall.kiosk["fault"] in shown, ACT_S, f"the kiosk shows {' or '.join(sorted(shown))}")
    hall.mend()
    _slip(hall)


def _unplugged_at(received: int, hall: Hall) -> None:
    hall.printer.disconnect_after = received
    _in_doubt(hall)
    hall.until_fault("printer.unplugged")
    hall.mend()
    _slip(hall)


def _in_doubt(hall: Hall) -> None:
    number, state = hall.take()
    assert state == "in_doubt", f"{number} is {state}"
    wait_until(lambda: _in_log(hall, number) == "in_doubt", ACT_S, f"{number} is in the log as in doubt")


def _another_name(hall: Hall) -> None:
    """Another printer takes the name that ours had."""
    hall.printer.unplug()
    hall.until_fault("printer.unplugged")
    other = Gadget(1, _HEWLETT_PACKARD, "OFFICE-1")
    other.plug()
    try:
        hall.mend()
        assert hall.printer_name() == "lp1", f"it is {hall.printer_name()}"
        _slip(hall)
    finally:
        hall.printer.unplug()
        other.unplug()


def _trembling(hall: Hall) -> None:
    before = hall.numbers()
    hall.rest(BUTTONS[0])
    hall.pins.tremble(BUTTONS[0], 10)
    hall.pins.tap(BUTTONS[0])
    hall.until_given(before)
    time.sleep(1.0)
    assert len(hall.numbers()) == len(before) + 1, "more than one number"


def _held(hall: Hall) -> None:
    before = hall.numbers()
    hall.rest(BUTTONS[1])
    hall.pins.press(BUTTONS[1])
    hall.until_given(before)
    seconds = hall.until_fault("kiosk.stuck_button")
    assert seconds < HELD_S + 10, f"only after {seconds:.0f} s"
    assert len(hall.numbers()) == len(before) + 1, "more than one number"
    hall.pins.let_go(BUTTONS[1])
    hall.until_fault(None)
    hall.take(BUTTONS[1])


def _next(hall: Hall) -> None:
    hall.take()
    calls = _called(hall)
    hall.pins.tap(NEXT)
    wait_until(lambda: hall.box["mode"] == "serving", ACT_S, "the box serves")
    wait_until(lambda: hall.pins.is_high(LAMP), ACT_S, "the lamp's line goes up")
    time.sleep(1.0)
    assert hall.pins.is_high(LAMP), "the lamp does not stay lit"
    assert _called(hall) == calls + 1, f"{_called(hall) - calls} calls"


def _lamp_answers(hall: Hall) -> None:
    """Nobody is left to be called: the press is refused, and the lamp says so by flashing."""
    while hall.box["mode"] == "serving":
        hall.pins.tap(NEXT)
        time.sleep(2.0)
    calls = _called(hall)
    wait_until(lambda: not hall.pins.is_high(LAMP), ACT_S, "the lamp's line goes down")
    hall.pins.press(NEXT)
    # It flashes for two seconds only: looked at without a pause.
    until_s = time.monotonic() + ANSWERS_S
    while not (answered := hall.pins.is_high(LAMP)) and time.monotonic() < until_s:
        pass
    assert answered, f"the lamp does not answer; the last press was {hall.box['last']}"
    assert _called(hall) == calls, "somebody was called"


def _box_held(hall: Hall) -> None:
    hall.take()
    hall.take(BUTTONS[2])
    calls = _called(hall)
    time.sleep(2.0)
    hall.pins.press(NEXT)
    seconds = wait_until(lambda: hall.box["mode"] == "stuck", ACT_S, "the box says that it is stuck")
    assert seconds < HELD_S + 10, f"only after {seconds:.0f} s"
    assert _called(hall) == calls + 1, f"{_called(hall) - calls} calls"
    hall.pins.let_go(NEXT)
    wait_until(lambda: hall.box["mode"] != "stuck", ACT_S, "the button is free again")


def _in_log(hall: Hall, number: str) -> str | None:
    for entry in hall.log():
        if entry["name"] == "TicketIssued" and entry["event"]["number"] == number:
            return "in_doubt" if entry["event"].get("in_doubt") else "printed"
    return None


def _called(hall: Hall) -> int:
    return sum(entry["name"] == "TicketCalled" for entry in hall.log())


_NOTHING_GIVEN = "the kiosk says so, a press gives no number; mended, all is as before"
_DOUBT = "the ticket is in doubt, in the journal and in the log; the next slip is clean"

SCENARIOS = {
    "slip": Scenario("a button is pressed", "one whole slip; printed in the journal and in the log", _slip),
    "paper-out": Scenario(
        "paper out, as the printer answers", _NOTHING_GIVEN, partial(_suffers, "paper_out", "paper_out")
    ),
    "paper-out-line": Scenario(
        "paper out, as only the port's lines tell (LPGETSTATUS)",
        _NOTHING_GIVEN,
        partial(_lines, WELL | Lines.PAPER_OUT, "paper_out"),
    ),
    "fault-line": Scenario(
        "a fault, as only the port's lines tell", _NOTHING_GIVEN, partial(_lines, Lines.SELECTED, "offline")
    ),
    "cover-open": Scenario("cover open", _NOTHING_GIVEN, partial(_suffers, "cover_open", "cover_open")),
    "silent": Scenario("the printer answers no more", _NOTHING_GIVEN, partial(_suffers, "silent", "no_answer")),
    "unplugged": Scenario("the cable is pulled out", _NOTHING_GIVEN, _unplugged),
    "paper-out-halfway": Scenario(
        "paper out in the middle of a slip", _DOUBT, partial(_halfway, "paper_out", frozenset({"printer.paper_out"}))
    ),
    "cover-open-halfway": Scenario(
        "cover opened in the middle of a slip",
        _DOUBT,
        partial(_halfway, "cover_open", frozenset({"printer.cover_open"})),
    ),
    "stalled-halfway": Scenario(
        "the printer stops in the middle of a slip",
        _DOUBT,
        partial(_halfway, "stalled", frozenset({"printer.stalled", "printer.no_answer"})),
    ),
    "silent-halfway": Scenario(
        "it answers no more from the middle of a slip",
        _DOUBT,
        partial(_halfway, "silent", frozenset({"printer.no_answer"})),
    ),
    "trembling": Scenario("a contact that trembles ten times before it closes", "one ticket", _trembling),
    "held": Scenario(
        "a kiosk's button is held for more than 10 s", "one ticket, and the kiosk says which button is stuck", _held
    ),
    "next": Scenario("NEXT is pressed at the box", "one call, and the lamp's line stays up", _next),
    "refused": Scenario("NEXT is pressed, and nobody waits", "no call, and the lamp answers", _lamp_answers),
    "box-held": Scenario("NEXT is held for more than 10 s", "one call, and the box says that it is stuck", _box_held),
    "unplugged-at-3000": Scenario("pulled out at byte 3000", _DOUBT, partial(_unplugged_at, 3000)),
    "unplugged-at-20000": Scenario("pulled out at byte 20000", _DOUBT, partial(_unplugged_at, 20_000)),
    "another-name": Scenario(
        "plugged in again while another printer has its name", "it is found as lp1, and prints", _another_name
    ),
}
