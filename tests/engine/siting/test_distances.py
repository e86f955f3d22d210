"""Who cannot be reached: the refusals of p-median and p-centre say how many sites it takes and who is left out."""

from __future__ import annotations

import numpy as np
import pytest

from hatangso.errors import InfeasibleError
from hatangso.siting.answers import Stopwatch
from hatangso.siting.distances import Distances, cover_within, filled_up, reaching_choice
from hatangso.siting.p_centre import p_centre
from hatangso.siting.p_median import p_median
from hatangso.siting.problem import SearchLimits, problem_from_arrays

# sites 0, 1, 2 reach villages {0, 1}, {1, 2}, {3}
SPARSE = Distances(
    problem_from_arrays(np.array([0, 2, 4, 5]), demand=np.array([0, 1, 1, 2, 3]), weight=np.ones(4)),
    np.array([5.0, 1.0, 2.0, 3.0, 4.0]),
)


@pytest.mark.parametrize("solve", [p_median, p_centre])
def test_too_few_sites_are_refused_with_the_least_number_and_the_villages_left_out(solve):
    with pytest.raises(InfeasibleError) as refusal:
        solve(SPARSE, sites=2)
    assert "cần ít nhất 3 vị trí" in str(refusal.value)
    assert "điểm '3'" in str(refusal.value) or "điểm '0'" in str(refusal.value)


def test_three_sites_reach_everybody():
    assert p_median(SPARSE, sites=3).value == 5 + 1 + 3 + 4
    assert p_centre(SPARSE, sites=3).value == 5


def test_a_choice_that_reaches_everybody_is_found_and_filled_up():
    watch = Stopwatch(SearchLimits())
    assert reaching_choice(SPARSE, 3, watch).tolist() == [True, True, True]
    chosen, least = cover_within(SPARSE, 3.0, 3, watch)
    assert chosen is None
    assert least == np.inf
    assert filled_up(np.array([True, False, False]), np.array([1, 2, 0]), 2).tolist() == [True, False, True]


def test_a_median_begins_with_a_choice_that_reaches_everybody_when_chance_does_not_find_one():
    # 12 villages in pairs, each pair reached only by its own site; ten more sites reach one village each
    own = [[2 * k, 2 * k + 1] for k in range(6)]
    alone = [[k] for k in range(10)]
    start = np.concatenate([[0], np.cumsum([len(rows) for rows in own + alone])])
    demand = np.concatenate(own + alone)
    far = np.where(np.arange(len(demand)) < 12, 9.0, 1.0)
    problem = problem_from_arrays(start, demand=demand, weight=np.ones(12))
    answer = p_median(Distances(problem, far), sites=6, limits=SearchLimits(effort=0.01))
    assert answer.chosen == ("0", "1", "2", "3", "4", "5")
    assert answer.value == 12 * 9
