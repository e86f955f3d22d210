"""Terrain of the invented province: seeded fractal hills, rivers that run downhill, roads that avoid the steep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import Affine
from scipy import ndimage, sparse
from scipy.sparse import csgraph


@dataclass(frozen=True)
class InventedTerrain:
    """Heights and what lies on them.

    ``height_m`` float32 (rows, columns), row 0 north; ``river`` and ``forest`` bool, the same shape; ``west``,
    ``north`` degrees of the corner, ``cell_deg`` size of a cell.
    """

    height_m: np.ndarray
    river: np.ndarray
    forest: np.ndarray
    west: float
    north: float
    cell_deg: float

    def position(self, row: float, column: float) -> tuple[float, float]:
        """Longitude and latitude of a cell's centre."""
        return self.west + (column + 0.5) * self.cell_deg, self.north - (row + 0.5) * self.cell_deg


def invent_terrain(
    *,
    seed: int,
    rows: int = 600,
    columns: int = 600,
    corner: tuple[float, float] = (107.3, 12.8),
    highest_m: float = 900.0,
) -> InventedTerrain:
    """Return hills with rivers for a seed: the same arrays for the same numbers.

    Random heights are coloured in the frequency domain (power falls with frequency), one side is lowered into a plain,
    and cells through which much of the rain passes become rivers that cut 3 m into the ground.
    """
    draw = np.random.default_rng(seed)
    size = 1 << int(np.ceil(np.log2(max(rows, columns))))
    spectrum = np.fft.rfft2(draw.normal(size=(size, size)))
    wave = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :])
    wave[0, 0] = np.inf
    shape = np.fft.irfft2(spectrum * wave**-1.9, s=(size, size))[:rows, :columns]
    shape = (shape - shape.min()) / (shape.max() - shape.min())
    slope = np.linspace(1.0, 0.15, columns)[None, :]
    height = 20 + highest_m * (shape * slope) ** 1.3
    river = _rivers(height, least_cells=max(150, rows * columns // 1500))
    height = np.where(ndimage.binary_dilation(river), height - 3, height)
    forest = (ndimage.gaussian_filter(draw.normal(size=(rows, columns)), 8) > 0) & (height > 0.25 * highest_m)
    return InventedTerrain(height.astype(np.float32), river, forest & ~river, corner[0], corner[1], 1 / 3600)


def invent_road(terrain: InventedTerrain, places: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
    """Return the vertices (longitude, latitude) of a road through cells (row, column): short, but not over the steep."""
    step = 4
    coarse = terrain.height_m[::step, ::step]
    rows, columns = coarse.shape
    number = np.arange(rows * columns).reshape(rows, columns)
    links = []
    for a, b in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:]), (np.s_[:-1, :-1], np.s_[1:, 1:])):
        cost = step * (1 + (np.abs(coarse[a] - coarse[b]) / (step * 1.5)) ** 2)
        links.append((number[a].ravel(), number[b].ravel(), cost.ravel()))
    start, end, cost = (np.concatenate(columns_) for columns_ in zip(*links, strict=True))
    graph = sparse.csr_matrix((cost, (start, end)), shape=(rows * columns,) * 2)
    vertices: list[tuple[float, float]] = []
    for (r0, c0), (r1, c1) in pairwise(places):
        origin, goal = number[r0 // step, c0 // step], number[r1 // step, c1 // step]
        _, before = csgraph.dijkstra(graph, directed=False, indices=origin, return_predecessors=True)
        path = [int(goal)]
        while path[-1] != origin:
            path.append(int(before[path[-1]]))
        cells = [divmod(node, columns) for node in reversed(path)]
        vertices += [terrain.position(r * step, c * step) for r, c in cells]
    return vertices


def write_terrain(terrain: InventedTerrain, path: Path) -> None:
    """Write the heights as a GeoTIFF in degrees WGS 84, metres."""
    rows, columns = terrain.height_m.shape
    transform = Affine(terrain.cell_deg, 0, terrain.west, 0, -terrain.cell_deg, terrain.north)
    with rasterio.open(
        path, "w", driver="GTiff", dtype="float32", count=1, height=rows, width=columns, crs="EPSG:4326",
        transform=transform, compress="deflate", tiled=True,
    ) as target:  # fmt: skip
        target.write(terrain.height_m, 1)
        target.set_band_unit(1, "m")


def _rivers(height: np.ndarray, *, least_cells: int) -> np.ndarray:
    """Cells through which the rain of at least ``least_cells`` cells passes, each cell draining to its lowest neighbour."""
    rows, columns = height.shape
    smooth = ndimage.gaussian_filter(height, 3)
    padded = np.pad(smooth, 1, constant_values=np.inf)
    lowest = np.full(smooth.shape, np.inf)
    down = np.arange(rows * columns).reshape(rows, columns)
    own = down.copy()
    for dr in (-1, 0, 1):
        for dc in (-1, 0, 1):
            around = padded[1 + dr : 1 + dr + rows, 1 + dc : 1 + dc + columns]
            better = (around < lowest) & (around < smooth)
            lowest = np.where(better, around, lowest)
            down = np.where(better, own + dr * columns + dc, down)
    rain = np.ones(rows * columns)
    target = down.ravel()
    for cell in np.argsort(-smooth, axis=None):
        if target[cell] != cell:
            rain[target[cell]] += rain[cell]
    return (rain >= least_cells).reshape(rows, columns)
