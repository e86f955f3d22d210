"""Cells at the door: what a column holds, and the value that a written cell has in it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import polars as pl

from hatangso.errors import InputError
from hatangso.readers import is_blank
from hatangso.vietnamese import fold, nfc, parse_number

Kind = Literal["text", "number", "integer", "yes_no", "date", "moment", "category"]
KIND_WORDS: dict[str, str] = {
    "text": "chữ", "number": "số", "integer": "số nguyên", "yes_no": "có hoặc không",
    "date": "ngày dd/mm/yyyy", "moment": "thời điểm, ví dụ 14:30 21/09/2026", "category": "một trong các giá trị cho phép",
}  # fmt: skip
_YES = {"co", "yes", "true", "1", "x", "v", "dung", "y", "c"}
_NO = {"khong", "no", "false", "0", "sai", "n", "k", "chua"}
POLARS_TYPE: dict[str, Any] = {
    "text": pl.String, "number": pl.Float64, "integer": pl.Int64, "yes_no": pl.Boolean,
    "date": pl.Date, "moment": pl.Datetime("us"), "category": pl.String,
}  # fmt: skip
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


def header_key(header: str) -> str:
    """Fold a header for comparison: no case, diacritics, punctuation or underscores."""
    return " ".join("".join(letter if letter.isalnum() else " " for letter in fold(header)).split())


def convert_cells(series: pl.Series, column: Column) -> tuple[pl.Series, pl.Series]:
    """Return the typed series and the mask of cells that hold something that does not convert; ranges are not asked."""
    target = POLARS_TYPE[column.kind]
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
    return pl.lit(None, POLARS_TYPE[kind])


def _convert_one_by_one(series: pl.Series, column: Column) -> tuple[pl.Series, pl.Series]:
    parse = _PARSERS[column.kind]
    values: list[Any] = []
    bad: list[bool] = []
    for cell in series.to_list():
        value, is_bad = (None, False) if is_blank(cell) else parse(cell, column)
        values.append(value)
        bad.append(is_bad)
    return pl.Series(column.name, values, dtype=POLARS_TYPE[column.kind], strict=False), pl.Series(
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
