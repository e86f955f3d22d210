import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.fibre.dual_ascent import ascent_sets
from hatangso.fibre.dual_windows import DualWindows
from hatangso.fibre.steiner import Effort, steiner_tree
from tests.engine.fibre.small_graphs import connected_graphs, graph_of, grid_graph
from tests.reference.steiner_by_subsets import steiner_cost


def _never(_bound):
    return False


def test_sets_of_an_ascent_are_worth_its_bound_and_no_arc_pays_more_than_its_cost():
    graph, terminals = grid_graph(8, seed=2, terminals=12)
    raised = ascent_sets(graph, int(terminals[0]), terminals)
    assert raised.amount.sum() == pytest.approx(raised.bound)
    paid, ends = np.zeros(2 * graph.edges), graph.ends()
    for number, amount in enumerate(raised.amount):
        inside = np.zeros(graph.nodes, bool)
        inside[raised.nodes[raised.first[number] : raised.first[number + 1]]] = True
        assert not inside[terminals[0]]
        assert inside[terminals].any()
        paid += amount * (inside[ends] & ~inside[ends[np.arange(2 * graph.edges) ^ 1]])
    np.testing.assert_allclose(paid + raised.reduced, np.repeat(graph.cost, 2))


def test_one_window_over_all_gives_the_bound_of_the_whole_relaxation():
    # Three terminals around node 3, each joined to it by 2 and to the next by 3: the star costs 6.
    graph = graph_of(4, [(3, 0, 2.0), (3, 1, 2.0), (3, 2, 2.0), (0, 1, 3.0), (1, 2, 3.0), (2, 0, 3.0)])
    dual = DualWindows(graph, 0, np.array([0, 1, 2]))
    dual.solve(np.arange(4, dtype=np.int32))
    assert dual.bound == pytest.approx(6.0)


@settings(max_examples=60, deadline=None)
@given(connected_graphs(most_nodes=8), st.integers(2, 8), st.integers(0, 9))
def test_bound_stays_below_the_optimum_and_what_arcs_have_left_stays_true(problem, size, seed):
    nodes, edges, terminals = problem
    graph = graph_of(nodes, edges)
    optimum = steiner_cost(nodes, edges, terminals)
    dual = DualWindows(graph, terminals[0], np.array(terminals))
    generator, before = np.random.default_rng(seed), dual.bound
    for _ in range(4):
        dual.solve(generator.permutation(nodes)[:size].astype(np.int32))
        assert before - 1e-9 <= dual.bound <= optimum + 1e-6
        before = dual.bound
    answer = steiner_tree(graph, np.array(terminals), effort=Effort(rounds=20))
    tree = np.zeros(graph.edges, bool)
    tree[answer.edges] = True
    assert dual.slack(tree).sum() == pytest.approx(answer.cost - dual.bound, abs=1e-5)


def test_windows_raise_the_bound_of_a_grid_and_stop_when_told():
    graph, terminals = grid_graph(16, seed=3, terminals=24)
    answer = steiner_tree(graph, terminals, effort=Effort(rounds=3, seed=1))
    tree = np.zeros(graph.edges, bool)
    tree[answer.edges] = True
    dual = DualWindows(graph, int(terminals[0]), terminals)
    start = dual.bound
    dual.improve(tree, size=60, stop=lambda _: True, generator=np.random.default_rng(0))
    assert dual.bound == start
    for size in (60, 120, 256):
        dual.improve(tree, size=size, stop=_never, generator=np.random.default_rng(0))
    assert start < dual.bound <= answer.cost + 1e-6
    assert (dual.reduced >= 0).all()
    assert dual.slack(tree).sum() == pytest.approx(answer.cost - dual.bound, abs=1e-5)
