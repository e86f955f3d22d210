"""Land cover → representative clutter heights on the cells of a grid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import rasterio
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine
from rasterio.warp import Resampling, reproject

from hatangso.errors import InputError
from hatangso.geo import to_wgs84
from hatangso.radio.bands import read_clutter_heights
from hatangso.radio.grid import Grid
from hatangso.tables import read_features


def grid_transform(grid: Grid) -> Affine:
    """Return the affine transform of the cells' corners."""
    return Affine(grid.dx, 0, grid.x0 - grid.dx / 2, 0, -grid.dy, grid.y0 + grid.dy / 2)


UNKNOWN = "không rõ"


@dataclass(frozen=True)
class LandCover:
    """Class of land cover at every cell: ``number`` uint8 (rows, columns) into ``names`` and ``heights_m``.

    Number 0 is what no polygon covers or the table of heights does not know; ``used`` counts polygons (or cells).
    """

    number: np.ndarray
    names: tuple[str, ...]
    heights_m: tuple[float, ...]
    used: dict[str, int]

    def names_at(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return the names of the classes at cells (whole numbers)."""
        return np.array(self.names)[self.number[rows, columns]]


def read_land_cover(grid: Grid, land_cover: Path, *, heights: Path | None = None) -> LandCover:
    """Return the class of every cell of ``grid``.

    Parameters
    ----------
    land_cover : polygons with a ``landuse`` or ``natural`` column (OpenStreetMap's words) or a raster of class codes
    heights : table of heights; ``law/radio/clutter.yml`` when None

    Classes the table does not know keep the default height and are counted under "không rõ". Where polygons overlap,
    the smaller one lies on top.
    """
    tags, codes, default = read_clutter_heights(heights)
    if land_cover.suffix.lower() in {".tif", ".tiff"}:
        return _from_raster(grid, land_cover, codes, default)
    return _from_polygons(grid, land_cover, tags, default)


def with_clutter(grid: Grid, cover: LandCover) -> Grid:
    """Return the grid with the clutter heights of its land cover laid on."""
    return replace(grid, clutter_m=np.array(cover.heights_m, dtype=np.float32)[cover.number])


def _from_polygons(grid: Grid, path: Path, tags: dict[str, float], default: float) -> LandCover:
    attributes, geometries, crs = read_features(path)
    if not {"landuse", "natural"} & set(attributes.columns):
        raise InputError(
            f"Lớp phủ '{path.name}' không có cột landuse hay natural", remedy="Đổi tên cột loại đất"
        )
    if not grid.geographic:
        raise InputError(
            f"Lớp phủ '{path.name}' là các vùng, địa hình theo mét ({grid.crs})",
            remedy="Dùng địa hình EPSG:4326 hoặc lớp phủ dạng ảnh",
        )
    geometries = to_wgs84(geometries, crs)
    empty = [None] * attributes.height
    land = attributes["landuse"].to_list() if "landuse" in attributes.columns else empty
    nature = attributes["natural"].to_list() if "natural" in attributes.columns else empty
    names = (UNKNOWN, *tags)
    numbers = {name: number for number, name in enumerate(names)}
    shapes: list[tuple] = []
    used: dict[str, int] = {}
    for index in np.argsort(-shapely.area(geometries)):
        geometry = geometries[index]
        if geometry is None or shapely.get_dimensions(geometry) < 2:
            continue
        written = land[index] if land[index] in tags else nature[index]
        name = written if written in tags else UNKNOWN
        used[name] = used.get(name, 0) + 1
        shapes.append((geometry, numbers[name]))
    if not shapes:
        raise InputError(f"Lớp phủ '{path.name}' không có vùng nào")
    layer = rasterize(shapes, out_shape=grid.shape, transform=grid_transform(grid), fill=0, dtype=np.uint8)
    return LandCover(layer, names, (default, *tags.values()), used)


def _from_raster(grid: Grid, path: Path, codes: dict[int, float], default: float) -> LandCover:
    classes = np.zeros(grid.shape, dtype=np.int32)
    with rasterio.open(path) as source:
        reproject(
            rasterio.band(source, 1), classes, dst_transform=grid_transform(grid), dst_crs=grid.crs,
            resampling=Resampling.nearest,
        )  # fmt: skip
    names = (UNKNOWN, *(str(code) for code in codes))
    layer = np.zeros(grid.shape, dtype=np.uint8)
    for number, code in enumerate(codes, start=1):
        layer[classes == code] = number
    counts = np.bincount(layer.ravel(), minlength=len(names)).tolist()
    used = {name: count for name, count in zip(names, counts, strict=True) if count}
    return LandCover(layer, names, (default, *codes.values()), used)
