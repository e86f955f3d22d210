"""Building in phases: a budget for each year, later years on top of earlier ones, most people per đồng first."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from hatangso.errors import InputError
from hatangso.siting.answers import served_shares
from hatangso.siting.maximal import maximal_covering
from hatangso.siting.problem import SearchLimits, SitingAnswer, SitingProblem, name_positions, relative_gap


@dataclass(frozen=True)
class Phase:
    """One year: its budget, what it builds in order of people per đồng, cost, people served at its end, and the bound.

    ``bound``: no plan of any kind serves more at the end of this phase with the money given so far.
    """

    budget: float
    built: tuple[str, ...]
    cost: float
    served_weight: float
    bound: float


@dataclass(frozen=True)
class PhasedAnswer:
    """Phases and their sum: ``value`` = Σ weight served at the end of each phase (people-years); ``bound`` ≥ any."""

    value: float
    bound: float
    gap: float
    seconds: float
    seed: int
    status: str
    phases: tuple[Phase, ...]
    way: str


def phased_covering(
    problem: SitingProblem,
    *,
    budgets: tuple[float, ...],
    carry_over: bool = True,
    limits: SearchLimits | None = None,
) -> PhasedAnswer:
    """Spread building over phases so that the sum over phases of the weight served is large.

    Two plans are made and the better one is given: *forward* (each phase the best on top of the earlier) and
    *backward* (the best for all the money first, then each earlier phase the best part of the next).

    Must-serve demand is served at the end of the last phase.

    Parameters
    ----------
    budgets : money of each phase; the fixed sites stand already and cost nothing here
    carry_over : whether money left by a phase may be spent in the next

    Returns
    -------
    PhasedAnswer; its bound adds the bounds of each phase taken alone with all money up to then
    """
    started = time.perf_counter()
    limits = limits or SearchLimits()
    _refuse_plan(problem, budgets, carry_over)
    standing = replace(problem, cost=np.where(problem.fixed, 0.0, problem.cost))
    share = replace(limits, time_limit_s=max(limits.time_limit_s / (3 * len(budgets)), 0.2), progress=None)
    must = bool(np.any(problem.must_serve))
    single = _each_alone(standing, budgets, share)
    limits.advance(50)
    bounds = np.minimum.accumulate([answer.bound for answer in single][::-1])[::-1]
    plans = {} if must else {"forward": _forward(standing, budgets, carry_over, share)}
    limits.advance(30)
    if carry_over:
        plans["backward"] = _backward(standing, budgets, single[-1], share)
    limits.advance(20)
    way = max(plans, key=lambda name: sum(float(served) for _, served in plans[name]))
    phases = _phases(problem, budgets, plans[way], bounds)
    value, bound = sum(phase.served_weight for phase in phases), float(np.sum(bounds))
    cut = any(answer.status == "time_limit" for answer in single)
    gap = relative_gap(value, bound)
    status = "optimal" if gap <= 1e-9 else ("time_limit" if cut else "bounded")
    return PhasedAnswer(
        value, bound, gap, time.perf_counter() - started, limits.seed, status, phases, way
    )  # fmt: skip


def _refuse_plan(problem: SitingProblem, budgets: tuple[float, ...], carry_over: bool) -> None:
    if not budgets or not all(np.isfinite(money) and money >= 0 for money in budgets):
        raise InputError(
            "Ngân sách các giai đoạn",
            found=str(budgets),
            expected="ít nhất một số không âm, mỗi giai đoạn một số",
        )
    if np.any(problem.must_serve) and not carry_over:
        raise InputError(
            "must_serve khi chia giai đoạn", expected="cho phép chuyển tiền còn dư sang giai đoạn sau"
        )


def _each_alone(
    problem: SitingProblem, budgets: tuple[float, ...], limits: SearchLimits
) -> list[SitingAnswer]:
    """Answer each phase by itself with all money up to then; must-serve demand binds the last one only."""
    easy = replace(problem, must_serve=np.zeros(len(problem.weight), bool))
    totals = [float(total) for total in np.cumsum(np.asarray(budgets))]
    return [
        maximal_covering(problem if number == len(totals) else easy, budget=total, limits=limits)
        for number, total in enumerate(totals, 1)
    ]


def _served(problem: SitingProblem, flags: np.ndarray) -> float:
    return float(problem.weight @ served_shares(problem, flags, whole_service=not problem.is_partial))


def _forward(
    problem: SitingProblem, budgets: tuple[float, ...], carry_over: bool, limits: SearchLimits
) -> list[tuple[np.ndarray, float]]:
    steps: list[tuple[np.ndarray, float]] = []
    flags, left = problem.fixed.copy(), 0.0
    for money in budgets:
        room = money + (left if carry_over else 0.0)
        paid = replace(problem, cost=np.where(flags, 0.0, problem.cost), fixed=flags)
        answer = maximal_covering(paid, budget=room, limits=limits)
        new = flags.copy()
        new[name_positions(answer.chosen, problem.candidate_ids, what="vị trí")] = True
        left = room - float(problem.cost[new & ~flags].sum())
        flags = new
        steps.append((flags, _served(problem, flags)))
    return steps


def _backward(
    problem: SitingProblem, budgets: tuple[float, ...], last: SitingAnswer, limits: SearchLimits
) -> list[tuple[np.ndarray, float]]:
    flags = np.isin(problem.candidate_ids, last.chosen)
    steps = [(flags, _served(problem, flags))]
    for total in np.cumsum(np.asarray(budgets))[:-1][::-1]:
        inside = replace(problem, excluded=~flags, must_serve=np.zeros(len(problem.weight), bool))
        answer = maximal_covering(inside, budget=float(total), limits=limits)
        flags = np.isin(problem.candidate_ids, answer.chosen)
        steps.append((flags, _served(problem, flags)))
    return steps[::-1]


def _phases(
    problem: SitingProblem,
    budgets: tuple[float, ...],
    steps: list[tuple[np.ndarray, float]],
    bounds: np.ndarray,
) -> tuple[Phase, ...]:
    phases, before = [], problem.fixed
    for money, (flags, served), bound in zip(budgets, steps, bounds, strict=True):
        order = order_of_building(problem, before, flags & ~before)
        built = tuple(problem.candidate_ids[j] for j in order)
        cost = float(problem.cost[flags & ~before].sum())
        phases.append(Phase(float(money), built, cost, served, max(float(bound), served)))
        before = flags
    return tuple(phases)


def order_of_building(problem: SitingProblem, standing: np.ndarray, new: np.ndarray) -> list[int]:
    """Order the flags ``new`` by people newly served per đồng, each on top of those before it."""
    covers, missed = np.zeros(len(problem.weight), np.int64), np.ones(len(problem.weight))
    for j in np.flatnonzero(standing):
        _add(problem, int(j), covers, missed)
    rest, order = [int(j) for j in np.flatnonzero(new)], []
    while rest:
        gains = [_gain(problem, j, covers, missed) / max(float(problem.cost[j]), 1e-9) for j in rest]
        pick = rest.pop(int(np.argmax(gains)))
        _add(problem, pick, covers, missed)
        order.append(pick)
    return order


def _add(problem: SitingProblem, j: int, covers: np.ndarray, missed: np.ndarray) -> None:
    mine = slice(problem.start[j], problem.start[j + 1])
    covers[problem.demand[mine]] += 1
    missed[problem.demand[mine]] *= 1 - problem.share[mine]


def _gain(problem: SitingProblem, j: int, covers: np.ndarray, missed: np.ndarray) -> float:
    mine = slice(problem.start[j], problem.start[j + 1])
    rows = problem.demand[mine]
    if problem.is_partial:
        return float(problem.weight[rows] @ (missed[rows] * problem.share[mine]))
    return float(problem.weight[rows] @ (covers[rows] + 1 == problem.needed[rows]))
