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

from hatangso.errors import InputError

_MOST_CELLS = 16_000_000
_CELLS_PER_EDGE = 8
_FEWEST_CELLS = 1_024
_FINE_BITS = 4
_FINE = (
    1 << _FINE_BITS
)  # fine cells along the side of a border cell; a power of two, so that halving it is exact
_BLOCK = 32_768  # points handled at a time: what is noted about them stays in near memory
_MANY_POINTS = 100_000  # from here on threads pay
_MIXED = -2  # a fine cell that an edge touches
_NONE = -1  # a fine cell in no polygon


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
    cells, group_start, groups, edge_start, kept = _index(edges, starts, frame)
    narrow = geometries.size <= np.iinfo(np.int16).max
    fine = np.full((len(group_start) - 1, _FINE, _FINE), _NONE, dtype=np.int16 if narrow else np.int32)
    _mark_fine(edges, frame, cells, fine)
    _fill_fine((frame, cells), (group_start, groups, edge_start, kept), fine)
    return Locator(
        geometries.size,
        (float(low_x), float(low_y), float(side), float(1.0 / side)),
        columns,
        rows,
        cells,
        fine,
        group_start,
        groups,
        edge_start,
        kept,
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


def _index(
    edges: np.ndarray, starts: np.ndarray, frame: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the cells (polygon, −1, or −2 − border cell) and, for border cells, their groups and edges."""
    touched = np.zeros(int(frame[4]) * int(frame[5]), dtype=np.int64)
    _mark_cells(edges, frame, touched)
    border = np.flatnonzero(touched)
    cells = np.full(touched.size, -1, dtype=np.int32)
    cells[border] = -2 - np.arange(border.size, dtype=np.int32)
    polygons = (edges, starts, frame)
    group_place = np.zeros(border.size, dtype=np.int64)
    nothing = np.zeros(0, dtype=np.int64)
    _visit(polygons, cells, group_place, (nothing, nothing.astype(np.int32), nothing, np.zeros((0, 4))))
    group_start = np.concatenate([[0], np.cumsum(group_place)]).astype(np.int64)
    edge_place = np.concatenate([[0], np.cumsum(touched[border])]).astype(np.int64)
    groups = np.zeros(group_start[-1], dtype=np.int32)
    edge_start = np.full(group_start[-1] + 1, edge_place[-1], dtype=np.int64)
    kept = np.zeros((edge_place[-1], 4))
    _visit(polygons, cells, group_start[:-1].copy(), (edge_place[:-1].copy(), groups, edge_start, kept))
    return cells, group_start, groups, edge_start, kept


# --------------------------------------------------------------------------------------------- compiled
@njit(inline="always")
def _is_right_of(edge, x, y):  # type: ignore[no-untyped-def]
    """Say whether (x, y) lies right of an edge given from its lower end; above it when the edge is level."""
    ax, ay, bx, by = edge[0], edge[1], edge[2], edge[3]
    if ay == by:
        return y >= ay
    if ay <= y < by:
        if x <= min(ax, bx):
            return False
        if x > max(ax, bx):
            return True
    elif y >= by:
        return ax > bx
    else:
        return ax <= bx
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax) < 0.0


@njit(inline="always")
def _columns_in_row(edge, row, frame):  # type: ignore[no-untyped-def]
    """Return the first and last column an edge touches in a grid row, a hair wider than exact."""
    x0, y0, side, inverse, columns = frame[0], frame[1], frame[2], frame[3], int(frame[4])
    pad = 1e-7 * side
    low, high = y0 + row * side - pad, y0 + (row + 1) * side + pad
    ax, ay, bx, by = edge[0], edge[1], edge[2], edge[3]
    first, last = ax, bx
    if by > ay:
        slope = (bx - ax) / (by - ay)
        if ay < low:
            first = ax + (low - ay) * slope
        if by > high:
            last = ax + (high - ay) * slope
    left, right = min(first, last) - pad, max(first, last) + pad
    return max(0, int((left - x0) * inverse)), min(columns - 1, int((right - x0) * inverse))


@njit(inline="always")
def _rows_of(edge, frame):  # type: ignore[no-untyped-def]
    y0, side, inverse, rows = frame[1], frame[2], frame[3], int(frame[5])
    pad = 1e-7 * side
    return max(0, int((edge[1] - pad - y0) * inverse)), min(rows - 1, int((edge[3] + pad - y0) * inverse))


@njit(cache=True)
def _mark_cells(edges, frame, touched):  # type: ignore[no-untyped-def]
    columns = int(frame[4])
    for number in range(edges.shape[0]):
        edge = edges[number]
        first_row, last_row = _rows_of(edge, frame)
        for row in range(first_row, last_row + 1):
            left, right = _columns_in_row(edge, row, frame)
            for column in range(left, right + 1):
                touched[row * columns + column] += 1


@njit(cache=True)
def _visit(polygons, cells, group_place, target):  # type: ignore[no-untyped-def]
    """Walk over the polygons; count the groups of each border cell or, given room, fill groups and whole cells.

    A group is a polygon in a border cell: its number, whether it holds the cell's corner, where its edges begin.
    """
    edges, starts, frame = polygons
    edge_place, groups, edge_start, kept = target
    columns, fill = int(frame[4]), kept.shape[0] > 0
    stamp = np.full(cells.shape[0], -1, dtype=np.int32)
    toggles = np.zeros(cells.shape[0], dtype=np.uint8)
    for polygon in range(starts.shape[0] - 1):
        own = edges[starts[polygon] : starts[polygon + 1]]
        _stamp_cells(own, frame, (stamp, polygon))
        top, bottom, left, right = _toggle_corners(own, frame, toggles)
        for row in range(top, bottom + 1):
            inside = 0
            for at in range(row * columns + left, row * columns + right + 1):
                inside ^= toggles[at]
                toggles[at] = 0
                border = -2 - cells[at]
                if border < 0:
                    if inside and fill and cells[at] == -1:
                        cells[at] = polygon
                elif stamp[at] == polygon or inside:
                    if fill:
                        groups[group_place[border]] = (polygon << 1) | inside
                        edge_start[group_place[border]] = edge_place[border]
                    group_place[border] += 1
        if fill:
            _keep_edges(own, frame, (cells, edge_place, kept))


@njit(cache=True)
def _stamp_cells(edges, frame, mark):  # type: ignore[no-untyped-def]
    stamp, polygon = mark
    columns = int(frame[4])
    for number in range(edges.shape[0]):
        first_row, last_row = _rows_of(edges[number], frame)
        for row in range(first_row, last_row + 1):
            left, right = _columns_in_row(edges[number], row, frame)
            for column in range(left, right + 1):
                stamp[row * columns + column] = polygon


@njit(cache=True)
def _keep_edges(edges, frame, target):  # type: ignore[no-untyped-def]
    cells, edge_place, kept = target
    columns = int(frame[4])
    for number in range(edges.shape[0]):
        first_row, last_row = _rows_of(edges[number], frame)
        for row in range(first_row, last_row + 1):
            left, right = _columns_in_row(edges[number], row, frame)
            for column in range(left, right + 1):
                border = -2 - cells[row * columns + column]
                kept[edge_place[border]] = edges[number]
                edge_place[border] += 1


@njit(cache=True)
def _toggle_corners(edges, frame, toggles):  # type: ignore[no-untyped-def]
    """Toggle, in each grid row, the first cell corner right of each edge; return the rows and columns touched."""
    x0, y0, side, inverse = frame[0], frame[1], frame[2], frame[3]
    columns, rows = int(frame[4]), int(frame[5])
    top, bottom, left_most, right_most = rows, -1, columns, -1
    for number in range(edges.shape[0]):
        edge = edges[number]
        first_row, last_row = _rows_of(edge, frame)
        for row in range(first_row, last_row + 1):
            left, right = _columns_in_row(edge, row, frame)
            top, bottom = min(top, row), max(bottom, row)
            left_most, right_most = min(left_most, left), max(right_most, right)
            y = y0 + row * side
            if edge[1] <= y < edge[3]:
                x = edge[0] + (y - edge[1]) * (edge[2] - edge[0]) / (edge[3] - edge[1])
                column = max(0, int((x - x0) * inverse) - 1)
                while column < columns and not _is_right_of(edge, x0 + column * side, y):
                    column += 1
                if column < columns:
                    toggles[row * columns + column] ^= 1
                    right_most = max(right_most, column)
    return top, bottom, left_most, right_most


@njit(inline="always")
def _crossings(edges, first, last, path):  # type: ignore[no-untyped-def]
    """Return the parity of edges crossed on the way from the corner up to the point's height and across to it.

    With c the corner, q above it at the point's height, p the point, an edge is crossed going up when it has c
    and q on different sides, going across when it has q and p on different sides; what is asked of q cancels out
    when both apply.
    """
    corner_x, corner_y, x, y = path
    parity = False
    for number in range(first, last):
        ax, ay, bx, by = edges[number, 0], edges[number, 1], edges[number, 2], edges[number, 3]
        meets_side = (ax >= corner_x) != (bx >= corner_x)
        spans = (ay <= y) & (y < by)
        beyond = (bx - ax) * (y - ay) - (by - ay) * (x - ax) < 0.0
        right_of = (x > min(ax, bx)) & ((x > max(ax, bx)) | beyond)
        # no branch depends on where the edge lies but for the few that cross the line up from the corner
        parity ^= spans & (right_of ^ ((ax < corner_x) & (not meets_side)))
        if meets_side:
            at_corner = _is_right_of(edges[number], corner_x, corner_y)
            parity ^= at_corner ^ (_is_right_of(edges[number], corner_x, y) & (not spans))
    return parity


@njit(inline="always")
def _polygon_at(point, corner, borders, border):  # type: ignore[no-untyped-def]
    """Return which polygon holds a point of a border cell, -1 for none; ``corner`` is the cell's lower left one."""
    group_start, groups, edge_start, edges = borders
    path = (corner[0], corner[1], point[0], point[1])
    for group in range(group_start[border], group_start[border + 1]):
        held = (groups[group] & 1) == 1
        if held != _crossings(edges, edge_start[group], edge_start[group + 1], path):
            return groups[group] >> 1
    return _NONE


@njit(cache=True)
def _mark_fine(edges, frame, cells, fine):  # type: ignore[no-untyped-def]
    """Mark the fine cells of border cells that an edge touches."""
    columns = int(frame[4])
    finer = frame.copy()
    finer[2], finer[3], finer[4], finer[5] = (
        frame[2] / _FINE,
        frame[3] * _FINE,
        frame[4] * _FINE,
        frame[5] * _FINE,
    )
    for number in range(edges.shape[0]):
        first_row, last_row = _rows_of(edges[number], finer)
        for row in range(first_row, last_row + 1):
            left, right = _columns_in_row(edges[number], row, finer)
            for column in range(left, right + 1):
                border = -2 - cells[row // _FINE * columns + column // _FINE]
                if border >= 0:
                    fine[border, row % _FINE, column % _FINE] = _MIXED


@njit(cache=True)
def _fill_fine(grid, borders, fine):  # type: ignore[no-untyped-def]
    """Note the polygon of every fine cell that no edge touches: that of its neighbour, or of its middle."""
    frame, cells = grid
    columns, side = int(frame[4]), frame[2] / _FINE
    for at in range(cells.shape[0]):
        border = -2 - cells[at]
        if border < 0:
            continue
        corner = (frame[0] + at % columns * frame[2], frame[1] + at // columns * frame[2])
        for up in range(_FINE):
            label = _MIXED
            for across in range(_FINE):
                if fine[border, up, across] == _MIXED:
                    label = _MIXED
                    continue
                if label == _MIXED and up > 0:
                    label = int(fine[border, up - 1, across])
                if label == _MIXED:
                    middle = (corner[0] + (across + 0.5) * side, corner[1] + (up + 0.5) * side)
                    label = _polygon_at(middle, corner, borders, border)
                fine[border, up, across] = label


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
            border = place[index] >> (2 * _FINE_BITS)
            out[point] = _polygon_at((x[point], y[point]), corner, borders, border)


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
        column = np.int32(across * _FINE) if there else np.int32(0)
        row = np.int32(up * _FINE) if there else np.int32(0)
        cell = (row >> _FINE_BITS) * columns + (column >> _FINE_BITS)
        out[point] = cell if there else np.int32(-1)
        left[point] = ((row & (_FINE - 1)) << _FINE_BITS) | (column & (_FINE - 1))
    for point in range(x.shape[0]):  # slow reads, nothing waits for them
        there = out[point] >= 0
        polygon = cells[np.uint64(max(out[point], 0))]
        out[point] = polygon if there else np.int32(_NONE)
    for point in range(x.shape[0]):
        within, border = np.int64(left[point]), -2 - np.int64(out[point])
        left[count], place[count] = point, (border << (2 * _FINE_BITS)) | within
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
        count += out[point] == _MIXED
    return count


@njit(inline="always")
def _bring_near(borders, place, seen):  # type: ignore[no-untyped-def]
    """Read what the points left will need, one kind after the other, so that slow reads run side by side.

    Something of it is written to ``seen``, or the compiler would see that the reading is for nothing.
    """
    group_start, groups, edge_start, edges = borders
    for index in range(place.shape[0]):
        border = place[index] >> (2 * _FINE_BITS)
        seen[index] = groups[group_start[border]]
    for index in range(place.shape[0]):
        border = place[index] >> (2 * _FINE_BITS)
        first, last = edge_start[group_start[border]], edge_start[group_start[border + 1]]
        total = 0.0
        for edge in range(first, last, 2):
            total += edges[edge, 0]
        seen[index] += total
