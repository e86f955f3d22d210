"""Cooling runs: plain flips keep the same scores as full ones, more steps for more candidates, money is kept."""

from __future__ import annotations

import numpy as np
import pytest

from hatangso.siting.annealing import WARM, Cooling, cool, cooling_steps, work_per_step
from hatangso.siting.maximal import maximal_covering
from hatangso.siting.problem import SearchLimits, problem_from_arrays
from hatangso.siting.reductions import reduce_problem
from hatangso.siting.search import PLAIN, WHOLE, first_scores, new_state, turn

# five villages of 10, 20, 30, 40, 50 people; site j sees villages j and j + 1
LINE = problem_from_arrays(
    np.array([0, 2, 4, 6, 8]), demand=np.array([0, 1, 1, 2, 2, 3, 3, 4]), weight=np.arange(10.0, 60, 10)
)


def scattered(sites: int, places: int, seed: int = 7):
    chance = np.random.default_rng(seed)
    reach = chance.random((sites, places)) < 0.06
    reach[chance.integers(0, sites, places), np.arange(places)] = True
    demand = np.nonzero(reach)[1]
    start = np.concatenate([[0], np.cumsum(reach.sum(axis=1))])
    cost = chance.integers(1, 6, sites).astype(float)
    return problem_from_arrays(start, demand=demand, weight=chance.integers(1, 90, places), cost=cost)


def part_of(problem):
    return reduce_problem(problem, every_demand=False, whole_service=True)


def test_plain_flips_keep_the_same_covers_and_scores():
    part = part_of(scattered(30, 80))
    group = np.full(len(part.sites), -1)
    states = [new_state(part.matrix, part.weight, seed=1, groups=1) for _ in range(2)]
    for state in states:
        first_scores(part.matrix, part.needed, state, 0.3, False)
    for j in np.random.default_rng(2).integers(0, len(part.sites), 200):
        for state, service in zip(states, (WHOLE, PLAIN), strict=True):
            turn(j, part.matrix, part.needed, part.cost, group, state, 0.3, service)
    for number in (0, 1, 2, 3):
        assert np.allclose(states[0][number], states[1][number])
    covers = states[1][1]
    assert covers.sum() == sum(np.diff(part.matrix[0])[states[1][0]])


def test_two_sites_of_the_line_serve_all_but_the_smallest_village():
    part = part_of(LINE)
    value, chosen = cool(part, Cooling(room=2.0, seed=1, partial=False), lambda: False)
    assert value == 20 + 30 + 40 + 50
    assert part.sites[chosen].tolist() == [1, 3]


def test_a_run_that_is_over_at_once_gives_the_greedy_answer_within_the_money():
    part = part_of(scattered(30, 80))
    value, chosen = cool(part, Cooling(room=9.0, seed=1, partial=False), lambda: True)
    assert part.cost[chosen].sum() <= 9
    site = np.repeat(np.arange(len(part.sites)), np.diff(part.matrix[0]))
    covered = np.unique(part.matrix[1][chosen[site]])
    assert value == part.weight[covered].sum()


def test_what_is_there_at_the_start_is_kept_when_nothing_follows():
    part = part_of(LINE)
    first = np.isin(part.sites, [0])
    value, chosen = cool(part, Cooling(room=1.0, seed=1, partial=False, start=first), lambda: True)
    assert (value, part.sites[chosen].tolist()) == (30, [0])


def test_steps_grow_with_the_candidates_and_shrink_with_effort_and_work():
    small, large = part_of(scattered(20, 60)), part_of(scattered(300, 900))
    rules = Cooling(room=5.0, seed=1, partial=False)
    half = Cooling(room=5.0, seed=1, partial=False, effort=0.5)
    assert cooling_steps(large, rules) > cooling_steps(small, rules)
    assert cooling_steps(large, half) == cooling_steps(large, rules) // 2
    assert work_per_step(large, True) > work_per_step(large, False) >= 1


def test_a_warm_run_keeps_the_best_of_its_second_half_within_the_money():
    part = part_of(scattered(40, 120))
    _, begun = cool(part, Cooling(room=12.0, seed=1, partial=False), lambda: False)
    warm = Cooling(room=12.0, seed=4, partial=False, start=begun, pace=WARM)
    value, chosen = cool(part, warm, lambda: False)
    assert part.cost[chosen].sum() <= 12
    site = np.repeat(np.arange(len(part.sites)), np.diff(part.matrix[0]))
    assert value == part.weight[np.unique(part.matrix[1][chosen[site]])].sum()


@pytest.mark.parametrize("seed", [1, 2])
def test_rows_may_come_in_any_order(seed):
    problem = scattered(40, 120)
    order = np.random.default_rng(seed).permutation(120)
    shuffled = problem_from_arrays(
        problem.start,
        demand=order[problem.demand],
        weight=problem.weight[np.argsort(order)],
        cost=problem.cost,
    )
    limits = SearchLimits(effort=0.2)
    answers = [maximal_covering(one, budget=20, limits=limits) for one in (problem, shuffled)]
    assert answers[0].value == answers[1].value == answers[0].bound
