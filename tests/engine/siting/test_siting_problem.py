"""A siting problem is refused by the row that makes it impossible to use."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from hatangso.errors import InfeasibleError, InputError, ManyInputErrors
from hatangso.siting.distances import Distances
from hatangso.siting.maximal import maximal_covering
from hatangso.siting.p_centre import p_centre
from hatangso.siting.p_median import p_median
from hatangso.siting.phased import phased_covering
from hatangso.siting.problem import SearchLimits, build_problem, problem_from_arrays, relative_gap
from hatangso.siting.set_cover import set_cover


def tables(**changes):
    frames = {
        "candidates": pl.DataFrame({"candidate_id": ["a", "b"], "cost": [2.0, 3.0]}),
        "demand": pl.DataFrame({"demand_id": ["x", "y"], "weight": [10.0, 20.0]}),
        "pairs": pl.DataFrame({"candidate_id": ["a", "b"], "demand_id": ["x", "y"]}),
    }
    return {**frames, **changes}


def problem(**changes):
    frames = tables(**changes)
    return build_problem(frames["candidates"], demand=frames["demand"], pairs=frames["pairs"])


def test_unknown_ids_in_pairs_are_named_with_their_row():
    pairs = pl.DataFrame({"candidate_id": ["a", "lạ"], "demand_id": ["x", "y"]})
    with pytest.raises(InputError, match=r"dòng 3, cột candidate_id: 'lạ'"):
        problem(pairs=pairs)


def test_negative_and_missing_numbers_are_refused_by_name():
    for column, value in (("cost", -1.0), ("cost", float("nan"))):
        frame = pl.DataFrame({"candidate_id": ["a", "b"], column: [1.0, value]})
        with pytest.raises(InputError, match="'b'"):
            problem(candidates=frame)


def test_demand_of_nobody_is_refused_with_its_row():
    with pytest.raises(InputError, match="dòng 3, cột weight của 'y': 0; cần số lớn hơn 0"):
        problem(demand=pl.DataFrame({"demand_id": ["x", "y"], "weight": [5.0, 0.0]}))


def test_zero_demand_in_total_is_refused():
    with pytest.raises(InputError, match="bằng 0"):
        problem_from_arrays(np.array([0, 1]), demand=np.array([0]), weight=np.array([0.0]))
    with pytest.raises(ManyInputErrors) as told:
        problem(demand=pl.DataFrame({"demand_id": ["x", "y"], "weight": [0.0, 0.0]}))
    assert "'x'" in str(told.value)


def test_repeated_ids_are_refused():
    with pytest.raises(InputError, match=r"'a'.*lặp lại"):
        problem(candidates=pl.DataFrame({"candidate_id": ["a", "a"], "cost": [1.0, 1.0]}))


def test_repeated_pairs_are_refused():
    pairs = pl.DataFrame({"candidate_id": ["a", "b", "a"], "demand_id": ["x", "y", "x"]})
    with pytest.raises(InputError, match="Cặp 'a' và 'x': lặp lại"):
        problem(pairs=pairs)


def test_shared_mast_costs_what_sharing_costs():
    frame = pl.DataFrame({"candidate_id": ["a", "b"], "cost": [9.0, 9.0], "shared_cost": [None, 4.0]})
    frames = tables(candidates=frame)
    asked = {"demand": frames["demand"], "pairs": frames["pairs"]}
    assert build_problem(frame, **asked).cost.tolist() == [9.0, 4.0]
    assert build_problem(frame, **asked, sharing=False).cost.tolist() == [9.0, 9.0]


def test_uncovered_demand_is_named():
    pairs = pl.DataFrame({"candidate_id": ["a"], "demand_id": ["x"]})
    with pytest.raises(InfeasibleError, match="điểm 'y': cần 1 vị trí phủ, chỉ có 0"):
        set_cover(problem(pairs=pairs))
    with pytest.raises(InfeasibleError, match=r"chỉ phủ 33\.33 %"):
        set_cover(problem(pairs=pairs), cover_percent=50)
    assert set_cover(problem(pairs=pairs), cover_percent=30).chosen == ("a",)


def test_budget_below_the_fixed_sites_is_named():
    frame = pl.DataFrame({"candidate_id": ["a", "b"], "cost": [2.0, 3.0], "fixed": [False, True]})
    with pytest.raises(InfeasibleError, match="vị trí 'b': 3"):
        maximal_covering(problem(candidates=frame), budget=2.5)


def test_must_serve_beyond_the_budget_is_refused_with_the_cost_it_needs():
    demand = pl.DataFrame({"demand_id": ["x", "y"], "weight": [10.0, 1.0], "must_serve": [False, True]})
    with pytest.raises(InfeasibleError, match="cần ít nhất 3"):
        maximal_covering(problem(demand=demand), budget=2)
    assert maximal_covering(problem(demand=demand), budget=3).chosen == ("b",)


def test_one_of_each_group_only():
    frame = pl.DataFrame({"candidate_id": ["a", "b"], "cost": [1.0, 1.0], "group": ["cột 1", "cột 1"]})
    answer = maximal_covering(problem(candidates=frame), sites=2)
    assert answer.chosen == ("b",)
    assert answer.bound == answer.value == 20
    with pytest.raises(InfeasibleError, match="mỗi nhóm chỉ được chọn một"):
        set_cover(problem(candidates=frame))


def test_fixed_and_excluded_clash_is_refused():
    frame = pl.DataFrame({"candidate_id": ["a", "b"], "fixed": [True, False], "excluded": [True, False]})
    with pytest.raises(InputError, match="vừa bắt buộc vừa loại ra"):
        problem(candidates=frame)


def test_budget_and_sites_together_are_refused():
    with pytest.raises(InputError, match="đúng một trong hai"):
        maximal_covering(problem(), budget=1, sites=1)


def test_distances_must_be_numbers_from_zero_up():
    with pytest.raises(InputError, match="'a' đến điểm 'x'"):
        Distances(problem(), np.array([-5.0, 1.0]))


def test_points_that_reach_nobody_make_p_median_infeasible():
    lonely = problem(pairs=pl.DataFrame({"candidate_id": ["a"], "demand_id": ["x"]}))
    for solve in (p_median, p_centre):
        with pytest.raises(InfeasibleError, match="'y'"):
            solve(Distances(lonely, np.array([1.0])), sites=1)
        with pytest.raises(InfeasibleError, match="Số vị trí mở là 3"):
            solve(Distances(problem(), np.array([1.0, 1.0])), sites=3)
    with pytest.raises(InfeasibleError, match="mọi điểm đều tới được"):
        p_median(Distances(problem(), np.array([1.0, 1.0])), sites=1)


def test_phases_build_the_most_people_per_money_first():
    answer = phased_covering(problem(), budgets=(5.0,))
    assert answer.phases[0].built == ("b", "a")  # 20 people for 3, then 10 for 2
    assert answer.status == "optimal"


def test_search_limits_are_checked():
    with pytest.raises(InputError):
        SearchLimits(time_limit_s=0)
    assert relative_gap(9.0, 10.0) == pytest.approx(0.1)


def test_probability_of_service_multiplies():
    half = problem_from_arrays(np.array([0, 1, 2]), demand=np.array([0, 0]), weight=np.array([100.0]))
    fields = {name: getattr(half, name) for name in half.__dataclass_fields__}
    answer = maximal_covering(type(half)(**{**fields, "share": np.array([0.5, 0.5])}), sites=2)
    assert answer.value == pytest.approx(75)
    assert answer.bound >= 75


def test_double_cover_needs_two_sites():
    demand = pl.DataFrame({"demand_id": ["x"], "weight": [10.0], "needed": [2]})
    pairs = pl.DataFrame({"candidate_id": ["a", "b"], "demand_id": ["x", "x"]})
    twice = problem(demand=demand, pairs=pairs)
    assert maximal_covering(twice, sites=1).value == 0
    assert maximal_covering(twice, sites=2).value == 10
    assert set_cover(twice).value == 5
    with pytest.raises(InfeasibleError, match="điểm 'x': cần 2 vị trí phủ, chỉ có 1"):
        set_cover(problem(demand=demand, pairs=pairs.head(1)))
