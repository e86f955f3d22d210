"""Splicing: the better of each place where two choices differ, within the money; never worse than either."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.siting.problem import problem_from_arrays
from hatangso.siting.reductions import reduce_problem
from hatangso.siting.splicing import splice


def whole(problem):
    return reduce_problem(problem, every_demand=False, whole_service=True)


def served(part, flags):
    site = np.repeat(np.arange(len(part.sites)), np.diff(part.matrix[0]))
    covers = np.bincount(part.matrix[1][flags[site]], minlength=len(part.weight))
    return float(part.weight[covers >= part.needed].sum())


def test_each_valley_gets_its_better_site():
    # valleys of 10 + 1, 20 + 1 and 30 + 1 people that no site shares; site 2v serves the one, 2v + 1 the other person
    valleys = problem_from_arrays(np.arange(7), demand=np.arange(6), weight=np.array([10.0, 1, 20, 1, 30, 1]))
    part = whole(valleys)
    place = np.argsort(part.sites)
    first, second = np.zeros(6, bool), np.zeros(6, bool)
    first[place[[0, 3, 5]]] = True
    second[place[[1, 2, 4]]] = True
    mixed = splice(part, first, second, weight=part.weight, room=3.0)
    assert part.sites[mixed].tolist() == [0, 2, 4]
    assert served(part, mixed) == 60


def test_a_dearer_piece_is_taken_only_when_the_money_reaches():
    # four places no site shares: 5 people for 1, 8 for 3, 9 for 3, 7 for 1
    problem = problem_from_arrays(
        np.arange(5), demand=np.arange(4), weight=np.array([5.0, 8, 9, 7]), cost=np.array([1.0, 3, 3, 1])
    )
    part = whole(problem)
    first, second = np.isin(part.sites, [0, 2]), np.isin(part.sites, [1, 3])
    for room, most in ((4.0, 16), (5.0, 21), (7.0, 24), (8.0, 29)):
        assert served(part, splice(part, first, second, weight=part.weight, room=room)) == most


@given(st.integers(0, 10_000), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_never_worse_than_either_and_within_money_and_groups(seed, double, grouped):
    chance = np.random.default_rng(seed)
    sites, places = 14, 25
    reach = chance.random((sites, places)) < 0.12
    reach[chance.integers(0, sites, places), np.arange(places)] = True
    problem = problem_from_arrays(
        np.concatenate([[0], np.cumsum(reach.sum(axis=1))]), demand=np.nonzero(reach)[1],
        weight=chance.integers(1, 50, places), cost=chance.integers(1, 4, sites),
    )  # fmt: skip
    if double:
        problem = replace(problem, needed=chance.integers(1, 3, places))
    if grouped:
        problem = replace(problem, group=np.where(np.arange(sites) < 6, np.arange(sites) // 2, -1))
    part = whole(problem)

    def some():
        flags = chance.random(len(part.sites)) < 0.4
        for name in np.unique(part.group[part.group >= 0]):
            flags[np.flatnonzero((part.group == name) & flags)[1:]] = False
        return flags

    first, second = some(), some()
    room = float(max(part.cost[first].sum(), part.cost[second].sum()))
    mixed = splice(part, first, second, weight=part.weight, room=room)
    assert part.cost[mixed].sum() <= room
    assert served(part, mixed) >= max(served(part, first), served(part, second))
    mates = part.group[mixed & (part.group >= 0)]
    assert len(mates) == len(set(mates))
