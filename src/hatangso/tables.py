"""Tables at the door: column specs; read, check and write csv · xlsx · parquet · geojson · geopackage."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
import xlsxwriter

from hatangso.errors import InputError, ManyInputErrors
from hatangso.readers import is_blank
from hatangso.readers import read_features as read_features
from hatangso.readers import read_raw as read_raw
from hatangso.vietnamese import fold, nfc, parse_number

Kind = Literal["text", "number", "integer", "yes_no", "date", "moment", "category"]
KIND_WORDS: dict[str, str] = {
    "text": "chữ", "number": "số", "integer": "số nguyên", "yes_no": "có hoặc không",
    "date": "ngày dd/mm/yyyy", "moment": "thời điểm, ví dụ 14:30 21/09/2026", "category": "một trong các giá trị cho phép",
}  # fmt: skip
_YES = {"co", "yes", "true", "1", "x", "v", "dung", "y", "c"}
_NO = {"khong", "no", "false", "0", "sai", "n", "k", "chua"}
_POLARS_TYPE: dict[str, Any] = {
    "text": pl.String, "number": pl.Float64, "integer": pl.Int64, "yes_no": pl.Boolean,
    "date": pl.Date, "moment": pl.Datetime("us"), "category": pl.String,
}  # fmt: skip
_EXPLODING_CELL = ("=", "+", "-", "@", "\t", "\r")
MOST_FAULTS = 200
_MANY_CELLS = 1_000  # from so many on each different text of a column is converted once
# What every reading takes for the same number: a dot before three digits could group thousands, others cannot.
_DECIMAL_DOT = r"^\s*[+-]?(?:\d+\.(?:\d{1,2}|\d{4,})|0\.\d+)(?:[^\d.,]|$)"
_ANY_COMMA = r"^\s*[+-]?[\d.]*,\d"
_THREE_AFTER_DOT = r"^(\s*[+-]?\d{1,3}\.\d{3})([^\d.,]|$)"
_PLAIN_NUMBER = r"^-?\d{1,15}(\.(\d{1,2}|\d{4,15}))?$|^-?(0|\d{4,15})\.\d{3}$"
_PLAIN_MOMENTS = (
    (r"^\d{2}/\d{2}/[12]\d{3} \d{2}:\d{2}:[0-5]\d$", "%d/%m/%Y %H:%M:%S"),
    (r"^[12]\d{3}-\d{2}-\d{2} \d{2}:\d{2}:[0-5]\d$", "%Y-%m-%d %H:%M:%S"),
    (r"^[12]\d{3}-\d{2}-\d{2}T\d{2}:\d{2}:[0-5]\d$", "%Y-%m-%dT%H:%M:%S"),
)
_ZONE = "Asia/Ho_Chi_Minh"
_TWELVE_HOURS = re.compile(r"(?P<hour>\d{1,2})(?::\d{2}){1,2}\s*(?P<half>SA|CH|AM|PM)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """One column: its name in code, what it holds, and the spellings under which people send it.

    ``minimum``/``maximum`` are inclusive. ``aliases`` are other headers (compared without case and diacritics).
    ``categories`` maps the stored value to accepted spellings. ``remedy`` is the sentence shown with a fault.
    """

    name: str
    kind: Kind = "text"
    title: str = ""
    unit: str = ""
    required: bool = True
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    categories: Mapping[str, Sequence[str]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    remedy: str = ""

    def expected(self) -> str:
        """Say in words what a cell of this column must hold."""
        words = KIND_WORDS[self.kind]
        if self.kind == "category":
            words = "một trong: " + ", ".join(self.categories)
        if self.minimum is not None and self.maximum is not None:
            words += f" từ {self.minimum:g} đến {self.maximum:g}"
        elif self.minimum is not None:
            words += f" không nhỏ hơn {self.minimum:g}"
        elif self.maximum is not None:
            words += f" không lớn hơn {self.maximum:g}"
        return words + (f" ({self.unit})" if self.unit else "")


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
                column.name, [None] * named.height, dtype=_POLARS_TYPE[column.kind]
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
                column.name, [None] * named.height, dtype=_POLARS_TYPE[column.kind]
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


def header_key(header: str) -> str:
    """Fold a header for comparison: no case, diacritics, punctuation or underscores."""
    return " ".join("".join(letter if letter.isalnum() else " " for letter in fold(header)).split())


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


def convert_cells(series: pl.Series, column: Column) -> tuple[pl.Series, pl.Series]:
    """Return the typed series and the mask of cells that hold something that does not convert; ranges are not asked."""
    target = _POLARS_TYPE[column.kind]
    nothing_bad = pl.Series([False] * series.len(), dtype=pl.Boolean)
    if column.kind in {"number", "integer"} and series.dtype.is_numeric():
        numbers = series.cast(pl.Float64)
        broken = (numbers.is_nan() | numbers.is_infinite()).fill_null(False)
        if column.kind == "integer":
            broken = broken | ((numbers != numbers.round(0)).fill_null(False))
            return numbers.set(broken, None).cast(pl.Int64), broken
        return numbers.set(broken, None), broken
    if series.dtype == target and column.kind in {"date", "moment", "yes_no"}:
        return series, nothing_bad
    if column.kind == "moment" and isinstance(series.dtype, pl.Datetime):
        zoned = series.dtype.time_zone is not None
        local = series.dt.convert_time_zone(_ZONE).dt.replace_time_zone(None) if zoned else series
        return local.cast(target), nothing_bad
    if column.kind == "date" and series.dtype == pl.Datetime:
        return series.dt.date(), nothing_bad
    if series.dtype == pl.String and column.kind == "number":
        series = with_decimal_dots(series)
    if series.dtype == pl.String and series.len() > _MANY_CELLS:
        return _convert_each_once(series, column)
    return _convert_one_by_one(series, column)


def with_decimal_dots(series: pl.Series) -> pl.Series:
    """Settle "5.655" by its column: where other cells have a decimal dot ("12.5") and none a comma, it is 5.655.

    Alone, a dot before three digits groups thousands (:func:`hatangso.vietnamese.parse_number`).

    Parameters
    ----------
    series : texts that begin with a number, a unit may follow
    """
    if not series.str.contains(_DECIMAL_DOT).any() or series.str.contains(_ANY_COMMA).any():
        return series
    return series.str.replace(_THREE_AFTER_DOT, "${1}0${2}")  # a fourth digit: no grouping


def _convert_each_once(series: pl.Series, column: Column) -> tuple[pl.Series, pl.Series]:
    """Convert the different texts of a long column once each, plain ones all together: the answer is the same."""
    cells = pl.DataFrame({"cell": series})
    plain = _plain(pl.col("cell"), column.kind).alias("value")
    different = cells.unique().with_columns(plain, pl.lit(False).alias("bad"))
    others = different.filter(pl.col("value").is_null())
    values, bad = _convert_one_by_one(others["cell"], column)
    others = others.with_columns(values.alias("value"), bad.alias("bad"))
    known = pl.concat([different.filter(pl.col("value").is_not_null()), others])
    joined = cells.join(known, on="cell", how="left", nulls_equal=True, maintain_order="left")
    return joined["value"].alias(column.name), joined["bad"]


def _plain(cell: pl.Expr, kind: Kind) -> pl.Expr:
    """Return the value of cells written in a way that every reading takes alike, null for all others."""
    if kind == "number":
        return pl.when(cell.str.contains(_PLAIN_NUMBER)).then(cell).cast(pl.Float64, strict=False)
    if kind == "moment":
        return pl.coalesce(
            pl.when(cell.str.contains(shape)).then(cell).str.to_datetime(form, time_unit="us", strict=False)
            for shape, form in _PLAIN_MOMENTS
        )
    return pl.lit(None, _POLARS_TYPE[kind])


def _convert_one_by_one(series: pl.Series, column: Column) -> tuple[pl.Series, pl.Series]:
    parse = _PARSERS[column.kind]
    values: list[Any] = []
    bad: list[bool] = []
    for cell in series.to_list():
        value, is_bad = (None, False) if is_blank(cell) else parse(cell, column)
        values.append(value)
        bad.append(is_bad)
    return pl.Series(column.name, values, dtype=_POLARS_TYPE[column.kind], strict=False), pl.Series(
        bad, dtype=pl.Boolean
    )


def _parse_text(cell: Any, _: Column) -> tuple[Any, bool]:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell)), False
    return nfc(str(cell)).strip(), False


def _parse_number(cell: Any, column: Column) -> tuple[Any, bool]:
    try:
        plain = isinstance(cell, int | float) and not isinstance(cell, bool)
        number = float(cell) if plain else _number_in_range(str(cell), column)
    except InputError:
        return None, True
    if not np.isfinite(number) or (column.kind == "integer" and number != round(number)):
        return None, True
    return (int(number) if column.kind == "integer" else number), False


def _number_in_range(text: str, column: Column) -> float:
    """Read a number; "106.004" as a longitude is not 106 thousand: the column's range decides what a dot means."""
    number = parse_number(text)
    if text.count(".") == 1 and "," not in text and not _in_range(number, column):
        try:
            decimal = float(text)
        except ValueError:
            return number
        return decimal if _in_range(decimal, column) else number
    return number


