"""The station table: every fault with its row."""

from __future__ import annotations

import numpy as np
import pytest

from hatangso.errors import InputError, ManyInputErrors
from hatangso.radio.bands import read_bands, read_clutter_heights, read_thresholds
from hatangso.radio.grid import Grid
from hatangso.radio.profile import SEA
from hatangso.radio.stations import check_on_terrain, masts_of, read_stations

HEAD = "Mã trạm,Nhà mạng,Băng tần,Kinh độ,Vĩ độ,Độ cao anten,Góc phương vị\n"


def table(tmp_path, *rows):
    path = tmp_path / "tram.csv"
    path.write_text(HEAD + "\n".join(rows))
    return path


def test_vietnamese_headers_and_usual_values(tmp_path):
    cells, notes = read_stations(
        table(tmp_path, "A,VIETTEL,LTE1800,108.2,16.0,30,120", "A,VIETTEL,lte900,108.2,16.0,30,"),
        bands=read_bands(),
    )
    assert notes == []
    assert cells[0].sector.pointing.azimuth_deg == 120
    assert cells[0].sector.power_dbm == read_bands()["LTE1800"].power_dbm
    assert cells[1].sector.antenna.name == "omni"
    assert masts_of(cells).height == 1


@pytest.mark.parametrize(
    "row, words",
    [
        ("B,VIETTEL,LTE1800,108.2,16.0,0,10", r"dòng 2, cột height_m: '0"),
        ("B,VIETTEL,LTE1800,108.2,16.0,30,400", r"dòng 2, cột azimuth_deg: '400"),
        ("B,VIETTEL,LTE9999,108.2,16.0,30,10", r"dòng 2, cột band: 'LTE9999'"),
        ("B,VIETTEL,LTE1800,547000,1776000,30,10", r"dòng 2.*VN-2000.*kinh tuyến trục"),
        ("B,VIETTEL,LTE1800,8.2,6.0,30,10", r"dòng 2.*ngoài Việt Nam"),
    ],
)
def test_faults_name_row_and_column(tmp_path, row, words):
    with pytest.raises(InputError, match=words):
        read_stations(table(tmp_path, row), bands=read_bands())


def test_vn2000_is_converted_when_the_meridian_is_given(tmp_path):
    path = table(tmp_path, "B,VIETTEL,LTE1800,547000,1776000,30,10")
    cells, notes = read_stations(path, bands=read_bands(), meridians_deg=(107.75,))
    assert 108.1 < cells[0].lon < 108.3
    assert "dòng 2" in notes[0]


def test_duplicates_and_several_faults_come_together(tmp_path):
    same = "A,VIETTEL,LTE1800,108.2,16.0,30,120"
    with pytest.raises(ManyInputErrors) as caught:
        read_stations(table(tmp_path, same, same, "C,VIETTEL,XX,108.2,16.0,30,1"), bands=read_bands())
    assert "dòng 3: trùng với dòng 2" in str(caught.value)
    assert "dòng 4" in str(caught.value)


def test_a_station_in_the_sea_or_off_the_terrain_is_named(tmp_path):
    zone = np.full((50, 50), 4, dtype=np.uint8)
    zone[:, :25] = SEA
    grid = Grid(np.zeros((50, 50), dtype=np.float32), 108.0, 16.0, 0.01, 0.01, zone=zone)
    cells, _ = read_stations(
        table(tmp_path, "S,VNPT,LTE1800,108.1,15.9,30,", "O,VNPT,LTE1800,109.9,15.9,30,"), bands=read_bands()
    )
    with pytest.raises(ManyInputErrors, match=r"'S'.*giữa biển[\s\S]*'O'.*ngoài địa hình"):
        check_on_terrain(cells, grid)


def test_shipped_data_reads_and_says_it_is_unchecked():
    assert {"2G", "3G", "4G", "5G"} == {band.technology for band in read_bands().values()}
    assert read_thresholds().signal_dbm["4G"] == -110
    tags, codes, default = read_clutter_heights()
    assert tags["forest"] > tags["paddy"] == default == 0
    assert codes[10] == tags["forest"]
