"""Improving a large Steiner tree window by window: what lies near a node is solved anew, the rest stays.

A window holds the nodes nearest to a centre. The tree outside it falls into parts; each part that touches the window
becomes one node that must be joined, so any tree of the small problem closes a tree of the large one. A window whose
small problem is solved to the end cannot be improved from within.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit

from hatangso.fibre.graph import Graph, make_graph
from hatangso.fibre.heap import pop, push
from hatangso.fibre.trees import find, nodes_of, spanning_tree_of


@dataclass(frozen=True)
class Window:
    """A small problem cut out of a large one.

    graph, terminals : the small problem; edge e stands for edge ``edges[e]`` of the large graph
    tree : bool, the edges the present tree uses in it
    nodes : int32, nodes of the large graph in the window, nearest to the centre first
    """

    graph: Graph
    terminals: np.ndarray
    edges: np.ndarray
    tree: np.ndarray
    nodes: np.ndarray


class Windows:
    """Cuts windows out of a graph; keeps its working arrays between windows.

    ``by_steps`` : what is near is told by the number of edges instead of their cost, so that long edges fit in too
    """

    def __init__(self, graph: Graph, terminals: np.ndarray, *, by_steps: bool = False) -> None:
        self.graph, self.terminals = graph, terminals
        self.length = np.ones(graph.edges) if by_steps else graph.cost
        self.ends = graph.ends()
        self.is_terminal = np.zeros(graph.nodes, np.bool_)
        self.is_terminal[terminals] = True
        self.distance = np.full(graph.nodes, np.inf)

    def around(self, tree: np.ndarray, centre: int, *, size: int) -> Window | None:
        """Cut the window of ``size`` nodes around a node; None when nothing in it can change."""
        graph = self.graph
        nodes = nearest(graph.first, graph.arcs, self.ends, self.length, self.distance, centre, size)
        number, count, wanted, edges = _cut_out(
            graph.first, graph.arcs, self.ends, tree, self.is_terminal, nodes
        )
        tail, head = number[graph.tail[edges]], number[graph.head[edges]]
        proper = tail != head
        edges = edges[proper]
        if wanted.sum() < 2 or not tree[edges].any():
            return None
        small = make_graph(count, tail[proper], head[proper], graph.cost[edges])
        return Window(small, np.flatnonzero(wanted).astype(np.int32), edges, tree[edges], nodes)


def improve_windows(
    windows: Windows,
    tree: np.ndarray,
    *,
    solve: Callable[[Window], np.ndarray],
    size: int,
    generator: np.random.Generator,
    stop: Callable[[float], bool],
) -> np.ndarray:
    """Solve windows until every node of the tree lay well inside one; returns bool (m,), never dearer.

    Parameters
    ----------
    solve : gives the edges of a cheap tree of a window, bool per edge of its graph
    size : nodes per window
    stop : asked before every window, with what is saved so far
    """
    graph, better = windows.graph, tree.copy()
    inside = nodes_of(graph, better)
    seen = np.zeros(graph.nodes, np.bool_)
    total = 0.0
    for centre in generator.permutation(np.flatnonzero(inside)):
        if stop(total):
            break
        if seen[centre]:
            continue
        window = windows.around(better, int(centre), size=size)
        if window is None:
            seen[centre] = True
            continue
        seen[window.nodes[: max(1, len(window.nodes) // 2)]] = True
        answer = solve(window)
        saved = window.graph.cost[window.tree].sum() - window.graph.cost[answer].sum()
        if saved > 1e-9 * max(1.0, window.graph.cost[window.tree].sum()):
            better[window.edges[window.tree]] = False
            better[window.edges[answer]] = True
            total += float(saved)
    return spanning_tree_of(graph, nodes_of(graph, better), windows.terminals)


@njit(cache=True, nogil=True)
def nearest(first, arcs, ends, cost, distance, centre, size):  # pragma: no cover - compiled
    """The ``size`` nodes nearest to the centre; ``distance`` is endless before and after."""
    nodes, count = np.empty(size, np.int32), 0
    touched, seen = np.empty(4 * size + 64, np.int32), 0
    keys, items, waiting = np.empty(1024, np.float64), np.empty(1024, np.int32), 0
    distance[centre] = 0.0
    touched[0], seen = centre, 1
    keys, items, waiting = push(keys, items, waiting, 0.0, centre)
    while waiting > 0 and count < size:
        key, node, waiting = pop(keys, items, waiting)
        if key > distance[node]:
            continue
        nodes[count] = node
        count += 1
        for place in range(first[node], first[node + 1]):
            other = ends[arcs[place]]
            reach = key + cost[arcs[place] >> 1]
            if reach < distance[other]:
                if distance[other] == np.inf:
                    if seen == touched.shape[0]:
                        wider = np.empty(2 * seen, np.int32)
                        wider[:seen] = touched
                        touched = wider
                    touched[seen] = other
                    seen += 1
                distance[other] = reach
                keys, items, waiting = push(keys, items, waiting, reach, other)
    for index in range(seen):
        distance[touched[index]] = np.inf
    return nodes[:count]


@njit(cache=True, nogil=True)
def _cut_out(first, arcs, ends, tree, is_terminal, nodes):  # pragma: no cover - compiled
    """Number the window's nodes, those of one outer part of the tree alike; returns numbers, count, wanted, edges."""
    total = first.shape[0] - 1
    above = np.arange(total).astype(np.int32)
    inside, outer = np.zeros(total, np.bool_), np.zeros(total, np.bool_)
    for node in nodes:
        inside[node] = True
    for edge in range(tree.shape[0]):
        if tree[edge]:
            one, two = ends[2 * edge + 1], ends[2 * edge]
            if not (inside[one] and inside[two]):
                outer[one] = outer[two] = True
                above[find(above, one)] = find(above, two)
    number, part = np.full(total, -1, np.int32), np.full(total, -1, np.int32)
    wanted, count = np.zeros(nodes.shape[0], np.bool_), 0
    edges, filled = np.empty(64, np.int32), 0
    for node in nodes:
        if outer[node]:
            main = find(above, node)
            if part[main] < 0:
                part[main] = count
                count += 1
            number[node] = part[main]
        else:
            number[node] = count
            count += 1
        wanted[number[node]] |= is_terminal[node] or outer[node]
        for place in range(first[node], first[node + 1]):
            edge = arcs[place] >> 1
            if arcs[place] & 1 == 0 and inside[ends[arcs[place]]]:
                if filled == edges.shape[0]:
                    wider = np.empty(2 * filled, np.int32)
                    wider[:filled] = edges
                    edges = wider
                edges[filled] = edge
                filled += 1
    return number, count, wanted[:count], edges[:filled]
