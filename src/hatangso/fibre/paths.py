"""Cheapest ways over a network: from many starts at once, and two ways that share no edge."""

from __future__ import annotations

import numpy as np
from numba import njit

from hatangso.fibre.graph import Graph
from hatangso.fibre.heap import pop, push


def cheapest_ways(
    graph: Graph, starts: np.ndarray, *, length: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Find the cheapest way from the nearest of ``starts`` to every node.

    Parameters
    ----------
    starts : int array of nodes
    length : float64 (2m,) of the arcs, infinite = closed; the edges' costs when omitted

    Returns
    -------
    distance : float64 (n,), infinite where there is no way
    via : int32 (n,), the arc by which a node is reached, -1 at starts and where there is no way
    """
    arc_length = np.repeat(graph.cost, 2) if length is None else np.ascontiguousarray(length, np.float64)
    return _cheapest(
        graph.nodes, graph.first, graph.arcs, graph.ends(), arc_length, np.asarray(starts, np.int32)
    )


def way_to(graph: Graph, via: np.ndarray, node: int) -> np.ndarray:
    """Return the arcs of the way that ``via`` describes, from ``node`` back to its start; int64."""
    found, ends = [], graph.ends()
    while via[node] >= 0:
        found.append(int(via[node]))
        node = int(ends[via[node] ^ 1])
    return np.array(found, np.int64)


def two_ways(graph: Graph, start: int, target: int, *, cost: np.ndarray) -> np.ndarray | None:
    """Return the edges of two ways between two nodes that share no edge, cheapest in sum; None when there are none.

    Parameters
    ----------
    cost : float64 (m,), not negative; what an edge costs here (0 for what is built anyway)

    Source: J. W. Suurballe, R. E. Tarjan, Networks 14 (1984).
    """
    length = np.repeat(cost, 2)
    distance, via = cheapest_ways(graph, np.array([start]), length=length)
    if not np.isfinite(distance[target]):
        return None
    first_way = way_to(graph, via, target)
    ends = graph.ends()
    tails = ends[np.arange(2 * graph.edges) ^ 1]
    known = np.isfinite(distance[tails]) & np.isfinite(distance[ends])
    reduced = np.full(2 * graph.edges, np.inf)
    reduced[known] = np.maximum(length[known] + distance[tails[known]] - distance[ends[known]], 0.0)
    reduced[first_way] = np.inf
    reduced[first_way ^ 1] = 0.0
    again, via = cheapest_ways(graph, np.array([start]), length=reduced)
    if not np.isfinite(again[target]):
        return None
    second_way = way_to(graph, via, target)
    return np.setxor1d(first_way >> 1, second_way >> 1)


@njit(cache=True, nogil=True)
def _cheapest(nodes, first, arcs, ends, length, starts):  # pragma: no cover - compiled
    distance, via = np.full(nodes, np.inf), np.full(nodes, -1, np.int32)
    keys, items, size = np.empty(nodes + 16, np.float64), np.empty(nodes + 16, np.int32), 0
    for start in starts:
        distance[start] = 0.0
        keys, items, size = push(keys, items, size, 0.0, start)
    while size > 0:
        key, node, size = pop(keys, items, size)
        if key > distance[node]:
            continue
        for place in range(first[node], first[node + 1]):
            arc = arcs[place]
            reach = key + length[arc]
            if reach < distance[ends[arc]]:
                distance[ends[arc]], via[ends[arc]] = reach, arc
                keys, items, size = push(keys, items, size, reach, ends[arc])
    return distance, via
