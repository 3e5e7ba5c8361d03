"""A report as a PDF to print, A4 across: first figures, groups and counters; from right to left in Arabic."""

from collections.abc import Iterator, Sequence

from fpdf import FPDF

from dawr.settings.centre import Centre
from dawr.text import direction_of, font_file
from dawr.words import Words
from server.reports.counter_times import USES
from server.reports.figures import COLUMNS, WaitingRow
from server.reports.groups import group_name
from server.reports.telling import figure, stopwatch
from server.reports.waiting import CounterUse, WaitingReport

FIRST_FIGURES = ("mean_wait_s", "median_wait_s", "p90_wait_s", "longest_wait_s", "within_target", "visits", "no_shows")
INK, SOFT, PETROL, BRASS, IVORY = (11, 31, 38), (74, 96, 101), (13, 70, 76), (242, 184, 75), (243, 237, 225)
EDGE = (221, 210, 189)
MARGIN_MM, NAME_MM, BAND_MM, BOX_MM, HEADING_MM, ROW_MM = 12.0, 40.0, 24.0, 19.0, 12.5, 5.6
TIGHT_MM, ROOMY_MM = 0.3, 1.0
SMALLEST_PT = 4.5


def to_pdf(report: WaitingReport, centre: Centre, words: Words) -> bytes:
    """The report on as many pages as its groups need."""
    paper = _Paper(words)
    paper.set_title(words("report.title", first=report.first, last=report.last))
    paper.band(words.of(centre.centre.name), words("report.title", first=report.first, last=report.last))
    paper.figures([(words(f"report.{name}"), figure(name, report.total, words)) for name in FIRST_FIGURES])
    if report.compared:
        other = report.compared
        paper.heading(words("reports.against", first=other.first, last=other.last))
        paper.figures([(words(f"report.{name}"), figure(name, other.total, words)) for name in FIRST_FIGURES])
    paper.sentence(words("report.note", minutes=round(report.target_s / 60)))
    paper.heading(words("reports.grouped", group=words(f"reports.groups.{report.by}")))
    paper.grid(
        [words(f"reports.groups.{report.by}"), *(words(f"report.{column}") for column in COLUMNS)],
        [_row(row, report.by, words) for row in [*report.rows, report.total]],
    )
    if report.counters:
        paper.heading(words("reports.counters"))
        paper.grid(
            [words("reports.counter"), *(words(f"reports.uses.{use}") for use in USES), words("reports.occupancy")],
            [_counter(one, words) for one in report.counters],
            total=False,
        )
        paper.sentence(words("reports.counters_how"))
    return bytes(paper.output())


