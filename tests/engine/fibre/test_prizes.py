import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.errors import HatangsoError
from hatangso.fibre.prizes import PrizeProblem, prize_tree
from hatangso.fibre.steiner import Effort
from tests.engine.fibre.small_graphs import connected_graphs, graph_of, grid_graph, is_tree_joining
from tests.reference.steiner_by_subsets import budget_value, prize_value

QUICK = Effort(time_limit_s=10, rounds=20)


def _check_tree(problem, answer):
    tree = np.zeros(problem.graph.edges, bool)
    tree[answer.edges] = True
    assert is_tree_joining(problem.graph, tree, [problem.root])
    assert answer.cost == pytest.approx(problem.graph.cost[tree].sum())


def test_village_worth_its_way_is_joined_and_the_other_is_not():
    # Source 0; village 1 (prize 10) 4 away; village 2 (prize 3) another 5 behind it.
    problem = PrizeProblem(graph_of(3, [(0, 1, 4.0), (1, 2, 5.0)]), 0, np.array([0.0, 10.0, 3.0]))
    answer = prize_tree(problem, effort=QUICK)
    assert (answer.chosen.tolist(), answer.value, answer.bound) == ([1], 6.0, 6.0)


def test_two_villages_pay_together_for_a_way_that_neither_pays_alone():
    edges = [(0, 1, 10.0), (1, 2, 1.0), (1, 3, 1.0)]
    problem = PrizeProblem(graph_of(4, edges), 0, np.array([0.0, 0.0, 7.0, 7.0]))
    assert prize_tree(problem, effort=QUICK).value == 2.0


def test_budget_takes_the_pair_before_the_rich_neighbour():
    # 6 households for 5, or two times 4 households for 6 together; budget 6.
    edges = [(0, 1, 5.0), (0, 2, 4.0), (2, 3, 1.0), (2, 4, 1.0)]
    problem = PrizeProblem(graph_of(5, edges), 0, np.array([0.0, 6.0, 0.0, 4.0, 4.0]), budget=6.0)
    answer = prize_tree(problem, effort=QUICK)
    assert (answer.chosen.tolist(), answer.prize, answer.cost) == ([3, 4], 8.0, 6.0)
    assert answer.gap == 0.0


@settings(max_examples=30, deadline=None)
@given(connected_graphs(most_nodes=7), st.data())
def test_value_at_a_subsidy_equals_all_trees_tried(problem, data):
    nodes, edges, _ = problem
    prizes = np.array(data.draw(st.lists(st.integers(0, 15), min_size=nodes, max_size=nodes)), float)
    case = PrizeProblem(graph_of(nodes, edges), 0, prizes)
    answer = prize_tree(case, effort=QUICK)
    _check_tree(case, answer)
    best = prize_value(nodes, edges, 0, prizes)
    assert answer.value == pytest.approx(best, abs=1e-6)
    assert answer.bound == pytest.approx(best, abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(connected_graphs(most_nodes=7), st.data())
def test_households_in_a_budget_equal_all_trees_tried(problem, data):
    nodes, edges, _ = problem
    prizes = np.array(data.draw(st.lists(st.integers(0, 15), min_size=nodes, max_size=nodes)), float)
    budget = float(data.draw(st.integers(0, 30)))
    case = PrizeProblem(graph_of(nodes, edges), 0, prizes, budget)
    answer = prize_tree(case, effort=QUICK)
    _check_tree(case, answer)
    best = budget_value(nodes, edges, 0, prizes, budget=budget)
    assert answer.cost <= budget + 1e-9
    assert answer.value == pytest.approx(best, abs=1e-6)
    assert answer.bound == pytest.approx(best, abs=1e-5)


def test_unreachable_village_is_left_out_and_a_larger_map_has_a_bound():
    graph, places = grid_graph(15, seed=2, terminals=30)
    prizes = np.zeros(graph.nodes)
    prizes[places] = 300.0
    problem = PrizeProblem(graph, 0, prizes)
    answer = prize_tree(problem, effort=Effort(time_limit_s=20, rounds=10))
    _check_tree(problem, answer)
    assert 0 < answer.value <= answer.bound
    apart = PrizeProblem(graph_of(4, [(0, 1, 1.0), (2, 3, 1.0)]), 0, np.array([0.0, 2.0, 9.0, 9.0]))
    assert prize_tree(apart, effort=QUICK).chosen.tolist() == [1]


def test_wrong_prizes_and_budget_are_refused():
    graph = graph_of(2, [(0, 1, 1.0)])
    with pytest.raises(HatangsoError, match="Nút 1"):
        PrizeProblem(graph, 0, np.array([0.0, -1.0]))
    with pytest.raises(HatangsoError, match="Ngân sách"):
        PrizeProblem(graph, 0, np.array([0.0, 1.0]), budget=float("nan"))
