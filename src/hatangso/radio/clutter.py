"""Land cover → representative clutter heights on the cells of a grid."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import rasterio
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine
from rasterio.warp import Resampling, reproject

from hatangso.errors import InputError
from hatangso.radio.bands import read_clutter_heights
from hatangso.radio.grid import Grid
from hatangso.tables import read_features


def grid_transform(grid: Grid) -> Affine:
    """Return the affine transform of the cells' corners."""
    return Affine(grid.dx, 0, grid.x0 - grid.dx / 2, 0, -grid.dy, grid.y0 + grid.dy / 2)


def with_clutter(grid: Grid, land_cover: Path, *, heights: Path | None = None) -> tuple[Grid, dict[str, int]]:
    """Return the grid with clutter heights laid on, and how many polygons (or cells) of each class were used.

    Parameters
    ----------
    land_cover : polygons with a ``landuse`` or ``natural`` column (OpenStreetMap's words) or a raster of class codes
    heights : table of heights; ``law/radio/clutter.yml`` when None

    Classes the table does not know keep the default height and are counted under "không rõ". Where polygons overlap,
    the smaller one lies on top.
    """
    tags, codes, default = read_clutter_heights(heights)
    if land_cover.suffix.lower() in {".tif", ".tiff"}:
        layer, used = _from_raster(grid, land_cover, codes, default)
    else:
        layer, used = _from_polygons(grid, land_cover, tags, default)
    return replace(grid, clutter_m=layer), used


def _from_polygons(
    grid: Grid, path: Path, tags: dict[str, float], default: float
) -> tuple[np.ndarray, dict[str, int]]:
    attributes, geometries, crs = read_features(path)
    if not {"landuse", "natural"} & set(attributes.columns):
        raise InputError(
            f"Lớp phủ '{path.name}' không có cột landuse hay natural", remedy="Đổi tên cột loại đất"
        )
    if crs not in (None, grid.crs, "EPSG:4326", "OGC:CRS84") or not grid.geographic:
        raise InputError(
            f"Lớp phủ '{path.name}' dùng {crs}", expected=grid.crs, remedy="Chuyển về cùng hệ tọa độ"
        )
    empty = [None] * attributes.height
    land = attributes["landuse"].to_list() if "landuse" in attributes.columns else empty
    nature = attributes["natural"].to_list() if "natural" in attributes.columns else empty
    shapes: list[tuple] = []
    used: dict[str, int] = {}
    for index in np.argsort(-shapely.area(geometries)):
        geometry = geometries[index]
        if geometry is None or shapely.get_dimensions(geometry) < 2:
            continue
        name = land[index] if land[index] in tags else nature[index] or land[index]
        used[name if name in tags else "không rõ"] = used.get(name if name in tags else "không rõ", 0) + 1
        shapes.append((geometry, tags.get(name, default)))
    if not shapes:
        raise InputError(f"Lớp phủ '{path.name}' không có vùng nào")
    layer = rasterize(
        shapes, out_shape=grid.shape, transform=grid_transform(grid), fill=default, dtype=np.float32
    )
    return layer, used


def _from_raster(
    grid: Grid, path: Path, codes: dict[int, float], default: float
) -> tuple[np.ndarray, dict[str, int]]:
    classes = np.zeros(grid.shape, dtype=np.int32)
    with rasterio.open(path) as source:
        reproject(
            rasterio.band(source, 1), classes, dst_transform=grid_transform(grid), dst_crs=grid.crs,
            resampling=Resampling.nearest,
        )  # fmt: skip
    layer = np.full(grid.shape, default, dtype=np.float32)
    used: dict[str, int] = {}
    for code, count in zip(*np.unique(classes, return_counts=True), strict=True):
        known = int(code) in codes
        used[str(code) if known else "không rõ"] = used.get("không rõ", 0) + int(count)
        if known:
            layer[classes == code] = codes[int(code)]
    return layer, used
