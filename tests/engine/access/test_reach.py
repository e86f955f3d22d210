"""Reach of service points, by air and by road, against numbers one can check."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from hatangso.access.points import Points
from hatangso.access.reach import (
    areas_without_point,
    nearest_by_air,
    nearest_by_road,
    service_areas,
    summarise_reach,
)
from hatangso.access.roads import build_graph, graph_from_lines
from tests.engine.access.small_roads import KM, at, road


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


def test_communes_without_a_staffed_point():
    posts = Points(("p", "q"), np.full(2, 108.0), np.zeros(2), area_code=("xã 1", "xã 2"))
    assert areas_without_point(["xã 1", "xã 2", "xã 3"], points=posts, staffed=np.array([True, False])) == (
        "xã 2",
        "xã 3",
    )


def test_everybody_belongs_to_the_nearest_point():
    people = at(0, 0.4, 2, 9.2, 10, people=100)
    points = at(0, 10)
    areas = service_areas(people, nearest=nearest_by_air(people, points=points), points=3)
    assert areas.people.tolist() == [300, 200, 0]
    assert areas.people_within.tolist() == [[200, 200, 300], [100, 200, 200], [0, 0, 0]]
    assert areas.farthest_m[:2] == pytest.approx([2000, 800], rel=1e-3)
    assert np.isnan(areas.farthest_m[2])
