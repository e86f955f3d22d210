"""`hatangso siting` and `hatangso access`: tables in, JSON alone out, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hatangso.cli import access, siting
from hatangso.cli.screen import run
from hatangso.siting.pictures import Spots, choice_layers
from hatangso.siting.problem import SearchLimits, problem_from_arrays
from hatangso.siting.set_cover import set_cover


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pl.DataFrame({"candidate_id": ["Giữa", "Trái", "Phải"], "cost": [3, 3, 3]}).write_csv(
        tmp_path / "candidates.csv"
    )
    pl.DataFrame({"demand_id": list("ABCD"), "weight": [40, 60, 60, 40]}).write_csv(tmp_path / "demand.csv")
    rows = [("Giữa", "B"), ("Giữa", "C"), ("Trái", "A"), ("Trái", "B"), ("Phải", "C"), ("Phải", "D")]
    pairs = pl.DataFrame(rows, schema=["candidate_id", "demand_id"], orient="row")
    pairs.with_columns(share=1.0).write_parquet(tmp_path / "pairs.parquet")
    far = pl.DataFrame([(a, d, 100.0 * k) for k, a in enumerate(["Giữa", "Trái", "Phải"], 1) for d in "ABCD"],
                       schema=["candidate_id", "demand_id", "distance_m"], orient="row")  # fmt: skip
    far.write_csv(tmp_path / "far.csv")
    return tmp_path


def ask(capsys, app, *words: object) -> dict:
    assert run(app, [*map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def tables(folder: Path, pairs: str = "pairs.parquet") -> list[Path]:
    return [folder / "candidates.csv", folder / "demand.csv", folder / pairs]


def test_maximal_and_its_written_choice(capsys, folder):
    answer = ask(capsys, siting.app, "maximal", *tables(folder), "--budget", 6, "--out", folder / "out.csv")
    assert (answer["value"], answer["bound"], answer["gap"]) == (200, 200, 0)
    assert answer["chosen"] == ["Trái", "Phải"]
    assert answer["seconds"] > 0
    assert pl.read_csv(folder / "out.csv")["candidate_id"].to_list() == ["Trái", "Phải"]


def test_fixed_and_excluded_sites(capsys, folder):
    answer = ask(
        capsys, siting.app, "maximal", *tables(folder), "--sites", 2, "--fixed", "Giữa", "--excluded", "Trái"
    )
    assert answer["chosen"] == ["Giữa", "Phải"]


def test_set_cover_and_phased(capsys, folder):
    assert ask(capsys, siting.app, "set-cover", *tables(folder))["value"] == 6
    assert (
        ask(capsys, siting.app, "set-cover", *tables(folder), "--fewest", "--cover-percent", 60)["value"] == 1
    )
    phases = ask(capsys, siting.app, "phased", *tables(folder), "--budget", 3, "--budget", 3)["phases"]
    assert [phase["served_weight"] for phase in phases] == [100, 200]


def test_p_median_and_p_centre(capsys, folder):
    for verb, value in (("p-median", 20_000), ("p-centre", 100)):
        answer = ask(capsys, siting.app, verb, *tables(folder, "far.csv"), "--sites", 1)
        assert (answer["value"], answer["chosen"]) == (value, ["Giữa"])


def test_people_see_value_bound_and_choice(capsys, folder):
    assert run(siting.app, ["maximal", *map(str, tables(folder)), "--sites", "2"]) == 0
    shown = capsys.readouterr().out
    assert "Cận đã chứng minh" in shown
    assert "Trái, Phải" in shown


def test_bad_input_exits_with_2_and_no_traceback(capsys, folder):
    assert run(siting.app, ["maximal", *map(str, tables(folder))]) == 2
    (folder / "demand.csv").write_text("demand_id,weight\nA,-5\n")
    assert run(siting.app, ["set-cover", *map(str, tables(folder))]) == 2
    told = capsys.readouterr().err
    assert "--budget" in told
    assert "dòng 2, cột weight" in told
    assert "Traceback" not in told


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    (tmp_path / "people.csv").write_text(
        "demand_id,people,lon,lat\na,100,108.0,12.0\nb,50,108.02,12.0\nc,70,108.2,12.0\n"
    )
    (tmp_path / "points.csv").write_text(
        "point_id,lon,lat,staffed,area_code\np,108.0,12.0,có,X1\nq,108.3,12,không,X2\n"
    )
    (tmp_path / "new.csv").write_text("point_id,lon,lat\nn1,108.02,12.0\nn2,108.2,12.0\n")
    (tmp_path / "areas.csv").write_text("area_code\nX1\nX2\n")
    (tmp_path / "nodes.csv").write_text("node_id,lon,lat\n1,108.0,12.0\n2,108.02,12.0\n3,108.2,12.0\n")
    (tmp_path / "edges.csv").write_text("from_node,to_node,length_m\n1,2,4000\n2,3,20000\n")
    return tmp_path


def test_reach_by_air_and_road(capsys, posts):
    roads = ["--nodes", posts / "nodes.csv", "--edges", posts / "edges.csv"]
    answer = ask(
        capsys,
        access.app,
        "reach",
        posts / "people.csv",
        posts / "points.csv",
        *roads,
        "--areas",
        posts / "areas.csv",
    )
    assert answer["air"]["people_within"] == [100, 100, 150]
    assert answer["road"]["people_within"] == [100, 100, 100]
    assert answer["areas_without_staffed_point"] == ["X2"]
    assert run(access.app, ["reach", str(posts / "people.csv"), str(posts / "points.csv")]) == 0
    assert "Dân trong 3 km" in capsys.readouterr().out


def test_next_point(capsys, posts):
    answer = ask(
        capsys,
        access.app,
        "next",
        posts / "people.csv",
        posts / "points.csv",
        posts / "new.csv",
        "--count",
        1,
    )
    assert (answer["people_before"], answer["value"], answer["chosen"]) == (150, 220, ["n2"])


def test_half_a_road_network_is_refused(capsys, posts):
    assert (
        run(
            access.app,
            [
                "reach",
                str(posts / "people.csv"),
                str(posts / "points.csv"),
                "--nodes",
                str(posts / "nodes.csv"),
            ],
        )
        == 2
    )
    assert "--edges" in capsys.readouterr().err


def test_roads_that_cross_without_a_shared_vertex(capsys, posts):
    lines = [[[108.0, 12.0], [108.02, 12.0]], [[108.0104, 11.99], [108.0104, 12.01]]]
    features = [{"type": "Feature", "properties": {"name": f"Đường {k}"}, "geometry": {"type": "LineString", "coordinates": line}}
                for k, line in enumerate(lines, 1)]  # fmt: skip
    (posts / "roads.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (posts / "people.csv").write_text("demand_id,people,lon,lat\na,100,108.0104,12.01\nb,50,108.02,12.0\n")
    asked = ["reach", posts / "people.csv", posts / "points.csv", "--roads", posts / "roads.geojson"]
    joined = ask(capsys, access.app, *asked, "--picture", posts / "map.svg")
    assert joined["road"]["people_within"] == [
        0,
        0,
        150,
    ]  # 1.1 km along one road, then 1.1 km along the other
    assert joined["road"]["mean_distance_m"] == pytest.approx(2220, abs=15)
    apart = ask(capsys, access.app, *asked, "--no-crossings")
    assert (apart["road"]["people_within"], apart["road"]["unreachable"]) == ([0, 0, 50], ["a"])
    drawn = (posts / "map.svg").read_text(encoding="utf-8")
    assert all(
        words in drawn for words in ("dân cư hơn 1 km đến 3 km (2)", "điểm phục vụ (2)", "theo đường bộ")
    )


def test_the_map_shows_what_is_chosen_and_who_is_served(capsys, folder):
    place = {"lon": [108.0, 108.1, 108.2], "lat": [12.0, 12.0, 12.1]}
    pl.read_csv(folder / "candidates.csv").with_columns(
        **{k: pl.Series(v) for k, v in place.items()}
    ).write_csv(folder / "candidates.csv")
    asked = ["maximal", *tables(folder), "--sites", 1, "--picture", folder / "map.svg"]
    assert run(siting.app, [*map(str, asked)]) == 2
    assert "thiếu lon, lat" in capsys.readouterr().err
    pl.read_csv(folder / "demand.csv").with_columns(
        lon=pl.Series([108.0, 108.05, 108.15, 108.2]), lat=pl.Series([12.0, 12.02, 12.05, 12.1])
    ).write_csv(folder / "demand.csv")
    answer = ask(capsys, siting.app, *asked, "--picture", folder / "map.png", "--title", "Trạm mới")
    assert answer["chosen"] == ["Giữa"]
    drawn = (folder / "map.svg").read_text(encoding="utf-8")
    assert all(
        words in drawn
        for words in ("Trạm mới", "được chọn (1)", "dân cư được phủ (2)", "chưa được phủ (2)", "km")
    )
    assert (folder / "map.png").read_bytes()[:4] == b"\x89PNG"


def test_many_people_are_drawn_as_cells():
    side = np.linspace(108, 108.5, 80)
    longitude, latitude = (part.ravel() for part in np.meshgrid(side, side - 96))
    layers = choice_layers(
        Spots(longitude, latitude),
        served=(longitude < 108.25).astype(float),
        chosen=Spots(side[:1], side[:1] - 96),
    )
    cells = layers[0].classes
    assert set(np.unique(cells[cells >= 0])) == {0, 3}
    assert (cells == 3).sum() == (cells == 0).sum() == 3200


def test_the_search_tells_how_far_it_is():
    demand = [(j + step) % 40 for j in range(40) for step in (0, 1, 3, 7)]
    problem = problem_from_arrays(np.arange(0, 161, 4), demand=np.array(demand), weight=np.ones(40))
    told: list[float] = []
    set_cover(problem, limits=SearchLimits(progress=told.append))
    assert told
    assert 0 < sum(told) <= 100.001
