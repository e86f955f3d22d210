import json
from importlib import resources

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
    code, _, err = call("steiner", "--edges", tmp_path / "e.csv", "--terminals", tmp_path / "t.csv")
    assert code == 2
    assert "nút 'D'" in err
    (tmp_path / "x.gr").write_text(
        GRAPH.replace("E 1 4 2", "E 1 2 2").replace("E 4 3 2", "E 4 4 2").replace("T 3", "T 4")
    )
    code, _, err = call("steiner", tmp_path / "x.gr")
    assert code == 2
    assert "nút '4'" in err
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


@pytest.fixture
def files(tmp_path):
    lanes = [[[106.0, 10.0], [106.02, 10.0]], [[106.01, 10.0], [106.01, 10.01]]]
    write_lines(tmp_path / "roads.geojson", lanes)
    (tmp_path / "sources.csv").write_text("source_id,lon,lat,spare_fibres\nN,106,10,24\n", encoding="utf-8")
    (tmp_path / "places.csv").write_text(
        "place_id,lon,lat,households\nA,106.0101,10.0098,40\nB,106.0199,10.0002,30\n", encoding="utf-8"
    )
    return tmp_path


def write_lines(path, lanes, kind="LineString"):
    rows = [
        {"type": "Feature", "properties": {}, "geometry": {"type": kind, "coordinates": lane}}
        for lane in lanes
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), encoding="utf-8")


def _plan(call, folder, *more, **names):
    named = {"roads": "roads.geojson", "sources": "sources.csv", "places": "places.csv"} | names
    words = [word for option, name in named.items() for word in (f"--{option}", folder / name)]
    code, out, err = call("plan", *words, "--out", folder / "out", "--time-limit", 5, *more)
    return code, out, " ".join(err.split())


@pytest.mark.parametrize(
    ("table", "text", "words"),
    [
        ("places", "place_id,lon,lat\nA,NaN,10\n", "dòng 2, cột lon: 'nan'"),
        ("places", "place_id,lon,lat,households\nA,106.01,10,-4\n", "dòng 2, cột households: '-4.0'"),
        ("places", "place_id,lon,lat\nA,106.01,10\nA,106.02,10\n", "dòng 3: place_id = 'A' trùng với dòng 2"),
        ("places", "place_id,lon,lat,fibres\nA,106.01,10,0\n", "dòng 2, cột fibres: '0.0'"),
        ("places", "place_id,lon,lat\n", "không có dòng nào"),
        ("places", "place_id,lon,lat\nA,580000,1105800\n", "VN-2000"),
        ("sources", "source_id,lon,lat\nN,106,10\nN,106.01,10\n", "dòng 3: source_id = 'N' trùng với dòng 2"),
        ("sources", "source_id,lon,lat,spare_fibres\nN,106,10,-1\n", "dòng 2, cột spare_fibres: '-1.0'"),
        ("sources", "source_id,lon,lat\nN,106,inf\n", "dòng 2, cột lat: 'inf'"),
        ("sources", "source_id,lon,lat\nN,100,10\n", "không nguồn nào trong 2000 m"),
    ],
)
def test_rows_of_sources_and_places_that_cannot_be_used_are_refused(call, files, table, text, words):
    (files / "bad.csv").write_text(text, encoding="utf-8")
    code, out, err = _plan(call, files, **{table: "bad.csv"})
    assert (code, out) == (2, "")
    assert words in err


def test_costs_that_are_no_costs_are_refused_with_their_entry(call, files):
    own = packaged_costs()
    for wrong in (".nan", "-5", "nhiều"):
        (files / "costs.yml").write_text(
            own.replace("cost_vnd: 60000\n", f"cost_vnd: {wrong}\n", 1), encoding="utf-8"
        )
        code, _, err = _plan(call, files, "--costs", files / "costs.yml")
        assert (code, "costs.yml" in err, "new_poles_earth" in err) == (2, True, True)


def packaged_costs():
    return (resources.files("hatangso.law") / "fibre_costs.yml").read_text(encoding="utf-8")


