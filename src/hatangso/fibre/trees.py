"""Building and mending Steiner trees: shortest-path heuristic, spanning tree and pruning, vertex insertion.

Sources: H. Takahashi, A. Matsuyama, Math. Japonica 24 (1980) for the shortest-path heuristic; M. Minoux, Networks 20
(1990) for inserting vertices; E. Uchoa, R. Werneck, J. Exp. Algorithmics 17 (2012) for the neighbourhoods.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from hatangso.fibre.graph import Graph
from hatangso.fibre.heap import pop, push


def shortest_path_tree(
    graph: Graph, terminals: np.ndarray, start: int, *, length: np.ndarray | None = None
) -> np.ndarray:
    """Grow a tree from ``start`` by always joining the nearest terminal.

    Parameters
    ----------
    length : float64 (m,), lengths that guide the growth (the costs when omitted; infinite = not to be used)

    Returns
    -------
    bool (m,), the edges; empty when some terminal cannot be reached
    """
    guide = graph.cost if length is None else length
    found, edges = _grow(
        graph.nodes, graph.first, graph.arcs, graph.ends(), guide, terminals.astype(np.int32), int(start)
    )
    return edges if found else np.zeros(graph.edges, np.bool_)


def spanning_tree_of(graph: Graph, inside: np.ndarray, terminals: np.ndarray) -> np.ndarray:
    """Return the cheapest tree over the nodes marked ``inside`` (bool (n,)) with needless leaves cut off; bool (m,).

    Nodes that cannot be joined to the first terminal inside are left out.
    """
    order = np.argsort(graph.cost, kind="stable").astype(np.int32)
    return _spanning_tree(graph.nodes, graph.tail, graph.head, inside, terminals.astype(np.int32), order)


def insert_vertices(graph: Graph, tree: np.ndarray, terminals: np.ndarray, *, seed: int) -> np.ndarray:
    """Try each node outside the tree: joined to the tree by all its edges, does the spanning tree get cheaper?

    Repeats until no node helps; never makes the tree dearer. Returns bool (m,).
    """
    order = np.random.default_rng(seed).permutation(graph.nodes).astype(np.int32)
    better = _insert_vertices(
        graph.nodes, graph.first, graph.arcs, graph.ends(), graph.cost, tree.copy(), order
    )
    inside = nodes_of(graph, better)
    inside[terminals] = True
    return spanning_tree_of(graph, inside, terminals)


def nodes_of(graph: Graph, tree: np.ndarray) -> np.ndarray:
    """Return the nodes the edges of a tree touch, bool (n,)."""
    inside = np.zeros(graph.nodes, np.bool_)
    inside[graph.tail[tree]] = True
    inside[graph.head[tree]] = True
    return inside


@njit(cache=True, nogil=True)
def _grow(nodes, first, arcs, ends, length, terminals, start):  # pragma: no cover - compiled
    wanted = np.zeros(nodes, np.bool_)
    missing = 0
    for terminal in terminals:
        if not wanted[terminal]:
            wanted[terminal] = True
            missing += 1
    distance = np.full(nodes, np.inf)
    parent = np.full(nodes, -1, np.int32)  # the arc by which a node is reached
    inside = np.zeros(nodes, np.bool_)
    edges = np.zeros(length.shape[0], np.bool_)
    keys, items, size = np.empty(nodes + 16, np.float64), np.empty(nodes + 16, np.int32), 0
    distance[start], inside[start] = 0.0, True
    if wanted[start]:
        missing -= 1
    keys, items, size = push(keys, items, size, 0.0, start)
    while size > 0 and missing > 0:
        key, node, size = pop(keys, items, size)
        if key > distance[node]:
            continue
        if wanted[node] and not inside[node]:
            missing -= 1
            walk = node
            while not inside[walk]:
                inside[walk] = True
                distance[walk] = 0.0
                keys, items, size = push(keys, items, size, 0.0, walk)
                arc = parent[walk]
                edges[arc >> 1] = True
                walk = ends[arc ^ 1]
            continue
        for place in range(first[node], first[node + 1]):
            arc = arcs[place]
            other = ends[arc]
            reach = key + length[arc >> 1]
            if reach < distance[other]:
                distance[other] = reach
                parent[other] = arc
                keys, items, size = push(keys, items, size, reach, other)
    return missing == 0, edges


@njit(cache=True, nogil=True)
def find(above, node):  # pragma: no cover - compiled
    """Return the set a node belongs to, shortening the way."""
    while above[node] != node:
        above[node] = above[above[node]]
        node = above[node]
    return node


@njit(cache=True, nogil=True)
def _spanning_tree(nodes, tail, head, inside, terminals, order):  # pragma: no cover - compiled
    above = np.arange(nodes).astype(np.int32)
    degree = np.zeros(nodes, np.int32)
    edges = np.zeros(tail.shape[0], np.bool_)
    for edge in order:
        if inside[tail[edge]] and inside[head[edge]]:
            left, right = find(above, tail[edge]), find(above, head[edge])
            if left != right:
                above[left] = right
                edges[edge] = True
    whole = find(above, terminals[0])
    for edge in range(edges.shape[0]):
        if edges[edge]:
            if find(above, tail[edge]) != whole:
                edges[edge] = False
            else:
                degree[tail[edge]] += 1
                degree[head[edge]] += 1
    keep = np.zeros(nodes, np.bool_)
    for terminal in terminals:
        keep[terminal] = True
    # Cut needless leaves: the sum of the tree's edges at a node names its last edge when only one is left.
    last = np.zeros(nodes, np.int64)
    for edge in range(edges.shape[0]):
        if edges[edge]:
            last[tail[edge]] += edge
            last[head[edge]] += edge
    stack, size = np.empty(nodes, np.int32), 0
    for node in range(nodes):
        if degree[node] == 1 and not keep[node]:
            stack[size] = node
            size += 1
    while size > 0:
        size -= 1
        node = stack[size]
        if degree[node] != 1:
            continue
        edge = last[node]
        other = tail[edge] + head[edge] - node
        edges[edge] = False
        degree[node] = 0
        degree[other] -= 1
        last[other] -= edge
        if degree[other] == 1 and not keep[other]:
            stack[size] = other
            size += 1
    return edges


@njit(cache=True, nogil=True)
def _root_tree(nodes, first, arcs, ends, tree, root, up, depth):  # pragma: no cover - compiled
    """Give every node of the tree the arc to its parent (-1 at the root, -2 outside) and its depth."""
    up[:] = -2
    up[root] = -1
    depth[root] = 0
    stack, size = np.empty(nodes, np.int32), 1
    stack[0] = root
    while size > 0:
        size -= 1
        node = stack[size]
        for place in range(first[node], first[node + 1]):
            arc = arcs[place]
            other = ends[arc]
            if tree[arc >> 1] and up[other] == -2:
                up[other] = arc ^ 1
                depth[other] = depth[node] + 1
                stack[size] = other
                size += 1


@njit(cache=True, nogil=True)
def _insert_vertices(nodes, first, arcs, ends, cost, tree, order):  # pragma: no cover - compiled
    up, depth = np.empty(nodes, np.int32), np.zeros(nodes, np.int32)
    root = -1
    for edge in range(tree.shape[0]):
        if tree[edge]:
            root = ends[2 * edge]
            break
    if root < 0:
        return tree
    _root_tree(nodes, first, arcs, ends, tree, root, up, depth)
    joined, removed = np.empty(64, np.int32), np.empty(64, np.int32)
    improved, rounds = True, 0
    while improved and rounds < 20:
        improved = False
        rounds += 1
        for node in order:
            if up[node] != -2:
                continue
            gain, joins, cuts = _insertion_gain(node, first, arcs, ends, cost, up, depth, joined, removed)
            if gain > 1e-9:
                for index in range(joins):
                    tree[joined[index] >> 1] = True
                for index in range(cuts):
                    tree[removed[index] >> 1] = False
                _root_tree(nodes, first, arcs, ends, tree, root, up, depth)
                improved = True
    return tree


@njit(cache=True, nogil=True)
def _insertion_gain(node, first, arcs, ends, cost, up, depth, joined, removed):  # pragma: no cover - compiled
    """What the spanning tree gains when ``node`` joins it by its arcs in ``joined``, dropping the arcs in ``removed``."""
    count = 0
    for place in range(first[node], first[node + 1]):
        if up[ends[arcs[place]]] != -2 and count < 64:
            joined[count] = arcs[place]
            count += 1
    if count < 2:
        return -1.0, 0, 0
    for index in range(1, count):  # cheapest first
        arc, place = joined[index], index
        while place > 0 and cost[joined[place - 1] >> 1] > cost[arc >> 1]:
            joined[place] = joined[place - 1]
            place -= 1
        joined[place] = arc
    gain, kept, cuts = -cost[joined[0] >> 1], 1, 0
    for index in range(1, count):
        arc = joined[index]
        for earlier in range(kept):
            left, right, worst = ends[joined[earlier]], ends[arc], -1
            whole = True
            while left != right and whole:
                if depth[left] >= depth[right]:
                    step = up[left]
                    left = ends[step]
                else:
                    step = up[right]
                    right = ends[step]
                if worst < 0 or cost[step >> 1] > cost[worst >> 1]:
                    worst = step
                for cut in range(cuts):
                    if removed[cut] >> 1 == step >> 1:
                        whole = False
            if whole:
                if worst >= 0 and cost[worst >> 1] > cost[arc >> 1]:
                    gain += cost[worst >> 1] - cost[arc >> 1]
                    removed[cuts] = worst
                    cuts += 1
                    joined[kept] = arc
                    kept += 1
                break
    return gain, kept, cuts
