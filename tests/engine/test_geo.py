"""The one place that reprojects: checked against PROJ's own registry, the geodesic and simple arithmetic."""

from __future__ import annotations

import datetime

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hatangso import geo
from hatangso.errors import InputError

HUE = geo.Window(107.0, 15.9, 108.3, 16.8)


@pytest.mark.parametrize(
    ("epsg", "meridian", "width"),
    [
        (9205, 103.0, 3),
        (5897, 105.0, 3),
        (9214, 107.0, 3),
        (9218, 108.5, 3),
        (3405, 105.0, 6),
        (3406, 111.0, 6),
    ],
)
def test_vn2000_agrees_with_the_registry(epsg, meridian, width):
    expected = pyproj.Transformer.from_crs(4326, epsg, always_xy=True).transform(107.59, 16.46)
    assert geo.to_vn2000(107.59, 16.46, meridian_deg=meridian, zone_width_deg=width) == pytest.approx(
        expected, abs=1e-3
    )


@given(st.floats(104, 110), st.floats(8, 23.4), st.sampled_from([104.5, 105.75, 107.0, 108.5]))
def test_vn2000_there_and_back(longitude, latitude, meridian):
    metres = geo.to_vn2000(longitude, latitude, meridian_deg=meridian)
    assert geo.from_vn2000(*metres, meridian_deg=meridian) == pytest.approx((longitude, latitude), abs=1e-7)


def test_a_zone_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="múi 3° hoặc 6°"):
        geo.to_vn2000(107, 16, meridian_deg=107, zone_width_deg=4)


def test_every_province_before_and_after_has_a_meridian():
    codes = {row.province_code for row in geo._meridians()}
    assert len(codes) == 63
    before, after = datetime.date(2025, 6, 30), datetime.date(2025, 7, 1)
    assert sum(len(geo.meridians_of(code, on=before)) for code in codes) == 63
    assert sum(bool(geo.meridians_of(code, on=after)) for code in codes) == 34


def test_the_registry_names_the_same_provinces_for_each_meridian():
    """EPSG area of use of TM-3 107-00: Bắc Giang and Thừa Thiên Huế."""
    before = datetime.date(2025, 6, 30)
    at_107 = {row.province_code for row in geo._meridians() if row.central_meridian_deg == 107.0}
    assert {
        code for code in at_107 if geo.meridians_of(code, on=before)[0].central_meridian_deg == 107.0
    } == {"24", "46"}
    assert "Bac Giang and Thua Thien-Hue" in pyproj.CRS(9214).area_of_use.name


def test_a_merged_province_has_the_meridians_of_its_parts_marked_unverified():
    rows = geo.meridians_of("68", on=datetime.date(2026, 1, 1))
    assert [(row.from_province, row.central_meridian_deg) for row in rows] == [
        ("68", 107.75),
        ("60", 108.5),
        ("67", 108.5),
    ]
    assert all(row.unverified for row in rows)
    assert geo.meridians_of("46")[0].unverified == ""
    with pytest.raises(InputError, match="không có kinh tuyến trục"):
        geo.meridians_of("99")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (107.5912, 16.4637),
        ("107,5912", "16,4637"),
        (16.4637, 107.5912),
        ("107°35'28.32\"Đ", "16°27'49.32\"B"),
        ("E 107 35 28.32", "N 16 27 49.32"),
        ("107°35.472'", "16°27.822'"),
        (1075912000, 164637000),
    ],
)
def test_degrees_are_understood_in_every_writing(first, second):
    found = geo.read_coordinates(first, second)
    assert (found.longitude, found.latitude) == pytest.approx((107.5912, 16.4637), abs=1e-5)
    assert found.form == "wgs84"


def test_swapped_and_mended_coordinates_say_so():
    assert geo.read_coordinates(16.4637, 107.5912).notes == ("đảo kinh độ và vĩ độ, đã đổi lại",)
    assert geo.read_coordinates(107591200, 16463700).notes == ("mất dấu thập phân, đã đặt lại",)


def test_truncated_degrees_say_how_far_the_point_may_lie_off():
    found = geo.read_coordinates(107.5, 16.4)
    assert found.uncertainty_m == pytest.approx(5550)
    assert found.notes == ("chỉ còn 1 chữ số thập phân, điểm có thể lệch 5.550 m",)
    assert geo.read_coordinates(107.5, 16.4637).uncertainty_m == 0.0


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("scale", [1.0, 0.001])
def test_metres_of_the_province_are_converted_in_either_order(order, scale):
    easting, northing = geo.to_vn2000(107.5912, 16.4637, meridian_deg=107.0)
    found = geo.read_coordinates(
        *(np.array([easting, northing]) * scale)[::order], meridians_deg=[107.0], window=HUE
    )
    assert (found.longitude, found.latitude) == pytest.approx((107.5912, 16.4637), abs=1e-7)
    assert "kinh tuyến trục 107,00°" in found.notes[-1]


