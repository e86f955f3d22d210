"""Compiled parts of the p-median: interchange, Lagrangian ascent, branch and bound.

Rows (demand) list their candidates by rising distance; ``start``, ``site``, ``far`` hold them compressed, ``far``
already multiplied by the weight. ``none`` is what a row costs when none of its candidates is open.

Source: interchange: Teitz and Bart 1968, Whitaker 1983, Resende and Werneck 2007. Bound: Cornuéjols, Fisher and
Nemhauser 1977. Direction: Camerini, Fratta and Maffioli 1975.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from hatangso.siting.search import random_share

FREE, OPENED, CLOSED = 0, 1, 2
LEAST_PACE = 1e-4


@njit(cache=True, nogil=True)
def two_nearest(rows, none, is_open):  # type: ignore[no-untyped-def]
    """Return per row the nearest open candidate (-1 if none), its cost, and the cost of the second nearest."""
    start, site, far = rows
    size = len(start) - 1
    nearest, first, second = np.full(size, -1, np.int64), none.copy(), none.copy()
    for i in range(size):
        for e in range(start[i], start[i + 1]):
            if is_open[site[e]]:
                if nearest[i] < 0:
                    nearest[i], first[i] = site[e], far[e]
                else:
                    second[i] = far[e]
                    break
    return nearest, first, second


@njit(cache=True, nogil=True)
def interchange(rows, none, is_open, movable):  # type: ignore[no-untyped-def]
    """Swap open and closed candidates, always the best pair, until none helps; return the total."""
    start, site, far = rows
    candidates = len(is_open)
    sites = int(np.sum(is_open))
    slot, opened = np.full(candidates, -1, np.int64), np.flatnonzero(is_open)
    for q in range(sites):
        slot[opened[q]] = q
    extra = np.zeros((candidates, sites))
    while True:
        nearest, first, second = two_nearest(rows, none, is_open)
        gain, loss = np.zeros(candidates), np.zeros(sites)
        extra[:] = 0.0
        for i in range(len(start) - 1):
            if nearest[i] >= 0:
                mine = slot[nearest[i]]
                loss[mine] += second[i] - first[i]
            else:
                mine = -1
            for e in range(start[i], start[i + 1]):
                d = far[e]
                if d >= second[i]:
                    break
                j = site[e]
                if d < first[i]:
                    gain[j] += first[i] - d
                if mine >= 0:
                    extra[j, mine] += second[i] - max(first[i], d)
        best, enter, leave = 1e-9 * max(1.0, first.sum()) * 1e-3, -1, -1
        for j in range(candidates):
            if is_open[j] or movable[j] != FREE:
                continue
            for q in range(sites):
                if movable[opened[q]] == FREE:
                    value = gain[j] - loss[q] + extra[j, q]
                    if value > best:
                        best, enter, leave = value, j, q
        if enter < 0:
            return first.sum()
        is_open[opened[leave]] = False
        slot[opened[leave]] = -1
        is_open[enter] = True
        opened[leave] = enter
        slot[enter] = leave


@njit(cache=True, nogil=True)
def wander(rows, none, best_open, movable, random, tries):  # type: ignore[no-untyped-def]
    """Shake the best answer and interchange again, ``tries`` times; ``best_open`` is kept the best; return its total."""
    _, first, _ = two_nearest(rows, none, best_open)
    best = first.sum()
    free_open = 0
    closed = 0
    for j in range(len(best_open)):
        if movable[j] == FREE:
            free_open += best_open[j]
            closed += not best_open[j]
    if free_open == 0 or closed == 0:
        return best
    current = best_open.copy()
    value = best
    for _ in range(tries):
        trial = current.copy()
        swaps = 1 + np.int64(random_share(random) * (1 + min(8.0, 0.15 * free_open)))
        for _ in range(swaps):
            out = _draw(trial, True, movable, random)
            enter = _draw(trial, False, movable, random)
            trial[out], trial[enter] = False, True
        total = interchange(rows, none, trial, movable)
        if total <= value + 1e-9 or (total < value * 1.002 and random_share(random) < 0.05):
            current, value = trial, total
        if total < best - 1e-9 * max(1.0, best):
            best = total
            best_open[:] = trial
    return best


@njit(cache=True, nogil=True)
def _draw(is_open, wanted, movable, random):  # type: ignore[no-untyped-def]
    while True:
        j = np.int64(random_share(random) * len(is_open))
        if is_open[j] == wanted and movable[j] == FREE:
            return j


@njit(cache=True, nogil=True)
def _relax(rows, price, status, sites, saving, picked):  # type: ignore[no-untyped-def]
    """Fill ``saving`` per candidate and ``picked`` (the p best); return the bound and the last picked, first left out."""
    start, site, far = rows
    saving[:] = 0.0
    total = 0.0
    for i in range(len(start) - 1):
        total += price[i]
        for e in range(start[i], start[i + 1]):
            d = far[e] - price[i]
            if d >= 0.0:
                break
            saving[site[e]] += d
    free = np.empty(len(status), np.int64)
    count, wanted = 0, sites
    for j in range(len(status)):
        picked[j] = status[j] == OPENED
        if picked[j]:
            total += saving[j]
            wanted -= 1
        elif status[j] == FREE:
            free[count] = j
            count += 1
    order = np.argsort(saving[free[:count]], kind="mergesort")
    for q in range(min(wanted, count)):
        j = free[order[q]]
        picked[j] = True
        total += saving[j]
    last = saving[free[order[wanted - 1]]] if 0 < wanted <= count else -np.inf
    first = saving[free[order[wanted]]] if wanted < count else np.inf
    return total, last, first


@njit(cache=True, nogil=True)
def ascend(rows, none, price, status, sites, rules, pace, often):  # type: ignore[no-untyped-def]
    """Raise the Lagrangian bound; ``price`` becomes the best prices, ``often`` how often each candidate is picked.

    ``rules`` = (iterations, upper, patience): stops when the bound passes ``upper`` (the value to be beaten).
    ``pace`` = [step scale], kept for going on; below LEAST_PACE there is nothing more to gain.
    """
    iterations, upper, patience = rules
    start, site, far = rows
    size, candidates = len(start) - 1, len(status)
    saving, picked = np.empty(candidates), np.zeros(candidates, np.bool_)
    trial, direction = price.copy(), np.zeros(size)
    best, scale, stale = -np.inf, pace[0], 0
    often[:] = 0.0
    for _ in range(iterations):
        value, _, _ = _relax(rows, trial, status, sites, saving, picked)
        if value > best + 1e-7 * max(1.0, abs(best)):
            best = value
            price[:] = trial
            stale = 0
        else:
            stale += 1
            if value > best:
                best = value
                price[:] = trial
        if best >= upper:
            break
        for j in range(candidates):
            often[j] = 0.95 * often[j] + 0.05 * picked[j]
        if stale >= patience:
            scale *= 0.6
            stale = 0
            trial[:] = price
            direction[:] = 0.0
            pace[0] = scale
            if scale < LEAST_PACE:
                break
            continue
        along, length = 0.0, 0.0
        slope = np.ones(size)
        for i in range(size):
            for e in range(start[i], start[i + 1]):
                if far[e] >= trial[i]:
                    break
                if picked[site[e]]:
                    slope[i] -= 1.0
            along += slope[i] * direction[i]
            length += direction[i] * direction[i]
        turn = -1.5 * along / length if along < 0.0 and length > 0.0 else 0.0
        norm = 0.0
        for i in range(size):
            direction[i] = slope[i] + turn * direction[i]
            norm += direction[i] * direction[i]
        if norm == 0.0:
            break
        step = scale * (1.01 * upper - value + 1e-9) / norm if upper < np.inf else scale
        for i in range(size):
            trial[i] = min(none[i], max(0.0, trial[i] + step * direction[i]))
    return best


@njit(cache=True, nogil=True)
def round_prices(rows, none, price, status, sites):  # type: ignore[no-untyped-def]
    """Open the candidates that save most at these prices and interchange; return the choice and its total."""
    saving, picked = np.empty(len(status)), np.zeros(len(status), np.bool_)
    _relax(rows, price, status, sites, saving, picked)
    total = interchange(rows, none, picked, status)
    return picked, total


@njit(cache=True, nogil=True)
def settle(rows, price, status, sites, upper):  # type: ignore[no-untyped-def]
    """Open or close for good every candidate whose other choice would pass ``upper``; return how many."""
    candidates = len(status)
    saving, picked = np.empty(candidates), np.zeros(candidates, np.bool_)
    value, last, first = _relax(rows, price, status, sites, saving, picked)
    changed = 0
    for j in range(candidates):
        if status[j] != FREE:
            continue
        if picked[j] and value - saving[j] + first >= upper:
            status[j] = OPENED
            changed += 1
        elif not picked[j] and value - last + saving[j] >= upper:
            status[j] = CLOSED
            changed += 1
    return changed


@njit(cache=True, nogil=True)
def branch(rows, none, tree, sites, limits, best_open):  # type: ignore[no-untyped-def]
    """Go down the tree of open/closed decisions depth first.

    ``tree`` = (status per level, prices per level, level and value to beat, kind of each level). ``limits`` =
    (most nodes now, step below the best value that counts, iterations per node). Returns (nodes used, least bound of
    nodes cut off by floating point, always the value to beat); the level is -1 when the tree is done.
    """
    statuses, prices, place, turned = tree
    most, saving, iterations = limits
    candidates = statuses.shape[1]
    often = np.zeros(candidates)
    used = 0
    while place[0] >= 0 and used < most:
        level = np.int64(place[0])
        status, price = statuses[level], prices[level]
        used += 1
        worth = _node(rows, none, price, status, sites, iterations, place, saving, often, best_open)
        pick = -1 if worth >= place[1] - saving else _most_doubtful(status, often)
        if pick >= 0:
            statuses[level + 1] = status
            prices[level + 1] = price
            first = OPENED if often[pick] >= 0.5 else CLOSED
            statuses[level + 1, pick] = first
            status[pick] = CLOSED if first == OPENED else OPENED
            turned[level] = 1
            place[0] = level + 1
        else:
            place[0] = level - 1
    return used


@njit(cache=True, nogil=True)
def _node(rows, none, price, status, sites, iterations, place, saving, often, best_open):  # type: ignore[no-untyped-def]
    """Bound one node, try its picked candidates as an answer, fix what follows; infinite when nothing is left."""
    opened, free = 0, 0
    for j in range(len(status)):
        opened += status[j] == OPENED
        free += status[j] == FREE
    if opened > sites or opened + free < sites:
        return np.inf
    rules = (iterations, place[1] - saving, 12)
    value = ascend(rows, none, price, status, sites, rules, np.ones(1), often)
    if value >= place[1] - saving:
        return value
    spare, picked = np.empty(len(status)), np.zeros(len(status), np.bool_)
    _relax(rows, price, status, sites, spare, picked)
    _, first, _ = two_nearest(rows, none, picked)
    total = first.sum()
    if total < place[1] - 1e-9 * max(1.0, place[1]):
        place[1] = total
        best_open[:] = picked
    settle(rows, price, status, sites, place[1] - saving)
    return value


@njit(cache=True, nogil=True)
def _most_doubtful(status, often):  # type: ignore[no-untyped-def]
    pick, most = -1, -1.0
    for j in range(len(status)):
        if status[j] == FREE:
            doubt = min(often[j], 1.0 - often[j])
            if doubt > most:
                pick, most = j, doubt
    return pick
