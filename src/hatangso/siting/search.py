"""Compiled local search over a covering matrix: what a chosen candidate changes, and two ways to wander.

Rows have a weight and a number of covers they need. A cover that a row still needs is worth a part of the row's
weight: all of it when one is needed; when two are needed, ``first_part`` for the first and the rest for the second.
The score of a candidate is what choosing it would gain, or, once chosen, what dropping it would lose.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from hatangso.siting.compiled import inner_loop
from hatangso.siting.reductions import Matrix

State = tuple[np.ndarray, ...]
WHOLE, PARTIAL, PLAIN = 0, 1, 2


def new_state(matrix: Matrix, weight: np.ndarray, *, seed: int, groups: int) -> State:
    """Return the memory of one search, nothing chosen.

    The parts are: chosen flags, covers per row, sum of the choosers' numbers per row, score, missed share per row,
    list of the chosen, their places in it, chosen mate per group, best chosen flags found, row weights, list and
    places of open rows, stamp and leave clock per candidate, touch clock per row, may-enter flags, random state,
    and the figures (number chosen, cost, best value, clock, open rows).
    """
    candidates, rows = len(matrix[0]) - 1, len(matrix[3]) - 1
    random = np.array([(seed * 0x9E3779B97F4A7C15 + 0x1234567) % 2**64 or 1], dtype=np.uint64)
    return (
        np.zeros(candidates, np.bool_), np.zeros(rows, np.int32), np.zeros(rows, np.int64), np.zeros(candidates),
        np.ones(rows), np.zeros(candidates, np.int64), np.zeros(candidates, np.int64),
        np.full(max(groups, 1), -1, np.int64), np.zeros(candidates, np.bool_), weight.astype(np.float64),
        np.arange(rows, dtype=np.int64), np.arange(rows, dtype=np.int64), np.zeros(candidates, np.int64),
        np.zeros(candidates, np.int64), np.zeros(rows, np.int64), np.ones(candidates, np.bool_), random,
        np.array([0.0, 0.0, np.inf, 0.0, rows]),
    )  # fmt: skip


@inner_loop()
def random_share(random):  # type: ignore[no-untyped-def]
    """Return the next random number from 0 up to, not including, 1 (xorshift64*)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return np.float64((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True, nogil=True, inline="always")
def _worth(covers, needed, weight, first_part):  # type: ignore[no-untyped-def]
    if covers >= needed:
        return 0.0
    if needed == 1:
        return weight
    return weight * first_part if covers < needed - 1 else weight * (1.0 - first_part)


@njit(cache=True, nogil=True)
def first_scores(matrix, needed, state, first_part, partial):  # type: ignore[no-untyped-def]
    """Fill the scores of an empty choice."""
    start, demand, share = matrix[0], matrix[1], matrix[2]
    score, weight = state[3], state[9]
    for j in range(len(start) - 1):
        total = 0.0
        for e in range(start[j], start[j + 1]):
            i = demand[e]
            total += weight[i] * share[e] if partial else _worth(0, needed[i], weight[i], first_part)
        score[j] = total


@inner_loop()
def flip(j, matrix, needed, state, first_part):  # type: ignore[no-untyped-def]
    """Choose candidate ``j`` or drop it; scores, covers and the list of open rows follow."""
    start, demand, _, row_start, candidate, _ = matrix
    inside, covers, holders, score = state[0], state[1], state[2], state[3]
    weight, unserved, place, figures = state[9], state[10], state[11], state[17]
    adding = not inside[j]
    inside[j] = adding
    step = 1 if adding else -1
    for e in range(start[j], start[j + 1]):
        i = demand[e]
        count = covers[i] if adding else covers[i] - 1  # covers by the others
        need, w = needed[i], weight[i]
        if adding:
            covers[i] += 1
            holders[i] += j
        else:
            covers[i] -= 1
            holders[i] -= j
        here = _worth(count, need, w, first_part)
        gain = (_worth(count + 1, need, w, first_part) - here) * step
        before = _worth(count - 1, need, w, first_part) if count >= 1 else here
        loss = (here - before) * step
        if count == need - 1:
            opened = np.int64(figures[4])
            if adding:
                last = unserved[opened - 1]
                unserved[place[i]] = last
                place[last] = place[i]
                figures[4] = opened - 1
            else:
                place[i] = opened
                unserved[opened] = i
                figures[4] = opened + 1
        if gain == 0.0 and loss == 0.0:
            continue
        if gain == 0.0 and count == 1:
            score[holders[i] - j if adding else holders[i]] += loss
            continue
        for f in range(row_start[i], row_start[i + 1]):
            k = candidate[f]
            if k != j:
                score[k] += loss if inside[k] else gain


@inner_loop()
def flip_plain(j, matrix, state):  # type: ignore[no-untyped-def]
    """Choose ``j`` or drop it where every row needs one cover; the list of open rows is left as it was."""
    start, demand, _, row_start, candidate, _ = matrix
    inside, covers, holders, score, weight = state[0], state[1], state[2], state[3], state[9]
    adding = not inside[j]
    inside[j] = adding
    step = 1 if adding else -1
    for e in range(start[j], start[j + 1]):
        i = demand[e]
        before = covers[i]
        covers[i] = before + step
        holders[i] += step * j
        others = before if adding else before - 1
        if others == 0:
            w = weight[i]
            for f in range(row_start[i], row_start[i + 1]):
                score[candidate[f]] -= step * w
            score[j] += step * w
        elif others == 1:
            score[holders[i] - j if adding else holders[i]] -= step * weight[i]


@inner_loop()
def flip_partial(j, matrix, state):  # type: ignore[no-untyped-def]
    """Choose ``j`` or drop it where service is a probability: served = weight · (1 − Π(1 − share))."""
    start, demand, share, row_start, candidate, row_share = matrix
    inside, score, missed, weight = state[0], state[3], state[4], state[9]
    adding = not inside[j]
    inside[j] = adding
    for e in range(start[j], start[j + 1]):
        i = demand[e]
        old = missed[i]
        new = old * (1.0 - share[e]) if adding else min(1.0, old / (1.0 - share[e]))
        missed[i] = new
        for f in range(row_start[i], row_start[i + 1]):
            k = candidate[f]
            if k == j:
                continue
            s = row_share[f]
            score[k] += weight[i] * (new - old) * (s / (1.0 - s) if inside[k] else s)


@inner_loop()
def turn(j, matrix, needed, cost, group, state, first_part, service):  # type: ignore[no-untyped-def]
    """Flip ``j`` and keep the list of the chosen, the mates of groups and the cost.

    ``service``: WHOLE, PARTIAL, or PLAIN (whole, one cover each, and nobody asks for the list of open rows).
    """
    chosen, position, mate, figures = state[5], state[6], state[7], state[17]
    if service == PLAIN:
        flip_plain(j, matrix, state)
    elif service == PARTIAL:
        flip_partial(j, matrix, state)
    else:
        flip(j, matrix, needed, state, first_part)
    count = np.int64(figures[0])
    if state[0][j]:
        chosen[count] = j
        position[j] = count
        figures[0] = count + 1
        figures[1] += cost[j]
        if group[j] >= 0:
            mate[group[j]] = j
    else:
        last = chosen[count - 1]
        chosen[position[j]] = last
        position[last] = position[j]
        figures[0] = count - 1
        figures[1] -= cost[j]
        if group[j] >= 0:
            mate[group[j]] = -1


@inner_loop()
def served_weight(matrix, needed, state, weight, service):  # type: ignore[no-untyped-def]
    """Return the weight truly served by the choice."""
    total = 0.0
    for i in range(len(needed)):
        if service == PARTIAL:
            total += weight[i] * (1.0 - state[4][i])
        elif state[1][i] >= needed[i]:
            total += weight[i]
    return total


@inner_loop()
def choose_greedily(matrix, needed, cost, group, state, budget, price, first_part, partial, target):  # type: ignore[no-untyped-def]
    """Add the candidate of the best gain (per cost if ``price``) that the budget allows.

    Ends when none gains or the gains add up to ``target``.
    """
    inside, score, mate, figures = state[0], state[3], state[7], state[17]
    value = 0.0
    while value < target:
        pick, best = -1, 0.0
        for j in range(len(cost)):
            if inside[j] or score[j] <= 1e-9 or figures[1] + cost[j] > budget:
                continue
            if group[j] >= 0 and mate[group[j]] >= 0:
                continue
            value = score[j] / max(cost[j], 1e-9) if price else score[j]
            if value > best:
                pick, best = j, value
        if pick < 0:
            return
        value += score[pick]
        turn(pick, matrix, needed, cost, group, state, first_part, partial)


@inner_loop()
def _draw_candidate(cost, group, state, room, heat, price):  # type: ignore[no-untyped-def]
    """Draw a candidate that fits, likelier the more it gains after the price of its cost; -1 if none gains."""
    inside, score, mate, random = state[0], state[3], state[7], state[16]
    top = -np.inf
    for j in range(len(cost)):
        if not inside[j] and score[j] > 1e-9:
            worth = score[j] - price * cost[j]
            if worth > top and cost[j] <= room and (group[j] < 0 or mate[group[j]] < 0):
                top = worth
    if top == -np.inf:
        return -1
    floor, total, pick = top - 12.0 * heat, 0.0, -1
    for j in range(len(cost)):
        if inside[j] or score[j] <= 1e-9:
            continue
        worth = score[j] - price * cost[j]
        if worth < floor or cost[j] > room or (group[j] >= 0 and mate[group[j]] >= 0):
            continue
        part = np.exp((worth - top) / heat)
        total += part
        if random_share(random) * total < part:
            pick = j
    return pick


@njit(cache=True, nogil=True)
def anneal(matrix, needed, cost, group, state, plan, steps):  # type: ignore[no-untyped-def]
    """Wander within a budget while it cools: drop one or two, then draw who enters by its gain.

    ``plan`` = (budget, first heat, last heat, price of cost, target served weight, first part, partial).
    ``steps`` = (from, to, of). Keeps the best choice seen by served weight; returns True when the target is met.
    """
    budget, hot, cold, price, target, first_part, partial = plan
    chosen, figures, random, best, weight = state[5], state[17], state[16], state[8], state[9]
    service = np.int64(partial)
    plain = service == WHOLE and np.all(needed <= 1)
    value = served_weight(matrix, needed, state, weight, service)
    if plain:
        service = np.int64(PLAIN)
    cheapest = cost.min()
    for step in range(steps[0], steps[1]):
        heat = hot * (cold / hot) ** (step / steps[2])
        drops = 2 if random_share(random) < 0.1 else 1
        for _ in range(drops):
            count = np.int64(figures[0])
            if count == 0:
                break
            out = chosen[np.int64(random_share(random) * count)]
            value -= state[3][out]
            turn(out, matrix, needed, cost, group, state, first_part, service)
        while budget - figures[1] + 1e-9 >= cheapest:
            enter = _draw_candidate(cost, group, state, budget - figures[1] + 1e-9, heat, price)
            if enter < 0:
                break
            value += state[3][enter]
            turn(enter, matrix, needed, cost, group, state, first_part, service)
        if not plain:
            value = served_weight(matrix, needed, state, weight, service)
        if value > figures[2] + 1e-7:
            figures[2] = value
            best[:] = state[0]
            if value >= target - 1e-7:
                return True
    return False
