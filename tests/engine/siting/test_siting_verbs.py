"""`hatangso siting` and `hatangso access`: tables in, JSON alone out, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from hatangso.cli import access, siting
from hatangso.cli.screen import run


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
