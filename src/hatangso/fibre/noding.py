"""Cutting lines into edges: at shared vertices, where they cross, and where a place is joined."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely

TOUCH_M = 0.5  # an end this near to another line stands on it
_GRID = 1000.0  # vertices are the same when they agree to the millimetre


@dataclass(frozen=True)
class Edges:
    """Lines cut into edges.

    tail, head : int64 (m,), nodes; line : int64 (m,), the line an edge is cut from
    points : float64 (k, 2), metres, of all edges one after the other; first : int64 (m + 1,)
    nodes : float64 (n, 2), metres
    """

    tail: np.ndarray
    head: np.ndarray
    line: np.ndarray
    points: np.ndarray
    first: np.ndarray
    nodes: np.ndarray


def meeting_points(
    lines: np.ndarray, noded: np.ndarray, infrastructure: np.ndarray, *, join_m: float
) -> tuple[list[tuple[int, np.ndarray]], list[np.ndarray]]:
    """Find where lines meet that share no vertex.

    Lines that are not ``noded`` meet where they cross and where one ends on another (within 0.5 m). Poles, ducts and
    cables (``infrastructure``) are joined to a road within ``join_m`` by a short link at each vertex of a pole line, at
    each end of the others.

    Parameters
    ----------
    lines : object array of LineString in metres; noded : bool; infrastructure : "", "poles", "duct" or "cable" of each

    Returns
    -------
    cuts : (line, point (2,)) to be put into a line as a vertex
    links : new lines, float64 (2, 2) each
    """
    cuts = _crossings(lines, noded)
    links: list[np.ndarray] = []
    roads = np.flatnonzero(infrastructure == "")
    if len(roads) == 0:
        return cuts, links
    tree = shapely.STRtree(lines[roads])
    for line in np.flatnonzero(infrastructure != ""):
        points = shapely.get_coordinates(lines[line])
        if infrastructure[line] != "poles":
            points = points[[0, -1]]
        ends = shapely.points(points)
        which, where = tree.query_nearest(ends, max_distance=join_m, all_matches=False)
        for end, road in zip(which, roads[where], strict=True):
            foot = _foot(lines[road], ends[end])
            cuts += [(int(road), foot), (int(line), points[end])]
            if np.hypot(*(foot - points[end])) > 1 / _GRID:
                links.append(np.array([points[end], foot]))
    return cuts, links


def _crossings(lines: np.ndarray, noded: np.ndarray) -> list[tuple[int, np.ndarray]]:
    free = np.flatnonzero(~noded)
    if len(free) == 0:
        return []
    tree = shapely.STRtree(lines)
    cuts: list[tuple[int, np.ndarray]] = []
    left, right = tree.query(lines[free], predicate="intersects")
    left = free[left]
    pairs = (left != right) & (noded[right] | (left < right))
    left, right = left[pairs], right[pairs]
    for one, two, shared in zip(left, right, shapely.intersection(lines[left], lines[right]), strict=True):
        for part in shapely.get_parts(shared):
            for point in shapely.get_coordinates(part)[[0, -1]]:
                cuts += [(int(one), point), (int(two), point)]
    ends = np.concatenate([shapely.get_point(lines[free], 0), shapely.get_point(lines[free], -1)])
    owner = np.concatenate([free, free])
    which, touched = tree.query(ends, predicate="dwithin", distance=TOUCH_M)
    for end, line in zip(which, touched, strict=True):
        if owner[end] != line:
            cuts.append((int(line), shapely.get_coordinates(ends[end])[0]))
    return cuts


def foot_on(line: shapely.LineString, point: np.ndarray) -> np.ndarray:
    """Return the point of a line nearest to a point, float64 (2,)."""
    return _foot(line, shapely.points(point))


def _foot(line: shapely.LineString, point: shapely.Point) -> np.ndarray:
    at = shapely.line_interpolate_point(line, shapely.line_locate_point(line, point))
    return shapely.get_coordinates(at)[0]


def put_in(lines: np.ndarray, cuts: list[tuple[int, np.ndarray]]) -> np.ndarray:
    """Return the lines with the cut points as vertices."""
    by_line: dict[int, list[np.ndarray]] = defaultdict(list)
    for line, point in cuts:
        by_line[line].append(point)
    changed = lines.copy()
    for line, points in by_line.items():
        changed[line] = _with_points(lines[line], np.array(points))
    return changed


def _with_points(line: shapely.LineString, points: np.ndarray) -> shapely.LineString:
    own = shapely.get_coordinates(line)
    steps = np.hypot(*np.diff(own, axis=0).T)
    place = np.concatenate(
        [np.concatenate([[0.0], np.cumsum(steps)]), shapely.line_locate_point(line, shapely.points(points))]
    )
    order = np.argsort(place, kind="stable")
    merged = np.concatenate([own, points])[order]
    return shapely.LineString(merged)


def cut_at_nodes(lines: np.ndarray) -> Edges:
    """Cut lines into edges at their ends and at every vertex that occurs more than once."""
    points, owner = shapely.get_coordinates(lines, return_index=True)
    keys = np.round(points * _GRID).astype(np.int64)
    same = np.zeros(len(keys), np.bool_)
    same[1:] = (owner[1:] == owner[:-1]) & (keys[1:] == keys[:-1]).all(axis=1)
    points, owner, keys = points[~same], owner[~same], keys[~same]
    _, first_at, vertex, count = np.unique(
        keys, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    vertex = vertex.ravel()
    starts = np.concatenate([[True], owner[1:] != owner[:-1]])
    ends = np.concatenate([starts[1:], [True]])
    breaks = np.flatnonzero(starts | ends | (count[vertex] > 1))
    begin, finish = breaks[:-1], breaks[1:]
    inside = owner[begin] == owner[finish]
    begin, finish = begin[inside], finish[inside]
    used, nodes = np.unique(vertex[np.concatenate([begin, finish])], return_inverse=True)
    sizes = finish - begin + 1
    first = np.concatenate([[0], np.cumsum(sizes)])
    take = np.repeat(begin - first[:-1], sizes) + np.arange(first[-1])
    edges = len(begin)
    return Edges(nodes[:edges], nodes[edges:], owner[begin], points[take], first, points[first_at[used]])


def node_at(edges: Edges, points: np.ndarray) -> np.ndarray:
    """Return the node at each point (metres, (k, 2)), -1 where there is none."""
    known = {tuple(key): node for node, key in enumerate(np.round(edges.nodes * _GRID).astype(np.int64))}
    return np.array(
        [known.get(tuple(key), -1) for key in np.round(points * _GRID).astype(np.int64)], np.int64
    )
