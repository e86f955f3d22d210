import datetime
import json

import numpy as np
import polars as pl
import pyogrio
import pytest
from openpyxl import load_workbook

from hatangso.errors import HatangsoError
from hatangso.fibre.costs import read_costs
from hatangso.fibre.dig_once import find_overlaps, read_works
from hatangso.fibre.exports import draw_plan, open_fibre_network, stage_rows, write_geopackage, write_workbook
from hatangso.fibre.network import build_network
from hatangso.fibre.places import spots_of
from hatangso.fibre.plan import plan_fibre
from hatangso.maps.layers import MapSheet
from tests.engine.fibre.small_maps import lane_map, line, places_table, sources_table
from tests.reference.schema_by_hand import faults

SOURCES = sources_table(("N", 0, 0, 48))
PLACES = places_table(("A", 4, 3, 100), ("B", 8, 3, 20), ("=C", 1, 0, 60), ("D", 3, 90, 5))
TABLES = (SOURCES, PLACES)


@pytest.fixture(scope="module")
def plan():
    costs = read_costs()
    network = build_network(lane_map(), sources=spots_of(SOURCES), places=spots_of(PLACES), costs=costs)
    return plan_fibre(network, sources=SOURCES, places=PLACES, costs=costs)


@pytest.fixture(scope="module")
def works(tmp_path_factory):
    path = tmp_path_factory.mktemp("works") / "works.geojson"
    shape = {
        "type": "LineString",
        "coordinates": [list(point) for point in line((0, 0.05), (2, 0.05)).coords],
    }
    row = {
        "type": "Feature",
        "properties": {"Tên": "Sửa đường", "Từ ngày": "2026-03-01", "Đến ngày": "2026-06-30"},
        "geometry": shape,
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [row]}), encoding="utf-8")
    return path


def test_geopackage_holds_routes_places_and_sources(plan, works, tmp_path):
    overlaps = find_overlaps(plan, *read_works(works))
    write_geopackage(plan, tmp_path / "x.gpkg", tables=TABLES, overlaps=overlaps)
    layers = {str(name) for name in pyogrio.list_layers(tmp_path / "x.gpkg")[:, 0]}
    assert layers == {"routes", "places", "sources", "shared_works"}
    meta, _, _, columns = pyogrio.raw.read(tmp_path / "x.gpkg", layer="routes")
    table = dict(zip(meta["fields"], columns, strict=True))
    assert table["length_m"].sum() == pytest.approx(plan.length_m, abs=1)
    meta, _, _, columns = pyogrio.raw.read(tmp_path / "x.gpkg", layer="places")
    assert dict(zip(meta["fields"], columns, strict=True))["reason"].tolist()[3] == "không nối được"


def test_works_along_the_route_are_found_with_their_days(plan, works):
    (overlap,) = find_overlaps(plan, *read_works(works))
    assert (overlap.work, overlap.start, overlap.end) == (
        "Sửa đường",
        datetime.date(2026, 3, 1),
        datetime.date(2026, 6, 30),
    )
    assert overlap.length_m == pytest.approx(2 * 111.32, abs=20)
    assert overlap.cost_vnd > 0


def test_works_that_end_before_they_begin_are_refused(works, tmp_path):
    text = works.read_text(encoding="utf-8").replace("2026-06-30", "2025-06-30")
    (tmp_path / "w.geojson").write_text(text, encoding="utf-8")
    with pytest.raises(HatangsoError, match="đối tượng 1: ngày kết thúc trước"):
        read_works(tmp_path / "w.geojson")


def test_workbook_has_all_sheets_and_no_formula(plan, tmp_path):
    write_workbook(plan, tmp_path / "x.xlsx", tables=TABLES)
    book = load_workbook(tmp_path / "x.xlsx")
    assert book.sheetnames == ["Vật tư", "Thứ tự xây dựng", "Điểm", "Đoạn tuyến", "Làm chung", "Ghi chú"]
    assert book["Điểm"]["A4"].value == "'=C"
    cost = sum(row[4].value for row in book["Vật tư"].iter_rows(min_row=2))
    assert cost == pytest.approx(plan.cost_vnd, abs=len(plan.materials))


def test_stages_add_up(plan):
    rows = stage_rows(plan)
    assert rows["households_so_far"][-1] == 180
    assert rows["cost_so_far_vnd"].is_sorted()


def test_picture_names_its_source_and_shows_what_is_left_out(plan):
    svg, png = draw_plan(plan, tables=TABLES, sheet=MapSheet("Phương án", "số liệu thử"))
    assert "tuyến làm mới" in svg
    assert "điểm không nối" in svg
    assert png[:4] == b"\x89PNG"
    assert "đường, tuyến có trên bản đồ" not in svg


def test_picture_shows_the_roads_and_the_river_beneath(plan):
    sheet = MapSheet("Phương án", "số liệu thử")
    svg, _ = draw_plan(plan, tables=TABLES, sheet=sheet, ground=lane_map())
    assert svg.index('stroke="#b8b8b8"') < svg.index('stroke="#a3123a"')
    assert "đường, tuyến có trên bản đồ" in svg
    assert "sông, đường sắt phải vượt" in svg


@pytest.mark.shared
def test_open_fibre_data_standard_is_kept(plan, shared):
    schema = json.loads(shared("data/fibre/ofds/schema/network-schema.json").read_text(encoding="utf-8"))
    network = open_fibre_network(plan, tables=TABLES, name="Thử")["networks"][0]
    assert faults(network, schema, schema) == []
    ids = {node["id"] for node in network["nodes"]}
    assert all({span["start"], span["end"]} <= ids for span in network["spans"])
    places = {node["id"]: node["location"]["coordinates"] for node in network["nodes"]}
    for span in network["spans"]:
        route = span["route"]["coordinates"]
        assert np.allclose(route[0], places[span["start"]], atol=1e-6)
        assert np.allclose(route[-1], places[span["end"]], atol=1e-6)
    network["spans"][0]["status"] = "wish"
    assert faults(network, schema, schema) == ["$.spans[0].status: 'wish' ngoài danh sách"]


def test_route_table_of_an_empty_answer(plan):
    assert isinstance(stage_rows(plan), pl.DataFrame)
    assert stage_rows(plan).height == len(plan.stages)
