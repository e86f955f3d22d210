"""For whom coverage is counted: places, people, roads and areas, read and checked before the long work begins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import rasterio
import shapely
from rasterio.errors import RasterioIOError
from rasterio.warp import Resampling, reproject

from hatangso.errors import InputError
from hatangso.geo import to_wgs84
from hatangso.radio.clutter import grid_transform
from hatangso.radio.grid import Grid
from hatangso.radio.served import PLACE_SPEC
from hatangso.tables import Column, TableSpec, read_features, read_table

PEOPLE_SPEC = TableSpec(
    "dân số theo điểm",
    (
        Column("lon", "number", "Kinh độ", "độ", minimum=102, maximum=118, aliases=("kinh do", "longitude", "x")),
        Column("lat", "number", "Vĩ độ", "độ", minimum=6, maximum=24, aliases=("vi do", "latitude", "y")),
        Column("people", "number", "Số dân", "người", nullable=True, minimum=0, aliases=("dan so", "so dan")),
    ),
)  # fmt: skip


RASTERS = {".tif", ".tiff", ".vrt"}


@dataclass(frozen=True)
class WantedFiles:
    """The files as the person named them."""

    villages: Path | None = None
    people: Path | None = None
    roads: Path | None = None
    sites: Path | None = None
    areas: Path | None = None


@dataclass(frozen=True)
class Named:
    """Shapes in degrees with a name each."""

    names: list[str]
    shapes: np.ndarray


@dataclass(frozen=True)
class People:
    """People: a raster of people per cell, or a table of points."""

    source: Path | pl.DataFrame

    def on(self, grid: Grid) -> tuple[np.ndarray, float]:
        """Return people per cell of a grid, float64, the sum kept, and how many live outside it."""
        if isinstance(self.source, pl.DataFrame):
            return _points_on(grid, self.source)
        return _raster_on(grid, self.source)


@dataclass(frozen=True)
class Wanted:
    """What was read; None where the person asked for nothing of the kind."""

    villages: pl.DataFrame | None
    people: People | None
    roads: Named | None
    sites: pl.DataFrame | None
    areas: Named | None


def read_wanted(files: WantedFiles) -> Wanted:
    """Read and check every file. Raises InputError with the file, what was found and how to mend it."""
    return Wanted(
        read_table(files.villages, PLACE_SPEC) if files.villages else None,
        _read_people(files.people) if files.people else None,
        _read_roads(files.roads) if files.roads else None,
        read_table(files.sites, PLACE_SPEC) if files.sites else None,
        _read_areas(files.areas) if files.areas else None,
    )


def _read_people(path: Path) -> People:
    if path.suffix.lower() not in RASTERS:
        return People(read_table(path, PEOPLE_SPEC))
    try:
        with rasterio.open(path) as source:
            crs = source.crs
    except RasterioIOError as fault:
        raise InputError(f"Lưới dân số '{path.name}' không đọc được", expected="GeoTIFF") from fault
    if crs is None:
        raise InputError(
            f"Lưới dân số '{path.name}' không ghi hệ tọa độ", expected="EPSG:4326 hoặc hệ khác có tên"
        )
    return People(path)


def _read_roads(path: Path) -> Named:
    attributes, lines, crs = read_features(path)
    column = next((c for c in ("name", "ref", "ten") if c in attributes.columns), None)
    names = attributes[column].to_list() if column else [None] * lines.size
    named = [str(name) if name else f"đường {number}" for number, name in enumerate(names, start=1)]
    keep = np.flatnonzero(shapely.get_dimensions(lines) == 1)
    if keep.size == 0:
        raise InputError(
            f"Tuyến đường '{path.name}' không có đường nào", expected="các hình dạng đường (LineString)"
        )
    return Named([named[i] for i in keep], to_wgs84(lines[keep], crs))


def _read_areas(path: Path) -> Named:
    attributes, polygons, crs = read_features(path)
    column = next((c for c in ("code", "area_code", "ma", "name") if c in attributes.columns), None)
    if column is None:
        raise InputError(
            f"Ranh giới '{path.name}' không có cột code", found=", ".join(attributes.columns[:10])
        )
    keep = np.flatnonzero(shapely.get_dimensions(polygons) == 2)
    if keep.size == 0:
        raise InputError(
            f"Ranh giới '{path.name}' không có vùng nào", expected="các hình dạng vùng (Polygon)"
        )
    codes = attributes[column].to_list()
    return Named([str(codes[i]) for i in keep], to_wgs84(polygons[keep], crs))


def _points_on(grid: Grid, points: pl.DataFrame) -> tuple[np.ndarray, float]:
    count = np.zeros(grid.shape, dtype=np.float64)
    rows, columns = grid.indices(points["lon"].to_numpy(), points["lat"].to_numpy())
    r, c = np.rint(rows).astype(int), np.rint(columns).astype(int)
    inside = (r >= 0) & (c >= 0) & (r < grid.shape[0]) & (c < grid.shape[1])
    people = points["people"].fill_null(0.0).to_numpy()
    np.add.at(count, (r[inside], c[inside]), people[inside])
    return count, float(people[~inside].sum())


def _raster_on(grid: Grid, path: Path) -> tuple[np.ndarray, float]:
    with rasterio.open(path) as source:
        raster = np.maximum(source.read(1, masked=True).filled(0).astype(np.float64), 0)
        place, crs = source.transform, source.crs
    count = np.zeros(grid.shape, dtype=np.float64)
    reproject(
        raster, count, src_transform=place, src_crs=crs, dst_transform=grid_transform(grid), dst_crs=grid.crs,
        resampling=Resampling.sum,
    )  # fmt: skip
    return count, max(0.0, float(raster.sum() - count.sum()))
