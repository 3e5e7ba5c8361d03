"""Slips to print in tests."""

from dataclasses import replace
from datetime import UTC, datetime

from PIL import Image

from dawr.slip import Row, TicketFacts, ticket_rows
from dawr.slip_image import WIDTH_DOTS, PaperMm, draw

FULL_FACTS = TicketFacts(
    centre={"ar": "مركز خدمة المواطن – مجلس مدينة طرطوس", "en": "Citizen Service Centre – Tartous City Council"},
    number="A012",
    service={
        "ar": "تسوية مخالفة بناء وترخيص إداري لجميع المهن في المنطقة الصناعية",
        "en": "Settlement of a building violation and trade licence (industrial zone)",
    },
    language="ar",
    visitor_class={"ar": "كبار السن", "en": "Elderly"},
    reference="2026-00417",
    ahead=12,
    wait_minutes=(10, 25),
    papers=tuple(
        {"ar": f"صورة مصدقة عن الوثيقة رقم {n} لم يمض عليها 3 أشهر", "en": f"Certified copy of document {n}"}
        for n in range(1, 9)
    ),
    fee={"ar": "25,000,000 ل.س للمعاملة و1,500 ل.س طوابع", "en": "25,000,000 SYP and 1,500 SYP in stamps"},
    code="http://192.168.10.5/t/7f3a9c2e",
    joined_at=datetime(2026, 11, 22, 8, 5, tzinfo=UTC),
    copy=True,
)


def full_rows(language: str) -> list[Row]:
    """A slip with everything on it, all of it long."""
    return ticket_rows(replace(FULL_FACTS, language=language))


def full_slip(paper_mm: PaperMm, language: str = "ar") -> Image.Image:
    """The same, drawn."""
    return draw(full_rows(language), WIDTH_DOTS[paper_mm])


def short_slip(paper_mm: PaperMm, height: int = 40) -> Image.Image:
    """A striped picture that is printed quickly even on a slow line."""
    stripes = bytes(0xFF if row % 4 else 0x0F for row in range(height) for _ in range(WIDTH_DOTS[paper_mm] // 8))
    return Image.frombytes("1", (WIDTH_DOTS[paper_mm], height), stripes)