class _Paper(FPDF):
    """Pages that run in the direction of the words."""

    def __init__(self, words: Words) -> None:
        super().__init__(orientation="landscape", format="A4")
        self._words = words
        self._right_to_left = direction_of(words.language) == "rtl"
        self._start = "R" if self._right_to_left else "L"
        self.set_margin(MARGIN_MM)
        self.set_auto_page_break(True, MARGIN_MM + 4)
        self.set_lang(words.language)
        for style, weight in (("", "regular"), ("B", "bold")):
            self.add_font("Vazirmatn", style, str(font_file(weight)))  # type: ignore[arg-type]
        self.set_text_shaping(True)
        self.add_page()

    def footer(self) -> None:
        """The page's number."""
        self.set_y(-MARGIN_MM)
        self._letters(8, SOFT)
        self.cell(0, 5, self._words.number(self.page_no()), align="C")

    def band(self, over: str, title: str) -> None:
        """The head of the first page."""
        self.set_fill_color(*PETROL)
        self.rect(0, 0, self.w, BAND_MM, "F")
        self.set_fill_color(*BRASS)
        self.rect(0, BAND_MM, self.w, 1, "F")
        self.set_y(5)
        self._letters(10, BRASS)
        self._line(over, 6)
        self._letters(15, (255, 255, 255), "B")
        self._line(title, 8)
        self.set_y(BAND_MM + 6)

    def figures(self, figures: Sequence[tuple[str, str]]) -> None:
        """Figures side by side, each under its name."""
        wide, top = self.epw / len(figures), self.get_y()
        for place, (name, value) in enumerate(figures):
            across = len(figures) - 1 - place if self._right_to_left else place
            left = self.l_margin + across * wide
            self.set_fill_color(*IVORY)
            self.rect(left + 0.8, top, wide - 1.6, BOX_MM, "F")
            self.set_xy(left + 3, top + 2)
            self._letters(9, SOFT)
            self.cell(wide - 6, 5, name, align=self._start)
            self.set_xy(left + 3, top + 8)
            self._letters(17, INK, "B")
            self.cell(wide - 6, 9, value, align=self._start)
        self.set_xy(self.l_margin, top + BOX_MM + 3)

    def heading(self, text: str) -> None:
        """A heading, on the page of what follows."""
        if self.will_page_break(30):
            self.add_page()
        self.ln(2)
        self._letters(12, PETROL, "B")
        self._line(text, 8)

    def sentence(self, text: str) -> None:
        """Some words in small letters."""
        self._letters(9, SOFT)
        self._line(text, 6)

    def grid(self, heading: Sequence[str], rows: Sequence[Sequence[str]], *, total: bool = True) -> None:
        """A table whose heading is on each page; the last row may be the total."""
        self._grid_heading(heading)
        for place, cells in enumerate(rows):
            if self.will_page_break(ROW_MM):
                self.add_page()
                self._grid_heading(heading)
            self._grid_row(cells, "B" if total and place == len(rows) - 1 else "")

    def _grid_heading(self, heading: Sequence[str]) -> None:
        top = self.get_y()
        self.set_fill_color(*IVORY)
        self.rect(self.l_margin, top, self.epw, HEADING_MM, "F")
        self._letters(6.2, PETROL, "B")
        self.c_margin = TIGHT_MM
        for left, wide, text in self._places(heading):
            self.set_xy(left, top + 1)
            self.multi_cell(wide, 3.3, text, align=self._start if text is heading[0] else "C")
        self.c_margin = ROOMY_MM
        self.set_xy(self.l_margin, top + HEADING_MM)

    def _grid_row(self, cells: Sequence[str], style: str) -> None:
        top = self.get_y()
        for place, (left, wide, text) in enumerate(self._places(cells)):
            # Figures need no shaping, which would take most of the time.
            self.set_text_shaping(place == 0)
            self._letters(7.5, INK, style)
            if place == 0:
                self._shrink_to(text, wide, style)
            self.set_xy(left, top)
            self.cell(wide, ROW_MM, text, align="C" if place else self._start)
        self.set_text_shaping(True)
        self.set_draw_color(*EDGE)
        self.line(self.l_margin, top + ROW_MM, self.l_margin + self.epw, top + ROW_MM)
        self.set_xy(self.l_margin, top + ROW_MM)

    def _shrink_to(self, text: str, wide: float, style: str) -> None:
        size = self.font_size_pt
        while size > SMALLEST_PT and self.get_string_width(text) > wide - 2:
            size -= 0.5
            self._letters(size, INK, style)

    def _places(self, cells: Sequence[str]) -> Iterator[tuple[float, float, str]]:
        """Left edge and width of each cell; the first is the widest and at the start of the line."""
        figures = (self.epw - NAME_MM) / (len(cells) - 1)
        along = 0.0
        for place, text in enumerate(cells):
            wide = figures if place else NAME_MM
            left = self.epw - along - wide if self._right_to_left else along
            yield self.l_margin + left, wide, text
            along += wide

    def _letters(self, size: float, color: tuple[int, int, int], style: str = "") -> None:
        self.set_font("Vazirmatn", style, size)
        self.set_text_color(*color)

    def _line(self, text: str, height: float) -> None:
        self.multi_cell(0, height, text, align=self._start, new_x="LMARGIN", new_y="NEXT")


def _row(row: WaitingRow, by: str, words: Words) -> list[str]:
    return [group_name(row.key, row.name, by, words), *(figure(column, row, words) for column in COLUMNS)]


def _counter(one: CounterUse, words: Words) -> list[str]:
    name = words.number(one.counter) + (f" – {words.of(one.name)}" if one.name else "")
    share = "–" if one.occupancy is None else words.number(f"{one.occupancy:.0%}")
    return [name, *(stopwatch(getattr(one, f"{use}_s"), words) for use in USES), share]
