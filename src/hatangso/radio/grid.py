"""A window of terrain in memory, and how distance and azimuth from a station lie on it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from hatangso.errors import InputError
from hatangso.geo import convergence_deg, is_geographic, points_at, project, unproject
from hatangso.radio.compiled import compiled

_AXIS_KM, _E2 = 6378.137, 0.00669437999014


@dataclass(frozen=True)
class Grid:
    """Terrain of an area.

    Parameters
    ----------
    ground_m : float32 array (rows, columns), row 0 in the north; no voids
    x0, y0 : coordinates of the centre of cell (0, 0): degrees east and north, or metres
    dx, dy : size of a cell, both positive, in the unit of ``x0``
    crs : "EPSG:4326" or a projected system in metres
    clutter_m : float32 (rows, columns) representative clutter heights, or (1, 1) when there are none
    zone : uint8 (rows, columns) of SEA, COASTAL, INLAND, or (1, 1) when everything is inland
    """

    ground_m: np.ndarray
    x0: float
    y0: float
    dx: float
    dy: float
    crs: str = "EPSG:4326"
    clutter_m: np.ndarray = field(default_factory=lambda: np.zeros((1, 1), dtype=np.float32))
    zone: np.ndarray = field(default_factory=lambda: np.zeros((1, 1), dtype=np.uint8))

    def __post_init__(self) -> None:
        if self.ground_m.ndim != 2 or min(self.ground_m.shape) < 2:
            raise InputError("Địa hình", found=f"mảng {self.ground_m.shape}", expected="ít nhất 2 × 2 ô")
        if not (self.dx > 0 and self.dy > 0):
            raise InputError("Địa hình: kích thước ô", found=f"{self.dx} × {self.dy}", expected="số dương")
        for name, layer in (("vật che phủ", self.clutter_m), ("vùng", self.zone)):
            if layer.shape not in ((1, 1), self.ground_m.shape):
                raise InputError(f"Địa hình: lớp {name} có {layer.shape}", expected=f"{self.ground_m.shape}")

    @property
    def geographic(self) -> bool:
        """True when the grid is in degrees."""
        return is_geographic(self.crs)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.ground_m.shape[0], self.ground_m.shape[1]

    def indices(self, lon: np.ndarray | float, lat: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Return fractional row and column of positions in degrees."""
        x, y = lon, lat
        if not self.geographic:
            x, y = project(lon, lat, crs=self.crs)
        return (self.y0 - np.asarray(y)) / self.dy, (np.asarray(x) - self.x0) / self.dx

    def positions(self, row: np.ndarray | float, column: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Return longitude and latitude in degrees of fractional rows and columns."""
        x, y = self.x0 + np.asarray(column) * self.dx, self.y0 - np.asarray(row) * self.dy
        if self.geographic:
            return x, y
        return unproject(x, y, crs=self.crs)

    def cell_m(self) -> float:
        """Mean size of a cell at the middle of the grid, in metres."""
        if not self.geographic:
            return math.sqrt(self.dx * self.dy)
        latitude = math.radians(self.y0 - self.dy * self.shape[0] / 2)
        return math.radians(1) * _AXIS_KM * 1000 * math.sqrt(self.dx * self.dy * math.cos(latitude))

    def window(self, lon: float, lat: float, radius_km: float) -> tuple[int, int, int, int]:
        """Return first row, last row + 1, first column, last column + 1 of the part within reach of a station."""
        row, column = self.indices(*points_at(lon, lat, [0, 90, 180, 270], distance_m=radius_km * 1000))
        rows, columns = self.shape
        return (
            max(0, int(row.min())), min(rows, int(row.max()) + 2), max(0, int(column.min())),
            min(columns, int(column.max()) + 2),
        )  # fmt: skip

    def part(self, window: tuple[int, int, int, int]) -> Grid:
        """Return the rows and columns of ``window`` as a grid of its own (views, no copies)."""
        top, bottom, left, right = window

        def cut(layer: np.ndarray) -> np.ndarray:
            return layer if layer.shape == (1, 1) else layer[top:bottom, left:right]

        return Grid(
            self.ground_m[top:bottom, left:right], self.x0 + left * self.dx, self.y0 - top * self.dy, self.dx, self.dy,
            self.crs, cut(self.clutter_m), cut(self.zone),
        )  # fmt: skip

    def convergence_deg(self, lon: float, lat: float) -> float:
        """Angle from grid north to true north at a place, 0 on geographic grids."""
        return 0.0 if self.geographic else convergence_deg(lon, lat, crs=self.crs)


def ray_paths(grid: Grid, lon: float, lat: float, *, rays: int, radius_km: float) -> np.ndarray:
    """Return cubic coefficients of row and column over km for each ray: shape (rays, 8).

    Ray i leaves at azimuth 360·i/rays (true north on geographic grids, grid north on projected ones). The cubic goes
    through four points of the geodesic; at 50 km it is off by millimetres.
    """
    azimuth = np.arange(rays) * (360.0 / rays)
    reach = np.array([1, 2, 3]) / 3 * radius_km
    row0, column0 = (float(value) for value in grid.indices(lon, lat))
    if not grid.geographic:
        angle = np.radians(azimuth)
        paths = np.zeros((rays, 8))
        paths[:, 0], paths[:, 4] = row0, column0
        paths[:, 1], paths[:, 5] = -np.cos(angle) * 1000 / grid.dy, np.sin(angle) * 1000 / grid.dx
        return paths
    ends = points_at(lon, lat, np.repeat(azimuth, 3), distance_m=np.tile(reach * 1000, rays))
    row, column = grid.indices(*ends)
    power = np.linalg.inv(np.stack([reach, reach**2, reach**3], axis=1))
    paths = np.empty((rays, 8))
    paths[:, 0], paths[:, 4] = row0, column0
    paths[:, 1:4] = (row.reshape(rays, 3) - row0) @ power.T
    paths[:, 5:8] = (column.reshape(rays, 3) - column0) @ power.T
    return paths


def station_plane(
    grid: Grid, lon: float, lat: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return per row: km north, km east per column, turn of the azimuth per column (rad), latitude of mid-path.

    Mid-latitude formulas of the ellipsoid: distances right to 1e-6 within 100 km.
    """
    rows = np.arange(grid.shape[0])
    if not grid.geographic:
        row0 = float(grid.indices(lon, lat)[0])
        north = (row0 - rows) * grid.dy / 1000
        return north, np.full(rows.size, grid.dx / 1000), np.zeros(rows.size), np.abs(lat + north / 222.4)
    row_lat = grid.y0 - rows * grid.dy
    middle = np.radians((row_lat + lat) / 2)
    curve = 1 - _E2 * np.sin(middle) ** 2
    north = _AXIS_KM * (1 - _E2) / curve**1.5 * np.radians(row_lat - lat)
    east = _AXIS_KM / np.sqrt(curve) * np.cos(middle) * math.radians(grid.dx)
    turn = 0.5 * math.radians(grid.dx) * np.sin(middle)
    return north, east, turn, np.abs(np.degrees(middle))


@compiled
def number_rays(plane: tuple, reach: tuple, part: tuple, of_ray: np.ndarray) -> None:
    """Write the nearest ray of every pixel of the rows ``part[0]`` to ``part[1]``; -1 out of reach."""
    north, east, turn, column0 = plane
    radius, nearest, rays = reach
    columns = of_ray.size // north.size
    per_radian = rays / (2 * math.pi)
    for r in range(part[0], part[1]):
        y = north[r]
        for c in range(columns):
            x = east[r] * (c - column0)
            d2 = x * x + y * y
            if d2 > radius * radius or d2 < nearest * nearest:
                of_ray[r * columns + c] = -1
                continue
            angle = math.atan2(x, y) - turn[r] * (c - column0)
            of_ray[r * columns + c] = math.floor(angle * per_radian + 0.5) % rays


@compiled
def sort_by_ray(of_ray: np.ndarray, rays: int) -> tuple[np.ndarray, np.ndarray]:
    """Sort pixels by their ray (-1 left out): flat indices, and where each ray's begin (rays + 1,)."""
    starts = np.zeros(rays + 1, dtype=np.int64)
    for ray in of_ray:
        if ray >= 0:
            starts[ray + 1] += 1
    for ray in range(rays):
        starts[ray + 1] += starts[ray]
    place = starts[:-1].copy()
    pixels = np.empty(starts[rays], dtype=np.int32)
    for pixel in range(of_ray.size):
        ray = of_ray[pixel]
        if ray >= 0:
            pixels[place[ray]] = pixel
            place[ray] += 1
    return pixels, starts
