"""A second way for key sites that shares no edge with the first: what must be built besides the tree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hatangso.fibre.graph import Graph, make_graph
from hatangso.fibre.paths import two_ways


@dataclass(frozen=True)
class SecondPaths:
    """edges : bool (m,), built besides the tree; ways : for each site the edges of its two ways, None when no second
    way exists; bound : no network that gives these sites two ways costs less"""

    edges: np.ndarray
    ways: list[np.ndarray | None]
    bound: float


def add_second_paths(
    graph: Graph, tree: np.ndarray, sites: np.ndarray, *, root: int, twice: np.ndarray | None = None
) -> SecondPaths:
    """Give each site two ways to the super source that share no edge of the network.

    Site after site, dearest first, the cheapest pair of ways is taken where what is built is free; then every piece
    that all sites can do without goes again. Both ways may end at the same source: its way into the network (an edge of
    ``entrances``) may be used twice, for a source has two entrances.

    Parameters
    ----------
    tree : bool (m,); sites : int array of nodes; twice : int array of edges
    """
    doubled, real = _double(graph, np.empty(0, np.int64) if twice is None else twice)
    fresh = [two_ways(doubled, root, int(site), cost=doubled.cost) for site in sites]
    alone = [0.0 if way is None else float(graph.cost[np.unique(real[way])].sum()) for way in fresh]
    built = tree.copy()
    added: list[np.ndarray] = []
    for number in sorted(range(len(sites)), key=lambda index: (-alone[index], index)):
        if fresh[number] is None:
            continue
        free = np.where(built[real], 0.0, doubled.cost)
        way = two_ways(doubled, root, int(sites[number]), cost=free)
        new = np.unique(real[way]) if way is not None else np.empty(0, np.int64)
        new = new[~built[new]]
        built[new] = True
        added.append(new)
    served = [int(site) for site, way in zip(sites, fresh, strict=True) if way is not None]
    for piece in sorted(added, key=lambda edges: -float(graph.cost[edges].sum())):
        _drop_needless(doubled, real, built, served, (piece, root))
    ways = [
        None if way is None else _ways_within(doubled, real, built, (int(site), root))
        for site, way in zip(sites, fresh, strict=True)
    ]
    return SecondPaths(built & ~tree, ways, max(alone, default=0.0))


def _double(graph: Graph, twice: np.ndarray) -> tuple[Graph, np.ndarray]:
    """Give the edges that may be used twice a parallel one; returns the graph and the real edge of each edge."""
    real = np.concatenate([np.arange(graph.edges), twice])
    return make_graph(graph.nodes, graph.tail[real], graph.head[real], graph.cost[real]), real


def ways_within(
    graph: Graph, built: np.ndarray, sites: np.ndarray, *, root: int, twice: np.ndarray
) -> list[np.ndarray | None]:
    """Return for each site the edges of two ways within the edges ``built``, None where there are none."""
    doubled, real = _double(graph, twice)
    return [_ways_within(doubled, real, built, (int(site), root)) for site in sites]


def _ways_within(
    doubled: Graph, real: np.ndarray, built: np.ndarray, ends: tuple[int, int]
) -> np.ndarray | None:
    cost = np.where(built[real], doubled.cost, np.inf)
    way = two_ways(doubled, ends[1], ends[0], cost=cost)
    return None if way is None else np.unique(real[way])


def _drop_needless(
    doubled: Graph, real: np.ndarray, built: np.ndarray, sites: list[int], case: tuple[np.ndarray, int]
) -> None:
    """Take out a piece of what was added, edge by edge when not whole, if all sites keep two ways."""
    piece, root = case
    for part in ([piece] if len(piece) else []) + [np.array([edge]) for edge in piece]:
        standing = part[built[part]]
        if len(standing) == 0:
            continue
        built[standing] = False
        if any(_ways_within(doubled, real, built, (site, root)) is None for site in sites):
            built[standing] = True
