"""Orders from browsers: one press is at most one number, and what is told of it is true and stays so."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dawr.orders import BEGINS_WITHIN_S, Order, OrderCopy, OrderEnded, OrderPapers, OrderTicket
from kiosk.journal import Fate, Wish
from kiosk.orders import Heard, Orders
from tests.kiosk.test_printer_faults import IN_A_SLIP
from tests.kiosk.working import KIOSK, SUNDAY, Parts, menu_of, working_kiosk

SERVICE = "individual-record"


def ticket(**changes: Any) -> OrderTicket:
    return OrderTicket(**{"kiosk": KIOSK, "service": SERVICE, "language": "ar", **changes})


@dataclass
class Kiosk:
    """A kiosk to which orders are sent, at a monotonic time of the test's choosing."""

    parts: Parts
    now_s: float = 1000.0
    told: list[OrderEnded] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.orders = Orders(self.parts.issuing, self.parts.journal, self.told.append, lambda: self.now_s)

    def hear(self, order: Order, id: str = "press-1", waited_s: float = 0.0) -> OrderEnded:
        self.orders.carry_out(Heard(order, id, self.now_s - waited_s))
        return self.told[-1]

    def slips(self) -> int:
        return len(self.parts.printer.slips)

    def numbers(self) -> list[str]:
        return [one.number for one in self.parts.journal.of_day(SUNDAY.date())]


@contextmanager
def kiosk_in(folder: Path) -> Iterator[Kiosk]:
    with working_kiosk(folder) as parts:
        yield Kiosk(parts)


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    with kiosk_in(tmp_path) as kiosk:
        yield kiosk


def test_an_order_gives_one_ticket_however_often_it_comes(kiosk: Kiosk) -> None:
    answers = {kiosk.hear(ticket()).model_dump_json() for _ in range(4)}
    assert len(answers) == 1
    [ended] = {one.number for one in kiosk.told}
    assert (ended, kiosk.told[0].outcome, kiosk.slips()) == ("A001", "printed", 1)


def test_another_press_gives_another_ticket(kiosk: Kiosk) -> None:
    assert [kiosk.hear(ticket(), f"press-{n}").number for n in (1, 2)] == ["A001", "A002"]


def test_an_order_is_known_after_a_restart_and_the_server_is_told_the_same(tmp_path: Path) -> None:
    with kiosk_in(tmp_path) as kiosk:
        before = kiosk.hear(ticket(visitor_class="elderly", reference="T 12"))
        assert before.ticket
        kiosk.parts.journal.told([before.ticket])
    with kiosk_in(tmp_path) as kiosk:
        assert kiosk.hear(ticket(visitor_class="elderly", reference="T 12", age_s=60)) == before
        assert kiosk.slips() == 0


def test_what_a_power_cut_found_between_number_and_paper_is_in_doubt_and_given_once(tmp_path: Path) -> None:
    wish = Wish(service=SERVICE, language="ar", order="press-1")
    with working_kiosk(tmp_path) as parts:
        part = parts.centre.ranges[KIOSK]
        cut = parts.journal.give(wish, parts.centre, part, parts.clock.now())
        assert cut.fate is Fate.ISSUED
    with kiosk_in(tmp_path) as kiosk:
        ended = kiosk.hear(ticket(age_s=4))
        assert (ended.outcome, ended.number, ended.ticket) == ("in_doubt", cut.number, cut.id)
        assert (kiosk.slips(), kiosk.numbers()) == (0, [cut.number])


def test_an_order_that_nobody_waits_for_any_more_is_not_begun(kiosk: Kiosk) -> None:
    ended = kiosk.hear(ticket(age_s=BEGINS_WITHIN_S + 0.1))
    assert ended.why and (ended.outcome, ended.why.key) == ("refused", "kiosk.too_late")
    assert kiosk.hear(ticket(age_s=BEGINS_WITHIN_S - 5), "press-2", waited_s=5.1).outcome == "refused"
    assert (kiosk.slips(), kiosk.numbers()) == (0, [])
    assert kiosk.hear(ticket(age_s=BEGINS_WITHIN_S - 5), "press-3", waited_s=4.9).outcome == "printed"


@pytest.mark.parametrize("age_s", [0.0, 9.0])
def test_what_was_refused_stays_refused(kiosk: Kiosk, age_s: float) -> None:
    kiosk.parts.printer.paper_out = True
    ended = kiosk.hear(ticket())
    assert ended.why and (ended.outcome, ended.why.key) == ("refused", "printer.paper_out")
    kiosk.parts.printer.paper_out = False
    assert kiosk.hear(ticket(age_s=age_s)) == ended
    assert kiosk.numbers() == []


