"""The road graph people walk and ride along, and where points join it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from hatangso.access.points import Points, on_sphere, unit_vectors
from hatangso.errors import InputError
from hatangso.fibre.noding import meeting_points, put_in
from hatangso.geo import LocalMetres, geodesic_distance_m

LONGEST_EDGE_DEG = 0.001
STRAY_M = 200.0
LEAST_PART = 0.05


@dataclass(frozen=True)
class RoadGraph:
    """Roads as compressed rows: node ``k`` leads to ``target[start[k]:start[k+1]]`` over ``length_m`` metres each."""

    longitude: np.ndarray
    latitude: np.ndarray
    start: np.ndarray
    target: np.ndarray
    length_m: np.ndarray


def build_graph(
    nodes: tuple[np.ndarray, np.ndarray], *, edges: tuple[np.ndarray, np.ndarray], length_m: np.ndarray
) -> RoadGraph:
    """Build the graph, both ways along every edge.

    Parameters
    ----------
    nodes : longitude and latitude, degrees, shape (n,) each
    edges : node numbers at both ends, shape (e,) each
    length_m : shape (e,), not negative
    """
    bad = np.flatnonzero(~(np.isfinite(length_m) & (length_m >= 0)))
    if len(bad):
        raise InputError(
            f"Cạnh đường thứ {bad[0] + 1}", found=f"dài {length_m[bad[0]]}", expected="số mét không âm"
        )
    count = len(nodes[0])
    ends = np.concatenate([edges[0], edges[1]]).astype(np.int64)
    if len(ends) and (ends.min() < 0 or ends.max() >= count):
        raise InputError(
            "Cạnh đường", found="nút không có trong bảng nút", expected=f"số nút từ 0 đến {count - 1}"
        )
    other = np.concatenate([edges[1], edges[0]])
    order = np.argsort(ends, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=count))]).astype(np.int64)
    both = np.concatenate([length_m, length_m]).astype(np.float64)
    return RoadGraph(
        np.asarray(nodes[0], float),
        np.asarray(nodes[1], float),
        start,
        other[order].astype(np.int32),
        both[order],
    )


def graph_from_lines(lines: np.ndarray, *, crossings: bool = False) -> RoadGraph:
    """Build the graph from road lines in degrees WGS 84.

    Every vertex is a node and lines join where they share a vertex, as OpenStreetMap roads do; stretches longer
    than 0.001° get vertices in between, so that houses snap to the middle of a road too.

    Parameters
    ----------
    lines : LineString or MultiLineString, other kinds are left out
    crossings : whether lines also join where they cross or one ends on another (within 0.5 m) without a shared
        vertex, as drawn roads mean it; then a road over a bridge joins the one below
    """
    parts = shapely.get_parts(np.asarray(lines, dtype=object))
    parts = parts[(shapely.get_type_id(parts) == 1) & ~shapely.is_empty(parts)]
    if not len(parts):
        raise InputError(
            "Tệp đường", found="không có đường nào", expected="hình LineString hoặc MultiLineString"
        )
    parts = shapely.segmentize(_joined(parts) if crossings else parts, LONGEST_EDGE_DEG)
    coordinates, line = shapely.get_coordinates(parts, return_index=True)
    unique, node = np.unique(np.round(coordinates, 7), axis=0, return_inverse=True)
    node = node.ravel()
    joined = line[1:] == line[:-1]
    first, second = node[:-1][joined], node[1:][joined]
    length = geodesic_distance_m((unique[first, 0], unique[second, 0]), (unique[first, 1], unique[second, 1]))
    return build_graph((unique[:, 0], unique[:, 1]), edges=(first, second), length_m=length)


def _joined(lines: np.ndarray) -> np.ndarray:
    """Return the lines with a vertex wherever two of them meet."""
    west, south, east, north = shapely.total_bounds(lines)
    plane = LocalMetres(float(west + east) / 2, float(south + north) / 2)
    flat = shapely.transform(lines, lambda xy: np.column_stack(plane.to_metres(xy[:, 0], xy[:, 1])))
    nothing = np.full(len(lines), "", dtype=object)
    cuts, _ = meeting_points(flat, np.zeros(len(lines), bool), nothing, join_m=0.0)
    return shapely.transform(
        put_in(flat, cuts), lambda xy: np.column_stack(plane.to_degrees(xy[:, 0], xy[:, 1]))
    )


def snap(points: Points, *, graph: RoadGraph) -> tuple[np.ndarray, np.ndarray]:
    """Return the road node each point joins and the distance to it, metres.

    The nearest one; but where that lies on a stray piece of road (less than a twentieth of the longest connected part, such
    as a yard whose gate the map lacks) and the network proper is no more than 200 m farther, the nearest of that.
    """
    if not len(graph.longitude):
        raise InputError("Mạng đường", found="không có nút nào", expected="ít nhất một đường")
    nodes, places = unit_vectors(graph.longitude, graph.latitude), on_sphere(points)
    _, node = cKDTree(nodes).query(places)
    distance = _way(points, graph, node)
    proper = np.flatnonzero(_proper(graph))
    if len(proper) < len(nodes) and len(points):
        _, found = cKDTree(nodes[proper]).query(places)
        other = proper[found]
        far = _way(points, graph, other)
        better = far <= distance + STRAY_M
        node, distance = np.where(better, other, node), np.where(better, far, distance)
    return node.astype(np.int64), distance


def _way(points: Points, graph: RoadGraph, node: np.ndarray) -> np.ndarray:
    return geodesic_distance_m(
        (points.longitude, graph.longitude[node]), (points.latitude, graph.latitude[node])
    )


def _proper(graph: RoadGraph) -> np.ndarray:
    """Say of each node whether its connected part is no stray piece, bool (n,)."""
    count = len(graph.longitude)
    ones = np.ones(len(graph.target), np.int8)
    parts, part = connected_components(csr_matrix((ones, graph.target, graph.start), (count, count)), False)
    begin = np.repeat(part, np.diff(graph.start))
    length = np.bincount(begin, weights=graph.length_m, minlength=parts)
    return length[part] >= LEAST_PART * length.max()
