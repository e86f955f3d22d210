import numpy as np
import pytest
from hypothesis import given, settings

from hatangso.fibre.dual_ascent import arc_distances, dual_ascent, raise_cuts
from tests.engine.fibre.small_graphs import connected_graphs, graph_of, grid_graph
from tests.reference.steiner_by_subsets import steiner_cost


def test_bound_of_a_star_is_its_cost():
    graph = graph_of(4, [(0, 1, 3.0), (0, 2, 4.0), (0, 3, 5.0)])
    bound, reduced = dual_ascent(graph, 1, np.array([1, 2, 3]))
    assert bound == 12.0
    assert reduced[0::2].min() >= 0


def test_unreachable_terminal_has_an_endless_bound():
    graph = graph_of(3, [(0, 1, 3.0)])
    assert dual_ascent(graph, 0, np.array([0, 2]))[0] == np.inf


@settings(max_examples=60, deadline=None)
@given(connected_graphs())
def test_bound_never_exceeds_the_optimum_and_forced_arcs_cost_more(problem):
    nodes, edges, terminals = problem
    graph = graph_of(nodes, edges)
    optimum = steiner_cost(nodes, edges, terminals)
    bound, reduced = dual_ascent(graph, terminals[0], np.array(terminals))
    assert bound <= optimum + 1e-9
    assert (reduced >= 0).all()
    if len(terminals) > 1:
        from_root, to_terminal = arc_distances(graph, reduced, terminals[0], np.array(terminals))
        assert from_root[terminals[0]] == 0
        assert to_terminal[terminals[1]] == 0


def test_cuts_of_an_ascent_are_worth_its_bound_and_no_arc_pays_more_than_its_cost():
    graph, terminals = grid_graph(8, seed=2, terminals=12)
    raised = raise_cuts(graph, int(terminals[0]), terminals)
    assert raised.amount.sum() == pytest.approx(raised.bound)
    paid = np.zeros(2 * graph.edges)
    np.add.at(paid, raised.arcs, np.repeat(raised.amount, np.diff(raised.first)))
    np.testing.assert_allclose(paid + raised.left, np.repeat(graph.cost, 2))


def test_an_endless_cost_closes_an_arc():
    graph = graph_of(3, [(0, 1, 3.0), (1, 2, 4.0)])
    cost = np.array([3.0, 3.0, np.inf, 4.0])  # nothing leads from 1 to 2
    assert raise_cuts(graph, 0, np.array([0, 2]), left=cost).bound == np.inf
    assert raise_cuts(graph, 2, np.array([0, 2]), left=cost).bound == 7.0
