"""The road graph and where points join it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from hatangso.access.points import Points
from hatangso.access.roads import build_graph, graph_from_lines, snap
from hatangso.errors import InputError
from hatangso.geo import geodesic_distance_m
from tests.engine.access.small_roads import KM, at, road


def test_snapping_shows_the_distance():
    node, far = snap(at(0.2, 1.9), graph=road(0, 1, 2))
    assert node.tolist() == [0, 2]
    assert far == pytest.approx([200, 100], rel=1e-2)


def test_bad_points_and_edges_are_refused():
    with pytest.raises(InputError, match="lặp lại"):
        at(1, 1)
    with pytest.raises(InputError, match="tọa độ"):
        Points(("x",), np.array([500.0]), np.array([0.0]))
    with pytest.raises(InputError, match="tổng bằng 0"):
        at(1, people=0)
    with pytest.raises(InputError, match="Cạnh đường thứ 1"):
        build_graph(
            (np.zeros(2), np.zeros(2)), edges=(np.array([0]), np.array([1])), length_m=np.array([-1.0])
        )
    with pytest.raises(InputError, match="không có đường nào"):
        graph_from_lines(np.array([shapely.Point(0, 0)]))


def test_lengths_of_lines_are_on_the_ellipsoid():
    graph = graph_from_lines(np.array([shapely.LineString([(108, 0), (108, 0.01)])]))
    whole = geodesic_distance_m((108.0, 108.0), (0.0, 0.01))
    assert graph.length_m.sum() / 2 == pytest.approx(float(whole))


def test_points_join_the_network_not_a_stray_yard_beside_it():
    # The road has nodes every kilometre; a yard of 30 m lies 50 m from the house, the road 120 m; an island 5 km out.
    yard = shapely.LineString([(108.00045, 0.5 * KM), (108.00072, 0.5 * KM)])
    island = shapely.LineString([(108.05, 0.0), (108.0505, 0.0)])
    way = shapely.LineString([(108.0, 0.0), (108.0, 0.5 * KM), (108.0, 20 * KM)])
    graph = graph_from_lines(np.array([way, yard, island]))
    house = Points(("nhà", "đảo"), np.array([108.0009, 108.0502]), np.array([0.5 * KM, 0.0]), np.ones(2))
    node, far = snap(house, graph=graph)
    assert graph.longitude[node].tolist() == pytest.approx([108.0, 108.05], abs=6e-4)
    assert far[0] == pytest.approx(100, abs=2)
    assert far[1] < 40
