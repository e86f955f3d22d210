"""Dual ascent: a lower bound of every Steiner tree, and reduced costs that say which arcs a cheap tree can use.

Source: R. T. Wong, A dual ascent approach for Steiner tree problems on a directed graph, Math. Programming 28 (1984);
guiding order and reuse of components after T. Pajor, E. Uchoa, R. Werneck, Math. Prog. Computation 10 (2018).
"""

from __future__ import annotations

from dataclasses import dataclass

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
    reduced = np.repeat(graph.cost, 2) if arc_cost is None else np.array(arc_cost, np.float64)
    bound, *_ = _dual_ascent(
        graph.nodes,
        graph.first,
        graph.arcs,
        graph.ends(),
        reduced,
        int(root),
        _others(terminals, root),
        False,
    )
    return float(bound), reduced


@dataclass(frozen=True)
class RaisedCuts:
    """Cuts with the amounts an ascent raised them by: arcs of cut k are ``arcs[first[k]:first[k + 1]]``, int64 and int32.

    bound : the sum of the amounts, infinite when a terminal cannot be reached; left : float64 (2m,), what they leave of
    the costs of the arcs
    """

    first: np.ndarray
    arcs: np.ndarray
    amount: np.ndarray
    bound: float
    left: np.ndarray


def raise_cuts(
    graph: Graph, root: int, terminals: np.ndarray, *, left: np.ndarray | None = None
) -> RaisedCuts:
    """Raise dual values as `dual_ascent` does and keep the cuts; terminals of equal score come in the order given.

    Parameters
    ----------
    left : float64 (2m,), what is left of the cost of each arc, infinite = closed; the edges' costs when omitted
    """
    reduced = np.repeat(graph.cost, 2) if left is None else np.array(left, np.float64)
    bound, first, arcs, amount = _dual_ascent(
        graph.nodes, graph.first, graph.arcs, graph.ends(), reduced, int(root), _others(terminals, root), True
    )
    return RaisedCuts(first, arcs, amount, float(bound), reduced)


def _others(terminals: np.ndarray, root: int) -> np.ndarray:
    return np.asarray(terminals)[np.asarray(terminals) != root].astype(np.int32)


@njit(cache=True, nogil=True)
def _dual_ascent(nodes, first, arcs, ends, reduced, root, wanted, keep):  # pragma: no cover - compiled
    raised_first, raised, amounts = [0], [np.int32(0) for _ in range(0)], [0.0 for _ in range(0)]
    stops = np.zeros(nodes, np.bool_)  # the root and the terminals not yet joined to it
    stops[root] = True
    keys, items, size = (
        np.empty(wanted.shape[0] + 16, np.float64),
        np.empty(wanted.shape[0] + 16, np.int32),
        0,
    )
    for terminal in wanted:
        stops[terminal] = True
        keys, items, size = push(keys, items, size, float(first[terminal + 1] - first[terminal]), terminal)
    component = (np.zeros(nodes, np.int32), np.empty(nodes, np.int32), np.empty(arcs.shape[0], np.int32))
    network = (first, arcs, ends)
    bound, stamp = 0.0, 0
    while size > 0:
        score, terminal, size = pop(keys, items, size)
        if not stops[terminal]:
            continue
        stamp += 1
        component[0][terminal] = stamp
        component[1][0], members, scanned, cuts = terminal, 1, 0, 0
        while True:
            members, cuts = _spread(network, reduced, stops, component, stamp, scanned, members, cuts)
            scanned = members
            if cuts < 0:  # the component meets another one: this terminal's work is done
                stops[terminal] = False
                break
            cuts, least = _clean_cut(ends, reduced, component, stamp, cuts)
            if cuts == 0 or least == np.inf:  # nothing leads here: no tree exists
                return np.inf, np.array(raised_first[:1]), np.empty(0, np.int32), np.empty(0)
            if size > 0 and cuts > 1.25 * score + 1.0 and cuts > keys[0]:
                keys, items, size = push(keys, items, size, float(cuts), terminal)
                break
            score = min(score, float(cuts))
            bound += least
            if keep and least > 0:
                for index in range(cuts):
                    raised.append(component[2][index])
                raised_first.append(len(raised))
                amounts.append(least)
            members, cuts = _pay(ends, reduced, stops, component, stamp, members, cuts, least)
            if cuts < 0:
                stops[terminal] = False
                break
    found = np.empty(len(raised), np.int32)
    for index in range(len(raised)):
        found[index] = raised[index]
    worth = np.empty(len(amounts), np.float64)
    for index in range(len(amounts)):
        worth[index] = amounts[index]
    return bound, np.array(raised_first), found, worth


@njit(cache=True, nogil=True)
def _spread(network, reduced, stops, component, stamp, scanned, members, cuts):  # pragma: no cover - compiled
    """Take in all nodes that reach the component over free arcs; cuts = -1 when a stop is met."""
    first, arcs, ends = network
    seen, member, cut = component
    while scanned < members:
        node = member[scanned]
        scanned += 1
        for place in range(first[node], first[node + 1]):
            arc = arcs[place] ^ 1  # the arc into ``node``
            other = ends[arcs[place]]
            if seen[other] == stamp:
                continue
            if reduced[arc] > 1e-9:
                cut[cuts] = arc
                cuts += 1
                continue
            if stops[other]:
                return members, -1
            seen[other] = stamp
            member[members] = other
            members += 1
    return members, cuts


@njit(cache=True, nogil=True)
def _clean_cut(ends, reduced, component, stamp, cuts):  # pragma: no cover - compiled
    """Leave out arcs that lie inside the component by now; returns how many are left and the least reduced cost."""
    seen, _, cut = component
    kept, least = 0, np.inf
    for index in range(cuts):
        arc = cut[index]
        if seen[ends[arc ^ 1]] != stamp:
            cut[kept] = arc
            kept += 1
            least = min(least, reduced[arc])
    return kept, least


@njit(cache=True, nogil=True)
def _pay(ends, reduced, stops, component, stamp, members, cuts, least):  # pragma: no cover - compiled
    """Lower every arc of the cut; tails of arcs now free join. cuts = -1 when a stop is met."""
    seen, member, cut = component
    kept, met = 0, False
    for index in range(cuts):
        arc = cut[index]
        reduced[arc] -= least
        other = ends[arc ^ 1]
        if reduced[arc] > 1e-9:
            cut[kept] = arc
            kept += 1
            continue
        reduced[arc] = 0.0
        if seen[other] != stamp:
            if stops[other]:
                met = True
            else:
                seen[other] = stamp
                member[members] = other
                members += 1
    return members, -1 if met else kept


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
    to_terminal = _distances(
        graph.nodes, graph.first, graph.arcs, ends, reduced, _others(terminals, root), True
    )
    return from_root, to_terminal


@njit(cache=True, nogil=True)
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
