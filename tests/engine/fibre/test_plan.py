import numpy as np
import pytest

from hatangso.errors import HatangsoError, InfeasibleError
from hatangso.fibre.budget import within_budget
from hatangso.fibre.costs import read_costs
from hatangso.fibre.lines import join_lines, make_lines
from hatangso.fibre.network import build_network
from hatangso.fibre.places import needs_of, split_households, spots_of
from hatangso.fibre.plan import PlanRequest, plan_fibre
from hatangso.fibre.steiner import Effort
from tests.engine.fibre.small_maps import lane_map, line, places_table, sources_table

COSTS = read_costs()
NEAR_AND_FAR = (("A", 4, 3, 100), ("B", 8, 3, 20), ("C", 1, 0, 60))


def _plan(lines, sources, places, make=plan_fibre, **request):
    network = build_network(lines, sources=spots_of(sources), places=spots_of(places), costs=COSTS)
    return make(network, sources=sources, places=places, costs=COSTS, request=PlanRequest(**request))


def test_all_places_are_joined_and_proven():
    plan = _plan(lane_map(), sources_table(("N", 0, 0, None)), places_table(*NEAR_AND_FAR))
    assert plan.joined.tolist() == [0, 1, 2]
    assert plan.gap == 0
    assert plan.households == 180
    assert plan.length_m == pytest.approx(8 * 111.32 + 6 * 110.57, rel=0.002)


def test_cost_is_the_route_plus_larger_cables_and_joints():
    plan = _plan(lane_map(), sources_table(("N", 0, 0, None)), places_table(*NEAR_AND_FAR), reserve=0.0)
    joints = sum(row.cost_vnd for row in plan.materials if "Măng sông" in row.words)
    cables = sum(row.cost_vnd for row in plan.materials if row.group == "cáp")
    assert plan.cost_vnd == pytest.approx(
        plan.value + joints + cables - plan.length_m * COSTS.smallest_cable, rel=1e-6
    )


def test_fibres_add_up_towards_the_source():
    plan = _plan(lane_map(), sources_table(("N", 0, 0, None)), places_table(*NEAR_AND_FAR), reserve=0.0)
    # 100 households: 3 x 1:32 and 1 x 1:8 = 4 fibres; 20: 2 at least; 60: 1:32 + 1:32 = 2.
    assert plan.needs.fibres.tolist() == [4, 2, 2]
    assert plan.fibres[plan.built].max() == 8


def test_splitters_are_rounded_up():
    assert split_households(0, {8: 1, 32: 1}) == {}
    assert split_households(33, {8: 1, 32: 1}) == {32: 1, 8: 1}
    assert split_households(60, {8: 1, 32: 1}) == {32: 2}
    assert COSTS.cable_for(13) == [(24, 1)]
    assert COSTS.cable_for(150) == [(144, 1), (12, 1)]
    assert needs_of(places_table(("A", 0, 0, 0)), capacities={8: 1.0}).fibres.tolist() == [2]


def test_stages_begin_with_most_households_per_dong_and_hang_together():
    plan = _plan(lane_map(), sources_table(("N", 0, 0, None)), places_table(*NEAR_AND_FAR))
    assert plan.stages[0].places.tolist() == [2]
    ratios = [stage.households / stage.cost_vnd for stage in plan.stages]
    assert ratios == sorted(ratios, reverse=True)
    assert sum(stage.households for stage in plan.stages) == 180
    built = {int(plan.network.sources[0])}
    for segment in sorted(plan.segments, key=lambda segment: segment.stage):
        built |= {segment.start, segment.end}
    graph, edges = plan.network.graph, np.zeros(0, int)
    for stage in plan.stages:
        own = stage.edges[stage.edges < graph.edges]
        edges = np.append(edges, own)
        reached = {int(plan.network.sources[0])}
        for _ in edges:
            for edge in edges:
                ends = {int(graph.tail[edge]), int(graph.head[edge])}
                reached |= ends if ends & reached else set()
        assert all(int(graph.tail[edge]) in reached for edge in edges)


