"""A network of nodes and edges with costs, in the compact form the compiled algorithms read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from hatangso.errors import InputError, ManyInputErrors


@dataclass(frozen=True)
class Graph:
    """An undirected graph. Edge e gives two arcs: 2e from ``tail[e]`` to ``head[e]``, 2e+1 back.

    nodes : number of nodes n, numbered from 0
    tail, head : int32 (m,)
    cost : float64 (m,), not negative
    first : int64 (n + 1,), arcs leaving node v are ``arcs[first[v]:first[v + 1]]``
    arcs : int32 (2m,)
    """

    nodes: int
    tail: np.ndarray
    head: np.ndarray
    cost: np.ndarray
    first: np.ndarray
    arcs: np.ndarray

    @property
    def edges(self) -> int:
        return len(self.cost)

    def ends(self) -> np.ndarray:
        """Return the node each arc leads to, int32 (2m,)."""
        ends = np.empty(2 * self.edges, np.int32)
        ends[0::2], ends[1::2] = self.head, self.tail
        return ends


def make_graph(nodes: int, tail: np.ndarray, head: np.ndarray, cost: np.ndarray) -> Graph:
    """Build a graph; loops are dropped, parallel edges kept.

    Raises
    ------
    ManyInputErrors
        for a node outside 0..nodes-1, a negative cost or one that is no number, each with its row (from 1).
    """
    tail, head = np.asarray(tail, np.int64), np.asarray(head, np.int64)
    cost = np.asarray(cost, np.float64)
    outside = (tail < 0) | (head < 0) | (tail >= nodes) | (head >= nodes)
    faults = [
        InputError(
            f"Cạnh {row + 1}", found=f"nút {tail[row]}-{head[row]}", expected=f"nút từ 0 đến {nodes - 1}"
        )
        for row in np.flatnonzero(outside)[:50]
    ]
    wrong = ~np.isfinite(cost) | (cost < 0)
    faults += [
        InputError(f"Cạnh {row + 1}", found=f"chi phí {cost[row]:g}", expected="số không âm")
        for row in np.flatnonzero(wrong)[:50]
    ]
    if faults:
        raise ManyInputErrors(faults)
    proper = tail != head
    return _graph(nodes, tail[proper].astype(np.int32), head[proper].astype(np.int32), cost[proper])


def _graph(nodes: int, tail: np.ndarray, head: np.ndarray, cost: np.ndarray) -> Graph:
    first, arcs = _adjacency(nodes, tail, head)
    return Graph(nodes, tail, head, np.ascontiguousarray(cost, np.float64), first, arcs)


def components(graph: Graph) -> np.ndarray:
    """Return the number of the connected component of each node, int32 (n,)."""
    return _components(graph.nodes, graph.first, graph.arcs, graph.ends())


@njit(cache=True, nogil=True)
def _adjacency(nodes, tail, head):  # pragma: no cover - compiled
    first = np.zeros(nodes + 1, np.int64)
    for edge in range(tail.shape[0]):
        first[tail[edge] + 1] += 1
        first[head[edge] + 1] += 1
    for node in range(nodes):
        first[node + 1] += first[node]
    place = first[:-1].copy()
    arcs = np.empty(2 * tail.shape[0], np.int32)
    for edge in range(tail.shape[0]):
        arcs[place[tail[edge]]] = 2 * edge
        place[tail[edge]] += 1
        arcs[place[head[edge]]] = 2 * edge + 1
        place[head[edge]] += 1
    return first, arcs


@njit(cache=True, nogil=True)
def _components(nodes, first, arcs, ends):  # pragma: no cover - compiled
    label = np.full(nodes, -1, np.int32)
    stack = np.empty(nodes, np.int32)
    count = 0
    for start in range(nodes):
        if label[start] >= 0:
            continue
        label[start] = count
        stack[0], size = start, 1
        while size > 0:
            size -= 1
            node = stack[size]
            for place in range(first[node], first[node + 1]):
                other = ends[arcs[place]]
                if label[other] < 0:
                    label[other] = count
                    stack[size] = other
                    size += 1
        count += 1
    return label
