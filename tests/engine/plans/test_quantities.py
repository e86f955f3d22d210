"""Numbers with their units in sentences of plans."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.plans.quantities import EACH, NONE, Quantity, find_quantities


def _only(text: str) -> Quantity:
    found = find_quantities(text)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("đạt 10,81%", 10.81, "%"),
        ("đạt 99.812%", 99.812, "%"),
        ("3.890 trạm", 3890, "trạm"),
        ("01 vị trí", 1, "vị trí"),
        ("1Gb/s", 1000, "Mb/s"),
        ("10 gbps", 10000, "Mb/s"),
        ("200 Mbit/s", 200, "Mb/s"),
        ("40 Mb/giây", 40, "Mb/s"),
        ("1 gigabit mỗi giây", 1000, "Mb/s"),
        ("03 km/điểm phục vụ", 3, "km/điểm"),
        ("0,8 km/cột", 0.8, "km/cột"),
        ("2000 người/điểm", 2000, "người/điểm"),
        ("4 kết nối IoT/người dân", 4, "kết nối/người"),
        ("93.000 tấn bưu gửi/ngày", 93000, "tấn/ngày"),
        ("90 thuê bao/100 dân", 90, "/100 dân"),
        ("50 ms", 50, "ms"),
        ("gấp đôi", 2, "lần"),
        ("tăng gấp 3 lần", 3, "lần"),
    ],
)
def test_number_and_unit_as_offices_write_them(text: str, value: float, unit: str) -> None:
    found = _only(text)

    assert (found.value, found.unit) == (value, unit)


@pytest.mark.parametrize(
    "text",
    [
        "Quyết định số 36/QĐ-TTg ngày 11/01/2024",
        "Nghị định 85/2016/NĐ-CP",
        "Nghị quyết 57-NQ/TW",
        "giai đoạn 2025 - 2030, mạng 4G/5G, IPv6",
        "trước ngày 20/12 hằng năm, quý III/2025, tháng 9/2024",
        "mô hình 4 lớp, trực 24/7, Điều 2, khoản 3",
        "QCVN 126:2021/BTTTT, quốc lộ 14",
        "đến năm 2030 trạm 5G được mở rộng",
    ],
)
def test_figures_that_are_names_or_dates_are_no_quantities(text: str) -> None:
    assert find_quantities(text) == ()


def test_range_keeps_both_ends_and_converts_the_unit_written_once() -> None:
    assert (_only("đạt 10 – 15%").value, _only("đạt 10 – 15%").upper) == (10, 15)
    assert (_only("từ 1 - 2 Gb/s").value, _only("từ 1 - 2 Gb/s").upper) == (1000, 2000)
    assert (_only("từ 40Mbit/s đến 100Mbit/s").value, _only("từ 40Mbit/s đến 100Mbit/s").upper) == (40, 100)


def test_year_before_a_value_is_no_range() -> None:
    assert [each.value for each in find_quantities("2026 - 60%, 2027 - 80%")] == [60, 80]


def test_rise_has_a_baseline_but_from_upwards_does_not() -> None:
    rise = _only("tăng từ 85% lên 95%")
    assert (rise.baseline, rise.value) == (85, 95)
    first, second = find_quantities("phủ sóng 5G từ 60% trở lên, 100% khu công nghiệp")
    assert (first.value, first.baseline, second.value) == (60, None, 100)


def test_fraction_is_a_share_with_its_counts() -> None:
    written = _only("47/96 xã, phường, đạt 48,96%")
    assert (written.value, written.numerator, written.denominator) == (48.96, 47, 96)
    counted = _only("48/96 xã có 5G")
    assert (counted.value, counted.unit) == (50, "%")


def test_percent_of_a_hundred_people_is_marked_and_only_the_first_number() -> None:
    first, second = find_quantities("Số thuê bao di động/100 dân đạt 85%, tỷ lệ hộ có Internet đạt 80%")

    assert (first.unit, first.per_hundred) == ("/100 dân", True)
    assert (second.unit, second.per_hundred) == ("%", False)


def test_pue_needs_no_unit() -> None:
    found = _only("chỉ số PUE (Power Usage Effectiveness) không vượt quá 1,4")

    assert (found.value, found.kind) == (1.4, "pue")


def test_worded_numbers() -> None:
    one, other = find_quantities("mỗi người dân có 1 kết nối IoT (Internet vạn vật) và có 01 định danh số")
    assert (one.manner, one.value, other.value) == (EACH, 1, 1)
    assert _only("không còn thôn, bản trắng sóng").manner == NONE
    assert find_quantities("phổ cập kỹ năng số") == ()


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789.,%/-–() kmGgbsốtỷ lệđạtthôntrạmtừđếnlênmỗi\n", max_size=60))
def test_any_text_gives_spans_inside_it_in_order(text: str) -> None:
    found = find_quantities(text)

    assert all(0 <= each.start < each.end <= len(text) for each in found)
    assert [each.start for each in found] == sorted(each.start for each in found)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("Ít nhất 3/4 số xã có trung tâm dữ liệu", 75.0),
        ("Phủ sóng 5G tới 2/3 dân số", 66.67),
        ("hai phần ba số thôn có cáp quang", 66.67),
        ("Một nửa số hộ gia đình có kết nối", 50.0),
    ],
)
def test_a_part_of_all_is_a_share(text, share):
    (quantity,) = find_quantities(text)
    assert (quantity.value, quantity.unit, quantity.kind) == (share, "%", "share")
    assert quantity.numerator is None


@pytest.mark.parametrize("text", ["5/4 số xã", "ngày 3/4 số xã báo cáo", "Kế hoạch 3/4 nêu số xã"])
def test_what_is_no_part_of_all_is_no_share(text):
    assert [each for each in find_quantities(text) if each.kind == "share"] == []
