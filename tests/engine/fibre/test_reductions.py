import numpy as np
from hypothesis import given, settings

from hatangso.fibre.reductions import reduce_degrees, untouched
from tests.engine.fibre.small_graphs import connected_graphs, graph_of
from tests.reference.steiner_by_subsets import steiner_cost


def test_chain_becomes_fixed_and_dead_end_goes():
    # 0 -2- 1 -3- 2 with a dead end at 3: both terminals at the ends of the chain.
    graph = graph_of(4, [(0, 1, 2.0), (1, 2, 3.0), (1, 3, 9.0)])
    small = reduce_degrees(untouched(graph, np.array([0, 2])))
    assert small.graph.edges == 0
    assert small.fixed_cost == 5.0
    assert sorted(small.fixed) == [0, 1]


def test_of_parallel_edges_the_cheapest_stays():
    edges = [(0, 1, 2.0), (0, 1, 1.0), (0, 2, 5.0), (1, 2, 5.0), (0, 3, 1.0), (1, 3, 4.0), (2, 3, 5.0)]
    small = reduce_degrees(untouched(graph_of(4, edges), np.array([0, 1, 2, 3])))
    assert small.graph.edges == 6 - 0
    assert 0 not in small.parts


@settings(max_examples=80, deadline=None)
@given(connected_graphs())
def test_optimum_stays(problem):
    nodes, edges, terminals = problem
    graph = graph_of(nodes, edges)
    small = reduce_degrees(untouched(graph, np.array(terminals)))
    left = list(zip(small.graph.tail, small.graph.head, small.graph.cost, strict=True))
    rest = steiner_cost(small.graph.nodes, left, small.terminals.tolist())
    assert abs(small.fixed_cost + rest - steiner_cost(nodes, edges, terminals)) < 1e-9
    assert graph.cost[small.fixed].sum() == small.fixed_cost
    for edge in range(small.graph.edges):
        parts = small.parts[small.parts_first[edge] : small.parts_first[edge + 1]]
        assert graph.cost[parts].sum() == small.graph.cost[edge]
