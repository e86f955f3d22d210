import itertools

import numpy as np
import pytest

from hatangso.fibre.steiner import Effort, steiner_tree
from hatangso.fibre.trees import shortest_path_tree
from hatangso.fibre.windows import Windows, improve_windows
from tests.engine.fibre.small_graphs import graph_of, grid_graph, is_tree_joining


def test_parts_of_the_tree_outside_become_one_node_to_join_each():
    # A path 0-1-2-3-4-5 is the tree; a dear shortcut 1-4. Terminals 0 and 5 lie outside the window {1, 2, 3, 4}.
    graph = graph_of(6, [(0, 1, 5.0), (1, 2, 1.0), (2, 3, 1.0), (3, 4, 1.0), (4, 5, 5.0), (1, 4, 2.5)])
    tree = np.array([True, True, True, True, True, False])
    window = Windows(graph, np.array([0, 5])).around(tree, 2, size=4)
    assert window is not None
    assert sorted(window.nodes) == [1, 2, 3, 4]
    assert len(window.terminals) == 2
    assert sorted(window.edges) == [1, 2, 3, 5]
    assert window.graph.cost[window.tree].sum() == 3.0


def test_an_outer_way_round_joins_its_two_ends():
    # The tree 1-0-3 runs round the window {1, 2, 3}: 1 and 3 are one node there, only terminal 2 is left to join.
    graph = graph_of(4, [(0, 1, 9.5), (0, 3, 9.0), (1, 2, 4.0), (2, 3, 3.0)])
    tree = np.array([True, True, True, False])
    windows = Windows(graph, np.array([0, 2]))
    window = windows.around(tree, 2, size=3)
    assert window is not None
    assert window.graph.nodes == 2

    def solve(window):
        cheaper = window.graph.cost == 3.0
        return cheaper if cheaper.any() and window.graph.nodes == 2 else window.tree

    better = improve_windows(
        windows, tree, solve=solve, size=3, generator=np.random.default_rng(0), stop=lambda _: False
    )
    assert better.tolist() == [False, True, False, True]  # 0-1 is a needless end once 2 hangs at 3


def test_a_window_where_nothing_can_change_is_none():
    graph = graph_of(3, [(0, 1, 1.0), (1, 2, 1.0)])
    assert Windows(graph, np.array([0, 2])).around(np.array([True, True]), 1, size=1) is None


@pytest.mark.parametrize("by_steps", [True, False])
def test_windows_mend_a_poor_tree_and_keep_it_a_tree(by_steps):
    graph, terminals = grid_graph(25, seed=3, terminals=50)
    poor = shortest_path_tree(graph, terminals, int(terminals[0]))

    def solve(window):
        answer = steiner_tree(window.graph, window.terminals, effort=Effort(time_limit_s=20, rounds=2))
        tree = np.zeros(window.graph.edges, bool)
        tree[answer.edges] = True
        return tree

    windows = Windows(graph, terminals, by_steps=by_steps)
    better = improve_windows(
        windows, poor, solve=solve, size=90, generator=np.random.default_rng(1), stop=lambda _: False
    )
    assert is_tree_joining(graph, better, terminals)
    assert graph.cost[better].sum() < graph.cost[poor].sum()
    halted = improve_windows(
        windows, poor, solve=solve, size=90, generator=np.random.default_rng(1), stop=lambda _: True
    )
    assert graph.cost[better].sum() < graph.cost[halted].sum() <= graph.cost[poor].sum()


def test_a_large_problem_gets_the_same_answer_again_and_a_gap_asked_for_is_kept():
    graph, terminals = grid_graph(45, seed=2, terminals=120)
    ticks = (itertools.count(), itertools.count())
    one, two = (
        steiner_tree(
            graph, terminals, effort=Effort(rounds=2, seed=5), clock=lambda own=own: next(own) * 1e-6
        )
        for own in ticks
    )
    marked = np.zeros(graph.edges, bool)
    marked[one.edges] = True
    assert is_tree_joining(graph, marked, terminals)
    assert one.edges.tolist() == two.edges.tolist()
    assert one.bound <= one.cost
    early = steiner_tree(graph, terminals, effort=Effort(gap=0.08, seed=5))
    assert early.gap <= 0.08
    assert early.rounds <= one.rounds