def test_a_stopped_service_is_refused_with_what_staff_said(kiosk: Kiosk) -> None:
    why = {"ar": "عطل", "en": "A fault"}
    kiosk.parts.knowledge.menu = menu_of(kiosk.parts.centre, stopped={SERVICE: why})
    ended = kiosk.hear(ticket())
    assert ended.why and (ended.why.key, ended.reason) == ("closed.stopped", why)


def test_an_id_that_comes_with_another_wish_gives_nothing(tmp_path: Path) -> None:
    with kiosk_in(tmp_path) as kiosk:
        kiosk.hear(ticket())
        ended = kiosk.hear(ticket(language="en"))
        assert ended.why and ended.why.key == "problem.idempotency_key_reused"
        # That answer must not take the place of the true one.
        assert kiosk.hear(ticket()).number == "A001"
    with kiosk_in(tmp_path) as kiosk:
        assert kiosk.hear(ticket(language="en")).outcome == "refused"
        assert kiosk.hear(OrderPapers(kiosk=KIOSK, service=SERVICE, language="ar")).outcome == "refused"
        assert kiosk.hear(ticket()).outcome == "printed"
        assert kiosk.slips() == 0


def test_a_list_of_papers_comes_out_once_and_has_no_number(kiosk: Kiosk) -> None:
    order = OrderPapers(kiosk=KIOSK, service="home-rental", language="en")
    endings = [kiosk.hear(order, "press-p") for _ in range(3)]
    assert {(one.outcome, one.number) for one in endings} == {("printed", None)}
    assert (kiosk.slips(), kiosk.numbers()) == (1, [])


def test_a_copy_comes_out_once_and_only_of_a_slip_in_doubt(kiosk: Kiosk) -> None:
    kiosk.parts.printer.fault_after = (IN_A_SLIP, "paper_out")
    doubtful = kiosk.hear(ticket())
    assert doubtful.outcome == "in_doubt" and doubtful.ticket
    kiosk.parts.printer.paper_out, kiosk.parts.printer.fault_after = False, None
    copy = OrderCopy(kiosk=KIOSK, ticket=doubtful.ticket)
    kiosk.hear(copy, "press-c")
    slips = kiosk.slips()
    assert slips and {kiosk.hear(copy, "press-c").number for _ in range(3)} == {doubtful.number}
    assert (kiosk.told[-1].outcome, kiosk.slips()) == ("printed", slips)
    assert len(kiosk.parts.journal.untold_copies(9)) == 1

    sure = kiosk.hear(ticket(), "press-2")
    assert kiosk.hear(OrderCopy(kiosk=KIOSK, ticket=sure.ticket), "press-d").outcome == "refused"
    assert kiosk.hear(OrderCopy(kiosk=KIOSK, ticket="no-such"), "press-e").outcome == "refused"
    assert len(kiosk.numbers()) == 2


PRESS = st.tuples(st.sampled_from(["p1", "p1", "p2"]), st.floats(0, 12))
STEPS = st.lists(PRESS | st.sampled_from(["restart", "no paper", "paper"]), min_size=3, max_size=9)


@settings(max_examples=25)
@given(steps=STEPS)
def test_whatever_is_repeated_and_restarted_a_press_has_at_most_one_number(steps: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        told: dict[str, list[OrderEnded]] = {"p1": [], "p2": []}
        slips, paper = 0, True
        for run in _runs(steps):
            with kiosk_in(Path(folder)) as kiosk:
                for step in run:
                    paper = step == "paper" if isinstance(step, str) else paper
                    kiosk.parts.printer.paper_out = not paper
                    if not isinstance(step, str):
                        told[step[0]].append(kiosk.hear(ticket(age_s=step[1]), step[0]))
                slips += kiosk.slips()
                numbers = kiosk.numbers()
        given_to = {press: {one.number for one in endings if one.number} for press, endings in told.items()}
        assert all(len(mine) <= 1 for mine in given_to.values())
        assert sorted(numbers) == sorted(number for mine in given_to.values() for number in mine)
        assert slips == len(numbers)
        for endings in told.values():
            outcomes = [one.outcome for one in endings]
            assert "printed" not in outcomes or "refused" not in outcomes[outcomes.index("printed") :]


def _runs(steps: list[Any]) -> list[list[Any]]:
    """The steps of each run of the kiosk, from one restart to the next."""
    runs: list[list[Any]] = [[]]
    for step in steps:
        if step == "restart":
            runs.append([])
        else:
            runs[-1].append(step)
    return runs


def test_the_time_that_counts_is_monotonic(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as parts:
        told: list[OrderEnded] = []
        Orders(parts.issuing, parts.journal, told.append).carry_out(Heard(ticket(), "p", time.monotonic()))
    assert told[0].outcome == "printed"
