"""The bound of blocks in whole sites: never below what can be served, never above the linear bound."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.siting.answers import Stopwatch
from hatangso.siting.blocks import Blocks, block_bound
from hatangso.siting.bounds import solve_relaxation
from hatangso.siting.maximal_search import MaximalSearch
from hatangso.siting.problem import SearchLimits, problem_from_arrays
from hatangso.siting.reductions import ReducedProblem, reduce_problem


def reduced(covered: list[list[int]], weight: list[float]) -> ReducedProblem:
    start = np.concatenate([[0], np.cumsum([len(rows) for rows in covered])])
    problem = problem_from_arrays(
        start, demand=np.array([i for rows in covered for i in rows], dtype=np.int64), weight=np.array(weight)
    )
    return reduce_problem(problem, every_demand=False, whole_service=True)


def test_three_halves_are_not_a_choice():
    part = reduced([[0, 1, 3], [1, 2, 4], [0, 2, 5]], [10.0, 10, 10, 1, 1, 1])
    half = np.full(len(part.sites), 0.5)
    prices = np.where(part.weight >= 10, 5.0, 1.0)  # every candidate gains 11, the price of one site
    linear = float((part.weight - prices).sum()) + 11.0 * 1.5
    found, cut = block_bound(part, prices=prices, fraction=half, money=(11.0, 1.5), rules=Blocks(size=3))
    assert linear == pytest.approx(31.5)
    assert found == pytest.approx(16.5 + 10.0)  # one site serves 21 for 11; two serve 32 for 22
    assert not cut


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 3))
def test_no_choice_passes_the_bound(seed: int, size: int, sites: int):
    chance = np.random.default_rng(seed)
    covered = [np.flatnonzero(chance.random(12) < 0.3).tolist() or [j] for j in range(9)]
    weight = chance.integers(1, 20, 12).astype(float)
    best = max(
        weight[sorted(set().union(*(covered[j] for j in few)))].sum() for few in combinations(range(9), sites)
    )
    part = reduced(covered, weight.tolist())
    search = MaximalSearch(part, float(sites), False, Stopwatch(SearchLimits()))
    if not len(part.weight):
        return
    bound = solve_relaxation(search.relaxation(), iterations=200)
    linear = float(part.weight.sum()) - bound.value
    money = (float(np.median(-bound.reduced_cost).clip(0)), float(sites))
    rules = Blocks(size=size, gap=max(linear + part.settled_weight - best, 0.0))
    found, _ = block_bound(part, prices=bound.price, fraction=bound.fraction, money=money, rules=rules)
    assert found + part.settled_weight >= best - 1e-6
