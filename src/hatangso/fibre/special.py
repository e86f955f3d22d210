"""Bottleneck ("special") distances between nodes: the longest stretch between terminals on the best way.

On a way that passes terminals only the longest stretch between two of them counts, for the stretches can be exchanged
one by one against an edge of a tree. They are told here from the few nearest terminals of either node and the cheapest
spanning tree over the terminals. Sources: C. Duin, A. Volgenant, Networks 19 (1989); K. Mehlhorn, Inf. Process. Lett.
27 (1988) for the spanning tree by regions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from hatangso.fibre.graph import Graph
from hatangso.fibre.heap import pop, push
from hatangso.fibre.trees import find

NEAREST = 4


@dataclass(frozen=True)
class NearTerminals:
    """The nearest terminals of every node and how far the terminals are from each other.

    distance : float64 (n, k), ascending, infinite where there are fewer; which : int32 (n, k), number of the terminal
    (place in ``terminals``), -1 where there is none
    up, weight : int32 (t,), float64 (t,), the spanning tree over the terminals as a shallow forest: on the way up from
    a terminal the weights do not fall; the greatest on the way between two is their bottleneck distance
    """

    terminals: np.ndarray
    distance: np.ndarray
    which: np.ndarray
    up: np.ndarray
    weight: np.ndarray


def near_terminals(graph: Graph, terminals: np.ndarray, *, count: int = NEAREST) -> NearTerminals:
    """Find the ``count`` nearest terminals of each node and the spanning tree over the terminals."""
    terminals = np.asarray(terminals, np.int32)
    distance, which = _nearest_few(
        graph.nodes, graph.first, graph.arcs, graph.ends(), graph.cost, terminals, count
    )
    length = distance[graph.tail, 0] + graph.cost + distance[graph.head, 0]
    between = np.flatnonzero((which[graph.tail, 0] != which[graph.head, 0]) & np.isfinite(length))
    order = between[np.argsort(length[between], kind="stable")]
    up, weight = _shallow_forest(
        len(terminals), which[graph.tail[order], 0], which[graph.head[order], 0], length[order]
    )
    return NearTerminals(terminals, distance, which, up, weight)


@njit(cache=True, nogil=True)
def _nearest_few(nodes, first, arcs, ends, cost, terminals, count):  # pragma: no cover - compiled
    distance, which = np.full((nodes, count), np.inf), np.full((nodes, count), -1, np.int32)
    filled = np.zeros(nodes, np.int32)
    labels = np.int64(terminals.shape[0])  # an entry of the heap names node and terminal in one number
    keys, items, size = np.empty(nodes + 16, np.float64), np.empty(nodes + 16, np.int64), 0
    for index in range(labels):
        keys, items, size = push(keys, items, size, 0.0, terminals[index] * labels + index)
    while size > 0:
        key, item, size = pop(keys, items, size)
        node, label = item // labels, item % labels
        if filled[node] == count or _known(which, filled, node, label):
            continue
        distance[node, filled[node]], which[node, filled[node]] = key, label
        filled[node] += 1
        for index in range(first[node], first[node + 1]):
            other = np.int64(ends[arcs[index]])
            if filled[other] < count and not _known(which, filled, other, label):
                reach = key + cost[arcs[index] >> 1]
                keys, items, size = push(keys, items, size, reach, other * labels + label)
    return distance, which


@njit(cache=True, inline="always")
def _known(which, filled, node, label):  # pragma: no cover - compiled
    found = False
    for place in range(filled[node]):
        found |= which[node, place] == label
    return found


@njit(cache=True, nogil=True)
def _shallow_forest(count, one, two, length):  # pragma: no cover - compiled
    """Spanning tree by ascending lengths, the smaller part always hung below the larger one."""
    up, weight = np.full(count, -1, np.int32), np.full(count, np.inf)
    members, above = np.ones(count, np.int64), np.arange(count).astype(np.int32)
    for index in range(one.shape[0]):
        left, right = find(above, one[index]), find(above, two[index])
        if left == right:
            continue
        if members[left] > members[right]:
            left, right = right, left
        above[left] = right
        up[left], weight[left] = right, length[index]
        members[right] += members[left]
    return up, weight


@njit(cache=True, inline="always")
def bottleneck(up, weight, one, two):  # pragma: no cover - compiled
    """The bottleneck distance between two terminals."""
    most = 0.0
    while one != two:
        if weight[one] <= weight[two]:
            most = max(most, weight[one])
            one = up[one]
        else:
            most = max(most, weight[two])
            two = up[two]
        if one < 0 or two < 0:
            return np.inf
    return most


@njit(cache=True, nogil=True)
def special_distance(near, one, two, limit):  # pragma: no cover - compiled
    """An upper bound of the special distance through terminals, once it is below ``limit``; else ``limit`` or more.

    ``near`` : (distance, which, up, weight) of `NearTerminals`
    """
    distance, which, up, weight = near
    least = limit
    for left in range(distance.shape[1]):
        here = distance[one, left]
        if here >= least:
            break
        for right in range(distance.shape[1]):
            there = distance[two, right]
            if there >= least:
                break
            between = bottleneck(up, weight, which[one, left], which[two, right])
            least = min(least, max(max(here, there), between))
    return least
