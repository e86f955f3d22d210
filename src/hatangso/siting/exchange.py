"""Compiled cooling where every row needs one cover: a chosen site is lifted, who takes its place is drawn by gain, and
scores change only when somebody else takes it.

The state is that of :mod:`hatangso.siting.search`. Nearly all steps put the lifted site back; so what every candidate
would gain more without a chosen site, the weight of the rows which that site alone covers and the candidate covers too,
stands ready in a table with one row for each chosen site and follows the few changes. A candidate that serves no row
of the lifted site gains what it gains anyhow; while the best of these is too little to be drawn, only the neighbours of
the lifted site are looked at.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from hatangso.siting.reductions import ReducedProblem
from hatangso.siting.search import State, random_share

BLOCK = 64
CLOSED = 1e250
NOTHING = -1e300
LEAST_GAIN = 1e-9
HEATS = 10.0
SECOND_DROP = 0.1
MOST_CELLS = 2_500_000
Memory = tuple[np.ndarray, ...]


def new_memory(part: ReducedProblem, state: State, *, room: float, price: float) -> Memory:
    """Return what :func:`exchange` keeps from call to call.

    The parts are: the table (row: place in the list of the chosen, column: candidate; one row, filled at each step,
    where the whole would be too large), a bar for each candidate (``price`` times cost; out of reach for the chosen
    and their mates), those prices, a row of zeros, stamps of rows, the best worth of each block of candidates, the
    group of each candidate (-1: none), where the members of each group begin, the members, where the neighbours of each
    candidate begin, the neighbours, and the most that anybody gains now.
    """
    cost, candidates, count = part.cost, len(part.cost), int(state[17][0])
    places = int(min(candidates, max(room / max(cost.min(), 1e-9), count))) + 1
    table = np.zeros((places if places * candidates <= MOST_CELLS else 1, candidates))
    grouped = np.flatnonzero(part.group >= 0)
    sizes = np.bincount(part.group[grouped], minlength=int(part.group.max(initial=-1)) + 1)
    memory = (
        table, price * cost, price * cost, np.zeros(candidates), np.zeros(len(part.weight), np.bool_),
        np.empty((candidates + BLOCK - 1) // BLOCK), part.group, np.concatenate([[0], np.cumsum(sizes)]),
        grouped[np.argsort(part.group[grouped], kind="stable")], *part.neighbours, np.zeros(1),
    )  # fmt: skip
    for place, j in enumerate(state[5][:count]):
        _bar(j, True, memory)
        if len(table) > 1:
            _fill(j, part.matrix, state, table[place])
    _look(state, memory)
    return memory


@njit(cache=True, nogil=True)
def _bar(j, closed, memory):  # type: ignore[no-untyped-def]
    """Put ``j`` and its mates out of reach, or within it again."""
    bar, prices, group, begin, member = memory[1], memory[2], memory[6], memory[7], memory[8]
    bar[j] = CLOSED if closed else prices[j]
    if group[j] >= 0:
        for mate in member[begin[group[j]] : begin[group[j] + 1]]:
            bar[mate] = CLOSED if closed else prices[mate]


@njit(cache=True, nogil=True)
def _fill(j, matrix, state, row):  # type: ignore[no-untyped-def]
    """Fill a row of the table: what every candidate would gain more without ``j``."""
    start, demand, _, row_start, candidate, _ = matrix
    covers, weight = state[1], state[9]
    row[:] = 0.0
    for e in range(start[j], start[j + 1]):
        i = demand[e]
        if covers[i] == 1:
            for f in range(row_start[i], row_start[i + 1]):
                row[candidate[f]] += weight[i]


@njit(cache=True, nogil=True, fastmath={"reassoc", "nnan", "nsz", "contract"})
def _block_tops(score, lifted, bar, cost, room, tops):  # type: ignore[no-untyped-def]
    """Fill ``tops`` with the best worth in each block of candidates that gain and fit; return the best of all."""
    best = NOTHING
    for block in range(len(tops)):
        top = NOTHING
        for k in range(block * BLOCK, min(len(score), (block + 1) * BLOCK)):
            gain = score[k] + lifted[k]
            worth = gain - bar[k] if (gain > LEAST_GAIN) & (cost[k] <= room) else NOTHING
            top = max(top, worth)
        tops[block] = top
        best = max(best, top)
    return best


@njit(cache=True, nogil=True, fastmath={"reassoc", "nnan", "nsz", "contract"})
def _look(state, memory):  # type: ignore[no-untyped-def]
    """Note the most that anybody outside gains as things stand, less its bar."""
    score, bar, best = state[3], memory[1], NOTHING
    for k in range(len(score)):
        best = max(best, score[k] - bar[k])
    memory[11][0] = best


@njit(cache=True, nogil=True)
def _draw_near(j, state, lifted, memory, cost, limits):  # type: ignore[no-untyped-def]
    """Draw as :func:`_draw` does, but look only at the neighbours of ``j``; -2 when others might be drawn too."""
    score, random, (room, heat) = state[3], state[16], limits
    bar, near = memory[1], memory[10][memory[9][j] : memory[9][j + 1]]
    top = NOTHING
    for k in near:
        gain = score[k] + lifted[k]
        if gain - bar[k] > top and gain > LEAST_GAIN and cost[k] <= room:
            top = gain - bar[k]
    floor, total, pick = top - HEATS * heat, 0.0, -1
    if top < -CLOSED / 2 or memory[11][0] >= floor:
        return -2
    for k in near:
        gain = score[k] + lifted[k]
        if gain - bar[k] < floor or gain <= LEAST_GAIN or cost[k] > room:
            continue
        part = np.exp((gain - bar[k] - top) / heat)
        total += part
        if random_share(random) * total < part:
            pick = k
    return pick


@njit(cache=True, nogil=True)
def _draw(state, lifted, bar, cost, limits, tops):  # type: ignore[no-untyped-def]
    """Draw a candidate within ``limits`` = (room, heat), likelier the more it is worth; -1 when none gains."""
    score, random, (room, heat) = state[3], state[16], limits
    top = _block_tops(score, lifted, bar, cost, room, tops)
    if top < -CLOSED / 2:
        return -1
    floor, total, pick = top - HEATS * heat, 0.0, -1
    for block in range(len(tops)):
        if tops[block] < floor:
            continue
        for k in range(block * BLOCK, min(len(score), (block + 1) * BLOCK)):
            gain = score[k] + lifted[k]
            if gain - bar[k] < floor or gain <= LEAST_GAIN or cost[k] > room:
                continue
            part = np.exp((gain - bar[k] - top) / heat)
            total += part
            if random_share(random) * total < part:
                pick = k
    return pick


@njit(cache=True, nogil=True)
def _leave(j, heir, matrix, state, table, stamp):  # type: ignore[no-untyped-def]
    """Uncover the rows of ``j``; those stamped are ``heir``'s from now on, as is the row of the table."""
    start, demand, _, row_start, candidate, _ = matrix
    covers, holders, score, place, weight = state[1], state[2], state[3], state[6], state[9]
    own, mine = score[j], table[place[j] if len(table) > 1 else 0]
    for e in range(start[j], start[j + 1]):
        i = demand[e]
        if stamp[i]:
            stamp[i] = False
            holders[i] += heir - j
            continue
        covers[i] -= 1
        holders[i] -= j
        if covers[i] == 0:
            for f in range(row_start[i], row_start[i + 1]):
                score[candidate[f]] += weight[i]
                mine[candidate[f]] -= weight[i]
        elif covers[i] == 1:
            score[holders[i]] += weight[i]
            if len(table) > 1:
                row = table[place[holders[i]]]
                for f in range(row_start[i], row_start[i + 1]):
                    row[candidate[f]] += weight[i]
    score[j] = own