def test_subsidy_joins_those_who_pay_for_themselves():
    many = _plan(lane_map(), sources_table(("N", 0, 0, None)), places_table(*NEAR_AND_FAR), subsidy_vnd=1e9)
    some = _plan(lane_map(), sources_table(("N", 0, 0, None)), places_table(*NEAR_AND_FAR), subsidy_vnd=1e6)
    assert many.joined.tolist() == [0, 1, 2]
    assert some.joined.tolist() == [0, 2]
    assert some.gap == 0


def test_whole_cost_stays_within_the_budget():
    plan = _plan(
        lane_map(),
        sources_table(("N", 0, 0, None)),
        places_table(*NEAR_AND_FAR),
        make=within_budget,
        budget_vnd=110e6,
    )
    assert plan.cost_vnd <= 110e6
    assert plan.joined.tolist() == [0, 2]
    nothing = _plan(
        lane_map(),
        sources_table(("N", 0, 0, None)),
        places_table(*NEAR_AND_FAR),
        make=within_budget,
        budget_vnd=1.0,
    )
    assert nothing.joined.tolist() == []


def test_spare_fibres_of_a_source_are_respected():
    sources = sources_table(("N", 0, 0, 4), ("M", 10, 0, 100))
    plan = _plan(lane_map(), sources, places_table(("A", 1, 0, 100), ("B", 2, 0, 20)))
    fed = {name: int(plan.needs.fibres[plan.source_of == index].sum()) for index, name in enumerate("NM")}
    assert fed["N"] <= 4
    assert sum(fed.values()) == 6
    with pytest.raises(InfeasibleError, match="Cần 6 sợi"):
        _plan(lane_map(), sources_table(("N", 0, 0, 5)), places_table(("A", 1, 0, 100), ("B", 2, 0, 20)))


def test_key_site_gets_a_second_way_that_shares_no_edge():
    ring = join_lines(
        [make_lines([line((0, 0), (4, 0)), line((4, 0), (4, 2)), line((4, 2), (0, 2)), line((0, 2), (0, 0))])]
    )
    sources, places = (
        sources_table(("N", 0, 0, None)),
        places_table(("A", 3, 0, 10), ("B", 1, 2, 10), key=("A",)),
    )
    plan = _plan(ring, sources, places, two_paths=True)
    assert plan.second.any()
    assert plan.length_m == pytest.approx(2 * (4 * 111.32 + 2 * 110.57), rel=0.01)
    alone = _plan(lane_map(), sources, places_table(("A", 4, 3, 10), key=("A",)), two_paths=True)
    assert not alone.second.any()
    assert "không có đường thứ hai" in " ".join(alone.notes)


def test_money_left_over_is_spent_on_further_places():
    # Thirty villages along ten lanes: a first choice with larger cables costs more than the budget; halving comes close.
    lanes = [line((0, 0), (30, 0)), *(line((3 * k, 0), (3 * k, 6)) for k in range(1, 11))]
    rows = [(f"V{k}{j}", 3 * k, 2 * j, 20 + (7 * k + 13 * j) % 90) for k in range(1, 11) for j in (1, 2, 3)]
    budget = 600e6
    plan = _plan(
        make_lines_of(lanes), sources_table(("N", 0, 0, None)), places_table(*rows), make=within_budget,
        budget_vnd=budget, effort=Effort(time_limit_s=8, rounds=12),
    )  # fmt: skip
    assert 0.9 * budget <= plan.cost_vnd <= budget + 1
    assert plan.value == plan.households <= plan.bound
    assert plan.gap == pytest.approx((plan.bound - plan.value) / plan.bound)


def test_value_counts_what_moving_to_another_source_costs():
    sources = sources_table(("N", 0, 0, 4), ("M", 10, 0, 100))
    places = places_table(("A", 1, 0, 100), ("B", 2, 0, 20))
    free = _plan(lane_map(), sources_table(("N", 0, 0, None), ("M", 10, 0, None)), places)
    plan = _plan(lane_map(), sources, places)
    assert plan.value > free.value == plan.bound
    assert plan.gap == pytest.approx(plan.value / plan.bound - 1)


