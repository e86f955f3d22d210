"""Cộng từ thôn, xã lên tỉnh (Adding up areas)

Tỷ lệ của địa bàn trên là tổng tử số chia tổng mẫu số, không phải trung bình của các tỷ lệ; nơi chưa báo cáo không
phải là 0; trung vị không cộng được từ trung vị.
"""

from __future__ import annotations

import polars as pl
import pytest

from hatangso import catalogue
from hatangso.indicators.compute import compute, compute_medians, make_cube
from hatangso.indicators.tree import AreaTree

TREE = AreaTree({"tỉnh": None, "xã A": "tỉnh", "xã B": "tỉnh", "xã C": "tỉnh"})


def number(text: str) -> float | None:
    return None if text == "-" else float(text.replace(".", "").replace(",", "."))


def test_share_of_a_province_is_sum_over_sum(table):
    """Thôn có sóng 4G và số thôn của ba xã; tỷ lệ của tỉnh. Dấu - là chưa báo cáo.

    Sai hay gặp: lấy trung bình cộng các tỷ lệ, hoặc coi xã chưa báo cáo là 0.

    | A có 4G | A thôn | B có 4G | B thôn | C có 4G | C thôn | tỷ lệ tỉnh | báo cáo | trung bình (sai) | coi là 0 (sai) |
    |---|---|---|---|---|---|---|---|---|---|
    | 10 | 10 | 10 | 40 | 5 | 10 | 41,67 | 3/3 | 58,33 | 41,67 |
    | 10 | 10 | 10 | 40 | - | 10 | 40 | 2/3 | 62,5 | 33,33 |
    | 0 | 10 | 40 | 40 | 10 | 10 | 83,33 | 3/3 | 66,67 | 83,33 |
    """
    for row in table:
        values = [
            (f"xã {name}", variable, "2026Q1", number(row[f"{name} {column}"]))
            for name in "ABC"
            for column, variable in (("có 4G", "villages_with_4g"), ("thôn", "villages"))
        ]
        frame = pl.DataFrame(values, schema=["area_code", "variable", "period", "value"], orient="row")
        result = (
            compute(make_cube(frame, TREE), [catalogue.indicator("MOB-02")])
            .filter(pl.col("area_code") == "tỉnh")
            .row(0, named=True)
        )
        assert result["value"] == pytest.approx(number(row["tỷ lệ tỉnh"]), abs=0.005)
        assert f"{result['reported']}/{result['expected']}" == row["báo cáo"]
        wrong = {number(row["trung bình (sai)"]), number(row["coi là 0 (sai)"])} - {number(row["tỷ lệ tỉnh"])}
        assert all(result["value"] != pytest.approx(other, abs=0.005) for other in wrong)


def test_median_of_a_province_comes_from_all_samples(table):
    """Tốc độ từng lần đo (Mb/s) của hai xã và trung vị của tỉnh.

    Sai hay gặp: lấy trung bình các trung vị của xã; xã một lần đo nặng bằng xã năm lần đo.

    | các lần đo xã A | các lần đo xã B | trung vị tỉnh | trung bình các trung vị (sai) |
    |---|---|---|---|
    | 10 20 30 40 50 | 100 | 35 | 65 |
    | 10 10 10 | 50 60 70 80 90 | 55 | 40 |
    """
    for row in table:
        samples = [
            (area, "2026Q1", float(speed), 1)
            for area in ("xã A", "xã B")
            for speed in row[f"các lần đo {area}"].split()
        ]
        frame = pl.DataFrame(samples, schema=["area_code", "period", "value", "count"], orient="row")
        medians = dict(compute_medians(frame, TREE).select("area_code", "value").iter_rows())
        assert medians["tỉnh"] == number(row["trung vị tỉnh"])
        average = (medians["xã A"] + medians["xã B"]) / 2
        assert average == number(row["trung bình các trung vị (sai)"]) != medians["tỉnh"]
