"""Sets an invented plan as a .docx in the layout of Decree 30/2020, with real tables as offices make them."""

from __future__ import annotations

import datetime
from pathlib import Path

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt
from docx.table import Table, _Cell

from hatangso_web.demo.plan_texts import Annex, PlanText

MADE_ON = datetime.datetime(2025, 10, 15, 8, 0)
CENTRED, JUSTIFIED = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY
LETTERHEAD_WIDTHS_CM = (6.5, 9.5)
ANNEX_WIDTHS_CM = (1.2, 5.5, 6.5, 4.2, 4.8, 2.8)


def write_plan(plan: PlanText, path: Path) -> Path:
    """Write ``plan`` as .docx and return the path. The same plan gives the same text and layout."""
    document = docx.Document()
    document.core_properties.created = document.core_properties.modified = MADE_ON
    document.core_properties.author = "hatangso (văn bản hư cấu)"
    _page(document)
    _letterhead(document, plan)
    _line(document, plan.kind, align=CENTRED, bold=True, size=14)
    _line(document, plan.title, align=CENTRED, bold=True, size=14)
    for basis in plan.bases:
        _line(document, basis, align=JUSTIFIED, italic=True, indent=True)
    for text in plan.body:
        level = len(text) - len(text.lstrip("#"))
        _line(document, text.lstrip("# "), align=JUSTIFIED, bold=level > 0, indent=True)
    _signature(document, plan)
    for annex in plan.annexes:
        _annex(document, annex)
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(path))
    return path


def _page(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin = section.bottom_margin = Cm(2)
    section.left_margin, section.right_margin = Cm(3), Cm(2)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(14)  # type: ignore[attr-defined]


def _letterhead(document: Document, plan: PlanText) -> None:
    table = document.add_table(rows=1, cols=2)
    _set_widths(table, LETTERHEAD_WIDTHS_CM)
    left, right = table.rows[0].cells
    issuer = [*([plan.superior] if plan.superior else []), *plan.issuer.split("\n")]
    _fill(left, [(line, True) for line in issuer] + [("", False), (plan.number, False)])
    motto = [("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", True), ("Độc lập - Tự do - Hạnh phúc", True)]
    _fill(right, [*motto, ("", False), (plan.place_and_date, False)])
    document.add_paragraph()


def _set_widths(table: Table, widths_cm: tuple[float, ...]) -> None:
    table.autofit = False
    for column, width in zip(table.columns, widths_cm, strict=True):
        column.width = Cm(width)
        for cell in column.cells:
            cell.width = Cm(width)


def _fill(cell: _Cell, lines: list[tuple[str, bool]]) -> None:
    for number, (text, bold) in enumerate(lines):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        paragraph.alignment = CENTRED
        run = paragraph.add_run(text)
        run.bold, run.font.size = bold, Pt(12)


def _line(
    document: Document,
    text: str,
    *,
    align: WD_ALIGN_PARAGRAPH,
    bold: bool = False,
    italic: bool = False,
    indent: bool = False,
    size: int = 14,
) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(6)
    if indent:
        paragraph.paragraph_format.first_line_indent = Cm(1.27)
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)


def _signature(document: Document, plan: PlanText) -> None:
    left, right = document.add_table(rows=1, cols=2).rows[0].cells
    left.paragraphs[0].add_run("Nơi nhận:").italic = True
    for recipient in plan.recipients:
        left.add_paragraph().add_run(f"- {recipient}").font.size = Pt(11)
    _fill(right, [(line, True) for line in plan.signer])


def _annex(document: Document, annex: Annex) -> None:
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    for line in annex.title.split("\n"):
        _line(document, line, align=CENTRED, bold=True, size=13)
    table = document.add_table(rows=1, cols=len(annex.header), style="Table Grid")
    _set_widths(table, ANNEX_WIDTHS_CM)
    for cell, text in zip(table.rows[0].cells, annex.header, strict=True):
        _fill(cell, [(text, True)])
    for row in annex.rows:
        cells = table.add_row().cells
        if len(row) == 2:  # a group: number, then one name across
            cells[1].merge(cells[-1])
        for cell, text in zip(cells, row, strict=False):
            for number, part in enumerate(text.split("\n")):
                paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
                run = paragraph.add_run(part)
                run.font.size, run.bold = Pt(12), len(row) == 2
        if len(row) == len(annex.header):
            for cell, width in zip(cells, ANNEX_WIDTHS_CM, strict=True):
                cell.width = Cm(width)
