"""Key paths and key vertices of a Steiner tree taken out and joined again more cheaply, locally.

A key node is a terminal or a node where three or more tree edges meet; a key path runs between two of them. Taking out
a key path (or a key node that is no terminal, with its paths) leaves pieces, which are joined again by the cheapest ways
between them. Every node of the graph knows its nearest tree node (its base), so that a way between two pieces is an
edge whose ends have their bases in different pieces; only the surroundings of what was taken out are searched anew.
Source of the neighbourhoods: E. Uchoa, R. Werneck, J. Exp. Algorithmics 17 (2012).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from hatangso.fibre.graph import Graph
from hatangso.fibre.heap import pop, push
from hatangso.fibre.trees import find

MOST_PIECES = 24


def exchange_paths(
    graph: Graph, tree: np.ndarray, terminals: np.ndarray, *, seed: int, rounds: int = 10
) -> np.ndarray:
    """Exchange key paths and eliminate key vertices until nothing gets cheaper; returns bool (m,)."""
    is_terminal = np.zeros(graph.nodes, np.bool_)
    is_terminal[terminals] = True
    order = np.random.default_rng(seed).permutation(graph.nodes).astype(np.int32)
    better = tree.copy()
    _exchange(
        graph.nodes, graph.first, graph.arcs, graph.ends(), graph.cost, better, is_terminal, order, rounds
    )
    return better


@njit(cache=True, nogil=True)
def _exchange(
    nodes, first, arcs, ends, cost, tree, is_terminal, order, rounds
):  # pragma: no cover - compiled
    degree = np.zeros(nodes, np.int32)
    for edge in range(tree.shape[0]):
        if tree[edge]:
            degree[ends[2 * edge]] += 1
            degree[ends[2 * edge + 1]] += 1
    network = (first, arcs, ends, cost)
    # base, arc towards the base, next and previous in the list of the base's nodes, first of that list; distance
    regions = (
        np.full(nodes, -1, np.int32), np.full(nodes, -1, np.int32), np.full(nodes, -1, np.int32),
        np.full(nodes, -1, np.int32), np.full(nodes, -1, np.int32), np.full(nodes, np.inf),
    )  # fmt: skip
    rooted = np.empty(nodes, np.int32)
    count = 0
    for node in range(nodes):
        if degree[node] > 0:
            rooted[count] = node
            count += 1
    _attach(network, regions, rooted[:count])
    # stamps: piece, piece number, freed region, and there: base, arc, distance
    work = (
        np.zeros(nodes, np.int32), np.zeros(nodes, np.int32), np.zeros(nodes, np.int32),
        np.full(nodes, -1, np.int32), np.full(nodes, -1, np.int32), np.full(nodes, np.inf), np.zeros(1, np.int32),
    )  # fmt: skip
    for _ in range(rounds):
        changed = False
        for node in order:
            if degree[node] == 0:
                continue
            if (
                not is_terminal[node]
                and 3 <= degree[node] <= MOST_PIECES
                and _rebuild(network, tree, is_terminal, degree, regions, work, node, -1)
            ):
                changed = True
                continue
            if is_terminal[node] or degree[node] >= 3:
                for place in range(first[node], first[node + 1]):
                    arc = arcs[place]
                    if tree[arc >> 1] and _rebuild(
                        network, tree, is_terminal, degree, regions, work, node, arc
                    ):
                        changed = True
        if not changed:
            break


@njit(cache=True, nogil=True)
def _rebuild(network, tree, is_terminal, degree, regions, work, centre, only):  # pragma: no cover - compiled
    """Take out the key path that begins with arc ``only`` (or all paths at ``centre`` when it is -1) and join again.

    Keeps the change when it is cheaper by more than rounding; returns whether it did.
    """
    first, arcs, ends, cost = network
    work[6][0] += 1
    stamp = work[6][0]
    taken, inner = np.empty(64, np.int32), np.empty(64, np.int32)
    count, inners, saved, pieces = 0, 0, 0.0, 0
    starts = np.empty(MOST_PIECES + 1, np.int32)
    if only >= 0:
        starts[0], pieces = centre, 1
    else:
        inner, inners = _add(inner, inners, centre)
    for place in range(first[centre], first[centre + 1]):
        arc = arcs[place]
        if not tree[arc >> 1] or (only >= 0 and arc != only):
            continue
        while True:
            taken, count = _add(taken, count, arc >> 1)
            saved += cost[arc >> 1]
            node = ends[arc]
            if is_terminal[node] or degree[node] != 2:
                break
            inner, inners = _add(inner, inners, node)
            for onward in range(first[node], first[node + 1]):
                if tree[arcs[onward] >> 1] and arcs[onward] >> 1 != arc >> 1:
                    arc = arcs[onward]
                    break
        starts[pieces] = node
        pieces += 1
    if only >= 0 and node < centre:  # tried from its other end
        return False
    if saved <= 1e-9:
        return False
    for index in range(count):
        tree[taken[index]] = False
    largest, members, filled = _walk_pieces(network, tree, work, stamp, starts, pieces)
    freed = _free(network, regions, work, stamp, inner[:inners])
    best, meeting = _ways(network, regions, work, stamp, largest, members, filled, pieces, freed)
    total, new, used = _choose(network, regions, work, stamp, best, meeting, pieces, saved)
    if total >= saved - 1e-9 * max(1.0, saved):
        for index in range(count):
            tree[taken[index]] = True
        return False
    for index in range(count):
        degree[ends[2 * taken[index]]] -= 1
        degree[ends[2 * taken[index] + 1]] -= 1
    fresh, freshes = np.empty(64, np.int32), 0
    for index in range(used):
        if tree[new[index]]:
            continue
        tree[new[index]] = True
        for side in range(2):
            node = ends[2 * new[index] + side]
            if degree[node] == 0:
                fresh, freshes = _add(fresh, freshes, node)
            degree[node] += 1
    for index in range(pieces):
        inner, inners = _cut_leaf(network, tree, is_terminal, degree, starts[index], inner, inners)
    _settle(network, degree, regions, work, inner[:inners], fresh[:freshes])
    return True


@njit(cache=True, nogil=True)
def _settle(network, degree, regions, work, left, fresh):  # pragma: no cover - compiled
    """Bring the regions up to date after nodes left the tree (those of ``left`` now without edges) or joined it."""
    gone, count = np.empty(left.shape[0], np.int32), 0
    for node in left:
        if degree[node] == 0:
            gone[count] = node
            count += 1
    work[6][0] += 1
    freed = _free(network, regions, work, work[6][0], gone[:count])
    for node in freed:
        _leave(regions, node)
    for node in freed:
        regions[0][node], regions[1][node], regions[5][node] = -1, -1, np.inf
        if work[3][node] >= 0:
            regions[1][node], regions[5][node] = work[4][node], work[5][node]
            _enter(regions, node, work[3][node])
    joined, count = np.empty(fresh.shape[0] + left.shape[0], np.int32), 0
    for node in fresh:
        if degree[node] > 0:
            joined[count] = node
            count += 1
    for node in left:
        if degree[node] > 0:
            joined[count] = node
            count += 1
    _attach(network, regions, joined[:count])


@njit(cache=True, nogil=True)
def _attach(network, regions, fresh):  # pragma: no cover - compiled
    """Make tree nodes their own bases and hand over to them what lies nearer to them now."""
    first, arcs, ends, cost = network
    base, via, _, _, _, distance = regions
    keys, items, size = np.empty(64, np.float64), np.empty(64, np.int32), 0
    for node in fresh:
        if base[node] == node:
            continue
        if base[node] >= 0:
            _leave(regions, node)
        via[node], distance[node] = -1, 0.0
        _enter(regions, node, node)
        keys, items, size = push(keys, items, size, 0.0, node)
    while size > 0:
        key, node, size = pop(keys, items, size)
        if key > distance[node]:
            continue
        for place in range(first[node], first[node + 1]):
            arc = arcs[place]
            other = ends[arc]
            reach = key + cost[arc >> 1]
            if reach < distance[other]:
                if base[other] >= 0:
                    _leave(regions, other)
                distance[other], via[other] = reach, arc ^ 1
                _enter(regions, other, base[node])
                keys, items, size = push(keys, items, size, reach, other)


@njit(cache=True, nogil=True)
def _enter(regions, node, new_base):  # pragma: no cover - compiled
    base, _, after, before, head, _ = regions
    base[node] = new_base
    after[node], before[node] = head[new_base], -1
    if head[new_base] >= 0:
        before[head[new_base]] = node
    head[new_base] = node


@njit(cache=True, nogil=True)
def _leave(regions, node):  # pragma: no cover - compiled
    base, _, after, before, head, _ = regions
    if before[node] >= 0:
        after[before[node]] = after[node]
    else:
        head[base[node]] = after[node]
    if after[node] >= 0:
        before[after[node]] = before[node]


@njit(cache=True, nogil=True)
def _free(network, regions, work, stamp, gone):  # pragma: no cover - compiled
    """Find new bases for the nodes whose base is in ``gone``; the answer stands in ``work``, the regions stay."""
    first, arcs, ends, cost = network
    base, _, after, _, head, distance = regions
    _, _, freed_stamp, new_base, new_via, new_distance, _ = work
    freed, count = np.empty(64, np.int32), 0
    for node in gone:
        walk = head[node]
        while walk >= 0:
            if freed_stamp[walk] != stamp:
                freed_stamp[walk] = stamp
                new_base[walk], new_via[walk], new_distance[walk] = -1, -1, np.inf
                freed, count = _add(freed, count, walk)
            walk = after[walk]
    keys, items, size = np.empty(64, np.float64), np.empty(64, np.int32), 0
    for index in range(count):
        node = freed[index]
        for place in range(first[node], first[node + 1]):
            arc = arcs[place]
            other = ends[arc]
            if freed_stamp[other] != stamp and distance[other] + cost[arc >> 1] < new_distance[node]:
                new_distance[node], new_via[node], new_base[node] = (
                    distance[other] + cost[arc >> 1],
                    arc,
                    base[other],
                )
        if new_base[node] >= 0:
            keys, items, size = push(keys, items, size, new_distance[node], node)
    while size > 0:
        key, node, size = pop(keys, items, size)
        if key > new_distance[node]:
            continue
        for place in range(first[node], first[node + 1]):
            arc = arcs[place]
            other = ends[arc]
            reach = key + cost[arc >> 1]
            if freed_stamp[other] == stamp and reach < new_distance[other]:
                new_distance[other], new_via[other], new_base[other] = reach, arc ^ 1, new_base[node]
                keys, items, size = push(keys, items, size, reach, other)
    return freed[:count]


@njit(cache=True, nogil=True)
def _ways(
    network, regions, work, stamp, largest, members, filled, pieces, freed
):  # pragma: no cover - compiled
    """The cheapest way between any two pieces: costs (pieces, pieces) and the arc in its middle."""
    best = np.full((pieces, pieces), np.inf)
    meeting = np.full((pieces, pieces), -1, np.int32)
    after, head = regions[2], regions[4]
    for piece in range(pieces):
        if piece == largest:
            continue
        for index in range(filled[piece]):
            walk = head[members[piece, index]]
            while walk >= 0:
                if work[2][walk] != stamp:
                    _look_round(network, regions, work, stamp, largest, walk, piece, best, meeting)
                walk = after[walk]
    for node in freed:
        if work[3][node] >= 0:
            piece = _piece(work, stamp, largest, work[3][node])
            _look_round(network, regions, work, stamp, largest, node, piece, best, meeting)
    return best, meeting


@njit(cache=True, inline="always")
def _piece(work, stamp, largest, node):  # pragma: no cover - compiled
    return work[1][node] if work[0][node] == stamp else largest


@njit(cache=True, nogil=True)
def _look_round(
    network, regions, work, stamp, largest, node, piece, best, meeting
):  # pragma: no cover - compiled
    first, arcs, ends, cost = network
    here = work[5][node] if work[2][node] == stamp else regions[5][node]
    for place in range(first[node], first[node + 1]):
        arc = arcs[place]
        other = ends[arc]
        if work[2][other] == stamp:
            there, base = work[5][other], work[3][other]
        else:
            there, base = regions[5][other], regions[0][other]
        if base < 0:
            continue
        beyond = _piece(work, stamp, largest, base)
        if beyond == piece:
            continue
        total = here + cost[arc >> 1] + there
        left, right = min(piece, beyond), max(piece, beyond)
        if total < best[left, right]:
            best[left, right], meeting[left, right] = total, arc


@njit(cache=True, nogil=True)
def _choose(network, regions, work, stamp, best, meeting, pieces, limit):  # pragma: no cover - compiled
    """Join the pieces by the cheapest ways: (total, edges, number); infinite when it costs ``limit`` or more."""
    _, _, ends, _ = network
    above = np.arange(pieces).astype(np.int32)
    new, used, total = np.empty(64, np.int32), 0, 0.0
    for _ in range(pieces - 1):
        least, one, two = np.inf, -1, -1
        for left in range(pieces):
            for right in range(left + 1, pieces):
                if best[left, right] < least and find(above, left) != find(above, right):
                    least, one, two = best[left, right], left, right
        total += least
        if one < 0 or total >= limit:
            return np.inf, new, 0
        above[find(above, one)] = find(above, two)
        arc = meeting[one, two]
        new, used = _add(new, used, arc >> 1)
        for side in range(2):
            node = ends[arc ^ side]
            while True:
                via = work[4][node] if work[2][node] == stamp else regions[1][node]
                if via < 0:
                    break
                new, used = _add(new, used, via >> 1)
                node = ends[via]
    return total, new, used


@njit(cache=True, nogil=True)
def _cut_leaf(network, tree, is_terminal, degree, node, gone, count):  # pragma: no cover - compiled
    """Cut a needless leaf and what it leaves dangling; the nodes are added to ``gone``."""
    first, arcs, ends, _ = network
    while degree[node] == 1 and not is_terminal[node]:
        for place in range(first[node], first[node + 1]):
            arc = arcs[place]
            if tree[arc >> 1]:
                tree[arc >> 1] = False
                degree[node] -= 1
                gone, count = _add(gone, count, node)
                node = ends[arc]
                degree[node] -= 1
                break
    return gone, count


@njit(cache=True, nogil=True)
def _walk_pieces(network, tree, work, stamp, starts, pieces):  # pragma: no cover - compiled
    """Walk all pieces at the same pace and stop when only one is unfinished: that one is the largest."""
    first, arcs, ends, _ = network
    piece_stamp, piece_of = work[0], work[1]
    members = np.empty((pieces, 32), np.int32)
    filled, scanned = np.zeros(pieces, np.int64), np.zeros(pieces, np.int64)
    for piece in range(pieces):
        members[piece, 0] = starts[piece]
        filled[piece] = 1
        piece_stamp[starts[piece]] = stamp
        piece_of[starts[piece]] = piece
    unfinished, open_piece = pieces, np.ones(pieces, np.bool_)
    while unfinished > 1:
        for piece in range(pieces):
            if not open_piece[piece]:
                continue
            if scanned[piece] == filled[piece]:
                open_piece[piece] = False
                unfinished -= 1
                if unfinished == 1:
                    break
                continue
            node = members[piece, scanned[piece]]
            scanned[piece] += 1
            for place in range(first[node], first[node + 1]):
                other = ends[arcs[place]]
                if tree[arcs[place] >> 1] and not (piece_stamp[other] == stamp and piece_of[other] == piece):
                    if filled[piece] == members.shape[1]:
                        wider = np.empty((pieces, 2 * members.shape[1]), np.int32)
                        wider[:, : members.shape[1]] = members
                        members = wider
                    members[piece, filled[piece]] = other
                    filled[piece] += 1
                    piece_stamp[other] = stamp
                    piece_of[other] = piece
    largest = 0
    for piece in range(pieces):
        if open_piece[piece]:
            largest = piece
    return largest, members, filled


@njit(cache=True, inline="always")
def _add(edges, count, edge):  # pragma: no cover - compiled
    if count == edges.shape[0]:
        more = np.empty(2 * count, np.int32)
        more[:count] = edges
        edges = more
    edges[count] = edge
    return edges, count + 1
