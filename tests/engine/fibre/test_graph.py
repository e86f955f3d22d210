import numpy as np
import pytest

from hatangso.errors import ManyInputErrors
from hatangso.fibre.graph import components, make_graph


def test_arcs_of_a_node_lead_to_its_neighbours():
    graph = make_graph(3, np.array([0, 1]), np.array([1, 2]), np.array([4.0, 5.0]))
    ends = graph.ends()
    assert sorted(ends[graph.arcs[graph.first[1] : graph.first[2]]]) == [0, 2]
    assert graph.cost[graph.arcs[graph.first[2]] >> 1] == 5.0


def test_loops_are_dropped_and_components_numbered():
    graph = make_graph(4, np.array([0, 1, 2]), np.array([0, 2, 1]), np.array([1.0, 1.0, 2.0]))
    assert graph.edges == 2
    label = components(graph)
    assert label[1] == label[2]
    assert len(set(label)) == 3


def test_wrong_rows_are_all_named():
    with pytest.raises(ManyInputErrors) as caught:
        make_graph(2, np.array([0, 0, 0, 5]), np.array([1, 1, 1, 1]), np.array([1.0, -2.0, np.nan, 1.0]))
    text = str(caught.value)
    assert all(words in text for words in ("Cạnh 2", "Cạnh 3", "Cạnh 4", "-2", "nan"))
