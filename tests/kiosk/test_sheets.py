"""Sheets with the figures of a day: once for each id, whatever comes between, and read as they were ordered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from dawr.orders import OrderSheet, SheetFigure
from dawr.slip import sheet_rows
from dawr.slip_image import WIDTH_DOTS, PaperMm, draw
from tests.kiosk.test_orders import Kiosk, kiosk_in
from tests.kiosk.test_printer_faults import IN_A_SLIP
from tests.kiosk.working import KIOSK, working_kiosk


def sheet(visits: str = "340", language: str = "en", **facts: object) -> OrderSheet:
    return OrderSheet.model_validate(
        {
            "kiosk": KIOSK,
            "language": language,
            "title": "Sunday 22 November 2026",
            "columns": ("this day", "a week before"),
            "figures": (
                SheetFigure(name="Tickets", values=(visits, "300")),
                SheetFigure(name="Longest wait", values=("1:27:58", "1:14:45")),
            ),
            "says": ("Compared with Sunday 15 November 2026.",),
            **facts,
        }
    )


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    with kiosk_in(tmp_path) as kiosk:
        yield kiosk


def test_a_sheet_comes_out_once_however_often_it_is_ordered(kiosk: Kiosk) -> None:
    told = [kiosk.hear(sheet(), "day-1").outcome for _ in range(3)]
    assert (told, kiosk.slips(), kiosk.numbers()) == (["printed"] * 3, 1, [])


def test_a_sheet_is_known_by_its_id_alone_and_after_a_restart_too(tmp_path: Path) -> None:
    with kiosk_in(tmp_path) as kiosk:
        kiosk.hear(sheet(), "day-1")
        assert kiosk.hear(sheet("341"), "day-1").outcome == "printed"
        assert kiosk.slips() == 1
    with kiosk_in(tmp_path) as kiosk:
        assert kiosk.hear(sheet("342", age_s=60), "day-1").outcome == "printed"
        assert kiosk.slips() == 0
        kiosk.hear(sheet(), "day-2")
        assert kiosk.slips() == 1


def test_without_paper_it_is_refused_and_printed_when_it_is_ordered_again(kiosk: Kiosk) -> None:
    kiosk.parts.printer.paper_out = True
    ended = kiosk.hear(sheet(), "day-1")
    assert ended.why and (ended.outcome, ended.why.key) == ("refused", "printer.paper_out")
    kiosk.parts.printer.paper_out = False
    assert kiosk.hear(sheet(), "day-1").outcome == "printed"
    assert kiosk.slips() == 1


def test_when_the_paper_ends_in_the_middle_it_is_in_doubt_and_not_printed_again(kiosk: Kiosk) -> None:
    kiosk.parts.printer.fault_after = (IN_A_SLIP, "paper_out")
    assert kiosk.hear(sheet(), "day-1").outcome == "in_doubt"
    kiosk.parts.printer.paper_out = False
    assert kiosk.hear(sheet(), "day-1").outcome == "in_doubt"


def test_a_power_cut_while_it_prints_leaves_it_in_doubt(tmp_path: Path) -> None:
    with working_kiosk(tmp_path) as parts:
        parts.journal.begin_sheet("day-1")
    with kiosk_in(tmp_path) as kiosk:
        assert kiosk.parts.journal.interrupted == 1, "the printer may have half of it, which is cut off"
        assert kiosk.hear(sheet(), "day-1").outcome == "in_doubt"
        assert kiosk.slips() == 0


def drawn(paper_mm: PaperMm, order: OrderSheet) -> Image.Image:
    return draw(sheet_rows(order, {"ar": "مركز خدمة المواطن", "en": "Citizen Service Centre"}), WIDTH_DOTS[paper_mm])


@pytest.mark.parametrize("paper_mm", [58, 80])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_values_stand_in_columns_towards_the_end_of_the_line(paper_mm: PaperMm, language: str) -> None:
    """Seen as ink: a dark name at the side where reading begins, a light value at the other, nothing between."""
    figure = SheetFigure(name="شبث" if language == "ar" else "WWW", values=("1",))
    order = sheet(language=language, title="", columns=(), figures=(figure,), says=())
    paper = drawn(paper_mm, order)
    empty = drawn(paper_mm, sheet(language=language, title="", columns=(), figures=(), says=()))
    band = paper.crop((0, 0, paper.width, paper.height)).convert("L").point(lambda dot: 255 - dot)
    added = paper.height - empty.height
    assert added > 20
    # The line begins where the empty sheet's last rule begins.
    top = paper.height - added - 24 - 8
    line = band.crop((0, top, paper.width, top + added))
    third = paper.width // 3
    left, middle, right = (sum(line.crop((x, 0, x + third, added)).tobytes()) for x in (0, third, 2 * third))
    name, value = (right, left) if language == "ar" else (left, right)
    assert name > value > middle == 0
