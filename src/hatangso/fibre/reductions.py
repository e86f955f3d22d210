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
        inside = np.repeat(tree, np.diff(self.parts_first))
        return np.unique(np.concatenate([self.fixed, self.parts[inside]]))


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
    return rebuilt(problem, (tail, head, cost, left, right), kept, fixed, is_terminal)


def rebuilt(
    problem: Reduced, edges: tuple, kept: np.ndarray, fixed: np.ndarray, is_terminal: np.ndarray
) -> Reduced:
    tail, head, cost, left, right = edges
    known = (problem.parts_first, problem.parts, left, right)
    chosen, certain = np.flatnonzero(kept), np.flatnonzero(fixed)
    used = is_terminal.copy()
    used[tail[chosen]] = used[head[chosen]] = True
    number = np.cumsum(used) - 1
    small = _graph(
        int(used.sum()),
        number[tail[chosen]].astype(np.int32),
        number[head[chosen]].astype(np.int32),
        cost[chosen],
    )
    parts_first, parts = _expand(chosen, *known)
    return Reduced(
        graph=small,
        terminals=number[np.flatnonzero(is_terminal)].astype(np.int32),
        parts_first=parts_first,
        parts=parts,
        fixed=np.concatenate([problem.fixed, _expand(certain, *known)[1]]),
        fixed_cost=problem.fixed_cost + float(cost[certain].sum()),
    )


@njit(cache=True, nogil=True)
def _expand(chosen, parts_first, parts, left, right):  # pragma: no cover - compiled
    """Original edges of each chosen edge, through the edges it was joined from."""
    old = parts_first.shape[0] - 1
    first = np.zeros(chosen.shape[0] + 1, np.int64)
    found, filled = np.empty(parts.shape[0] + 16, np.int64), 0
    stack = np.empty(left.shape[0] + 2, np.int64)
    for index in range(chosen.shape[0]):
        stack[0], size = chosen[index], 1
        while size > 0:
            size -= 1
            edge = stack[size]
            if edge < old:
                while filled + parts_first[edge + 1] - parts_first[edge] > found.shape[0]:
                    wider = np.empty(2 * found.shape[0], np.int64)
                    wider[:filled] = found[:filled]
                    found = wider
                for place in range(parts_first[edge], parts_first[edge + 1]):
                    found[filled] = parts[place]
                    filled += 1
            else:
                stack[size], stack[size + 1] = left[edge - old], right[edge - old]
                size += 2
        first[index + 1] = filled
    return first, found[:filled].copy()


@njit(cache=True, nogil=True)
def _reduce(nodes, tail0, head0, cost0, alive0, is_terminal):  # pragma: no cover - compiled
    """Work on linked lists of edge ends; new edges (two joined) are numbered behind the old ones."""
    old, most = tail0.shape[0], tail0.shape[0] + nodes
    edges, lists, ring, halves = linked(nodes, (tail0, head0, cost0), alive0, nodes)
    fixed = np.zeros(most, np.bool_)
    terminals = 0
    for node in range(nodes):
        terminals += is_terminal[node]
    mark = np.full(nodes, -1, np.int64)
    count = old
    while ring[2][1] > 0:
        node = ring[0][ring[2][0]]
        ring[2][0] = (ring[2][0] + 1) % nodes
        ring[2][1] -= 1
        ring[1][node] = False
        drop_parallel(edges, lists, ring, mark, node)
        if lists[2][node] == 1 and not (is_terminal[node] and terminals == 1):
            terminals += cut_end(edges, lists, ring, is_terminal, fixed, node)
        elif lists[2][node] == 2 and not is_terminal[node] and count < most:
            count = join_two(edges, lists, ring, halves, old, count, node)
    new = count - old
    return (
        edges[0][:count], edges[1][:count], edges[2][:count], edges[3][:count], halves[0][:new], halves[1][:new],
        fixed[:count],
    )  # fmt: skip


