"""One cooling run of maximal covering: from a greedy start, drop and draw sites while it cools."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

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
STEPS_PER_CANDIDATE = 220
MOST_STEPS = 500_000
TOUCHES_PER_RUN = 7.3e9
PARTIAL_TOUCHES = 8
SITE_PRICE = 0.3


@dataclass(frozen=True)
class Cooling:
    """What a run may do.

    ``room`` is the money; ``partial`` says that shares are probabilities; ``heavy`` is the weight that must-serve
    rows carry beyond their own; ``start`` (flags, or None) is chosen before the greedy part; ``short`` makes a quick
    run of it; ``heat`` multiplies the first heat; ``effort`` multiplies the steps.
    """

    room: float
    seed: int
    partial: bool
    heavy: float = 0.0
    start: np.ndarray | None = None
    short: bool = False
    heat: float = 1.0
    effort: float = 1.0


def cool(part: ReducedProblem, rules: Cooling, is_over: Callable[[], bool]) -> tuple[float, np.ndarray]:
    """Return the most weight found (with what is heavy) and its flags over the candidates of ``part``."""
    matrix, weight = _capped(part.matrix), part.weight
    state = _greedy(part, matrix, rules)
    served = float(weight @ _covered(state, part, rules.partial))
    state[8][:] = state[0]
    state[17][2] = served
    count = max(int(state[0].sum()), 1)
    typical = max(served - rules.heavy, 1e-6) / count
    missed = max(float(weight.sum()) - served, 0.0) / count
    hot = rules.heat * min(0.025 * typical, 0.4 * missed + 1e-9)
    cold = min(0.0035 * typical, 0.1 * missed + 1e-9)
    unequal = len(np.unique(part.cost)) > 1
    price = SITE_PRICE * typical / max(float(np.mean(part.cost)), 1e-9) if unequal else 0.0
    plan = (rules.room, hot, cold, price, FIRST_OF_TWO, float(rules.partial), float(weight.sum()))
    steps = cooling_steps(part, rules)
    for begin in range(0, steps, CHUNK_STEPS):
        if is_over():
            break
        span = (begin, min(begin + CHUNK_STEPS, steps), steps)
        if anneal(matrix, part.needed, part.cost, part.group, state, weight, plan, span):
            break
    return float(state[17][2]), state[8].copy()


def cooling_steps(part: ReducedProblem, rules: Cooling) -> int:
    """Return how many steps a run is given: more for more candidates, fewer where a step touches more."""
    steps = float(np.clip(STEPS_PER_CANDIDATE * len(part.sites), 10_000, MOST_STEPS))
    steps = min(steps, TOUCHES_PER_RUN / touches_per_step(part, rules.partial))
    return max(int(steps * (0.08 if rules.short else 1.0) * rules.effort), 500)


def touches_per_step(part: ReducedProblem, partial: bool) -> float:
    """Return the typical number of scores that follow when one candidate enters or leaves."""
    rows_of_site = part.pairs / max(len(part.sites), 1)
    sites_of_row = part.pairs / max(len(part.weight), 1)
    return max(rows_of_site * sites_of_row, 1.0) * (PARTIAL_TOUCHES if partial else 1)


def _greedy(part: ReducedProblem, matrix: Matrix, rules: Cooling) -> State:
    groups = int(part.group.max(initial=-1)) + 1
    state = new_state(matrix, part.weight, seed=rules.seed, groups=groups)
    first_scores(matrix, part.needed, state, FIRST_OF_TWO, rules.partial)
    plain = not rules.partial and bool(np.all(part.needed <= 1))
    service = PARTIAL if rules.partial else (PLAIN if plain else WHOLE)
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
