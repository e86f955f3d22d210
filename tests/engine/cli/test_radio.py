"""The verbs of radio coverage as people call them."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
import rasterio
from rasterio.transform import Affine

from hatangso.cli.main import app
from hatangso.cli.screen import run
from hatangso.geo import project


def profile_file(tmp_path, zone=True):
    path = tmp_path / "profile.csv"
    lines = [
        "distance_km,height_m,clutter_height_m,zone",
        "0,10,,inland",
        "1,60,8,coastal",
        "2.5,0,,sea",
        "4,5,,",
    ]
    if not zone:
        lines = [",".join(line.split(",")[:2]) for line in lines]
    path.write_text("\n".join(lines))
    return path


ENDS = ["--frequency-ghz", "1.8", "--tx-height-m", "30", "--rx-height-m", "1.5"]


def test_pathloss_prints_json_alone_with_every_step(tmp_path, capsys):
    assert run(app, ["pathloss", str(profile_file(tmp_path)), *ENDS, "--time-percent", "10", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    steps = answer["intermediates"]
    assert answer["loss_db"] == steps["Lb"] >= steps["Lb0p"]
    assert steps["w"] == pytest.approx(1.5 / 4)
    assert {"dlt", "dlr", "th", "b0", "Ld50", "Lba", "Lbs", "Lbc", "hm"} <= set(steps)


def test_pathloss_speaks_to_people_and_takes_two_columns(tmp_path, capsys):
    assert (
        run(app, ["pathloss", str(profile_file(tmp_path, zone=False)), *ENDS, "--building", "efficient"]) == 0
    )
    shown = capsys.readouterr().out
    assert "Suy hao truyền sóng" in shown
    assert "P.2109" in shown


def test_pathloss_refuses_bad_input_without_traceback(tmp_path, capsys):
    path = tmp_path / "bad.csv"
    path.write_text("distance_km,height_m\n0,10\n1,cao\n")
    assert run(app, ["pathloss", str(path), *ENDS]) == 2
    shown = capsys.readouterr().err
    assert "dòng 3" in shown
    assert "Traceback" not in shown


@pytest.fixture
def small_area(tmp_path):
    """A wall between a station and a village, as files."""
    heights = np.full((120, 120), 5.0, dtype=np.float32)
    heights[:, 75] = 400
    with rasterio.open(
        tmp_path / "dem.tif", "w", driver="GTiff", width=120, height=120, count=1, dtype="float32", crs="EPSG:4326",
        transform=Affine(1 / 1800, 0, 108, 0, -1 / 1800, 16),
    ) as target:  # fmt: skip
        target.write(heights, 1)
    head = "station_id,operator,band,lon,lat,height_m,azimuth_deg,load\n"
    (tmp_path / "stations.csv").write_text(head + "S1,VIETTEL,LTE1800,108.0333,15.9667,30,,0.5\n")
    rows = [
        "ma thon,ten,kinh do,vi do,dan so",
        "V1,Gần,108.0250,15.9667,100",
        "V2,Sau núi,108.0480,15.9667,50",
    ]
    (tmp_path / "villages.csv").write_text("\n".join(rows))
    return tmp_path


def coverage_of(folder, *more):
    files = [str(folder / "stations.csv"), "--terrain", str(folder / "dem.tif"), "--out", str(folder / "out")]
    return run(app, ["coverage", *files, "--radius-km", "3", *more])


def test_coverage_writes_rasters_maps_and_villages(small_area, capsys):
    assert coverage_of(small_area, "--villages", str(small_area / "villages.csv"), "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    outdoor = next(row for row in summary["villages"] if row["situation"] == "outdoor")
    assert outdoor["people"] == 150
    assert outdoor["hollow_places"] == 1
    assert any("38.901" in note for note in summary["notes"])
    out = small_area / "out"
    for name in ("signal_4g_all.tif", "signal_4g_all.svg", "signal_4g_all.png", "sinr_lte1800_viettel.tif"):
        assert (out / name).stat().st_size > 500 or name.endswith("tif"), name
    villages = pl.read_parquet(out / "villages.parquet").filter(pl.col("situation") == "outdoor")
    assert villages["reason"].to_list() == ["có sóng", "bị địa hình hoặc vật che phủ chắn"]
    assert not (out / "parts").exists()


def test_coverage_stopped_says_how_to_go_on_and_goes_on(small_area, capsys, monkeypatch):
    def stop(work, tasks):
        raise KeyboardInterrupt
        yield

    with monkeypatch.context() as patched:
        patched.setattr("hatangso.executor.run_here", stop)
        assert coverage_of(small_area) == 130
    assert "chạy lại lệnh cũ" in " ".join(capsys.readouterr().err.split())
    assert coverage_of(small_area) == 0


def test_coverage_counts_people_roads_areas_and_sites(small_area, capsys):
    box = [[108.02, 15.95], [108.04, 15.95], [108.04, 15.98], [108.02, 15.98], [108.02, 15.95]]
    shapes = {
        "areas": {"type": "Polygon", "coordinates": [box]},
        "roads": {"type": "LineString", "coordinates": [[108.02, 15.9667], [108.05, 15.9667]]},
    }
    for name, shape in shapes.items():
        feature = {"type": "Feature", "properties": {"code": "00001", "name": "QL1"}, "geometry": shape}
        (small_area / f"{name}.geojson").write_text(
            json.dumps({"type": "FeatureCollection", "features": [feature]})
        )
    with rasterio.open(
        small_area / "people.tif", "w", driver="GTiff", width=60, height=60, count=1, dtype="float32", crs="EPSG:4326",
        transform=Affine(1 / 900, 0, 108, 0, -1 / 900, 16),
    ) as target:  # fmt: skip
        target.write(np.full((60, 60), 2.0, dtype=np.float32), 1)
    more = [
        "--areas",
        "areas.geojson",
        "--roads",
        "roads.geojson",
        "--people",
        "people.tif",
        "--sites",
        "villages.csv",
    ]
    more = [str(small_area / word) if "." in word else word for word in more]
    assert coverage_of(small_area, *more, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["layers"][0]["people"]["outdoor"]["people"] == pytest.approx(2 * 103 * 103 / 4)
    assert summary["people_outside"] == pytest.approx(7200 - 2 * 103 * 103 / 4)
    assert any("mẫu số" in note for note in summary["notes"])
    assert 0.3 < summary["roads"][0]["served_share"] < 0.9
    assert summary["sites"][0]["places"] == 2
    areas = pl.read_parquet(small_area / "out" / "areas.parquet")
    assert areas["area"].unique().to_list() == ["00001"]
    assert areas["people"][0] == pytest.approx(2 * 18 * 27, rel=0.1)


@pytest.mark.parametrize(
    ("option", "name", "text", "words"),
    [
        ("--areas", "areas.geojson", '{"type": "Polygon", "coordinates": [[[108, 15], [109, 15], [109, 16], [108, 15]]]}', "cột code"),
        ("--roads", "roads.geojson", '{"type": "Point", "coordinates": [108, 15]}', "không có đường nào"),
        ("--people", "people.tif", "x", "không đọc được"),
        ("--villages", "villages.csv", "", "cột"),
    ],
)  # fmt: skip
def test_a_fault_in_what_is_counted_is_told_before_the_long_work(
    small_area, capsys, monkeypatch, option, name, text, words
):
    if name.endswith("geojson"):
        feature = {"type": "Feature", "properties": {"loai": "x"}, "geometry": json.loads(text)}
        text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    (small_area / name).write_text(text or "ten,so\nA,1\n")
    monkeypatch.setattr("hatangso.cli.coverage.run_coverage", None)
    assert coverage_of(small_area, option, str(small_area / name)) == 2
    assert words in " ".join(capsys.readouterr().err.split())


def test_metre_terrain_is_read_round_the_stations_and_counts_the_same_communes(small_area, capsys):
    x, y = project(np.array([108.0333]), np.array([15.9667]), crs="EPSG:32649")
    wide = np.full((800, 800), 5.0, dtype=np.float32)
    with rasterio.open(
        small_area / "metres.tif", "w", driver="GTiff", width=800, height=800, count=1, dtype="float32",
        crs="EPSG:32649", transform=Affine(60, 0, float(x[0]) - 24000, 0, -60, float(y[0]) + 24000),
    ) as target:  # fmt: skip
        target.write(wide, 1)
    box = [[108.02, 15.95], [108.04, 15.95], [108.04, 15.98], [108.02, 15.98], [108.02, 15.95]]
    shape = {"type": "Polygon", "coordinates": [box]}
    feature = {"type": "Feature", "properties": {"code": "00001"}, "geometry": shape}
    (small_area / "areas.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]})
    )
    out = small_area / "out"
    files = [str(small_area / "stations.csv"), "--terrain", str(small_area / "metres.tif"), "--out", str(out)]
    more = ["--radius-km", "3", "--areas", str(small_area / "areas.geojson"), "--json"]
    assert run(app, ["coverage", *files, *more]) == 0
    capsys.readouterr()
    with rasterio.open(out / "signal_4g_all.tif") as signal:
        assert signal.width <= 104  # of 800: 3 km either side in cells of 60 m
    areas = pl.read_parquet(out / "areas.parquet")
    assert areas["cells"][0] == pytest.approx(2.14 * 3.32 / 0.0036, rel=0.03)
    assert areas.filter(pl.col("situation") == "outdoor")["served_share"][0] > 0.95


def test_coverage_names_the_row_at_fault(small_area, capsys):
    path = small_area / "stations.csv"
    path.write_text(path.read_text().replace("108.0333", "8.0333"))
    assert coverage_of(small_area) == 2
    assert "dòng 2" in capsys.readouterr().err


def test_terrain_that_ends_early_is_told_or_refused(small_area, capsys):
    files = [
        str(small_area / "stations.csv"),
        "--terrain",
        str(small_area / "dem.tif"),
        "--out",
        str(small_area / "o"),
    ]
    assert run(app, ["coverage", *files, "--radius-km", "9", "--json"]) == 0
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert any("thiếu phía tây 6 km" in note for note in notes)
    assert run(app, ["coverage", *files, "--radius-km", "9", "--full-reach"]) == 2
    assert "Bổ sung mảnh địa hình" in " ".join(capsys.readouterr().err.split())


def test_calibration_is_made_and_used_only_when_asked(small_area, capsys):
    places = [(108.005 + 0.002 * i, 15.95 + 0.003 * j) for i in range(12) for j in range(10)]
    rows = [f"{lon},{lat},-60" for lon, lat in places]
    (small_area / "samples.csv").write_text("kinh do,vi do,rsrp\n" + "\n".join(rows))
    files = [
        str(small_area / "stations.csv"),
        str(small_area / "samples.csv"),
        "--terrain",
        str(small_area / "dem.tif"),
    ]
    target = small_area / "fit.json"
    assert run(app, ["coverage-calibrate", *files, "--out", str(target), "--radius-km", "3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["samples"] + found["samples_unused"] == len(places)
    assert json.loads(target.read_text())["slope_db"] == found["slope_db"]
    assert coverage_of(small_area, "--json") == 0
    plain = json.loads(capsys.readouterr().out)
    assert any("Chưa hiệu chỉnh" in note for note in plain["notes"])
    assert coverage_of(small_area, "--calibration", str(target), "--json") == 0
    fitted = json.loads(capsys.readouterr().out)
    assert any("fit.json" in note for note in fitted["notes"])
    assert fitted["layers"][0]["area_share_outdoor"] != plain["layers"][0]["area_share_outdoor"]


def test_refraction_time_and_places_change_the_answer_as_they_should(small_area, capsys):
    signal = {}
    for name, more in {
        "half": [], "most places": ["--location-percent", "95"], "few places": ["--location-percent", "5"],
        "two_stage": ["--mode", "two_stage"],
    }.items():  # fmt: skip
        assert coverage_of(small_area, "--json", "--delta-n", "60", "--n0", "370", *more) == 0
        summary = json.loads(capsys.readouterr().out)
        assert (summary["parameters"]["delta_n"], summary["parameters"]["n0"]) == (60, 370)
        with rasterio.open(small_area / "out" / "signal_4g_all.tif") as source:
            signal[name] = source.read(1)[60, 30]
    sigma = (0.52 + 0.024 * 1.842) * 50**0.28
    assert signal["half"] - signal["most places"] == pytest.approx(1.645 * sigma, abs=0.11)
    assert signal["few places"] - signal["half"] == pytest.approx(1.645 * sigma, abs=0.11)
    assert signal["two_stage"] == pytest.approx(signal["half"], abs=1)


def test_people_may_be_points_and_numbers_of_people_are_whole(small_area, capsys):
    (small_area / "points.csv").write_text(
        "lon,lat,people\n108.0250,15.9667,100\n108.0480,15.9667,50\n109,15,7\n"
    )
    assert coverage_of(small_area, "--people", str(small_area / "points.csv"), "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["layers"][0]["people"]["outdoor"]["people"] == 150
    assert summary["people_outside"] == 7
    written = (small_area / "villages.csv").read_text().replace(",100", ',"12.500"')
    (small_area / "villages.csv").write_text(written)
    assert coverage_of(small_area, "--villages", str(small_area / "villages.csv")) == 2
    assert "số nguyên" in " ".join(capsys.readouterr().err.split())


def test_a_map_shows_only_the_stations_of_its_own_network(small_area, capsys, monkeypatch):
    path = small_area / "stations.csv"
    path.write_text(path.read_text() + "S2,VNPT,NR3700,108.03,15.95,30,,0.5\n")
    drawn = []

    def draw(shown, *, threshold_dbm, sheet):
        drawn.append((sheet.title, [cell.station_id for cell in shown.cells]))
        return "", b""

    monkeypatch.setattr("hatangso.cli.coverage_results.draw_signal", draw)
    assert coverage_of(small_area) == 0
    assert dict(drawn) == {
        "Vùng phủ 4G": ["S1"], "Vùng phủ 4G của VIETTEL": ["S1"], "Vùng phủ 5G": ["S2"], "Vùng phủ 5G của VNPT": ["S2"],
    }  # fmt: skip