@njit(cache=True, nogil=True)
def _enter(k, alone, matrix, state, table, stamp):  # type: ignore[no-untyped-def]
    """Cover the rows of ``k``: all of them when it comes ``alone``, else the stamped ones."""
    start, demand, _, row_start, candidate, _ = matrix
    covers, holders, score, place, weight = state[1], state[2], state[3], state[6], state[9]
    own, mine = score[k], table[place[k] if len(table) > 1 else 0]
    for e in range(start[k], start[k + 1]):
        i = demand[e]
        if not (alone or stamp[i]):
            continue
        stamp[i] = False
        covers[i] += 1
        if covers[i] == 1:
            for f in range(row_start[i], row_start[i + 1]):
                score[candidate[f]] -= weight[i]
                mine[candidate[f]] += weight[i]
        elif covers[i] == 2:
            score[holders[i]] -= weight[i]
            if len(table) > 1:
                row = table[place[holders[i]]]
                for f in range(row_start[i], row_start[i + 1]):
                    row[candidate[f]] -= weight[i]
        holders[i] += k
    score[k] = own


@njit(cache=True, nogil=True)
def _exchange(j, k, shared, matrix, state, memory):  # type: ignore[no-untyped-def]
    """Put ``k`` in the place of ``j``; ``shared`` is what only ``j`` covered and ``k`` covers too."""
    start, demand = matrix[0], matrix[1]
    inside, score, chosen, place = state[0], state[3], state[5], state[6]
    table, stamp = memory[0], memory[4]
    inside[j], inside[k] = False, True
    loss, gain = score[j] - shared, score[k] + shared
    for e in range(start[k], start[k + 1]):
        stamp[demand[e]] = True
    _leave(j, k, matrix, state, table, stamp)
    chosen[place[j]], place[k] = k, place[j]
    _enter(k, False, matrix, state, table, stamp)
    score[j], score[k] = loss, gain


