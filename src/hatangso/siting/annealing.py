"""One cooling run of maximal covering: from a greedy start, drop and draw sites while it cools."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hatangso.siting.exchange import exchange, new_memory, unsigned
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
LEAST_STEPS = 10_000
CHANGED = 0.4
PARTIAL_TOUCHES = 8
STEP_OVERHEAD = 300
SITE_PRICE = 0.3
# heat at first and at last: parts of what a chosen candidate serves and of what is unserved for each, the lesser counts
HEATS = ((0.025, 0.9), (0.0035, 0.3))
LEFT_BY_COOLING = 0.42


@dataclass(frozen=True)
class Pace:
    """How long a run takes: steps for each candidate, at most so many, at most so much work; ``warmth`` multiplies the
    first heat, ``last_warmth`` the last; ``anew``: the best of the second half counts, be it worse than the start."""

    steps_per_candidate: float
    most_steps: int
    work: float
    warmth: float = 1.0
    last_warmth: float = 1.0
    anew: bool = False


QUICK = Pace(110, 50_000, 1e9)
COLD = Pace(220, 800_000, 4e9)
SLOW_COLD = Pace(110, 400_000, 2e9)
WARM = Pace(110, 200_000, 1e9, warmth=0.5, anew=True)
LONG_MERGING = Pace(24000, 20_000_000, 8e9, last_warmth=2.1)
MERGING = Pace(6000, 5_000_000, 2e9, last_warmth=2.1)
SLOW_MERGING = Pace(2000, 1_000_000, 4e8)


@dataclass(frozen=True)
class Cooling:
    """What a run may do.

    ``room`` is the money; ``partial`` says that shares are probabilities; ``pace`` the length and heat; ``heavy`` is the
    weight that must-serve rows carry beyond their own; ``start`` (flags, or None) is chosen before the greedy part;
    ``effort`` multiplies the steps; ``known`` is the weight served by the best choice known and how many it chose, None
    when there is none but the greedy one.
    """

    room: float
    seed: int
    partial: bool
    pace: Pace = COLD
    heavy: float = 0.0
    start: np.ndarray | None = None
    effort: float = 1.0
    known: tuple[float, int] | None = None


def cool(part: ReducedProblem, rules: Cooling, is_over: Callable[[], bool]) -> tuple[float, np.ndarray]:
    """Return the most weight found (with what is heavy) and its flags over the candidates of ``part``."""
    matrix, weight = _capped(part.matrix) if rules.partial else part.matrix, part.weight
    state = _greedy(part, matrix, rules)
    served = float(weight @ _covered(state, part, rules.partial))
    state[8][:] = state[0]
    state[17][2] = served
    *heats, price = _heats(part, rules, (served, max(int(state[0].sum()), 1)))
    plan = (rules.room, *heats, float(weight.sum()))
    plain = is_plain(part, rules.partial)
    memory = new_memory(part, state, room=rules.room, price=price) if plain else None
    light = unsigned(matrix)
    steps = cooling_steps(part, rules)
    forget = steps // 2 // CHUNK_STEPS * CHUNK_STEPS if rules.pace.anew else -1
    for begin in range(0, steps, CHUNK_STEPS):
        if is_over():
            break
        if begin == forget:
            state[17][2] = -np.inf
        span = (begin, min(begin + CHUNK_STEPS, steps), steps)
        if memory is not None:
            met = exchange(light, part.cost, state, memory, plan, span)
        else:
            more = (rules.room, *heats, price, float(weight.sum()), FIRST_OF_TWO, float(rules.partial))
            met = anneal(matrix, part.needed, part.cost, part.group, state, more, span)
        if met:
            break
    return float(state[17][2]), state[8].copy()


def _heats(part: ReducedProblem, rules: Cooling, begun: tuple[float, int]) -> tuple[float, float, float]:
    """Return the first and last heat and the price of a unit of cost; ``begun``: weight served and number chosen."""
    served, count = rules.known or begun
    count = max(count, 1)
    typical = max(served - rules.heavy, 1e-6) / count
    missed = (
        max(float(part.weight.sum()) - served, 0.0) / count * (1 if rules.known else LEFT_BY_COOLING) + 1e-9
    )
    first, last = (min(of_typical * typical, of_missed * missed) for of_typical, of_missed in HEATS)
    unequal = len(np.unique(part.cost)) > 1
    price = SITE_PRICE * typical / max(float(np.mean(part.cost)), 1e-9) if unequal else 0.0
    last *= rules.pace.last_warmth
    return max(rules.pace.warmth * first, last), last, price


def is_plain(part: ReducedProblem, partial: bool) -> bool:
    """Say whether every demand needs one cover and shares count in full."""
    return not partial and bool(np.all(part.needed <= 1))


def cooling_steps(part: ReducedProblem, rules: Cooling) -> int:
    """Return how many steps a run is given: more for more candidates, fewer where a step is more work."""
    pace = rules.pace
    steps = float(np.clip(pace.steps_per_candidate * len(part.sites), LEAST_STEPS, pace.most_steps))
    return max(int(min(steps, pace.work / work_per_step(part, rules.partial)) * rules.effort), 500)


def work_per_step(part: ReducedProblem, partial: bool) -> float:
    """Return the typical number of figures that are looked at or follow when one candidate is lifted."""
    rows_of_site = part.pairs / max(len(part.sites), 1)
    sites_of_row = part.pairs / max(len(part.weight), 1)
    work = rows_of_site * sites_of_row
    if is_plain(part, partial):
        return CHANGED * work + len(part.sites) + STEP_OVERHEAD
    return work * (PARTIAL_TOUCHES if partial else 1) + len(part.sites) + len(part.weight) + STEP_OVERHEAD


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
