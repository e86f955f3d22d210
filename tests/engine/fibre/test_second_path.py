import itertools

import numpy as np
from hypothesis import given, settings

from hatangso.fibre.paths import two_ways
from hatangso.fibre.second_path import add_second_paths
from tests.engine.fibre.small_graphs import connected_graphs, graph_of


def _reached(graph, allowed, start):
    found, grown = {start}, True
    while grown:
        grown = False
        for edge in allowed:
            ends = {int(graph.tail[edge]), int(graph.head[edge])}
            if ends & found and not ends <= found:
                found |= ends
                grown = True
    return found


def _survives(graph, edges, start, target):
    """Whether start and target hang together whichever one edge is cut."""
    return all(target in _reached(graph, [e for e in edges if e != cut], start) for cut in [-1, *edges])


def test_two_ways_go_back_over_the_greedy_first_one():
    # The cheapest single way 0-1-2-3 uses the middle edge that both ways of the pair must leave.
    edges = [(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (0, 2, 4.0), (1, 3, 4.0)]
    graph = graph_of(4, edges)
    assert sorted(two_ways(graph, 0, 3, cost=graph.cost)) == [0, 2, 3, 4]
    assert two_ways(graph_of(2, [(0, 1, 1.0)]), 0, 1, cost=np.array([1.0])) is None


@settings(max_examples=60, deadline=None)
@given(connected_graphs(most_nodes=6))
def test_pair_of_ways_is_cheapest_of_all(problem):
    nodes, edges, _ = problem
    graph = graph_of(nodes, edges[:9])
    start, target = 0, nodes - 1
    found = two_ways(graph, start, target, cost=graph.cost)
    subsets = (
        chosen
        for size in range(graph.edges + 1)
        for chosen in itertools.combinations(range(graph.edges), size)
        if _survives(graph, list(chosen), start, target)
    )
    best = min((graph.cost[list(chosen)].sum() for chosen in subsets), default=None)
    if found is None:
        assert best is None
    else:
        assert _survives(graph, found.tolist(), start, target)
        assert graph.cost[found].sum() == best


def test_sites_share_what_is_added_and_the_bound_holds():
    # Root 0, source 1; square 1-2-3-4 with a dear side 4-1.
    edges = [(0, 1, 0.0), (1, 2, 1.0), (2, 3, 1.0), (3, 4, 1.0), (4, 1, 5.0)]
    graph = graph_of(5, edges)
    tree = np.array([True, True, True, True, False])
    answer = add_second_paths(graph, tree, np.array([3, 4]), root=0, twice=np.array([0]))
    assert np.flatnonzero(answer.edges).tolist() == [4]
    assert answer.bound == 8.0
    assert all(way is not None for way in answer.ways)
    built = np.flatnonzero(tree | answer.edges).tolist()
    assert all(_survives(graph, [edge for edge in built if edge], 1, site) for site in (3, 4))


def test_site_without_second_way_is_told():
    graph = graph_of(3, [(0, 1, 0.0), (1, 2, 1.0)])
    answer = add_second_paths(graph, np.array([True, True]), np.array([2]), root=0, twice=np.array([0]))
    assert answer.ways == [None]
    assert not answer.edges.any()
