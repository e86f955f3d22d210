import itertools

import numpy as np
import pytest
from hypothesis import given, settings

from hatangso.fibre.paths import cheapest_ways
from hatangso.fibre.special import near_terminals, special_distance
from tests.engine.fibre.small_graphs import connected_graphs, graph_of


def test_nearest_terminals_of_a_line_and_the_stretch_between_them():
    # 0 -2- 1 -3- 2 -4- 3, terminals 0 and 3 and 2.
    graph = graph_of(4, [(0, 1, 2.0), (1, 2, 3.0), (2, 3, 4.0)])
    near = near_terminals(graph, np.array([0, 2, 3]), count=2)
    assert near.distance[1].tolist() == [2.0, 3.0]
    assert near.terminals[near.which[1]].tolist() == [0, 2]
    tables = (near.distance, near.which, near.up, near.weight)
    assert special_distance(tables, 0, 3, 100.0) == 5.0  # 0-2 is 5 long, 2-3 is 4: the longer one counts
    assert special_distance(tables, 1, 3, 100.0) == 4.0
    assert special_distance(tables, 1, 3, 3.5) >= 3.5


def _by_all_ways(graph, terminals):
    """Bottleneck distances from cheapest ways between all terminals, by Floyd and Warshall with maxima."""
    apart = np.array([cheapest_ways(graph, np.array([node]))[0] for node in range(graph.nodes)])
    for middle in terminals:
        apart = np.minimum(apart, np.maximum(apart[:, [middle]], apart[[middle], :]))
    return apart


@settings(max_examples=80, deadline=None)
@given(connected_graphs())
def test_special_distances_are_never_too_short_and_exact_between_terminals(problem):
    nodes, edges, terminals = problem
    terminals = sorted(terminals)
    graph = graph_of(nodes, edges)
    near = near_terminals(graph, np.array(terminals))
    tables = (near.distance, near.which, near.up, near.weight)
    plain = _by_all_ways(graph, terminals)
    for one, two in itertools.combinations(range(nodes), 2):
        found = special_distance(tables, one, two, 1e9)
        assert found >= plain[one, two] - 1e-9
        if {one, two} <= set(terminals):
            assert found == pytest.approx(plain[one, two])
