import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.fibre.branches import root_tree
from hatangso.fibre.costs import read_costs
from hatangso.fibre.model import costs_with_joints, make_model
from hatangso.fibre.network import build_network
from hatangso.fibre.places import needs_of, spots_of
from hatangso.fibre.trees import nodes_of, shortest_path_tree, spanning_tree_of
from tests.engine.fibre.small_maps import lane_map, places_table, sources_table

COSTS = read_costs()
JOINT = COSTS.nodes["joint"]
SPOTS = [(1.0, 0.2), (4.0, 2.0), (8.0, 2.5), (9.5, -0.3), (2.0, 2.0), (5.0, 0.4)]


def _model(chosen):
    places = places_table(*((str(number), *SPOTS[number], 10) for number in chosen))
    sources = sources_table(("N", 0.0, 0.0, None))
    network = build_network(lane_map(), sources=spots_of(sources), places=spots_of(places), costs=COSTS)
    return network, make_model(network, needs_of(places, capacities=COSTS.splitters), COSTS)


@settings(max_examples=25, deadline=None)
@given(st.sets(st.sampled_from(range(6)), min_size=1), st.integers(0, 99))
def test_arcs_of_a_tree_never_cost_more_than_its_edges_and_joints(chosen, seed):
    network, model = _model(sorted(chosen))
    arc_cost = costs_with_joints(model, JOINT)
    assert (arc_cost >= 0).all()
    length = model.graph.cost * np.random.default_rng(seed).uniform(0.2, 3.0, model.graph.edges)
    tree = shortest_path_tree(model.graph, model.terminals().astype(np.int32), model.root, length=length)
    tree = spanning_tree_of(model.graph, nodes_of(model.graph, tree), model.terminals())
    rooted = root_tree(model.graph, tree, model.root)
    laid = tree[: model.edges]
    ends = np.concatenate([network.graph.tail[laid], network.graph.head[laid]])
    joints = int((np.bincount(ends) >= 3).sum())
    paid = arc_cost[rooted.up[rooted.order[1:]]].sum()
    assert paid <= model.graph.cost[tree].sum() + JOINT * joints + 1e-3


def test_each_place_passed_on_the_way_is_charged_its_joint():
    # Places 0 and 5 stand beside the lane to place 3: two joints, far enough apart to be charged whole.
    _, model = _model([0, 3, 5])
    tree = shortest_path_tree(model.graph, model.terminals().astype(np.int32), model.root)
    tree = spanning_tree_of(model.graph, nodes_of(model.graph, tree), model.terminals())
    rooted = root_tree(model.graph, tree, model.root)
    paid = costs_with_joints(model, JOINT)[rooted.up[rooted.order[1:]]].sum()
    np.testing.assert_allclose(paid, model.graph.cost[tree].sum() + 2 * JOINT)
