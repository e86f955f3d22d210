"""Distances between many service points and many people: pairs within a limit, or the whole table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from hatangso.access.points import Points, on_sphere
from hatangso.access.roads import RoadGraph, snap
from hatangso.access.shortest import fill_rows, grow_trees
from hatangso.geo import geodesic_distance_m
from hatangso.road_tables import build_hierarchy, fill_table

EARTH_RADIUS_M = 6_371_008.8
MANY_POINTS = 64  # from here on ordering the whole network pays
BLOCK_POINTS = 64
MOST_AT_ONCE = 16_000_000  # distances in memory at a time


@dataclass(frozen=True)
class Pairs:
    """Which people points each service point reaches: compressed rows and distances, metres."""

    start: np.ndarray
    people_point: np.ndarray
    distance_m: np.ndarray


def pairs_by_air(points: Points, *, people: Points, limit_m: float) -> Pairs:
    """Return every people point within ``limit_m`` of each point in a straight line."""
    found = cKDTree(on_sphere(people)).query_ball_point(
        on_sphere(points), limit_m / EARTH_RADIUS_M * 1.01, return_sorted=True
    )
    counts = np.array([len(part) for part in found], dtype=np.int64)
    place = (
        np.concatenate([np.asarray(part, dtype=np.int64) for part in found])
        if counts.sum()
        else np.zeros(0, int)
    )
    site = np.repeat(np.arange(len(points)), counts)
    distance = geodesic_distance_m(
        (points.longitude[site], people.longitude[place]), (points.latitude[site], people.latitude[place])
    )
    near = distance <= limit_m
    start = np.concatenate([[0], np.cumsum(np.bincount(site[near], minlength=len(points)))]).astype(np.int64)
    return Pairs(start, place[near], distance[near])


def pairs_by_road(points: Points, *, people: Points, graph: RoadGraph, limit_m: float = np.inf) -> Pairs:
    """Return every people point within ``limit_m`` of each point along the roads (infinite: all that connect).

    One bounded shortest-path tree per point, two at a time, in compiled code.
    """
    from_node, from_m = snap(points, graph=graph)
    to_node, to_m = snap(people, graph=graph)
    order = np.argsort(to_node, kind="stable").astype(np.int64)
    here = np.concatenate([[0], np.cumsum(np.bincount(to_node, minlength=len(graph.longitude)))]).astype(
        np.int64
    )
    halves = np.array_split(np.arange(len(points)), 2)
    roads = (graph.start, graph.target, graph.length_m)
    with ThreadPoolExecutor(2) as pool:
        found = list(
            pool.map(
                lambda half: grow_trees(roads, (from_node[half], from_m[half]), (here, order, to_m), limit_m),
                halves,
            )
        )
    counts = np.concatenate([part[0] for part in found])
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Pairs(
        start, np.concatenate([part[1] for part in found]), np.concatenate([part[2] for part in found])
    )


def distances_by_road(points: Points, *, people: Points, graph: RoadGraph) -> np.ndarray:
    """Return the distance from every point to every people point along the roads.

    Few points: a shortest-path tree each; from :data:`MANY_POINTS` on: :mod:`hatangso.road_tables`. The same distances.

    Returns
    -------
    float32 array, shape (points, people), metres, infinite where no road connects; four bytes per pair of memory
    """
    table = np.empty((len(points), len(people)), np.float32)
    _filler(points, people, graph)(slice(0, len(points)), table)
    return table


def distance_blocks(
    points: Points, *, people: Points, graph: RoadGraph | None, farthest_snap_m: float = np.inf
) -> Iterator[tuple[int, np.ndarray]]:
    """Return the same table some points at a time, so that memory does not grow with the number of points.

    Parameters
    ----------
    graph : None for straight lines on the ellipsoid
    farthest_snap_m : whoever is farther than this from every road node is reached by nobody

    Yields
    ------
    number of the first point of the block, and float32 (points of the block, people), metres
    """
    block = int(np.clip(MOST_AT_ONCE // max(len(people), 1), 1, BLOCK_POINTS))
    fill = None if graph is None else _filler(points, people, graph, farthest_snap_m)
    for first in range(0, len(points), block):
        rows = slice(first, min(first + block, len(points)))
        table = np.empty((rows.stop - first, len(people)), np.float32)
        if fill is None:
            table[:] = geodesic_distance_m(
                (points.longitude[rows, None], people.longitude),
                (points.latitude[rows, None], people.latitude),
            )
        else:
            fill(rows, table)
        yield first, table


def _filler(
    points: Points, people: Points, graph: RoadGraph, farthest_snap_m: float = np.inf
) -> Callable[[slice, np.ndarray], None]:
    """Prepare the network once; what is returned writes the distances from a stretch of points into a table."""
    from_node, from_m = snap(points, graph=graph)
    to_node, to_m = snap(people, graph=graph)
    from_m = np.where(from_m <= farthest_snap_m, from_m, np.inf)
    to_m = np.where(to_m <= farthest_snap_m, to_m, np.inf)
    roads = (graph.start, graph.target, graph.length_m)
    hierarchy = None
    if len(points) >= MANY_POINTS:
        hierarchy = build_hierarchy(
            graph.longitude, graph.latitude, start=graph.start, target=graph.target, length_m=graph.length_m
        )

    def fill(rows: slice, table: np.ndarray) -> None:
        sources = (from_node[rows], from_m[rows])
        if hierarchy is not None:
            fill_table(hierarchy, sources=sources, targets=(to_node, to_m), table=table)
            return
        halves = np.array_split(np.arange(len(table)), 2)
        with ThreadPoolExecutor(2) as pool:
            parts = [
                pool.submit(
                    fill_rows,
                    roads,
                    (sources[0][half], sources[1][half]),
                    to_node,
                    to_m,
                    table[half[0] : half[-1] + 1],
                )
                for half in halves
                if len(half)
            ]
        for part in parts:
            part.result()

    return fill
