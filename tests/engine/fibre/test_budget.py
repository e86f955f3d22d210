"""The whole cost within a budget, against every set of places planned by itself."""

import itertools

import numpy as np
import pytest

from hatangso.fibre.budget import within_budget
from hatangso.fibre.costs import read_costs
from hatangso.fibre.network import build_network
from hatangso.fibre.places import spots_of
from hatangso.fibre.plan import PlanRequest, plan_fibre
from hatangso.fibre.steiner import Effort
from tests.engine.fibre.small_maps import lane_map, places_table, sources_table

COSTS = read_costs()
SOURCES = sources_table(("N", 0, 0, None))


def planned(places, request, make=plan_fibre):
    network = build_network(lane_map(), sources=spots_of(SOURCES), places=spots_of(places), costs=COSTS)
    return make(network, sources=SOURCES, places=places, costs=COSTS, request=request)


@pytest.mark.parametrize("seed", range(6))
def test_budget_is_kept_and_no_affordable_set_of_places_passes_the_bound(seed):
    chance = np.random.default_rng(seed)
    rows = [
        (
            name,
            float(chance.choice([1, 2, 4, 6, 8, 10])),
            float(chance.choice([0, 1, 3])),
            int(chance.integers(5, 120)),
        )
        for name in "ABCD"
    ]
    every = planned(places_table(*rows), PlanRequest())
    budget = float(chance.uniform(0.3, 0.95)) * every.cost_vnd
    asked = PlanRequest(budget_vnd=budget, effort=Effort(time_limit_s=8, rounds=30))
    plan = planned(places_table(*rows), asked, make=within_budget)
    affordable = [0]
    for size in range(1, len(rows) + 1):
        for chosen in itertools.combinations(rows, size):
            if planned(places_table(*chosen), PlanRequest()).cost_vnd <= budget:
                affordable.append(sum(row[3] for row in chosen))
    assert plan.cost_vnd <= budget + 1
    assert plan.value == plan.households == sum(rows[row][3] for row in plan.joined)
    assert max(affordable) <= plan.bound + 1e-6
    assert plan.value <= max(affordable)
    assert plan.value >= 0.6 * max(affordable)
