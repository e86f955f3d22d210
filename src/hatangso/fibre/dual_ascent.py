"""Dual ascent: a lower bound of every Steiner tree, and reduced costs that say which arcs a cheap tree can use.

Source: R. T. Wong, A dual ascent approach for Steiner tree problems on a directed graph, Math. Programming 28 (1984);
guiding order and reuse of components after T. Pajor, E. Uchoa, R. Werneck, Math. Prog. Computation 10 (2018).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from hatangso.fibre.graph import Graph
from hatangso.fibre.heap import pop, push


def dual_ascent(
    graph: Graph, root: int, terminals: np.ndarray, *, arc_cost: np.ndarray | None = None
) -> tuple[float, np.ndarray]:
    """Raise dual values from the terminals towards the root.

    Parameters
    ----------
    root : node; terminals : int array of nodes (the root among them is skipped)
    arc_cost : float64 (2m,), cost of each arc; the edge's cost both ways when omitted

    Returns
    -------
    bound : no arborescence from the root to all terminals costs less
    reduced : float64 (2m,), what is left of each arc's cost
    """
    reduced = (np.repeat(graph.cost, 2) if arc_cost is None else np.array(arc_cost, np.float64)).copy()
    wanted = np.array([node for node in terminals if node != root], np.int32)
    bound = _dual_ascent(graph.nodes, graph.first, graph.arcs, graph.ends(), reduced, int(root), wanted)
    return float(bound), reduced


@njit(cache=True)
def _dual_ascent(nodes, first, arcs, ends, reduced, root, wanted):  # pragma: no cover - compiled
    active = np.zeros(nodes, np.bool_)
    keys, items, size = (
        np.empty(wanted.shape[0] + 16, np.float64),
        np.empty(wanted.shape[0] + 16, np.int32),
        0,
    )
    for terminal in wanted:
        active[terminal] = True
        keys, items, size = push(keys, items, size, float(first[terminal + 1] - first[terminal]), terminal)
    seen = np.zeros(nodes, np.int32)
    member = np.empty(nodes, np.int32)
    cut = np.empty(arcs.shape[0], np.int32)
    bound, stamp = 0.0, 0
    while size > 0:
        score, terminal, size = pop(keys, items, size)
        if not active[terminal]:
            continue
        # The component: all nodes from which the terminal can be reached over saturated arcs.
        stamp += 1
        seen[terminal] = stamp
        member[0], members, scanned, cuts = terminal, 1, 0, 0
        finished = False
        while True:
            while scanned < members and not finished:
                node = member[scanned]
                scanned += 1
                for place in range(first[node], first[node + 1]):
                    arc = arcs[place] ^ 1  # the arc into ``node``
                    other = ends[arcs[place]]
                    if seen[other] == stamp:
                        continue
                    if reduced[arc] <= 1e-9:
                        if other == root or active[other]:
                            finished = True
                            break
                        seen[other] = stamp
                        member[members] = other
                        members += 1
                    else:
                        cut[cuts] = arc
                        cuts += 1
            if finished:
                active[terminal] = False
                break
            kept, least = 0, np.inf
            for index in range(cuts):
                arc = cut[index]
                if seen[ends[arc ^ 1]] != stamp:
                    cut[kept] = arc
                    kept += 1
                    if reduced[arc] < least:
                        least = reduced[arc]
            cuts = kept
            if cuts == 0:  # nothing leads here: no tree exists
                return np.inf
            if size > 0 and cuts > 1.25 * score + 1.0 and cuts > keys[0]:
                keys, items, size = push(keys, items, size, float(cuts), terminal)
                break
            score = min(score, float(cuts)) if score > cuts else score
            bound += least
            kept = 0
            for index in range(cuts):
                arc = cut[index]
                reduced[arc] -= least
                other = ends[arc ^ 1]
                if reduced[arc] <= 1e-9:
                    reduced[arc] = 0.0
                    if seen[other] != stamp:
                        if other == root or active[other]:
                            finished = True
                        else:
                            seen[other] = stamp
                            member[members] = other
                            members += 1
                else:
                    cut[kept] = arc
                    kept += 1
            cuts = kept
            if finished:
                active[terminal] = False
                break
    return bound


def arc_distances(
    graph: Graph, reduced: np.ndarray, root: int, terminals: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return, over reduced costs, the distance from the root to each node and from each node to its nearest terminal.

    float64 (n,) each; infinite where there is no way.
    """
    ends = graph.ends()
    from_root = _distances(
        graph.nodes, graph.first, graph.arcs, ends, reduced, np.array([root], np.int32), False
    )
    others = np.array([node for node in terminals if node != root], np.int32)
    to_terminal = _distances(graph.nodes, graph.first, graph.arcs, ends, reduced, others, True)
    return from_root, to_terminal


@njit(cache=True)
def _distances(nodes, first, arcs, ends, length, sources, backwards):  # pragma: no cover - compiled
    distance = np.full(nodes, np.inf)
    keys, items, size = np.empty(nodes + 16, np.float64), np.empty(nodes + 16, np.int32), 0
    for source in sources:
        distance[source] = 0.0
        keys, items, size = push(keys, items, size, 0.0, source)
    flip = 1 if backwards else 0
    while size > 0:
        key, node, size = pop(keys, items, size)
        if key > distance[node]:
            continue
        for place in range(first[node], first[node + 1]):
            other = ends[arcs[place]]
            reach = key + length[arcs[place] ^ flip]
            if reach < distance[other]:
                distance[other] = reach
                keys, items, size = push(keys, items, size, reach, other)
    return distance