def test_when_fibres_run_out_fewer_places_are_chosen_and_named():
    sources = sources_table(("N", 0, 0, 4))
    places = places_table(("A", 1, 0, 100), ("B", 2, 0, 20), ("C", 3, 0, 30))
    with pytest.raises(InfeasibleError, match=r"nguồn N': 4 sợi"):
        _plan(lane_map(), sources, places)
    plan = _plan(lane_map(), sources, places, subsidy_vnd=1e8)
    assert plan.joined.tolist() == [0]
    assert "không nối 2 điểm" in " ".join(plan.notes)
    chosen = _plan(lane_map(), sources, places, make=within_budget, budget_vnd=1e12)
    assert (chosen.joined.tolist(), chosen.value, chosen.bound) == ([0], 100, 100)


def test_places_without_households_cannot_be_chosen_among():
    places = places_table(("A", 1, 0, 0), ("B", 2, 0, 0))
    assert _plan(lane_map(), sources_table(("N", 0, 0, None)), places).joined.tolist() == [0, 1]
    with pytest.raises(HatangsoError, match="không điểm nào nối được có số hộ"):
        _plan(lane_map(), sources_table(("N", 0, 0, None)), places, subsidy_vnd=1e6)


def test_list_of_materials_is_the_cost_of_the_plan_piece_by_piece():
    plan = _plan(lane_map(), sources_table(("N", 0, 0, None)), places_table(*NEAR_AND_FAR), reserve=0.0)
    built = np.flatnonzero(plan.built)
    laying = sum(
        plan.network.length_m[e]
        * COSTS.cheapest_method(plan.network.carrier[e], plan.network.surface[e], methods=("new_poles",))[1]
        for e in built
    )
    cable = sum(
        plan.network.length_m[e] * sum(n * COSTS.cables[size] for size, n in COSTS.cable_for(plan.fibres[e]))
        for e in built
    )
    crossing = plan.network.crossings[built][:, 0].sum() * COSTS.crossings["river"]
    # A 100 households: 3 of 1:32, 1 of 1:8; B 20: 1 of 1:32; C 60: 2 of 1:32; joints where the lanes branch off.
    boxes = 3 * COSTS.nodes["place"] + 6 * COSTS.splitters[32] + COSTS.splitters[8] + COSTS.nodes["source"]
    joints = sum(row.quantity for row in plan.materials if "Măng sông" in row.words)
    assert plan.cost_vnd == pytest.approx(laying + cable + crossing + boxes + joints * COSTS.nodes["joint"])
    assert joints == 2
    assert sum(stage.cost_vnd for stage in plan.stages) == pytest.approx(plan.value)


def test_second_ways_are_a_last_stage_and_part_of_value_and_bound():
    ring = make_lines_of(
        [line((0, 0), (4, 0)), line((4, 0), (4, 2)), line((4, 2), (0, 2)), line((0, 2), (0, 0))]
    )
    places = places_table(("A", 3, 0, 10), ("B", 1, 2, 10), key=("A",))
    plan = _plan(ring, sources_table(("N", 0, 0, None)), places, two_paths=True)
    assert plan.stages[-1].households == 0
    assert {segment.stage for segment in plan.segments if segment.second} == {plan.stages[-1].number}
    assert sum(stage.cost_vnd for stage in plan.stages) == pytest.approx(plan.value)
    assert plan.gap == 0
    assert plan.bound == pytest.approx(plan.value)


def make_lines_of(lines):
    return join_lines([make_lines(lines)])


def test_requests_that_contradict_are_refused():
    with pytest.raises(HatangsoError, match="chỉ một"):
        PlanRequest(budget_vnd=1.0, subsidy_vnd=1.0)
    with pytest.raises(HatangsoError, match="Ngân sách"):
        PlanRequest(budget_vnd=float("nan"))
