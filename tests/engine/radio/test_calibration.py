"""Calibration finds what was put in and says what it is worth on places it has not seen."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from hatangso.errors import InputError
from hatangso.radio.antennas import Pointing, Sector, round_antenna
from hatangso.radio.bands import Band
from hatangso.radio.calibration import calibrate, calibrated, predict_at, read_calibration, write_calibration
from hatangso.radio.clutter import LandCover
from hatangso.radio.coverage import UNCALIBRATED, CoverageParameters, compute_coverage, signal_to_noise
from hatangso.radio.grid import Grid
from hatangso.radio.stations import Cell


def samples(noise=1.0, count=300):
    draw = np.random.default_rng(2)
    distance = draw.uniform(0.3, 10, count)
    cover = np.where(draw.random(count) < 0.5, "rừng", "đô thị")
    predicted = -80 - 30 * np.log10(distance)
    measured = (
        predicted + np.where(cover == "rừng", -12, -4) - 5 * np.log10(distance) + draw.normal(0, noise, count)
    )
    return measured, predicted, distance, cover


def test_finds_offsets_and_slope():
    measured, predicted, distance, cover = samples()
    found = calibrate(measured, predicted, distance_km=distance, cover=cover)
    assert found.offsets_db["rừng"] == pytest.approx(-12, abs=0.5)
    assert found.offsets_db["đô thị"] == pytest.approx(-4, abs=0.5)
    assert found.slope_db == pytest.approx(-5, abs=0.7)
    assert found.error_after_db == pytest.approx(1, abs=0.2)
    assert found.error_before_db > 8
    assert found.worth_it
    assert found.corrected(predicted, distance, cover) == pytest.approx(measured, abs=5)


def test_noise_alone_is_not_worth_it():
    draw = np.random.default_rng(0)
    predicted = draw.uniform(-110, -70, 40)
    cover = draw.choice(list("abcdefghij"), 40)
    found = calibrate(
        predicted + draw.normal(0, 6, 40), predicted, distance_km=draw.uniform(1, 5, 40), cover=cover
    )
    assert not found.worth_it


def test_samples_of_one_place_are_left_out_together():
    measured, predicted, distance, cover = samples(count=60)
    block = np.repeat(np.arange(6), 10)
    measured = measured + 6 * (block % 2)  # each place has an error of its own
    loose = calibrate(measured, predicted, distance_km=distance, cover=cover)
    strict = calibrate(measured, predicted, distance_km=distance, cover=cover, block=block)
    assert strict.error_after_db > loose.error_after_db


def test_refuses_too_few():
    with pytest.raises(InputError, match="20 mẫu"):
        calibrate(np.zeros(5), np.zeros(5), distance_km=np.ones(5), cover=np.array(["a"] * 5))


@pytest.fixture(scope="module")
def run_on_a_plain():
    """One station on a plain, land cover "forest" in the east and unknown in the west."""
    grid = Grid(np.zeros((120, 120), dtype=np.float32), 108.0, 16.0, 1 / 1800, 1 / 1800)
    lon, lat = (float(v) for v in grid.positions(60, 60))
    band = Band("LTE1800", "4G", 1800, 20, 1200, 46, 17, 1, ("A",))
    cell = Cell(
        "S1", "A", band, lon, lat, 30.0, Sector(round_antenna(vertical_deg=60), Pointing(0.0), 46.0), 0.5
    )
    parameters = CoverageParameters(radius_km=3, step_m=60, ray_spacing_m=60, with_interference=True)
    number = np.zeros(grid.shape, dtype=np.uint8)
    number[:, 61:] = 1
    cover = LandCover(number, ("không rõ", "forest"), (0.0, 15.0), {})
    return compute_coverage([cell], grid=grid, parameters=parameters), cover


def measured(result, *, east_db, west_db, technology=None):
    rows, columns = np.meshgrid(np.arange(20, 101, 10), np.arange(20, 101, 8), indexing="ij")
    lon, lat = result.grid.positions(rows.ravel(), columns.ravel())
    best, _ = result.best_of("A", "4G")
    signal = best[rows.ravel(), columns.ravel()] + np.where(columns.ravel() > 60, east_db, west_db)
    table = {"lon": [*lon, 109.5], "lat": [*lat, 15.9], "signal_dbm": [*signal.astype(float), -90.0]}
    return pl.DataFrame(table).with_columns(
        pl.lit(None, pl.String).alias("operator"), pl.lit(technology, pl.String).alias("technology")
    )


def test_what_is_measured_comes_back_when_the_run_is_corrected(run_on_a_plain, tmp_path):
    result, cover = run_on_a_plain
    samples_read = measured(result, east_db=-12.0, west_db=3.0)
    said = predict_at(samples_read, coverage=result, cover=cover)
    assert samples_read.height - 1 not in said.used
    assert set(said.cover) == {"không rõ", "forest"}
    # The corners, 40 cells away both ways, lie beyond the radius of 3 km; the farthest sample within is 40 by 24 cells off.
    assert said.distance_km.max() == pytest.approx(math.hypot(40 * 0.0617, 24 * 0.0594), rel=0.02)
    found = calibrate(
        samples_read["signal_dbm"].to_numpy()[said.used], said.signal_dbm, distance_km=said.distance_km,
        cover=said.cover, block=said.block,
    )  # fmt: skip
    assert found.offsets_db == pytest.approx({"forest": -12.0, "không rõ": 3.0}, abs=0.01)
    write_calibration(found, tmp_path / "c.json", stations="s.csv")
    assert read_calibration(tmp_path / "c.json") == found
    after = calibrated(result, found, cover=cover, source="c.json")
    moved = after.best_of("A", "4G")[0] - result.best_of("A", "4G")[0]
    assert moved[60, 90] == pytest.approx(-12, abs=0.05)
    assert moved[60, 30] == pytest.approx(3, abs=0.05)
    assert "c.json" in after.notes[-1]
    assert UNCALIBRATED in result.notes
    assert UNCALIBRATED not in after.notes
    quiet = signal_to_noise(after, ("A", "LTE1800"), noise_figure_db=9)
    assert quiet[60, 90] == pytest.approx(
        signal_to_noise(result, ("A", "LTE1800"), noise_figure_db=9)[60, 90] - 12, abs=0.2
    )


def test_refuses_what_the_run_does_not_have_and_broken_files(run_on_a_plain, tmp_path):
    result, cover = run_on_a_plain
    with pytest.raises(InputError, match="5G"):
        predict_at(measured(result, east_db=0, west_db=0, technology="5G"), coverage=result, cover=cover)
    (tmp_path / "c.json").write_text('{"offsets_db": {}, "slope_db": 0}')
    with pytest.raises(InputError, match=r"c\.json"):
        read_calibration(tmp_path / "c.json")
