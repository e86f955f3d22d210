"""Mergeable summaries: per area × operator × technology × tool × method × period, an exact histogram of each measure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from hatangso.errors import InputError
from hatangso.speed.collecting import Accumulator
from hatangso.speed.grouping import Histograms, concatenate, empty_histograms, regroup

KEYS = ("area_code", "operator", "technology", "tool", "method", "period")
MEASURES = ("download", "upload", "latency", "jitter")
COLUMN_OF = {
    "download": "download_mbps",
    "upload": "upload_mbps",
    "latency": "latency_ms",
    "jitter": "jitter_ms",
}
ALL = "*"  # written in a key that was summed over
CLUSTER_KEYS = ("group", "cluster")
NO_DEVICE = 0
FLOORS_MBPS = (10.0, 30.0, 40.0, 60.0, 100.0, 200.0, 220.0)


@dataclass(frozen=True)
class Summaries:
    """g groups and what their samples were.

    keys : DataFrame (g rows) of :data:`KEYS`, each row once
    samples : int64 (g,), valid samples
    histograms : measure → :class:`Histograms` of g groups
    sums : measure → int64 (g,), sum of values in thousandths (kb/s or µs): adds up exactly
    clusters : one row per group × device with ``samples`` and, for each floor, the samples that reach it; it makes
        the design effect of any union exact. Empty when no device is known.
    floors : the floors (Mb/s) counted in ``clusters``
    """

    keys: pl.DataFrame
    samples: np.ndarray
    histograms: Mapping[str, Histograms]
    sums: Mapping[str, np.ndarray]
    clusters: pl.DataFrame
    floors: tuple[float, ...] = FLOORS_MBPS

    def __len__(self) -> int:
        return self.keys.height

    def select(self, mask: np.ndarray) -> Summaries:
        """Keep the groups where ``mask`` (bool, (g,)) is true."""
        new = np.where(mask, np.cumsum(mask) - 1, -1)
        return _combine(self, new.astype(np.int64), self.keys.filter(pl.Series(mask)))

    def renumbered(self, new_group: np.ndarray, keys: pl.DataFrame) -> Summaries:
        """Give every group a new number (int64 (g,); -1 drops it, equal numbers add up); ``keys`` names the new groups."""
        return _combine(self, new_group, keys)


def summarise(
    samples: pl.DataFrame, *, period: str = "month", floors: tuple[float, ...] = FLOORS_MBPS
) -> Summaries:
    """Summarise valid samples.

    Parameters
    ----------
    samples : table of :data:`hatangso.speed.samples.SAMPLES` with ``tool`` and ``method``; ``area_code`` filled in
        (rows without one are left out: they belong to no area)
    period : "month", "quarter", "half" or "year"; or "all"
    floors : Mb/s, for the design effect

    Returns
    -------
    Summaries, groups in the order of their keys
    """
    placed = samples.filter(pl.col("area_code").is_not_null())
    keyed = placed.with_columns(
        period_of(pl.col("time"), period).alias("period"),
        pl.col("technology").fill_null("?"),
        pl.col("operator").fill_null("?"),
    )
    keys = keyed.select(KEYS).unique().sort(KEYS)
    group = (
        keyed.select(KEYS)
        .join(keys.with_row_index("group"), on=KEYS, how="left", maintain_order="left")["group"]
        .to_numpy()
        .astype(np.int32)
    )
    present = tuple(measure for measure in MEASURES if COLUMN_OF[measure] in keyed.columns)
    values = {
        measure: keyed[COLUMN_OF[measure]].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        for measure in present
    }
    accumulator = Accumulator(present, room=keyed.height)
    accumulator.add(group, values, groups=keys.height)
    return Summaries(
        keys=keys,
        samples=accumulator.samples(),
        histograms=accumulator.finish(),
        sums=accumulator.sums(),
        clusters=clusters_of(keyed, group, floors),
        floors=floors,
    )


def merge(parts: Sequence[Summaries]) -> Summaries:
    """Add summaries of parts; the order of the parts changes nothing.

    Raises
    ------
    InputError
        when there is nothing to add or the parts counted different floors.
    """
    if not parts:
        raise InputError("Không có bản tổng hợp nào để gộp")
    if len({part.floors for part in parts}) > 1:
        raise InputError(
            "Các bản tổng hợp tính theo những ngưỡng tốc độ khác nhau",
            remedy="Tổng hợp lại với cùng một danh sách ngưỡng",
        )
    every = pl.concat([part.keys for part in parts])
    keys = every.unique().sort(KEYS)
    new = (
        every.join(keys.with_row_index("group"), on=KEYS, how="left", maintain_order="left")["group"]
        .to_numpy()
        .astype(np.int64)
    )
    return _combine(_stack(parts), new, keys)


def roll_up(summaries: Summaries, parent_of: Mapping[str, str], *, over: Sequence[str] = ()) -> Summaries:
    """Add areas into their parents, and optionally over operators, technologies or periods.

    ``parent_of`` maps each area code to the code it counts in (areas it does not name are dropped); ``over`` names
    key columns to sum over, written ``"*"``. Tool and method cannot be summed over: they measure different things.

    Raises
    ------
    InputError
        when ``over`` names tool or method.
    """
    refused = set(over) & {"tool", "method", "area_code"}
    if refused:
        raise InputError(
            f"Không cộng gộp qua {', '.join(sorted(refused))}",
            expected="operator, technology hoặc period",
            remedy="Số đo của các công cụ hay phương pháp khác nhau không gộp được vào một con số",
        )
    changed = summaries.keys.with_columns(
        pl.col("area_code").replace_strict(dict(parent_of), default=None),
        *[pl.lit(ALL).alias(name) for name in over],
    )
    keys = changed.drop_nulls("area_code").unique().sort(KEYS)
    new = (
        changed.join(keys.with_row_index("group"), on=KEYS, how="left", maintain_order="left")["group"]
        .fill_null(-1)
        .to_numpy()
        .astype(np.int64)
    )
    return _combine(summaries, new, keys)


def require_one_tool(summaries: Summaries) -> None:
    """Refuse a figure that would rest on several tools or methods."""
    pairs = summaries.keys.select("tool", "method").unique().sort("tool", "method")
    if pairs.height > 1:
        names = "; ".join(
            f"{tool}" + (f" ({method})" if method else "") for tool, method in pairs.iter_rows()
        )
        raise InputError(
            f"Số liệu do nhiều công cụ hoặc phương pháp đo: {names}",
            expected="một công cụ, một phương pháp cho mỗi con số",
            remedy="Chọn một công cụ bằng --tool; không dùng hệ số quy đổi giữa các công cụ vì sai khác phụ thuộc từng nơi, từng lúc",
        )


def write_summaries(summaries: Summaries, path: str | Path) -> None:
    """Write one parquet file: a row per group, histograms as lists; the clusters beside it as ``<name>.clusters.parquet``."""
    path = Path(path)
    columns = {"samples": pl.Series(summaries.samples)}
    for measure, histograms in summaries.histograms.items():
        columns[f"{measure}_bins"] = _lists(histograms.bins, histograms.offsets)
        columns[f"{measure}_counts"] = _lists(histograms.counts, histograms.offsets)
        columns[f"{measure}_sum_thousandths"] = pl.Series(summaries.sums[measure])
    frame = summaries.keys.hstack([series.alias(name) for name, series in columns.items()])
    floors = ";".join(f"{floor:g}" for floor in summaries.floors)
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.with_columns(pl.lit(floors).alias("floors_mbps")).write_parquet(path)
    beside = _clusters_path(path)
    if summaries.clusters.height:
        summaries.clusters.write_parquet(beside)
    elif beside.exists():
        beside.unlink()


def read_summaries(path: str | Path) -> Summaries:
    """Read what :func:`write_summaries` wrote. Raises InputError when the file is something else."""
    path = Path(path)
    if not path.exists():
        raise InputError(f"Không có tệp '{path}'", remedy="Chạy hatangso speed summarise trước")
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise InputError(
            f"Tệp '{path.name}' không phải bản tổng hợp tốc độ",
            expected="tệp do hatangso speed summarise ghi",
        ) from fault
    missing = [
        name for name in (*KEYS, "samples", "download_bins", "floors_mbps") if name not in frame.columns
    ]
    if missing:
        raise InputError(
            f"Tệp '{path.name}' thiếu cột {', '.join(missing)}",
            expected="tệp do hatangso speed summarise ghi",
        )
    present = [measure for measure in MEASURES if f"{measure}_bins" in frame.columns]
    floors = (
        tuple(float(text) for text in frame["floors_mbps"][0].split(";")) if frame.height else FLOORS_MBPS
    )
    beside = _clusters_path(path)
    return Summaries(
        keys=frame.select(KEYS),
        samples=frame["samples"].to_numpy().astype(np.int64),
        histograms={measure: _histograms(frame, measure) for measure in present},
        sums={
            measure: frame[f"{measure}_sum_thousandths"].to_numpy().astype(np.int64) for measure in present
        },
        clusters=pl.read_parquet(beside) if beside.exists() else no_clusters(floors),
        floors=floors,
    )


def period_of(time: pl.Expr, period: str) -> pl.Expr:
    """Return the code of the calendar period of a moment: 2026-03, 2026Q1, 2026H1, 2026 or "all"."""
    year = time.dt.year().cast(pl.String)
    forms = {
        "month": time.dt.strftime("%Y-%m"),
        "quarter": year + "Q" + time.dt.quarter().cast(pl.String),
        "half": year + "H" + ((time.dt.month() + 5) // 6).cast(pl.String),
        "year": year,
        "all": pl.lit("all"),
    }
    if period not in forms:
        raise InputError(f"Kỳ '{period}'", expected="một trong " + ", ".join(forms))
    return forms[period]


def no_clusters(floors: Sequence[float]) -> pl.DataFrame:
    """Return an empty table of clusters."""
    reached = {floor_column(floor): pl.UInt32 for floor in floors}
    return pl.DataFrame(schema={"group": pl.UInt32, "cluster": pl.UInt64, "samples": pl.UInt32, **reached})


def floor_column(floor: float) -> str:
    """Return the column that counts samples at or above ``floor`` Mb/s."""
    return f"reach_{floor:g}"


def clusters_of(keyed: pl.DataFrame, group: np.ndarray, floors: Sequence[float]) -> pl.DataFrame:
    """Count samples and samples reaching each floor by group and device; a device is kept only as a 64-bit hash.

    Samples without a device stand together as cluster :data:`NO_DEVICE`: each of them is a device of its own.
    """
    if "device" not in keyed.columns:
        return no_clusters(floors)
    known = keyed["device"].drop_nulls().unique().sort()
    hashes = pl.DataFrame(
        {"device": known, "cluster": pl.Series([device_hash(name) for name in known], dtype=pl.UInt64)}
    )
    counted = keyed.select(pl.Series("group", group).cast(pl.UInt32), "device", "download_mbps")
    counted = counted.join(hashes, on="device", how="left", maintain_order="left")
    counted = counted.with_columns(pl.col("cluster").fill_null(NO_DEVICE))
    reached = [
        (pl.col("download_mbps") >= floor).sum().cast(pl.UInt32).alias(floor_column(floor))
        for floor in floors
    ]
    return (
        counted.group_by(CLUSTER_KEYS)
        .agg(pl.len().cast(pl.UInt32).alias("samples"), *reached)
        .sort(CLUSTER_KEYS)
    )


def device_hash(device: str) -> int:
    """Return 64 bits that stand for a device: the same everywhere, so that parts made apart can be added."""
    return int.from_bytes(hashlib.blake2b(device.encode(), digest_size=8).digest(), "little") or 1


def added_clusters(parts: Sequence[pl.DataFrame], floors: Sequence[float]) -> pl.DataFrame:
    """Add tables of clusters whose groups are numbered alike."""
    filled = [part for part in parts if part.height]
    if not filled:
        return no_clusters(floors)
    counted = [name for name in filled[0].columns if name not in CLUSTER_KEYS]
    return (
        pl.concat(filled).group_by(CLUSTER_KEYS).agg(pl.col(counted).sum().cast(pl.UInt32)).sort(CLUSTER_KEYS)
    )


def _combine(summaries: Summaries, new: np.ndarray, keys: pl.DataFrame) -> Summaries:
    groups, kept = keys.height, new >= 0

    def add(values: np.ndarray) -> np.ndarray:
        total = np.zeros(groups, np.int64)
        np.add.at(total, new[kept], values[kept])
        return total

    renumbered = pl.DataFrame(
        {"group": pl.Series(np.arange(len(new)), dtype=pl.UInt32), "new": pl.Series(new)}
    )
    counted = [name for name in summaries.clusters.columns if name not in CLUSTER_KEYS]
    clusters = (
        summaries.clusters.join(renumbered.filter(pl.col("new") >= 0), on="group", how="inner")
        .group_by(pl.col("new").cast(pl.UInt32).alias("group"), "cluster")
        .agg(pl.col(counted).sum().cast(pl.UInt32))
        .sort(CLUSTER_KEYS)
    )
    return Summaries(
        keys=keys,
        samples=add(summaries.samples),
        histograms={
            measure: regroup(histograms, new, groups) for measure, histograms in summaries.histograms.items()
        },
        sums={measure: add(values) for measure, values in summaries.sums.items()},
        clusters=clusters,
        floors=summaries.floors,
    )


def _stack(parts: Sequence[Summaries]) -> Summaries:
    """Put the groups of parts one after another, keys repeating."""
    measures = [measure for measure in MEASURES if any(measure in part.histograms for part in parts)]
    shifts = np.cumsum([0, *[len(part) for part in parts[:-1]]])
    clusters = [
        part.clusters.with_columns(pl.col("group") + pl.lit(int(shift), pl.UInt32))
        for part, shift in zip(parts, shifts, strict=True)
    ]
    return Summaries(
        keys=pl.concat([part.keys for part in parts]),
        samples=np.concatenate([part.samples for part in parts]),
        histograms={
            m: concatenate([part.histograms.get(m) or empty_histograms(len(part)) for part in parts])
            for m in measures
        },
        sums={
            m: np.concatenate([part.sums.get(m, np.zeros(len(part), np.int64)) for part in parts])
            for m in measures
        },
        clusters=pl.concat(clusters),
        floors=parts[0].floors,
    )


def _lists(values: np.ndarray, offsets: np.ndarray) -> pl.Series:
    flat = pl.DataFrame({"value": values})
    lengths = np.diff(offsets)
    owner = pl.Series("owner", np.repeat(np.arange(len(lengths)), lengths), dtype=pl.Int64)
    grouped = flat.hstack([owner]).group_by("owner", maintain_order=True).agg("value")
    every = pl.DataFrame({"owner": pl.Series(np.arange(len(lengths)), dtype=pl.Int64)})
    joined = every.join(grouped, on="owner", how="left", maintain_order="left")["value"]
    return joined.fill_null(pl.Series([[]], dtype=joined.dtype).first()) if joined.null_count() else joined


def _histograms(frame: pl.DataFrame, measure: str) -> Histograms:
    lengths = frame[f"{measure}_bins"].list.len().fill_null(0).to_numpy().astype(np.int64)
    filled = frame.filter(pl.Series(lengths > 0))
    return Histograms(
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        filled[f"{measure}_bins"].explode().to_numpy().astype(np.uint16)
        if filled.height
        else np.empty(0, np.uint16),
        filled[f"{measure}_counts"].explode().to_numpy().astype(np.uint32)
        if filled.height
        else np.empty(0, np.uint32),
    )


def _clusters_path(path: Path) -> Path:
    return path.with_name(path.stem + ".clusters.parquet")
