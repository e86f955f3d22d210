"""Coverage → hollow villages → candidates → siting on the invented province, by the verbs alone."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from hatangso import executor
from hatangso.cli.main import app
from hatangso.cli.screen import run
from hatangso_web.demo.province import make_province
from hatangso_web.demo.terrain import invent_terrain, write_terrain

SWEPT = ["--radius-km", "6", "--ray-spacing-m", "120", "--step-m", "120", "--no-sea"]


@pytest.fixture(scope="module")
def province(tmp_path_factory):
    """Villages of the invented province on invented hills of 120 m cells, with one station and ten candidates."""
    folder = tmp_path_factory.mktemp("province")
    villages = make_province(size=4).villages
    lon, lat = (np.array([getattr(v, name) for v in villages]) for name in ("lon", "lat"))
    hills = replace(
        invent_terrain(seed=5, rows=240, columns=240), west=float(lon.min()) - 0.02, north=float(lat.max()) + 0.02,
        cell_deg=1 / 900,
    )  # fmt: skip
    write_terrain(hills, folder / "dem.tif")
    pl.DataFrame(
        {
            "Mã thôn": [v.code for v in villages],
            "Kinh độ": lon,
            "Vĩ độ": lat,
            "Số dân": [v.people for v in villages],
        }
    ).write_csv(folder / "villages.csv")
    head = "station_id,operator,band,lon,lat,height_m\n"
    (folder / "stations.csv").write_text(head + f"S1,Sao Mai,LTE1800,{lon[0]},{lat[0]},30\n")
    lines = [f"C{i},{lon[4 * i]},{lat[4 * i]},2,0.01" for i in range(10)]
    (folder / "candidates.csv").write_text("candidate_id,lon,lat,cost,cost_per_m\n" + "\n".join(lines) + "\n")
    return folder, villages


def call(capsys, *arguments):
    code = run(app, [str(word) for word in arguments] + ["--json"])
    shown = capsys.readouterr()
    assert code == 0, shown.err
    return json.loads(shown.out)


def test_hollow_villages_get_stations(province, capsys):
    folder, villages = province
    covered = call(
        capsys, "coverage", folder / "stations.csv", "--terrain", folder / "dem.tif", "--villages",
        folder / "villages.csv", "--out", folder / "now", *SWEPT,
    )  # fmt: skip
    outdoor = next(row for row in covered["villages"] if row["situation"] == "outdoor")
    assert outdoor["people"] == sum(v.people for v in villages)
    assert 10 < outdoor["hollow_places"] < len(villages)
    tried = call(
        capsys, "coverage-candidates", folder / "candidates.csv", folder / "now" / "villages.parquet", "--only-hollow",
        "--terrain", folder / "dem.tif", "--out", folder / "tried", "--height-m", "20", "--height-m", "45", *SWEPT,
    )  # fmt: skip
    assert tried["candidates"] == 20
    assert tried["places"] == outdoor["hollow_places"]
    tables = [folder / "tried" / f"{name}.csv" for name in ("candidates", "demand", "pairs")]
    pairs = pl.read_csv(tables[2])
    assert pairs.height == tried["pairs"] > 0
    assert pairs["share"].is_between(0.05, 1).all()
    price = dict(pl.read_csv(tables[0]).select("candidate_id", "cost").iter_rows())
    assert price["C3@20m"] == pytest.approx(2.2)
    assert price["C3@45m"] == pytest.approx(2.45)
    chosen = call(capsys, "siting", "maximal", *tables, "--budget", "5")
    assert chosen["bound"] >= chosen["value"] > 0
    assert len({name.split("@")[0] for name in chosen["chosen"]}) == len(chosen["chosen"]) <= 2
    assert sum(price[name] for name in chosen["chosen"]) <= 5


def test_a_chosen_candidate_serves_what_coverage_then_says(province, capsys):
    folder, _ = province
    (folder / "one.csv").write_text("candidate_id,lon,lat,height_m\n" + _place(folder, "C3") + ",30\n")
    tried = call(
        capsys, "coverage-candidates", folder / "one.csv", folder / "villages.csv", "--terrain", folder / "dem.tif",
        "--out", folder / "one", *SWEPT,
    )  # fmt: skip
    assert tried["candidates"] == 1
    station = "station_id,operator,band,lon,lat,height_m,vertical_deg\n" + _place(folder, "C3").replace(
        ",", ",B,LTE1800,", 1
    )
    (folder / "built.csv").write_text(station + ",30,90\n")
    call(
        capsys, "coverage", folder / "built.csv", "--terrain", folder / "dem.tif", "--villages",
        folder / "villages.csv", "--out", folder / "then", *SWEPT,
    )  # fmt: skip
    served = dict(pl.read_csv(folder / "one" / "pairs.csv", schema_overrides={"demand_id": pl.String})
                  .select("demand_id", "share").iter_rows())  # fmt: skip
    then = pl.read_parquet(folder / "then" / "villages.parquet").filter(pl.col("situation") == "outdoor")
    for name, share in then.select("place_id", "served_share").iter_rows():
        assert served.get(name, 0.0) == pytest.approx(share, abs=0.25), (
            name
        )  # the antenna's dip near the mast
    assert sum(served.values()) == pytest.approx(then["served_share"].sum(), abs=0.5)


def test_stopped_candidates_leave_no_half_table_and_go_on_where_they_were(province, capsys, monkeypatch):
    folder, _ = province
    arguments = [folder / "candidates.csv", folder / "villages.csv", "--terrain", folder / "dem.tif"]
    both = ["--height-m", "20", "--height-m", "45"]  # twenty candidates: three tasks
    call(capsys, "coverage-candidates", *arguments, "--out", folder / "whole", *both, *SWEPT)
    here, asked = executor.run_here, []

    def stop_after_one(work, tasks):
        yield 0, work(tasks[0])
        raise KeyboardInterrupt

    monkeypatch.setattr("hatangso.executor.run_here", stop_after_one)
    stopped = ["coverage-candidates", *map(str, arguments), "--out", str(folder / "stopped"), *both, *SWEPT]
    assert run(app, stopped) == 130
    assert "chạy lại lệnh cũ" in capsys.readouterr().err
    assert not (folder / "stopped" / "pairs.csv").exists()

    def counted(work, tasks):
        asked.extend(tasks)
        yield from here(work, tasks)

    monkeypatch.setattr("hatangso.executor.run_here", counted)
    assert run(app, stopped) == 0
    assert len(asked) == 2
    pairs = [(folder / name / "pairs.csv").read_bytes() for name in ("whole", "stopped")]
    assert pairs[0] == pairs[1]
    assert not (folder / "stopped" / "parts").exists()


def test_candidates_take_a_calibration_only_when_it_is_given(province, capsys):
    folder, _ = province
    better = {"offsets_db": {"không rõ": 20.0}, "slope_db": 0.0, "samples": 30, "error_before_db": 9.0,
              "error_after_db": 5.0}  # fmt: skip
    (folder / "better.json").write_text(json.dumps(better))
    arguments = [folder / "candidates.csv", folder / "villages.csv", "--terrain", folder / "dem.tif"]
    plain = call(capsys, "coverage-candidates", *arguments, "--out", folder / "plain", *SWEPT)
    lifted = call(
        capsys, "coverage-candidates", *arguments, "--out", folder / "lifted", "--calibration",
        folder / "better.json", *SWEPT,
    )  # fmt: skip
    assert lifted["pairs"] > plain["pairs"] > 0
    assert any("better.json" in note for note in lifted["notes"])
    assert any("Chưa hiệu chỉnh" in note for note in plain["notes"])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--band", "LTE9999"], "LTE9999"),
        (["--mode", "two_stage"], "two_stage"),
        (["--only-hollow"], "hollow"),
        (["--height-m", "0"], "độ cao"),
    ],
)
def test_refuses_in_a_sentence(province, capsys, more, words):
    folder, _ = province
    arguments = [folder / "candidates.csv", folder / "villages.csv", "--terrain", folder / "dem.tif"]
    code = run(
        app, ["coverage-candidates", *map(str, arguments), "--out", str(folder / "bad"), *SWEPT, *more]
    )
    shown = capsys.readouterr().err
    assert code == 2
    assert words.lower() in shown.lower()
    assert "Traceback" not in shown


def _place(folder, name):
    row = pl.read_csv(folder / "candidates.csv").row(by_predicate=pl.col("candidate_id") == name, named=True)
    return f"{name},{row['lon']},{row['lat']}"
