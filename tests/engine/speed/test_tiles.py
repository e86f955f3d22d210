"""Averages of map tiles: context that never becomes a sample."""

import pytest

from hatangso.errors import InputError
from hatangso.speed.samples import Source, read_samples
from hatangso.speed.tiles import read_tile_averages, tile_centres
from hatangso.tables import write_table

TILES = "quadkey,avg_d_kbps,avg_u_kbps,avg_lat_ms,tests,devices\n213,25300,5000,20,7,3\n,1000,500,20,1,1\n"


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "tiles.csv"
    file.write_text(TILES, encoding="utf-8")
    return file


def test_they_are_refused_as_samples(path):
    with pytest.raises(InputError, match="bình quân theo ô"):
        read_samples(path, Source("Ookla", network="fixed"))


def test_they_are_read_as_context_with_the_middle_of_the_tile(path):
    tiles = read_tile_averages(path)
    assert tiles.select("download_mbps", "kind", "lon").row(0) == (25.3, "tile_average", -22.5)
    assert tiles["lon"].to_list() == [-22.5, None]


def test_quadkey_of_the_manual_lies_where_it_says():
    # tile 3, 5 of level 3 is "213": columns 3/8-4/8, rows 5/8-6/8
    lon, lat = tile_centres(["213"])
    assert lon[0] == -22.5
    assert -66.6 < lat[0] < -40.9


@pytest.mark.shared
def test_real_tiles_with_outlines_can_be_written_as_csv(shared, tmp_path):
    tiles = read_tile_averages(shared("data/speed/ookla/fixed_cnmi_2022Q1.geojson.gz"))
    assert tiles.height > 50
    assert (tiles["download_mbps"] > 0).all()
    assert tiles["lon"].is_between(144, 147).all() and tiles["lat"].is_between(14, 21).all()
    write_table(tiles, tmp_path / "o.csv")
    assert (tmp_path / "o.csv").read_text(encoding="utf-8").count("\n") == tiles.height + 1
