"""Classes of a map: values into classes, words of the legend, layers that cannot be."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from hatangso.errors import InputError
from hatangso.geo import Window
from hatangso.maps.layers import AreaLayer, GridLayer, LineLayer, MapSheet, PointLayer, classify

SQUARE = shapely.box(107.0, 16.0, 107.1, 16.1)


def test_a_value_on_a_bound_belongs_to_the_class_above():
    classes, words = classify([79.9, 80, 95], [80, 90], unit="%")
    assert classes == [0, 1, 2]
    assert words == ["dưới 80 %", "80 đến dưới 90 %", "từ 90 % trở lên"]


def test_no_figure_is_no_data_and_not_the_lowest_class():
    assert classify([None, math.nan, 0], [80])[0] == [-1, -1, 0]


@pytest.mark.parametrize("breaks", [[], [90, 80], [80, 80], [1, 2, 3, 4, 5, 6]])
def test_bounds_that_do_not_rise_or_are_too_many_are_refused(breaks):
    with pytest.raises(InputError, match="Mốc phân lớp"):
        classify([1], breaks)


@pytest.mark.parametrize(
    "build",
    [
        lambda: AreaLayer([SQUARE], [0, 1], ["a", "b"]),
        lambda: AreaLayer([SQUARE], [2], ["a", "b"]),
        lambda: AreaLayer([SQUARE], [-2], ["a"]),
        lambda: AreaLayer([SQUARE], [0], list("abcdefg")),
        lambda: AreaLayer([SQUARE], [0], ["a"], ["tên", "thừa"]),
        lambda: GridLayer(np.zeros(4, int), Window(107, 16, 108, 17), ["a"]),
        lambda: LineLayer([], "tuyến", 7),
        lambda: PointLayer([107.0], [16.0, 17.0], "trạm"),
        lambda: PointLayer([math.nan], [16.0], "trạm"),
        lambda: PointLayer([107.0], [16.0], "trạm", 9),
        lambda: MapSheet("tên", " "),
        lambda: MapSheet("tên", "nguồn", width_mm=10),
    ],
)
def test_a_layer_that_cannot_be_is_refused_when_built(build):
    with pytest.raises(InputError, match=r"cần|thiếu"):
        build()