@njit(cache=True, nogil=True)
def linked(nodes, whole, alive0, more):  # pragma: no cover - compiled
    """Lists of the edge ends of every node, with room for ``more`` edges joined from two.

    edges : tail, head, cost, alive; lists : first end of a node, end behind an end, number of edges of a node;
    ring of the nodes to look at : the ring, who stands in it, its first place and how many wait; halves of new edges
    """
    old = whole[0].shape[0]
    most = old + more
    tail, head, cost = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.float64)
    tail[:old], head[:old], cost[:old] = whole[0], whole[1], whole[2]
    alive = np.zeros(most, np.bool_)
    alive[:old] = alive0
    edges = (tail, head, cost, alive)
    lists = (np.full(nodes, -1, np.int64), np.full(2 * most, -1, np.int64), np.zeros(nodes, np.int32))
    for edge in range(old):
        if alive[edge]:
            link(edges, lists, edge)
            lists[2][tail[edge]] += 1
            lists[2][head[edge]] += 1
    ring = (np.arange(nodes).astype(np.int32), np.ones(nodes, np.bool_), np.array([0, nodes], np.int64))
    return edges, lists, ring, (np.empty(more, np.int64), np.empty(more, np.int64))


@njit(cache=True, inline="always")
def link(edges, lists, edge):  # pragma: no cover - compiled
    start, after, _ = lists
    for side in range(2):
        node = edges[0][edge] if side == 0 else edges[1][edge]
        after[2 * edge + side] = start[node]
        start[node] = 2 * edge + side


@njit(cache=True, inline="always")
def look_again(ring, node):  # pragma: no cover - compiled
    order, queued, state = ring
    if not queued[node]:
        order[(state[0] + state[1]) % order.shape[0]] = node
        state[1] += 1
        queued[node] = True


@njit(cache=True, nogil=True)
def drop_parallel(edges, lists, ring, mark, node):  # pragma: no cover - compiled
    """Clean the list of a node: dead ends out, of parallel edges the cheapest stays."""
    tail, head, cost, alive = edges
    start, after, degree = lists
    end, before = start[node], np.int64(-1)
    while end >= 0:
        edge = end >> 1
        onward = after[end]
        drop = not alive[edge]
        if not drop:
            other = tail[edge] + head[edge] - node
            rival = mark[other]
            if rival >= 0:
                worse = edge if cost[edge] >= cost[rival] else rival
                alive[worse] = False
                degree[node] -= 1
                degree[other] -= 1
                look_again(ring, other)
                drop = worse == edge
            if not drop:
                mark[other] = edge
        if not drop:
            before = end
        elif before < 0:
            start[node] = onward
        else:
            after[before] = onward
        end = onward
    end = start[node]
    while end >= 0:
        mark[tail[end >> 1] + head[end >> 1] - node] = -1
        end = after[end]


@njit(cache=True, nogil=True)
def cut_end(edges, lists, ring, is_terminal, fixed, node):  # pragma: no cover - compiled
    """Take away a node with one edge; a terminal's edge is fixed. Returns by how much the terminals change."""
    tail, head, _, alive = edges
    start, after, degree = lists
    end = start[node]
    while not alive[end >> 1]:
        end = after[end]
    edge = end >> 1
    other = tail[edge] + head[edge] - node
    change = 0
    if is_terminal[node]:
        fixed[edge] = True
        is_terminal[node] = False
        if is_terminal[other]:
            change = -1
        is_terminal[other] = True
    alive[edge] = False
    degree[node] -= 1
    degree[other] -= 1
    look_again(ring, other)
    return change


@njit(cache=True, nogil=True)
def join_two(edges, lists, ring, halves, old, count, node):  # pragma: no cover - compiled
    """Make one edge of the two edges of a node; returns the new number of edges."""
    tail, head, cost, alive = edges
    start, after, degree = lists
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
    look_again(ring, here)
    look_again(ring, there)
    if here == there:
        degree[here] -= 2
        return count
    tail[count], head[count], cost[count] = here, there, cost[one] + cost[two]
    halves[0][count - old], halves[1][count - old] = one, two
    alive[count] = True
    link(edges, lists, count)
    return count + 1
