"""The invented terrain: the same for a seed, rivers in the low, roads that arrive, a file the engine reads."""

from __future__ import annotations

import numpy as np
import pytest

from hatangso.radio.terrain import open_terrain, read_grid
from hatangso_web.demo.terrain import invent_road, invent_terrain, write_terrain


@pytest.fixture(scope="module")
def terrain():
    return invent_terrain(seed=5, rows=160, columns=200)


def test_a_seed_gives_the_same_bytes_and_another_seed_others(terrain):
    again = invent_terrain(seed=5, rows=160, columns=200)
    assert again.height_m.tobytes() == terrain.height_m.tobytes()
    assert invent_terrain(seed=6, rows=160, columns=200).height_m.tobytes() != terrain.height_m.tobytes()


def test_rivers_run_lower_than_the_land_beside_them(terrain):
    assert 0.001 < terrain.river.mean() < 0.2
    rows, columns = np.nonzero(terrain.river)
    beside = [
        terrain.height_m[max(0, r - 6) : r + 7, max(0, c - 6) : c + 7].mean()
        for r, c in zip(rows, columns, strict=True)
    ]
    assert np.mean(terrain.height_m[terrain.river] < beside) > 0.8
    assert not (terrain.forest & terrain.river).any()


def test_a_road_begins_and_ends_where_it_is_told(terrain):
    road = invent_road(terrain, [(8, 8), (80, 160), (150, 20)])
    assert road[0] == pytest.approx(terrain.position(8, 8))
    assert road[-1] == pytest.approx(terrain.position(148, 20))
    assert len(road) > 60


def test_the_engine_reads_the_file(terrain, tmp_path):
    write_terrain(terrain, tmp_path / "demo.tif")
    grid, report = read_grid(open_terrain([tmp_path / "demo.tif"]))
    assert np.array_equal(grid.ground_m, terrain.height_m)
    assert report.filled_cells == 0
    assert grid.positions(0, 0) == pytest.approx(terrain.position(0, 0))
