"""Boundaries: joined by code or by name, faults reported, simplified together, estimates of divided areas."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pyogrio
import pytest
import rasterio
import shapely

from hatangso.areas import boundaries, estimating
from hatangso.areas.borders import border_faults
from hatangso.areas.boundaries import BoundarySet, read_boundaries
from hatangso.areas.carrying import Carrier
from hatangso.areas.register import Area, Change, Register, national_register
from hatangso.errors import InputError
from hatangso.geo import Window

DAY, OLD = datetime.date(2025, 7, 1), datetime.date(2025, 6, 30)


def box(column: float, row: float, size: float = 1.0) -> shapely.Polygon:
    return shapely.box(107 + column, 12 + row, 107 + column + size, 12 + row + size)


@pytest.fixture
def small() -> Register:
    """Province 90 holds A (twin name), B, C; province 91 holds a commune with A's name."""
    return Register(
        [
            Area("90", "province", "Tỉnh", "Đắk Thử", "", None, None),
            Area("91", "province", "Tỉnh", "Bình Thử", "", None, None),
            Area("00001", "commune", "Xã", "Tân Hưng", "90", None, None),
            Area("00002", "commune", "Xã", "Hòa Bình", "90", None, None),
            Area("00003", "commune", "Phường", "Quang Trung", "90", None, None),
            Area("00004", "commune", "Xã", "Tân Hưng", "91", None, None),
        ]
    )


def write(path, columns: dict[str, list], polygons, crs="EPSG:4326"):
    fields = list(columns)
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array(polygons, dtype=object)),
        field_data=[np.array(columns[name], dtype=object) for name in fields],
        fields=fields,
        geometry_type="Polygon",
        crs=crs,
    )
    return path


FOUR = [box(0, 0), box(1, 0), box(0, 1), box(1, 1)]


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp"])
def test_each_format_is_joined_by_its_code(tmp_path, small, suffix):
    path = write(tmp_path / f"map.{suffix}", {"ma": ["00001", "00002", "00003", "00004"]}, FOUR)
    found, report = read_boundaries(path, register=small, on=DAY)
    assert found.codes == ("00001", "00002", "00003", "00004")
    assert (report.joined_by, report.unknown, report.missing, report.overlaps, report.holes) == (
        "ma",
        (),
        (),
        (),
        (),
    )


def test_geoparquet_is_read_too(tmp_path, small):
    frame = pl.DataFrame(
        {"code": ["00001", "00002"], "geometry": shapely.to_wkb(np.array(FOUR[:2])).tolist()}
    )
    frame.write_parquet(tmp_path / "map.parquet")
    found, report = read_boundaries(tmp_path / "map.parquet", register=small, on=DAY)
    assert found.codes == ("00001", "00002")
    assert [area.code for area in report.missing] == ["00003", "00004"]


def test_codes_that_lost_their_zeros_are_still_codes(tmp_path, small):
    path = write(tmp_path / "map.geojson", {"maxa": ["1", "2", "3", "4"]}, FOUR)
    assert read_boundaries(path, register=small, on=DAY)[0].codes[0] == "00001"


def test_without_codes_the_name_and_the_province_join_twins_apart(tmp_path, small):
    columns = {
        "TenXa": ["Xã Tân Hưng", "xã Tân Hưng", "Hoà Bình", "P. lạ"],
        "Tinh": ["Tỉnh Đắk Thử", "Bình Thử", "Đắk Thử", "Đắk Thử"],
    }
    found, report = read_boundaries(write(tmp_path / "map.geojson", columns, FOUR), register=small, on=DAY)
    assert found.codes == ("00001", "00002", "00004")
    assert report.joined_by == "TenXa + Tinh"
    assert report.unknown == ("P. lạ",)
    assert [area.name for area in report.missing] == ["Quang Trung"]


def test_a_strange_code_is_joined_by_name_and_said_so(tmp_path, small):
    columns = {
        "code": ["00001", "00002", "00009", "00004"],
        "name": ["Tân Hưng", "Hòa Bình", "Quang Trung", "Tân Hưng"],
        "province_code": ["90", "90", "90", "91"],
    }
    found, report = read_boundaries(write(tmp_path / "map.geojson", columns, FOUR), register=small, on=DAY)
    assert found.codes == ("00001", "00002", "00003", "00004")
    assert report.joined_by_name == ("00009 → 00003",)
    assert report.unknown == ()


