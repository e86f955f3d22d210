"""Map files of any coordinate system, shape kind and layer, as people send them."""

import json
from contextlib import nullcontext

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely

from hatangso.errors import HatangsoError
from hatangso.map_tables import LAT, LON, read_map, read_point_table
from hatangso.tables import Column, TableSpec

SPEC = TableSpec("điểm", (Column("place_id"), LON, LAT), key=("place_id",))
PLACES = np.array([shapely.Point(106.01, 10.0), shapely.Point(106.02, 10.01)], dtype=object)


def write(path, shapes, *, crs="EPSG:4326", layer="a", kind="Point"):
    move = pyproj.Transformer.from_crs(4326, crs or 9218, always_xy=True).transform
    moved = shapely.transform(shapes, lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1])))
    with pytest.warns(UserWarning, match="crs") if crs is None else nullcontext():
        pyogrio.raw.write(
            path, geometry=shapely.to_wkb(moved), field_data=[np.array(["A", "B"], dtype=object)], fields=["place_id"],
            geometry_type=kind, crs=crs, layer=layer, driver="GPKG", append=path.exists(),
        )  # fmt: skip
    return path


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:9218", "EPSG:32648", "EPSG:2263"])
def test_degrees_come_of_vn2000_of_metres_and_of_feet(tmp_path, crs):
    table = read_point_table(write(tmp_path / "p.gpkg", PLACES, crs=crs), SPEC)
    assert table["lon"].to_list() == pytest.approx([106.01, 106.02], abs=1e-5)
    assert table["lat"].to_list() == pytest.approx([10.0, 10.01], abs=1e-5)


def test_metres_without_a_system_are_refused_with_row_and_remedy(tmp_path):
    with pytest.raises(
        HatangsoError, match=r"p.gpkg', đối tượng 1: toạ độ .* không ghi hệ toạ độ.*EPSG:9218"
    ):
        read_map(write(tmp_path / "p.gpkg", PLACES, crs=None))


def test_degrees_the_wrong_way_round_are_told(tmp_path):
    turned = shapely.transform(PLACES, lambda xy: xy[:, ::-1])
    rows = [
        {"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(shape))}
        for shape in turned
    ]
    (tmp_path / "p.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    with pytest.raises(HatangsoError, match="bị đổi chỗ"):
        read_map(tmp_path / "p.geojson")


def test_one_of_several_layers_must_be_named(tmp_path):
    path = write(tmp_path / "p.gpkg", PLACES)
    write(path, shapely.transform(PLACES, lambda xy: xy + 0.1), layer="b")
    with pytest.raises(HatangsoError, match=r"2 lớp: a, b.*p\.gpkg#a"):
        read_point_table(path, SPEC)
    assert read_point_table(tmp_path / "p.gpkg#b", SPEC)["lon"][0] == pytest.approx(106.11)


def test_areas_and_points_of_several_parts_and_heights_give_a_place(tmp_path):
    areas = shapely.buffer(PLACES, 0.001)
    assert read_point_table(write(tmp_path / "a.gpkg", areas, kind="Polygon"), SPEC)["lon"][
        0
    ] == pytest.approx(106.01, abs=1e-3)
    several = np.array([shapely.MultiPoint([shape]) for shape in PLACES], dtype=object)
    assert (
        read_point_table(write(tmp_path / "m.gpkg", several, kind="MultiPoint"), SPEC)["lat"][1]
        == PLACES[1].y
    )
    _, flat = read_map(write(tmp_path / "z.gpkg", shapely.force_3d(PLACES, 5.0), kind="Point Z"))
    assert not shapely.has_z(flat).any()


def test_a_table_of_numbers_stays_a_table_and_an_empty_file_is_told(tmp_path):
    (tmp_path / "p.csv").write_text("place_id,lon,lat\nA,106,10\n", encoding="utf-8")
    assert read_point_table(tmp_path / "p.csv", SPEC).height == 1
    (tmp_path / "p.csv").write_text("place_id,X,Y\nA,580000,1105800\n", encoding="utf-8")
    with pytest.raises(HatangsoError, match=r"dòng 2, cột lon: '580000.0'.*VN-2000"):
        read_point_table(tmp_path / "p.csv", SPEC)
    (tmp_path / "p.gpkg").write_bytes(b"")
    with pytest.raises(HatangsoError, match="rỗng"):
        read_map(tmp_path / "p.gpkg")


def test_a_feature_without_shape_is_named(tmp_path):
    rows = [{"type": "Feature", "properties": {"place_id": "A"}, "geometry": None}]
    (tmp_path / "p.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    with pytest.raises(HatangsoError, match="đối tượng 1: không có hình"):
        read_point_table(tmp_path / "p.geojson", SPEC)
