"""Workbooks that go out to units and come back: protected, validated, signed; read in any state, marked where wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import xlsxwriter
from django.core import signing
from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from hatangso.errors import InputError
from hatangso.indicators.checks import write_figure
from hatangso.lawentries import Variable
from hatangso.periods import parse_period
from hatangso.vietnamese import fold, nfc
from hatangso_web.indicators.models import Round, Submission
from hatangso_web.indicators.queries.sheets import Key, Sheet, SheetCell
from hatangso_web.indicators.spreadsheets import formula_places, spread_merged

TEMPLATE_VERSION = 1
_SALT = "hatangso.indicators.workbook"
_SIGNED_SHEET = "_hatangso"
_FIRST_ROW = 5
_MOST_ROWS = 60_000
_RISKY = ("=", "+", "-", "@", "\t", "\r")
_HEADS = {
    "area": ("ma dia ban", "ma xa"),
    "variable": ("ma bien", "ma chi tieu"),
    "value": ("ky nay", "gia tri", "so lieu"),
    "word": ("giai trinh", "ghi chu"),
}


@dataclass(frozen=True)
class ReadCell:
    """A cell as it came back: where it stands (sheet, row, column of the figure, from 1) and what it says."""

    area_code: str
    variable: str
    value: object
    word: str
    place: tuple[str, int, int]


@dataclass(frozen=True)
class Returned:
    """A returned workbook: the unit keys that were signed, its cells, what could not be matched."""

    submissions: tuple[int, ...]
    cells: tuple[ReadCell, ...]
    faults: tuple[tuple[tuple[str, int, int], str], ...] = field(default=())


def write_round_workbook(round_: Round, sheets: Sequence[Sheet]) -> bytes:
    """Return the workbook of one unit or of many: a row per figure, only the figure and its word may be typed.

    A hidden sheet carries round, units, period and template version with a signature of this site.
    """
    memory = BytesIO()
    book = xlsxwriter.Workbook(
        memory,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    formats = _formats(book)
    page = book.add_worksheet(str(_("Số liệu")))
    _write_head(page, round_, formats)
    row = _FIRST_ROW
    for sheet in sheets:
        for cell in sheet.cells:
            _write_row(page, row, cell, formats)
            row += 1
    page.freeze_panes(_FIRST_ROW, 4)
    page.autofilter(_FIRST_ROW - 1, 0, max(row - 1, _FIRST_ROW), 7)
    page.protect("", {"format_columns": True, "autofilter": True, "sort": True, "select_locked_cells": True})
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(_FIRST_ROW - 1)
    hidden = book.add_worksheet(_SIGNED_SHEET)
    hidden.write_string(0, 0, _sign(round_, [sheet.submission for sheet in sheets]))
    hidden.very_hidden()
    book.close()
    return memory.getvalue()


def read_round_workbook(content: bytes, round_: Round) -> Returned:
    """Read a returned workbook in any state: columns moved, rows added, merged cells, text numbers, formulas.

    Raises
    ------
    InputError
        when it is no workbook of this site, or of another round, period or template version; with the reason.
    """
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        names = book.sheet_names
        note = _check_signature(book, names, round_)
    except CalamineError as fault:
        raise InputError(
            _("Tệp Excel"), found=_("không mở được"), expected=_("tệp .xlsx không đặt mật khẩu")
        ) from fault
    cells: list[ReadCell] = []
    faults: list[tuple[tuple[str, int, int], str]] = []
    for name in names:
        if name != _SIGNED_SHEET:
            found, wrong = _read_sheet(book, name, formula_places(content, name))
            cells += found
            faults += wrong
    if not cells:
        raise InputError(
            _("Tệp Excel"),
            found=_("không thấy dòng số liệu nào"),
            expected=_("các cột Mã địa bàn, Mã biến và Kỳ này"),
        )
    return Returned(tuple(note["units"]), tuple(cells), tuple(faults))


def match_cells(
    returned: Returned, keys: Mapping[tuple[str, str], Key]
) -> tuple[dict[Key, ReadCell], list[tuple[tuple[str, int, int], str]]]:
    """Return the cells that belong to known figures, and a sentence for each that does not or comes twice."""
    found: dict[Key, ReadCell] = {}
    faults = list(returned.faults)
    for cell in returned.cells:
        key = keys.get((cell.area_code, cell.variable))
        if key is None:
            faults.append((
                cell.place,
                _("Dòng này (mã địa bàn “%(area)s”, mã biến “%(variable)s”) không thuộc báo cáo của đơn vị; không nhận.")
                % {"area": cell.area_code, "variable": cell.variable},
            ))  # fmt: skip
        elif key in found and str(found[key].value) != str(cell.value):
            faults.append((cell.place, _("Chỉ tiêu này có hai dòng ghi khác nhau; hãy giữ một dòng.")))
        else:
            found[key] = cell
    return found, faults


def _sign(round_: Round, submissions: Sequence[Submission]) -> str:
    note = {
        "round": round_.pk, "period": round_.period, "version": TEMPLATE_VERSION,
        "units": [submission.pk for submission in submissions],
    }  # fmt: skip
    return signing.dumps(note, salt=_SALT, compress=True)


def _check_signature(book: CalamineWorkbook, names: Sequence[str], round_: Round) -> dict[str, Any]:
    if _SIGNED_SHEET not in names:
        raise InputError(
            _("Tệp Excel"),
            found=_("không có trang nhận dạng của hệ thống"),
            expected=_("tệp đã tải từ đợt này"),
            remedy=_("Tải lại tệp mẫu của đợt, chép số liệu sang rồi nạp"),
        )
    rows = book.get_sheet_by_name(_SIGNED_SHEET).to_python()
    try:
        note = signing.loads(str(rows[0][0]) if rows and rows[0] else "", salt=_SALT)
    except signing.BadSignature as fault:
        raise InputError(
            _("Tệp Excel"), found=_("trang nhận dạng đã bị sửa"), remedy=_("Tải lại tệp mẫu của đợt")
        ) from fault
    if note["version"] != TEMPLATE_VERSION:
        raise InputError(
            _("Tệp Excel"),
            found=_("mẫu phiên bản %(version)s") % {"version": note["version"]},
            expected=_("mẫu phiên bản %(version)s") % {"version": TEMPLATE_VERSION},
            remedy=_("Tải lại tệp mẫu của đợt"),
        )
    if note["period"] != round_.period or note["round"] != round_.pk:
        raise InputError(
            _("Tệp Excel"),
            found=_("tệp của một đợt khác (%(period)s)") % {"period": parse_period(note["period"]).name_vi},
            expected=_("tệp của đợt “%(round)s”") % {"round": round_.name},
            remedy=_("Nạp tệp vào đúng đợt của nó"),
        )
    return json.loads(json.dumps(note))


def _read_sheet(
    book: CalamineWorkbook, name: str, formulas: set[tuple[int, int]]
) -> tuple[list[ReadCell], list[tuple[tuple[str, int, int], str]]]:
    page = book.get_sheet_by_name(name)
    rows = page.to_python(skip_empty_area=False)[:_MOST_ROWS]
    spread_merged(page, rows)
    head = _find_head(rows)
    if head is None:
        return [], []
    top, columns = head
    cells, faults = [], []
    for number, row in enumerate(rows[top + 1 :], start=top + 2):
        area, variable = (_code(row, columns[part]) for part in ("area", "variable"))
        if not area and not variable:
            continue
        value = _at(row, columns["value"])
        place = (name, number, columns["value"] + 1)
        if (place[1], place[2]) in formulas and value in ("", None):
            faults.append((place, _("Ô này là công thức chưa có kết quả; hãy ghi số thay cho công thức.")))
            continue
        word = _at(row, columns["word"]) if "word" in columns else ""
        cells.append(ReadCell(area, variable, value, nfc(str(word or "")).strip()[:500], place))
    return cells, faults


def _find_head(rows: Sequence[Sequence[Any]]) -> tuple[int, dict[str, int]] | None:
    """The first row that names area, variable and value, and where each stands."""
    for number, row in enumerate(rows[:40]):
        words = [fold(nfc(str(cell or ""))).strip() for cell in row]
        columns = {
            part: words.index(name)
            for part, names in _HEADS.items()
            for name in reversed(names)
            if name in words
        }
        if {"area", "variable", "value"} <= set(columns):
            return number, columns
    return None


def _code(row: Sequence[Any], column: int) -> str:
    """A code as text: a spreadsheet may have made a number of it."""
    value = _at(row, column)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return nfc(str(value if value is not None else "")).strip()


def _at(row: Sequence[Any], column: int) -> Any:
    return row[column] if column < len(row) else ""


def _formats(book: Any) -> dict[str, Any]:
    edge = {"border": 1, "valign": "top"}
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "about": book.add_format({"italic": True}),
        "head": book.add_format({**edge, "bold": True, "bg_color": "#ECEAE3", "text_wrap": True}),
        "text": book.add_format({**edge, "text_wrap": True}),
        "safe": book.add_format({**edge, "text_wrap": True, "quote_prefix": True}),
        "number": book.add_format({**edge, "num_format": "#,##0.###"}),
        "entry": book.add_format({**edge, "num_format": "#,##0.###", "locked": False, "bg_color": "#FFFDE7"}),
        "word": book.add_format({**edge, "locked": False, "text_wrap": True, "bg_color": "#FFFDE7"}),
    }


def _write_head(page: Any, round_: Round, formats: dict[str, Any]) -> None:
    page.write_string(0, 0, round_.name, formats["title"])
    lines = (
        _("Kỳ: %(period)s. Hạn gửi: %(day)s.")
        % {"period": parse_period(round_.period).name_vi, "day": f"{round_.due_on:%d/%m/%Y}"},
        _("Chỉ điền cột “Kỳ này” và “Giải trình” (nền vàng). Chưa có số liệu thì để trống, không ghi 0."),
    )
    for row, line in enumerate(lines, start=1):
        page.write_string(row, 0, line, formats["about"])
    heads = (
        (_("Mã địa bàn"), 12), (_("Địa bàn"), 24), (_("Mã biến"), 26), (_("Chỉ tiêu"), 48), (_("Đơn vị"), 14),
        (_("Kỳ trước"), 12), (_("Kỳ này"), 14), (_("Giải trình"), 36),
    )  # fmt: skip
    for column, (words, width) in enumerate(heads):
        page.write_string(_FIRST_ROW - 1, column, words, formats["head"])
        page.set_column(column, column, width)


def _write_row(page: Any, row: int, cell: SheetCell, formats: dict[str, Any]) -> None:
    variable = cell.variable
    words = (
        cell.area.code,
        cell.area.name,
        variable.code,
        variable.name_vi,
        variable.unit.replace(";", ", "),
    )
    for column, text in enumerate(words):
        page.write_string(row, column, text, formats["safe" if text.startswith(_RISKY) else "text"])
    _write_figure(page, (row, 5), variable, cell.last.value if cell.last else None, formats["number"])
    _write_figure(page, (row, 6), variable, None if cell.prefilled else cell.value, formats["entry"])
    page.write_string(row, 7, cell.explanation, formats["word"])
    page.data_validation(row, 6, row, 6, _validation(variable))


def _write_figure(
    page: Any, place: tuple[int, int], variable: Variable, value: float | None, form: Any
) -> None:
    if value is None:
        page.write_blank(*place, None, form)
    elif variable.kind in {"yes_no", "class"}:
        page.write_string(*place, write_figure(variable, value), form)
    else:
        page.write_number(*place, value, form)


def _validation(variable: Variable) -> dict[str, Any]:
    common = {"error_title": str(_("Số liệu không hợp lệ"))[:32], "ignore_blank": True}
    if variable.kind in {"yes_no", "class"}:
        choices = ["có", "không"] if variable.kind == "yes_no" else list(variable.classes)
        return {**common, "validate": "list", "source": choices, "error_message": "; ".join(choices)[:255]}
    if variable.unit == "dBm":
        return {**common, "validate": "decimal", "criteria": "between", "minimum": -150, "maximum": 0}
    return {
        **common,
        "validate": "integer" if variable.kind == "count" else "decimal",
        "criteria": ">=",
        "value": 0,
        "error_message": str(_("Ghi số không âm; nếu chưa có số liệu thì để trống."))[:255],
    }
