"""The p-median by radii: four villages on a road, what a settled site cuts off, and agreement with trying all."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from hatangso.siting.distances import Distances
from hatangso.siting.median_exact import cut_rows, solve_by_radii
from hatangso.siting.median_search import CLOSED, FREE, OPENED, round_prices
from hatangso.siting.p_median import p_median
from hatangso.siting.problem import SearchLimits, problem_from_arrays

ROAD = np.abs(np.subtract.outer([0.0, 1.0, 5.0, 7.0], [0.0, 1.0, 5.0, 7.0]))
LIMITS = (20.0, 1000)


def sorted_rows(far: np.ndarray):
    """Return the rows of a full table of distances (demand × candidates), nearest first."""
    order = np.argsort(far, axis=1, kind="stable")
    start = np.arange(0, far.size + 1, far.shape[1])
    return start, order.ravel(), np.take_along_axis(far, order, axis=1).ravel()


def test_two_sites_on_a_road_of_four_villages():
    # one site serves villages 0 and 1, the other 5 and 7: 1 km + 2 km
    answer = solve_by_radii(
        sorted_rows(ROAD), none=np.full(4, 99.0), status=np.zeros(4, np.int8), sites=2, limits=LIMITS
    )
    assert answer.proven
    assert answer.bound == pytest.approx(3)
    assert answer.is_open.sum() == 2
    assert ROAD[:, answer.is_open].min(axis=1).sum() == 3


def test_rows_end_at_a_site_that_is_open_for_good():
    status = np.array([CLOSED, OPENED, FREE, FREE], np.int8)
    start, site, far = cut_rows(sorted_rows(ROAD), status)
    assert [site[a:b].tolist() for a, b in pairwise(start)] == [
        [1], [1], [2, 3, 1], [3, 2, 1]
    ]  # fmt: skip
    assert far[start[2] : start[3]].tolist() == [0, 2, 4]
    answer = solve_by_radii((start, site, far), none=np.full(4, 99.0), status=status, sites=2, limits=LIMITS)
    assert answer.is_open.tolist() == [False, True, True, False] or answer.is_open[3]
    assert answer.bound == pytest.approx(1 + 2)


def test_a_row_that_reaches_nothing_costs_what_it_is_said_to_cost():
    # the only village reaches site 0 at 4; one site may open, of two
    rows = (np.array([0, 1]), np.array([0]), np.array([4.0]))
    free = np.zeros(2, np.int8)
    answer = solve_by_radii(rows, none=np.array([10.0]), status=free, sites=1, limits=LIMITS)
    assert (answer.bound, answer.is_open.tolist()) == (pytest.approx(4), [True, False])
    closed = np.array([CLOSED, FREE], np.int8)
    answer = solve_by_radii(
        cut_rows(rows, closed), none=np.array([10.0]), status=closed, sites=1, limits=LIMITS
    )
    assert answer.bound == pytest.approx(10)


@pytest.mark.parametrize("seed", range(6))
def test_radii_agree_with_trying_every_choice(seed):
    far = np.random.default_rng(seed).integers(0, 12, (9, 7)).astype(float)
    best = min(far[:, list(some)].min(axis=1).sum() for some in combinations(range(7), 3))
    answer = solve_by_radii(
        sorted_rows(far), none=np.full(9, 1e4), status=np.zeros(7, np.int8), sites=3, limits=LIMITS
    )
    assert answer.bound == pytest.approx(best)
    assert far[:, answer.is_open].min(axis=1).sum() == best


def test_prices_are_rounded_to_a_choice_of_the_right_size():
    rows = sorted_rows(ROAD)
    picked, total = round_prices(rows, np.full(4, 99.0), np.full(4, 3.0), np.zeros(4, np.int8), 2)
    assert (int(picked.sum()), total) == (2, 3.0)


def test_a_graph_whose_linear_bound_is_loose_is_proven():
    # random whole distances leave a gap between the Lagrangian and the best sum: radii or branching close it
    far = np.random.default_rng(12).integers(1, 100, (40, 24)).astype(float)
    every = problem_from_arrays(np.arange(0, 961, 40), demand=np.tile(np.arange(40), 24), weight=np.ones(40))
    answer = p_median(Distances(every, far.T.ravel()), sites=5, limits=SearchLimits(effort=0.5))
    assert answer.status == "optimal"
    assert answer.value == far[:, [int(name) for name in answer.chosen]].min(axis=1).sum()
