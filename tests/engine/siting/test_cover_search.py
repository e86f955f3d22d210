"""The weighting search of full covers by itself, without the exact solver that follows it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hatangso.siting.cover_search import search_cover
from hatangso.siting.problem import problem_from_arrays
from hatangso.siting.reductions import make_matrix
from hatangso.siting.search import choose_greedily, first_scores, new_state
from tests.reference.siting_by_trying_all import cheapest_cover

EASY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def search(reach, *, cost, needed=None, group=None, steps=(2000,), seed=1, saving=1.0):
    """Search one cover for each number of ``steps``, going on from the last; yields the memory after each."""
    sites, rows = np.shape(reach)
    needed = np.ones(rows, np.int64) if needed is None else needed
    group = np.full(sites, -1) if group is None else group
    site, row = np.nonzero(reach)
    matrix = make_matrix(site, row, np.ones(len(site)), (sites, rows))
    state = new_state(matrix, np.ones(rows), seed=seed, groups=int(group.max()) + 1)
    first_scores(matrix, needed, state, 0.5, False)
    choose_greedily(matrix, needed, cost, group, state, np.inf, True, 0.5, False, np.inf)
    done = 0
    for count in steps:
        search_cover(matrix, needed, cost, group, state, (done, done + count), saving)
        done += count
        yield state


def scattered(seed: int, *, sites: int = 60, rows: int = 150) -> tuple[np.ndarray, np.ndarray]:
    """Return who reaches which row, every row by two at least, and costs of 1 to 5."""
    chance = np.random.default_rng(seed)
    reach = chance.random((sites, rows)) < 0.04
    for shift in (0, 1):
        reach[(np.arange(rows) + shift) % sites, np.arange(rows)] = True
    return reach, chance.integers(1, 6, sites).astype(float)


@EASY
@given(st.integers(2, 8), st.integers(2, 9), st.booleans(), st.integers(0, 10_000))
def test_small_covers_are_the_cheapest_of_all(sites, rows, unit, seed):
    chance = np.random.default_rng(seed)
    reach = chance.random((sites, rows)) < 0.4
    reach[chance.integers(0, sites, rows), np.arange(rows)] = True
    needed = np.minimum(chance.integers(1, 3, rows), reach.sum(axis=0))
    cost = np.ones(sites) if unit else chance.integers(1, 6, sites).astype(float)
    plain = problem_from_arrays(
        np.concatenate([[0], np.cumsum(reach.sum(axis=1))]), demand=np.nonzero(reach)[1], weight=np.ones(rows),
        cost=cost,
    )  # fmt: skip
    best = cheapest_cover(replace(plain, needed=needed), 100.0)
    (state,) = search(reach, cost=cost, needed=needed, seed=seed)
    assert state[17][2] == best


@pytest.mark.parametrize("double", [False, True])
@pytest.mark.parametrize("paired", [False, True])
def test_no_row_is_left_open_however_soon_one_stops(double, paired):
    reach, cost = scattered(3)
    twins = 10  # each of the first ten sites has a twin of another cost that reaches most of the same rows
    reach = np.vstack([reach, reach[:twins] & (np.arange(reach.shape[1]) % 4 > 0)])
    cost = np.concatenate([cost, cost[:twins][::-1]])
    sites, rows = reach.shape
    needed = np.where(np.arange(rows) % 3 == 0, 2 if double else 1, 1)
    group = np.full(sites, -1)
    if paired:
        group[:twins] = group[-twins:] = np.arange(twins)
    last = np.inf
    for state in search(reach, cost=cost, needed=needed, group=group, steps=[1] * 30 + [50] * 20, seed=5):
        best = state[8]
        if np.isinf(state[17][2]):
            assert not best.any()
            continue
        assert np.all(reach[best].sum(axis=0) >= needed)
        assert np.all(np.bincount(group[best & (group >= 0)], minlength=1) <= 1)
        assert cost[best].sum() == state[17][2] <= last
        last = state[17][2]
    assert last < np.inf


def test_scores_kept_step_by_step_are_those_counted_anew():
    reach, cost = scattered(8)
    for state in search(reach, cost=cost, steps=(1, 7, 40, 300, 1000), seed=2):
        inside, weight = state[0], state[9]
        covers = reach[inside].sum(axis=0)
        gains, losses = reach @ (weight * (covers == 0)), reach @ (weight * (covers == 1))
        assert np.array_equal(state[1], covers)
        assert np.array_equal(state[3], np.where(inside, losses, gains))
        assert sorted(state[10][: int(state[17][4])]) == np.flatnonzero(covers == 0).tolist()
    assert weight.max() > 1


def test_the_same_seed_walks_the_same_way_in_chunks_or_at_once():
    reach, cost = scattered(4)
    (once,) = search(reach, cost=cost, steps=(600,), seed=9)
    *_, parts = search(reach, cost=cost, steps=(600,), seed=9)
    assert np.array_equal(once[8], parts[8])
    assert np.array_equal(once[9], parts[9])


def test_a_cover_counts_as_better_only_when_it_saves_enough():
    # one site of cost 2 covers both rows, two of cost 1 each cover one: nothing here saves 1
    reach = np.array([[True, True], [True, False], [False, True]])
    (state,) = search(reach, cost=np.array([2.0, 1.0, 1.0]), steps=(50,))
    assert state[17][2] == 2
    # three rows by single sites at 1 each, one site covers all at 2
    reach = np.vstack([np.ones((1, 3), bool), np.eye(3, dtype=bool)])
    (state,) = search(reach, cost=np.array([2.0, 1.0, 1.0, 1.0]), steps=(50,))
    assert np.flatnonzero(state[8]).tolist() == [0]
    # the greedy cover costs 1.4 + 0.8, one site alone 2.0: a saving of 0.2
    reach = np.array([[True, True, True, True], [True, True, True, False], [False, False, False, True]])
    for saving, value in ((0.1, 2.0), (0.5, 2.2)):
        (state,) = search(reach, cost=np.array([2.0, 1.4, 0.8]), steps=(50,), saving=saving)
        assert state[17][2] == pytest.approx(value)
