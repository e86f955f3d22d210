"""Invented road maps for `bench/fibre.py`: a lattice, sparse roads between towns, streets with two sides.

The last two are made to be like the Vienna telecom graphs (M. Leitner and others, 2014) as PACE 2018 describes them in
numbers: 50,000 nodes, 65,000 edges and 400 terminals ("geo"), or 33,000, 54,000 and 1,260 ("I").
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import Delaunay

from hatangso.fibre.graph import Graph, components, make_graph
from hatangso.fibre.trees import nodes_of, spanning_tree_of


def lattice(nodes: int, *, terminals: int, seed: int = 1) -> tuple[Graph, np.ndarray]:
    """Towns on a jittered lattice, a fifth of the lattice's streets missing, lengths in metres."""
    generator = np.random.default_rng(seed)
    side = int(np.sqrt(nodes))
    place = np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1).reshape(-1, 2) + generator.uniform(
        -0.35, 0.35, (side * side, 2)
    )
    number = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    head = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    keep = generator.random(len(tail)) > 0.2
    tail, head = tail[keep], head[keep]
    cost = np.rint(100 * np.hypot(*(place[tail] - place[head]).T) * generator.uniform(1.0, 1.4, len(tail)))
    graph = make_graph(side * side, tail, head, cost)
    label = components(graph)
    inside = np.flatnonzero(label == np.bincount(label).argmax())
    return graph, generator.choice(inside, terminals, replace=False).astype(np.int32)


def sparse_roads(nodes: int, edges: int, *, terminals: int, seed: int = 1) -> tuple[Graph, np.ndarray]:
    """Roads between crossings that crowd around towns; most nodes are bends (degree two) or dead ends.

    A spanning tree and some further edges of the Delaunay triangulation, short ones first with some luck; the longest
    are divided by bends until there are ``nodes``. Terminals lie close together around a few nodes.
    """
    generator = np.random.default_rng(seed)
    crossings = int(0.55 * nodes)
    place = _town_points(generator, crossings)
    tail, head, length = _neighbours(place)
    triangles = make_graph(crossings, tail, head, length * generator.uniform(1.0, 1.6, len(length)))
    spanning = spanning_tree_of(triangles, np.ones(crossings, np.bool_), np.arange(crossings))
    others = np.flatnonzero(~spanning)
    short = others[np.argsort(length[others] * generator.lognormal(0.0, 0.5, len(others)))]
    chosen = np.concatenate([np.flatnonzero(spanning), short[: edges - nodes + 1]])
    tail, head = tail[chosen], head[chosen]
    cost = (
        length[chosen]
        * generator.uniform(1.0, 1.4, len(chosen))
        * generator.choice([1.0, 1.5, 2.5], len(chosen))
    )
    graph = _bent(generator, crossings, (tail, head, cost), nodes)
    return graph, _crowded(generator, graph, place, terminals)


def two_sided_streets(nodes: int, edges: int, *, terminals: int, seed: int = 1) -> tuple[Graph, np.ndarray]:
    """Streets with a pavement on either side and crossings at every corner: many ways that cost nearly the same.

    A junction of d streets has d corners; each street joins two corners at either end; bends as in `sparse_roads`.
    """
    generator = np.random.default_rng(seed)
    streets = (edges - nodes) // 2
    junctions = int(streets / 1.7)
    place = _town_points(generator, junctions)
    tail, head, length = _neighbours(place)
    spanning = spanning_tree_of(
        make_graph(junctions, tail, head, length), np.ones(junctions, np.bool_), np.arange(junctions)
    )
    others = np.flatnonzero(~spanning)
    short = others[np.argsort(length[others] * generator.lognormal(0.0, 0.5, len(others)))]
    chosen = np.concatenate([np.flatnonzero(spanning), short[: streets - junctions + 1]])
    corner, corner_place, crossing = _corners(place, tail[chosen], head[chosen])
    sides = np.concatenate([corner[:, [0, 3]], corner[:, [1, 2]]])
    paved = np.tile(length[chosen] * generator.choice([1.0, 1.5, 2.5], len(chosen)), 2) * generator.uniform(
        1.0, 1.1, 2 * len(chosen)
    )
    dear = np.median(length[chosen]) * generator.uniform(0.1, 0.6, len(crossing))
    ends = np.concatenate([sides, crossing])
    cost = np.concatenate([paved, dear])
    graph = _bent(generator, len(corner_place), (ends[:, 0], ends[:, 1], cost), nodes)
    return graph, _crowded(generator, graph, corner_place, terminals)