def test_a_wrong_province_a_repeated_area_and_a_bow_tie_are_reported(tmp_path, small):
    bow_tie = shapely.Polygon([(109, 12), (110, 13), (110, 12), (109, 13)])
    columns = {"code": ["00001", "00002", "00002", "00003"], "province_code": ["90", "91", "90", "90"]}
    path = write(tmp_path / "map.geojson", columns, [*FOUR[:3], bow_tie])
    found, report = read_boundaries(path, register=small, on=DAY)
    assert report.repeated == ("00002",)
    assert report.wrong_parents == (("00002", "91", "Tỉnh Đắk Thử (90)"),)
    assert report.mended == ("00003",)
    assert shapely.area(found.polygons) == pytest.approx([1.0, 2.0, 0.5])
    text = "\n".join(report.sentences())
    assert "1 ghi sai tỉnh: 00002: tệp ghi '91', danh mục Tỉnh Đắk Thử (90)" in text
    assert "1 vùng lỗi hình học, đã sửa: 00003" in text


def test_a_file_in_vn2000_is_brought_to_degrees(tmp_path, small):
    metres = shapely.box(411_000, 1_327_000, 412_000, 1_328_000)
    path = write(tmp_path / "map.gpkg", {"code": ["00001"]}, [metres], crs="EPSG:9218")
    found, _ = read_boundaries(path, register=small, on=DAY)
    assert found.codes_at(np.array([107.69]), np.array([12.0])).tolist() == ["00001"]


def test_points_and_strange_files_are_refused(tmp_path, small):
    path = tmp_path / "points.geojson"
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array([shapely.Point(1, 1)])), [], [], geometry_type="Point", crs="EPSG:4326"
    )
    with pytest.raises(InputError, match="không có vùng nào"):
        read_boundaries(path, register=small, on=DAY)
    path = write(tmp_path / "strange.geojson", {"what": ["x", "y"]}, FOUR[:2])
    with pytest.raises(InputError, match="không nối được theo tên"):
        read_boundaries(path, register=small, on=DAY)


def test_an_overlap_and_a_hole_are_found_with_their_size_and_place():
    ring = [
        box(0, 0),
        box(1, 0),
        box(2, 0),
        box(0, 1),
        box(2, 1),
        box(0, 2),
        box(1, 2),
        shapely.box(108.9, 14, 110, 15),
    ]
    codes = [str(number) for number in range(len(ring))]
    overlaps, holes = border_faults(codes, np.array(ring))
    (overlap,), (hole,) = overlaps, holes
    assert overlap.codes == ("6", "7")
    assert (overlap.longitude, overlap.latitude) == pytest.approx((108.95, 14.5), abs=0.06)
    assert overlap.size_km2 == pytest.approx(0.1 * 107.6 * 110.6, rel=0.01)
    assert (hole.longitude, hole.latitude) == pytest.approx((108.5, 13.5), abs=0.4)
    assert set(hole.codes) == set("01234567")
    assert "km²" in overlap.sentence()


def test_an_area_listed_twice_is_an_overlap_although_all_its_edges_come_in_pairs():
    overlaps, holes = border_faults(["a", "b"], np.array([box(0, 0), box(0, 0)]))
    assert ([overlap.codes for overlap in overlaps], holes) == ([("a", "b")], ())


def test_a_map_without_faults_has_none():
    assert border_faults(["a", "b", "c", "d"], np.array(FOUR)) == ((), ())


def test_simplified_neighbours_keep_their_common_border():
    wavy = [(108 + 0.001 * (step % 2), 12 + step / 50) for step in range(51)]
    left = shapely.Polygon([(107, 12), *wavy, (107, 13)])
    right = shapely.Polygon([(109, 12), (109, 13), *wavy[::-1]])
    simple = BoundarySet(("a", "b"), np.array([left, right]), DAY).simplified(tolerance_m=1000)
    assert shapely.get_num_coordinates(simple.polygons).max() < 20
    assert border_faults(simple.codes, simple.polygons) == ((), ())
    with pytest.raises(InputError, match="lớn hơn 0"):
        simple.simplified(tolerance_m=0)


