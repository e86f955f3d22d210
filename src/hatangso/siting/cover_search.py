"""Compiled search for the cheapest full cover: rows that stay open too long grow heavier.

Source: row weighting local search (Gao, Weise and Li 2015), here with costs, groups and rows that need two covers.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from hatangso.siting.compiled import inner_loop
from hatangso.siting.search import random_share, turn


@njit(cache=True, nogil=True)
def search_cover(matrix, needed, cost, group, state, steps, least_saving):  # type: ignore[no-untyped-def]
    """Run steps ``steps`` = (from, to) from a full cover; the best cover found stays in the state.

    A cover counts as better only when it is cheaper by ``least_saving`` or more.
    """
    figures, best = state[17], state[8]
    newest = np.full(64, -1, np.int64)
    for step in range(steps[0], steps[1]):
        while figures[4] == 0:
            if figures[1] < figures[2]:
                figures[2] = figures[1]
                best[:] = state[0]
            if figures[0] == 0:
                return
            _leave(_cheapest_loss(cost, state, newest[:0]), matrix, needed, cost, group, state, step)
        out = _cheapest_loss(cost, state, newest)
        if out >= 0:
            _leave(out, matrix, needed, cost, group, state, step)
        newest[:] = -1
        entered = 0
        while figures[4] > 0:
            row = state[10][np.int64(random_share(state[16]) * figures[4])]
            pick = _entering(row, matrix, cost, state)
            spare = 0.0
            if group[pick] >= 0 and state[7][group[pick]] >= 0:
                spare = cost[state[7][group[pick]]]
            if figures[1] + cost[pick] - spare > figures[2] - least_saving:
                if entered == 0:
                    _grow_heavier(matrix, needed, state)
                break
            if group[pick] >= 0 and state[7][group[pick]] >= 0:
                _leave(state[7][group[pick]], matrix, needed, cost, group, state, step)
            turn(pick, matrix, needed, cost, group, state, 0.5, False)
            _touch(pick, matrix, state)
            state[12][pick] = step
            if entered < 64:
                newest[entered] = pick
            entered += 1
            _grow_heavier(matrix, needed, state)
            if entered >= 64:
                break


@inner_loop()
def _leave(out, matrix, needed, cost, group, state, step):  # type: ignore[no-untyped-def]
    turn(out, matrix, needed, cost, group, state, 0.5, False)
    _touch(out, matrix, state)
    state[12][out] = step
    state[13][out] = state[17][3]
    state[15][out] = False


@inner_loop()
def _touch(j, matrix, state):  # type: ignore[no-untyped-def]
    start, demand = matrix[0], matrix[1]
    state[17][3] += 1.0
    clock = np.int64(state[17][3])
    for e in range(start[j], start[j + 1]):
        state[14][demand[e]] = clock


@inner_loop()
def _cheapest_loss(cost, state, kept):  # type: ignore[no-untyped-def]
    """Return the chosen candidate that loses least per cost, the longest unmoved among equals; -1 if none."""
    chosen, score, stamp = state[5], state[3], state[12]
    pick, least = -1, np.inf
    for q in range(np.int64(state[17][0])):
        k = chosen[q]
        held = False
        for other in kept:
            if other < 0:
                break
            if other == k:
                held = True
        if held:
            continue
        value = score[k] / max(cost[k], 1e-9)
        if value < least or (value == least and stamp[k] < stamp[pick]):
            pick, least = k, value
    return pick


@inner_loop()
def _entering(row, matrix, cost, state):  # type: ignore[no-untyped-def]
    """Return who best covers an open row: most gain per cost among those whose surroundings changed since leaving."""
    start, demand, _, row_start, candidate, _ = matrix
    inside, score, stamp, left, touched, may = state[0], state[3], state[12], state[13], state[14], state[15]
    pick, most = -1, -np.inf
    for f in range(row_start[row], row_start[row + 1]):
        k = candidate[f]
        if inside[k]:
            continue
        if not may[k]:
            for e in range(start[k], start[k + 1]):
                if touched[demand[e]] > left[k]:
                    may[k] = True
                    break
            if not may[k]:
                continue
        value = score[k] / max(cost[k], 1e-9)
        if value > most or (value == most and stamp[k] < stamp[pick]):
            pick, most = k, value
    if pick >= 0:
        return pick
    for f in range(row_start[row], row_start[row + 1]):
        k = candidate[f]
        if not inside[k] and (pick < 0 or stamp[k] < stamp[pick]):
            pick = k
    return pick


@inner_loop()
def _grow_heavier(matrix, needed, state):  # type: ignore[no-untyped-def]
    """Add one to the weight of every open row and to the scores of those who could cover it."""
    row_start, candidate = matrix[3], matrix[4]
    score, weight, unserved = state[3], state[9], state[10]
    for q in range(np.int64(state[17][4])):
        row = unserved[q]
        weight[row] += 1.0
        part = 1.0 if needed[row] == 1 else 0.5
        for f in range(row_start[row], row_start[row + 1]):
            score[candidate[f]] += part
