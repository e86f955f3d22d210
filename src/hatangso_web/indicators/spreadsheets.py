"""Spreadsheets as people send them: merged cells, formulas without a result; problems marked in them on the way back."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from python_calamine import CalamineWorkbook

Place = tuple[str, int, int]  # sheet, row, column from 1
_RED, _YELLOW = PatternFill("solid", "FFF4B6B3"), PatternFill("solid", "FFFCE7A8")


def spread_merged(page: Any, rows: list[list[Any]]) -> None:
    """Give every cell of a merged range its value: a code merged over its rows counts for each of them."""
    for (top, left), (bottom, right) in page.merged_cell_ranges or []:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        for row in range(top, min(bottom, len(rows) - 1) + 1):
            for column in range(left, min(right, len(rows[row]) - 1) + 1):
                rows[row][column] = rows[top][left]


def as_xlsx(content: bytes) -> bytes:
    """Return an .xls or .ods workbook as .xlsx: every value in its own cell, merged ranges written out, no formulas.

    Raises
    ------
    CalamineError
        when the file cannot be opened.
    """
    old = CalamineWorkbook.from_filelike(BytesIO(content))
    memory = BytesIO()
    book = xlsxwriter.Workbook(
        memory, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                 "default_date_format": "dd/mm/yyyy"},
    )  # fmt: skip
    for name in old.sheet_names:
        page = old.get_sheet_by_name(name)
        rows = page.to_python(skip_empty_area=False)
        spread_merged(page, rows)
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return memory.getvalue()


def formula_places(content: bytes, name: str) -> set[tuple[int, int]]:
    """Return row and column (from 1) of the cells of a sheet that hold a formula."""
    book = openpyxl.load_workbook(BytesIO(content), read_only=True)
    try:
        return {
            (cell.row, cell.column)
            for row in book[name].iter_rows()
            for cell in row
            if isinstance(cell.value, str) and cell.value.startswith("=")
        }
    finally:
        book.close()


def mark_workbook(content: bytes, problems: Mapping[Place, tuple[str, str]]) -> bytes:
    """Return the workbook with every problem as a coloured cell and a comment.

    ``problems`` : (sheet, row, column from 1) → (severity, sentence)
    """
    book = openpyxl.load_workbook(BytesIO(content))
    for (name, row, column), (severity, sentence) in problems.items():
        if name not in book.sheetnames:
            continue
        cell = book[name].cell(row=row, column=column)
        for area in book[name].merged_cells.ranges:
            if cell.coordinate in area:
                cell = book[name].cell(row=area.min_row, column=area.min_col)
        cell.fill = _RED if severity == "error" else _YELLOW
        cell.comment = Comment(sentence[:900], "hatangso", width=320, height=110)
    memory = BytesIO()
    book.save(memory)
    return memory.getvalue()
