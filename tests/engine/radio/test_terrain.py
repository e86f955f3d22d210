"""Terrain from tiles: read as one, refused with sentences when wrong."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from hatangso.errors import InputError
from hatangso.radio.grid import Grid
from hatangso.radio.profile import COASTAL, INLAND, SEA
from hatangso.radio.terrain import check_heights, open_terrain, read_grid, sea_and_coast
from tests.reference.sweep_twin import fractal

CELL = 1 / 100


def write(path, heights, west=108.0, north=16.0, *, unit="m", crs="EPSG:4326", cell=CELL):
    rows, columns = heights.shape
    with rasterio.open(
        path, "w", driver="GTiff", width=columns, height=rows, count=1, dtype="float32", crs=crs, nodata=-9999,
        transform=Affine(cell, 0, west, 0, -cell, north),
    ) as target:  # fmt: skip
        target.write(heights.astype(np.float32), 1)
        target.set_band_unit(1, unit)
    return path


def plain(value=10.0, size=20):
    return np.full((size, size), value)


def test_two_tiles_are_read_as_one(tmp_path):
    terrain = open_terrain(
        [write(tmp_path / "a.tif", plain(1)), write(tmp_path / "b.tif", plain(2), west=108.2)]
    )
    grid, report = read_grid(terrain, bounds=(108.1, 15.8, 108.3, 16.0))
    assert grid.shape == (20, 20)
    assert grid.ground_m[0, 9] == 1
    assert grid.ground_m[0, 10] == 2
    assert report.sentences == ()
    assert grid.x0 == pytest.approx(108.105)


def test_a_missing_tile_is_named(tmp_path):
    terrain = open_terrain(
        [write(tmp_path / "a.tif", plain()), write(tmp_path / "c.tif", plain(), west=109.4)]
    )
    with pytest.raises(InputError, match=r"N15E108.*N15E109"):
        read_grid(terrain)


def test_small_voids_are_filled_and_told_wide_holes_refused(tmp_path):
    heights = plain(size=60)
    heights[5:8, 5:8] = -9999
    grid, report = read_grid(open_terrain([write(tmp_path / "a.tif", heights)]))
    assert report.filled_cells == 9
    assert "9 ô trống" in report.sentences[0]
    assert grid.ground_m[6, 6] == pytest.approx(10)
    heights[20:45, 20:45] = -9999
    with pytest.raises(InputError, match=r"lỗ trống.*15\.6"):
        read_grid(open_terrain([write(tmp_path / "b.tif", heights)]))


def test_swapped_axes_are_refused(tmp_path):
    with pytest.raises(InputError, match="trục bị tráo"):
        open_terrain([write(tmp_path / "a.tif", plain(), west=15.9, north=108.2)])


def test_feet_are_refused_by_unit_by_height_and_by_step(tmp_path):
    with pytest.raises(InputError, match="mét"):
        open_terrain([write(tmp_path / "a.tif", plain(), unit="ft")])
    with pytest.raises(InputError, match="feet"):
        read_grid(open_terrain([write(tmp_path / "b.tif", plain(5000))]))
    metres = np.round(fractal(128, 1, power=2.0, highest=600))
    check_heights(metres, where="mét")
    with pytest.raises(InputError, match="3,28"):
        check_heights(np.round(metres * 3.28084), where="feet")
    with pytest.raises(InputError, match="3,28"):
        check_heights(metres * np.float32(3.28084), where="feet")


def test_tiles_of_different_grids_are_refused(tmp_path):
    a = write(tmp_path / "a.tif", plain())
    with pytest.raises(InputError, match="không cùng lưới"):
        open_terrain([a, write(tmp_path / "b.tif", plain(), cell=CELL / 2)])
    with pytest.raises(InputError, match="lệch"):
        open_terrain([a, write(tmp_path / "c.tif", plain(), west=108.204)])


def test_broken_and_absent_files_are_named(tmp_path):
    (tmp_path / "x.tif").write_bytes(b"II*\x00broken")
    for path in (tmp_path / "x.tif", tmp_path / "absent.tif"):
        with pytest.raises(InputError, match=path.name):
            open_terrain([path])


def test_hgt_is_read_by_its_name(tmp_path):
    heights = np.arange(1201 * 1201, dtype=np.int64).reshape(1201, 1201) % 500
    (tmp_path / "N16E108.hgt").write_bytes(heights.astype(">i2").tobytes())
    grid, _ = read_grid(open_terrain([tmp_path]), bounds=(108.2, 16.2, 108.3, 16.3))
    assert grid.shape == (120, 120)
    assert 0 <= grid.ground_m.min() <= grid.ground_m.max() < 500


def test_sea_is_level_water_that_reaches_the_rim_and_low_land_near_it_is_coastal():
    heights = np.full((60, 60), 300.0, dtype=np.float32)
    heights[:, :20] = 0
    heights[:, 20:30] = 5
    heights[40:43, 40:43] = 0  # a pond
    zone = sea_and_coast(Grid(heights, 108.0, 16.0, CELL, CELL))
    assert (zone[:, :20] == SEA).all()
    assert (zone[:, 20:30] == COASTAL).all()
    assert zone[41, 41] == COASTAL
    assert zone[0, 50] == INLAND


def test_real_srtm_windows(shared):
    for name in (
        "danang_srtmgl1_108.08-108.32E_15.87-16.12N.tif",
        "haiphong_srtmgl1_106.05-106.65E_20.65-20.92N.tif",
    ):
        grid, report = read_grid(open_terrain([shared("data/dem/" + name)]))
        assert grid.cell_m() == pytest.approx(30, abs=1)
        assert report.below_sea_cells > 0
