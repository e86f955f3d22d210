"""Indicators from their parts: Σ numerator / Σ denominator up any tree of areas; missing is never zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from hatangso.errors import InputError
from hatangso.indicators.formulas import FORMULAS
from hatangso.indicators.tree import AreaTree
from hatangso.lawentries import Indicator
from hatangso.tables import Column, TableSpec

VALUES = TableSpec(
    "values",
    (
        Column("area_code", "text", "Mã địa bàn", aliases=("area", "ma", "code")),
        Column("variable", "text", "Biến", aliases=("bien",)),
        Column("period", "text", "Kỳ", aliases=("ky",)),
        Column("value", "number", "Giá trị", nullable=True, aliases=("gia tri", "so lieu")),
        Column("assumed", "number", "Phần dựa trên giả định", required=False, nullable=True, minimum=0),
    ),
    key=("area_code", "variable", "period"),
)
NOT_SUMMED = "không cộng từ địa bàn dưới lên được: tính lại từ phân bố các lần đo"


@dataclass(frozen=True)
class Cube:
    """Values of all variables as arrays: ``values[variable]`` is float64 (areas, periods), NaN = not reported;
    ``assumed`` alike, the part that rests on an assumption (0 where none)."""

    tree: AreaTree
    periods: tuple[str, ...]
    values: dict[str, np.ndarray]
    assumed: dict[str, np.ndarray]


@dataclass(frozen=True)
class Part:
    """A variable summed up the tree.

    total : float64 (areas, periods), NaN where nothing was reported below
    reported, expected : float64 (areas, periods), units that reported and units there are
    touched : bool (areas, periods), whether anything at all was reported below, paired or not
    """

    total: np.ndarray
    assumed: np.ndarray
    reported: np.ndarray
    expected: np.ndarray
    touched: np.ndarray


def make_cube(values: pl.DataFrame, tree: AreaTree) -> Cube:
    """Arrange a table of :data:`VALUES` (each area × variable × period once) as arrays.

    Raises
    ------
    InputError
        for an area that is not in the tree.
    """
    periods = tuple(sorted(values["period"].unique().to_list()))
    table = pl.DataFrame({"area_code": list(tree.codes), "area": np.arange(len(tree), dtype=np.int32)})
    numbered = values.join(table, on="area_code", how="left", maintain_order="left")
    unknown = numbered.filter(pl.col("area").is_null())["area_code"].unique().sort().to_list()
    if unknown:
        raise InputError(
            "Bảng số liệu có địa bàn không nằm trong cây địa bàn",
            found=", ".join(unknown[:10]),
            expected="mã có trong danh sách địa bàn",
        )
    period_number = {period: number for number, period in enumerate(periods)}
    numbered = numbered.with_columns(pl.col("period").replace_strict(period_number, return_dtype=pl.Int32))
    cube: dict[str, np.ndarray] = {}
    assumed: dict[str, np.ndarray] = {}
    has_assumed = "assumed" in values.columns
    for (variable,), part in numbered.group_by("variable"):
        grid = np.full((len(tree), len(periods)), np.nan)
        area, period = part["area"].to_numpy(), part["period"].to_numpy()
        grid[area, period] = part["value"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        cube[str(variable)] = grid
        resting = np.zeros_like(grid)
        if has_assumed:
            resting[area, period] = part["assumed"].cast(pl.Float64).fill_null(0.0).to_numpy()
        assumed[str(variable)] = resting
    return Cube(tree, periods, cube, assumed)


def sum_variable(cube: Cube, variable: str, *, also: str | None = None) -> Part | None:
    """Sum a variable from the level at which it is collected up to every area above.

    The level is the deepest at which any value stands; an area above that has only a value of its own keeps it.
    ``also`` names a second variable of the same indicator: where both are collected at one level, only units that
    reported both are summed, so that a ratio never sets one unit's numerator against another's denominator.
    Returns None for a variable nobody reported.
    """
    grid = cube.values.get(variable)
    if grid is None or np.isnan(grid).all():
        return None
    tree = cube.tree
    level = _level(cube, variable)
    units = np.flatnonzero(tree.depth == level)
    raw, resting = grid[units], cube.assumed[variable][units]
    known = ~np.isnan(raw)
    touched = tree.sum_up(known.astype(float), units) > 0
    if also is not None and also in cube.values and _level(cube, also) == level:
        known &= ~np.isnan(cube.values[also][units])
    reported = tree.sum_up(known.astype(float), units)
    expected = tree.sum_up(np.ones_like(raw), units)
    total = tree.sum_up(np.where(known, raw, 0.0), units)
    assumed = tree.sum_up(np.where(known, resting, 0.0), units)
    total[reported == 0] = np.nan
    own = (reported == 0) & ~np.isnan(grid) & (tree.depth < level)[:, None]
    total[own], assumed[own], reported[own], expected[own] = grid[own], cube.assumed[variable][own], 1.0, 1.0
    return Part(total, assumed, reported, expected, touched | own)


def compute(cube: Cube, indicators: Sequence[Indicator]) -> pl.DataFrame:
    """Compute indicators for every area and period.

    Returns
    -------
    DataFrame: indicator, area_code, period, numerator, denominator, value (null = unknown), reported and expected
    (units behind the figure: n of m), assumed (share of the numerator that rests on an assumption), note.
    Rows stand only where something was reported; an indicator nobody reported has none.
    """
    frames = [frame for indicator in indicators if (frame := _one(cube, indicator)) is not None]
    return pl.concat(frames) if frames else _frame(cube, "", np.zeros((0, 0), bool), {})


def _one(cube: Cube, indicator: Indicator) -> pl.DataFrame | None:
    if indicator.combine in ("mergeable_summary", "none"):
        return _own_values_only(cube, indicator)
    top = sum_variable(cube, indicator.numerator, also=indicator.denominator)
    if top is None:
        return None
    if indicator.denominator is None:
        value = FORMULAS[indicator.formula](top.total, top.total)
        return _frame(
            cube,
            indicator.code,
            top.reported > 0,
            {
                "numerator": top.total,
                "denominator": np.full_like(top.total, np.nan),
                "value": value,
                "reported": top.reported,
                "expected": top.expected,
                "assumed": _part(top.assumed, top.total),
            },
        )
    bottom = sum_variable(cube, indicator.denominator, also=indicator.numerator)
    if bottom is None:
        return None
    value = FORMULAS[indicator.formula](top.total, bottom.total)
    reported, expected = np.minimum(top.reported, bottom.reported), np.maximum(top.expected, bottom.expected)
    shown = top.touched | bottom.touched
    columns = {
        "numerator": top.total,
        "denominator": bottom.total,
        "value": value,
        "reported": reported,
        "expected": expected,
        "assumed": np.maximum(_part(top.assumed, top.total), _part(bottom.assumed, bottom.total)),
    }
    return _frame(cube, indicator.code, shown, columns)


def _own_values_only(cube: Cube, indicator: Indicator) -> pl.DataFrame | None:
    """Medians, means of samples and yes/no: each area's own figure; nothing is put together from below."""
    grid = cube.values.get(indicator.numerator)
    if grid is None:
        return None
    known = ~np.isnan(grid)
    below = cube.tree.sum_up(known.astype(float), np.arange(len(cube.tree))) > 0
    note = np.where(below & ~known, NOT_SUMMED, "")
    blank = np.full_like(grid, np.nan)
    columns = {
        "numerator": grid,
        "denominator": blank,
        "value": grid,
        "reported": known.astype(float),
        "expected": np.ones_like(grid),
        "assumed": np.zeros_like(grid),
    }
    return _frame(cube, indicator.code, below, columns, note=note)


