"""Averages of map tiles (Ookla open data) as context beside measurements: never single tests, never a verdict."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from hatangso.tables import Column, TableSpec, check_table, read_raw

TILES = TableSpec(
    "tile_averages",
    (
        Column("quadkey", "text", required=False, nullable=True),
        Column("avg_d_kbps", "number", "Tải xuống trung bình của ô", "kb/s", minimum=0),
        Column("avg_u_kbps", "number", "Tải lên trung bình của ô", "kb/s", minimum=0),
        Column("avg_lat_ms", "number", "Độ trễ trung bình của ô", "ms", nullable=True, minimum=0),
        Column("tests", "integer", "Số lần đo", minimum=1),
        Column("devices", "integer", "Số thiết bị", minimum=1),
    ),
    keep_others=True,
)


def is_tile_averages(headers: Collection[str]) -> bool:
    """Say whether a table with these headers holds averages of map tiles instead of single tests."""
    return {"avg_d_kbps", "tests"} <= set(headers)


def read_tile_averages(path: str | Path) -> pl.DataFrame:
    """Read Ookla open tiles as context: Mb/s averages per tile with the number of tests, ``kind = "tile_average"``.

    No verdict is drawn from these: an average per tile hides the bad half and another tool's series differs by design.
    The outlines of tiles are left out: the quadkey names the tile, ``lon`` and ``lat`` (degrees) are its middle, where
    the file tells quadkeys.
    """
    table = check_table(read_raw(path), TILES, source=Path(path).name)
    outlines = [name for name, dtype in table.schema.items() if dtype == pl.Binary]
    named = table["quadkey"].fill_null("").to_list() if "quadkey" in table.columns else [""] * table.height
    lon, lat = tile_centres(named)
    return table.with_columns(
        pl.Series("lon", lon).fill_nan(None),
        pl.Series("lat", lat).fill_nan(None),
        (pl.col("avg_d_kbps") / 1000).alias("download_mbps"),
        (pl.col("avg_u_kbps") / 1000).alias("upload_mbps"),
        pl.lit("tile_average").alias("kind"),
        pl.lit("Ookla").alias("tool"),
    ).drop("avg_d_kbps", "avg_u_kbps", *outlines)


def tile_centres(quadkeys: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return longitude and latitude (degrees, (n,)) of the middle of map tiles named by quadkey; NaN for no quadkey.

    Source: J. Schwartz, Bing Maps Tile System (2018), "Tile Coordinates and Quadkeys".
    """
    lon, lat = np.full(len(quadkeys), np.nan), np.full(len(quadkeys), np.nan)
    for number, key in enumerate(quadkeys):
        if not key or set(key) - set("0123"):
            continue
        column = row = 0
        for digit in key:
            column, row = 2 * column + (int(digit) & 1), 2 * row + (int(digit) >> 1)
        side = 2.0 ** len(key)
        lon[number] = (column + 0.5) / side * 360 - 180
        lat[number] = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (row + 0.5) / side))))
    return lon, lat
