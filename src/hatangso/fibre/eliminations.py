"""Edges and nodes that no cheapest tree needs, edges that one surely uses: tests by special distances.

An edge goes when it is longer than the special distance between its ends, or no shorter than another way; a node with
three or four edges goes when its neighbours can always be joined no dearer without it (then some cheapest tree passes
it with at most two edges, and its edges are joined pair by pair); the nearest neighbour of a terminal is taken in when
another terminal lies behind it nearer than the terminal's second edge. The distances through terminals are those of
the graph before; no test makes a special distance longer. Sources: C. Duin, A. Volgenant, Networks 19 (1989);
T. Polzin, S. Vahdati Daneshmand, Discrete Applied Mathematics 112 (2001).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from hatangso.fibre.heap import pop, push
from hatangso.fibre.reductions import (
    Reduced,
    cut_end,
    drop_parallel,
    join_two,
    link,
    linked,
    look_again,
    rebuilt,
)
from hatangso.fibre.special import near_terminals, special_distance
from hatangso.fibre.trees import find

MOST_REPLACED = 4  # edges of a node that may be replaced by pairs
MOST_LOOKED_AT = 80  # nodes a search for another way may settle
_STRICT = 1e-9  # a way through terminals must be shorter by this share
_LEAST = 1e-12  # and by this, for it may lead over the very node where all costs are zero


def eliminate(problem: Reduced) -> Reduced:
    """Apply the tests by special distances and by degrees until the degree tests find nothing more."""
    graph = problem.graph
    if graph.edges == 0 or len(problem.terminals) < 2:
        return problem
    near = near_terminals(graph, problem.terminals)
    is_terminal = np.zeros(graph.nodes, np.bool_)
    is_terminal[problem.terminals] = True
    number = np.full(graph.nodes, -1, np.int32)
    number[problem.terminals] = np.arange(len(problem.terminals))
    order = np.argsort(-graph.cost, kind="stable")
    made = _eliminate(
        (graph.tail, graph.head, graph.cost), order, is_terminal, number,
        (near.distance, near.which, near.up, near.weight),
    )  # fmt: skip
    tail, head, cost, kept, left, right, fixed = made
    return rebuilt(problem, (tail, head, cost, left, right), kept, fixed, is_terminal)


@njit(cache=True, nogil=True)
def _eliminate(whole, order, is_terminal, number, near):  # pragma: no cover - compiled
    nodes, old = is_terminal.shape[0], whole[0].shape[0]
    edges, lists, ring, halves = linked(nodes, whole, np.ones(old, np.bool_), 3 * nodes)
    fixed = np.zeros(edges[0].shape[0], np.bool_)
    mark = np.full(nodes, -1, np.int64)
    search = (np.full(nodes, np.inf), np.empty(64 * MOST_LOOKED_AT, np.int32))
    for edge in order:
        if _needless(edges, lists, near, search, edge):
            _drop(edges, lists, ring, edge)
    above, terminals = np.arange(near[2].shape[0]).astype(np.int32), near[2].shape[0]
    count = old
    while ring[2][1] > 0 and count + 8 < edges[0].shape[0]:
        node = ring[0][ring[2][0]]
        ring[2][0] = (ring[2][0] + 1) % nodes
        ring[2][1] -= 1
        ring[1][node] = False
        drop_parallel(edges, lists, ring, mark, node)
        degree = lists[2][node]
        if degree == 0:
            continue
        if is_terminal[node] and terminals > 1:
            edge = _sure_edge(edges, lists, near, above, is_terminal, number, node)
            if edge >= 0:
                fixed[edge] = True
                terminals += _take_in(edges, lists, ring, above, is_terminal, number, node, edge)
        elif is_terminal[node]:
            continue
        elif degree == 1:
            cut_end(edges, lists, ring, is_terminal, fixed, node)
        elif degree == 2:
            count = join_two(edges, lists, ring, halves, old, count, node)
        elif degree <= MOST_REPLACED:
            count = _replace(edges, lists, ring, halves, near, search, old, count, node)
    new = count - old
    return (
        edges[0][:count], edges[1][:count], edges[2][:count], edges[3][:count], halves[0][:new], halves[1][:new],
        fixed[:count],
    )  # fmt: skip


@njit(cache=True, inline="always")
def _drop(edges, lists, ring, edge):  # pragma: no cover - compiled
    edges[3][edge] = False
    for node in (edges[0][edge], edges[1][edge]):
        lists[2][node] -= 1
        look_again(ring, node)


@njit(cache=True, nogil=True)
def _needless(edges, lists, near, search, edge):  # pragma: no cover - compiled
    """Whether a cheapest tree does without this edge."""
    tail, head, cost, _ = edges
    price = cost[edge]
    if special_distance(near, tail[edge], head[edge], price) < price * (1 - _STRICT):
        return True
    touched = _look_round(edges, lists, search, tail[edge], -1, edge, price)
    found = search[0][head[edge]] <= price
    _forget(search, touched)
    return found


@njit(cache=True, nogil=True)
def _look_round(edges, lists, search, start, without, but, limit):  # pragma: no cover - compiled
    """Cheapest ways from ``start`` of at most ``limit`` that avoid the node ``without`` and the edge ``but``.

    The lengths stand in ``search[0]`` until `_forget`; returns how many nodes were touched.
    """
    tail, head, cost, alive = edges
    first, after, _ = lists
    distance, touched = search
    keys, items, size = np.empty(256, np.float64), np.empty(256, np.int32), 0
    keys, items, size = push(keys, items, size, 0.0, start)
    distance[start], touched[0], seen, settled = 0.0, start, 1, 0
    while size > 0 and settled < MOST_LOOKED_AT:
        key, node, size = pop(keys, items, size)
        if key > distance[node]:
            continue
        settled += 1
        end = first[node]
        while end >= 0:
            edge = end >> 1
            if alive[edge] and edge != but:
                other = tail[edge] + head[edge] - node
                reach = key + cost[edge]
                if other != without and reach <= limit and reach < distance[other]:
                    if distance[other] == np.inf:
                        if seen == touched.shape[0]:
                            return seen
                        touched[seen] = other
                        seen += 1
                    distance[other] = reach
                    keys, items, size = push(keys, items, size, reach, other)
            end = after[end]
    return seen


@njit(cache=True, inline="always")
def _forget(search, touched):  # pragma: no cover - compiled
    for index in range(touched):
        search[0][search[1][index]] = np.inf


@njit(cache=True, nogil=True)
def _replace(edges, lists, ring, halves, near, search, old, count, node):  # pragma: no cover - compiled
    """Take a node away whose neighbours can be joined no dearer without it; returns the new number of edges."""
    tail, head, cost, alive = edges
    first, after, degree = lists
    size, star = 0, np.empty(MOST_REPLACED, np.int64)
    end = first[node]
    while end >= 0:
        if alive[end >> 1]:
            star[size] = end >> 1
            size += 1
        end = after[end]
    around = np.empty(size, np.int32)
    for index in range(size):
        around[index] = tail[star[index]] + head[star[index]] - node
    apart = np.full((size, size), np.inf)
    for one in range(size - 1):
        limit = 0.0
        for two in range(one + 1, size):
            limit = max(limit, cost[star[one]] + cost[star[two]])
        touched = _look_round(edges, lists, search, around[one], node, -1, limit)
        for two in range(one + 1, size):
            direct = search[0][around[two]]
            most = min(direct, (cost[star[one]] + cost[star[two]]) * (1 + 1e-6))
            through = special_distance(near, around[one], around[two], most)
            apart[one, two] = apart[two, one] = min(direct, through * (1 + _STRICT) + _LEAST)
        _forget(search, touched)
    if not _joined_without(cost, star, apart, size):
        return count
    for index in range(size):
        _drop(edges, lists, ring, star[index])
    for one in range(size - 1):
        for two in range(one + 1, size):
            price = cost[star[one]] + cost[star[two]]
            if apart[one, two] <= price:
                continue
            tail[count], head[count], cost[count], alive[count] = around[one], around[two], price, True
            halves[0][count - old], halves[1][count - old] = star[one], star[two]
            link(edges, lists, count)
            degree[around[one]] += 1
            degree[around[two]] += 1
            count += 1
    return count


@njit(cache=True, nogil=True)
def _joined_without(cost, star, apart, size):  # pragma: no cover - compiled
    """Whether any three or more of the neighbours can be joined by ways no dearer than their edges to the node."""
    pairs = 0
    for one in range(size - 1):
        for two in range(one + 1, size):
            pairs += apart[one, two] > cost[star[one]] + cost[star[two]]
    if pairs > size:
        return False
    for subset in range(1 << size):
        chosen, price = 0, 0.0
        for index in range(size):
            if subset >> index & 1:
                chosen += 1
                price += cost[star[index]]
        if chosen >= 3 and _spanning(apart, subset, size) > price:
            return False
    return True


@njit(cache=True, nogil=True)
def _spanning(apart, subset, size):  # pragma: no cover - compiled
    """Cost of the cheapest spanning tree over the chosen neighbours (Prim)."""
    least, left, total = np.full(size, np.inf), subset, 0.0
    here = 0
    while not subset >> here & 1:
        here += 1
    left &= ~(1 << here)
    while left:
        nearest = -1
        for index in range(size):
            if left >> index & 1:
                least[index] = min(least[index], apart[here, index])
                if nearest < 0 or least[index] < least[nearest]:
                    nearest = index
        total += least[nearest]
        left &= ~(1 << nearest)
        here = nearest
    return total


@njit(cache=True, nogil=True)
def _sure_edge(edges, lists, near, above, is_terminal, number, node):  # pragma: no cover - compiled
    """An edge of a terminal that some cheapest tree uses, -1 when none is known."""
    tail, head, cost, alive = edges
    first, after, _ = lists
    one, least, second = np.int64(-1), np.inf, np.inf
    end = first[node]
    while end >= 0:
        edge = end >> 1
        if alive[edge]:
            if cost[edge] < least:
                one, least, second = edge, cost[edge], least
            else:
                second = min(second, cost[edge])
        end = after[end]
    other = tail[one] + head[one] - node
    if second == np.inf or is_terminal[other] or least == 0.0:
        return one
    own = find(above, number[node])
    for place in range(near[0].shape[1]):
        label = near[1][other, place]
        if label < 0 or least + near[0][other, place] > second:
            return -1
        if find(above, label) != own:
            return one
    return -1


@njit(cache=True, nogil=True)
def _take_in(edges, lists, ring, above, is_terminal, number, node, edge):  # pragma: no cover - compiled
    """Merge a terminal into the node at the other end of an edge; returns by how much the terminals change."""
    tail, head, _, alive = edges
    first, after, degree = lists
    other = tail[edge] + head[edge] - node
    change = 0
    if is_terminal[other]:
        above[find(above, number[node])] = find(above, number[other])
        change = -1
    else:
        number[other] = number[node]
    is_terminal[node], is_terminal[other] = False, True
    alive[edge] = False
    degree[other] -= 1
    end = first[node]
    while end >= 0:
        moved, onward = end >> 1, after[end]
        if alive[moved]:
            beyond = tail[moved] + head[moved] - node
            if beyond == other:
                alive[moved] = False
                degree[other] -= 1
            else:
                if end & 1 == 0:
                    tail[moved] = other
                else:
                    head[moved] = other
                after[end], first[other] = first[other], end
                degree[other] += 1
                look_again(ring, beyond)
        end = onward
    first[node], degree[node] = -1, 0
    look_again(ring, other)
    return change
