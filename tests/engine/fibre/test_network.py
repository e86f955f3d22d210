from dataclasses import replace

import numpy as np
import pytest

from hatangso.errors import InputError
from hatangso.fibre.costs import read_costs
from hatangso.fibre.lines import join_lines, make_lines
from hatangso.fibre.network import LayingRules, build_network
from hatangso.fibre.places import spots_of
from hatangso.fibre.steiner import steiner_tree
from tests.engine.fibre.small_maps import lane_map, line, places_table, sources_table

COSTS = read_costs()


def _network(lines, sources, places, **rules):
    return build_network(
        lines, sources=spots_of(sources), places=spots_of(places), costs=COSTS, rules=LayingRules(**rules)
    )


def test_place_is_joined_at_the_foot_of_its_way_to_the_lane():
    network = _network(lane_map(), sources_table(("N", 0, 0, None)), places_table(("A", 5, 0.2, 10)))
    assert network.snapped_m[0] == pytest.approx(0.2 * 110.57, rel=0.01)
    drops = np.flatnonzero(network.carrier == "drop")
    near = drops[
        (network.graph.tail[drops] == network.places[0]) | (network.graph.head[drops] == network.places[0])
    ]
    assert network.length_m[near].sum() == pytest.approx(network.snapped_m[0], rel=0.01)


def test_cost_of_the_way_is_length_times_price_plus_the_river():
    network = _network(lane_map(), sources_table(("N", 0, 0, None)), places_table(("A", 8, 3, 10)))
    answer = steiner_tree(network.graph, np.array([network.sources[0], network.places[0]]))
    metres = 8 * 111.32 + 3 * 110.57
    earth = COSTS.lines[("road", "new_poles", "earth")] + COSTS.smallest_cable
    assert answer.cost == pytest.approx(metres * earth + COSTS.crossings["river"], rel=0.002)
    assert network.crossings[answer.edges].sum() == 1


def test_lines_without_shared_vertices_meet_where_they_cross():
    cross = make_lines([line((0, 0), (4, 0)), line((2, -1), (2, 1))])
    network = _network(cross, sources_table(("N", 0, 0, None)), places_table(("A", 2, 1, 1)))
    assert steiner_tree(network.graph, np.array([network.sources[0], network.places[0]])).cost > 0
    bridge = make_lines([line((0, 0), (4, 0)), line((2, -1), (2, 1))])
    bridge = replace(bridge, noded=np.ones(2, bool))
    apart = _network(bridge, sources_table(("N", 0, 0, None)), places_table(("A", 2, 1, 1)), farthest_m=50)
    assert apart.places.tolist() == [-1]


def test_poles_are_joined_to_the_lane_and_used_when_cheaper():
    network = _network(lane_map(), sources_table(("N", 0, 0, None)), places_table(("A", 2, 3, 10)))
    answer = steiner_tree(network.graph, np.array([network.sources[0], network.places[0]]))
    assert {"road", "poles", "join"} <= set(network.carrier[answer.edges])


def test_place_too_far_is_named_with_its_distance():
    places = places_table(("A", 5, 0, 10), ("B", 5, 30, 10))
    network = _network(lane_map(), sources_table(("N", 0, 0, None)), places, farthest_m=500)
    assert (network.places >= 0).tolist() == [True, False]
    assert len(network.notes) == 1
    assert "thôn B" in network.notes[0]


def test_place_on_a_part_without_source_goes_to_the_part_that_has_one():
    lines = join_lines([lane_map(), make_lines([line((0, 9), (1, 9))])])
    network = _network(lines, sources_table(("N", 0, 0, None)), places_table(("A", 0.5, 9, 10)))
    assert network.snapped_m[0] > 600


def test_parallel_tracks_are_crossed_at_one_go_and_national_roads_by_halves():
    tracks = make_lines(
        [line((2, -1), (2, 1)), line((2.1, -1), (2.1, 1)), line((3, -1), (3, 1))], carrier="rail"
    )
    lane = make_lines([line((0, 0), (4, 0))])
    network = _network(
        join_lines([lane, tracks]), sources_table(("N", 0, 0, None)), places_table(("A", 4, 0, 1))
    )
    assert network.crossings[:, 1].sum() == 2
    national = make_lines([line((2, -1), (2, 1))], carrier="national_road")
    network = _network(
        join_lines([lane, national]), sources_table(("N", 0, 0, None)), places_table(("A", 4, 0, 1))
    )
    way = steiner_tree(network.graph, np.array([network.sources[0], network.places[0]])).edges
    assert network.crossings[way, 2].sum() == 1


def test_no_source_near_and_wrong_rules_are_refused():
    with pytest.raises(InputError, match="Nguồn"):
        _network(lane_map(), sources_table(("N", 500, 500, None)), places_table(("A", 5, 0, 10)))
    with pytest.raises(InputError, match="Cách làm"):
        LayingRules(methods=("magic",))
    with pytest.raises(InputError, match="không có tuyến"):
        _network(
            make_lines([line((0, 0), (1, 1))], carrier="river"),
            sources_table(("N", 0, 0, None)),
            places_table(("A", 5, 0, 10)),
        )


def test_two_valleys_with_a_source_each_make_a_forest():
    valleys = make_lines([line((0, 0), (5, 0)), line((0, 40), (4, 40))])
    sources = sources_table(("N", 0, 0, None), ("M", 0, 40, None))
    places = places_table(("A", 3, 0.1, 10), ("B", 3, 40.1, 10))
    network = _network(valleys, sources, places)
    assert network.snapped_m == pytest.approx([11.06, 11.06], rel=0.01)
    assert network.notes == []
    alone = _network(valleys, sources_table(("N", 0, 0, None)), places)
    assert (alone.places >= 0).tolist() == [True, False]
    assert "thôn B" in alone.notes[0]
    assert "có tuyến cách 11 m nhưng không liền với nguồn nào" in alone.notes[0]


def test_source_beside_a_stump_stands_on_the_network_and_a_long_way_is_told():
    stump = make_lines([line((0, 1), (0.2, 1))])
    network = _network(
        join_lines([lane_map(), stump]), sources_table(("N", 0, 1, None)), places_table(("A", 6, 4, 10))
    )
    assert network.source_snapped_m[0] == pytest.approx(110.6, rel=0.01)
    assert network.snapped_m[0] == pytest.approx(np.hypot(2 * 111.3, 110.6), rel=0.01)
    assert network.notes == []
    far = _network(lane_map(), sources_table(("N", 0, 0, None)), places_table(("A", 12, 3, 10)))
    assert far.notes == ["Điểm 'thôn A' cách tuyến gần nhất 400 m: phải kéo cáp thẳng ngoài tuyến"]


def test_existing_cable_costs_its_reuse_only_and_no_crossing():
    river = make_lines([line((2, -1), (2, 1))], carrier="river")
    cable = make_lines([line((0, 0.1), (4, 0.1))], carrier="cable")
    both = join_lines([make_lines([line((0, 0), (4, 0))]), cable, river])
    network = _network(both, sources_table(("N", 0, 0, None)), places_table(("A", 4, 0, 1)))
    laid = network.carrier == "cable"
    price = COSTS.lines[("cable", "reuse", "unknown")]
    assert network.graph.cost[laid].sum() == pytest.approx(network.length_m[laid].sum() * price)
    way = steiner_tree(network.graph, np.array([network.sources[0], network.places[0]])).edges
    assert "cable" in set(network.carrier[way])
    assert network.crossings[way][network.carrier[way] != "cable"].sum() == 0
