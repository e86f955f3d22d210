"""The verbs of radio coverage as people call them."""

from __future__ import annotations

import json

import pytest

from hatangso.cli.main import app
from hatangso.cli.screen import run


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
