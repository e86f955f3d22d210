"""Point → polygon for millions of points: a grid, a finer grid where borders pass, and edge parity in what is left."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import shapely
from numba import get_num_threads, njit

from hatangso.areas.border_grid import FINE, FINE_BITS, MIXED, NONE, index_cells, polygon_at
from hatangso.errors import InputError

_MOST_CELLS = 16_000_000
_CELLS_PER_EDGE = 8
_FEWEST_CELLS = 1_024
_BLOCK = 32_768  # points handled at a time: what is noted about them stays in near memory
_MANY_POINTS = 100_000  # from here on threads pay


@dataclass(frozen=True)
class Locator:
    """An index over polygons; made once by :func:`build_locator`, then asked for any number of points.

    Rule at borders: a point on a border belongs to exactly one of the areas that share it, namely the one that
    holds the points just to its left and, on a horizontal border, just above it. Where polygons overlap, the
    one listed first has the point. Coordinates are compared as they are, as flat x and y.

    ``size`` is the number of polygons; the other fields are the arrays of the index.
    """

    size: int
    box: tuple[float, float, float, float]
    columns: int
    rows: int
    cells: np.ndarray
    fine: np.ndarray
    group_start: np.ndarray
    groups: np.ndarray
    edge_start: np.ndarray
    edges: np.ndarray

    def assign(self, x: np.ndarray, y: np.ndarray, *, out: np.ndarray | None = None) -> np.ndarray:
        """Return for each point the number of its polygon, −1 for none.

        Parameters
        ----------
        x, y : (n,) float64, longitude and latitude in degrees (or any flat coordinates, as the polygons)
        out : (n,) int32 to fill, so that nothing is allocated

        Returns
        -------
        numbers : (n,) int32; points that are not finite get −1
        """
        x = np.ascontiguousarray(x, dtype=np.float64)
        y = np.ascontiguousarray(y, dtype=np.float64)
        if x.ndim != 1 or x.shape != y.shape:
            raise InputError(
                "Toạ độ điểm",
                found=f"hai mảng {x.shape} và {y.shape}",
                expected="hai mảng một chiều bằng nhau",
            )
        if out is None:
            out = np.empty(x.shape[0], dtype=np.int32)
        elif out.shape != x.shape or out.dtype != np.int32:
            raise InputError("Mảng kết quả", found=f"{out.dtype} {out.shape}", expected=f"int32 {x.shape}")
        parts = get_num_threads() if x.shape[0] >= _MANY_POINTS else 1
        if parts == 1:
            self._fill(x, y, out)
            return out
        ends = [x.shape[0] * part // parts for part in range(parts + 1)]
        with ThreadPoolExecutor(parts) as pool:
            for filled in [
                pool.submit(self._fill, x[start:stop], y[start:stop], out[start:stop])
                for start, stop in itertools.pairwise(ends)
            ]:
                filled.result()
        return out

    def _fill(self, x: np.ndarray, y: np.ndarray, out: np.ndarray) -> None:
        frame = np.array([*self.box, self.columns, self.rows], dtype=np.float64)
        borders = (self.group_start, self.groups, self.edge_start, self.edges)
        _assign((x, y), (frame, self.cells, self.fine), borders, out)


def build_locator(polygons: Sequence[shapely.Geometry] | np.ndarray, *, cell: float | None = None) -> Locator:
    """Build the index.

    Each polygon's edges are noted in the cells they touch, with whether the polygon holds the cell's lower left
    corner. Inside such a cell a point is reached from the corner, first up and then across, and the polygon's
    edges crossed on the way are counted: even means as at the corner. Edges are always compared from their lower
    end, so that two polygons that share an edge decide alike. Border cells are divided into 16 × 16 fine cells; those
    that no edge touches lie in one polygon, so that only points in the others meet edges. No answer depends on this.

    Parameters
    ----------
    polygons : n polygons or multipolygons; an empty one has no points
    cell : side of a grid cell in the unit of the coordinates; chosen from the number of edges by default

    Raises
    ------
    InputError
        when there is nothing to index or a geometry is no polygon.
    """
    geometries = np.asarray(polygons, dtype=object)
    kinds = shapely.get_type_id(geometries)
    if not geometries.size or not np.isin(kinds, (3, 6)).all():
        raise InputError(
            "Ranh giới", found="không có hoặc không phải vùng", expected="polygon hay multipolygon"
        )
    edges, owner = _edges(geometries)
    if not len(owner):
        raise InputError("Ranh giới", found="toàn vùng rỗng", expected="ít nhất một vùng có cạnh")
    low_x, low_y, high_x, high_y = shapely.total_bounds(geometries)
    side = cell or _cell_side(high_x - low_x, high_y - low_y, len(owner))
    columns = max(1, math.ceil((high_x - low_x) / side) + 1)
    rows = max(1, math.ceil((high_y - low_y) / side) + 1)
    frame = np.array([low_x, low_y, side, 1.0 / side, columns, rows], dtype=np.float64)
    starts = np.searchsorted(owner, np.arange(geometries.size + 1)).astype(np.int64)
    cells, fine, borders = index_cells(edges, starts, frame)
    return Locator(
        geometries.size,
        (float(low_x), float(low_y), float(side), float(1.0 / side)),
        columns,
        rows,
        cells,
        fine,
        *borders,
    )


def _cell_side(width: float, height: float, edges: int) -> float:
    wanted = min(_MOST_CELLS, max(_FEWEST_CELLS, _CELLS_PER_EDGE * edges))
    return math.sqrt(max(width, 1e-9) * max(height, 1e-9) / wanted)


def _edges(geometries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return edges (m, 4) as lower end x, y, upper end x, y, and the polygon each belongs to, in order."""
    parts, of_geometry = shapely.get_parts(geometries, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    points, of_ring = shapely.get_coordinates(rings, return_index=True)
    same = of_ring[1:] == of_ring[:-1]
    first, second = points[:-1][same], points[1:][same]
    owner = of_geometry[of_part[of_ring[:-1][same]]]
    turned = (first[:, 1] > second[:, 1]) | ((first[:, 1] == second[:, 1]) & (first[:, 0] > second[:, 0]))
    low = np.where(turned[:, None], second, first)
    high = np.where(turned[:, None], first, second)
    keep = (low != high).any(axis=1)
    return np.ascontiguousarray(np.hstack([low, high])[keep]), owner[keep]


@njit(cache=True, nogil=True)
def _assign(points, grid, borders, out):  # type: ignore[no-untyped-def]
    """Answer by cell, then by fine cell, then by edges; each pass keeps only the points it could not answer."""
    x, y = points
    frame, cells, fine = grid
    left = np.empty(min(_BLOCK, x.shape[0]) + 1, np.int32)
    place, seen = np.empty(left.shape[0], np.int64), np.empty(left.shape[0], np.float64)
    for start in range(0, x.shape[0], _BLOCK):
        stop = min(start + _BLOCK, x.shape[0])
        part, answers = (x[start:stop], y[start:stop]), out[start:stop]
        count = _by_cell(part, (frame, cells), (answers, left, place))
        count = _by_fine_cell(fine, (answers, left[:count], place))
        _bring_near(borders, place[:count], seen)
        for index in range(count):
            point = start + left[index]
            row, column = _cell_of(x[point], y[point], frame)
            corner = (frame[0] + column * frame[2], frame[1] + row * frame[2])
            border = place[index] >> (2 * FINE_BITS)
            out[point] = polygon_at((x[point], y[point]), corner, borders, border)


@njit(inline="always")
def _cell_of(x, y, frame):  # type: ignore[no-untyped-def]
    return int((y - frame[1]) * frame[3]), int((x - frame[0]) * frame[3])


@njit(inline="always")
def _by_cell(points, grid, answer):  # type: ignore[no-untyped-def]
    """Write the polygon of each point's cell.

    Returns how many points lie in border cells; their numbers come first in ``left``, their fine cells in ``place``.
    """
    x, y = points
    frame, cells = grid
    out, left, place = answer
    columns, count = np.int32(frame[4]), 0
    for point in range(x.shape[0]):  # no branch and no look-up: several points at a time
        across, up = (x[point] - frame[0]) * frame[3], (y[point] - frame[1]) * frame[3]
        there = (across >= 0.0) & (across < frame[4]) & (up >= 0.0) & (up < frame[5])
        column = np.int32(across * FINE) if there else np.int32(0)
        row = np.int32(up * FINE) if there else np.int32(0)
        cell = (row >> FINE_BITS) * columns + (column >> FINE_BITS)
        out[point] = cell if there else np.int32(-1)
        left[point] = ((row & (FINE - 1)) << FINE_BITS) | (column & (FINE - 1))
    for point in range(x.shape[0]):  # slow reads, nothing waits for them
        there = out[point] >= 0
        polygon = cells[np.uint64(max(out[point], 0))]
        out[point] = polygon if there else np.int32(NONE)
    for point in range(x.shape[0]):
        within, border = np.int64(left[point]), -2 - np.int64(out[point])
        left[count], place[count] = point, (border << (2 * FINE_BITS)) | within
        count += int(border >= 0)
    return count


@njit(inline="always")
def _by_fine_cell(fine, answer):  # type: ignore[no-untyped-def]
    """Answer the points ``left`` that lie in fine cells without edges; returns how many do not."""
    out, left, place = answer
    flat = fine.reshape(-1)
    count = 0
    for index in range(left.shape[0]):  # slow reads, nothing waits for them
        out[left[index]] = flat[np.uint64(place[index])]
    for index in range(left.shape[0]):
        point = left[index]
        left[count], place[count] = point, place[index]
        count += out[point] == MIXED
    return count


@njit(inline="always")
def _bring_near(borders, place, seen):  # type: ignore[no-untyped-def]
    """Read what the points left will need, one kind after the other, so that slow reads run side by side.

    Something of it is written to ``seen``, or the compiler would see that the reading is for nothing.
    """
    group_start, groups, edge_start, edges = borders
    for index in range(place.shape[0]):
        border = place[index] >> (2 * FINE_BITS)
        seen[index] = groups[group_start[border]]
    for index in range(place.shape[0]):
        border = place[index] >> (2 * FINE_BITS)
        first, last = edge_start[group_start[border]], edge_start[group_start[border + 1]]
        total = 0.0
        for edge in range(first, last, 2):
            total += edges[edge, 0]
        seen[index] += total
