"""A tree seen from its root: who hangs below whom, what hangs there in sum, which branches are worth their cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from hatangso.fibre.graph import Graph


@dataclass(frozen=True)
class RootedTree:
    """A tree of a graph with a root.

    order : int32, its nodes, each behind its parent, the root first
    up : int32 (n,), the arc from the parent to a node; -1 at the root, -2 outside the tree
    parent : int32 (n,), -1 at the root and outside
    """

    graph: Graph
    root: int
    order: np.ndarray
    up: np.ndarray
    parent: np.ndarray

    def below(self, amount: np.ndarray) -> np.ndarray:
        """Return the sum of ``amount`` (float64 (n,)) over each node and all that hangs below it."""
        total = np.array(amount, np.float64)
        _sum_up(self.order, self.parent, total)
        return total


def root_tree(graph: Graph, tree: np.ndarray, root: int) -> RootedTree:
    """Root the edges ``tree`` (bool (m,)) at a node; what does not hang together with it is left out."""
    order, up, parent = _root(graph.nodes, graph.first, graph.arcs, graph.ends(), tree, root)
    return RootedTree(graph, root, order, up, parent)


def worthy_part(graph: Graph, tree: np.ndarray, root: int, *, prizes: np.ndarray) -> np.ndarray:
    """Return the part of a tree with the root that is worth most: prizes less costs; bool (m,).

    A branch stays when the prizes in it exceed its costs ("strong pruning"): exact for the given tree.
    """
    rooted = root_tree(graph, tree, root)
    keep = _worthy(rooted.order, rooted.parent, rooted.up, graph.cost, np.array(prizes, np.float64))
    return _edges_of(rooted, keep)


def densest_part(rooted: RootedTree, *, prizes: np.ndarray, costs: np.ndarray) -> np.ndarray:
    """Return the nodes (bool (n,)) of the part with the root that brings most prize per cost.

    ``costs`` float64 (n,) is what it takes to come to a node from its parent. Exact: the ratio λ is raised to that of
    the best part of prizes − λ costs until it stands (W. Dinkelbach, Management Science 13 (1967)).
    """
    inside = np.zeros(rooted.graph.nodes, np.bool_)
    inside[rooted.order] = True
    ratio = -1.0
    while True:
        cost, prize = costs[inside].sum(), prizes[inside].sum()
        if cost <= 0 or prize / cost <= ratio * (1 + 1e-12):
            return inside
        ratio = prize / cost
        better = _worthy_costs(rooted.order, rooted.parent, costs * ratio, np.array(prizes, np.float64))
        if prizes[better].sum() - ratio * costs[better].sum() <= 1e-9 * max(1.0, prize):
            return inside
        inside = better


def _edges_of(rooted: RootedTree, keep: np.ndarray) -> np.ndarray:
    tree = np.zeros(rooted.graph.edges, np.bool_)
    nodes = np.flatnonzero(keep & (rooted.up >= 0))
    tree[rooted.up[nodes] >> 1] = True
    return tree


@njit(cache=True, nogil=True)
def _root(nodes, first, arcs, ends, tree, root):  # pragma: no cover - compiled
    up, parent = np.full(nodes, -2, np.int32), np.full(nodes, -1, np.int32)
    order = np.empty(nodes, np.int32)
    order[0], filled, scanned = root, 1, 0
    up[root] = -1
    while scanned < filled:
        node = order[scanned]
        scanned += 1
        for place in range(first[node], first[node + 1]):
            arc = arcs[place]
            other = ends[arc]
            if tree[arc >> 1] and up[other] == -2:
                up[other], parent[other] = arc, node
                order[filled] = other
                filled += 1
    return order[:filled].copy(), up, parent


@njit(cache=True, nogil=True)
def _sum_up(order, parent, total):  # pragma: no cover - compiled
    for index in range(order.shape[0] - 1, 0, -1):
        total[parent[order[index]]] += total[order[index]]


@njit(cache=True, nogil=True)
def _worthy(order, parent, up, cost, gain):  # pragma: no cover - compiled
    step = np.zeros(parent.shape[0])
    for node in order[1:]:
        step[node] = cost[up[node] >> 1]
    return _worthy_costs(order, parent, step, gain)


@njit(cache=True, nogil=True)
def _worthy_costs(order, parent, step, gain):  # pragma: no cover - compiled
    for index in range(order.shape[0] - 1, 0, -1):
        node = order[index]
        if gain[node] > step[node]:
            gain[parent[node]] += gain[node] - step[node]
    keep = np.zeros(parent.shape[0], np.bool_)
    keep[order[0]] = True
    for node in order[1:]:
        keep[node] = keep[parent[node]] and gain[node] > step[node]
    return keep
