"""One cooling run of maximal covering: from a greedy start, drop and draw sites while it cools."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hatangso.siting.exchange import exchange
from hatangso.siting.reductions import Matrix, ReducedProblem
from hatangso.siting.search import (
    PARTIAL,
    PLAIN,
    WHOLE,
    State,
    anneal,
    choose_greedily,
    first_scores,
    new_state,
    turn,
)

CHUNK_STEPS = 2000
SHARE_CAP = 1 - 1e-7
FIRST_OF_TWO = 0.3
STEPS_PER_CANDIDATE = 110
LEAST_STEPS, MOST_STEPS, FEW_STEPS = 10_000, 200_000, 50_000
WORK_PER_RUN = 2e9
PARTIAL_TOUCHES = 8
SITE_PRICE = 0.3
# heat at first and at last: parts of what a chosen candidate serves and of what is unserved for each, the lesser counts
HEATS = ((0.025, 0.4), (0.0035, 0.15))
WARM_HEATS = (((0.015, 0.7), (0.0035, 0.35)), ((0.0225, 1.05), (0.0035, 0.35)))


@dataclass(frozen=True)
class Cooling:
    """What a run may do.

    ``room`` is the money; ``partial`` says that shares are probabilities; ``heavy`` is the weight that must-serve
    rows carry beyond their own; ``start`` (flags, or None) is chosen before the greedy part; ``short`` makes a quick
    run of it; ``warm`` begins with less heat and keeps the best of its second half, be it worse than the start;
    ``effort`` multiplies the steps.
    """

    room: float
    seed: int
    partial: bool
    heavy: float = 0.0
    start: np.ndarray | None = None
    short: bool = False
    warm: bool = False
    effort: float = 1.0


def cool(part: ReducedProblem, rules: Cooling, is_over: Callable[[], bool]) -> tuple[float, np.ndarray]:
    """Return the most weight found (with what is heavy) and its flags over the candidates of ``part``."""
    matrix, weight = _capped(part.matrix), part.weight
    state = _greedy(part, matrix, rules)
    served = float(weight @ _covered(state, part, rules.partial))
    state[8][:] = state[0]
    state[17][2] = served
    alone = is_plain(part, rules.partial) and bool(np.all(part.group < 0))
    wander, more = (exchange, ()) if alone else (anneal, (FIRST_OF_TWO, float(rules.partial)))
    heats = _heats(part, rules, (served, max(int(state[0].sum()), 1)))
    plan = (rules.room, *heats, float(weight.sum()), *more)
    steps = cooling_steps(part, rules)
    forget = steps // 2 // CHUNK_STEPS * CHUNK_STEPS if rules.warm else -1
    for begin in range(0, steps, CHUNK_STEPS):
        if is_over():
            break
        if begin == forget:
            state[17][2] = -np.inf
        span = (begin, min(begin + CHUNK_STEPS, steps), steps)
        if wander(matrix, part.needed, part.cost, part.group, state, plan, span):
            break
    return float(state[17][2]), state[8].copy()


def _heats(part: ReducedProblem, rules: Cooling, begun: tuple[float, int]) -> tuple[float, float, float]:
    """Return the first and last heat and the price of a unit of cost; ``begun``: weight served and number chosen."""
    served, count = begun
    typical = max(served - rules.heavy, 1e-6) / count
    missed = max(float(part.weight.sum()) - served, 0.0) / count + 1e-9
    first, last = WARM_HEATS[rules.seed % 2] if rules.warm else HEATS
    unequal = len(np.unique(part.cost)) > 1
    price = SITE_PRICE * typical / max(float(np.mean(part.cost)), 1e-9) if unequal else 0.0
    return min(first[0] * typical, first[1] * missed), min(last[0] * typical, last[1] * missed), price


def is_plain(part: ReducedProblem, partial: bool) -> bool:
    """Say whether every demand needs one cover and shares count in full."""
    return not partial and bool(np.all(part.needed <= 1))


def cooling_steps(part: ReducedProblem, rules: Cooling) -> int:
    """Return how many steps a run is given: more for more candidates, fewer where a step is more work; short and
    warm ones few."""
    steps = float(np.clip(STEPS_PER_CANDIDATE * len(part.sites), LEAST_STEPS, MOST_STEPS))
    steps = min(steps, WORK_PER_RUN / work_per_step(part, rules.partial))
    return max(int(min(steps, FEW_STEPS if rules.short or rules.warm else steps) * rules.effort), 500)


def work_per_step(part: ReducedProblem, partial: bool) -> float:
    """Return the typical number of scores that are looked at or follow when one candidate takes another's place."""
    rows_of_site = part.pairs / max(len(part.sites), 1)
    sites_of_row = part.pairs / max(len(part.weight), 1)
    work = rows_of_site * sites_of_row * (PARTIAL_TOUCHES if partial else 1) + len(part.sites)
    return max(work if is_plain(part, partial) else work + len(part.weight), 1.0)


def _greedy(part: ReducedProblem, matrix: Matrix, rules: Cooling) -> State:
    groups = int(part.group.max(initial=-1)) + 1
    state = new_state(matrix, part.weight, seed=rules.seed, groups=groups)
    first_scores(matrix, part.needed, state, FIRST_OF_TWO, rules.partial)
    service = PARTIAL if rules.partial else (PLAIN if is_plain(part, False) else WHOLE)
    for j in np.flatnonzero(rules.start) if rules.start is not None else ():
        turn(j, matrix, part.needed, part.cost, part.group, state, FIRST_OF_TWO, service)
    unequal = len(np.unique(part.cost)) > 1
    choose_greedily(
        matrix, part.needed, part.cost, part.group, state, rules.room + 1e-9, unequal, FIRST_OF_TWO, service, np.inf
    )  # fmt: skip
    return state


def _capped(matrix: Matrix) -> Matrix:
    """Return the matrix with shares a hair below 1, so that a missed share can be divided out again."""
    start, demand, share, row_start, candidate, row_share = matrix
    return start, demand, np.minimum(share, SHARE_CAP), row_start, candidate, np.minimum(row_share, SHARE_CAP)


def _covered(state: State, part: ReducedProblem, partial: bool) -> np.ndarray:
    return 1 - state[4] if partial else (state[1] >= part.needed).astype(float)
