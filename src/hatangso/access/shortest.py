"""Shortest ways over a road graph in compiled code: from all sources at once, or one bounded tree each."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, inline="always")
def _push(heap, keys, size, node, key):  # type: ignore[no-untyped-def]
    """Put a node into the four-way heap and return the new size."""
    at = size
    while at > 0:
        up = (at - 1) >> 2
        if keys[up] <= key:
            break
        heap[at], keys[at] = heap[up], keys[up]
        at = up
    heap[at], keys[at] = node, key
    return size + 1


@njit(cache=True, nogil=True)
def _sink(heap, keys, size):  # type: ignore[no-untyped-def]
    """Take the top out of a heap of ``size`` + 1: its last entry sinks to its place."""
    node, key = heap[size], keys[size]
    at = 0
    while True:
        low = 4 * at + 1
        if low >= size:
            break
        best = low
        for child in range(low + 1, min(low + 4, size)):
            if keys[child] < keys[best]:
                best = child
        if keys[best] >= key:
            break
        heap[at], keys[at] = heap[best], keys[best]
        at = best
    heap[at], keys[at] = node, key


@njit(cache=True, nogil=True)
def spread(start, target, length, sources, offsets):  # type: ignore[no-untyped-def]
    """Dijkstra from all sources at once: distance of every node and the source it belongs to (-1: unreached)."""
    count = len(start) - 1
    distance, owner = np.full(count, np.inf), np.full(count, -1, np.int64)
    room = len(target) + len(sources) + 1
    heap, keys, size = np.empty(room, np.int32), np.empty(room), 0
    for s in range(len(sources)):
        if offsets[s] < distance[sources[s]]:
            distance[sources[s]], owner[sources[s]] = offsets[s], s
            size = _push(heap, keys, size, sources[s], offsets[s])
    while size > 0:
        node, key = heap[0], keys[0]
        size -= 1
        _sink(heap, keys, size)
        if key > distance[node]:
            continue
        for e in range(start[node], start[node + 1]):
            new = key + length[e]
            if new < distance[target[e]]:
                distance[target[e]], owner[target[e]] = new, owner[node]
                size = _push(heap, keys, size, target[e], new)
    return distance, owner


@njit(cache=True, nogil=True)
def _grow(roads, source, offset, limit, distance, heap, keys, settled):  # type: ignore[no-untyped-def]
    """Grow one tree up to ``limit``; list the settled nodes and return how many; ``distance`` must be infinite before."""
    start, target, length = roads
    size, done = 0, 0
    if offset <= limit:
        distance[source] = offset
        size = _push(heap, keys, size, source, offset)
    while size > 0:
        node, key = heap[0], keys[0]
        size -= 1
        _sink(heap, keys, size)
        if key > distance[node]:
            continue
        settled[done] = node
        done += 1
        for e in range(start[node], start[node + 1]):
            new, to = key + length[e], target[e]
            if new < distance[to] and new <= limit:
                distance[to] = new
                size = _push(heap, keys, size, to, new)
    return done


@njit(cache=True, nogil=True)
def grow_trees(roads, origins, houses, limit):  # type: ignore[no-untyped-def]
    """Grow one bounded tree per origin; return houses reached per origin, their numbers and distances."""
    sources, offsets = origins
    here, order, way = houses
    count, room = len(roads[0]) - 1, len(roads[1]) + 2
    distance, settled = np.full(count, np.inf), np.empty(count, np.int64)
    heap, keys = np.empty(room, np.int32), np.empty(room)
    counts = np.zeros(len(sources), np.int64)
    found, far, filled = np.empty(1024, np.int64), np.empty(1024), 0
    for s in range(len(sources)):
        done = _grow(roads, sources[s], offsets[s], limit, distance, heap, keys, settled)
        for q in range(done):
            node = settled[q]
            for h in range(here[node], here[node + 1]):
                total = distance[node] + way[order[h]]
                if total <= limit:
                    if filled == len(found):
                        found = np.concatenate((found, np.empty_like(found)))
                        far = np.concatenate((far, np.empty_like(far)))
                    found[filled], far[filled] = order[h], total
                    filled += 1
                    counts[s] += 1
            distance[node] = np.inf
    return counts, found[:filled], far[:filled]


@njit(cache=True, nogil=True)
def fill_rows(roads, origins, nodes, way, rows):  # type: ignore[no-untyped-def]
    """Fill one row of distances to every house per origin."""
    sources, offsets = origins
    count, room = len(roads[0]) - 1, len(roads[1]) + 2
    distance, settled = np.full(count, np.inf), np.empty(count, np.int64)
    heap, keys = np.empty(room, np.int32), np.empty(room)
    for s in range(len(sources)):
        done = _grow(roads, sources[s], offsets[s], np.inf, distance, heap, keys, settled)
        for h in range(len(nodes)):
            rows[s, h] = distance[nodes[h]] + way[h]
        for q in range(done):
            distance[settled[q]] = np.inf
