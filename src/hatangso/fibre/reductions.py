"""Making a Steiner problem smaller without losing its optimum: small degrees, parallel edges, bounds.

Sources: C. Duin, A. Volgenant, Networks 19 (1989) for the degree tests; T. Polzin, S. Vahdati Daneshmand, Discrete
Applied Mathematics 112 (2001) for the tests by reduced costs of the dual ascent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from hatangso.fibre.graph import Graph, _graph


@dataclass(frozen=True)
class Reduced:
    """A smaller problem and the way back.

    graph, terminals : the smaller problem (terminals ascending)
    parts_first, parts : the original edges that edge e of ``graph`` stands for: ``parts[parts_first[e]:parts_first[e + 1]]``
    fixed : original edges that belong to every optimum found from here, int array; their cost is ``fixed_cost``
    """

    graph: Graph
    terminals: np.ndarray
    parts_first: np.ndarray
    parts: np.ndarray
    fixed: np.ndarray
    fixed_cost: float

    def original_edges(self, tree: np.ndarray) -> np.ndarray:
        """Return the original edges of a tree of the smaller problem (bool (m,)), the fixed ones included."""
        chosen = [self.parts[self.parts_first[e] : self.parts_first[e + 1]] for e in np.flatnonzero(tree)]
        return np.concatenate([self.fixed, *chosen]).astype(np.int64)


def untouched(graph: Graph, terminals: np.ndarray) -> Reduced:
    """Return a problem as its own reduction."""
    every = np.arange(graph.edges)
    return Reduced(
        graph,
        np.unique(terminals).astype(np.int32),
        np.arange(graph.edges + 1),
        every,
        np.empty(0, np.int64),
        0.0,
    )


def reduce_degrees(
    problem: Reduced, *, keep_edge: np.ndarray | None = None, keep_node: np.ndarray | None = None
) -> Reduced:
    """Drop what is not kept, then apply the degree and parallel-edge tests until nothing changes.

    A node that is no terminal goes with its only edge; with two edges it becomes one edge between its neighbours; a
    terminal with one edge takes that edge into every tree and its neighbour becomes a terminal; of parallel edges the
    cheapest stays.

    Parameters
    ----------
    keep_edge : bool (m,), keep_node : bool (n,); what a bound proved needless is False
    """
    graph = problem.graph
    alive = np.ones(graph.edges, np.bool_) if keep_edge is None else keep_edge.copy()
    if keep_node is not None:
        alive &= keep_node[graph.tail] & keep_node[graph.head]
    is_terminal = np.zeros(graph.nodes, np.bool_)
    is_terminal[problem.terminals] = True
    made = _reduce(graph.nodes, graph.tail, graph.head, graph.cost, alive, is_terminal)
    tail, head, cost, kept, left, right, fixed = made
    return _rebuilt(problem, (tail, head, cost, left, right), kept, fixed, is_terminal)


def _rebuilt(
    problem: Reduced, edges: tuple, kept: np.ndarray, fixed: np.ndarray, is_terminal: np.ndarray
) -> Reduced:
    tail, head, cost, left, right = edges
    old_edges = problem.graph.edges
    lists: dict[int, list[np.ndarray]] = {}

    def parts_of(edge: int) -> np.ndarray:
        stack, found = [edge], []
        while stack:
            number = stack.pop()
            if number < old_edges:
                found.append(problem.parts[problem.parts_first[number] : problem.parts_first[number + 1]])
            else:
                stack += [int(left[number - old_edges]), int(right[number - old_edges])]
        return np.concatenate(found) if found else np.empty(0, np.int64)

    chosen = np.flatnonzero(kept)
    lists = {int(edge): [parts_of(int(edge))] for edge in chosen}
    fixed_parts = [parts_of(int(edge)) for edge in np.flatnonzero(fixed)]
    used = np.zeros(problem.graph.nodes, np.bool_)
    used[tail[chosen]] = used[head[chosen]] = True
    used |= is_terminal
    number = np.cumsum(used) - 1
    small = _graph(
        int(used.sum()),
        number[tail[chosen]].astype(np.int32),
        number[head[chosen]].astype(np.int32),
        cost[chosen],
    )
    lengths = [len(lists[int(edge)][0]) for edge in chosen]
    return Reduced(
        graph=small,
        terminals=number[np.flatnonzero(is_terminal)].astype(np.int32),
        parts_first=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        parts=np.concatenate([lists[int(edge)][0] for edge in chosen])
        if len(chosen)
        else np.empty(0, np.int64),
        fixed=np.concatenate([problem.fixed, *fixed_parts]).astype(np.int64),
        fixed_cost=problem.fixed_cost + float(cost[np.flatnonzero(fixed)].sum()),
    )


@njit(cache=True)
def _reduce(nodes, tail0, head0, cost0, alive0, is_terminal):  # pragma: no cover - compiled
    """Work on linked lists of edge ends; new edges (two joined) are numbered behind the old ones."""
    old = tail0.shape[0]
    most = old + nodes
    tail, head, cost = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.float64)
    tail[:old], head[:old], cost[:old] = tail0, head0, cost0
    alive, fixed = np.zeros(most, np.bool_), np.zeros(most, np.bool_)
    alive[:old] = alive0
    left, right = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    start = np.full(nodes, -1, np.int64)
    after = np.full(2 * most, -1, np.int64)
    degree = np.zeros(nodes, np.int32)
    count = old
    for edge in range(old):
        if alive[edge]:
            for side in range(2):
                node = tail[edge] if side == 0 else head[edge]
                after[2 * edge + side] = start[node]
                start[node] = 2 * edge + side
                degree[node] += 1
    queue, queued = np.empty(nodes, np.int32), np.ones(nodes, np.bool_)
    first_in, waiting = 0, nodes
    for node in range(nodes):
        queue[node] = node
    terminals = 0
    for node in range(nodes):
        terminals += is_terminal[node]
    mark = np.full(nodes, -1, np.int64)
    while waiting > 0:
        node = queue[first_in]
        first_in = (first_in + 1) % nodes
        waiting -= 1
        queued[node] = False
        # Clean the list of this node: dead ends out, of parallel edges the cheapest stays.
        end, before = start[node], np.int64(-1)
        while end >= 0:
            edge = end >> 1
            onward = after[end]
            drop = not alive[edge]
            if not drop:
                other = tail[edge] + head[edge] - node
                rival = mark[other]
                if (
                    rival >= 0
                    and alive[rival]
                    and rival != edge
                    and (tail[rival] == node or head[rival] == node)
                    and (tail[rival] == other or head[rival] == other)
                ):
                    worse = edge if cost[edge] >= cost[rival] else rival
                    alive[worse] = False
                    degree[node] -= 1
                    degree[other] -= 1
                    if not queued[other]:
                        queue[(first_in + waiting) % nodes] = other
                        waiting += 1
                        queued[other] = True
                    drop = worse == edge
                    if not drop:
                        mark[other] = edge
                else:
                    mark[other] = edge
            if drop:
                if before < 0:
                    start[node] = onward
                else:
                    after[before] = onward
            else:
                before = end
            end = onward
        end = start[node]
        while end >= 0:
            mark[tail[end >> 1] + head[end >> 1] - node] = -1
            end = after[end]
        if degree[node] == 1:
            end = start[node]
            while not alive[end >> 1]:
                end = after[end]
            edge = end >> 1
            other = tail[edge] + head[edge] - node
            if is_terminal[node]:
                if terminals == 1:
                    continue
                fixed[edge] = True
                is_terminal[node] = False
                if is_terminal[other]:
                    terminals -= 1
                is_terminal[other] = True
            alive[edge] = False
            degree[node] -= 1
            degree[other] -= 1
            if not queued[other]:
                queue[(first_in + waiting) % nodes] = other
                waiting += 1
                queued[other] = True
        elif degree[node] == 2 and not is_terminal[node] and count < most:
            one, two = np.int64(-1), np.int64(-1)
            end = start[node]
            while end >= 0:
                if alive[end >> 1]:
                    if one < 0:
                        one = end >> 1
                    else:
                        two = end >> 1
                end = after[end]
            here, there = tail[one] + head[one] - node, tail[two] + head[two] - node
            alive[one] = alive[two] = False
            degree[node] = 0
            if here == there:
                degree[here] -= 2
            else:
                tail[count], head[count], cost[count] = here, there, cost[one] + cost[two]
                left[count - old], right[count - old] = one, two
                alive[count] = True
                after[2 * count] = start[here]
                start[here] = 2 * count
                after[2 * count + 1] = start[there]
                start[there] = 2 * count + 1
                count += 1
            for side in range(2):
                other = here if side == 0 else there
                if not queued[other]:
                    queue[(first_in + waiting) % nodes] = other
                    waiting += 1
                    queued[other] = True
    return (
        tail[:count],
        head[:count],
        cost[:count],
        alive[:count],
        left[: count - old],
        right[: count - old],
        fixed[:count],
    )
