"""Reach of service points, by air and by road, against numbers one can check and a plain shortest path."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from hatangso.access import (
    Points,
    areas_without_point,
    build_graph,
    distances_by_road,
    graph_from_lines,
    nearest_by_air,
    nearest_by_road,
    next_points,
    pairs_by_air,
    pairs_by_road,
    snap,
    summarise_reach,
)
from hatangso.errors import InputError
from hatangso.geo import geodesic_distance_m

KM = 1 / 110.574  # one kilometre in degrees of latitude at the equator, nearly


def at(*kilometres: float, people: float | None = None) -> Points:
    """Return points so many kilometres north of the equator on one meridian."""
    count = len(kilometres)
    weights = np.zeros(0) if people is None else np.full(count, people)
    names = tuple(f"{km:g}" for km in kilometres)
    return Points(names, np.full(count, 108.0), np.array(kilometres) * KM, weights)


def road(*kilometres: float):
    """Return a straight road with nodes at these kilometres."""
    place = np.array(kilometres)
    numbers = np.arange(len(place))
    return build_graph(
        (np.full(len(place), 108.0), place * KM),
        edges=(numbers[:-1], numbers[1:]),
        length_m=np.diff(place) * 1000,
    )


def test_people_within_each_radius():
    people = at(0, 0.4, 0.9, 2.5, 10, people=100)
    near = nearest_by_air(people, points=at(0))
    reach = summarise_reach(people, nearest=near, points=1, area_km2=np.pi * 4)
    assert reach.people_within == (200, 300, 400)
    assert reach.share_within == (0.4, 0.6, 0.8)
    assert reach.people_per_point == 500
    assert reach.mean_service_radius_m == pytest.approx(2000)
    assert reach.mean_distance_m == pytest.approx((0 + 400 + 900 + 2500 + 10000) / 5, rel=1e-3)


def test_no_points_at_all_reach_nobody():
    people = at(0, 1, people=10)
    reach = summarise_reach(people, nearest=nearest_by_air(people, points=at()), points=0)
    assert reach.people_within == (0, 0, 0)
    assert reach.people_unreachable == 20
    assert (reach.people_per_point, reach.mean_distance_m, reach.unreachable) == (None, None, ("0", "1"))


def test_the_road_is_longer_than_the_air_when_it_bends():
    bend = graph_from_lines(
        np.array([shapely.LineString([(108, 0), (108.02, 0), (108.02, 0.02), (108, 0.02)])])
    )
    people, points = at(0.02 / KM, people=1), at(0)
    by_air, by_road = (
        nearest_by_air(people, points=points),
        nearest_by_road(people, points=points, graph=bend),
    )
    assert by_road.distance_m[0] == pytest.approx(3 * by_air.distance_m[0], rel=0.01)
    assert by_road.snap_m[0] == pytest.approx(0, abs=1e-6)


def test_the_way_to_the_road_counts_and_too_far_is_unreachable():
    people = Points(("gần", "xa"), np.array([108 + KM, 109.0]), np.array([0.0, 0.0]), np.array([1.0, 1.0]))
    near = nearest_by_road(people, points=at(2), graph=road(0, 2))
    assert near.snap_m[0] == pytest.approx(1000, rel=0.01)
    assert near.distance_m[0] == pytest.approx(3000, rel=0.01)
    assert np.isinf(near.distance_m[1])
    assert near.point.tolist() == [0, -1]


def test_two_roads_that_do_not_meet_do_not_join():
    graph = build_graph(
        (np.full(4, 108.0), np.array([0, 1, 5, 6]) * KM), edges=(np.array([0, 2]), np.array([1, 3])),
        length_m=np.array([1000.0, 1000.0]),
    )  # fmt: skip
    near = nearest_by_road(at(1, 6, people=1), points=at(0), graph=graph)
    assert near.distance_m[0] == pytest.approx(1000, abs=1)
    assert np.isinf(near.distance_m[1])


def test_many_trees_agree_with_scipy():
    chance = np.random.default_rng(2)
    count, edges = 200, 500
    first, second = chance.integers(0, count, edges), chance.integers(0, count, edges)
    length = chance.integers(1, 500, edges).astype(float)
    lon, lat = 108 + chance.random(count), 12 + chance.random(count)
    graph = build_graph((lon, lat), edges=(first, second), length_m=length)
    people = Points(tuple(map(str, range(count))), lon, lat, np.ones(count))
    posts = Points(("a", "b", "c"), lon[:3], lat[:3])
    least = np.full((count, count), np.inf)
    np.minimum.at(least, (first, second), length)
    least = np.minimum(least, least.T)
    sparse = csr_matrix(np.where(np.isinf(least), 0, least))
    expected = dijkstra(sparse, directed=False, indices=[0, 1, 2])
    found = pairs_by_road(posts, people=people, graph=graph)
    got = np.full((3, count), np.inf)
    got[np.repeat(np.arange(3), np.diff(found.start)), found.people_point] = found.distance_m
    assert np.allclose(got, expected)
    assert np.allclose(distances_by_road(posts, people=people, graph=graph), expected)
    near = nearest_by_road(people, points=posts, graph=graph)
    assert np.allclose(near.distance_m, expected.min(axis=0))
    limited = pairs_by_road(posts, people=people, graph=graph, limit_m=600)
    assert len(limited.distance_m) == np.sum(expected <= 600)


def test_many_points_get_the_same_table_as_few():
    chance = np.random.default_rng(4)
    lon, lat = 108 + chance.random(150) / 20, 12 + chance.random(150) / 20
    graph = build_graph(
        (lon, lat), edges=(chance.integers(0, 150, 320), chance.integers(0, 150, 320)), length_m=chance.random(320) * 900
    )  # fmt: skip
    houses = Points(tuple(map(str, range(150))), lon, lat, np.ones(150))
    many = Points(tuple(map(str, range(70))), lon[:70], lat[:70])
    table = distances_by_road(many, people=houses, graph=graph)
    for part in (slice(0, 35), slice(35, 70)):
        few = Points(many.ids[part], many.longitude[part], many.latitude[part])
        assert np.allclose(table[part], distances_by_road(few, people=houses, graph=graph))


def test_pairs_by_air_are_those_within_the_limit():
    people, posts = at(0, 1, 2, 3.5, people=1), at(0, 3)
    found = pairs_by_air(posts, people=people, limit_m=1100)
    assert found.start.tolist() == [0, 2, 4]
    assert found.people_point.tolist() == [0, 1, 2, 3]


def test_snapping_shows_the_distance():
    node, far = snap(at(0.2, 1.9), graph=road(0, 1, 2))
    assert node.tolist() == [0, 2]
    assert far == pytest.approx([200, 100], rel=1e-2)


def test_next_points_reach_the_most_people_not_yet_reached():
    people = Points(("a", "b", "c"), np.full(3, 108.0), np.array([0, 10, 20]) * KM, np.array([5.0, 9.0, 7.0]))
    possible = at(0, 10, 20)
    answer = next_points(
        people, standing=pairs_by_air(at(10), people=people, limit_m=3000),
        candidates=(possible, pairs_by_air(possible, people=people, limit_m=3000)), count=1,
    )  # fmt: skip
    assert answer.chosen == ("20",)
    assert answer.value == answer.bound == 16


def test_communes_without_a_staffed_point():
    posts = Points(("p", "q"), np.full(2, 108.0), np.zeros(2), area_code=("xã 1", "xã 2"))
    assert areas_without_point(["xã 1", "xã 2", "xã 3"], points=posts, staffed=np.array([True, False])) == (
        "xã 2",
        "xã 3",
    )


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
