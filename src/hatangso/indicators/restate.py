"""Series of figures put on one map: today's or an old one, with the part that rests on an assumption."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping

import numpy as np
import polars as pl

from hatangso.areas.carrying import Carrier
from hatangso.areas.register import Register
from hatangso.areas.spreading import Spreading

NOT_ADDITIVE = "không so được: biến này không cộng được khi địa giới đổi"


def restate(
    values: pl.DataFrame,
    *,
    register: Register,
    to: datetime.date,
    map_days: Mapping[str, datetime.date],
    additive: Collection[str],
    spreading: Spreading | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Carry a table of values to the map of one day; originals are untouched.

    Parameters
    ----------
    values : table of :data:`hatangso.indicators.compute.VALUES`
    map_days : period → the day whose map its figures were collected on (usually the last day of the period)
    additive : variables that may be carried; others are kept where the area did not change and dropped otherwise

    Returns
    -------
    restated : area_code, variable, period, value, assumed
    left_behind : area_code, variable, period, value, reason — what has no place on the new map
    """
    done, lost = [], []
    by_day: dict[datetime.date, list[str]] = {}
    for period in values["period"].unique().sort().to_list():
        by_day.setdefault(map_days[period], []).append(period)
    for day, periods in sorted(by_day.items()):
        part = values.filter(pl.col("period").is_in(periods))
        carrier = Carrier(register, since=day, to=to, spreading=spreading)
        moving = part.filter(pl.col("variable").is_in(list(additive)))
        if moving.height:
            moved, gone = _carry(moving, carrier)
            done.append(moved)
            lost.append(gone)
        kept, dropped = _unchanged(part.filter(~pl.col("variable").is_in(list(additive))), register, day, to)
        done.append(kept)
        lost.append(dropped)
    return pl.concat(done), pl.concat(lost)


def _carry(values: pl.DataFrame, carrier: Carrier) -> tuple[pl.DataFrame, pl.DataFrame]:
    columns = values.select("variable", "period").unique().sort("variable", "period").with_row_index("column")
    codes = sorted(values["area_code"].unique().to_list())
    rows = {code: row for row, code in enumerate(codes)}
    numbered = values.join(columns, on=["variable", "period"], how="left", maintain_order="left")
    grid = np.full((len(codes), columns.height), np.nan)
    placed = numbered["area_code"].replace_strict(rows, return_dtype=pl.Int64).to_numpy()
    grid[placed, numbered["column"].to_numpy()] = (
        numbered["value"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    )
    carried = carrier.carry_array(codes, grid)
    return _long(carried.codes, columns, carried.values, carried.assumed), _lost(codes, columns, carried.lost)


def _long(
    codes: tuple[str, ...], columns: pl.DataFrame, values: np.ndarray, assumed: np.ndarray
) -> pl.DataFrame:
    row, column = np.nonzero(~np.isnan(values))
    names = columns[column] if len(column) else columns.clear()
    return pl.DataFrame(
        {
            "area_code": pl.Series([codes[i] for i in row], dtype=pl.String),
            "variable": names["variable"],
            "period": names["period"],
            "value": pl.Series(values[row, column], dtype=pl.Float64),
            "assumed": pl.Series(assumed[row, column], dtype=pl.Float64),
        }
    )


def _lost(codes: list[str], columns: pl.DataFrame, amounts: np.ndarray) -> pl.DataFrame:
    long = _long(tuple(codes), columns, np.where(amounts != 0, amounts, np.nan), np.zeros_like(amounts))
    return long.drop("assumed").with_columns(pl.lit("chưa rõ tỷ lệ chia").alias("reason"))


def _unchanged(
    values: pl.DataFrame, register: Register, day: datetime.date, to: datetime.date
) -> tuple[pl.DataFrame, pl.DataFrame]:
    between = register.changes_between(min(day, to), max(day, to))
    changed = {code for change in between for code in (change.from_code, change.to_code) if code}
    stays = ~pl.col("area_code").is_in(sorted(changed))
    chosen = values.select("area_code", "variable", "period", pl.col("value").cast(pl.Float64))
    kept = chosen.filter(stays).with_columns(pl.lit(0.0).alias("assumed"))
    return kept, chosen.filter(~stays).with_columns(pl.lit(NOT_ADDITIVE).alias("reason"))
