"""Puts samples into administrative areas by their points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import shapely

from hatangso.areas.locating import Locator, build_locator
from hatangso.errors import InputError
from hatangso.geo import to_wgs84
from hatangso.tables import header_key, read_features

CODE_COLUMNS = ("area_code", "code", "ma", "ma xa", "ma dvhc", "commune_code", "ma don vi", "maxa")


@dataclass(frozen=True)
class Areas:
    """Areas with borders: ``codes[i]`` is the area of polygon i of ``locator``."""

    codes: Sequence[str]
    locator: Locator

    def assign(self, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        """Return the index of the area of each point (degrees WGS 84), -1 for none; int32 (n,)."""
        return self.locator.assign(lon, lat)


def read_areas(path: str | Path, *, code_column: str | None = None) -> Areas:
    """Read polygons with their codes from GeoJSON, GeoPackage, Shapefile or GeoParquet.

    Raises
    ------
    InputError
        when no column holds codes, a code repeats, or there are no polygons.
    """
    attributes, geometries, crs = read_features(path)
    name = Path(path).name
    known = {header_key(column): column for column in attributes.columns}
    chosen = code_column or next(
        (known[header_key(key)] for key in CODE_COLUMNS if header_key(key) in known), None
    )
    if chosen is None or chosen not in attributes.columns:
        raise InputError(
            f"Tệp ranh giới '{name}' không có cột mã",
            found=", ".join(attributes.columns),
            expected="cột code",
            remedy="Chỉ ra bằng --area-column",
        )
    polygonal = np.isin(shapely.get_type_id(geometries), (3, 6))
    if not polygonal.any():
        raise InputError(f"Tệp ranh giới '{name}' không có vùng nào", expected="polygon hoặc multipolygon")
    codes = attributes[chosen].cast(pl.String).filter(pl.Series(polygonal)).to_list()
    if len(set(codes)) < len(codes) or None in codes:
        repeated = sorted({str(code) for code in codes if codes.count(code) > 1 or code is None})[:5]
        raise InputError(
            f"Tệp ranh giới '{name}', cột {chosen}: mã lặp lại hoặc trống",
            found=", ".join(repeated),
            remedy="Mỗi đơn vị một dòng",
        )
    return Areas(codes, build_locator(to_wgs84(geometries[polygonal], crs)))


def place_samples(samples: pl.DataFrame, areas: Areas) -> tuple[pl.DataFrame, int]:
    """Fill in ``area_code`` by point where it is empty; returns the samples and how many lie in no area."""
    missing = samples["area_code"].is_null() & samples["lon"].is_not_null() & samples["lat"].is_not_null()
    part = samples.filter(missing)
    index = areas.assign(part["lon"].to_numpy(), part["lat"].to_numpy())
    names = np.array([*areas.codes, None], dtype=object)
    found = np.full(samples.height, None, dtype=object)
    found[missing.to_numpy()] = names[index]
    filled = samples.with_columns(pl.col("area_code").fill_null(pl.Series(found.tolist(), dtype=pl.String)))
    return filled, int(filled["area_code"].null_count())
