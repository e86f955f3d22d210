"""Distances between many points against a plain shortest path."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from hatangso.access.distances import distance_blocks, distances_by_road, pairs_by_air, pairs_by_road
from hatangso.access.points import Points
from hatangso.access.reach import (
    nearest_by_road,
)
from hatangso.access.roads import build_graph
from hatangso.geo import geodesic_distance_m
from tests.engine.access.small_roads import at, road


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


@pytest.mark.parametrize("count", [3, 70])
def test_blocks_make_up_the_whole_table(count, monkeypatch):
    monkeypatch.setattr("hatangso.access.distances.BLOCK_POINTS", 16)
    chance = np.random.default_rng(count)
    lon, lat = 108 + chance.random(90) / 20, 12 + chance.random(90) / 20
    graph = build_graph(
        (lon, lat), edges=(chance.integers(0, 90, 200), chance.integers(0, 90, 200)), length_m=chance.random(200) * 900
    )  # fmt: skip
    people = Points(tuple(map(str, range(90))), lon, lat, np.ones(90))
    points = Points(
        tuple(map(str, range(count))), *(108 + chance.random(count) / 20, 12 + chance.random(count) / 20)
    )
    blocks = list(distance_blocks(points, people=people, graph=graph))
    assert [first for first, _ in blocks] == list(range(0, count, 16))
    assert np.array_equal(
        np.concatenate([block for _, block in blocks]), distances_by_road(points, people=people, graph=graph)
    )
    air = np.concatenate([block for _, block in distance_blocks(points, people=people, graph=None)])
    assert air[1, 2] == pytest.approx(
        geodesic_distance_m((points.longitude[1], lon[2]), (points.latitude[1], lat[2]))
    )


def test_whoever_is_far_from_every_road_is_reached_by_nobody():
    houses = Points(("gần", "xa"), np.array([108.0, 108.5]), np.array([0.0, 0.0]), np.ones(2))
    ((_, table),) = distance_blocks(at(1), people=houses, graph=road(0, 1), farthest_snap_m=2000.0)
    assert table[0, 0] == pytest.approx(1000, rel=1e-3)
    assert np.isinf(table[0, 1])
