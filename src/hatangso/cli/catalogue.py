"""Verbs on the catalogue: check its files, show what stands under a code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from hatangso import catalogue
from hatangso.cli.screen import new_app, out, print_json, words
from hatangso.errors import InputError
from hatangso.lawcheck import check_law
from hatangso.vietnamese import format_number

app = new_app(
    "Danh mục: biến, chỉ tiêu, mục tiêu quốc gia, ngưỡng, quy tắc, bộ chỉ số.",
    "Catalogue: variables, indicators, national targets, standards, rules, indexes.",
)

_Json = Annotated[
    bool, typer.Option("--json", help=words("In JSON ra đầu ra chuẩn", "Print JSON on standard output"))
]


@app.command(
    help=words("Kiểm tệp danh mục, báo mọi lỗi một lần", "Check catalogue files, all faults at once")
)
def check(
    path: Annotated[
        Path | None,
        typer.Argument(
            help=words(
                "Tệp hoặc thư mục; bỏ trống: danh mục kèm chương trình",
                "File or folder; empty: the packaged one",
            )
        ),
    ] = None,
    json: _Json = False,
) -> None:
    """Check one file, a folder, or the packaged catalogue."""
    checked = check_law(path)
    if json:
        print_json({"entries": dict(checked.entries), "unverified": dict(checked.unverified)})
        return
    table = Table(words("Tệp", "File"), words("Số mục", "Entries"), words("Chưa kiểm chứng", "Unverified"))
    for name, count in checked.entries.items():
        table.add_row(name, format_number(count), format_number(checked.unverified[name]))
    out.print(table)
    out.print(words("Danh mục đúng khuôn, không có lỗi.", "The catalogue fits its schema; no fault."))


@app.command(
    help=words("Xem một mục theo mã, hoặc liệt kê chỉ tiêu", "Show an entry by its code, or list indicators")
)
def show(
    code: Annotated[
        str | None, typer.Argument(help=words("Mã như MOB-04, 36/QĐ-TTg", "A code such as MOB-04, 36/QĐ-TTg"))
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", help=words("Ngày có hiệu lực, như 2025-07-01", "In force on a day"))
    ] = None,
    json: _Json = False,
) -> None:
    """Show what stands under a code, with what hangs on it; without a code list the indicators."""
    day = _day(on)
    if code is None:
        _list(catalogue.indicators(on=day), json)
        return
    entry = catalogue.find(code)
    related = _related(entry, day)
    if json:
        print_json(
            {
                "entry": type(entry).__name__,
                **_plain(entry),
                **{key: _plain(rows) for key, rows in related.items()},
            }
        )
        return
    _print_entry(entry, day)
    for title, rows in related.items():
        _print_related(title, rows)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise InputError(
            f"Ngày '{text}'", found="không đọc được", expected="ngày viết như 2025-07-01"
        ) from fault


def _list(entries: Iterable[catalogue.Indicator], json: bool) -> None:
    if json:
        print_json([_plain(entry) for entry in entries])
        return
    table = Table(
        words("Mã", "Code"), words("Chỉ tiêu", "Indicator"), words("Đơn vị", "Unit"), words("Kỳ", "Frequency")
    )
    for entry in entries:
        table.add_row(
            entry.code, words(entry.name_vi, entry.name_en), entry.unit, _FREQUENCY[entry.frequency]
        )
    out.print(table)


def _related(entry: object, day: date | None) -> dict[str, list[Any]]:
    """Return the national targets, thresholds and counterparts of an indicator."""
    if not isinstance(entry, catalogue.Indicator):
        return {}
    targets = list(catalogue.national_targets(on=day, indicator=entry.code))
    limits = [standard for standard in catalogue.standards(on=day) if standard.indicator == entry.code]
    return {"national_targets": targets, "standards": limits}


def _print_entry(entry: object, day: date | None) -> None:
    name = getattr(entry, "name_vi", getattr(entry, "title_vi", ""))
    out.print(f"{getattr(entry, 'code', getattr(entry, 'number', ''))}  {name}", markup=False, style="bold")
    for key, value in _plain(entry).items():
        if value in (None, "", [], {}) or key in {"code", "number", "name_vi", "title_vi", "basis"}:
            continue
        out.print(f"  {_LABELS.get(key, key)}: {_written(value)}", markup=False, soft_wrap=True)
    basis = getattr(entry, "basis", ())
    for item in basis if isinstance(basis, tuple) else (basis,):
        out.print(f"  {words('Căn cứ', 'Basis')}: {_basis_words(item)}", markup=False, soft_wrap=True)
    if day and hasattr(entry, "in_force") and not entry.in_force(day):
        out.print(
            words(f"  Không có hiệu lực vào ngày {day:%d/%m/%Y}.", f"  Not in force on {day.isoformat()}.")
        )


def _print_related(title: str, rows: list[Any]) -> None:
    if not rows:
        return
    out.print(words({"national_targets": "Mục tiêu quốc gia", "standards": "Ngưỡng"}[title], title))
    for row in rows:
        value = format_number(row.value) if row.value is not None else row.threshold_vi
        due = f", {words('đến', 'by')} {row.due:%d/%m/%Y}" if hasattr(row, "due") else f", {row.status}"
        text = f"  {row.code}: {row.comparator} {value} {row.unit}{due}; {_basis_words(row.basis)}"
        out.print(text, markup=False, soft_wrap=True)


def _basis_words(basis: catalogue.Basis) -> str:
    article = f", {basis.article}" if basis.article else ""
    until = f" {words('đến trước', 'until')} {basis.valid_until:%d/%m/%Y}" if basis.valid_until else ""
    text = f"{basis.document}{article}, {words('từ', 'from')} {basis.valid_from:%d/%m/%Y}{until}"
    return text + (
        f" [{words('CHƯA KIỂM CHỨNG', 'UNVERIFIED')}: {basis.unverified}]" if basis.unverified else ""
    )


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return words("có", "yes") if value else words("không", "no")
    if isinstance(value, int | float):
        return format_number(value) if abs(value) < 1900 or abs(value) > 2200 else str(value)
    if isinstance(value, list):
        return "; ".join(_written(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(
            f"{key} {_written(item)}" for key, item in value.items() if item not in (None, "", [])
        )
    return str(value)


def _plain(value: Any) -> Any:
    """Turn records into what JSON can hold."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


