"""Every kind of siting problem against the twin that tries all choices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hatangso.errors import InfeasibleError
from hatangso.siting.distances import Distances
from hatangso.siting.maximal import maximal_covering
from hatangso.siting.p_centre import p_centre
from hatangso.siting.p_median import p_median
from hatangso.siting.problem import SearchLimits, SitingProblem, problem_from_arrays
from hatangso.siting.set_cover import set_cover
from tests.reference.siting_by_trying_all import cheapest_cover, least_travel, most_served

QUICK = SearchLimits(seed=3, time_limit_s=30, effort=0.05)
EASY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@st.composite
def problems(draw: st.DrawFn, *, partial: bool = False) -> SitingProblem:
    sites, places = draw(st.integers(2, 6)), draw(st.integers(2, 7))
    reach = draw(st.lists(st.sets(st.integers(0, places - 1)), min_size=sites, max_size=sites))
    start = np.concatenate([[0], np.cumsum([len(rows) for rows in reach])])
    demand = np.array([i for rows in reach for i in sorted(rows)], dtype=np.int64)
    some = st.booleans().map(float)
    kind = draw(st.integers(0, 9), label="state of the first candidate")
    groups = draw(st.lists(st.sampled_from([-1, -1, 0, 1]), min_size=sites, max_size=sites))
    shares = draw(st.lists(st.sampled_from([0.25, 0.5, 1.0]), min_size=len(demand), max_size=len(demand)))
    numbers = np.arange(sites)
    return SitingProblem(
        candidate_ids=tuple(f"c{j}" for j in numbers), demand_ids=tuple(f"d{i}" for i in range(places)),
        cost=np.array(draw(st.lists(st.integers(1, 5), min_size=sites, max_size=sites)), float),
        weight=np.array(draw(st.lists(st.integers(1, 9), min_size=places, max_size=places)), float),
        start=start, demand=demand, share=np.array(shares if partial else [1.0] * len(demand)),
        group=np.array(groups), fixed=(numbers == 0) & (kind == 0), excluded=(numbers == 0) & (kind == 1),
        must_serve=np.array([not partial and draw(some) and draw(some) and draw(some) for _ in range(places)], bool),
        needed=np.array([1 if partial else draw(st.sampled_from([1, 1, 1, 2])) for _ in range(places)]),
    )  # fmt: skip


@EASY
@given(problems(), st.integers(1, 12))
def test_maximal_covering_finds_and_proves_the_best(problem, budget):
    best = most_served(problem, budget)
    if best is None:
        with pytest.raises(InfeasibleError):
            maximal_covering(problem, budget=budget, limits=QUICK)
        return
    answer = maximal_covering(problem, budget=budget, limits=QUICK)
    assert answer.value == pytest.approx(best)
    assert answer.bound == pytest.approx(best)
    assert answer.cost <= budget


@EASY
@given(problems(), st.sampled_from([50.0, 80.0, 100.0]))
def test_set_cover_finds_and_proves_the_cheapest(problem, percent):
    best = cheapest_cover(problem, percent)
    if best is None:
        with pytest.raises(InfeasibleError):
            set_cover(problem, cover_percent=percent, limits=QUICK)
        return
    answer = set_cover(problem, cover_percent=percent, limits=QUICK)
    assert answer.value == pytest.approx(best)
    assert answer.bound == pytest.approx(best)


@EASY
@given(problems(partial=True), st.integers(1, 12))
def test_partial_service_stays_between_value_and_bound(problem, budget):
    best = most_served(problem, budget)
    if best is None:
        with pytest.raises(InfeasibleError):
            maximal_covering(problem, budget=budget, limits=QUICK)
        return
    answer = maximal_covering(problem, budget=budget, limits=QUICK)
    assert answer.value <= best + 1e-6 <= answer.bound + 2e-6
    assert answer.value >= 0.95 * best


@EASY
@given(st.integers(2, 7), st.integers(1, 8), st.integers(0, 10_000), st.data())
def test_p_median_and_p_centre_are_proven(sites, places, seed, data):
    count = data.draw(st.integers(1, sites))
    chance = np.random.default_rng(seed)
    grid = chance.integers(0, 30, (sites, places)).astype(float)
    weight = chance.integers(1, 5, places).astype(float)
    travel, longest = least_travel(grid, weight, count)
    every = problem_from_arrays(
        np.arange(0, sites * places + 1, places), demand=np.tile(np.arange(places), sites), weight=weight
    )
    median = p_median(Distances(every, grid.ravel()), sites=count, limits=QUICK)
    centre = p_centre(Distances(every, grid.ravel()), sites=count, limits=QUICK)
    assert (median.value, median.bound) == (pytest.approx(travel), pytest.approx(travel))
    assert (centre.value, centre.bound) == (longest, longest)
    assert len(median.chosen) == len(centre.chosen) == count
