import numpy as np
import pytest
from hypothesis import given, settings

from hatangso.errors import InfeasibleError, InputError
from hatangso.fibre.steiner import Effort, steiner_tree
from hatangso.fibre.steinlib import read_steinlib
from tests.engine.fibre.small_graphs import connected_graphs, graph_of, grid_graph, is_tree_joining
from tests.reference.steiner_by_subsets import steiner_cost


def _marked(graph, edges):
    tree = np.zeros(graph.edges, bool)
    tree[edges] = True
    return tree


@settings(max_examples=60, deadline=None)
@given(connected_graphs())
def test_small_problems_are_solved_and_proven(problem):
    nodes, edges, terminals = problem
    graph = graph_of(nodes, edges)
    answer = steiner_tree(graph, np.array(terminals), effort=Effort(time_limit_s=20))
    assert answer.cost == pytest.approx(steiner_cost(nodes, edges, terminals))
    assert answer.optimal
    assert is_tree_joining(graph, _marked(graph, answer.edges), terminals)


@settings(max_examples=30, deadline=None)
@given(connected_graphs(whole=False))
def test_costs_that_are_no_whole_numbers(problem):
    nodes, edges, terminals = problem
    answer = steiner_tree(graph_of(nodes, edges), np.array(terminals), effort=Effort(time_limit_s=20))
    optimum = steiner_cost(nodes, edges, terminals)
    assert answer.cost == pytest.approx(optimum, abs=1e-6)
    assert answer.bound <= optimum + 1e-6


def test_grid_is_proven_and_the_same_seed_gives_the_same_answer():
    graph, terminals = grid_graph(12, seed=5, terminals=14)
    one = steiner_tree(graph, terminals, effort=Effort(time_limit_s=30, seed=4))
    two = steiner_tree(graph, terminals, effort=Effort(time_limit_s=30, seed=4))
    assert one.optimal
    assert one.edges.tolist() == two.edges.tolist()
    assert is_tree_joining(graph, _marked(graph, one.edges), terminals)


def test_time_limit_gives_a_tree_and_a_bound_below_it():
    graph, terminals = grid_graph(60, seed=1, terminals=200)
    ticks = iter(np.arange(0, 1e6, 1.0))
    answer = steiner_tree(graph, terminals, effort=Effort(time_limit_s=3), clock=lambda: float(next(ticks)))
    assert is_tree_joining(graph, _marked(graph, answer.edges), terminals)
    assert 0 <= answer.bound <= answer.cost


def test_repeated_terminal_counts_once_and_one_terminal_costs_nothing():
    graph = graph_of(3, [(0, 1, 2.0), (1, 2, 3.0)])
    assert steiner_tree(graph, np.array([0, 2, 2])).cost == 5.0
    assert steiner_tree(graph, np.array([1, 1])).cost == 0.0


def test_terminals_that_no_way_joins_are_named():
    graph = graph_of(5, [(0, 1, 2.0), (1, 2, 1.0), (3, 4, 3.0)])
    with pytest.raises(InfeasibleError, match="nút 4"):
        steiner_tree(graph, np.array([0, 2, 4]))


def test_no_terminal_and_a_node_outside_are_refused():
    graph = graph_of(2, [(0, 1, 2.0)])
    with pytest.raises(InputError, match="Không có điểm"):
        steiner_tree(graph, np.array([], int))
    with pytest.raises(InputError, match="nút 7"):
        steiner_tree(graph, np.array([0, 7]))
    with pytest.raises(InputError, match="thời gian"):
        Effort(time_limit_s=0)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("track", "name", "optimum"), [("Track1", "instance001", 503), ("Track2", "instance001", 1086)]
)
def test_published_instances(shared, track, name, optimum):
    graph, terminals = read_steinlib(shared(f"data/graph/steiner_pace2018/{track}/{name}.gr"))
    answer = steiner_tree(graph, terminals, effort=Effort(time_limit_s=20))
    assert (answer.cost, answer.bound) == (optimum, optimum)