def test_a_map_in_pieces_names_whom_it_cannot_reach_and_a_file_in_metres_is_refused(call, files):
    write_lines(files / "apart.geojson", [[[106.0, 10.0], [106.005, 10.0]], [[106.03, 10.0], [106.06, 10.0]]])
    (files / "far.csv").write_text("place_id,lon,lat\nA,106.004,10\nB,106.05,10\n", encoding="utf-8")
    code, out, err = _plan(call, files, "--json", roads="apart.geojson", places="far.csv")
    answer = json.loads(out)
    assert (code, answer["chosen"]) == (0, ["A"])
    (lost,) = answer["not_joined"]
    assert (lost["place_id"], lost["reason"]) == ("B", "không nối được")
    assert lost["snapped_m"] == pytest.approx(4933, abs=3)
    assert "không liền với nguồn nào" in answer["notes"][0]
    write_lines(files / "metres.geojson", [[[580000.0, 1105800.0], [581000.0, 1105800.0]]])
    code, _, err = _plan(call, files, roads="metres.geojson")
    assert (code, "metres.geojson', đối tượng 1" in err) == (2, True)


def test_loops_stretches_without_length_parts_and_heights_do_no_harm(call, files):
    _, out, _ = _plan(call, files, "--json")
    plain = json.loads(out)
    ring = [[106.005, 10.0], [106.006, 10.001], [106.004, 10.001], [106.005, 10.0]]
    lanes = [[[106.0, 10.0, 5.0], [106.02, 10.0, 6.0]], [[106.01, 10.0, 1.0], [106.01, 10.01, 1.0]]]
    write_lines(
        files / "odd.geojson", [[*lanes, ring, [[106.007, 10.0], [106.007, 10.0]]]], "MultiLineString"
    )
    code, out, _ = _plan(call, files, "--json", roads="odd.geojson")
    odd = json.loads(out)
    assert (code, odd["chosen"], odd["gap"]) == (0, ["A", "B"], 0)
    assert odd["value"] == pytest.approx(plain["value"], rel=1e-4)
    assert odd["seconds_in_all"] > 0


def test_a_plan_within_a_budget_needs_households_and_fibres_that_run_out_are_told(call, files):
    (files / "none.csv").write_text("place_id,lon,lat\nA,106.0101,10\n", encoding="utf-8")
    code, _, err = _plan(call, files, "--budget", 1e9, places="none.csv")
    assert (code, "không điểm nào nối được có số hộ" in err) == (2, True)
    (files / "few.csv").write_text(
        "source_id,name,lon,lat,spare_fibres\nN,Tổng đài,106,10,2\n", encoding="utf-8"
    )
    code, _, err = _plan(call, files, sources="few.csv")
    assert (code, "nguồn 'Tổng đài': 2 sợi" in err) == (2, True)
    code, out, _ = _plan(call, files, "--budget", 1e9, "--json", sources="few.csv")
    answer = json.loads(out)
    assert (code, answer["chosen"], answer["value"], answer["bound"]) == (0, ["A"], 40, 40)


def test_a_plan_is_told_in_english_to_who_reads_english(call, files, monkeypatch):
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    code, out, _ = _plan(call, files)
    assert code == 0
    assert "Joins 2/2 places, 70 households" in out
    assert "Cable of 12 fibres" in out
    assert "Proven best" in out
    assert not set(out) & set("ạảấầậểệịọốộờợụủứừựỳ")  # "đồng" stays


def test_a_cable_with_too_few_spare_fibres_is_told_with_what_laying_beside_costs(call, files):
    way = {"type": "LineString", "coordinates": [[106.0, 10.0], [106.02, 10.0]]}
    row = {"type": "Feature", "properties": {"name": "C7", "spare_fibres": 3}, "geometry": way}
    (files / "cables.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [row]}), encoding="utf-8"
    )
    code, out, _ = _plan(call, files, "--cables", files / "cables.geojson", "--json")
    answer = json.loads(out)
    assert code == 0
    (short,) = answer["cable_shortages"]
    assert (short["cable"], short["spare_fibres"], short["missing"]) == ("'C7'", 3, short["needed"] - 3)
    assert short["cost_vnd"] > 0
    code, out, err = _plan(call, files, "--cables", files / "cables.geojson")
    assert code == 0
    assert "bên cạnh cáp 'C7'" in out
    assert f"thiếu {short['missing']} sợi" in err
