"""`hatangso indicators …` on plain files."""

import json

import polars as pl
import pytest

from hatangso.cli.main import app
from hatangso.cli.screen import run


def indicators(*words):
    return run(app, ["indicators", *map(str, words)])


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tree.csv").write_text("area_code,parent_code\nP,\nA,P\nB,P\n")
    (tmp_path / "values.csv").write_text(
        "area_code,variable,period,value\nA,villages_with_4g,2026Q1,10\nA,villages,2026Q1,10\nB,villages_with_4g,2026Q1,10\nB,villages,2026Q1,40\n"
    )
    (tmp_path / "targets.csv").write_text(
        "target_id,indicator,area_code,comparator,value,due,unit,baseline,baseline_day\nt1,MOB-02,P,>=,100,31/12/2026,%,20,31/12/2025\n"
    )
    (tmp_path / "seen.csv").write_text("indicator,area_code,period,value\nMOB-02,P,2026Q1,40\n")
    (tmp_path / "answers.csv").write_text(
        "criterion,value,best,evidence\nBROADBAND-1,85,,bang-thon.xlsx\nPLAN-3,2,,\n"
    )
    return tmp_path


def test_compute_writes_sum_over_sum(folder, capsys):
    assert (
        indicators(
            "compute",
            folder / "values.csv",
            "--tree",
            folder / "tree.csv",
            "--out",
            folder / "out.csv",
            "--json",
        )
        == 0
    )
    table = pl.read_csv(folder / "out.csv").filter(pl.col("area_code") == "P")
    assert table.select("indicator", "value", "reported", "expected").rows() == [("MOB-02", 40.0, 2, 2)]
    assert json.loads(capsys.readouterr().out)["rows"] == 3


def test_progress_tells_its_calculation(folder, capsys):
    assert (
        indicators("progress", folder / "targets.csv", folder / "seen.csv", "--as-of", "2026-05-01", "--json")
        == 0
    )
    row = json.loads(capsys.readouterr().out)[0]
    assert row["verdict"] == "on_course"
    assert "Còn phải tăng 60 %" in row["words"]


def test_score_with_what_if(folder, capsys):
    assert indicators("score", folder / "answers.csv", "--what-if", "BROADBAND-1=100", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["points"] == pytest.approx(18.5)
    assert report["what_if"]["points"] == pytest.approx(20.0)


def test_figures_are_restated_on_a_map_of_another_day(folder, capsys):
    (folder / "old.csv").write_text("area_code,variable,period,value\n19996,people,2025Q3,60\n")
    words = [
        "compute",
        folder / "old.csv",
        "--on",
        "2026-06-30",
        "--indicator",
        "MOB-14",
        "--out",
        folder / "o.csv",
        "--json",
    ]
    assert indicators(*words) == 0
    assert json.loads(capsys.readouterr().out)["left_behind"] == []


def test_an_unknown_variable_is_refused(folder, capsys):
    (folder / "values.csv").write_text("area_code,variable,period,value\nA,thon_co_song,2026Q1,10\n")
    assert (
        indicators("compute", folder / "values.csv", "--tree", folder / "tree.csv", "--out", folder / "o.csv")
        == 2
    )
    assert "thon_co_song" in capsys.readouterr().err
    assert not (folder / "o.csv").exists()
