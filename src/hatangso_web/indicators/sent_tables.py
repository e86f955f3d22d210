"""Reads a table as it was sent: finds its heading row, spreads merged cells, knows where each cell lies in the file."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from hatangso.errors import InputError
from hatangso.indicators.intake import RowProblem, SentTable
from hatangso.indicators.table_kinds import TableKind
from hatangso.readers import is_blank, read_raw
from hatangso.tables import TableSpec, match_headers, write_table
from hatangso.vietnamese import nfc
from hatangso_web.indicators.spreadsheets import as_xlsx, formula_places, mark_workbook, spread_merged

FORMATS = (".xlsx", ".xls", ".ods", ".csv", ".tsv", ".parquet")
WORKBOOKS = (".xlsx", ".xls", ".ods")
MOST_ROWS = 200_000
_MOST_UNPACKED_BYTES = 400 * 1024 * 1024
_HEADING_ROWS = 40
_NUMBERING = re.compile(r"\(?[0-9A-Za-z]{1,3}(?:[=+-][0-9A-Za-z+-]*)?\)?")


@dataclass(frozen=True)
class Sent:
    """A table with its place in the file: sheet, column of each header (from 1), formulas without a result."""

    table: SentTable
    sheet: str
    columns: Mapping[str, int]
    faults: tuple[RowProblem, ...] = field(default=())

    @property
    def headers(self) -> list[str]:
        """The headers as sent, in order."""
        return list(self.table.cells.columns)


def read_sent(content: bytes, filename: str, kind: TableKind) -> Sent:
    """Read a table file; in a workbook the sheet and row that hold most of the expected headers are taken.

    Raises
    ------
    InputError
        when the file cannot be read as a table, is too large, or holds no row.
    """
    suffix = Path(filename).suffix.lower()
    if suffix not in FORMATS:
        raise InputError(_("Tệp “%(name)s”") % {"name": filename}, expected=", ".join(FORMATS))
    book = _workbook_of(content, suffix)
    sent = _read_plain(content, suffix, filename) if book is None else _read_workbook(book, kind.spec)
    if not sent.table.rows:
        raise InputError(_("Tệp “%(name)s”") % {"name": filename}, found=_("không có dòng số liệu nào"))
    if len(sent.table.rows) > MOST_ROWS:
        raise InputError(
            _("Tệp “%(name)s”") % {"name": filename},
            found=_("có hơn %(most)s dòng") % {"most": "200.000"},
            remedy=_("Chia tệp theo địa bàn rồi nạp từng phần"),
        )
    return sent


def mark_sent(content: bytes, filename: str, sent: Sent, problems: Sequence[RowProblem]) -> bytes:
    """Return the file as a workbook with every problem as a coloured cell and a comment."""
    book, sheet = _workbook_of(content, Path(filename).suffix.lower()), sent.sheet
    if book is None:
        book, sheet = _as_workbook(sent)
    first = min(sent.columns.values(), default=1)
    marked: dict[tuple[str, int, int], tuple[str, str]] = {}
    for problem in problems:
        place = (sheet, problem.row, sent.columns.get(problem.header, first))
        severity, sentence = marked.get(place, ("warning", ""))
        worst = "error" if "error" in (severity, problem.severity) else "warning"
        marked[place] = (worst, f"{sentence}\n{problem.sentence}".strip())
    return mark_workbook(book, marked)


def _read_plain(content: bytes, suffix: str, filename: str) -> Sent:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"bang{suffix}"
        path.write_bytes(content)
        try:
            frame = read_raw(path)
        except InputError as fault:
            raise InputError(str(fault).replace(path.name, filename).rstrip(".")) from fault
    rows = tuple(range(2, frame.height + 2))
    return Sent(
        SentTable(frame, rows), "", {name: number for number, name in enumerate(frame.columns, start=1)}
    )


def _workbook_of(content: bytes, suffix: str) -> bytes | None:
    """Return the file as .xlsx where it is a workbook of any kind; None for plain tables."""
    if suffix not in WORKBOOKS:
        return None
    if suffix != ".xls":
        _refuse_bomb(content)
    try:
        return content if suffix == ".xlsx" else as_xlsx(content)
    except CalamineError as fault:
        raise _not_opened() from fault


def _not_opened() -> InputError:
    return InputError(
        _("Tệp Excel"), found=_("không mở được"), expected=_("tệp .xlsx không đặt mật khẩu")
    )  # fmt: skip


def _read_workbook(content: bytes, spec: TableSpec) -> Sent:
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        best: tuple[int, str, list[list[Any]], int] | None = None
        for name in book.sheet_names:
            page = book.get_sheet_by_name(name)
            rows = page.to_python(skip_empty_area=False)
            spread_merged(page, rows)
            score, top = _heading(rows, spec)
            if rows and (best is None or score > best[0]):
                best = (score, name, rows, top)
    except CalamineError as fault:
        raise _not_opened() from fault
    if best is None:
        raise InputError(_("Tệp Excel"), found=_("không có trang nào có số liệu"))
    _score, name, rows, top = best
    return _cut_out(rows, top, name, formula_places(content, name))


def _heading(rows: Sequence[Sequence[Any]], spec: TableSpec) -> tuple[int, int]:
    """How many expected headers the best row holds, and which row; else the first row with two filled cells."""
    best, place = 0, next((n for n, row in enumerate(rows[:_HEADING_ROWS]) if _filled(row) >= 2), 0)
    for number, row in enumerate(rows[:_HEADING_ROWS]):
        known = len(match_headers([_text(cell) for cell in row if not is_blank(cell)], spec))
        if known > best:
            best, place = known, number
    return best, place


def _cut_out(rows: Sequence[Sequence[Any]], top: int, name: str, formulas: set[tuple[int, int]]) -> Sent:
    headers: dict[str, int] = {}
    for column, cell in enumerate(rows[top] if rows else (), start=1):
        header = _text(cell) or _("cột %(number)s") % {"number": column}
        while header in headers:
            header += " (2)"
        headers[header] = column
    filled = {
        column for row in rows[top + 1 :] for column, cell in enumerate(row, start=1) if not is_blank(cell)
    }
    headers = {
        header: column
        for header, column in headers.items()
        if column in filled or not is_blank(rows[top][column - 1])
    }
    numbers, kept = [], []
    for number, row in enumerate(rows[top + 1 :], start=top + 2):
        if not _filled(row) or (number == top + 2 and _is_numbering(row)):
            continue
        numbers.append(number)
        kept.append([row[column - 1] if column <= len(row) else None for column in headers.values()])
    frame = pl.DataFrame(
        [_series(header, [row[place] for row in kept]) for place, header in enumerate(headers)]
    )
    faults = tuple(
        RowProblem(
            number, header, "error", _("Ô này là công thức chưa có kết quả; hãy ghi số thay cho công thức.")
        )
        for number, row in zip(numbers, kept, strict=True)
        for (header, column), cell in zip(headers.items(), row, strict=True)
        if is_blank(cell) and (number, column) in formulas
    )
    return Sent(SentTable(frame, tuple(numbers)), name, headers, faults)


def _series(name: str, cells: list[Any]) -> pl.Series:
    """Keep numbers as numbers where a column holds nothing else; text otherwise, whole numbers without a point."""
    known = [None if is_blank(cell) else cell for cell in cells]
    kinds = {type(cell) for cell in known if cell is not None}
    if kinds and kinds <= {int, float}:
        return pl.Series(name, known, dtype=pl.Float64)
    if kinds == {bool}:
        return pl.Series(name, known)
    return pl.Series(name, [None if cell is None else _text(cell) for cell in known], dtype=pl.String)


def _text(cell: Any) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell).replace(".", ",")
    return " ".join(nfc(str(cell if cell is not None else "")).split())


def _filled(row: Sequence[Any]) -> int:
    return sum(not is_blank(cell) for cell in row)


def _is_numbering(row: Sequence[Any]) -> bool:
    """Whether the row under the headings only numbers the columns: (1), (2), (3)=(1)+(2)."""
    cells = [_text(cell) for cell in row if not is_blank(cell)]
    return (
        len(cells) >= 2
        and all(_NUMBERING.fullmatch(cell) for cell in cells)
        and any("1" in cell for cell in cells[:2])
    )


def _refuse_bomb(content: bytes) -> None:
    """Refuse a workbook that unpacks into more than the server should hold."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            size = sum(member.file_size for member in packed.infolist())
    except zipfile.BadZipFile as fault:
        raise _not_opened() from fault
    if size > _MOST_UNPACKED_BYTES:
        raise InputError(
            _("Tệp Excel"), found=_("giải nén ra quá lớn"), remedy=_("Bỏ các trang không dùng rồi lưu lại")
        )


def _as_workbook(sent: Sent) -> tuple[bytes, str]:
    """The table as a workbook, row for row as the person numbers them; text that looks like a formula is defused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bang.xlsx"
        write_table(sent.table.cells.select(pl.exclude(pl.Binary)), path)
        content = path.read_bytes()
    return content, str(openpyxl.load_workbook(BytesIO(content), read_only=True).sheetnames[0])
