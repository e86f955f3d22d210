"""The index behind :mod:`hatangso.areas.locating`: which polygon a grid cell lies in, and the edges where borders pass."""

from __future__ import annotations

import numpy as np
from numba import njit

FINE_BITS = 4
FINE = (
    1 << FINE_BITS
)  # fine cells along the side of a border cell; a power of two, so that halving it is exact
MIXED = -2  # a fine cell that an edge touches
NONE = -1  # a cell or fine cell in no polygon


def index_cells(
    edges: np.ndarray, starts: np.ndarray, frame: np.ndarray
) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, ...]]:
    """Return cells, fine cells and what border cells hold.

    Parameters
    ----------
    edges : (m, 4) float64, lower end x, y, upper end x, y; those of a polygon side by side
    starts : (n + 1,) int64, where the edges of each polygon begin
    frame : x and y of the lower left corner, side of a cell, its inverse, columns, rows

    Returns
    -------
    cells : (rows · columns,) int32, the polygon of a cell, −1 for none, −2 − b for border cell b
    fine : (borders, FINE, FINE) int16 or int32, the polygon of a fine cell, −1 for none, :data:`MIXED`
    borders : where the groups of each border cell begin; group (polygon · 2 + 1 when it holds the cell's corner);
        where the edges of each group begin; edges (k, 4)
    """
    cells, *borders = _index(edges, starts, frame)
    narrow = len(starts) - 1 <= np.iinfo(np.int16).max
    fine = np.full((len(borders[0]) - 1, FINE, FINE), NONE, dtype=np.int16 if narrow else np.int32)
    _mark_fine(edges, frame, cells, fine)
    _fill_fine((frame, cells), tuple(borders), fine)
    return cells, fine, tuple(borders)


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
def polygon_at(point, corner, borders, border):  # type: ignore[no-untyped-def]
    """Return which polygon holds a point of a border cell, -1 for none; ``corner`` is the cell's lower left one."""
    group_start, groups, edge_start, edges = borders
    path = (corner[0], corner[1], point[0], point[1])
    for group in range(group_start[border], group_start[border + 1]):
        held = (groups[group] & 1) == 1
        if held != _crossings(edges, edge_start[group], edge_start[group + 1], path):
            return groups[group] >> 1
    return NONE


@njit(cache=True)
def _mark_fine(edges, frame, cells, fine):  # type: ignore[no-untyped-def]
    """Mark the fine cells of border cells that an edge touches."""
    columns = int(frame[4])
    finer = frame.copy()
    finer[2], finer[3], finer[4], finer[5] = (
        frame[2] / FINE,
        frame[3] * FINE,
        frame[4] * FINE,
        frame[5] * FINE,
    )
    for number in range(edges.shape[0]):
        first_row, last_row = _rows_of(edges[number], finer)
        for row in range(first_row, last_row + 1):
            left, right = _columns_in_row(edges[number], row, finer)
            for column in range(left, right + 1):
                border = -2 - cells[row // FINE * columns + column // FINE]
                if border >= 0:
                    fine[border, row % FINE, column % FINE] = MIXED


@njit(cache=True)
def _fill_fine(grid, borders, fine):  # type: ignore[no-untyped-def]
    """Note the polygon of every fine cell that no edge touches: that of its neighbour, or of its middle."""
    frame, cells = grid
    columns, side = int(frame[4]), frame[2] / FINE
    for at in range(cells.shape[0]):
        border = -2 - cells[at]
        if border < 0:
            continue
        corner = (frame[0] + at % columns * frame[2], frame[1] + at // columns * frame[2])
        for up in range(FINE):
            label = MIXED
            for across in range(FINE):
                if fine[border, up, across] == MIXED:
                    label = MIXED
                    continue
                if label == MIXED and up > 0:
                    label = int(fine[border, up - 1, across])
                if label == MIXED:
                    middle = (corner[0] + (across + 0.5) * side, corner[1] + (up + 0.5) * side)
                    label = polygon_at(middle, corner, borders, border)
                fine[border, up, across] = label
