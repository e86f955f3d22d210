import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.fibre.eliminations import eliminate
from hatangso.fibre.reductions import reduce_degrees, untouched
from hatangso.fibre.trees import nodes_of, spanning_tree_of
from tests.engine.fibre.small_graphs import connected_graphs, graph_of, grid_graph, is_tree_joining
from tests.reference.steiner_by_subsets import steiner_cost


def _eliminated(nodes, edges, terminals):
    return eliminate(untouched(graph_of(nodes, edges), np.array(terminals)))


def test_edge_longer_than_the_stretches_between_terminals_goes():
    # 0-1 costs 5; by way of terminal 2 no stretch is longer than 4: a tree with 0-1 can do with 0-2 or 2-1 instead.
    # The edges to node 3 are dear enough to keep nothing else from being decided.
    small = _eliminated(3, [(0, 1, 5.0), (0, 2, 4.0), (2, 1, 4.0)], [0, 1, 2])
    assert sorted(small.fixed) == [1, 2]
    assert small.fixed_cost == 8.0
    assert small.graph.edges == 0


def test_edge_no_shorter_than_another_way_goes():
    # Nodes 1, 2 and 3 are no terminals: 1-3 costs as much as 1-2-3.
    edges = [(0, 1, 9.0), (1, 2, 1.0), (2, 3, 1.0), (1, 3, 2.0), (3, 4, 9.0), (2, 5, 9.0)]
    small = _eliminated(6, edges, [0, 4, 5])
    assert 3 not in set(small.fixed) | set(small.parts)
    assert small.fixed_cost == 29.0


def test_node_whose_neighbours_are_joined_no_dearer_without_it_is_replaced_by_pairs():
    # Node 3 hangs at terminals 0, 1, 2 by 2 each; 0-1 and 1-2 cost 3: 6 either way, so 3 need not have three edges.
    edges = [(3, 0, 2.0), (3, 1, 2.0), (3, 2, 2.0), (0, 1, 3.0), (1, 2, 3.0), (0, 2, 9.0)]
    small = _eliminated(4, edges, [0, 1, 2])
    assert small.graph.edges == 0
    assert small.fixed_cost == 6.0


def test_nearest_neighbour_of_a_terminal_with_a_terminal_behind_it_is_sure():
    # From terminal 0: 1 for 1 and terminal 2 right behind it for 2 more; its second edge costs 3.
    edges = [(0, 1, 1.0), (1, 2, 2.0), (0, 3, 3.0), (3, 2, 3.0), (3, 4, 9.0), (1, 4, 9.0)]
    small = _eliminated(5, edges, [0, 2, 4])
    assert 0 in small.fixed


def test_nodes_joined_for_nothing_stay_joined():
    # The way 5-0-8-1-2-6 costs nothing: special distances are zero by way of the very node that is looked at.
    edges = [
        (0, 1, 2.0), (1, 2, 2.0), (0, 3, 2.0), (0, 4, 1.0), (0, 5, 0.0), (1, 6, 2.0), (1, 7, 0.0), (0, 8, 0.0),
        (7, 5, 1.0), (6, 8, 2.0), (6, 2, 0.0), (2, 1, 0.0), (6, 7, 2.0), (5, 3, 2.0), (5, 1, 1.0), (4, 2, 2.0),
        (5, 2, 1.0), (6, 4, 2.0), (4, 3, 2.0), (6, 3, 2.0), (8, 1, 1.0), (2, 0, 1.0), (8, 1, 0.0), (3, 0, 2.0),
    ]  # fmt: skip
    graph = graph_of(9, edges)
    small = eliminate(untouched(graph, np.array([5, 6, 8])))
    marked = np.zeros(graph.edges, bool)
    marked[small.original_edges(np.ones(small.graph.edges, bool))] = True
    inside = nodes_of(graph, marked)
    inside[[5, 6, 8]] = True
    tree = spanning_tree_of(graph, inside, np.array([5, 6, 8]))
    assert is_tree_joining(graph, tree, [5, 6, 8])
    assert graph.cost[tree].sum() == 0.0


@settings(max_examples=250, deadline=None)
@given(connected_graphs(), st.integers(1, 3))
def test_optimum_stays_and_its_tree_is_found_in_the_original(problem, repeats):
    nodes, edges, terminals = problem
    graph = graph_of(nodes, edges)
    optimum = steiner_cost(nodes, edges, terminals)
    small = untouched(graph, np.array(terminals))
    for _ in range(repeats):
        small = eliminate(small)
    left = list(zip(small.graph.tail, small.graph.head, small.graph.cost, strict=True))
    assert small.fixed_cost + steiner_cost(
        small.graph.nodes, left, small.terminals.tolist()
    ) == pytest.approx(optimum)
    assert graph.cost[small.fixed].sum() == pytest.approx(small.fixed_cost)
    for edge in range(small.graph.edges):
        parts = small.parts[small.parts_first[edge] : small.parts_first[edge + 1]]
        assert graph.cost[parts].sum() == pytest.approx(small.graph.cost[edge])
    marked = np.zeros(graph.edges, bool)
    marked[small.original_edges(np.ones(small.graph.edges, bool))] = True
    inside = nodes_of(graph, marked)
    inside[terminals] = True
    assert is_tree_joining(graph, spanning_tree_of(graph, inside, np.array(terminals)), terminals)


def test_whole_grids_shrink_and_any_tree_of_the_rest_is_one_of_the_whole():
    graph, terminals = grid_graph(20, seed=4, terminals=60)
    small = eliminate(reduce_degrees(untouched(graph, terminals)))
    assert small.graph.edges < 0.7 * graph.edges
    tree = spanning_tree_of(small.graph, np.ones(small.graph.nodes, bool), small.terminals)
    marked = np.zeros(graph.edges, bool)
    marked[small.original_edges(tree)] = True
    assert nodes_of(graph, marked)[terminals].all()
    assert graph.cost[marked].sum() <= small.fixed_cost + small.graph.cost[tree].sum() + 1e-9
