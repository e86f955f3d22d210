"""Lists as XLSX: title, filters and day on top, text never taken for a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

_RISKY = ("=", "+", "-", "@", "\t", "\r")
_MOST_LETTERS = 32_000
_FORBIDDEN_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


@dataclass(frozen=True)
class Sheet:
    """One sheet: its title, the lines that say what it shows, its columns (name, width) and rows."""

    title: str
    columns: Sequence[tuple[str, float]]
    rows: Sequence[Sequence[Any]]
    about: Sequence[str] = field(default_factory=tuple)


def write_workbook(sheets: Sequence[Sheet]) -> bytes:
    """Return a workbook; it prints on A4 across, heads of columns on every page, page x of y below.

    Text is always written as text. What a spreadsheet could take for a formula once somebody edits the cell
    carries the mark "this is text" as well.
    """
    memory = BytesIO()
    workbook = xlsxwriter.Workbook(
        memory,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    formats = {
        "title": workbook.add_format({"bold": True, "font_size": 14}),
        "about": workbook.add_format({"italic": True}),
        "head": workbook.add_format(
            {"bold": True, "border": 1, "bg_color": "#ECEAE3", "text_wrap": True, "valign": "vcenter"}
        ),
        "text": workbook.add_format({"border": 1, "text_wrap": True, "valign": "top"}),
        "safe": workbook.add_format({"border": 1, "text_wrap": True, "valign": "top", "quote_prefix": True}),
        "number": workbook.add_format({"border": 1, "valign": "top", "num_format": "#,##0.###"}),
        "date": workbook.add_format({"border": 1, "valign": "top", "num_format": "dd/mm/yyyy"}),
    }
    for sheet in sheets:
        _write_sheet(workbook, sheet, formats)
    workbook.close()
    return memory.getvalue()


def printed_on(moment: datetime) -> str:
    """Return the line that says when a list was made."""
    return _("Lập lúc %(moment)s") % {"moment": timezone.localtime(moment).strftime("%H:%M ngày %d/%m/%Y")}


def _write_sheet(workbook: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    page = workbook.add_worksheet(sheet.title.translate(_FORBIDDEN_IN_NAMES)[:31])
    page.write_string(0, 0, sheet.title, formats["title"])
    for line, text in enumerate(sheet.about, start=1):
        page.write_string(line, 0, text, formats["about"])
    top = len(sheet.about) + 2
    for column, (name, width) in enumerate(sheet.columns):
        page.write_string(top, column, name, formats["head"])
        page.set_column(column, column, width)
    for line, row in enumerate(sheet.rows, start=top + 1):
        for column, value in enumerate(row):
            _write_cell(page, (line, column), value, formats)
    page.freeze_panes(top + 1, 0)
    if sheet.rows:
        page.autofilter(top, 0, top + len(sheet.rows), len(sheet.columns) - 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(top)
    page.set_footer("&L&A&RTrang &P/&N")


def _write_cell(page: Any, place: tuple[int, int], value: Any, formats: dict[str, Any]) -> None:
    if value is None or value == "":
        page.write_blank(*place, None, formats["text"])
    elif isinstance(value, datetime):
        page.write_datetime(*place, timezone.localtime(value).replace(tzinfo=None), formats["date"])
    elif isinstance(value, date):
        page.write_datetime(*place, datetime(value.year, value.month, value.day), formats["date"])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        page.write_number(*place, value, formats["number"])
    else:
        text = str(value)[:_MOST_LETTERS]
        page.write_string(*place, text, formats["safe" if text.startswith(_RISKY) else "text"])
