"""Estimate how people, households or land of a cut area are divided, from maps and points."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import shapely

from hatangso.areas.boundaries import BoundarySet
from hatangso.areas.spreading import Basis, Spreading, weights_from_points
from hatangso.errors import InputError
from hatangso.geo import Window, area_km2


@dataclass(frozen=True)
class WeightedPoints:
    """Points that stand for people or households: (n,) longitude and latitude in degrees, (n,) weight."""

    longitude: np.ndarray
    latitude: np.ndarray
    weight: np.ndarray
    source: str


def read_population_grid(path: str | Path, *, window: Window | None = None) -> WeightedPoints:
    """Read a population raster: the middle of each cell with people, weighted by their number.

    Parameters
    ----------
    path : GeoTIFF in degrees, people per cell
    window : only cells inside
    """
    name = Path(path).name
    if not Path(path).exists():
        raise InputError(f"Không có tệp '{path}'", remedy="Kiểm tra lại đường dẫn")
    try:
        with rasterio.open(path) as raster:
            if raster.crs is None or not raster.crs.is_geographic:
                raise InputError(
                    f"Lưới dân số '{name}'", found=str(raster.crs), expected="toạ độ độ, như EPSG:4326"
                )
            people = raster.read(1, masked=True).astype(float).filled(0.0)
            transform = raster.transform
    except rasterio.errors.RasterioIOError as fault:
        raise InputError(f"Lưới dân số '{name}' không đọc được ({fault})", expected="GeoTIFF") from fault
    row, column = np.nonzero(np.isfinite(people) & (people > 0))
    longitude = transform.c + transform.a * (column + 0.5) + transform.b * (row + 0.5)
    latitude = transform.f + transform.d * (column + 0.5) + transform.e * (row + 0.5)
    keep = np.ones(row.size, dtype=bool) if window is None else window.contains(longitude, latitude)
    return WeightedPoints(longitude[keep], latitude[keep], people[row, column][keep], f"lưới dân số {name}")


def spreading_from_points(
    points: WeightedPoints, *, before: BoundarySet, after: BoundarySet, basis: Basis = "population"
) -> Spreading:
    """Return the division of every old area among new ones, estimated from weighted points on both maps.

    Parameters
    ----------
    points : a population grid, addresses, villages with their people
    before, after : the borders of the earlier and the later map

    Returns
    -------
    Spreading marked as an estimate, with the source of the points
    """
    weights = weights_from_points(
        before.codes_at(points.longitude, points.latitude),
        after.codes_at(points.longitude, points.latitude),
        weight=points.weight,
    )
    return Spreading(basis=basis, weights=weights, source=points.source, estimated=True)


def spreading_from_areas(*, before: BoundarySet, after: BoundarySet) -> Spreading:
    """Return the division of every old area among new ones by land, from the overlap of two maps, km²."""
    tree = shapely.STRtree(after.polygons)
    old, new = tree.query(before.polygons, predicate="intersects")
    sizes = area_km2(shapely.intersection(before.polygons[old], after.polygons[new]))
    weights = {
        (before.codes[first], after.codes[second]): float(size)
        for first, second, size in zip(old.tolist(), new.tolist(), sizes, strict=True)
        if size > 0
    }
    source = f"diện tích chồng giữa bản đồ {before.on:%d/%m/%Y} và {after.on:%d/%m/%Y}"
    return Spreading(basis="area", weights=weights, source=source, estimated=True)
