"""The bound for service by chance: tangents above the curve, exact at whole sites, tighter than the plain sum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hatangso.siting.bounds import solve_relaxation
from hatangso.siting.maximal import maximal_covering
from hatangso.siting.partial_bound import POINTS, hinges, partial_relaxation, tightened
from hatangso.siting.problem import SearchLimits, problem_from_arrays
from hatangso.siting.reductions import reduce_problem


def chance_problem(seed: int, sites: int = 9, places: int = 12):
    chance = np.random.default_rng(seed)
    reach = chance.random((sites, places)) < 0.4
    demand = np.nonzero(reach)[1]
    start = np.concatenate([[0], np.cumsum(reach.sum(axis=1))])
    plain = problem_from_arrays(start, demand=demand, weight=chance.integers(1, 50, places))
    return replace(plain, share=chance.choice([0.3, 0.5, 0.9, 1.0], len(demand)))


def test_hinges_add_up_to_the_lower_envelope_of_the_tangents():
    place, drop = hinges()
    assert drop.sum() == pytest.approx(1)
    assert np.all(np.diff(place) > 0)
    z = np.linspace(0, 8, 200)
    envelope = np.minimum(z[:, None], place) @ drop
    assert np.all(envelope >= 1 - np.exp(-z) - 1e-12)
    assert np.max(envelope - (1 - np.exp(-z))) < 0.03
    touching = np.minimum(POINTS[:, None], place) @ drop
    assert touching == pytest.approx(1 - np.exp(-POINTS))
    assert envelope[-1] == pytest.approx(1)


def test_one_village_and_two_sites_of_one_half_are_bounded_by_three_quarters():
    # 1 − (1 − 1/2)² = 3/4 of 100 people; the sum of shares would say 100
    two = problem_from_arrays(np.array([0, 1, 2]), demand=np.array([0, 0]), weight=np.array([100.0]))
    half = replace(two, share=np.array([0.5, 0.5]))
    answer = maximal_covering(half, sites=2, limits=SearchLimits(effort=0.1))
    assert answer.value == 75
    assert 75 <= answer.bound < 76


@pytest.mark.parametrize("seed", range(4))
def test_no_choice_passes_the_bound_and_f_is_tighter_than_its_tangents(seed):
    problem = chance_problem(seed)
    reduced = reduce_problem(problem, every_demand=False, whole_service=False)
    bound = solve_relaxation(partial_relaxation(reduced, 3.0), iterations=2000)
    by_tangents = float(reduced.weight.sum()) - bound.value
    upper = tightened(reduced, bound)
    assert upper <= by_tangents + 1e-6
    site = np.repeat(np.arange(len(problem.cost)), np.diff(problem.start))
    best = 0.0
    for trial in np.random.default_rng(seed).permuted(np.tile(np.arange(9), (400, 1)), axis=1)[:, :3]:
        missed = np.ones(len(problem.weight))
        mine = np.isin(site, trial)
        np.multiply.at(missed, problem.demand[mine], 1 - problem.share[mine])
        best = max(best, float(problem.weight @ (1 - missed)))
    assert best <= upper + 1e-6
    assert upper <= 1.15 * best
