"""Map files at the door: features in degrees WGS 84 whatever system the file is in, and tables of points from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import shapely

from hatangso.errors import InputError, ManyInputErrors
from hatangso.geo import to_wgs84
from hatangso.tables import Column, TableSpec, check_table, read_features, read_raw

_MAP_FILES = (".geojson", ".json", ".gpkg", ".shp", ".geoparquet")
_SHOWN = 20
_REMEDY = (
    "Toạ độ mét (VN-2000) thì lưu thành GeoPackage có ghi hệ toạ độ, như EPSG:9218, hoặc đổi sang độ WGS 84"
)
LON = Column("lon", "number", "Kinh độ", "độ", minimum=-180, maximum=180, aliases=("kinh do", "longitude", "x"), remedy=_REMEDY)  # fmt: skip
LAT = Column("lat", "number", "Vĩ độ", "độ", minimum=-90, maximum=90, aliases=("vi do", "latitude", "y"), remedy=_REMEDY)  # fmt: skip


def read_map(path: str | Path) -> tuple[pl.DataFrame, np.ndarray]:
    """Read the features of a map file (``file.gpkg#layer`` for one of several layers).

    Returns
    -------
    attributes : DataFrame, n rows
    geometries : object array, shape (n,), flat (without heights), degrees WGS 84; None and empty ones as they are

    Raises
    ------
    InputError, ManyInputErrors
        for a file that cannot be read, and each feature (counted from 1) whose coordinates are no degrees.
    """
    attributes, geometries, crs = read_features(path)
    shapes = shapely.force_2d(to_wgs84(geometries, crs))
    low_x, low_y, high_x, high_y = shapely.bounds(shapes).T
    outside = (low_x < -180) | (low_y < -90) | (high_x > 180) | (high_y > 90)
    name = Path(path).name
    faults = [
        InputError(
            f"Tệp '{name}', đối tượng {row + 1}",
            found=f"toạ độ ({low_x[row]:.6g}, {low_y[row]:.6g})"
            + ("" if crs else ", tệp không ghi hệ toạ độ"),
            expected="kinh độ −180 đến 180, vĩ độ −90 đến 90",
            remedy=_swapped(float(low_x[row]), float(low_y[row])),
        )
        for row in np.flatnonzero(outside)[:_SHOWN]
    ]
    if faults:
        raise faults[0] if len(faults) == 1 else ManyInputErrors(faults)
    return attributes, shapes


def read_point_table(path: str | Path, spec: TableSpec) -> pl.DataFrame:
    """Read a table whose columns include ``lon`` and ``lat``; of a map file they come from its shapes.

    Points give their place; a point of several parts, a line or an area gives a place on it.
    """
    written = Path(path).name.lower()
    if not any(ending in written for ending in _MAP_FILES):
        table = read_raw(path)
        if "geometry" not in table.columns or "lon" in table.columns:
            return check_table(table, spec, source=Path(path).name)
    attributes, shapes = read_map(path)
    name = Path(path).name
    faults = [
        InputError(f"Tệp '{name}', đối tượng {row + 1}", found="không có hình", expected="một điểm")
        for row, shape in enumerate(shapes)
        if shape is None or shape.is_empty or not np.isfinite(shapely.get_coordinates(shape)).all()
    ]
    if faults:
        raise faults[0] if len(faults) == 1 else ManyInputErrors(faults)
    points = shapely.point_on_surface(shapes)
    placed = attributes.drop([column for column in ("lon", "lat") if column in attributes.columns])
    placed = placed.with_columns(
        pl.Series("lon", shapely.get_x(points)), pl.Series("lat", shapely.get_y(points))
    )
    return check_table(placed, spec, source=name, first_row=1)


def _swapped(x: float, y: float) -> str:
    if abs(x) <= 90 and abs(y) <= 180:
        return "Có vẻ kinh độ và vĩ độ bị đổi chỗ"
    return _REMEDY
