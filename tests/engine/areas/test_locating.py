"""Points to polygons: as shapely inside, exactly one area on a border, the first where areas overlap."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import Delaunay, QhullError

from hatangso.areas.locating import build_locator
from hatangso.errors import InputError
from tests.reference.locating_by_hand import assign_by_hand

SQUARES = [shapely.box(column, row, column + 1, row + 1) for row in range(3) for column in range(3)]


def assign(polygons, points, **more) -> list[int]:
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    return build_locator(polygons, **more).assign(points[:, 0], points[:, 1]).tolist()


def test_points_inside_go_to_their_square():
    assert assign(SQUARES, [(0.5, 0.5), (1.5, 0.5), (2.5, 2.5)]) == [0, 1, 8]


def test_points_outside_and_not_finite_go_nowhere():
    assert assign(SQUARES, [(-0.1, 1), (3.2, 1), (1, 9), (np.nan, 1), (1, np.inf)]) == [-1] * 5


def test_a_border_belongs_to_the_area_on_its_left_and_above_it():
    """(1, 0.5) lies between squares 0 and 1; (0.5, 1) between 0 and 3; (1, 1) is the corner of four."""
    assert assign(SQUARES, [(1, 0.5), (0.5, 1), (1, 1)]) == [0, 3, 3]


def test_the_first_of_two_overlapping_areas_has_the_point():
    big, small = shapely.box(0, 0, 10, 10), shapely.box(4, 4, 5, 5)
    assert assign([small, big], [(4.5, 4.5), (1, 1)]) == [0, 1]
    assert assign([big, small], [(4.5, 4.5), (1, 1)]) == [0, 0]


def test_a_hole_and_the_parts_of_a_multipolygon():
    ring = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (6, 3), (6, 6), (3, 6)]])
    both = shapely.MultiPolygon([ring, shapely.box(20, 0, 21, 1)])
    assert assign([both], [(1, 1), (4, 4), (20.5, 0.5), (15, 0.5)]) == [0, -1, 0, -1]


def test_an_empty_polygon_has_no_points_and_keeps_its_number():
    assert assign([shapely.Polygon(), shapely.box(0, 0, 1, 1)], [(0.5, 0.5)]) == [1]


@pytest.mark.parametrize("cell", [0.07, 0.5, 1.0, 50.0])
def test_the_size_of_the_grid_changes_nothing(cell):
    points = [(x / 4 + 0.01, y / 4 + 0.02) for x in range(12) for y in range(12)]
    assert assign(SQUARES, points, cell=cell) == assign(SQUARES, points)


def test_the_answer_can_be_written_into_a_given_array():
    locator = build_locator(SQUARES)
    out = np.zeros(2, dtype=np.int32)
    assert locator.assign(np.array([0.5, 9.0]), np.array([0.5, 0.5]), out=out) is out
    assert out.tolist() == [0, -1]
    with pytest.raises(InputError, match="int32"):
        locator.assign(np.zeros(2), np.zeros(2), out=np.zeros(2))


def test_lines_and_nothing_are_refused():
    with pytest.raises(InputError, match="không phải vùng"):
        build_locator([shapely.LineString([(0, 0), (1, 1)])])
    with pytest.raises(InputError, match="toàn vùng rỗng"):
        build_locator([shapely.Polygon()])
    with pytest.raises(InputError, match="hai mảng"):
        build_locator(SQUARES).assign(np.zeros(2), np.zeros(3))


corners = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=4, max_size=14, unique=True)


@settings(max_examples=30, deadline=None)
@given(corners, st.sampled_from([0.9, 3.0, 7.5]))
def test_a_partition_gives_every_point_of_the_lattice_to_exactly_one_triangle(points, cell):
    """Lattice points fall on corners and borders all the time; the twin counts in exact fractions."""
    try:
        mesh = Delaunay(np.array(points, dtype=float))
    except QhullError:
        return
    triangles = [shapely.Polygon(mesh.points[corner]) for corner in mesh.simplices]
    lattice = [(x, y) for x in range(-1, 14) for y in range(-1, 14)]
    found = assign(triangles, lattice, cell=cell)
    assert found == [assign_by_hand(triangles, x, y) for x, y in lattice]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.02, 3.0))
def test_random_stars_agree_with_shapely(seed, cell):
    random = np.random.default_rng(seed)
    stars = []
    for _ in range(5):
        angle = np.sort(random.uniform(0, 2 * np.pi, 9))
        reach = random.uniform(0.2, 2.0, 9)
        centre = random.uniform(0, 5, 2)
        star = shapely.Polygon(np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None] + centre)
        stars.append(star if star.is_valid else star.convex_hull)
    points = random.uniform(-1, 7, (300, 2))
    inside = np.array([shapely.contains_xy(star, points[:, 0], points[:, 1]) for star in stars])
    expected = np.where(inside.any(axis=0), inside.argmax(axis=0), -1)
    assert assign(stars, points, cell=cell) == expected.tolist()


def test_many_points_shared_out_over_threads_and_blocks_get_what_few_points_get(monkeypatch):
    generator = np.random.default_rng(9)
    squares = [shapely.box(x, y, x + 1, y + 1) for x in range(6) for y in range(6)]
    locator = build_locator(squares)
    x, y = generator.uniform(-1, 7, 70_001), generator.uniform(-1, 7, 70_001)
    x[:3] = [np.nan, np.inf, 2.0]
    one_by_one = [locator.assign(x[point : point + 1], y[point : point + 1])[0] for point in range(500)]
    few = locator.assign(x, y)
    assert few[:500].tolist() == one_by_one
    monkeypatch.setattr("hatangso.areas.locating._MANY_POINTS", 10)
    monkeypatch.setattr("hatangso.areas.locating.get_num_threads", lambda: 3)
    assert np.array_equal(locator.assign(x, y), few)


def test_points_on_the_lines_of_cells_and_fine_cells_agree_with_counting_by_hand():
    star = shapely.Polygon([(0, 0), (4, 1), (8, 0), (7, 4), (8, 8), (4, 7), (0, 8), (1, 4)])
    others = [shapely.box(-1, -1, 4, 9).difference(star), shapely.box(4, -1, 9, 9).difference(star)]
    lattice = [(column / 8, row / 8) for column in range(-8, 73, 3) for row in range(-8, 73, 3)]
    expected = [assign_by_hand([star, *others], x, y) for x, y in lattice]
    assert set(expected) == {-1, 0, 1, 2}
    assert assign([star, *others], lattice, cell=1.0) == expected
