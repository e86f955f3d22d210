import numpy as np
import pytest
from hypothesis import given, settings

from hatangso.fibre.cut_prices import CutPrices
from hatangso.fibre.steiner import Effort, steiner_tree
from tests.engine.fibre.small_graphs import connected_graphs, graph_of, grid_graph
from tests.reference.steiner_by_subsets import steiner_cost


def test_prices_are_worth_the_relaxation_where_an_ascent_alone_is_stuck():
    # Three terminals around node 3, each joined to it by 2 and to the next by 3: the star costs 6.
    graph = graph_of(4, [(3, 0, 2.0), (3, 1, 2.0), (3, 2, 2.0), (0, 1, 3.0), (1, 2, 3.0), (2, 0, 3.0)])
    prices = CutPrices(graph, 0, np.array([0, 1, 2]))
    for _ in range(20):
        prices.improve(np.random.default_rng(0))
    assert prices.bound == pytest.approx(6.0, abs=0.01)


@settings(max_examples=60, deadline=None)
@given(connected_graphs(most_nodes=8))
def test_bound_never_falls_nor_exceeds_the_optimum_and_closed_arcs_are_needless(problem):
    nodes, edges, terminals = problem
    graph, optimum = graph_of(nodes, edges), steiner_cost(*problem)
    prices = CutPrices(graph, terminals[0], np.array(terminals))
    generator, before = np.random.default_rng(1), prices.bound
    for _ in range(4):
        assert before - 1e-9 <= prices.improve(generator) <= optimum + 1e-6
        assert (prices.reduced >= 0).all()
        before = prices.bound
    prices.close(optimum + 1e-6)  # trees of this cost may still be wanted
    for _ in range(3):
        assert prices.improve(generator) <= optimum + 1e-6
    left = [edge for edge, open_ in zip(edges, prices.open_edges(), strict=True) if open_]
    assert steiner_cost(nodes, left, terminals) == pytest.approx(optimum)


def test_prices_raise_the_bound_of_a_grid_and_closing_all_ways_ends_it():
    graph, terminals = grid_graph(16, seed=3, terminals=24)
    answer = steiner_tree(graph, terminals, effort=Effort(rounds=1))
    prices = CutPrices(graph, int(terminals[0]), terminals)
    start = prices.bound
    for _ in range(10):
        prices.improve(np.random.default_rng(0))
    assert start < prices.bound <= answer.cost + 1e-6
    first, arcs = prices.cuts()
    assert len(arcs) == first[-1]
    assert 0.9 < prices.use[np.isin(graph.ends(), terminals[1:])].sum() / (len(terminals) - 1) < 1.5
    prices.close(prices.bound - 1.0)  # no tree is as cheap
    assert prices.improve(np.random.default_rng(0)) == np.inf


def test_costs_of_arcs_may_differ_and_endless_ones_are_closed():
    # From 0 to 2 by node 1 for 3 + 4, or at once for 9; back from 1 to 0 nothing is asked.
    graph = graph_of(3, [(0, 1, 3.0), (1, 2, 4.0), (0, 2, 9.0)])
    cost = np.array([3.0, 0.0, 4.0, 4.0, 9.0, 9.0])
    prices = CutPrices(graph, 0, np.array([2]), arc_cost=cost)
    assert prices.improve(np.random.default_rng(0)) == pytest.approx(7.0)
    cost[2] = np.inf
    prices = CutPrices(graph, 0, np.array([2]), arc_cost=cost)
    assert prices.improve(np.random.default_rng(0)) == pytest.approx(9.0)
    assert prices.open_edges().tolist() == [True, True, True]
