"""Compiled cooling where every row needs one cover and no candidate has mates: a chosen site is lifted, who takes its
place is drawn by gain, and the scores of its surroundings change only when somebody else takes it.

The state is that of :mod:`hatangso.siting.search`. Gains of those outside stand in ``score + lifted``: ``lifted`` holds
what the lifted site alone covered, and a great negative number for those inside.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from hatangso.siting.search import PLAIN, random_share, turn

BLOCK = 64
INSIDE = -1e250
NOTHING = -1e300
LEAST_GAIN = 1e-9
HEATS = 12.0
SECOND_DROP = 0.1


@njit(cache=True, nogil=True, fastmath={"reassoc", "nnan", "nsz", "contract"})
def _block_tops(score, lifted, handicap, cost, room, tops):  # type: ignore[no-untyped-def]
    """Fill ``tops`` with the best worth in each block of candidates that gain and fit; return the best of all."""
    best = NOTHING
    for block in range(len(tops)):
        top = NOTHING
        for k in range(block * BLOCK, min(len(score), (block + 1) * BLOCK)):
            gain = score[k] + lifted[k]
            worth = gain - handicap[k] if (gain > LEAST_GAIN) & (cost[k] <= room) else NOTHING
            top = max(top, worth)
        tops[block] = top
        best = max(best, top)
    return best


@njit(cache=True, nogil=True)
def _draw(state, lifted, handicap, cost, limits, tops):  # type: ignore[no-untyped-def]
    """Draw a candidate within ``limits`` = (room, heat), likelier the more it is worth; -1 when none gains."""
    score, random, (room, heat) = state[3], state[16], limits
    top = _block_tops(score, lifted, handicap, cost, room, tops)
    if top == NOTHING:
        return -1
    floor, total, pick = top - HEATS * heat, 0.0, -1
    for block in range(len(tops)):
        if tops[block] < floor:
            continue
        for k in range(block * BLOCK, min(len(score), (block + 1) * BLOCK)):
            gain = score[k] + lifted[k]
            if gain - handicap[k] < floor or gain <= LEAST_GAIN or cost[k] > room:
                continue
            part = np.exp((gain - handicap[k] - top) / heat)
            total += part
            if random_share(random) * total < part:
                pick = k
    return pick


@njit(cache=True, nogil=True)
def _lift(j, matrix, state, lifted):  # type: ignore[no-untyped-def]
    """Add to ``lifted`` what every candidate would gain more without ``j``."""
    start, demand, _, row_start, candidate, _ = matrix
    covers, weight = state[1], state[9]
    for e in range(start[j], start[j + 1]):
        i = demand[e]
        if covers[i] == 1:
            for f in range(row_start[i], row_start[i + 1]):
                lifted[candidate[f]] += weight[i]
    lifted[j] = 0.0


@njit(cache=True, nogil=True)
def _exchange(j, k, matrix, state, shared, stamp):  # type: ignore[no-untyped-def]
    """Put ``k`` in the place of ``j``; ``shared`` is what only ``j`` covered and ``k`` covers too."""
    start, demand, _, row_start, candidate, _ = matrix
    inside, covers, holders, score, weight = state[0], state[1], state[2], state[3], state[9]
    loss, gain = score[j], score[k] + shared
    inside[j], inside[k] = False, True
    for e in range(start[k], start[k + 1]):
        stamp[demand[e]] = True
    for e in range(start[j], start[j + 1]):
        i = demand[e]
        if stamp[i]:
            stamp[i] = False
            holders[i] += k - j
            continue
        covers[i] -= 1
        holders[i] -= j
        if covers[i] == 0:
            for f in range(row_start[i], row_start[i + 1]):
                score[candidate[f]] += weight[i]
        elif covers[i] == 1:
            score[holders[i]] += weight[i]
    for e in range(start[k], start[k + 1]):
        i = demand[e]
        if not stamp[i]:
            continue
        stamp[i] = False
        covers[i] += 1
        if covers[i] == 1:
            for f in range(row_start[i], row_start[i + 1]):
                score[candidate[f]] -= weight[i]
        elif covers[i] == 2:
            score[holders[i]] -= weight[i]
        holders[i] += k
    score[j], score[k] = loss - shared, gain
    place = state[6][j]
    state[5][place], state[6][k] = k, place


@njit(cache=True, nogil=True)
def exchange(matrix, needed, cost, group, state, plan, steps):  # type: ignore[no-untyped-def]
    """Wander within a budget while it cools; the best choice seen stays in the state.

    ``plan`` = (budget, first heat, last heat, price of cost, target served weight), ``steps`` = (from, to, of).
    Returns True when the target is met.
    """
    budget, hot, cold, price, target = plan
    inside, chosen, score, best, random, figures = (
        state[0],
        state[5],
        state[3],
        state[8],
        state[16],
        state[17],
    )
    rest = np.where(inside, INSIDE, 0.0)
    lifted, handicap = rest.copy(), price * cost
    stamp, tops = np.zeros(len(needed), np.bool_), np.empty((len(cost) + BLOCK - 1) // BLOCK)
    value, cheapest = float((state[9] * (state[1] > 0)).sum()), cost.min()
    for step in range(steps[0], steps[1]):
        heat = hot * (cold / hot) ** (step / steps[2])
        if figures[0] > 1 and random_share(random) < SECOND_DROP:
            out = chosen[np.int64(random_share(random) * figures[0])]
            value -= score[out]
            turn(out, matrix, needed, cost, group, state, 0.0, PLAIN)
            rest[out] = lifted[out] = 0.0
        if figures[0] > 0:
            j = chosen[np.int64(random_share(random) * figures[0])]
            _lift(j, matrix, state, lifted)
            k = _draw(state, lifted, handicap, cost, (budget - figures[1] + cost[j] + LEAST_GAIN, heat), tops)
            if k < 0:
                value -= score[j]
                turn(j, matrix, needed, cost, group, state, 0.0, PLAIN)
                rest[j] = 0.0
            elif k != j:
                value += score[k] + lifted[k] - score[j]
                figures[1] += cost[k] - cost[j]
                _exchange(j, k, matrix, state, lifted[k], stamp)
                rest[j], rest[k] = 0.0, INSIDE
            lifted[:] = rest
        while budget - figures[1] + LEAST_GAIN >= cheapest:
            k = _draw(state, lifted, handicap, cost, (budget - figures[1] + LEAST_GAIN, heat), tops)
            if k < 0:
                break
            value += score[k]
            turn(k, matrix, needed, cost, group, state, 0.0, PLAIN)
            rest[k] = lifted[k] = INSIDE
        if value > figures[2] + 1e-7:
            figures[2] = value
            best[:] = inside
            if value >= target - 1e-7:
                return True
    return False
