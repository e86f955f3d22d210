import numpy as np
from hypothesis import given, settings

from hatangso.fibre.exchange import exchange_paths
from hatangso.fibre.trees import insert_vertices, nodes_of, shortest_path_tree, spanning_tree_of
from tests.engine.fibre.small_graphs import connected_graphs, graph_of, grid_graph, is_tree_joining


def test_inserting_the_hub_of_a_star_pays():
    # A triangle of 3 edges of cost 4 with a hub 1.5 away from each corner: 8 without, 4.5 with the hub.
    edges = [(0, 1, 4.0), (1, 2, 4.0), (0, 2, 4.0), (0, 3, 1.5), (1, 3, 1.5), (2, 3, 1.5)]
    graph, terminals = graph_of(4, edges), np.array([0, 1, 2])
    tree = np.array([True, True, False, False, False, False])
    better = insert_vertices(graph, tree, terminals, seed=0)
    assert graph.cost[better].sum() == 4.5


def test_exchange_takes_a_cheaper_way_between_the_pieces():
    graph = graph_of(4, [(0, 1, 9.0), (0, 2, 1.0), (2, 3, 1.0), (3, 1, 1.0)])
    tree = np.array([True, False, False, False])
    better = exchange_paths(graph, tree, np.array([0, 1]), seed=0)
    assert better.tolist() == [False, True, True, True]


@settings(max_examples=60, deadline=None)
@given(connected_graphs())
def test_every_step_keeps_a_tree_and_never_makes_it_dearer(problem):
    nodes, edges, terminals = problem
    graph, wanted = graph_of(nodes, edges), np.array(terminals, np.int32)
    tree = shortest_path_tree(graph, wanted, terminals[0])
    assert is_tree_joining(graph, tree, terminals)
    inside = nodes_of(graph, tree)
    inside[wanted] = True
    spanned = spanning_tree_of(graph, inside, wanted)
    inserted = insert_vertices(graph, spanned, wanted, seed=1)
    exchanged = exchange_paths(graph, inserted, wanted, seed=1)
    costs = [graph.cost[step].sum() for step in (tree, spanned, inserted, exchanged)]
    assert costs == sorted(costs, reverse=True)
    assert all(is_tree_joining(graph, step, terminals) for step in (spanned, inserted, exchanged))


def test_exchange_improves_a_tree_over_a_grid():
    graph, terminals = grid_graph(30, seed=3, terminals=40)
    tree = shortest_path_tree(graph, terminals, int(terminals[0]))
    better = exchange_paths(graph, tree, terminals, seed=0)
    assert graph.cost[better].sum() < graph.cost[tree].sum()
    assert is_tree_joining(graph, better, terminals)
