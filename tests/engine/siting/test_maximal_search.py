"""The search of maximal covering: what it leaves undone when the time is over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from hatangso.siting import maximal_search
from hatangso.siting.annealing import COLD
from hatangso.siting.answers import Stopwatch
from hatangso.siting.maximal_search import MaximalSearch
from hatangso.siting.problem import SearchLimits, problem_from_arrays
from hatangso.siting.reductions import reduce_problem


def test_no_run_begins_when_the_time_is_over(monkeypatch):
    # four sites of two villages each, every village served by two sites
    start, demand = np.arange(0, 9, 2), np.array([0, 1, 1, 2, 2, 3, 0, 3])
    problem = problem_from_arrays(
        start, demand=demand, weight=np.array([4.0, 3.0, 2.0, 1.0]), cost=np.ones(4)
    )
    watch = Stopwatch(SearchLimits(time_limit_s=1000))
    reduced = reduce_problem(problem, every_demand=False, whole_service=True)
    search = MaximalSearch(reduced, 1.0, False, watch)
    every = search.part_of(np.arange(len(reduced.sites)))
    over, begun = [False], list[int]()
    monkeypatch.setattr(watch, "is_over", lambda: over[0])

    def cool(part, rules, is_over, real=maximal_search.cool):
        begun.append(rules.seed)
        return real(part, rules, is_over)

    monkeypatch.setattr(maximal_search, "cool", cool)
    with ThreadPoolExecutor(2) as pool:
        search.cool_side_by_side(pool, every, COLD, [None] * 2)
        assert len(begun) == 2 and search.best.value == 7
        over[0] = True
        search.settle_islands(pool, every, None, (3, 2))
        search.go_on_from_best(pool, every, 10.0)
    assert len(begun) == 2
    assert search.best.value == 7
