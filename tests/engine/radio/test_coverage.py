"""From stations to the best signal, who is served and why not, the same on any hands."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import rasterio
import shapely

from hatangso import executor
from hatangso.errors import InputError
from hatangso.maps.layers import MapSheet
from hatangso.radio.antennas import Pointing, Sector, round_antenna, sector_antenna
from hatangso.radio.bands import Band, read_thresholds
from hatangso.radio.candidates import Candidate, Ground, Rules, candidate_matrix
from hatangso.radio.coverage import (
    NOTHING_DBM,
    CoverageParameters,
    Hands,
    compute_coverage,
    compute_part,
    signal_to_noise,
    split_parts,
)  # fmt: skip
from hatangso.radio.coverage_files import PartStore, SignalMap, draw_signal, fingerprint, write_signal
from hatangso.radio.grid import Grid
from hatangso.radio.served import (
    Need,
    Service,
    areas_served,
    need_of,
    places_served,
    raster_served,
    roads_served,
    service_probability,
    throughput_mbps,
    total_served,
)  # fmt: skip
from hatangso.radio.shortrange import short_range_loss
from hatangso.radio.stations import Cell
from tests.reference.sweep_twin import fractal

CELL_DEG = 1 / 1800
BAND = Band("LTE1800", "4G", 1800, 20, 1200, 46, 17, 1, ("A", "B"))
PARAMETERS = CoverageParameters(radius_km=3, step_m=60, ray_spacing_m=60)


def flat(size=120, heights=None):
    ground = np.zeros((size, size), dtype=np.float32) if heights is None else heights
    return Grid(ground, 108.0, 16.0, CELL_DEG, CELL_DEG)


def cell(grid, row, column, name="S1", operator="A", *, azimuth=None, band=BAND, load=None, power=46.0):
    lon, lat = (float(v) for v in grid.positions(row, column))
    antenna = round_antenna(gain_dbi=17, vertical_deg=60) if azimuth is None else sector_antenna()
    return Cell(name, operator, band, lon, lat, 30.0, Sector(antenna, Pointing(azimuth or 0.0), power), load)


def place(grid, row, column, name="T1", people=100.0):
    lon, lat = (float(v) for v in grid.positions(row, column))
    return {"place_id": name, "name": name, "lon": lon, "lat": lat, "people": people}


def test_signal_is_power_less_loss_less_pattern():
    grid = flat()
    east = cell(grid, 60, 60, azimuth=90)
    best = compute_coverage([east], grid=grid, parameters=PARAMETERS).layers["A", "LTE1800"].best_dbm
    metres = 2 * 60 * 0.96  # two cells east, inside 250 m: the stated fallback
    loss = short_range_loss(
        111.2 * 1.0 * CELL_DEG * 2 * 1000 * math.cos(math.radians(15.97)), 28.5, 1.8, 30, 1.5, True
    )[0]
    below = math.degrees(math.atan2(28.5, metres))
    assert best[60, 62] == pytest.approx(
        east.sector.element_eirp_dbm - loss - east.sector.attenuation_db(90, below), abs=0.5
    )
    assert best[60, 90] > best[60, 30] + 25  # thirty decibels front to back
    assert best[0, 0] == NOTHING_DBM


def test_best_server_and_ties_go_to_the_lower_number():
    grid = flat()
    cells = [cell(grid, 60, 40, "L"), cell(grid, 60, 80, "R"), cell(grid, 60, 80, "R2")]
    layer = compute_coverage(cells, grid=grid, parameters=PARAMETERS).layers["A", "LTE1800"]
    assert layer.server[60, 45] == 0
    assert layer.server[60, 75] == 1


def run_backwards(work, tasks):
    for number in reversed(range(len(tasks))):
        yield number, work(tasks[number])


def all_bytes(coverage):
    return b"".join(
        x.tobytes() for layer in coverage.layers.values() for x in (layer.best_dbm, layer.server, layer.heard)
    )


@pytest.fixture(scope="module")
def hilly():
    grid = flat(heights=fractal(120, 4, power=2.0, highest=300))
    cells = [cell(grid, 20 + 20 * i, 30 + 15 * i, f"S{i}", "AB"[i % 2], load=0.5) for i in range(5)]
    return cells, grid, replace(PARAMETERS, with_interference=True)


def test_any_order_and_any_hands_give_the_same_bytes(hilly):
    cells, grid, parameters = hilly

    def compute(run=executor.run_here, per_task=2):
        return compute_coverage(cells, grid=grid, parameters=parameters, hands=Hands(run, per_task))

    here = all_bytes(compute())
    assert all_bytes(compute(run=run_backwards)) == here
    with executor.threads(2) as run:
        assert all_bytes(compute(run=run)) == here
    assert all_bytes(compute(per_task=5)) == here


def test_a_stopped_run_goes_on_and_ends_in_the_same_bytes(hilly, tmp_path):
    cells, grid, parameters = hilly

    def compute(run=executor.run_here, kept=None):
        return compute_coverage(cells, grid=grid, parameters=parameters, hands=Hands(run, 1, kept=kept))

    kept = PartStore(tmp_path / "parts", fingerprint(cells, grid, parameters))

    def stop_after_two(work, tasks):
        for number in range(2):
            yield number, work(tasks[number])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compute(run=stop_after_two, kept=kept)
    (tmp_path / "parts" / "000001.npz").write_bytes(b"cut off")
    computed = []

    def counting(work, tasks):
        computed.extend(tasks)
        yield from executor.run_here(work, tasks)

    assert all_bytes(compute(run=counting, kept=kept)) == all_bytes(compute())
    assert len(computed) == 4  # the whole part was kept, the cut one not
    with pytest.raises(InputError, match="lần chạy khác"):
        PartStore(tmp_path / "parts", fingerprint(cells[:2], grid, parameters))


def test_interference_of_an_equal_neighbour_leaves_zero_decibels():
    grid = flat()
    cells = [cell(grid, 60, 40, "L", load=1.0), cell(grid, 60, 80, "R", load=1.0)]
    coverage = compute_coverage(cells, grid=grid, parameters=replace(PARAMETERS, with_interference=True))
    sinr = signal_to_noise(coverage, ("A", "LTE1800"), noise_figure_db=9)
    assert sinr[60, 60] == pytest.approx(0, abs=0.3)
    assert sinr[60, 45] > 15
    rate = throughput_mbps(np.array([-20.0, 0.0, 60.0]), bandwidth_mhz=20, thresholds=read_thresholds())
    assert rate.tolist() == pytest.approx([0, 0.6 * 20, 6 * 20])
    with pytest.raises(InputError, match="load"):
        signal_to_noise(
            compute_coverage(cells, grid=grid, parameters=PARAMETERS), ("A", "LTE1800"), noise_figure_db=9
        )


def test_probability_is_half_at_the_threshold_and_the_band_holds_it():
    need = Need(-110.0, 4.0)
    assert service_probability(np.array([-110.0, -106.0, -250.0]), need).tolist() == pytest.approx(
        [0.5, 0.8413, 0], abs=1e-3
    )
    assert service_probability(np.array([-110.0]), need, shift_db=-4)[0] == pytest.approx(0.1587, abs=1e-3)


def walled():
    heights = np.zeros((120, 120), dtype=np.float32)
    heights[:, 75] = 400
    return flat(heights=heights)


def test_hollow_villages_have_their_reason():
    grid = walled()
    coverage = compute_coverage([cell(grid, 60, 60)], grid=grid, parameters=PARAMETERS)
    places = pl.DataFrame([
        place(grid, 60, 40, "gần"), place(grid, 60, 85, "sau núi"), place(grid, 5, 5, "xa"),
    ])  # fmt: skip
    table = places_served(places, Service("4G"), coverage=coverage, thresholds=read_thresholds())
    assert table["hollow"].to_list() == [False, True, True]
    assert table["reason"].to_list()[1:] == [
        "bị địa hình hoặc vật che phủ chắn",
        "không có trạm nào trong tầm",
    ]
    weak = compute_coverage([cell(grid, 60, 60, power=-10.0)], grid=grid, parameters=PARAMETERS)
    far = places_served(
        pl.DataFrame([place(grid, 60, 20)]), Service("4G"), coverage=weak, thresholds=read_thresholds()
    )
    assert far["reason"].to_list() == ["quá xa trạm gần nhất"]
    totals = total_served(table)
    assert totals["people"] == 300
    assert totals["people_served_low"] <= totals["people_served"] <= totals["people_served_high"]
    assert totals["hollow_places"] == 2


def test_indoor_needs_what_the_wall_takes():
    grid = flat()
    coverage = compute_coverage([cell(grid, 60, 60)], grid=grid, parameters=PARAMETERS)
    need = {
        s: need_of(Service("4G", None, s), coverage=coverage, thresholds=read_thresholds())
        for s in ("outdoor", "indoor", "vehicle")
    }
    assert need["vehicle"].signal_dbm == need["outdoor"].signal_dbm + 8
    assert 12 < need["indoor"].signal_dbm - need["outdoor"].signal_dbm < 18
    assert need["indoor"].sigma_db > need["outdoor"].sigma_db
    with pytest.raises(InputError, match="5G"):
        need_of(Service("5G"), coverage=coverage, thresholds=read_thresholds())


def test_people_in_cells_and_roads_are_counted():
    grid = walled()
    coverage = compute_coverage([cell(grid, 60, 60)], grid=grid, parameters=PARAMETERS)
    people = np.zeros(grid.shape)
    people[60, 40], people[60, 85] = 70, 30
    served = raster_served(people, Service("4G"), coverage=coverage, thresholds=read_thresholds())
    assert served["people"] == 100
    assert served["percent"] == pytest.approx(70, abs=1)
    ends = [grid.positions(60, c) for c in (40, 75, 95)]
    road = shapely.LineString([(float(x), float(y)) for x, y in ends])
    table = roads_served(
        ["QL1"], np.array([road]), Service("4G"), coverage=coverage, thresholds=read_thresholds()
    )
    assert table["length_km"][0] == pytest.approx(55 * 0.0594, rel=0.02)
    assert table["served_share"][0] == pytest.approx(35 / 55, abs=0.05)
    assert table["longest_gap_km"][0] == pytest.approx(20 * 0.0594, rel=0.1)


def test_areas_have_their_share_and_outside_is_unknown():
    grid = walled()
    coverage = compute_coverage([cell(grid, 60, 60)], grid=grid, parameters=PARAMETERS)
    people = np.zeros(grid.shape)
    people[60, 40] = 70
    (west, north), (east, south) = grid.positions(40, 30), grid.positions(80, 70)
    near = shapely.box(float(west), float(south), float(east), float(north))
    table = areas_served(
        ["gần", "ngoài"], np.array([near, shapely.box(0, 0, 1, 1)]), Service("4G"), coverage=coverage,
        thresholds=read_thresholds(), people=people,
    )  # fmt: skip
    assert table["cells"][0] == pytest.approx(1600, abs=90)
    assert table["served_share"][0] > 0.95
    assert table["people_served"][0] == pytest.approx(70, abs=1)
    assert table["served_share"].to_list()[1] is None
    assert table["served_share_low"][0] <= table["served_share"][0] <= table["served_share_high"][0]


def test_candidates_serve_the_points_that_coverage_says(tmp_path):
    grid = walled()
    places = pl.DataFrame([place(grid, 60, 40, "W"), place(grid, 60, 85, "E")])
    candidates = [
        Candidate(name, *(float(v) for v in grid.positions(60, c)), 30.0, 1.8, 31.0)
        for name, c in (("e", 90), ("w", 60))
    ]
    ground, rules = Ground(grid, PARAMETERS), Rules(Need(-110, 4))
    matrix = candidate_matrix(candidates, places, ground=ground, rules=rules, hands=Hands(per_task=1))
    assert matrix.toarray() == pytest.approx(np.array([[0, 1], [1, 0]]), abs=0.05)
    together = candidate_matrix(candidates, places, ground=ground, rules=rules)
    assert (together != matrix).nnz == 0
    with pytest.raises(InputError, match="least_share"):
        Rules(Need(-110, 4), least_share=0)


def test_files_are_georeferenced_and_drawn(tmp_path):
    grid = walled()
    coverage = compute_coverage([cell(grid, 60, 60)], grid=grid, parameters=PARAMETERS)
    best, _ = coverage.best_of("A", "4G")
    write_signal(tmp_path / "s.tif", best, grid)
    with rasterio.open(tmp_path / "s.tif") as source:
        assert source.read(1)[60, 40] == pytest.approx(best[60, 40], abs=0.051)
        assert source.index(*(float(v) for v in grid.positions(60, 40))) == (60, 40)
        assert source.nodata == -9999
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    svg, png = draw_signal(
        SignalMap(grid, best, coverage.cells), threshold_dbm=-110, sheet=MapSheet("Thử", "nguồn")
    )
    assert "−120 dBm" in svg
    assert png.startswith(b"\x89PNG")


def test_above_six_gigahertz_the_other_model_answers_and_says_so():
    grid = flat()
    band = Band("NR26000", "5G", 26000, 400, 3168, 40, 25, 0, ("A",))
    coverage = compute_coverage([cell(grid, 60, 60, band=band)], grid=grid, parameters=PARAMETERS)
    best, _ = coverage.best_of(None, "5G")
    assert best[60, 70] > NOTHING_DBM
    assert any("26000" in note and "38.901" in note for note in coverage.notes)


def test_parts_cover_every_mast_once(hilly):
    cells, grid, parameters = hilly
    parts = split_parts(cells, grid, parameters, masts_per_part=2)
    assert sorted(number for part in parts for number, _ in part.cells) == list(range(len(cells)))
    assert set(compute_part(parts[0])) <= {("A", "LTE1800"), ("B", "LTE1800")}