def _in_range(number: float, column: Column) -> bool:
    above = column.minimum is None or number >= column.minimum
    return above and (column.maximum is None or number <= column.maximum)


def _parse_yes_no(cell: Any, _: Column) -> tuple[Any, bool]:
    if isinstance(cell, bool):
        return cell, False
    key = fold(_parse_text(cell, _)[0])
    if key in _YES:
        return True, False
    return (False, False) if key in _NO else (None, True)


def _parse_date(cell: Any, _: Column) -> tuple[Any, bool]:
    if isinstance(cell, datetime.datetime):
        return cell.date(), False
    if isinstance(cell, datetime.date):
        return cell, False
    for form in ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            return datetime.datetime.strptime(str(cell).strip()[:10], form).date(), False
        except ValueError:
            continue
    return None, True


def _parse_moment(cell: Any, _: Column) -> tuple[Any, bool]:
    if isinstance(cell, datetime.datetime):
        return _on_the_wall(cell), False
    if isinstance(cell, datetime.date):
        return datetime.datetime(cell.year, cell.month, cell.day), False
    text, half_day = _half_of_day(str(cell).strip())
    try:
        moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        return _on_the_wall(moment) + half_day, False
    except (ValueError, OverflowError):
        pass
    for form in ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%H:%M:%S %d/%m/%Y", "%H:%M %d/%m/%Y", "%d/%m/%Y"):
        try:
            return datetime.datetime.strptime(text, form) + half_day, False
        except (ValueError, OverflowError):
            continue
    return None, True


