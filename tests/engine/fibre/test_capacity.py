import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.errors import InfeasibleError
from hatangso.fibre.branches import densest_part, root_tree, worthy_part
from hatangso.fibre.capacity import Supply, drop_for_fibres, most_for_fibres, respect_spare_fibres
from hatangso.fibre.steiner import Effort, steiner_tree
from tests.engine.fibre.small_graphs import graph_of, grid_graph


def test_branch_moves_to_the_source_that_has_fibres_left():
    # Root 5; sources 0 and 3 at the ends of the lane 0-1-2-3; demand at 1 and 2, each 4 fibres.
    graph = graph_of(6, [(0, 1, 1.0), (1, 2, 1.0), (2, 3, 5.0), (5, 0, 0.0), (5, 3, 0.0)])
    demand = np.array([0.0, 4.0, 4.0, 0.0, 0.0, 0.0])
    tree = np.array([True, True, False, True, False])
    moved = respect_spare_fibres(
        graph, tree, demand, supply=Supply(5, np.array([0, 3]), np.array([4.0, 9.0]))
    )
    assert moved.tolist() == [True, False, True, True, True]
    kept = respect_spare_fibres(
        graph, tree, demand, supply=Supply(5, np.array([0, 3]), np.array([np.inf, 0.0]))
    )
    assert kept.tolist() == tree.tolist()


def test_too_few_fibres_are_told_by_source():
    graph = graph_of(3, [(2, 0, 0.0), (0, 1, 1.0)])
    with pytest.raises(InfeasibleError, match="Cần 5 sợi"):
        respect_spare_fibres(
            graph,
            np.array([True, True]),
            np.array([0, 5.0, 0]),
            supply=Supply(2, np.array([0]), np.array([4.0])),
        )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 199))
def test_no_source_feeds_more_than_it_has(seed):
    lane, terminals = grid_graph(8, seed=seed, terminals=12)
    sources = terminals[:3]
    edges = [*zip(lane.tail, lane.head, lane.cost, strict=True), *((64, int(s), 0.0) for s in sources)]
    graph = graph_of(65, edges)
    tree = np.zeros(graph.edges, bool)
    tree[steiner_tree(graph, np.append(terminals[3:], 64), effort=Effort(rounds=2)).edges] = True
    demand = np.zeros(65)
    demand[terminals[3:]] = 2.0
    supply = Supply(64, sources.astype(np.int64), np.array([8.0, 10.0, 10.0]))
    answer = respect_spare_fibres(graph, tree, demand, supply=supply)
    moved = root_tree(graph, answer, 64)
    assert set(terminals[3:].tolist()) <= set(moved.order.tolist())
    below = moved.below(demand)
    fed = np.where(moved.parent[sources] == 64, below[sources], 0.0)
    assert (fed <= supply.spare).all()
    assert fed.sum() == 18


def test_worthy_and_densest_parts_of_a_small_tree():
    # 0 -4- 1 (prize 3) -1- 2 (prize 9); 0 -5- 3 (prize 4).
    graph = graph_of(4, [(0, 1, 4.0), (1, 2, 1.0), (0, 3, 5.0)])
    prizes, every = np.array([0.0, 3.0, 9.0, 4.0]), np.ones(3, bool)
    assert worthy_part(graph, every, 0, prizes=prizes).tolist() == [True, True, False]
    rooted = root_tree(graph, every, 0)
    dense = densest_part(rooted, prizes=prizes, costs=np.array([0.0, 4.0, 1.0, 5.0]))
    assert dense.tolist() == [True, True, True, False]


def test_of_too_many_nodes_those_worth_most_for_their_fibres_stay():
    # Root 0, source 1 with 5 fibres; nodes 2, 3, 4 want 3, 2, 2 fibres and are worth 30, 30, 10.
    graph = graph_of(5, [(0, 1, 0.0), (1, 2, 1.0), (1, 3, 1.0), (1, 4, 1.0)])
    supply = Supply(0, np.array([1]), np.array([5.0]), ("Tổng đài A",))
    demand, worth = np.array([0.0, 0, 3, 2, 2]), np.array([0.0, 0, 30, 30, 10])
    tree = drop_for_fibres(graph, np.ones(4, bool), demand, worth=worth, supply=supply)
    assert tree.tolist() == [True, True, True, False]
    with pytest.raises(InfeasibleError, match="Tổng đài A"):
        respect_spare_fibres(graph, np.ones(4, bool), demand, supply=supply)


def test_bound_of_what_fibres_can_bring_takes_the_last_in_part():
    worth, fibres = np.array([30.0, 30.0, 10.0]), np.array([3.0, 2.0, 2.0])
    assert most_for_fibres(worth, fibres, spare=5.0) == 60.0
    assert most_for_fibres(worth, fibres, spare=3.5) == 30 + 30 * 0.5
    assert most_for_fibres(worth, fibres, spare=np.inf) == 70.0
