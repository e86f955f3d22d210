import json

import osmium
import pytest

from hatangso.errors import HatangsoError
from hatangso.fibre.lines import read_lines

COORDINATES = [[106.0, 16.0], [106.001, 16.0]]


def _geojson(tmp_path, *features):
    path = tmp_path / "roads.geojson"
    rows = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": geometry and {"type": kind, "coordinates": geometry},
        }
        for properties, kind, geometry in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), encoding="utf-8")
    return path


def test_kind_and_surface_of_a_row_are_obeyed(tmp_path):
    path = _geojson(
        tmp_path,
        ({"loại": "đường", "mặt đường": "Nhựa"}, "LineString", COORDINATES),
        ({"loại": "Cống bể", "mặt đường": None}, "MultiLineString", [COORDINATES, COORDINATES]),
        ({"loại": "quốc lộ", "mặt đường": "bê tông"}, "LineString", COORDINATES),
        ({"loại": "sông", "mặt đường": ""}, "LineString", COORDINATES),
    )
    lines = read_lines(path)
    assert lines.carrier.tolist() == ["road", "duct", "duct", "road", ""]
    assert lines.barrier.tolist() == ["", "", "", "national_road", "river"]
    assert lines.surface.tolist() == ["asphalt", "unknown", "unknown", "concrete", "unknown"]


def test_rows_that_cannot_be_used_are_all_named(tmp_path):
    path = _geojson(
        tmp_path,
        ({"kind": "road"}, "LineString", COORDINATES),
        ({"kind": "bay"}, "LineString", COORDINATES),
        ({"kind": "road"}, "Point", COORDINATES[0]),
        ({"kind": "road"}, "LineString", None),
    )
    with pytest.raises(HatangsoError) as caught:
        read_lines(path)
    text = str(caught.value)
    assert all(
        words in text
        for words in ("đối tượng 2", "'bay'", "đối tượng 3: Point", "đối tượng 4: không có hình")
    )


def test_missing_file_and_unknown_kind_are_refused(tmp_path):
    with pytest.raises(HatangsoError, match="Không có tệp"):
        read_lines(tmp_path / "none.gpkg")
    with pytest.raises(HatangsoError, match="Loại tuyến"):
        read_lines(tmp_path, kind="air")
    (tmp_path / "broken.osm.pbf").write_bytes(b"no map at all")
    with pytest.raises(HatangsoError, match="OpenStreetMap"):
        read_lines(tmp_path / "broken.osm.pbf")


def test_openstreetmap_roads_rivers_and_railways(tmp_path):
    path = tmp_path / "small.osm.pbf"
    ways = [
        {"highway": "residential", "surface": "asphalt"}, {"highway": "primary", "ref": "QL1"}, {"highway": "motorway"},
        {"waterway": "river"}, {"railway": "rail"}, {"power": "minor_line"}, {"railway": "rail", "tunnel": "yes"}, {"building": "yes"},
        {"highway": "service", "tunnel": "yes"},
    ]  # fmt: skip
    with osmium.SimpleWriter(str(path)) as writer:
        for number in range(2 * len(ways)):
            writer.add_node(osmium.osm.mutable.Node(id=number + 1, location=(106 + number / 1000, 16.0)))
        for number, tags in enumerate(ways):
            writer.add_way(
                osmium.osm.mutable.Way(id=number + 1, nodes=[2 * number + 1, 2 * number + 2], tags=tags)
            )
    lines = read_lines(path)
    assert lines.carrier.tolist() == ["road", "road", "", "", "", "poles"]
    assert lines.barrier.tolist() == ["", "national_road", "national_road", "river", "rail", ""]
    assert lines.surface[0] == "asphalt"
    assert lines.noded.all()


def test_spare_fibres_and_names_of_cables_are_read_and_wrong_ones_named(tmp_path):
    path = _geojson(
        tmp_path,
        ({"tên": "Tuyến 7", "Số sợi còn dư": 12}, "LineString", COORDINATES),
        ({"tên": None, "Số sợi còn dư": None}, "LineString", COORDINATES),
    )
    lines = read_lines(path, kind="cable")
    assert lines.name.tolist() == ["'Tuyến 7'", "đối tượng 2 của 'roads.geojson'"]
    assert lines.spare_fibres[0] == 12
    assert lines.spare_fibres[1] != lines.spare_fibres[1]  # not told
    for wrong in (-3, 2.5, "nhiều"):
        path = _geojson(tmp_path, ({"spare_fibres": wrong}, "LineString", COORDINATES))
        with pytest.raises(HatangsoError, match="đối tượng 1, cột spare_fibres"):
            read_lines(path, kind="cable")
