"""Maximal covering: serve the most weight within a budget of money or a number of sites."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hatangso.errors import InfeasibleError, InputError
from hatangso.siting.answers import (
    Stopwatch,
    make_answer,
    possible_covers,
    refuse_uncovered,
    round_bound,
    served_shares,
)
from hatangso.siting.maximal_search import MaximalSearch
from hatangso.siting.problem import SearchLimits, SitingAnswer, SitingProblem
from hatangso.siting.reductions import ReducedProblem, reduce_problem
from hatangso.siting.set_cover import set_cover


def maximal_covering(
    problem: SitingProblem,
    *,
    budget: float | None = None,
    sites: int | None = None,
    limits: SearchLimits | None = None,
) -> SitingAnswer:
    """Choose what serves the most weight.

    Give ``budget`` (money, fixed sites included) or ``sites`` (how many, fixed ones included). A demand that needs
    two covers counts when two chosen candidates serve it; with shares below 1 it counts with 1 − Π(1 − share), the
    chance that at least one serves it. The bound is that of the linear relaxation.

    Returns
    -------
    SitingAnswer, ``value`` = served weight, ``bound`` ≥ any served weight possible

    Raises
    ------
    InfeasibleError
        when the fixed sites alone cost more than the budget, or must-serve demand cannot be served within it.

    Source: Church and ReVelle 1974 (model); docs/methods/siting.md.
    """
    watch = Stopwatch(limits or SearchLimits())
    price = _priced(problem, budget, sites)
    room = _room_after_fixed(problem, price, budget if budget is not None else float(sites or 0))
    partial = problem.is_partial
    if partial and np.any(problem.needed > 1):
        raise InputError("needed = 2 cùng với share dưới 1", found="cả hai", expected="chỉ một trong hai")
    refuse_uncovered(problem, problem.must_serve, possible_covers(problem))
    counted = replace(problem, cost=price, share=np.where(problem.share < 1, problem.share, 1.0))
    reduced = reduce_problem(counted, every_demand=False, whole_service=not partial)
    start = _must_start(counted, reduced, room, watch)
    search = MaximalSearch(reduced, room, partial, watch)
    chosen, upper = search.run(start)
    flags = np.zeros(len(problem.cost), bool)
    flags[reduced.chosen] = True
    flags[reduced.sites[chosen]] = True
    served = served_shares(problem, flags, whole_service=not partial)
    value = float(problem.weight @ served)
    bound = min(upper + reduced.settled_weight, problem.total_weight)
    if not partial:
        bound = round_bound(bound, problem.weight, up=False)
    return make_answer(
        problem, flags, value=value, bound=max(bound, value), watch=watch, served=served,
        notes=search.notes,
    )  # fmt: skip


def _priced(problem: SitingProblem, budget: float | None, sites: int | None) -> np.ndarray:
    if (budget is None) == (sites is None):
        raise InputError(
            "Ngân sách", found="cả budget lẫn sites, hoặc không có gì", expected="đúng một trong hai"
        )
    limit = budget if budget is not None else sites
    if limit is None or not np.isfinite(limit) or limit < 0:
        raise InputError("Ngân sách", found=str(limit), expected="số không âm")
    if sites is not None and sites < 1:
        raise InputError("Số vị trí", found=str(sites), expected="số nguyên từ 1")
    return problem.cost if budget is not None else np.ones(len(problem.cost))


def _room_after_fixed(problem: SitingProblem, price: np.ndarray, limit: float) -> float:
    room = limit - float(price[problem.fixed].sum())
    if room < -1e-9 * max(1.0, limit):
        reasons = [
            f"vị trí '{problem.candidate_ids[j]}': {price[j]:g}" for j in np.flatnonzero(problem.fixed)
        ]
        raise InfeasibleError(
            f"Ngân sách {limit:g} nhỏ hơn tổng {limit - room:g} của các vị trí bắt buộc. "
            "Tăng ngân sách hoặc bỏ bớt vị trí bắt buộc.",
            reasons,
        )
    return max(room, 0.0)


def _must_start(
    problem: SitingProblem, reduced: ReducedProblem, room: float, watch: Stopwatch
) -> np.ndarray | None:
    """Return flags of candidates that serve all must-serve rows within the room; None when there are none."""
    if not np.any(reduced.must_serve):
        return None
    rows = reduced.must_serve
    site = np.repeat(np.arange(len(reduced.sites)), np.diff(reduced.matrix[0]))
    keep = rows[reduced.matrix[1]]
    start = np.concatenate([[0], np.cumsum(np.bincount(site[keep], minlength=len(reduced.sites)))])
    names = tuple(problem.candidate_ids[j] for j in reduced.sites)
    count = int(rows.sum())
    sub = SitingProblem(
        candidate_ids=names, demand_ids=tuple(str(i) for i in range(count)), cost=reduced.cost,
        weight=np.ones(count), start=start, demand=(np.cumsum(rows) - 1)[reduced.matrix[1][keep]],
        share=np.ones(int(keep.sum())), group=reduced.group, fixed=np.zeros(len(names), bool),
        excluded=np.zeros(len(names), bool), must_serve=rows[rows], needed=reduced.needed[rows],
    )  # fmt: skip
    answer = set_cover(
        sub, limits=replace(watch.limits, time_limit_s=max(0.5, watch.left / 3), progress=None)
    )
    if answer.value > room + 1e-9:
        proven = answer.bound > room + 1e-9
        names_of = [f"điểm '{problem.demand_ids[i]}'" for i in np.flatnonzero(problem.must_serve)]
        raise InfeasibleError(
            f"Phục vụ hết các điểm bắt buộc cần ít nhất {answer.bound:g}, tốt nhất đã tìm thấy {answer.value:g}, "
            f"còn lại {room:g}" + ("." if proven else " (chưa chứng minh là không thể)."),
            names_of,
        )
    return np.isin(names, answer.chosen)
