"""Compiled cooling where every row needs one cover: a chosen site is lifted, who takes its place is drawn by gain, and
scores change only when somebody else takes it.

The state is that of :mod:`hatangso.siting.search`. Nearly all steps put the lifted site back; so what every candidate
would gain more without a chosen site, the weight of the rows which that site alone covers and the candidate covers too,
stands ready in a table with one row for each chosen site and follows the few changes. A candidate that serves no row
of the lifted site gains what it gains anyhow; while the best of these is too little to be drawn, only the neighbours of
the lifted site are looked at.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from hatangso.siting.compiled import inner_loop
from hatangso.siting.reductions import Matrix, ReducedProblem
from hatangso.siting.search import State, random_share

CLOSED = 1e250
NOTHING = -1e300
LEAST_GAIN = 1e-9
HEATS = 10.0
SECOND_DROP = 0.1
MOST_CELLS = 2_500_000


class Memory(NamedTuple):
    """What :func:`exchange` keeps from call to call.

    ``table``: row = place in the list of the chosen, column = candidate; one row, filled at each step, where the whole
    would be too large. ``bar``: the ``price`` of each candidate, out of reach for the chosen and their mates.
    ``stamp``: flags of rows. ``group``: of each candidate, -1 for none; ``mate`` from ``mate_begin`` are its members.
    ``near`` from ``near_begin`` are the neighbours of each candidate, ``everybody`` all, ``worth`` room for what those
    looked at are worth. ``free``: one number, as much as anybody gains as things stand, or more.
    """

    table: np.ndarray
    bar: np.ndarray
    price: np.ndarray
    zeros: np.ndarray
    stamp: np.ndarray
    group: np.ndarray
    mate_begin: np.ndarray
    mate: np.ndarray
    near_begin: np.ndarray
    near: np.ndarray
    everybody: np.ndarray
    worth: np.ndarray
    free: np.ndarray


def new_memory(part: ReducedProblem, state: State, *, room: float, price: float) -> Memory:
    """Return the memory of a search that stands at ``state``; ``price`` is that of a unit of cost."""
    cost, candidates, count = part.cost, len(part.cost), int(state[17][0])
    places = int(min(candidates, max(room / max(cost.min(), 1e-9), count))) + 1
    table = np.zeros((places if places * candidates <= MOST_CELLS else 1, candidates))
    begin, near = part.neighbours
    memory = Memory(
        table, price * cost, price * cost, np.zeros(candidates), np.zeros(len(part.weight), np.bool_),
        part.group, *part.mates, begin, near.view(np.uint32), np.arange(candidates, dtype=np.uint32),
        np.zeros(candidates), np.full(1, np.inf),
    )  # fmt: skip
    for place, j in enumerate(state[5][:count]):
        _bar(j, True, memory)
        if len(table) > 1:
            _fill(j, part.matrix, state, table[place])
    return memory


def unsigned(matrix: Matrix) -> Matrix:
    """Return the matrix with indices that compiled loops need not look at twice."""
    start, demand, share, row_start, candidate, row_share = matrix
    return start, demand.view(np.uint32), share, row_start, candidate.view(np.uint32), row_share


@inner_loop()
def _clear(row):  # type: ignore[no-untyped-def]
    for k in range(len(row)):
        row[k] = 0.0


@inner_loop()
def _copy(row, target):  # type: ignore[no-untyped-def]
    for k in range(len(row)):
        target[k] = row[k]


@inner_loop()
def _bar(j, closed, memory):  # type: ignore[no-untyped-def]
    """Put ``j`` and its mates out of reach, or within it again."""
    bar, price, group = memory.bar, memory.price, memory.group[j]
    bar[j] = CLOSED if closed else price[j]
    if group >= 0:
        for mate in memory.mate[memory.mate_begin[group] : memory.mate_begin[group + 1]]:
            bar[mate] = CLOSED if closed else price[mate]


@inner_loop()
def _fill(j, matrix, state, row):  # type: ignore[no-untyped-def]
    """Fill a row of the table: what every candidate would gain more without ``j``."""
    start, demand, _, row_start, candidate, _ = matrix
    covers, weight = state[1], state[9]
    _clear(row)
    for e in range(start[j], start[j + 1]):
        i = demand[e]
        if covers[i] == 1:
            gain = weight[i]
            for k in candidate[row_start[i] : row_start[i + 1]]:
                row[k] += gain


@inner_loop(fastmath={"reassoc", "nnan", "nsz", "contract"})
def _look(j, state, memory):  # type: ignore[no-untyped-def]
    """Note the most that anybody outside but ``j``, which is about to leave, gains as things stand, less its bar."""
    score, bar, best = state[3], memory.bar, NOTHING
    for k in range(j):
        best = max(best, score[k] - bar[k])
    for k in range(j + 1, len(score)):
        best = max(best, score[k] - bar[k])
    memory.free[0] = best


@inner_loop()
def _look_near(j, state, memory):  # type: ignore[no-untyped-def]
    """Note that the neighbours of ``j``, which has left, may gain more than before."""
    score, bar, best = state[3], memory.bar, memory.free[0]
    for k in memory.near[memory.near_begin[j] : memory.near_begin[j + 1]]:
        best = max(best, score[k] - bar[k])
    memory.free[0] = best


@inner_loop()
def _weigh(who, state, lifted, memory, cost, room):  # type: ignore[no-untyped-def]
    """Fill ``memory.worth`` with what these candidates, if they gain and fit, are worth; return the most."""
    score, bar, worth, best = state[3], memory.bar, memory.worth, NOTHING
    for at in range(len(who)):
        k = who[at]
        gain = score[k] + lifted[k]
        worth[at] = gain - bar[k] if (gain > LEAST_GAIN) & (cost[k] <= room) else NOTHING
        best = max(best, worth[at])
    return best


@inner_loop()
def _draw(j, state, lifted, memory, cost, limits):  # type: ignore[no-untyped-def]
    """Draw who takes the place of ``j`` (-1: comes without anybody leaving) within ``limits`` = (room, heat).

    Likelier the more it is worth; among the neighbours of ``j`` while nobody else is worth enough; -1: nobody gains.
    """
    random, worth, (room, heat) = state[16], memory.worth, limits
    who, best = memory.everybody, NOTHING
    if j >= 0:
        who = memory.near[memory.near_begin[j] : memory.near_begin[j + 1]]
        best = _weigh(who, state, lifted, memory, cost, room)
        if memory.free[0] >= best - HEATS * heat:
            _look(j, state, memory)
    if best < -CLOSED / 2 or memory.free[0] >= best - HEATS * heat:
        who = memory.everybody
        best = _weigh(who, state, lifted, memory, cost, room)
        if best < -CLOSED / 2:
            return -1
    floor, total, pick = best - HEATS * heat, 0.0, -1
    for at in range(len(who)):
        if worth[at] >= floor:
            part = np.exp((worth[at] - best) / heat)
            total += part
            if random_share(random) * total < part:
                pick = who[at]
    return pick


@inner_loop()
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
        freed = weight[i]
        if covers[i] == 0:
            for k in candidate[row_start[i] : row_start[i + 1]]:
                score[k] += freed
                mine[k] -= freed
        elif covers[i] == 1:
            score[holders[i]] += freed
            if len(table) > 1:
                row = table[place[holders[i]]]
                for k in candidate[row_start[i] : row_start[i + 1]]:
                    row[k] += freed
    score[j] = own


@inner_loop()
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
        taken = weight[i]
        if covers[i] == 1:
            for other in candidate[row_start[i] : row_start[i + 1]]:
                score[other] -= taken
                mine[other] += taken
        elif covers[i] == 2:
            score[holders[i]] -= taken
            if len(table) > 1:
                row = table[place[holders[i]]]
                for other in candidate[row_start[i] : row_start[i + 1]]:
                    row[other] -= taken
        holders[i] += k
    score[k] = own


@inner_loop()
def _exchange(j, k, shared, matrix, state, memory):  # type: ignore[no-untyped-def]
    """Put ``k`` in the place of ``j``; ``shared`` is what only ``j`` covered and ``k`` covers too."""
    start, demand = matrix[0], matrix[1]
    inside, score, chosen, place = state[0], state[3], state[5], state[6]
    table, stamp = memory.table, memory.stamp
    inside[j], inside[k] = False, True
    loss, gain = score[j] - shared, score[k] + shared
    for e in range(start[k], start[k + 1]):
        stamp[demand[e]] = True
    _leave(j, k, matrix, state, table, stamp)
    chosen[place[j]], place[k] = k, place[j]
    _enter(k, False, matrix, state, table, stamp)
    score[j], score[k] = loss, gain
    _bar(j, False, memory)
    _bar(k, True, memory)
    _look_near(j, state, memory)


@inner_loop()
def _drop(j, cost, matrix, state, memory):  # type: ignore[no-untyped-def]
    """Take ``j`` out; the last of the chosen moves to its place."""
    inside, chosen, place, figures, table = state[0], state[5], state[6], state[17], memory.table
    inside[j] = False
    _leave(j, -1, matrix, state, table, memory.stamp)
    count = np.int64(figures[0]) - 1
    last = chosen[count]
    chosen[place[j]], place[last] = last, place[j]
    if len(table) > 1:
        _copy(table[count], table[place[j]])
    figures[0], figures[1] = count, figures[1] - cost[j]
    _bar(j, False, memory)
    _look_near(j, state, memory)


@inner_loop()
def _add(k, cost, matrix, state, memory):  # type: ignore[no-untyped-def]
    """Choose ``k`` too."""
    inside, chosen, place, figures, table = state[0], state[5], state[6], state[17], memory.table
    count = np.int64(figures[0])
    inside[k], chosen[count], place[k] = True, k, count
    figures[0], figures[1] = count + 1, figures[1] + cost[k]
    if len(table) > 1:
        _clear(table[count])
    _enter(k, True, matrix, state, table, memory.stamp)
    _bar(k, True, memory)


@njit(cache=True, nogil=True)
def exchange(matrix, cost, state, memory, plan, steps):  # type: ignore[no-untyped-def]
    """Wander within a budget while it cools; the best choice seen stays in the state.

    ``plan`` = (budget, first heat, last heat, target served weight), ``steps`` = (from, to, of). Where costs differ, a
    second site is dropped now and then, so that a dearer one can be paid. Returns True when the target is met.
    """
    cheapest, value = cost.min(), float((state[9] * (state[1] > 0)).sum())
    second = SECOND_DROP if cost.max() > cheapest else 0.0
    return _wander(matrix, cost, state, memory, plan, steps, (value, cheapest, second))


@inner_loop()
def _wander(matrix, cost, state, memory, plan, steps, begun):  # type: ignore[no-untyped-def]
    """Do the steps; ``begun`` = (weight served now, the lowest cost, the chance that a second site is dropped)."""
    budget, hot, cold, target = plan
    table, zeros = memory.table, memory.zeros
    chosen, score, place, random, figures = state[5], state[3], state[6], state[16], state[17]
    value, cheapest, second = begun
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
            k = _draw(j, state, lifted, memory, cost, (budget - figures[1] + cost[j] + LEAST_GAIN, heat))
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
        while budget - figures[1] + LEAST_GAIN >= cheapest:
            k = _draw(-1, state, zeros, memory, cost, (budget - figures[1] + LEAST_GAIN, heat))
            if k < 0:
                break
            value += score[k]
            _add(k, cost, matrix, state, memory)
        if value > figures[2] + 1e-7:
            figures[2] = value
            _copy(state[0], state[8])
            if value >= target - 1e-7:
                return True
    return False
