"""A real hall on a network that is cut, spoilt and mixed up: nothing lost or doubled, and screens say what is stale."""

from collections.abc import Iterator

import pytest
from PIL import Image

from dawr.slip import Text
from dawr.slip_image import draw
from dawr.text import isolate
from kiosk.paper import Slip
from lab.network.__main__ import drained, why_not
from lab.network.evidence import broken_promises, numbers_on_paper, waiting
from lab.network.hall import Lab
from lab.network.scenarios import SCENARIOS, play

BUSY = 2.0
"""A machine that runs tests does other things as well; `python -m lab.network` allows the promised seconds only."""

on_a_network = pytest.mark.skipif(why_not() is not None, reason=why_not() or "")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("network"))
    try:
        lab.build()
        yield lab
    finally:
        lab.clear_away()


@on_a_network
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_hall_keeps_its_promises(lab: Lab, name: str) -> None:
    assert play(lab, name, slack=BUSY).broken == []


@on_a_network
def test_in_the_end_everybody_was_called_once(lab: Lab) -> None:
    assert drained(lab) == []


# --- The lab would notice --------------------------------------------------------------------------------------------


def slip(number: str) -> Slip:
    rows = [Text("مركز", "rtl", size="large"), Text(isolate(number), "ltr", size="number", weight="black")]
    return Slip(draw([*rows, Text("Birth certificate", "ltr", size="body")], 576))


def test_the_number_of_a_slip_is_read_from_its_ink() -> None:
    slips = [slip("A001"), slip("C501"), Slip(Image.new("1", (576, 900), 1))]
    assert numbers_on_paper(slips, ["A007", "A001", "C501", "C502"]) == ["A001", "C501", "slip 3"]


def test_a_torn_slip_counts_only_if_it_has_its_number() -> None:
    whole, blank = slip("A001"), Image.new("1", (576, 900), 1)
    assert numbers_on_paper([Slip(whole.picture, torn=True), Slip(blank, torn=True)], ["A001"]) == ["A001"]


def entry(name: str, at: str = "06:00:00", **event: object) -> dict[str, object]:
    return {"name": name, "event": {"at": f"2026-11-22T{at}Z", **event}}


def issued(number: str, **more: object) -> dict[str, object]:
    return entry("TicketIssued", ticket=f"t-{number}", number=number, **more)


def called(number: str, at: str = "06:00:00") -> dict[str, object]:
    return entry("TicketCalled", at, ticket=f"t-{number}")


@pytest.mark.parametrize(
    ("paper", "log", "broken"),
    [
        (["A001"], [issued("A001"), called("A001")], []),
        (["A001", "A001"], [issued("A001")], ["A001 is on paper 2 times"]),
        (["A001"], [issued("A001"), issued("A001")], ["A001 is in the log 2 times"]),
        ([], [issued("A001")], ["A001 is in the log and on no paper"]),
        ([], [issued("A001", in_doubt=True)], []),
        (["A002"], [], ["slip 1 is on paper and not in the log"]),
        (["A001"], [issued("A001"), called("A001"), called("A001")], ["A001 was called 2 times"]),
        (["A001"], [issued("A001"), called("A001", "05:59:59")], ["the log goes back"]),
    ],
)
def test_a_broken_promise_is_noticed(paper: list[str], log: list[dict[str, object]], broken: list[str]) -> None:
    found = broken_promises([slip(number) for number in paper], log)
    assert len(found) == len(broken)
    assert all(one.startswith(start) for one, start in zip(found, broken, strict=True))


def test_who_was_not_called_yet_waits() -> None:
    assert waiting([issued("A001"), issued("A002"), called("A001")]) == {"t-A002"}