def test_the_window_decides_between_the_meridians_of_a_merged_province():
    easting, northing = geo.to_vn2000(107.69, 12.0, meridian_deg=108.5)
    dak_nong = geo.Window(107.2, 11.7, 108.2, 12.8)
    found = geo.read_coordinates(easting, northing, meridians_deg=[107.75, 108.5], window=dak_nong)
    assert found.longitude == pytest.approx(107.69)
    doubtful = geo.read_coordinates(easting, northing, meridians_deg=[107.75, 108.5])
    assert (doubtful.longitude, doubtful.notes) == (
        None,
        ("toạ độ VN-2000, chưa rõ kinh tuyến trục trong: 107,75, 108,50",),
    )
    nowhere = geo.read_coordinates(easting, northing, meridians_deg=[104.5], window=dak_nong)
    assert "không kinh tuyến trục nào" in nowhere.notes[0]
    assert "chưa biết kinh tuyến trục" in geo.read_coordinates(easting, northing).notes[0]


@pytest.mark.parametrize(
    ("first", "second"), [("abc", 1), (None, 16), (327650.2, 411765.3), (float("nan"), 16), (9.9, 16)]
)
def test_what_cannot_be_understood_stays_unknown_with_a_reason(first, second):
    found = geo.read_coordinates(first, second)
    assert (found.longitude, found.latitude, found.form) == (None, None, "unknown")
    assert found.notes


def test_a_point_outside_its_district_is_flagged():
    assert "nằm ngoài khung của địa bàn" in geo.read_coordinates(105.8123, 21.0123, window=HUE).notes


def test_one_degree_of_latitude_and_the_length_of_a_line():
    assert geo.geodesic_distance_m((105, 105), (10, 11)) == pytest.approx(110_611, abs=5)
    line = shapely.LineString([(105, 10), (105, 11), (105, 10)])
    assert geo.line_length_m([line])[0] == pytest.approx(2 * 110_611, abs=10)


def test_area_agrees_with_the_geodesic_area():
    polygon = shapely.box(107.0, 12.0, 107.2, 12.2)
    exact = abs(pyproj.Geod(ellps="WGS84").geometry_area_perimeter(polygon)[0]) / 1e6
    assert geo.area_km2([polygon])[0] == pytest.approx(exact, rel=1e-5)


@given(st.floats(-20_000, 20_000), st.floats(-20_000, 20_000))
def test_local_metres_keep_distance_from_the_centre_and_come_back(x, y):
    local = geo.LocalMetres(107.59, 16.46)
    longitude, latitude = local.to_degrees(x, y)
    distance = geo.geodesic_distance_m((107.59, longitude), (16.46, latitude))
    assert distance == pytest.approx(np.hypot(x, y), abs=1e-3)
    assert local.to_metres(longitude, latitude) == pytest.approx((x, y), abs=1e-4)


def test_a_window_round_a_point_holds_the_circle_and_little_more():
    window = geo.window_around(107.59, 16.46, distance_m=5000)
    bearings = np.linspace(0, 360, 721)
    lon, lat, _ = pyproj.Geod(ellps="WGS84").fwd(*np.broadcast_arrays(107.59, 16.46, bearings, 5000.0))
    assert window.contains(lon, lat).all()
    assert (window.east - window.west) == pytest.approx(lon.max() - lon.min(), rel=1e-3)


def test_windows_meet_grow_and_refuse_to_be_inside_out():
    assert HUE.meets(geo.Window(108.0, 16.0, 109.0, 17.0))
    assert not HUE.meets(geo.Window(109.0, 16.0, 110.0, 17.0))
    grown = HUE.grown(1000)
    assert geo.geodesic_distance_m((HUE.west, grown.west), (16, 16)) == pytest.approx(1000, rel=0.02)
    assert grown.north > HUE.north
    with pytest.raises(InputError, match="tây không quá đông"):
        geo.Window(2, 0, 1, 1)
    assert geo.window_of([shapely.box(1, 2, 3, 4)]) == geo.Window(1, 2, 3, 4)
    with pytest.raises(InputError, match="ít nhất một hình"):
        geo.window_of([])


def test_geometries_of_another_system_become_degrees():
    point = shapely.Point(*geo.to_vn2000(107.69, 12.0, meridian_deg=108.5))
    moved = geo.to_wgs84(np.array([point]), "EPSG:9218")[0]
    assert (moved.x, moved.y) == pytest.approx((107.69, 12.0), abs=1e-7)
    assert geo.to_wgs84(np.array([point]), None)[0] is point
    with pytest.raises(InputError, match="không nhận ra"):
        geo.to_wgs84(np.array([point]), "EPSG:nonsense")
    with pytest.raises(InputError, match="kinh độ, vĩ độ"):
        geo.LocalMetres(200, 0)
