"""What is built, piece by piece: chains of edges between branches, with their cables, and the order of building."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from hatangso.fibre.branches import RootedTree, densest_part
from hatangso.fibre.network import Network


@dataclass(frozen=True)
class Segment:
    """A stretch without branch, of one method and surface and the same number of fibres.

    edges : int64; start, end : nodes; fibres : carried; second : whether it belongs to a second path only; stage : from 1
    """

    edges: np.ndarray
    start: int
    end: int
    geometry: shapely.LineString
    length_m: float
    cost_vnd: float
    fibres: int
    second: bool
    stage: int


@dataclass(frozen=True)
class Stage:
    """A step of building: joins on to what stands by then. households : newly passed; places : their numbers."""

    number: int
    edges: np.ndarray
    places: np.ndarray
    households: int
    cost_vnd: float


def order_of_building(
    rooted: RootedTree, *, households: np.ndarray, cost: np.ndarray, place_nodes: np.ndarray
) -> list[Stage]:
    """Order a tree into stages, most households per đồng first, each hanging on the ones before.

    The part with the root that brings most households per đồng comes first, then the best part of the rest: the order
    in which the sum of waiting households × đồng is least (W. A. Horn, SIAM J. Applied Math. 23 (1972)).

    Parameters
    ----------
    households : float64 (k,) of the places; cost : float64 (n,), đồng to come to a node from its parent
    place_nodes : int64 (k,), node of each place, -1 when it is not in the tree
    """
    prizes = np.zeros(rooted.graph.nodes)
    known = place_nodes >= 0
    np.add.at(prizes, place_nodes[known], households[known])
    left, stages = cost.copy(), list[Stage]()
    built = np.zeros(rooted.graph.nodes, np.bool_)
    built[rooted.root] = True
    inside = np.zeros(rooted.graph.nodes, np.bool_)
    inside[rooted.order] = True
    while np.any(inside & ~built):
        part = densest_part(rooted, prizes=prizes, costs=left) & ~built
        if not part.any():
            part = inside & ~built
        places = np.flatnonzero(known & part[np.maximum(place_nodes, 0)])
        arcs = rooted.up[np.flatnonzero(part)]
        stages.append(
            Stage(
                len(stages) + 1,
                arcs[arcs >= 0] >> 1,
                places,
                int(households[places].sum()),
                float(cost[part].sum()),
            )
        )
        built |= part
        left[part], prizes[part] = 0.0, 0.0
    return stages


def make_segments(
    network: Network, built: np.ndarray, *, fibres: np.ndarray, second: np.ndarray, stage: np.ndarray
) -> list[Segment]:
    """Chain the built edges (bool (m,) of the network) between branches, sources, places and changes.

    fibres, stage : int64 (m,); second : bool (m,)
    """
    graph = network.graph
    kind = list(zip(network.method, network.surface, fibres, second, stage, strict=True))
    at: dict[int, list[int]] = {}
    for edge in np.flatnonzero(built).tolist():
        for node in (int(graph.tail[edge]), int(graph.head[edge])):
            at.setdefault(node, []).append(edge)
    marked = set(network.sources.tolist()) | set(network.places.tolist())
    stops = {
        node
        for node, edges in at.items()
        if len(edges) != 2 or node in marked or kind[edges[0]] != kind[edges[1]]
    }
    seen: set[int] = set()
    chains = []
    for node in [*sorted(stops), *sorted(at)]:
        for edge in at[node]:
            if edge not in seen:
                chains.append(_chain(network, at, stops, seen, (node, edge)))
    return [_segment(network, chain, kind[chain[0][0]]) for chain in chains]


def _chain(
    network: Network, at: dict[int, list[int]], stops: set[int], seen: set[int], begin: tuple[int, int]
) -> list[tuple[int, int]]:
    """Follow edges from a node until the next stop: [(edge, node it is entered from)]."""
    node, edge = begin
    chain = []
    while edge not in seen:
        seen.add(edge)
        chain.append((edge, node))
        node = int(network.graph.tail[edge] + network.graph.head[edge]) - node
        if node in stops:
            break
        edge = next((other for other in at[node] if other != edge), edge)
    return chain


def _segment(network: Network, chain: list[tuple[int, int]], kind: tuple) -> Segment:
    graph = network.graph
    points: list[np.ndarray] = []
    for edge, node in chain:
        way = network.points[network.first[edge] : network.first[edge + 1]]
        if node != graph.tail[edge]:
            way = way[::-1]
        points.append(way if not points else way[1:])
    edges = np.array([edge for edge, _ in chain])
    last_edge, last_node = chain[-1]
    return Segment(
        edges,
        chain[0][1],
        int(graph.tail[last_edge] + graph.head[last_edge]) - last_node,
        shapely.LineString(np.concatenate(points)),
        float(network.length_m[edges].sum()),
        float(graph.cost[edges].sum()),
        int(kind[2]),
        bool(kind[3]),
        int(kind[4]),
    )
