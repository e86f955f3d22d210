"""Terrain from tiles on disk: several as one, read by window, holes and wrong units refused with a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from rasterio.errors import RasterioIOError
from rasterio.fill import fillnodata
from rasterio.windows import Window
from scipy import ndimage

from hatangso.errors import InputError
from hatangso.geo import LATITUDES, LONGITUDES, is_geographic
from hatangso.radio.grid import Grid
from hatangso.radio.profile import COASTAL, INLAND, SEA

HIGHEST_M, LOWEST_M = 3300.0, -120.0
WIDEST_HOLE_CELLS = 8
COAST_KM, COAST_HEIGHT_M = 50.0, 100.0
_FEET = {"ft", "feet", "foot", "us survey foot", "us-ft", "ussurveyfoot"}


@dataclass(frozen=True)
class Tile:
    """One file: its corner, cell size and system of coordinates."""

    path: Path
    crs: str
    west: float
    north: float
    dx: float
    dy: float
    columns: int
    rows: int

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        return self.west, self.north - self.rows * self.dy, self.west + self.columns * self.dx, self.north


@dataclass(frozen=True)
class Terrain:
    """Tiles that fit together; nothing is read until a window is asked for."""

    tiles: tuple[Tile, ...]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of all tiles together, in their own coordinates."""
        corners = np.array([tile.bounds for tile in self.tiles])
        return (
            float(corners[:, 0].min()), float(corners[:, 1].min()), float(corners[:, 2].max()),
            float(corners[:, 3].max()),
        )  # fmt: skip


@dataclass(frozen=True)
class TerrainReport:
    """What was found while reading a window; ``sentences`` are for the person."""

    filled_cells: int
    below_sea_cells: int
    sentences: tuple[str, ...]


def open_terrain(paths: Sequence[str | Path]) -> Terrain:
    """Open GeoTIFF and SRTM .hgt files (or folders of them) as one terrain.

    Raises
    ------
    InputError
        when a file is missing or broken, lies outside Viet Nam or with axes swapped, is turned, measures feet, or does
        not fit on the same grid as the others.
    """
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            files += sorted(p for p in path.iterdir() if p.suffix.lower() in {".tif", ".tiff", ".hgt"})
        else:
            files.append(path)
    if not files:
        raise InputError("Không có tệp địa hình nào", expected="tệp .tif hoặc .hgt")
    tiles = tuple(_tile(path) for path in files)
    first = tiles[0]
    for tile in tiles[1:]:
        if tile.crs != first.crs or not math.isclose(tile.dx, first.dx, rel_tol=1e-6):
            raise InputError(
                f"Địa hình '{tile.path.name}' không cùng lưới với '{first.path.name}'",
                found=f"{tile.crs}, ô {tile.dx:g}", expected=f"{first.crs}, ô {first.dx:g}",
                remedy="Chuyển các mảnh về cùng hệ tọa độ và cùng cỡ ô trước khi dùng",
            )  # fmt: skip
        for offset in ((tile.west - first.west) / first.dx, (tile.north - first.north) / first.dy):
            if abs(offset - round(offset)) > 0.01:
                raise InputError(
                    f"Địa hình '{tile.path.name}' lệch {offset - round(offset):.2f} ô so với '{first.path.name}'",
                    remedy="Lấy các mảnh cùng nguồn hoặc nội suy lại về một lưới",
                )
    return Terrain(tiles)


def read_grid(
    terrain: Terrain, *, bounds: tuple[float, float, float, float] | None = None
) -> tuple[Grid, TerrainReport]:
    """Read a window (west, south, east, north in the terrain's coordinates; all of it when None).

    Small voids (narrower than 8 cells either side) are filled from their rims and reported.

    Raises
    ------
    InputError
        when part of the window has no tile (named by its degree square), when a hole is too wide to fill, when heights
        are not metres of Viet Nam.
    """
    first = terrain.tiles[0]
    west, south, east, north = bounds or terrain.bounds
    left, top = round((west - first.west) / first.dx), round((first.north - north) / first.dy)
    columns = max(2, round((east - west) / first.dx))
    rows = max(2, round((north - south) / first.dy))
    heights = np.full((rows, columns), np.nan, dtype=np.float32)
    covered = np.zeros((rows, columns), dtype=bool)
    for tile in terrain.tiles:
        _read_into(tile, heights, covered, (top, left), first)
    x0 = first.west + (left + 0.5) * first.dx
    y0 = first.north - (top + 0.5) * first.dy
    if not covered.all():
        raise InputError(
            f"Thiếu mảnh địa hình cho {int((~covered).sum())} ô của khu vực",
            found="thiếu " + ", ".join(_missing(covered, x0, y0, first)),
            remedy="Bổ sung các mảnh còn thiếu hoặc thu hẹp khu vực tính",
        )
    heights, filled = _fill_voids(heights, (x0, y0, first.dx, first.dy))
    check_heights(heights, where=", ".join(tile.path.name for tile in terrain.tiles[:3]))
    low = int((heights < -5).sum())
    sentences = []
    if filled:
        sentences.append(f"Đã nội suy {filled} ô trống nhỏ trong địa hình.")
    if low:
        sentences.append(f"{low} ô thấp hơn -5 m: thường là nhiễu của ảnh vệ tinh ở mặt nước, giữ nguyên.")
    grid = Grid(heights, x0, y0, first.dx, first.dy, first.crs)
    return grid, TerrainReport(filled, low, tuple(sentences))


