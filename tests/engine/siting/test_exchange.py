"""Lifting and exchanging keeps the same covers and scores as dropping one and choosing another."""

from __future__ import annotations

import numpy as np
import pytest

from hatangso.siting.exchange import INSIDE, _exchange, _lift, exchange
from hatangso.siting.problem import problem_from_arrays
from hatangso.siting.reductions import reduce_problem
from hatangso.siting.search import PLAIN, first_scores, new_state, turn

# five villages of 10, 20, 30, 40, 50 people; site j sees villages j and j + 1
LINE = problem_from_arrays(
    np.array([0, 2, 4, 6, 8]), demand=np.array([0, 1, 1, 2, 2, 3, 3, 4]), weight=np.arange(10.0, 60, 10)
)


def scattered():
    chance = np.random.default_rng(7)
    reach = chance.random((40, 150)) < 0.06
    reach[chance.integers(0, 40, 150), np.arange(150)] = True
    return problem_from_arrays(
        np.concatenate([[0], np.cumsum(reach.sum(axis=1))]), demand=np.nonzero(reach)[1],
        weight=chance.integers(1, 90, 150), cost=chance.integers(1, 6, 40).astype(float),
    )  # fmt: skip


def part_of(problem):
    return reduce_problem(problem, every_demand=False, whole_service=True)


def begun(part, chosen):
    state = new_state(part.matrix, part.weight, seed=3, groups=1)
    first_scores(part.matrix, part.needed, state, 0.3, False)
    for j in chosen:
        turn(j, part.matrix, part.needed, part.cost, part.group, state, 0.3, PLAIN)
    state[17][2] = served(part, state[0])
    return state


def served(part, flags):
    site = np.repeat(np.arange(len(part.sites)), np.diff(part.matrix[0]))
    return part.weight[np.unique(part.matrix[1][flags[site]])].sum()


def test_an_exchange_is_a_drop_and_a_choice():
    part = part_of(scattered())
    chance = np.random.default_rng(5)
    chosen = chance.choice(len(part.sites), 8, replace=False)
    one, two = begun(part, chosen), begun(part, chosen)
    stamp = np.zeros(len(part.weight), bool)
    for _ in range(60):
        j = int(one[5][chance.integers(8)])
        outside = np.flatnonzero(~one[0])
        k = int(chance.choice(outside))
        lifted = np.where(one[0], INSIDE, 0.0)
        _lift(j, part.matrix, one, lifted)
        gain = one[3][k] + lifted[k]
        _exchange(j, k, part.matrix, one, lifted[k], stamp)
        for site in (j, k):
            turn(site, part.matrix, part.needed, part.cost, part.group, two, 0.3, PLAIN)
        assert gain == pytest.approx(two[3][k])
        for number in (0, 1, 2, 3):
            assert np.allclose(one[number], two[number])
        assert not stamp.any()
    assert set(one[5][:8]) == set(np.flatnonzero(one[0]))


@pytest.mark.parametrize("room", [3.0, 11.0])
def test_wandering_keeps_within_the_money_and_counts_truly(room):
    part = part_of(scattered())
    state = begun(part, [])
    plan = (room, 30.0, 3.0, 2.0, float(part.weight.sum()))
    met = exchange(part.matrix, part.needed, part.cost, part.group, state, plan, (0, 400, 400))
    assert not met
    assert part.cost[state[8]].sum() <= room
    assert state[17][1] == part.cost[state[0]].sum() <= room
    assert state[17][2] == served(part, state[8]) > 0


def test_all_five_villages_end_the_wandering():
    part = part_of(LINE)
    state = begun(part, [])
    met = exchange(
        part.matrix, part.needed, part.cost, part.group, state, (3.0, 9.0, 1.0, 0.0, 150.0), (0, 50, 50)
    )
    assert met
    assert served(part, state[8]) == 150
