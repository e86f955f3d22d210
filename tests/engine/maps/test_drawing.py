"""Drawn maps: what every sheet carries, true scale, holes, classes that survive a photocopy."""

from __future__ import annotations

import io
import itertools
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hatangso.errors import InputError
from hatangso.geo import Window, geodesic_distance_m
from hatangso.maps.drawing import draw_map, draw_map_png
from hatangso.maps.layers import AreaLayer, GridLayer, LineLayer, MapSheet, PointLayer
from hatangso.maps.png import dashed
from hatangso.maps.shapes import SEQUENTIAL, Picture, Shape, Words, fills
from hatangso.maps.sheet import lay_out, round_length_m, wrap

SHEET = MapSheet(
    "Tỷ lệ hộ có cáp quang", "UBND xã, ngày 14/9/2025", subtitle="quý III/2025", width_mm=100, height_mm=120
)
WEST, EAST = shapely.box(107.0, 16.0, 107.1, 16.1), shapely.box(107.1, 16.0, 107.2, 16.1)
AREAS = AreaLayer([WEST, EAST], [1, -1], ["dưới 80 %", "từ 80 % trở lên"], ["Kim Trà", "Hương Trà"])
SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [node.text for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_every_map_carries_title_legend_scale_north_and_source():
    written = texts(draw_map([AREAS], sheet=SHEET))
    assert {"Tỷ lệ hộ có cáp quang", "quý III/2025", "từ 80 % trở lên", "chưa có số liệu", "B"} <= set(
        written
    )
    assert "Nguồn: UBND xã, ngày 14/9/2025" in written
    assert any(re.fullmatch(r"\d+ km", text) for text in written)


def test_areas_are_named_on_the_map_and_told_when_pointed_at():
    svg = draw_map([AREAS], sheet=SHEET)
    assert {"Kim Trà", "Hương Trà"} <= set(texts(svg))
    hints = [node.text for node in ElementTree.fromstring(svg).iter(f"{SVG}title")]
    assert "Kim Trà: từ 80 % trở lên" in hints
    assert "Hương Trà: chưa có số liệu" in hints


def test_the_svg_needs_no_style_and_no_script():
    svg = draw_map([AREAS], sheet=SHEET)
    assert "style" not in svg
    assert "<script" not in svg
    assert draw_map([AREAS], sheet=SHEET) == svg


def test_words_of_people_are_escaped():
    sheet = MapSheet("<script>alert(1)</script> & Huế", "'nguồn' \"này\"")
    layer = AreaLayer([WEST], [0], ["a < b"], ["<b>"])
    assert "<script>alert(1)</script> & Huế" in " ".join(texts(draw_map([layer], sheet=sheet)))


def test_two_maps_on_a_page_do_not_share_names():
    first = draw_map([AREAS], sheet=SHEET)
    second = draw_map([AREAS], sheet=MapSheet("Bản đồ khác", "nguồn"))
    names = [set(re.findall(r' id="([^"]+)"', svg)) for svg in (first, second)]
    assert names[0]
    assert not names[0] & names[1]


def test_the_scale_bar_is_true():
    layer = PointLayer([107.0, 107.3], [16.0, 16.0], "trạm")
    drawing = lay_out([layer], SHEET)
    first, second = [mark for mark in drawing.map_marks if isinstance(mark, Shape)]
    apart_mm = float(np.hypot(*(first.rings[0].mean(axis=0) - second.rings[0].mean(axis=0))))
    bar = [mark for mark in drawing.sheet_marks if isinstance(mark, Shape)][-4:]
    bar_mm = bar[-1].rings[0][:, 0].max() - bar[0].rings[0][:, 0].min()
    words = next(
        mark.text for mark in drawing.sheet_marks if isinstance(mark, Words) and mark.text.endswith(" km")
    )
    apart_m = float(geodesic_distance_m((107.0, 107.3), (16.0, 16.0)))
    assert apart_mm / bar_mm == pytest.approx(apart_m / (float(words.split()[0]) * 1000), rel=1e-3)


@pytest.mark.parametrize(("most", "length"), [(9.9, 5), (10, 10), (49_000, 20_000), (50_000, 50_000)])
def test_the_bar_has_a_round_length(most, length):
    assert round_length_m(most) == length


def test_classes_differ_by_lightness_in_order_and_neighbours_by_pattern():
    def light(colour: str) -> float:
        red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lights = [light(fill.colour) for fill in SEQUENTIAL]
    assert all(above - below > 15 for above, below in itertools.pairwise(lights))
    for count in range(2, 7):
        chosen = fills("sequential", count)
        assert len(set(chosen)) == count
        assert all(one.pattern != other.pattern for one, other in itertools.pairwise(chosen[:-1]))


def test_a_wide_land_takes_no_more_of_the_page_than_it_needs():
    wide = AreaLayer([shapely.box(107.0, 16.0, 108.0, 16.1)], [0], ["a"])
    assert lay_out([wide], SHEET).height_mm < 80
    tall = AreaLayer([shapely.box(107.0, 16.0, 107.1, 17.0)], [0], ["a"])
    assert lay_out([tall], SHEET).height_mm == SHEET.height_mm


def test_a_name_that_does_not_fit_is_left_out():
    small = AreaLayer(
        [WEST, shapely.box(107.1, 16.0, 107.101, 16.001)], [0, 0], ["a"], ["Kim Trà", "Thị trấn Tân Khai"]
    )
    assert "Thị trấn Tân Khai" not in texts(draw_map([small], sheet=SHEET))


def picture(layers, sheet=SHEET, dots_per_inch=72) -> tuple[np.ndarray, float]:
    png = Image.open(io.BytesIO(draw_map_png(layers, sheet=sheet, dots_per_inch=dots_per_inch)))
    return np.asarray(png.convert("RGB")), dots_per_inch / 25.4


def test_a_hole_stays_a_hole_and_an_area_within_a_layer_is_filled():
    ring = shapely.box(107.0, 16.0, 107.3, 16.3).difference(shapely.box(107.1, 16.1, 107.2, 16.2))
    layer = AreaLayer([ring], [0], ["a", "b"], palette="verdicts")
    (mark,) = lay_out([layer], SHEET).map_marks
    pixels, scale = picture([layer])
    left, top = mark.rings[0].min(axis=0)
    middle_x, middle_y = mark.rings[0][:-1].mean(axis=0)
    assert tuple(pixels[round(middle_y * scale), round(middle_x * scale)]) == (255, 255, 255)
    assert tuple(pixels[round((top + 2) * scale), round((left + 2) * scale)]) == (0xCF, 0xE3, 0xF5)


def test_neighbours_with_the_same_pattern_leave_no_slit_between_them():
    layer = AreaLayer([WEST, EAST], [4, 4], ["1", "2", "3", "4", "5"])
    pixels, _ = picture([layer])
    row = pixels[pixels.shape[0] // 2 - 20]
    inside = row[len(row) // 2 - 6 : len(row) // 2 + 6].astype(int)
    assert inside.sum(axis=1).max() < 3 * 200


def test_the_first_row_of_a_grid_is_north():
    grid = GridLayer(np.array([[0], [1]]), Window(107.0, 16.0, 107.2, 16.2), ["xa", "gần"])
    (mark,) = lay_out([grid], SHEET).map_marks
    assert isinstance(mark, Picture)
    light, dark = int(SEQUENTIAL[0].colour[1:3], 16), int(SEQUENTIAL[-1].colour[1:3], 16)
    assert (mark.pixels[0, 0, 0], mark.pixels[-1, -1, 0]) == (light, dark)
    assert "data:image/png;base64," in draw_map([grid], sheet=SHEET)


def test_a_cell_without_class_is_not_drawn():
    grid = GridLayer(np.array([[-1, 0]]), Window(107.0, 16.0, 107.2, 16.2), ["có sóng"])
    (mark,) = lay_out([grid], SHEET).map_marks
    assert (mark.pixels[0, 0, 3], mark.pixels[0, -1, 3]) == (0, 255)


def test_the_picture_has_the_size_of_the_sheet():
    png = Image.open(io.BytesIO(draw_map_png([AREAS], sheet=SHEET, dots_per_inch=100)))
    assert png.size[0] == pytest.approx(100 / 25.4 * 100, abs=1)
    assert png.info["dpi"][0] == pytest.approx(100, abs=0.1)


def test_lines_and_points_are_drawn_with_their_legend():
    route = LineLayer([shapely.LineString([(107.0, 16.0), (107.2, 16.1)])], "Tuyến đề xuất", 1)
    stations = PointLayer([107.1], [16.05], "Trạm hiện có", 2, ["TT-01"])
    svg = draw_map([AREAS, route, stations], sheet=SHEET)
    assert {"Tuyến đề xuất", "Trạm hiện có"} <= set(texts(svg))
    assert 'stroke-dasharray="3 1.5"' in svg
    assert len(draw_map_png([route, stations], sheet=SHEET, dots_per_inch=60)) > 1000


def test_a_line_of_ten_is_cut_into_dashes_of_three():
    pieces = dashed(np.array([(0.0, 0.0), (4.0, 0.0), (10.0, 0.0)]), (3.0, 1.0))
    assert [(piece[0, 0], piece[-1, 0]) for piece in pieces] == [(0, 3), (4, 7), (8, 10)]


@pytest.mark.parametrize("layers", [[], [LineLayer([], "tuyến")], [AreaLayer([], [], ["a"])]])
def test_nothing_to_draw_is_said(layers):
    with pytest.raises(InputError, match="không có hình nào để vẽ"):
        draw_map(layers, sheet=SHEET)


def test_a_sheet_too_small_for_its_legend_is_refused():
    layer = AreaLayer([WEST], [0], list("abcdef"))
    with pytest.raises(InputError, match="khổ cao hơn"):
        draw_map([layer], sheet=MapSheet("tên " * 30, "nguồn", width_mm=60, height_mm=60))


def test_long_words_are_wrapped_to_the_width():
    lines = wrap("Tỷ lệ hộ gia đình có khả năng tiếp cận cáp quang", 40, 4)
    assert all(len(line) * 4 * 0.56 <= 40 for line in lines)
    assert " ".join(lines).startswith("Tỷ lệ hộ gia đình")


@settings(max_examples=25)
@given(st.lists(st.tuples(st.floats(102, 110), st.floats(8, 23)), min_size=1, max_size=6))
def test_every_point_lies_on_the_map(points):
    layer = PointLayer([x for x, _ in points], [y for _, y in points], "điểm")
    drawing = lay_out([layer], SHEET)
    x, y, width, height = drawing.clip
    for mark in drawing.map_marks:
        middle = mark.rings[0].mean(axis=0)
        assert x <= middle[0] <= x + width
        assert y <= middle[1] <= y + height
    ElementTree.fromstring(draw_map([layer], sheet=SHEET))


def test_ground_lines_do_not_widen_the_map_and_end_at_its_frame():
    route = LineLayer([shapely.LineString([(108.0, 12.0), (108.01, 12.01)])], "tuyến")
    far = LineLayer([shapely.LineString([(107.8, 12.005), (108.2, 12.005)])], "đường", 5)
    sheet = MapSheet("Bản đồ", "thử")
    alone, both = lay_out([route], sheet), lay_out([far, route], sheet)
    assert both.clip[2] == alone.clip[2]
    route_alone, route_both = alone.map_marks[0].points, both.map_marks[1].points
    assert np.ptp(route_both[:, 0]) == pytest.approx(np.ptp(route_alone[:, 0]), rel=0.1)
    ground = both.map_marks[0]
    assert ground.points[:, 0].min() == pytest.approx(both.clip[0])
    assert ground.points[:, 0].max() == pytest.approx(both.clip[0] + both.clip[2])
    assert LineLayer([], "đường", 6).ground
    with pytest.raises(InputError, match="0 đến 6"):
        LineLayer([], "đường", 7)
