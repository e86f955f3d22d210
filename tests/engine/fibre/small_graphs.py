"""Small random graphs for the tests of the fibre engine."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from hatangso.fibre.graph import Graph, make_graph


@st.composite
def connected_graphs(draw: st.DrawFn, most_nodes: int = 9, whole: bool = True):
    """Return (nodes, edges [(tail, head, cost)], terminals): a random tree with further edges, some parallel."""
    nodes = draw(st.integers(2, most_nodes))
    price = st.integers(0, 12) if whole else st.floats(0.0, 12.0, allow_nan=False)
    edges = [(draw(st.integers(0, node - 1)), node, float(draw(price))) for node in range(1, nodes)]
    for _ in range(draw(st.integers(0, 2 * nodes))):
        tail, head = draw(st.integers(0, nodes - 1)), draw(st.integers(0, nodes - 1))
        if tail != head:
            edges.append((tail, head, float(draw(price))))
    terminals = draw(st.lists(st.integers(0, nodes - 1), min_size=1, max_size=nodes, unique=True))
    return nodes, edges, terminals


def graph_of(nodes: int, edges) -> Graph:
    tail, head, cost = (np.array(column) for column in zip(*edges, strict=True))
    return make_graph(nodes, tail, head, cost)


def is_tree_joining(graph: Graph, tree: np.ndarray, terminals) -> bool:
    """Say whether the edges (bool (m,)) form one tree, without circles, that holds all terminals."""
    above = list(range(graph.nodes))

    def top(node: int) -> int:
        while above[node] != node:
            node = above[node]
        return node

    for edge in np.flatnonzero(tree):
        left, right = top(int(graph.tail[edge])), top(int(graph.head[edge]))
        if left == right:
            return False
        above[left] = right
    touched = set(graph.tail[tree]) | set(graph.head[tree]) | set(map(int, terminals))
    return len({top(int(node)) for node in touched}) == 1


def grid_graph(side: int, *, seed: int, terminals: int) -> tuple[Graph, np.ndarray]:
    """A road-like grid with uneven costs."""
    generator = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    head = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    graph = make_graph(side * side, tail, head, generator.integers(50, 200, len(tail)).astype(float))
    return graph, generator.choice(side * side, terminals, replace=False).astype(np.int32)
