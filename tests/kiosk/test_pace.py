"""A kiosk under a child's hands: so many slips a minute, a sentence, and on it goes by itself."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from dawr.clock import Clock, Hardware
from kiosk.issue import Issuing, Refusal, Took
from kiosk.journal import Fate, Wish
from kiosk.pace import MINUTE_S, Pace
from kiosk.printer import Printer
from tests.kiosk.working import SUNDAY, Parts, working_kiosk

RECORD = Wish(service="individual-record", language="ar")
TOO_MANY = Refusal("kiosk.too_many")


@dataclass
class Hand:
    """Time as it is told to the kiosk: it passes when the test says so."""

    now_s: float = 1000.0

    def clock(self, at: datetime = SUNDAY) -> Clock:
        clock = Clock(Hardware("boot-1", lambda: self.now_s, lambda: at, lambda: False))
        clock.set_by_server(at)
        return clock


def hasty(parts: Parts, folder: Path, hand: Hand, most: int) -> Issuing:
    """The kiosk's issuing, by the hand of a clock."""
    printer = Printer(parts.printer.address, cache=folder / "escpos")
    return Issuing(parts.knowledge, parts.journal, printer, hand.clock(), folder, slips_a_minute=most)


def test_past_so_many_slips_within_a_minute_it_says_so_and_then_goes_on_by_itself(tmp_path: Path) -> None:
    hand = Hand()
    with working_kiosk(tmp_path) as parts:
        issuing = hasty(parts, tmp_path, hand, most=3)
        numbers = []
        for _ in range(3):
            took = issuing.take(RECORD)
            assert isinstance(took, Took)
            numbers.append(took.number)
            hand.now_s += 5
        assert issuing.take(RECORD) == TOO_MANY == issuing.health().fault
        assert issuing.print_papers("home-rental", "en") == TOO_MANY
        hand.now_s = 1000 + MINUTE_S
        after = issuing.take(RECORD)
        assert isinstance(after, Took)
        assert [*numbers, after.number] == ["A001", "A002", "A003", "A004"], "no number is lost by it"
        assert issuing.take(RECORD) == TOO_MANY, "three within the last minute again"
        assert [one.fate for one in parts.journal.of_day(SUNDAY.date())] == [Fate.PRINTED] * 4
        assert len(parts.printer.slips) == 4


def test_lists_of_papers_count_too_and_what_was_not_printed_does_not(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as parts:
        issuing = hasty(parts, tmp_path, Hand(), most=2)
        parts.printer.paper_out = True
        assert issuing.take(RECORD) == Refusal("printer.paper_out")
        parts.printer.paper_out = False
        assert issuing.print_papers("home-rental", "en") is None
        assert isinstance(issuing.take(RECORD), Took)
        assert issuing.print_papers("home-rental", "en") == TOO_MANY


def test_a_printer_that_needs_somebody_comes_before_haste(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as parts:
        issuing = hasty(parts, tmp_path, Hand(), most=1)
        assert isinstance(issuing.take(RECORD), Took)
        parts.printer.paper_out = True
        assert issuing.health().fault == Refusal("printer.paper_out")


@given(st.integers(1, 20), st.lists(st.integers(0, 30), max_size=80))
def test_no_minute_has_more_slips_than_allowed_and_nobody_waits_longer_than_a_minute(
    most: int, pauses: list[int]
) -> None:
    pace, now_s, slips = Pace(most), 0.0, list[float]()
    for pause in pauses:
        now_s += pause
        if not pace.is_over(now_s):
            pace.note(now_s)
            slips.append(now_s)
        assert not pace.is_over(now_s + MINUTE_S)
    for place, one in enumerate(slips[most:]):
        assert one - slips[place] >= MINUTE_S
