"""A binary heap of (key, node) in two arrays, for the compiled shortest-path searches. Stale entries are allowed."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, inline="always")
def push(keys, items, size, key, item):  # pragma: no cover - compiled
    """Add an entry; returns (keys, items, size), grown when full."""
    if size == keys.shape[0]:
        more_keys, more_items = np.empty(2 * size + 16, np.float64), np.empty(2 * size + 16, items.dtype)
        more_keys[:size], more_items[:size] = keys[:size], items[:size]
        keys, items = more_keys, more_items
    place = size
    while place > 0:
        above = (place - 1) >> 1
        if keys[above] <= key:
            break
        keys[place], items[place] = keys[above], items[above]
        place = above
    keys[place], items[place] = key, item
    return keys, items, size + 1


@njit(cache=True, inline="always")
def pop(keys, items, size):  # pragma: no cover - compiled
    """Take the smallest entry; returns (key, item, size)."""
    key, item = keys[0], items[0]
    size -= 1
    last_key, last_item = keys[size], items[size]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        if below + 1 < size and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= last_key:
            break
        keys[place], items[place] = keys[below], items[below]
        place = below
    keys[place], items[place] = last_key, last_item
    return key, item, size
