"""Antenna patterns, tilts and files."""

from __future__ import annotations

import numpy as np
import pytest

from hatangso.errors import InputError
from hatangso.radio.antennas import Antenna, Pointing, Sector, read_msi, round_antenna, sector_antenna


def test_half_the_beam_width_off_costs_three_decibels():
    sector = Sector(sector_antenna(horizontal_deg=60, vertical_deg=10), Pointing(90))
    assert sector.attenuation_db(90, 0) == pytest.approx(0)
    assert sector.attenuation_db(120, 0) == pytest.approx(3)
    assert sector.attenuation_db(90, 5) == pytest.approx(3)
    assert sector.attenuation_db(270, 0) == 30


def test_mechanical_tilt_lowers_the_front_and_lifts_the_back_electrical_lowers_all_round():
    antenna = round_antenna(vertical_deg=10)
    mechanical, electrical = Sector(antenna, Pointing(0, 5, 0)), Sector(antenna, Pointing(0, 0, 5))
    assert mechanical.attenuation_db(0, 5) == pytest.approx(0)
    assert mechanical.attenuation_db(180, -5) == pytest.approx(0)
    assert mechanical.attenuation_db(90, 0) == pytest.approx(0)
    assert electrical.attenuation_db(180, 5) == pytest.approx(0)


def test_power_is_shared_by_the_resource_elements():
    sector = Sector(sector_antenna(gain_dbi=17), power_dbm=46, loss_db=1, resource_elements=1000)
    assert sector.element_eirp_dbm == pytest.approx(46 - 1 + 17 - 30)


def msi(path, horizontal=360, gain="GAIN 15.85 dBd"):
    rows = ["NAME panel X", gain, f"HORIZONTAL {horizontal}"]
    rows += [f"{a} {min(a, 360 - a) / 10:.1f}" for a in range(horizontal)]
    rows += ["VERTICAL 360"] + [f"{a} {min(a, 360 - a):.1f}" for a in range(360)]
    path.write_text("\n".join(rows))
    return path


def test_msi_file_is_read_with_gain_over_isotropic(tmp_path):
    antenna = read_msi(msi(tmp_path / "a.msi"))
    assert antenna.name == "panel X"
    assert antenna.gain_dbi == pytest.approx(18.0)
    assert antenna.horizontal_db[30] == 3.0
    assert antenna.vertical_db[350] == 10.0
    assert read_msi(msi(tmp_path / "b.msi", gain="GAIN 17 dBi")).gain_dbi == 17


def test_bad_msi_names_what_is_wrong(tmp_path):
    with pytest.raises(InputError, match="HORIZONTAL có 180"):
        read_msi(msi(tmp_path / "a.msi", horizontal=180))
    with pytest.raises(InputError, match="GAIN"):
        read_msi(msi(tmp_path / "b.msi", gain="COMMENT"))
    (tmp_path / "c.msi").write_text("GAIN much\n")
    with pytest.raises(InputError, match="dòng 1"):
        read_msi(tmp_path / "c.msi")


def test_refuses_impossible_pointing_and_patterns():
    with pytest.raises(InputError, match="phương vị"):
        Pointing(400)
    with pytest.raises(InputError, match="360 giá trị"):
        Antenna("x", 10, np.zeros(10), np.zeros(360))