@njit(cache=True, nogil=True)
def _drop(j, cost, matrix, state, memory):  # type: ignore[no-untyped-def]
    """Take ``j`` out; the last of the chosen moves to its place."""
    inside, chosen, place, figures, table = state[0], state[5], state[6], state[17], memory[0]
    inside[j] = False
    _leave(j, -1, matrix, state, table, memory[4])
    count = np.int64(figures[0]) - 1
    last = chosen[count]
    chosen[place[j]], place[last] = last, place[j]
    if len(table) > 1:
        table[place[j]] = table[count]
    figures[0], figures[1] = count, figures[1] - cost[j]
    _bar(j, False, memory)
    _look(state, memory)


@njit(cache=True, nogil=True)
def _add(k, cost, matrix, state, memory):  # type: ignore[no-untyped-def]
    """Choose ``k`` too."""
    inside, chosen, place, figures, table = state[0], state[5], state[6], state[17], memory[0]
    count = np.int64(figures[0])
    inside[k], chosen[count], place[k] = True, k, count
    figures[0], figures[1] = count + 1, figures[1] + cost[k]
    if len(table) > 1:
        table[count] = 0.0
    _enter(k, True, matrix, state, table, memory[4])
    _bar(k, True, memory)
    _look(state, memory)


@njit(cache=True, nogil=True)
def exchange(matrix, cost, state, memory, plan, steps):  # type: ignore[no-untyped-def]
    """Wander within a budget while it cools; the best choice seen stays in the state.

    ``plan`` = (budget, first heat, last heat, target served weight), ``steps`` = (from, to, of). Where costs differ, a
    second site is dropped now and then, so that a dearer one can be paid. Returns True when the target is met.
    """
    budget, hot, cold, target = plan
    table, bar, zeros, tops = memory[0], memory[1], memory[3], memory[5]
    chosen, score, place, random, figures = state[5], state[3], state[6], state[16], state[17]
    value, cheapest = float((state[9] * (state[1] > 0)).sum()), cost.min()
    second = SECOND_DROP if cost.max() > cheapest else 0.0
    for step in range(steps[0], steps[1]):
        heat = hot * (cold / hot) ** (step / steps[2])
        if second > 0.0 and figures[0] > 1 and random_share(random) < second:
            out = chosen[np.int64(random_share(random) * figures[0])]
            value -= score[out]
            _drop(out, cost, matrix, state, memory)
        if figures[0] > 0:
            j = chosen[np.int64(random_share(random) * figures[0])]
            lifted = table[place[j] if len(table) > 1 else 0]
            if len(table) == 1:
                _fill(j, matrix, state, lifted)
            own = lifted[j]
            lifted[j] = 0.0
            _bar(j, False, memory)
            limits = (budget - figures[1] + cost[j] + LEAST_GAIN, heat)
            k = _draw_near(j, state, lifted, memory, cost, limits)
            if k == -2:
                k = _draw(state, lifted, bar, cost, limits, tops)
            lifted[j] = own
            if k == j:
                _bar(j, True, memory)
            elif k < 0:
                value -= score[j]
                _drop(j, cost, matrix, state, memory)
            else:
                value += score[k] + lifted[k] - score[j]
                figures[1] += cost[k] - cost[j]
                _exchange(j, k, lifted[k], matrix, state, memory)
                _bar(k, True, memory)
                _look(state, memory)
        while budget - figures[1] + LEAST_GAIN >= cheapest:
            k = _draw(state, zeros, bar, cost, (budget - figures[1] + LEAST_GAIN, heat), tops)
            if k < 0:
                break
            value += score[k]
            _add(k, cost, matrix, state, memory)
        if value > figures[2] + 1e-7:
            figures[2] = value
            state[8][:] = state[0]
            if value >= target - 1e-7:
                return True
    return False
