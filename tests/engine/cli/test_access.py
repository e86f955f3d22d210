"""`hatangso access`: bad tables refused with file and row, the table of distances, people of each point."""

import json

import polars as pl
import pytest

from hatangso.cli import access, access_input
from hatangso.cli.screen import run


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "people.csv").write_text(
        "demand_id,people,lon,lat\na,100,108.0,12.0\nb,50,108.02,12.0\nđảo,7,108.9,12.0\n"
    )
    (tmp_path / "points.csv").write_text(
        "point_id,lon,lat,staffed,area_code\np,108.0,12.0,có,X1\nq,108.02,12.001,,X2\n"
    )
    lane = {"type": "LineString", "coordinates": [[108.0, 12.0], [108.02, 12.0]]}
    rows = [{"type": "Feature", "properties": {}, "geometry": lane}]
    (tmp_path / "roads.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    return tmp_path


@pytest.fixture
def ask(capsys, folder):
    def ask(verb, *words, people="people.csv", points="points.csv"):
        code = run(access.app, [verb, str(folder / people), str(folder / points), *map(str, words)])
        shown = capsys.readouterr()
        return code, shown.out, " ".join(shown.err.split())

    return ask


def test_the_table_of_distances_is_written_and_counted(ask, folder):
    code, out, _ = ask("table", "--roads", folder / "roads.geojson", "--out", folder / "t.csv", "--json")
    answer = json.loads(out)
    assert (code, answer["pairs"], answer["unreachable"], answer["unit"], answer["way"]) == (
        0,
        4,
        2,
        "m",
        "road",
    )
    table = pl.read_csv(folder / "t.csv")
    assert table.filter(point_id="p", demand_id="b")["distance_m"].item() == pytest.approx(2178, abs=2)
    code, out, _ = ask("table", "--out", folder / "t.parquet", "--limit", 500)
    assert (code, "Đã ghi 2 cặp" in out, "4 cặp xa hơn giới hạn" in out) == (0, True, True)


def test_the_unreachable_are_counted_and_named_and_each_point_has_its_people(ask, folder):
    by = folder / "by.csv"
    code, out, err = ask("reach", "--roads", folder / "roads.geojson", "--by-point", by)
    assert (code, "Dân không tới được" in out, "không tới được 1 điểm dân cư, như đảo" in err) == (
        0,
        True,
        True,
    )
    assert pl.read_csv(by)["people_road"].to_list() == [100, 50]
    code, out, _ = ask("reach", "--roads", folder / "roads.geojson", "--json")
    answer = json.loads(out)
    assert (answer["road"]["unreachable"], answer["road"]["people_unreachable"]) == (["đảo"], 7)
    assert answer["seconds"] > 0


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ("demand_id,people,lon,lat\na,NaN,106,10\n", "dòng 2, cột people: 'nan'"),
        ("demand_id,people,lon,lat\na,-4,106,10\n", "dòng 2, cột people: '-4.0'"),
        ("demand_id,people,lon,lat\na,4,NaN,10\n", "dòng 2, cột lon: 'nan'"),
        ("demand_id,people,lon,lat\na,4,106,10\na,4,106,10\n", "dòng 3: demand_id = 'a' trùng với dòng 2"),
        ("demand_id,people,lon,lat\na,0,106,10\n", "cả 1 dòng bằng 0"),
        ("demand_id,people,lon,lat\n", "không có dòng nào"),
        ("demand_id,people,lon,lat\na,4,580000,1105800\n", "VN-2000"),
    ],
)
def test_people_that_cannot_be_used_are_refused_with_their_row(ask, folder, people, words):
    (folder / "bad.csv").write_text(people, encoding="utf-8")
    code, out, err = ask("reach", people="bad.csv")
    assert (code, out) == (2, "")
    assert "bad.csv" in err
    assert words in err


def test_points_none_and_staff_unknown_are_refused(ask, folder):
    (folder / "none.csv").write_text("point_id,lon,lat\n")
    code, _, err = ask("reach", points="none.csv")
    assert (code, "ít nhất một điểm phục vụ" in err) == (2, True)
    (folder / "some.csv").write_text("point_id,lon,lat,area_code\np,108,12,X1\n")
    (folder / "areas.csv").write_text("area_code\nX1\nX2\n")
    code, _, err = ask("reach", "--areas", folder / "areas.csv", points="some.csv")
    assert (code, "staffed" in err) == (2, True)


def test_more_points_than_help_are_not_proposed(ask, folder):
    (folder / "new.csv").write_text("point_id,lon,lat\nn1,108.9,12.0\nn2,108.9,12.001\n")
    code, out, _ = ask("next", folder / "new.csv", "--count", 2, "--radius", 300)
    assert (code, "không đưa thêm ai" in out) == (0, True)


def test_the_map_names_whose_roads_it_shows(ask, folder):
    roads = folder / "roads.geojson"
    code, _, _ = ask("reach", "--roads", roads, "--picture", folder / "map.svg")
    assert (code, "mạng đường do đơn vị nhập" in (folder / "map.svg").read_text()) == (0, True)
    assert "OpenStreetMap" in access_input.source_words(folder / "x.osm.pbf")