def _town_points(generator: np.random.Generator, count: int) -> np.ndarray:
    towns = generator.uniform(0, 100_000, (12, 2))
    near = generator.integers(0, 12, int(0.7 * count))
    crowded = towns[near] + generator.normal(0, 6000, (len(near), 2))
    return np.concatenate([crowded, generator.uniform(0, 100_000, (count - len(near), 2))])


def _neighbours(place: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    corners = Delaunay(place).simplices
    pairs = np.unique(
        np.sort(np.concatenate([corners[:, :2], corners[:, 1:], corners[:, ::2]]), axis=1), axis=0
    )
    return pairs[:, 0], pairs[:, 1], np.hypot(*(place[pairs[:, 0]] - place[pairs[:, 1]]).T)


def _corners(
    place: np.ndarray, tail: np.ndarray, head: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Corners of each street (right and left at its tail, left and right at its head), their places, the crossings."""
    at = np.concatenate([tail, head])
    beyond = np.concatenate([head, tail])
    angle = np.arctan2(*(place[beyond] - place[at]).T)
    order = np.lexsort((angle, at))
    first = np.searchsorted(at[order], np.arange(len(place)))
    degree = np.bincount(at, minlength=len(place))
    rank = np.empty(len(at), np.int64)
    rank[order] = np.arange(len(at))
    onward = first[at] + (rank - first[at] + 1) % degree[at]
    count = len(tail)
    corner = np.stack([rank[:count], onward[:count], rank[count:], onward[count:]], axis=1)
    crossing = np.stack([rank, onward], axis=1)
    return corner, place[at[order]], crossing[degree[at] > 1]


def _bent(generator: np.random.Generator, count: int, streets: tuple, nodes: int) -> Graph:
    """Divide edges by bends, long ones oftener, until there are ``nodes``; costs are rounded."""
    tail, head, cost = streets
    bends = np.bincount(generator.choice(len(cost), nodes - count, p=cost / cost.sum()), minlength=len(cost))
    pieces = bends + 1
    edge = np.repeat(np.arange(len(cost)), pieces)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    bend = count + np.repeat(np.cumsum(bends) - bends, pieces) + step
    left = np.where(step == 0, tail[edge], bend - 1)
    right = np.where(step == bends[edge], head[edge], bend)
    price = np.maximum(1, np.rint(cost[edge] / pieces[edge] * generator.uniform(0.6, 1.4, len(edge))))
    return make_graph(nodes, left, right, price)


def _crowded(generator: np.random.Generator, graph: Graph, place: np.ndarray, terminals: int) -> np.ndarray:
    """Nodes that crowd around a few of the places (those of the first nodes of the graph)."""
    chosen = np.zeros(graph.nodes, np.bool_)
    inside = nodes_of(graph, np.ones(graph.edges, np.bool_))[: len(place)]
    centres = place[generator.choice(len(place), max(4, terminals // 40))]
    while chosen.sum() < terminals:
        wanted = centres[generator.integers(len(centres))] + generator.normal(0, 3000, 2)
        away = np.where(inside & ~chosen[: len(place)], np.hypot(*(place - wanted).T), np.inf)
        chosen[away.argmin()] = True
    return np.flatnonzero(chosen).astype(np.int32)


def full_trees(terminals: int, *, seed: int = 1) -> tuple[Graph, np.ndarray]:
    """Points in the plane, the edges of their triangulation and a branching point in every triangle it makes cheaper.

    Like the fst instances (fnl4461 and others): a rectilinear tree over many terminals put together from small ones.
    """
    generator = np.random.default_rng(seed)
    place = np.rint(generator.uniform(0, 100 * np.sqrt(terminals), (terminals, 2)))
    corners = Delaunay(place).simplices
    tail, head, _ = _neighbours(place)
    middle = np.sort(place[corners], axis=1)[:, 1]
    arms = np.abs(place[corners] - middle[:, None]).sum(2)
    star = np.flatnonzero(arms.min(1) > 0)
    branch = np.repeat(terminals + np.arange(len(star)), 3)
    tail, head = np.concatenate([tail, corners[star].ravel()]), np.concatenate([head, branch])
    where = np.concatenate([place, middle[star]])
    cost = np.abs(where[tail] - where[head]).sum(1)
    return make_graph(len(where), tail, head, cost), np.arange(terminals, dtype=np.int32)