def compute_medians(samples: pl.DataFrame, tree: AreaTree, *, share: float = 0.5) -> pl.DataFrame:
    """Compute a quantile of samples for every area from histograms that add up (never from the areas' medians).

    Parameters
    ----------
    samples : area_code, period, value, count: how many samples had which value (long histogram)
    share : 0.5 for the median

    Returns
    -------
    DataFrame: area_code, period, value, samples
    """
    numbers = tree.numbers(samples["area_code"].to_list())
    if (numbers < 0).any():
        raise InputError(
            "Phân bố có địa bàn không nằm trong cây", found=str(samples["area_code"][int(np.argmin(numbers))])
        )
    above = tree.above.tocsc()
    rows, parents = [], []
    for row, number in enumerate(numbers):
        inside = above.indices[above.indptr[number] : above.indptr[number + 1]]
        rows += [row] * len(inside)
        parents += inside.tolist()
    spread = samples[rows].with_columns(
        pl.Series("area_code", [tree.codes[parent] for parent in parents], dtype=pl.String)
    )
    merged = (
        spread.group_by("area_code", "period", "value")
        .agg(pl.col("count").sum())
        .sort("area_code", "period", "value")
    )
    running = merged.with_columns(
        pl.col("count").cum_sum().over("area_code", "period").alias("running"),
        pl.col("count").sum().over("area_code", "period").alias("samples"),
    ).with_columns((share * (pl.col("samples") - 1)).alias("rank"))
    low = pl.col("value").filter(pl.col("running") > pl.col("rank").floor()).first()
    high = pl.col("value").filter(pl.col("running") > pl.col("rank").ceil()).first()
    part = (pl.col("rank") - pl.col("rank").floor()).first()
    return running.group_by("area_code", "period", maintain_order=True).agg(
        (low * (1 - part) + high * part).alias("value"), pl.col("samples").first()
    )


def _level(cube: Cube, variable: str) -> int:
    has = ~np.isnan(cube.values[variable]).all(axis=1)
    return int(cube.tree.depth[has].max()) if has.any() else 0


def _part(assumed: np.ndarray, total: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((total != 0) & ~np.isnan(total), np.abs(assumed / total), 0.0)


def _frame(
    cube: Cube,
    code: str,
    shown: np.ndarray,
    columns: dict[str, np.ndarray],
    *,
    note: np.ndarray | None = None,
) -> pl.DataFrame:
    """Long rows of what is ``shown`` (bool (areas, periods))."""
    area, period = np.nonzero(shown)
    names = ("numerator", "denominator", "value", "reported", "expected", "assumed")
    codes = pl.Series("area_code", cube.tree.codes, dtype=pl.String)
    periods = pl.Series("period", cube.periods, dtype=pl.String)
    numbers = {
        name: pl.Series(columns[name][area, period] if columns else [], dtype=pl.Float64).fill_nan(None)
        for name in names
    }
    counts = {name: numbers[name].cast(pl.UInt32) for name in ("reported", "expected")}
    return pl.DataFrame(
        {
            "indicator": pl.repeat(code, len(area), dtype=pl.String, eager=True),
            "area_code": codes.gather(area),
            "period": periods.gather(period),
            **(numbers | counts),
            "note": pl.Series(note[area, period] if note is not None else [""] * len(area), dtype=pl.String),
        }
    )
