from dataclasses import replace

import pytest
import qrcode
from PIL import Image, ImageChops
from zxingcpp import read_barcodes

from dawr.ids import new_id
from dawr.slip import Qr, Rule, Space, Text, ticket_rows
from dawr.slip_image import DOTS_A_MM, THRESHOLD, WIDTH_DOTS, PaperMm, draw
from dawr.text import mask
from tests.kiosk.pictures import FULL_FACTS, full_slip

PAPERS: tuple[PaperMm, ...] = (58, 80)


def ink_box(picture: Image.Image) -> tuple[int, int, int, int]:
    box = ImageChops.invert(picture.convert("L")).getbbox()
    assert box
    return box


@pytest.mark.parametrize("paper_mm", PAPERS)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_slip_is_one_bit_and_exactly_as_wide_as_the_paper(paper_mm: PaperMm, language: str) -> None:
    picture = full_slip(paper_mm, language)
    assert picture.mode == "1"
    assert picture.width == {58: 384, 80: 576}[paper_mm]


@pytest.mark.parametrize("paper_mm", PAPERS)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_nothing_touches_an_edge_however_long_the_names_are(paper_mm: PaperMm, language: str) -> None:
    picture = full_slip(paper_mm, language)
    left, top, right, bottom = ink_box(picture)
    assert left >= 8 and top >= 4
    assert right <= picture.width - 8 and bottom <= picture.height - 4


@pytest.mark.parametrize("paper_mm", PAPERS)
@pytest.mark.parametrize("number", ["A012", "C1003", "A٠١٢"])
def test_the_number_is_taller_than_a_centimetre(paper_mm: PaperMm, number: str) -> None:
    _, top, _, bottom = ink_box(draw([Text(number, "ltr", size="number", weight="black")], WIDTH_DOTS[paper_mm]))
    assert bottom - top > 10 * DOTS_A_MM


def test_a_word_wider_than_the_paper_is_made_smaller_not_cut() -> None:
    word = "Rindfleischetikettierungsüberwachungsaufgabe"
    picture = draw([Text(word, "ltr", size="large", weight="bold")], 384)
    left, _, right, _ = ink_box(picture)
    assert left >= 8 and right <= 376 and right - left > 300


def test_a_long_paragraph_takes_more_lines_and_loses_none() -> None:
    one = draw([Text("word", "ltr")], 384).height
    twenty = draw([Text(" ".join(["word"] * 20), "ltr")], 384).height
    assert twenty > 3 * one - 40


def test_a_paragraph_starts_where_reading_begins() -> None:
    assert ink_box(draw([Text("Papers", "ltr", align="start")], 384))[0] < 20
    assert ink_box(draw([Text("الأوراق", "rtl", align="start")], 384))[2] > 364


def test_a_marked_paragraph_hangs_clear_of_its_mark() -> None:
    text = "a paper with a name so long that it needs two lines"
    marked = draw([Text(text, "ltr", align="start", mark="•")], 384)
    pitch = (marked.height - 16) // 2
    first, second = (marked.crop((0, 8 + n * pitch, 384, 8 + (n + 1) * pitch)) for n in range(2))
    assert ink_box(second)[0] > ink_box(first)[0] + 8


def test_an_inverted_paragraph_is_white_on_black() -> None:
    picture = draw([Text("COPY", "ltr", inverted=True)], 384)
    ink = picture.histogram()[0]
    assert ink > 0.5 * picture.width * picture.height
    assert picture.getpixel((192, picture.height // 2 - 18)) == 0


def test_the_qr_code_is_drawn_module_by_module_with_its_quiet_zone() -> None:
    code = qrcode.QRCode(border=4)
    code.add_data("http://192.168.10.5/t/7f3a9c2e")
    modules = code.get_matrix()
    picture = draw([Qr("http://192.168.10.5/t/7f3a9c2e")], 384)
    size = (picture.height - 16) // len(modules)
    assert size >= 4
    left = (384 - size * len(modules)) // 2
    seen = [
        [picture.getpixel((left + x * size + size // 2, 8 + y * size + size // 2)) == 0 for x in range(len(modules))]
        for y in range(len(modules))
    ]
    assert seen == [[bool(module) for module in line] for line in modules]


@pytest.mark.parametrize("paper_mm", PAPERS)
def test_a_phone_reads_the_address_of_a_tickets_page_from_the_slip(paper_mm: PaperMm) -> None:
    address = f"https://queue.tartous.example.org/t/{new_id()}"
    [read] = read_barcodes(draw(ticket_rows(replace(FULL_FACTS, code=address)), WIDTH_DOTS[paper_mm]).convert("L"))
    assert read.text == address


def test_rules_and_spaces_take_their_room() -> None:
    assert ink_box(draw([Rule()], 384))[2] == 376
    assert draw([Space(5)], 384).height - draw([], 384).height == 5 * DOTS_A_MM


def test_edges_are_cut_at_the_threshold_not_dithered() -> None:
    letters = mask("Papers \u2067الأوراق\u2069", "medium", 28, "ltr")
    picture = draw([Text("Papers \u2067الأوراق\u2069", "ltr")], 576)
    assert picture.histogram()[0] == sum(letters.histogram()[THRESHOLD + 1 :])
