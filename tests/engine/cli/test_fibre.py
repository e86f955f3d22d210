import json

import pytest
import typer

from hatangso.cli import fibre
from hatangso.cli.screen import run

GRAPH = "SECTION Graph\nNodes 4\nEdges 4\nE 1 2 3\nE 2 3 3\nE 1 4 2\nE 4 3 2\nEND\nSECTION Terminals\nTerminals 2\nT 1\nT 3\nEND\nEOF\n"


@pytest.fixture
def call(capsys):
    def call(*words: object) -> tuple[int, str, str]:
        app: typer.Typer = fibre.app
        code = run(app, [str(word) for word in words])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


def test_steiner_of_a_gr_file_prints_json_alone(call, tmp_path):
    (tmp_path / "x.gr").write_text(GRAPH, encoding="utf-8")
    code, out, _ = call("steiner", tmp_path / "x.gr", "--json")
    answer = json.loads(out)
    assert (code, answer["value"], answer["bound"], answer["optimal"]) == (0, 4.0, 4.0, True)
    assert [(edge["tail"], edge["head"]) for edge in answer["chosen"]] == [("1", "4"), ("4", "3")]


def test_steiner_of_tables_names_unknown_nodes_and_repeated_edges_with_their_row(call, tmp_path):
    (tmp_path / "e.csv").write_text("edge_id,tail,head,cost\n1,A,B,3\n2,B,C,4\n", encoding="utf-8")
    (tmp_path / "t.csv").write_text("node_id\nA\nC\n", encoding="utf-8")
    code, out, _ = call(
        "steiner",
        "--edges",
        tmp_path / "e.csv",
        "--terminals",
        tmp_path / "t.csv",
        "--out",
        tmp_path / "o.csv",
    )
    assert code == 0
    assert "Chi phí: 7" in out
    assert (tmp_path / "o.csv").read_text(encoding="utf-8").splitlines()[0] == "tail,head,cost"
    (tmp_path / "t.csv").write_text("node_id\nA\nZ\n", encoding="utf-8")
    code, _, err = call("steiner", "--edges", tmp_path / "e.csv", "--terminals", tmp_path / "t.csv")
    assert code == 2
    assert "dòng 3: nút 'Z'" in err
    (tmp_path / "e.csv").write_text("edge_id,tail,head,cost\n1,A,B,3\n1,B,C,-4\n", encoding="utf-8")
    code, _, err = call("steiner", "--edges", tmp_path / "e.csv", "--terminals", tmp_path / "t.csv")
    assert code == 2
    assert "dòng 3, cột cost" in err


def test_terminals_apart_and_nothing_given_are_refused(call, tmp_path):
    (tmp_path / "e.csv").write_text("tail,head,cost\nA,B,3\nC,D,4\n", encoding="utf-8")
    (tmp_path / "t.csv").write_text("node_id\nA\nD\n", encoding="utf-8")
    assert call("steiner", "--edges", tmp_path / "e.csv", "--terminals", tmp_path / "t.csv")[0] == 2
    assert call("steiner")[0] == 2


def test_plan_writes_every_file(call, tmp_path):
    lane = {"type": "LineString", "coordinates": [[106.0, 0.0], [106.01, 0.0]]}
    rows = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {"kind": "road"}, "geometry": lane}],
    }
    (tmp_path / "roads.geojson").write_text(json.dumps(rows), encoding="utf-8")
    (tmp_path / "sources.csv").write_text("source_id,lon,lat,spare_fibres\nN,106,0,24\n", encoding="utf-8")
    (tmp_path / "places.csv").write_text(
        "Mã điểm,Tên,Kinh độ,Vĩ độ,Số hộ\nA,Bản A,106.0041,0.0011,40\nB,Bản B,106.0081,0.5,9\n",
        encoding="utf-8",
    )
    files = (
        "--roads",
        tmp_path / "roads.geojson",
        "--sources",
        tmp_path / "sources.csv",
        "--places",
        tmp_path / "places.csv",
    )
    code, out, _ = call("plan", *files, "--out", tmp_path / "out", "--json")
    answer = json.loads(out)
    assert (code, answer["chosen"], answer["gap"]) == (0, ["A"], 0)
    assert answer["not_joined"][0]["reason"] == "không nối được"
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"fibre.gpkg", "fibre.xlsx", "fibre_ofds.json", "fibre.svg", "fibre.png"}
    code, out, err = call("plan", *files, "--out", tmp_path / "out", "--budget", 1e9)
    assert code == 0
    assert "Nối 1/2 điểm, 40 hộ" in out
    assert "Bản B" in err