_FREQUENCY = {
    "month": words("tháng", "month"),
    "quarter": words("quý", "quarter"),
    "half_year": words("6 tháng", "half-year"),
    "year": words("năm", "year"),
}
_LABELS = {
    "name_en": words("Tên tiếng Anh", "English name"),
    "unit": words("Đơn vị", "Unit"),
    "formula": words("Công thức", "Formula"),
    "numerator": words("Tử số", "Numerator"),
    "denominator": words("Mẫu số", "Denominator"),
    "better": words("Chiều tốt", "Better"),
    "combine": words("Cộng qua địa bàn", "How areas combine"),
    "levels": words("Cấp", "Levels"),
    "frequency": words("Kỳ", "Frequency"),
    "sources": words("Nguồn", "Sources"),
    "minimum": words("Nhỏ nhất", "Minimum"),
    "maximum": words("Lớn nhất", "Maximum"),
    "note_vi": words("Ghi chú", "Note"),
    "variants": words("Số liệu kèm", "Variants"),
    "unverified": words("CHƯA KIỂM CHỨNG", "UNVERIFIED"),
    "valid_from": words("Từ ngày", "From"),
    "valid_until": words("Đến trước ngày", "Until"),
    "issuer": words("Nơi ban hành", "Issuer"),
    "status": words("Tình trạng", "Status"),
    "kind": words("Loại", "Kind"),
    "value": words("Giá trị", "Value"),
    "due": words("Hạn", "Due"),
    "scope": words("Phạm vi", "Scope"),
    "rule_vi": words("Quy tắc", "Rule"),
    "parameters": words("Tham số", "Parameters"),
}
