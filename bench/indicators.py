"""All indicators of a country at all levels: seconds and memory, beside a plain polars join in the same run.

    python bench/indicators.py [--communes 3321] [--variables 80] [--periods 40]

Invented values (seeded): 3,321 communes x 80 variables x 40 quarters are about ten million. The peer sums the parts with
polars group_by for each level and divides, for the same indicators; it knows nothing of missing partners or n of m.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
import polars as pl

from hatangso import catalogue
from hatangso.indicators.compute import compute, make_cube
from hatangso.indicators.tree import AreaTree


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--communes", type=int, default=3321)
    parser.add_argument("--variables", type=int, default=80)
    parser.add_argument("--periods", type=int, default=40)
    options = parser.parse_args()
    indicators = [item for item in catalogue.indicators() if item.combine in ("sum", "sum_parts")]
    names = sorted(
        {item.numerator for item in indicators}
        | {item.denominator for item in indicators if item.denominator}
    )[: options.variables]
    values, parents = invented(options.communes, names, options.periods)
    tree = AreaTree(parents)
    compute(make_cube(values.head(1000), tree), indicators)  # warm
    began = time.perf_counter()
    cube = make_cube(values, tree)
    arranging = time.perf_counter() - began
    result = compute(cube, indicators)
    ours = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    began = time.perf_counter()
    rows = peer(values, parents, indicators)
    theirs = time.perf_counter() - began
    print(
        f"{values.height:,} values, {len(tree):,} areas, {len(indicators)} indicators, {options.periods} periods"
    )
    print(
        f"hatangso: {ours:.2f} s ({arranging:.2f} s of it to arrange the values), {result.height:,} rows, peak {peak:.2f} GB"
    )
    print(f"polars joins and group_by: {theirs:.2f} s, {rows:,} rows; {theirs / ours:.2f} x ours")


def invented(communes: int, names: list[str], periods: int) -> tuple[pl.DataFrame, dict[str, str | None]]:
    parents: dict[str, str | None] = {"VN": None} | {f"P{i}": "VN" for i in range(34)}
    codes = [f"C{i:05d}" for i in range(communes)]
    parents |= {code: f"P{i % 34}" for i, code in enumerate(codes)}
    quarters = [f"{2016 + i // 4}Q{i % 4 + 1}" for i in range(periods)]
    frame = (
        pl.DataFrame({"area_code": codes})
        .join(pl.DataFrame({"variable": names}), how="cross")
        .join(pl.DataFrame({"period": quarters}), how="cross")
    )
    drawn = np.random.default_rng(2026).random(frame.height)
    return frame.with_columns(
        pl.Series("value", np.where(drawn < 0.03, np.nan, 1000 * drawn)).fill_nan(None)
    ), parents


def peer(values: pl.DataFrame, parents: dict[str, str | None], indicators: list) -> int:
    table = pl.DataFrame({"area_code": list(parents), "parent": list(parents.values())})
    level, frames = values, [values]
    for _ in range(2):
        level = (
            level.join(table, on="area_code")
            .group_by(pl.col("parent").alias("area_code"), "variable", "period")
            .agg(pl.col("value").sum())
        )
        frames.append(level)
    every = pl.concat([frame.select("area_code", "variable", "period", "value") for frame in frames])
    pairs = pl.DataFrame(
        {
            "indicator": [i.code for i in indicators],
            "variable": [i.numerator for i in indicators],
            "denominator": [i.denominator for i in indicators],
        }
    )
    top = every.join(pairs, on="variable")
    bottom = every.rename({"variable": "denominator", "value": "below"})
    return (
        top.join(bottom, on=["area_code", "period", "denominator"], how="left")
        .with_columns(pl.col("value") / pl.col("below"))
        .height
    )


if __name__ == "__main__":
    main()