def test_points_get_codes_and_codes_go_to_another_day():
    day, register = DAY, national_register()
    found = BoundarySet(("25345", "14818"), np.array([box(0, 0), box(1, 0)]), day)
    assert found.codes_at(np.array([107.5, 108.5, 99.0]), np.array([12.5] * 3)).tolist() == [
        "25345",
        "14818",
        "",
    ]
    now = boundaries.codes_on(found, register, on=datetime.date(2026, 11, 21))
    assert now["25345"] == ("25345", "")
    before = boundaries.codes_on(found, register, on=OLD)
    assert before["25345"][0] == ""
    assert "có thể thuộc" in before["25345"][1]


@pytest.fixture
def cut():
    """The old square C (0–2 east) is cut at 1.5; the right quarter goes to P."""
    register = Register(
        [Area("C", "commune", "Xã", "C", "", None, DAY), Area("N", "commune", "Xã", "N", "", DAY, None),
         Area("P", "commune", "Xã", "P", "", DAY, None)],
        [Change("split", "C", "N", DAY, None, None, "NQ"), Change("split", "C", "P", DAY, None, None, "NQ")],
    )  # fmt: skip
    before = BoundarySet(("C",), np.array([shapely.box(107, 12, 109, 13)]), OLD)
    after = BoundarySet(
        ("N", "P"), np.array([shapely.box(107, 12, 108.5, 13), shapely.box(108.5, 12, 109, 13)]), DAY
    )
    return register, before, after


def test_a_cut_area_is_divided_by_land_or_by_people_as_an_estimate(cut):
    register, before, after = cut
    by_land = estimating.spreading_from_areas(before=before, after=after)
    carried = Carrier(register, since=OLD, to=DAY, spreading=by_land).carry({"C": 100.0})
    assert {row.area_code: row.value for row in carried.rows} == pytest.approx({"N": 75.0, "P": 25.0})
    people = estimating.WeightedPoints(
        np.array([107.2, 108.9, 108.8]),
        np.array([12.5, 12.5, 12.1]),
        np.array([60.0, 30.0, 10.0]),
        "điều tra thôn",
    )
    by_people = estimating.spreading_from_points(people, before=before, after=after)
    carried = Carrier(register, since=OLD, to=DAY, spreading=by_people).carry({"C": 100.0})
    assert [(row.area_code, row.value, row.assumed) for row in carried.rows] == [
        ("N", 60.0, 60.0),
        ("P", 40.0, 40.0),
    ]
    assert carried.rows[0].note == "60 dựa trên giả định chia theo dân số (nguồn: điều tra thôn; ước tính)"


def test_a_population_grid_becomes_points_in_the_middle_of_its_cells(tmp_path):
    path = tmp_path / "people.tif"
    transform = rasterio.Affine(0.5, 0, 107, 0, -0.5, 13)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=2,
        height=1,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=transform,
        nodata=-1,
    ) as raster:
        raster.write(np.array([[[3.0, -1.0]]], dtype=np.float32))
    points = estimating.read_population_grid(path)
    assert (points.longitude.tolist(), points.latitude.tolist(), points.weight.tolist()) == (
        [107.25],
        [12.75],
        [3.0],
    )
    assert estimating.read_population_grid(path, window=Window(100, 0, 101, 1)).weight.size == 0
    with pytest.raises(InputError, match="Không có tệp"):
        estimating.read_population_grid(tmp_path / "none.tif")


@pytest.mark.shared
def test_the_polygons_of_the_country_are_imported_with_their_known_faults(shared):
    path = shared("data/boundaries/communes_2025_simplified20m.parquet")
    found, report = read_boundaries(path, register=national_register(), on=datetime.date(2026, 7, 25))
    assert (len(found.codes), report.joined_by, report.joined_by_name) == (3321, "code", ("06978 → 06970",))
    assert report.overlaps[0].codes == ("02647", "02683", "02746")
    assert sum(hole.size_km2 for hole in report.holes) == pytest.approx(0.06, abs=0.005)
    inner = shapely.point_on_surface(found.polygons)
    codes = found.codes_at(shapely.get_x(inner), shapely.get_y(inner))
    differing = [code for code, known in zip(codes.tolist(), found.codes, strict=True) if code != known]
    assert len(differing) <= 2  # points in the known overlap
