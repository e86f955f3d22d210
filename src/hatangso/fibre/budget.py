"""The most households within a budget that pays for everything: larger cables, joints and second ways too."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from hatangso.fibre.costs import FibreCosts
from hatangso.fibre.network import Network
from hatangso.fibre.plan import FibrePlan, PlanRequest, plan_fibre

MOST_ROUNDS = 9
ENOUGH = 0.985  # share of the budget that counts as spent
NARROW = 0.01  # of the budget: closer than this what may be chosen with is not halved any more


def within_budget(
    network: Network, *, sources: pl.DataFrame, places: pl.DataFrame, costs: FibreCosts, request: PlanRequest
) -> FibrePlan:
    """Plan so that the whole cost, with larger cables, joints and second paths, stays within the budget.

    Places are chosen with the smallest cable. While the whole costs too much, the choice is made again with less; while
    much is left, with more: halving between what was too much and what was not, at most nine times. The bound is that of
    the whole budget spent on routes with the smallest cable, which every plan within the budget keeps.

    Raises
    ------
    InputError
        when no place that can be joined has households.
    """
    budget, limit = float(request.budget_vnd or 0.0), request.effort.time_limit_s

    def with_money(amount: float, spent: float) -> FibrePlan:
        effort = replace(request.effort, time_limit_s=max(0.5, min(limit / 4, (limit - spent) / 2)))
        asked = replace(request, budget_vnd=amount, effort=effort)
        return plan_fibre(network, sources=sources, places=places, costs=costs, request=asked)

    plan = with_money(budget, 0.0)
    bound, seconds, tried = plan.bound, plan.seconds, 1
    if plan.cost_vnd <= budget + 1.0:
        return plan
    best: FibrePlan | None = None
    low, high, allowed, dear = 0.0, budget, budget, plan.cost_vnd
    while tried < MOST_ROUNDS and high - low > NARROW * budget:
        if best is not None and (best.cost_vnd >= ENOUGH * budget or seconds > limit):
            break
        careful = 1.0 - 0.01 * 2.0 ** (
            tried - 1
        )  # a choice that was a little too dear is left behind ever faster
        guess = careful * budget * allowed / dear if best is None else (low + high) / 2
        allowed = guess if low < guess < high else (low + high) / 2
        plan = with_money(allowed, seconds)
        seconds, tried = seconds + plan.seconds, tried + 1
        if plan.cost_vnd <= budget + 1.0:
            low = allowed
            if best is None or (plan.value, -plan.cost_vnd) > (best.value, -best.cost_vnd):
                best = plan
        else:
            high, dear = allowed, plan.cost_vnd
    best = best or with_money(0.0, seconds)
    gap = 0.0 if bound <= best.value + 1e-9 else (bound - best.value) / bound
    return replace(best, bound=max(bound, best.value), gap=gap, seconds=seconds)
