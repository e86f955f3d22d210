"""The most households within a budget that pays for everything: larger cables, joints and second ways too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from hatangso.fibre.costs import FibreCosts
from hatangso.fibre.model import costs_with_joints, make_model
from hatangso.fibre.network import Network
from hatangso.fibre.places import needs_of
from hatangso.fibre.plan import FibrePlan, PlanRequest, plan_fibre, prize_problem
from hatangso.fibre.prizes import budget_bound

MOST_ROUNDS = 9
ENOUGH = 0.985  # share of the budget that counts as spent
HIGHEST = 1.2  # times the budget may be chosen with when the first choice leaves much over
NARROW = 0.01  # of the budget: closer than this what may be chosen with is not halved any more


def within_budget(
    network: Network, *, sources: pl.DataFrame, places: pl.DataFrame, costs: FibreCosts, request: PlanRequest
) -> FibrePlan:
    """Plan so that the whole cost, with larger cables, joints and second paths, stays within the budget.

    Places are chosen with the smallest cable and a joint for each. While the whole costs too much, the choice is made again with less; while
    much is left, with more: halving between what was too much and what was not, at most nine times. The bound is that of
    the whole budget spent on routes with the smallest cable, equipment and joints, which every plan within it keeps.

    Raises
    ------
    InputError
        when no place that can be joined has households.
    """
    budget, limit = float(request.budget_vnd or 0.0), request.effort.time_limit_s

    def with_money(amount: float, spent: float) -> FibrePlan:
        effort = replace(request.effort, time_limit_s=max(0.5, min(limit / 4, (limit - spent) / 2)))
        joint = costs.nodes.get("joint", 0.0)
        asked = replace(request, budget_vnd=amount, joint_vnd=joint, effort=effort)
        return plan_fibre(network, sources=sources, places=places, costs=costs, request=asked)

    plan = with_money(budget, 0.0)
    bound = min(plan.bound, _bound_with_joints(network, places, costs, request))
    seconds, tried = plan.seconds, 1
    best: FibrePlan | None = None
    low, high, allowed, dear = 0.0, budget, budget, plan.cost_vnd
    if plan.cost_vnd <= budget + 1.0:
        best, low, high = plan, budget, HIGHEST * budget
        if len(plan.joined) == np.count_nonzero(network.places >= 0):
            return _with_bound(plan, bound, seconds)
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
    return _with_bound(best, bound, seconds)


def _with_bound(plan: FibrePlan, bound: float, seconds: float) -> FibrePlan:
    gap = 0.0 if bound <= plan.value + 1e-9 else (bound - plan.value) / bound
    return replace(plan, bound=max(bound, plan.value), gap=gap, seconds=seconds)


def _bound_with_joints(
    network: Network, places: pl.DataFrame, costs: FibreCosts, request: PlanRequest
) -> float:
    """Households that no plan exceeds which pays for its joints too; they are whole numbers."""
    needs = needs_of(places, capacities=costs.splitters)
    model = make_model(network, needs, costs)
    arc_cost = costs_with_joints(model, costs.nodes.get("joint", 0.0))
    bound = budget_bound(prize_problem(model, needs, request), arc_cost)
    return float(np.floor(bound + 1e-6))
