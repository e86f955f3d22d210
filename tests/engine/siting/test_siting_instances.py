"""Whole instances: proven optima, the same answer for the same seed, reductions and bounds that lose nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse.csgraph import shortest_path

from bench.siting_instances import generate_medians, read_covering, read_p_median
from hatangso.siting import bounds
from hatangso.siting.bounds import Relaxation, solve_relaxation
from hatangso.siting.maximal import maximal_covering
from hatangso.siting.p_median import p_median
from hatangso.siting.problem import SearchLimits, problem_from_arrays
from hatangso.siting.reductions import reduce_core, reduce_problem
from hatangso.siting.set_cover import fewest_sites, set_cover


def scattered(seed: int, sites: int = 120, places: int = 400):
    chance = np.random.default_rng(seed)
    reach = chance.random((sites, places)) < 0.03
    reach[chance.integers(0, sites, places), np.arange(places)] = True
    site, place = np.nonzero(reach)
    start = np.concatenate([[0], np.cumsum(reach.sum(axis=1))])
    assert len(site) == start[-1]
    return problem_from_arrays(
        start,
        demand=place,
        weight=chance.integers(1, 100, places),
        cost=chance.integers(1, 6, sites).astype(float),
    )


def test_reductions_do_not_change_the_best_answer():
    problem = scattered(5, sites=40, places=60)
    whole = reduce_problem(problem, every_demand=True, whole_service=True)
    assert whole.pairs < len(problem.demand)
    answer = set_cover(problem, limits=SearchLimits(effort=0.1))
    kept = np.isin(problem.candidate_ids, answer.chosen)
    site = np.repeat(np.arange(40), np.diff(problem.start))
    assert len(np.unique(problem.demand[kept[site]])) == 60
    assert answer.status == "optimal"


def test_relaxation_of_a_triangle_is_one_and_a_half():
    # three villages, three sites, each site covers two: every x = 1/2 costs 1.5, whole sites cost 2
    triangle = problem_from_arrays(
        np.array([0, 2, 4, 6]), demand=np.array([0, 1, 1, 2, 0, 2]), weight=np.ones(3)
    )
    reduced = reduce_problem(triangle, every_demand=True, whole_service=True)
    relaxation = Relaxation(reduced.matrix, reduced.cost, np.ones(3), np.ones(3), np.zeros(3), 1.0)
    bound = solve_relaxation(relaxation, iterations=2000)
    assert bound.value == pytest.approx(1.5, abs=1e-3)
    assert bound.value <= 1.5 + 1e-9
    assert set_cover(triangle).value == 2


def test_sifting_reaches_the_bound_of_all_candidates(monkeypatch):
    problem = scattered(3, sites=300, places=500)
    part = reduce_problem(problem, every_demand=True, whole_service=True)
    rows, sites = len(part.weight), len(part.sites)
    assert sites > 150
    for use, budget in ((np.zeros(sites), 1.0), (np.ones(sites), 20.0)):
        relaxation = Relaxation(part.matrix, part.cost, np.ones(rows), np.full(rows, 5.0), use, budget)
        every = solve_relaxation(relaxation, iterations=2000)
        with monkeypatch.context() as patch:
            patch.setattr(bounds, "FEW_COLUMNS", 20)
            few = solve_relaxation(relaxation, iterations=2000)
        assert few.value == pytest.approx(every.value, rel=2e-3)
        assert few.value <= every.primal + 1e-6
        assert every.value <= few.primal + 1e-6


def test_a_core_keeps_the_best_of_what_it_holds():
    problem = scattered(6, sites=60, places=80)
    whole = reduce_problem(problem, every_demand=True, whole_service=True)
    best = set_cover(problem, limits=SearchLimits(effort=0.1))
    kept = np.isin(np.array(problem.candidate_ids)[whole.sites], best.chosen)
    core = reduce_core(whole, kept)
    assert not len(core.weight)
    assert whole.cost[np.isin(whole.sites, core.chosen)].sum() == whole.cost[kept].sum()


def test_the_same_seed_gives_the_same_answer():
    problem = scattered(9, sites=50, places=150)
    limits = SearchLimits(seed=4, effort=0.1)
    first, second = (maximal_covering(problem, sites=12, limits=limits) for _ in range(2))
    assert first.chosen == second.chosen
    first, second = (set_cover(problem, limits=limits) for _ in range(2))
    assert first.chosen == second.chosen


def test_a_time_limit_cuts_and_says_so():
    answer = maximal_covering(scattered(9), sites=12, limits=SearchLimits(time_limit_s=1e-3))
    assert answer.status == "time_limit"
    assert answer.bound >= answer.value
    assert "Hết thời gian" in answer.notes[0]


@pytest.mark.shared
def test_the_small_invented_instance_is_solved_to_its_known_optima(shared):
    problem = read_covering(shared("data/siting/covering_2000x500.npz"))
    assert maximal_covering(problem, sites=30).value == 147_360
    reachable = np.bincount(problem.demand, minlength=len(problem.weight)) > 0
    number = np.cumsum(reachable) - 1
    whole = problem_from_arrays(
        problem.start, demand=number[problem.demand], weight=problem.weight[reachable], cost=problem.cost
    )
    for asked, optimum in ((whole, 208), (fewest_sites(whole), 72)):
        answer = set_cover(asked)
        assert (answer.value, answer.bound) == (optimum, optimum)


@pytest.mark.shared
def test_or_library_p_medians_are_proven(shared):
    optima = dict(
        line.split()
        for line in shared("data/graph/pmed/pmedopt.txt").read_text().splitlines()[1:]
        if line.strip()
    )
    for name, optimum in optima.items():
        distances, sites = read_p_median(shared(f"data/graph/pmed/{name}.txt"))
        answer = p_median(distances, sites=sites)
        assert (name, answer.value, answer.status) == (name, float(optimum), "optimal")


def test_of_a_repeated_edge_the_last_cost_counts(tmp_path):
    path = tmp_path / "pmed0.txt"
    path.write_text("3 3 1\n1 2 9\n2 3 4\n1 2 5\n")
    distances, sites = read_p_median(path)
    assert sites == 1
    assert (
        distances.distance.reshape(3, 3).tolist()
        == shortest_path(np.array([[0, 5, 0], [5, 0, 4], [0, 4, 0]])).tolist()
    )
    assert p_median(distances, sites=1).value == 9


def test_an_invented_p_median_is_connected_and_symmetric():
    _, distances, sites = next(generate_medians(1))
    far = distances.distance.reshape(100, 100)
    assert sites == 5
    assert np.isfinite(far).all()
    assert np.array_equal(far, far.T)
    assert not far.diagonal().any()
