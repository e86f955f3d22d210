"""The first-order bound: projection onto the budget, scales of the steps, going on from an answer."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from hatangso.siting.bounds import Relaxation, _project, solve_relaxation
from hatangso.siting.reductions import make_matrix


def two_villages_of_three(budget: float) -> Relaxation:
    """Three sites cover a village each, of 5, 3 and 1 people; a site costs 1 of the budget."""
    matrix = make_matrix(np.arange(3), np.arange(3), np.ones(3), (3, 3))
    people = np.array([5.0, 3.0, 1.0])
    return Relaxation(matrix, np.zeros(3), np.ones(3), people, np.ones(3), budget)


def test_projection_where_every_choice_is_at_its_end():
    # both wish for 3 and are held at 1, so nothing changes until the price is 2; at 2.5 each is a half
    ones = np.ones(2)
    assert _project(np.array([3.0, 3.0]), ones, ones, 1.0, 0.0) == pytest.approx(2.5)
    assert _project(np.array([0.25, 0.5]), ones, ones, 1.0, 7.0) == 0.0


def test_projection_is_the_same_where_a_caller_has_fastmath():
    @njit(fastmath=True)
    def called(wanted, ones):
        return project(wanted, ones, ones, 1.0, 0.0)

    project = njit(_project.py_func)
    assert called(np.array([3.0, 3.0]), np.ones(2)) == pytest.approx(2.5)


def test_going_on_from_the_best_answer_keeps_its_bound():
    # the budget buys the villages of 5 and 3; 1 stays unserved
    relaxation = two_villages_of_three(2.0)
    first = solve_relaxation(relaxation, iterations=2000)
    assert first.value == pytest.approx(1.0, abs=1e-4)
    again = solve_relaxation(relaxation, iterations=400, warm=first)
    assert again.value == pytest.approx(1.0, abs=1e-4)
    assert again.primal == pytest.approx(1.0, abs=1e-4)
    assert max(first.value, again.value) <= 1 + 1e-9


@pytest.mark.parametrize("budget", [0.5, 1.5, 2.5, 3.0])
def test_half_a_site_serves_half_a_village(budget):
    bound = solve_relaxation(two_villages_of_three(budget), iterations=2000)
    unserved = np.interp(budget, [0, 1, 2, 3], [9, 4, 1, 0])
    assert bound.value == pytest.approx(unserved, abs=2e-4)
    assert bound.primal == pytest.approx(unserved, abs=2e-4)