def _half_of_day(text: str) -> tuple[str, datetime.timedelta]:
    """Part "10:05 SA" or "02:05 CH" (Windows in Vietnamese; AM, PM) into the clock of twelve hours and what to add."""
    found = _TWELVE_HOURS.search(text)
    if found is None:
        return text, datetime.timedelta()
    noon, afternoon = found["hour"] == "12", found["half"].upper() in {"CH", "PM"}
    added = 12 * afternoon - 12 * noon
    return f"{text[: found.start('half')]}{text[found.end('half') :]}".strip(), datetime.timedelta(
        hours=added
    )


def _on_the_wall(moment: datetime.datetime) -> datetime.datetime:
    """Return a moment by the clock in Viet Nam; one without a zone is taken as that already."""
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(datetime.timezone(datetime.timedelta(hours=7))).replace(tzinfo=None)


def _parse_category(cell: Any, column: Column) -> tuple[Any, bool]:
    key = header_key(_parse_text(cell, column)[0])
    for value, spellings in column.categories.items():
        if key == header_key(value) or any(key == header_key(spelling) for spelling in spellings):
            return value, False
    return None, True


_PARSERS: dict[str, Callable[[Any, Column], tuple[Any, bool]]] = {
    "text": _parse_text, "number": _parse_number, "integer": _parse_number, "yes_no": _parse_yes_no,
    "date": _parse_date, "moment": _parse_moment, "category": _parse_category,
}  # fmt: skip


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
