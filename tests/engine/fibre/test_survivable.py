import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.fibre.graph import components, make_graph
from hatangso.fibre.survivable import two_way_network, two_ways_hold
from hatangso.fibre.survivable_bound import TwoWayProblem, quick_bound, relaxed_bound
from hatangso.fibre.trees import shortest_path_tree
from tests.engine.fibre.small_graphs import connected_graphs, graph_of, grid_graph, is_tree_joining


def problem_of(graph, *, root=0, terminals, keys, twice=()):
    marked = np.zeros(graph.edges, bool)
    marked[list(twice)] = True
    return TwoWayProblem(graph, root, np.array(terminals), np.array(keys), marked)


def holds_by_cutting(problem, built):
    """Cut every single edge in turn (one of its two copies where it may be used twice) and look who is left."""
    graph = problem.graph
    edges = np.concatenate([np.flatnonzero(built), np.flatnonzero(built & problem.twice)])
    for cut in [-1, *range(len(edges))]:
        left = np.delete(edges, cut) if cut >= 0 else edges
        part = components(make_graph(graph.nodes, graph.tail[left], graph.head[left], graph.cost[left]))
        wanted = problem.keys if cut >= 0 else problem.places()
        if np.any(part[wanted] != part[problem.root]):
            return False
    return True


def solved(problem, seconds=10.0):
    tree = shortest_path_tree(problem.graph, np.append(problem.places(), problem.root), problem.root)
    return two_way_network(problem, tree, seed=1, time_left=lambda: seconds)


def test_a_ring_is_closed_and_a_village_beside_it_hangs_on_one_edge():
    # Ring 0-1-2-3-0 and village 4 behind 2: all five edges, proven.
    graph = graph_of(5, [(0, 1, 2.0), (1, 2, 2.0), (2, 3, 3.0), (3, 0, 3.0), (2, 4, 1.0)])
    answer = solved(problem_of(graph, terminals=[4], keys=[2]))
    assert answer.built.all()
    assert (answer.cost, answer.bound) == (11.0, pytest.approx(11.0))
    assert is_tree_joining(graph, answer.tree, [0, 2, 4])


def test_a_short_detour_counts_in_full_where_the_cheap_way_is_already_used():
    # To village 1 lead an edge of 1 and one of 5: two ways cost 6; without x ≤ 1 the bound would be 2.
    graph = graph_of(2, [(0, 1, 1.0), (0, 1, 5.0)])
    answer = solved(problem_of(graph, terminals=[1], keys=[1]))
    assert (answer.cost, answer.bound) == (6.0, pytest.approx(6.0))


def test_the_tree_gives_up_an_edge_when_the_ring_makes_it_needless():
    # The cheapest tree 0-1, 1-2, 0-3 and the cheapest second way for 2 (over 3) leave 0-1-2-3-0; edge 1-3 is not needed.
    edges = [(0, 1, 1.0), (1, 2, 4.0), (2, 3, 4.0), (0, 3, 4.0), (1, 3, 2.0)]
    answer = solved(problem_of(graph_of(4, edges), terminals=[1, 3], keys=[2]))
    assert np.flatnonzero(answer.built).tolist() == [0, 1, 2, 3]
    assert answer.cost == 13.0


def test_the_entrance_of_a_source_serves_both_ways():
    graph = graph_of(4, [(0, 1, 7.0), (1, 2, 1.0), (2, 3, 1.0), (3, 1, 1.0)])
    answer = solved(problem_of(graph, terminals=[2], keys=[2], twice=[0]))
    assert (answer.cost, answer.bound) == (10.0, pytest.approx(10.0))


@settings(max_examples=60, deadline=None)
@given(connected_graphs(most_nodes=6), st.data())
def test_bounds_and_network_against_all_sets_of_edges(drawn, data):
    nodes, edges, terminals = drawn
    graph = graph_of(nodes, edges[:9])
    keys = data.draw(st.lists(st.sampled_from(terminals), max_size=2, unique=True))
    twice = data.draw(st.lists(st.integers(0, graph.edges - 1), max_size=1))
    terminals, keys = [t for t in terminals if t], [k for k in keys if k]
    problem = problem_of(graph, terminals=np.array(terminals, int), keys=np.array(keys, int), twice=twice)
    every = np.ones(graph.edges, bool)
    assert two_ways_hold(problem, every) == holds_by_cutting(problem, every)
    if not two_ways_hold(problem, every):
        return
    best = np.inf
    for number in range(2**graph.edges):
        built = (number >> np.arange(graph.edges)) % 2 == 1
        if graph.cost[built].sum() < best and two_ways_hold(problem, built):
            best = float(graph.cost[built].sum())
    answer = solved(problem)
    assert two_ways_hold(problem, answer.built)
    assert holds_by_cutting(problem, answer.built)
    assert is_tree_joining(graph, answer.tree, np.append(problem.places(), 0))
    assert not np.any(answer.tree & ~answer.built)
    assert quick_bound(problem) <= best + 1e-6
    assert answer.bound <= best + 1e-6 <= answer.cost + 2e-6


def test_a_road_grid_has_a_close_bound_even_when_time_is_out():
    graph, places = grid_graph(9, seed=4, terminals=9)
    places = places[places != 0]
    problem = problem_of(graph, terminals=places[3:], keys=places[:3])
    answer = solved(problem)
    assert two_ways_hold(problem, answer.built)
    assert answer.cost <= 1.05 * answer.bound
    hurried = solved(problem, seconds=0.0)
    assert two_ways_hold(problem, hurried.built)
    assert 0 < quick_bound(problem) == hurried.bound <= answer.bound <= hurried.cost
    relaxed, used = relaxed_bound(problem, lambda used: np.inf, time_left=lambda: 20.0)
    assert relaxed >= quick_bound(problem) - 1e-6
    assert used.max() <= 1.0
