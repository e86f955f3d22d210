"""The verbs on areas as people call them."""

from __future__ import annotations

import csv
import json

import pytest

from hatangso.cli.main import app
from hatangso.cli.screen import run


def answer(capsys, *arguments: str):
    assert run(app, ["areas", *arguments, "--json"]) == 0
    shown = capsys.readouterr()
    return json.loads(shown.out)


def rows(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_find_prints_ranked_matches_as_json(capsys):
    best = answer(capsys, "find", "phường Hương Trà, Huế", "--on", "2026-01-01")[0]
    assert best == {
        "code": "19996", "name": "Phường Hương Trà", "level": "commune", "valid_from": "2025-07-01",
        "valid_until": None, "score": 1.0, "why": ["đúng tên Phường Hương Trà", "thuộc Thành phố Huế"],
    }  # fmt: skip


def test_find_speaks_to_people(capsys):
    assert run(app, ["areas", "find", "huyện Hón Quản"]) == 0
    assert "694" in capsys.readouterr().out
    assert run(app, ["areas", "find", "xyzw qqqq"]) == 0
    assert "Không tìm thấy" in capsys.readouterr().out


def test_show_tells_names_parents_predecessors_and_successors_with_acts(capsys):
    shown = answer(capsys, "show", "25357")
    assert [version["name"] for version in shown["versions"]] == [
        "Thị trấn Tân Khai",
        "Xã Tân Khai",
        "Phường Tân Khai",
    ]
    assert shown["versions"][0]["parents"] == ["Huyện Hớn Quản (694)", "Tỉnh Bình Phước (70)"]
    assert {step["legal_act"] for step in shown["formed_from"]} == {"1662/NQ-UBTVQH15", "237/NQ-UBTVQH16"}


def test_show_of_an_ended_district_names_who_holds_its_land(capsys):
    shown = answer(capsys, "show", "694")
    assert [relative["code"] for relative in shown["now"]] == ["25326", "25345", "25349", "25351", "25357"]
    assert run(app, ["areas", "show", "694"]) == 0
    text = capsys.readouterr().out
    assert "Huyện Hớn Quản (694), cấp huyện, đến hết 30/06/2025" in text
    assert "Phường Bình Long (25326), gồm Thanh Bình" in text


def test_an_unknown_code_leaves_with_2_and_a_sentence(capsys):
    assert run(app, ["areas", "show", "99999"]) == 2
    shown = capsys.readouterr()
    assert "không có trong danh mục" in shown.err
    assert "Traceback" not in shown.err


def test_carry_writes_value_assumed_and_note(tmp_path, capsys):
    """Four units became Bắc Gia Nghĩa; of the two of Đông Gia Nghĩa one figure is empty."""
    values, out = tmp_path / "values.csv", tmp_path / "out.csv"
    figures = "24611,10\n24612,20\n24619,5\n24622,7\n24617,3\n24628,\n"
    values.write_text("area_code,value\n" + figures, encoding="utf-8")
    summary = answer(
        capsys, "carry", str(values), "--to", "01/07/2025", "--from", "2025-06-30", "--out", str(out)
    )
    assert summary["not_carried"] == []
    first, second = rows(out)
    assert first == {"area_code": "24611", "value": "42.0", "assumed": "0.0", "note": ""}
    assert (second["area_code"], second["value"]) == ("24617", "")
    assert "để trống" in second["note"]


def test_a_split_commune_is_carried_with_its_assumption_shown(tmp_path, capsys):
    values, shares, out = tmp_path / "values.csv", tmp_path / "shares.csv", tmp_path / "out.csv"
    values.write_text("area_code,value\n00016,1000\n", encoding="utf-8")
    shares.write_text("from_code,to_code,weight\n00016,00004,300\n00016,00008,700\n", encoding="utf-8")
    command = ["carry", str(values), "--from", "2025-06-30", "--to", "2025-07-01", "--out", str(out)]
    assert answer(capsys, *command)["not_carried"][0]["amount"] == 1000.0
    summary = answer(capsys, *command, "--shares", str(shares), "--basis", "households")
    assert (summary["known"], summary["assumed"], summary["not_carried"]) == (1000.0, 1000.0, [])
    notes = {row["area_code"]: row["note"] for row in rows(out)}
    assert "300 dựa trên giả định chia theo số hộ (nguồn: shares.csv)" in notes["00004"]
    assert run(app, ["areas", *command]) == 0
    shown = capsys.readouterr()
    assert "Không chuyển được 1.000: Phường Ngọc Hà bị chia" in shown.err.replace("\n", " ")


@pytest.mark.parametrize(
    ("text", "more", "sentence"),
    [
        ("area_code,value\n25345,1\n", [], "--from"),
        ("area_code,value\n99999,1\n", [], "không ngày nào"),
        ("area_code,value\n00016,x\n", [], "value"),
        ("area_code,value\n00016,1\n00016,2\n", [], "hơn một dòng"),
        ("area_code,value\n00016,1\n", ["--basis", "trees"], "population, households hoặc area"),
        ("area_code,value\n00016,1\n", ["--figure", "trees"], "area hoặc other"),
        ("area_code,value\n00016,1\n", ["--from", "2025-13-01"], "ngày như 2025-07-01"),
    ],
)
def test_bad_input_to_carry_leaves_with_2_and_a_sentence(tmp_path, capsys, text, more, sentence):
    values = tmp_path / "values.csv"
    values.write_text(text, encoding="utf-8")
    command = ["areas", "carry", str(values), "--to", "2025-07-01", "--out", str(tmp_path / "out.csv"), *more]
    assert run(app, command) == 2
    shown = capsys.readouterr()
    assert sentence in shown.err
    assert "Traceback" not in shown.err


def square(west: float, code: str) -> dict:
    ring = [[west, 12], [west + 1, 12], [west + 1, 13], [west, 13], [west, 12]]
    return {
        "type": "Feature",
        "properties": {"ma": code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def test_locate_adds_the_area_of_each_point_and_what_was_mended(tmp_path, capsys):
    borders, points, out = tmp_path / "map.geojson", tmp_path / "points.csv", tmp_path / "out.csv"
    features = [square(107, "24611"), square(108, "24615")]
    borders.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    lines = [
        "ten,kinh độ,vĩ độ",
        "a,107.5123,12.5123",
        "b,12.5123,108.5123",
        "c,105.8123,21.0123",
        "d,,",
        "e,411600.27,1327700.24",
    ]
    points.write_text("\n".join(lines) + "\n", encoding="utf-8")
    summary = answer(capsys, "locate", str(points), "--boundaries", str(borders), "--out", str(out))
    assert (summary["points"], summary["inside"]) == (5, 3)
    located = rows(out)
    assert [row["area_code"] for row in located] == ["24611", "24615", "", "", "24611"]
    assert located[0]["area_name"] == "Phường Bắc Gia Nghĩa"
    assert "đảo kinh độ và vĩ độ" in located[1]["note"]
    assert "ngoài mọi ranh giới" in located[2]["note"]
    assert "không đọc được toạ độ" in located[3]["note"]
    assert "VN-2000" in located[4]["note"]
    assert run(app, ["areas", "locate", str(points), "--boundaries", str(borders), "--out", str(out)]) == 0
    assert "5 điểm, 3 trong ranh giới" in capsys.readouterr().out


def test_locate_refuses_a_table_without_coordinates(tmp_path, capsys):
    borders, points = tmp_path / "map.geojson", tmp_path / "points.csv"
    borders.write_text(
        json.dumps({"type": "FeatureCollection", "features": [square(107, "24611")]}), encoding="utf-8"
    )
    points.write_text("a,b\n1,2\n", encoding="utf-8")
    command = ["areas", "locate", str(points), "--boundaries", str(borders), "--out", str(tmp_path / "o.csv")]
    assert run(app, command) == 2
    assert "hai cột toạ độ" in capsys.readouterr().err
    assert run(app, [*command, "--level", "planet"]) == 2
