"""Slow plain twins of the fibre engine: every subset of edges or nodes is tried."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

Edge = tuple[int, int, float]


def spanning_cost(nodes: int, edges: Sequence[Edge], inside: set[int]) -> float | None:
    """Cost of the cheapest spanning tree over ``inside`` (Kruskal), None when it falls apart."""
    above = list(range(nodes))

    def top(node: int) -> int:
        while above[node] != node:
            node = above[node]
        return node

    cost, joined = 0.0, 1
    for tail, head, price in sorted(edges, key=lambda edge: edge[2]):
        if tail in inside and head in inside and top(tail) != top(head):
            above[top(tail)] = top(head)
            cost += price
            joined += 1
    return cost if joined == len(inside) else None


def steiner_cost(nodes: int, edges: Sequence[Edge], terminals: Iterable[int]) -> float | None:
    """Cost of the cheapest tree joining the terminals: a spanning tree over them and some further nodes."""
    wanted = set(terminals)
    others = [node for node in range(nodes) if node not in wanted]
    costs = [
        spanning_cost(nodes, edges, wanted | set(more))
        for size in range(len(others) + 1)
        for more in itertools.combinations(others, size)
    ]
    return min((cost for cost in costs if cost is not None), default=None)


def prize_value(nodes: int, edges: Sequence[Edge], root: int, prizes: Sequence[float]) -> float:
    """Greatest of prizes collected minus cost, over all trees that contain the root."""
    return max(value for value, _, _ in _rooted_trees(nodes, edges, root, prizes))


def budget_value(
    nodes: int, edges: Sequence[Edge], root: int, prizes: Sequence[float], *, budget: float
) -> float:
    """Greatest sum of prizes over the trees that contain the root and cost no more than the budget."""
    trees = _rooted_trees(nodes, edges, root, prizes)
    return max(prize for _, prize, cost in trees if cost <= budget + 1e-9)


def _rooted_trees(
    nodes: int, edges: Sequence[Edge], root: int, prizes: Sequence[float]
) -> list[tuple[float, float, float]]:
    others = [node for node in range(nodes) if node != root]
    found = []
    for size in range(len(others) + 1):
        for more in itertools.combinations(others, size):
            inside = {root, *more}
            cost = spanning_cost(nodes, edges, inside)
            if cost is not None:
                prize = sum(prizes[node] for node in inside)
                found.append((prize - cost, prize, cost))
    return found
