"""Tables at the door: column specs; read, check and write csv · xlsx · parquet · geojson · geopackage."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import xlsxwriter

from hatangso.cells import POLARS_TYPE, Column, convert_cells, header_key
from hatangso.cells import with_decimal_dots as with_decimal_dots
from hatangso.errors import InputError, ManyInputErrors
from hatangso.readers import read_features as read_features
from hatangso.readers import read_raw as read_raw
from hatangso.vietnamese import parse_number

_EXPLODING_CELL = ("=", "+", "-", "@", "\t", "\r")
MOST_FAULTS = 200


@dataclass(frozen=True)
class TableSpec:
    """A table's columns; ``key`` names the columns that together may not repeat; other columns are dropped
    unless ``keep_others``."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    keep_others: bool = False


def read_table(
    path: str | Path, spec: TableSpec, *, mapping: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """Read and check a table.

    Parameters
    ----------
    path : .csv, .tsv, .xlsx, .xls, .ods, .parquet, .geojson or .gpkg (points give ``lon`` and ``lat``, degrees)
    mapping : the sender's header → our column name, for headers no alias knows

    Returns
    -------
    DataFrame with exactly the columns of ``spec`` (others too if ``keep_others``), checked and typed

    Raises
    ------
    InputError, ManyInputErrors
        naming the file, the row as the person sees it, the column, what was found and how to mend it.
    """
    return check_table(read_raw(path), spec, mapping=mapping, source=Path(path).name)


def check_table(
    frame: pl.DataFrame,
    spec: TableSpec,
    *,
    mapping: Mapping[str, str] | None = None,
    source: str = "",
    first_row: int = 2,
) -> pl.DataFrame:
    """Match headers, convert and check every cell against ``spec``; collect all faults, then raise once.

    ``first_row`` is the number that people see beside the first row of ``frame``.
    """
    where = _where(spec, source)
    named = _match_headers(frame, spec, mapping or {}, where)
    faults: list[InputError] = []
    checked: dict[str, pl.Series] = {}
    for column in spec.columns:
        if column.name in named.columns:
            checked[column.name] = _check_column(
                named[column.name], column, where=where, first_row=first_row, faults=faults
            )
        else:
            checked[column.name] = pl.Series(
                column.name, [None] * named.height, dtype=POLARS_TYPE[column.kind]
            )
    table = pl.DataFrame(checked)
    if spec.keep_others:
        table = table.hstack([named[name] for name in named.columns if name not in checked])
    if spec.key and not faults:
        faults += _repeated_keys(table, spec, where, first_row)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise ManyInputErrors(faults)
    return table


def check_rows(
    frame: pl.DataFrame, spec: TableSpec, *, mapping: Mapping[str, str] | None = None, source: str = ""
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Match headers and convert as :func:`check_table`, but leave rows with bad cells to the caller.

    Returns
    -------
    table : every row; bad cells are null
    unreadable : ``index`` (UInt32, of the row in ``frame``, each once) and ``problem``, the sentence of its first bad cell

    Raises
    ------
    InputError
        when headers do not match: then no row can be read.
    """
    named = _match_headers(frame, spec, mapping or {}, _where(spec, source))
    checked: dict[str, pl.Series] = {}
    problems = [pl.DataFrame(schema={"index": pl.UInt32, "problem": pl.String})]
    for column in spec.columns:
        if column.name not in named.columns:
            checked[column.name] = pl.Series(
                column.name, [None] * named.height, dtype=POLARS_TYPE[column.kind]
            )
            continue
        sent = named[column.name]
        converted, bad, empty = _converted(sent, column)
        checked[column.name] = converted.set(bad, None).alias(column.name) if bad.any() else converted
        title = column.title or column.name
        for mask, found in ((bad, None), (empty, "ô trống")):
            rows = mask.arg_true()
            if len(rows):
                cells = sent.gather(rows).cast(pl.String, strict=False).to_list()
                expected = column.expected()
                sentences = [f"{title}: {found or repr_of(cell)}; cần {expected}" for cell in cells]
                problems.append(pl.DataFrame({"index": rows.cast(pl.UInt32), "problem": sentences}))
    unreadable = pl.concat(problems).unique("index", keep="first", maintain_order=True).sort("index")
    return pl.DataFrame(checked), unreadable


def repr_of(cell: str | None) -> str:
    """Return a cell as it is quoted in a sentence."""
    return f"'{cell}'"


def _where(spec: TableSpec, source: str) -> str:
    return f"Bảng '{spec.name}'" + (f" ({source})" if source else "")


def write_table(frame: pl.DataFrame, path: str | Path) -> None:
    """Write .csv, .parquet or .xlsx by the file's ending. Text that Excel would run as a formula is defused."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        frame.write_parquet(path)
    elif suffix in {".csv", ".tsv"}:
        defused = frame.with_columns(pl.col(pl.String).map_elements(defuse_formula, return_dtype=pl.String))
        defused.write_csv(path, separator="\t" if suffix == ".tsv" else ",")
    elif suffix == ".xlsx":
        _write_workbook(frame, path)
    else:
        raise InputError(f"Không ghi được tệp '{path.name}'", expected="đuôi .csv, .tsv, .xlsx hoặc .parquet")


def defuse_formula(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula; plain numbers stay."""
    if not text.startswith(_EXPLODING_CELL):
        return text
    try:
        parse_number(text)
    except InputError:
        return "'" + text
    return text


def match_headers(headers: Iterable[str], spec: TableSpec) -> dict[str, str]:
    """Propose header → column name for the headers that ``spec`` knows by name, title or alias."""
    known: dict[str, str] = {}
    for column in spec.columns:
        for spelling in (column.name, column.title, *column.aliases):
            if spelling:
                known.setdefault(header_key(spelling), column.name)
    proposal: dict[str, str] = {}
    for header in headers:
        name = known.get(header_key(header))
        if name and name not in proposal.values():
            proposal[header] = name
    return proposal


def header_signature(headers: Iterable[str]) -> str:
    """Return what names a set of headers whatever their order and spelling of letters: for remembering a mapping."""
    return hashlib.sha256("\n".join(sorted(header_key(header) for header in headers)).encode()).hexdigest()


def _match_headers(
    frame: pl.DataFrame, spec: TableSpec, mapping: Mapping[str, str], where: str
) -> pl.DataFrame:
    names = {column.name for column in spec.columns}
    unknown = [
        f"{sent}→{ours}" for sent, ours in mapping.items() if ours not in names or sent not in frame.columns
    ]
    if unknown:
        raise InputError(
            f"{where}: ánh xạ cột {', '.join(unknown)} không dùng được",
            expected="cột có trong tệp → cột " + ", ".join(sorted(names)),
        )
    proposal = {**match_headers([name for name in frame.columns if name not in mapping], spec), **mapping}
    missing = [column for column in spec.columns if column.required and column.name not in proposal.values()]
    if missing:
        raise InputError(
            f"{where}: thiếu cột {', '.join(column.name for column in missing)}",
            found="các cột đang có là " + ", ".join(frame.columns[:30]),
            expected="; ".join(f"{column.name} = {column.title or column.expected()}" for column in missing),
            remedy="Thêm cột còn thiếu hoặc đổi tên cột cho khớp; dòng tiêu đề phải là dòng đầu của bảng",
        )
    clashes = [name for name in frame.columns if name not in proposal and name in set(proposal.values())]
    return frame.drop(clashes).rename(proposal)


def _check_column(
    series: pl.Series, column: Column, *, where: str, first_row: int, faults: list[InputError]
) -> pl.Series:
    converted, bad, empty = _converted(series, column)
    _report(series, empty, column, where, first_row, faults, found="ô trống")
    _report(series, bad, column, where, first_row, faults)
    return converted.alias(column.name)


def _converted(series: pl.Series, column: Column) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Return the typed series, the mask of cells that are wrong, and that of empty cells where none may be."""
    converted, bad = convert_cells(series, column)
    empty = pl.Series([False], dtype=pl.Boolean).new_from_index(0, converted.len())
    if not column.nullable:
        empty = converted.is_null() & ~bad
        if column.kind == "text":
            empty = empty | (converted == "").fill_null(False)
    elif column.kind == "text":
        converted = converted.set((converted == "").fill_null(False), None) if converted.len() else converted
    if column.minimum is not None:
        bad = bad | (converted < column.minimum).fill_null(False)
    if column.maximum is not None:
        bad = bad | (converted > column.maximum).fill_null(False)
    return converted, bad, empty


def _report(
    series: pl.Series,
    mask: pl.Series,
    column: Column,
    where: str,
    first_row: int,
    faults: list[InputError],
    *,
    found: str = "",
) -> None:
    for index in mask.arg_true().to_list():
        if len(faults) >= MOST_FAULTS:
            return
        value = series[index]
        faults.append(
            InputError(
                f"{where}, dòng {index + first_row}, cột {column.name}",
                found=found or f"'{value}'",
                expected=column.expected(),
                remedy=column.remedy or ("Nếu chưa biết thì để trống ô" if column.nullable else ""),
            )
        )


def _repeated_keys(table: pl.DataFrame, spec: TableSpec, where: str, first_row: int) -> list[InputError]:
    repeats = table.select(spec.key).with_row_index("row").filter(pl.struct(spec.key).is_duplicated())
    first_seen: dict[tuple, int] = {}
    faults: list[InputError] = []
    for row, *values in repeats.iter_rows():
        key = tuple(values)
        if key in first_seen and len(faults) < MOST_FAULTS:
            shown = ", ".join(f"{name} = '{value}'" for name, value in zip(spec.key, values, strict=True))
            faults.append(
                InputError(
                    f"{where}, dòng {row + first_row}: {shown} trùng với dòng {first_seen[key]}",
                    remedy="Giữ lại một dòng cho mỗi mã",
                )
            )
        first_seen.setdefault(key, row + first_row)
    return faults


def _write_workbook(frame: pl.DataFrame, path: Path) -> None:
    workbook = xlsxwriter.Workbook(
        path,
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "default_date_format": "dd/mm/yyyy",
            "remove_timezone": True,
        },
    )
    sheet = workbook.add_worksheet("Dữ liệu")
    header = workbook.add_format({"bold": True, "text_wrap": True, "border": 1})
    sheet.freeze_panes(1, 0)
    for index, name in enumerate(frame.columns):
        sheet.write_string(0, index, name, header)
        sheet.set_column(index, index, min(60, max(10, len(name) + 2)))
        for row, cell in enumerate(frame[name].to_list(), start=1):
            if cell is None:
                continue
            if isinstance(cell, str):
                sheet.write_string(row, index, cell)
            elif isinstance(cell, float) and not np.isfinite(cell):
                continue
            else:
                sheet.write(row, index, cell)
    workbook.close()
