"""Cells and named places below the floor, ranked by the people affected, joined into spots; trend against last time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from hatangso.errors import InputError
from hatangso.speed.verdicts import MET, NOT_MET, Requirement, device_sums, kish_effect, wilson_interval

METRES_PER_DEGREE = 111_320.0
BETTER, WORSE, UNCLEAR, FRESH = "better", "worse", "unclear", "new"
TREND_WORDS = {BETTER: "tốt lên", WORSE: "xấu đi", UNCLEAR: "chưa rõ", FRESH: "mới"}


@dataclass(frozen=True)
class SpotRules:
    """cell_m : side of a cell; minimum_tests : a cell with fewer says nothing; reach_m : how far a cell may lie from
    the named place it is called after; certain_only : only cells whose verdict is "not met", not merely a low share."""

    cell_m: float = 500.0
    minimum_tests: int = 5
    reach_m: float = 3000.0
    certain_only: bool = False

    def __post_init__(self) -> None:
        if not 10 <= self.cell_m <= 50_000 or self.minimum_tests < 1 or self.reach_m <= 0:
            raise InputError(
                "Tham số điểm yếu", found=f"ô {self.cell_m:g} m", expected="ô 10-50.000 m, ít nhất 1 lần đo"
            )


@dataclass(frozen=True)
class BadPlaces:
    """cells : one row per cell and operator below the floor; places : one row per named place and operator;
    spots : neighbouring bad cells joined, most people first."""

    cells: pl.DataFrame
    places: pl.DataFrame
    spots: pl.DataFrame


def find_bad_places(
    samples: pl.DataFrame,
    requirement: Requirement,
    *,
    places: pl.DataFrame | None = None,
    rules: SpotRules | None = None,
) -> BadPlaces:
    """Find where the tests of one tool stay below the floor.

    Parameters
    ----------
    samples : valid samples with lon, lat, operator, technology, tool, method
    requirement : floor and share; ``statistic`` is read as share
    places : named places with place_id, name, people, lon, lat (villages); a cell's people are those of the places
        nearest to it. Without them people are unknown (null) and ranking is by tests below the floor.
    """
    rules = rules or SpotRules()
    if samples.select("tool", "method").unique().height > 1:
        raise InputError(
            "Số liệu do nhiều công cụ hoặc phương pháp đo", remedy="Chọn một công cụ bằng --tool"
        )
    located = samples.filter(
        pl.col("lon").is_not_null() & pl.col("lat").is_not_null() & pl.col("download_mbps").is_not_null()
    )
    if located.height == 0:
        raise InputError("Không có lần đo nào có tọa độ", expected="cột lon, lat")
    latitude = float(located["lat"].median() or 0.0)  # type: ignore[arg-type]
    step_lat = rules.cell_m / METRES_PER_DEGREE
    step_lon = step_lat / max(0.05, math.cos(math.radians(latitude)))
    celled = located.with_columns(
        (pl.col("lon") / step_lon).floor().cast(pl.Int64).alias("column"),
        (pl.col("lat") / step_lat).floor().cast(pl.Int64).alias("row"),
    )
    cells = _judged(celled, ["operator", "technology", "column", "row"], requirement, rules)
    cells = cells.with_columns(
        ((pl.col("column") + 0.5) * step_lon).alias("lon"), ((pl.col("row") + 0.5) * step_lat).alias("lat")
    )
    cells = _with_people(cells, places, latitude, rules)
    named = _named_places(located, places, latitude, requirement, rules)
    return BadPlaces(cells, named, _spots(cells))


def trend(now: pl.DataFrame, before: pl.DataFrame, *, confidence: float = 0.95) -> pl.DataFrame:
    """Add ``trend`` (better, worse, unclear, new) and the former share to the places of ``now``.

    Better or worse only when the interval of the difference of the two shares leaves zero out (Newcombe's hybrid of
    two Wilson intervals, Statistics in Medicine 17, 1998, method 10), each at its effective number of tests: tests
    over ``design_effect`` where a table has that column, else all tests.
    """
    keys = [name for name in ("place_id", "operator", "technology") if name in now.columns]
    former = before.select(
        *keys,
        pl.col("share").alias("share_before"),
        pl.col("tests").alias("tests_before"),
        _effect_in(before).alias("effect_before"),
    )
    joined = now.with_columns(_effect_in(now).alias("effect_now")).join(
        former, on=keys, how="left", maintain_order="left"
    )
    words = []
    for row in joined.iter_rows(named=True):
        if row["tests_before"] is None:
            words.append(FRESH)
            continue
        low, high = difference_interval(
            (row["share"], row["tests"] / row["effect_now"]),
            (row["share_before"], row["tests_before"] / row["effect_before"]),
            confidence,
        )
        words.append(BETTER if low > 0 else WORSE if high < 0 else UNCLEAR)
    return joined.drop("effect_now", "effect_before").with_columns(pl.Series("trend", words, dtype=pl.String))


def _effect_in(table: pl.DataFrame) -> pl.Expr:
    return pl.col("design_effect").fill_null(1.0) if "design_effect" in table.columns else pl.lit(1.0)


def difference_interval(
    now: tuple[float, float], before: tuple[float, float], confidence: float
) -> tuple[float, float]:
    """Return the interval of share now − share before; each given as (share, effective tests)."""
    low_now, high_now = wilson_interval(now[0] * now[1], now[1], confidence)
    low_before, high_before = wilson_interval(before[0] * before[1], before[1], confidence)
    difference = now[0] - before[0]
    low = difference - math.hypot(now[0] - low_now, high_before - before[0])
    high = difference + math.hypot(high_now - now[0], before[0] - low_before)
    return low, high


def _judged(table: pl.DataFrame, by: list[str], requirement: Requirement, rules: SpotRules) -> pl.DataFrame:
    """Group, keep the groups below the floor, and say how certain that is."""
    speed = pl.col("download_mbps")
    grouped = (
        table.group_by(by)
        .agg(
            pl.len().alias("tests"),
            (speed >= requirement.floor_mbps).sum().alias("reaching"),
            speed.median().alias("median"),
            speed.min().alias("slowest"),
        )
        .filter(pl.col("tests") >= rules.minimum_tests)
        .with_columns((pl.col("reaching") / pl.col("tests")).alias("share"))
    )
    grouped = grouped.join(_effects(table, by, requirement), on=by, how="left", maintain_order="left")
    intervals = [
        wilson_interval(y / effect, n / effect, requirement.confidence)
        for y, n, effect in grouped.select("reaching", "tests", "design_effect").iter_rows()
    ]
    low, high = [pair[0] for pair in intervals], [pair[1] for pair in intervals]
    verdict = [
        MET if a >= requirement.share else NOT_MET if b < requirement.share else "cannot_tell"
        for a, b in intervals
    ]
    grouped = grouped.with_columns(
        pl.Series("low", low, pl.Float64),
        pl.Series("high", high, pl.Float64),
        pl.Series("verdict", verdict, pl.String),
    )
    bad = (
        pl.col("verdict") == NOT_MET
        if rules.certain_only
        else (pl.col("share") < requirement.share) & (pl.col("verdict") != MET)
    )
    return grouped.filter(bad).sort(by)


def _effects(table: pl.DataFrame, by: list[str], requirement: Requirement) -> pl.DataFrame:
    """Return the design effect of each group from its devices; 1 where none is known or only each sample alone."""
    if requirement.design_effect is not None or "device" not in table.columns:
        fixed = pl.lit(requirement.design_effect or 1.0, pl.Float64).alias("design_effect")
        return table.select(by).unique().with_columns(fixed)
    devices = table.group_by([*by, "device"]).agg(
        pl.len().cast(pl.Float64).alias("tests"),
        (pl.col("download_mbps") >= requirement.floor_mbps).sum().cast(pl.Float64).alias("reach"),
    )
    sums = device_sums(devices.with_columns(pl.col("device").is_null().alias("alone")), by)
    effects = [kish_effect(row) if row["named"] else 1.0 for row in sums.iter_rows(named=True)]
    return sums.select(by).with_columns(pl.Series("design_effect", effects, dtype=pl.Float64))


def _plane(lon: np.ndarray, lat: np.ndarray, latitude: float) -> np.ndarray:
    """Metres on a plane that touches at ``latitude``: good to 0.5 % over a province."""
    return np.column_stack(
        [lon * METRES_PER_DEGREE * math.cos(math.radians(latitude)), lat * METRES_PER_DEGREE]
    )


def _with_people(
    cells: pl.DataFrame, places: pl.DataFrame | None, latitude: float, rules: SpotRules
) -> pl.DataFrame:
    """Give each cell the nearest place and the people of the places that are nearest to it (whole places, once)."""
    located = (
        None if places is None else places.filter(pl.col("lon").is_not_null() & pl.col("lat").is_not_null())
    )
    if located is None or located.height == 0 or cells.height == 0:
        return cells.with_columns(
            pl.lit(None, pl.String).alias("place_id"),
            pl.lit(None, pl.String).alias("name"),
            pl.lit(None, pl.Float64).alias("people"),
            pl.lit(None, pl.Float64).alias("distance_m"),
        )
    where = _plane(cells["lon"].to_numpy(), cells["lat"].to_numpy(), latitude)
    points = _plane(located["lon"].to_numpy(), located["lat"].to_numpy(), latitude)
    distance, index = cKDTree(points).query(where)
    near = distance <= rules.reach_m
    nearest = located.select("place_id", "name")[index].with_columns(
        pl.Series("distance_m", distance), pl.Series("_near", near)
    )
    placed = cells.hstack(
        nearest.select(
            pl.when(pl.col("_near")).then(pl.col(name)).alias(name)
            for name in ("place_id", "name", "distance_m")
        )
    )
    people = placed.join(
        located.select("place_id", "people"), on="place_id", how="left", maintain_order="left"
    )
    sharing = pl.len().over("place_id", "operator", "technology")
    return people.with_columns(
        pl.when(pl.col("place_id").is_not_null()).then(pl.col("people") / sharing).alias("people")
    )


def _named_places(
    samples: pl.DataFrame,
    places: pl.DataFrame | None,
    latitude: float,
    requirement: Requirement,
    rules: SpotRules,
) -> pl.DataFrame:
    schema = {
        "place_id": pl.String,
        "name": pl.String,
        "people": pl.Float64,
        "operator": pl.String,
        "technology": pl.String,
        "tests": pl.UInt32,
        "share": pl.Float64,
    }
    if places is None or places.height == 0:
        return pl.DataFrame(schema=schema)
    located = places.filter(pl.col("lon").is_not_null() & pl.col("lat").is_not_null())
    tree = cKDTree(_plane(located["lon"].to_numpy(), located["lat"].to_numpy(), latitude))
    distance, index = tree.query(_plane(samples["lon"].to_numpy(), samples["lat"].to_numpy(), latitude))
    ids = located["place_id"].to_numpy()[index]
    placed = samples.with_columns(pl.Series("place_id", ids)).filter(pl.Series(distance <= rules.reach_m))
    judged = _judged(placed, ["place_id", "operator", "technology"], requirement, rules)
    named = judged.join(
        places.select("place_id", "name", "people", "lon", "lat"),
        on="place_id",
        how="left",
        maintain_order="left",
    )
    return named.sort("people", "tests", descending=True, nulls_last=True, maintain_order=True)


def _spots(cells: pl.DataFrame) -> pl.DataFrame:
    """Join bad cells that touch (also at corners) per operator and technology."""
    if cells.height == 0:
        return pl.DataFrame(
            schema={
                "spot": pl.Int64,
                "operator": pl.String,
                "technology": pl.String,
                "cells": pl.UInt32,
                "tests": pl.UInt32,
                "people": pl.Float64,
                "lon": pl.Float64,
                "lat": pl.Float64,
                "name": pl.String,
                "share": pl.Float64,
                "median": pl.Float64,
            }
        )
    layer = cells.select((pl.struct("operator", "technology").rank("dense") * 10).alias("layer"))[
        "layer"
    ].to_numpy()
    position = np.column_stack([cells["column"].to_numpy(), cells["row"].to_numpy(), layer]).astype(
        np.float64
    )
    pairs = cKDTree(position).query_pairs(1.0 + 1e-9, p=np.inf, output_type="ndarray")
    ones = np.ones(len(pairs))
    _, label = connected_components(
        coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(cells.height, cells.height)), directed=False
    )
    labelled = cells.with_columns(pl.Series("spot", label.astype(np.int64)))
    return (
        labelled.group_by("spot", "operator", "technology")
        .agg(
            pl.len().alias("cells"), pl.col("tests").sum(), pl.when(pl.col("people").is_not_null().any()).then(pl.col("people").sum()).alias("people"),
            pl.col("lon").mean(), pl.col("lat").mean(), pl.col("name").drop_nulls().unique(maintain_order=True).str.join(", ").alias("name"),
            (pl.col("reaching").sum() / pl.col("tests").sum()).alias("share"), pl.col("median").median(),
        )
        .sort("people", "tests", "spot", descending=[True, True, False], nulls_last=True)
    )  # fmt: skip
