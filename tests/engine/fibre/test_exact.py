import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.fibre.dual_ascent import raise_cuts
from hatangso.fibre.exact import CutModel, violated_cuts
from tests.engine.fibre.small_graphs import connected_graphs, graph_of
from tests.reference.steiner_by_subsets import steiner_cost


def _cut_worths(graph, value, root, terminals):
    """Worth of the arcs entering every set of nodes that holds a terminal but not the root."""
    ends = graph.ends()
    tails = ends[np.arange(2 * graph.edges) ^ 1]
    others = [node for node in range(graph.nodes) if node != root]
    for mask in range(1, 1 << len(others)):
        inside = np.zeros(graph.nodes, bool)
        inside[[node for place, node in enumerate(others) if mask >> place & 1]] = True
        if inside[terminals].any():
            yield value[inside[ends] & ~inside[tails]].sum()


def test_an_arc_half_used_is_cut_and_whole_arcs_are_not():
    graph = graph_of(3, [(0, 1, 1.0), (1, 2, 1.0)])
    first, cuts = violated_cuts(graph, np.array([1.0, 0.0, 0.5, 0.0]), root=0, terminals=np.array([2]))
    assert (first.tolist(), cuts.tolist()) == ([0, 1], [2])
    first, _ = violated_cuts(graph, np.array([1.0, 0.0, 1.0, 0.0]), root=0, terminals=np.array([2]))
    assert first.tolist() == [0]


@settings(max_examples=80, deadline=None)
@given(connected_graphs(most_nodes=7), st.data())
def test_cuts_are_found_when_and_only_when_there_are_some(problem, data):
    nodes, edges, terminals = problem
    graph = graph_of(nodes, edges)
    root, others = terminals[0], terminals[1:]
    value = np.array(
        data.draw(
            st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=2 * len(edges), max_size=2 * len(edges))
        )
    )
    value[graph.ends() == root] = 0.0
    worths = list(_cut_worths(graph, value, root, others)) if others else []
    first, cuts = violated_cuts(graph, value, root=root, terminals=np.array(others, np.int32))
    assert (len(first) > 1) == any(worth < 1 - 1e-4 for worth in worths)
    for number in range(len(first) - 1):
        assert value[cuts[first[number] : first[number + 1]]].sum() < 1 - 1e-6
    entering = np.bincount(graph.ends(), value, minlength=nodes)
    if (entering <= 1).all():  # then nodes joined by whole arcs may be made one
        merged, _ = violated_cuts(graph, value, root=root, terminals=np.array(others, np.int32), once=True)
        assert (len(merged) > 1) == (len(first) > 1)


@settings(max_examples=40, deadline=None)
@given(connected_graphs(most_nodes=8))
def test_relaxation_stays_below_the_optimum_and_whole_numbers_reach_it(problem):
    nodes, edges, terminals = problem
    graph = graph_of(nodes, edges)
    optimum = steiner_cost(nodes, edges, terminals)
    if len(terminals) < 2:
        return
    model = CutModel(graph, terminals[0], np.array(terminals))
    raised = raise_cuts(graph, terminals[0], np.array(terminals))
    model.add_cuts(raised.first, raised.arcs)
    relaxed = model.solve(upper=optimum + 1, time_left=lambda: 20.0)
    assert relaxed.finished
    assert relaxed.bound <= optimum + 1e-6
    whole = model.solve_whole(upper=optimum + 1, time_left=lambda: 20.0)
    assert whole.bound == pytest.approx(optimum)
