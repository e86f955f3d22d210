"""Every distance between many points of one road network: nodes eliminated in a nested order, then swept in blocks.

Road junctions are ordered by cutting the map in halves again and again; those on a cut come last. Taking the nodes out
in this order and keeping the shortest ways between the neighbours left behind gives a small network of ways "upwards".
The distances from a point are then one climb to the last node and one sweep down over all nodes, done for sixteen
points at once. Exact for every network; fast where cuts are small, as on roads.

Sources: A. George, SIAM J. Numer. Anal. 10 (1973) for the order; J. Dibbelt, B. Strasser, D. Wagner, J. Exp.
Algorithmics 21 (2016), customizable contraction hierarchies; D. Delling, A. Goldberg, A. Nowatzyk, R. Werneck, J. Parallel
Distrib. Comput. 73 (2013) for the sweep.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import njit

BLOCK = 16
MOST_WAYS = 40_000_000  # more than this fills the memory: no network of roads does


@dataclass(frozen=True)
class Hierarchy:
    """A road network with its nodes in the order of elimination.

    rank : int32 (n,), the place of each node in the order
    first, upper : ways upwards of the node at place v: to places ``upper[first[v]:first[v + 1]]``, ascending
    length_m : float64, of each way, metres
    """

    rank: np.ndarray
    first: np.ndarray
    upper: np.ndarray
    length_m: np.ndarray


def build_hierarchy(
    x: np.ndarray, y: np.ndarray, *, start: np.ndarray, target: np.ndarray, length_m: np.ndarray
) -> Hierarchy | None:
    """Order and eliminate the nodes; None when the network is so tangled that ways would fill the memory.

    Parameters
    ----------
    x, y : shape (n,), where nodes lie, any unit; used for the order only
    start, target, length_m : compressed rows of a network that goes both ways alike
    """
    rank = _nested_order(np.asarray(x, np.float64), np.asarray(y, np.float64), start, target)
    first, upper = _ways_up(rank, start, target, MOST_WAYS)
    if not len(first):
        return None
    length = np.full(len(upper), np.inf)
    _measure(rank, (start, target, length_m), first, upper, length)
    return Hierarchy(rank, first, upper, length)


def fill_table(
    hierarchy: Hierarchy,
    *,
    sources: tuple[np.ndarray, np.ndarray],
    targets: tuple[np.ndarray, np.ndarray],
    table: np.ndarray,
) -> None:
    """Write the distance from every source to every target into ``table``, two blocks at a time.

    Parameters
    ----------
    sources, targets : node of each point and its way to that node, metres
    table : float32, shape (sources, targets)
    """
    origin, offset = hierarchy.rank[sources[0]].astype(np.int64), np.asarray(sources[1], np.float64)
    place, way = hierarchy.rank[targets[0]].astype(np.int64), np.asarray(targets[1], np.float64)
    needed = _above(hierarchy.first, hierarchy.upper, place)
    ways = (hierarchy.first, hierarchy.upper, hierarchy.length_m)

    def half(part: slice) -> None:
        _sweep(ways, (origin[part], offset[part]), needed, (place, way), table[part])

    middle = -(-len(origin) // (2 * BLOCK)) * BLOCK
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(half, (slice(0, middle), slice(middle, None))))


@njit(cache=True, nogil=True)
def _nested_order(x, y, start, target):  # pragma: no cover - compiled
    """Place of each node: halves first, the nodes on the cut between them behind both, again within each half."""
    count = len(x)
    nodes, rank, side = np.arange(count), np.empty(count, np.int32), np.zeros(count, np.int64)
    stack = [(0, count)]  # a stretch of ``nodes`` takes the same stretch of places
    stamp = 0
    while len(stack) > 0:
        low, high = stack.pop()
        if high - low <= 2:
            for place in range(low, high):
                rank[nodes[place]] = place
            continue
        least, best = high - low + 1, nodes[low:high].copy()
        lower, cut = 0, 0
        for axis in range(4):
            here = nodes[low:high]
            along = _along(axis, x[here], y[here])
            order = here[np.argsort(along)]
            half = len(order) // 2
            stamp += 2
            for index in range(len(order)):
                side[order[index]] = stamp + (index >= half)
            on_cut = np.zeros(half, np.bool_)
            for index in range(half):
                node = order[index]
                for e in range(start[node], start[node + 1]):
                    if side[target[e]] == stamp + 1:
                        on_cut[index] = True
                        break
            crossing = on_cut.sum()
            if crossing < least:
                least, cut, lower = crossing, crossing, half - crossing
                best = np.concatenate((order[:half][~on_cut], order[half:], order[:half][on_cut]))
        nodes[low:high] = best
        for place in range(high - cut, high):
            rank[nodes[place]] = place
        stack.append((low, low + lower))
        stack.append((low + lower, high - cut))
    return rank


@njit(cache=True, nogil=True)
def _along(axis, x, y):  # pragma: no cover - compiled
    if axis == 0:
        return x
    if axis == 1:
        return y
    if axis == 2:
        return x + y
    return x - y


@njit(cache=True, nogil=True)
def _ways_up(rank, start, target, most):  # pragma: no cover - compiled
    """Which later places each place keeps ways to; empty when there would be more than ``most``."""
    count = len(rank)
    node_at = np.empty(count, np.int64)
    for node in range(count):
        node_at[rank[node]] = node
    first, upper, filled = np.zeros(count + 1, np.int64), np.empty(2 * len(target) + 16, np.int32), 0
    child, sibling = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    mark, found = np.full(count, -1, np.int64), np.empty(count, np.int32)
    for place in range(count):
        size, node = 0, node_at[place]
        mark[place] = place
        for e in range(start[node], start[node + 1]):
            other = rank[target[e]]
            if other > place and mark[other] != place:
                mark[other] = place
                found[size] = other
                size += 1
        below = child[place]
        while below >= 0:
            for k in range(first[below], first[below + 1]):
                other = upper[k]
                if mark[other] != place:
                    mark[other] = place
                    found[size] = other
                    size += 1
            below = sibling[below]
        if filled + size > most:
            return np.empty(0, np.int64), np.empty(0, np.int32)
        if filled + size > len(upper):
            wider = np.empty(2 * len(upper) + size, np.int32)
            wider[:filled] = upper[:filled]
            upper = wider
        found[:size].sort()
        upper[filled : filled + size] = found[:size]
        filled += size
        first[place + 1] = filled
        if size > 0:
            sibling[place], child[found[0]] = child[found[0]], place
    return first, upper[:filled].copy()


@njit(cache=True, nogil=True)
def _measure(rank, roads, first, upper, length):  # pragma: no cover - compiled
    """Length of every way upwards: the road itself or the shortest way over earlier places."""
    start, target, road_m = roads
    count = len(rank)
    node_at = np.empty(count, np.int64)
    for node in range(count):
        node_at[rank[node]] = node
    row, begin = np.empty(len(upper), np.int32), np.zeros(count + 1, np.int64)
    for place in range(count):
        for k in range(first[place], first[place + 1]):
            row[k] = place
            begin[upper[k] + 1] += 1
    for place in range(count):
        begin[place + 1] += begin[place]
    arriving, fill = np.empty(len(upper), np.int64), begin[:-1].copy()
    for k in range(len(upper)):
        arriving[fill[upper[k]]] = k
        fill[upper[k]] += 1
    where = np.empty(count, np.int64)
    for place in range(count):
        for k in range(first[place], first[place + 1]):
            where[upper[k]] = k
        node = node_at[place]
        for e in range(start[node], start[node + 1]):
            other = rank[target[e]]
            if other > place:
                length[where[other]] = min(length[where[other]], road_m[e])
        for a in range(begin[place], begin[place + 1]):
            k = arriving[a]
            for onward in range(k + 1, first[row[k] + 1]):
                slot = where[upper[onward]]
                length[slot] = min(length[slot], length[k] + length[onward])


@njit(cache=True, nogil=True)
def _above(first, upper, places):  # pragma: no cover - compiled
    """Mark the places from which the given ones are reached downwards, themselves included."""
    needed = np.zeros(len(first) - 1, np.bool_)
    for place in places:
        while not needed[place]:
            needed[place] = True
            if first[place] == first[place + 1]:
                break
            place = upper[first[place]]
    return needed


@njit(cache=True, nogil=True)
def _sweep(ways, origins, needed, houses, rows):  # pragma: no cover - compiled
    """Climb from each origin, then come down over all needed places for a whole block of origins at once."""
    first, upper, length = ways
    distance = np.empty((len(first) - 1, BLOCK))
    for begin in range(0, rows.shape[0], BLOCK):
        distance[:] = np.inf
        width = min(BLOCK, rows.shape[0] - begin)
        for s in range(width):
            place = origins[0][begin + s]
            distance[place, s] = origins[1][begin + s]
            while first[place] < first[place + 1]:
                here = distance[place, s]
                for k in range(first[place], first[place + 1]):
                    distance[upper[k], s] = min(distance[upper[k], s], here + length[k])
                place = upper[first[place]]
        _come_down(ways, needed, distance)
        for h in range(len(houses[0])):
            here, way = distance[houses[0][h]], houses[1][h]
            for s in range(width):
                rows[begin + s, h] = here[s] + way


@njit(cache=True, nogil=True)
def _come_down(ways, needed, distance):  # pragma: no cover - compiled
    first, upper, length = ways
    for place in range(len(needed) - 1, -1, -1):
        if not needed[place]:
            continue
        here = distance[place]
        for k in range(first[place], first[place + 1]):
            there, way = distance[upper[k]], length[k]
            for s in range(BLOCK):
                over = there[s] + way
                here[s] = over if over < here[s] else here[s]