def check_heights(heights: np.ndarray, *, where: str) -> None:
    """Refuse heights that cannot be metres in Viet Nam: too high, too low, or whole metres written in feet."""
    lowest, highest = float(heights.min()), float(heights.max())
    if highest > HIGHEST_M or lowest < LOWEST_M:
        raise InputError(
            f"Địa hình '{where}': độ cao từ {lowest:g} đến {highest:g}", expected="mét, từ -120 đến 3300 trong Việt Nam",
            remedy="Kiểm tra đơn vị (có thể là feet) và giá trị báo ô trống",
        )  # fmt: skip
    values = np.unique(np.round(heights.ravel()[:: max(1, heights.size // 500_000)], 3))
    values = values[np.abs(values) > 3]
    if values.size < 40:
        return
    metres = values.astype(np.float64) * 0.3048
    near_whole = float(np.mean(np.abs(metres - np.round(metres)) <= 0.1535))
    if near_whole > 0.97:
        raise InputError(
            f"Địa hình '{where}': độ cao tăng theo bước 3,28", found="giống số mét đã đổi sang feet", expected="mét",
            remedy="Nhân với 0,3048 hoặc lấy lại tệp gốc tính bằng mét",
        )  # fmt: skip


def sea_and_coast(grid: Grid, *, least_km2: float = 4.0) -> np.ndarray:
    """Return zones from heights: sea is level water (≤ 0 m) in one piece of at least ``least_km2`` that reaches the rim.

    Coastal land lies within 50 km of it and below 100 m (Recommendation P.1812, table 2). uint8, shape of the grid.
    """
    cell_km = grid.cell_m() / 1000
    labels, count = ndimage.label(grid.ground_m <= 0)
    zone = np.full(grid.shape, INLAND, dtype=np.uint8)
    if count == 0:
        return zone
    sizes = np.bincount(labels.ravel())
    rim = np.unique(np.concatenate((labels[0], labels[-1], labels[:, 0], labels[:, -1])))
    sea = np.isin(labels, [label for label in rim if label and sizes[label] * cell_km**2 >= least_km2])
    if not sea.any():
        return zone
    away = ndimage.distance_transform_edt(~sea) * cell_km
    zone[(away <= COAST_KM) & (grid.ground_m < COAST_HEIGHT_M)] = COASTAL
    zone[sea] = SEA
    return zone


def _tile(path: Path) -> Tile:
    if not path.exists():
        raise InputError(f"Không có tệp địa hình '{path}'", remedy="Kiểm tra lại đường dẫn")
    try:
        with rasterio.open(path) as source:
            transform, crs = source.transform, source.crs
            units = (source.units[0] or "").strip().lower()
            size = (source.width, source.height)
    except RasterioIOError as fault:
        raise InputError(
            f"Tệp địa hình '{path.name}' không đọc được",
            expected="GeoTIFF, hoặc .hgt của SRTM tên như N16E108.hgt",
        ) from fault
    if units in _FEET:
        raise InputError(
            f"Địa hình '{path.name}' tính bằng {units}", expected="mét", remedy="Nhân với 0,3048"
        )
    if crs is None:
        raise InputError(
            f"Địa hình '{path.name}' không ghi hệ tọa độ", expected="EPSG:4326 hoặc hệ VN-2000, UTM"
        )
    if abs(transform.b) > 1e-12 or abs(transform.d) > 1e-12 or transform.a <= 0 or transform.e >= 0:
        raise InputError(
            f"Địa hình '{path.name}' bị xoay hoặc lật", expected="hàng đầu ở phía bắc, cột đầu ở phía tây",
            remedy="Nội suy lại tệp về lưới thẳng hướng bắc",
        )  # fmt: skip
    tile = Tile(path, crs.to_string(), transform.c, transform.f, transform.a, -transform.e, size[0], size[1])
    if crs.is_geographic:
        _check_place(tile)
    return tile


def _check_place(tile: Tile) -> None:
    west, south, east, north = tile.bounds
    if LATITUDES[0] - 1 <= west <= LATITUDES[1] + 1 and LONGITUDES[0] - 1 <= north <= LONGITUDES[1] + 1:
        raise InputError(
            f"Địa hình '{tile.path.name}': trục bị tráo", found=f"kinh độ {west:.2f}-{east:.2f}, vĩ độ {south:.2f}-{north:.2f}",
            expected="kinh độ 102-118, vĩ độ 6-24", remedy="Đổi lại thứ tự kinh độ, vĩ độ khi xuất tệp",
        )  # fmt: skip
    if not (west < 180 and east > -180 and south > -90.1 and north < 90.1):
        raise InputError(
            f"Địa hình '{tile.path.name}': {west:g}…{east:g}, {south:g}…{north:g} không phải độ",
            expected="kinh độ, vĩ độ",
        )


def _read_into(
    tile: Tile, heights: np.ndarray, covered: np.ndarray, corner: tuple[int, int], first: Tile
) -> None:
    """Copy the part of a tile that lies in the window; neighbours' shared rim cells may be read twice."""
    row0 = round((first.north - tile.north) / first.dy) - corner[0]
    column0 = round((tile.west - first.west) / first.dx) - corner[1]
    top, bottom = max(0, row0), min(heights.shape[0], row0 + tile.rows)
    left, right = max(0, column0), min(heights.shape[1], column0 + tile.columns)
    if top >= bottom or left >= right:
        return
    with rasterio.open(tile.path) as source:
        window = Window(left - column0, top - row0, right - left, bottom - top)
        part = source.read(1, window=window, masked=True).astype(np.float32)
    values = np.where(np.ma.getmaskarray(part) | (part.data <= -9000), np.nan, part.data)
    block = heights[top:bottom, left:right]
    block[...] = np.where(np.isnan(block), values, block)
    covered[top:bottom, left:right] = True


def _missing(covered: np.ndarray, x0: float, y0: float, first: Tile) -> list[str]:
    rows, columns = np.nonzero(~covered)
    if not is_geographic(first.crs):
        x, y = x0 + columns.mean() * first.dx, y0 - rows.mean() * first.dy
        return [f"quanh {x:.0f}, {y:.0f}"]
    east = np.floor(x0 + columns * first.dx).astype(int)
    north = np.floor(y0 - rows * first.dy).astype(int)
    return [
        f"N{lat:02d}E{lon:03d}" for lat, lon in sorted(set(zip(north.tolist(), east.tolist(), strict=True)))
    ][:20]


def _fill_voids(heights: np.ndarray, place: tuple[float, float, float, float]) -> tuple[np.ndarray, int]:
    empty = np.isnan(heights)
    count = int(empty.sum())
    if count == 0:
        return heights, 0
    depth = ndimage.distance_transform_edt(np.pad(empty, 1))[1:-1, 1:-1]
    if empty.all() or depth.max() > WIDEST_HOLE_CELLS:
        row, column = np.unravel_index(int(np.argmax(depth)), depth.shape)
        x, y = place[0] + column * place[2], place[1] - row * place[3]
        raise InputError(
            f"Địa hình có lỗ trống {count} ô, rộng nhất quanh {y:.4f}, {x:.4f}",
            expected=f"ô trống không rộng quá {2 * WIDEST_HOLE_CELLS} ô",
            remedy="Vá bằng nguồn khác (SRTM bản đã vá, Copernicus) rồi tính lại",
        )
    known = (~empty).astype(np.uint8)
    return fillnodata(
        np.where(empty, 0, heights).astype(np.float32), mask=known, max_search_distance=50
    ), count


def clip_bounds(
    terrain: Terrain, bounds: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    """Return the part of ``bounds`` that the tiles' common rectangle has."""
    west, south, east, north = terrain.bounds
    return max(west, bounds[0]), max(south, bounds[1]), min(east, bounds[2]), min(north, bounds[3])
