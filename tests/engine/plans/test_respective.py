"""Numbers that belong to a list one by one."""

from __future__ import annotations

from hatangso.plans.statements import read_statements


def _read(text: str) -> list[tuple[object, ...]]:
    return [(each.indicator, each.year, each.value) for each in read_statements(text)]


def test_things_named_before_the_numbers_take_them_in_order() -> None:
    text = "Tốc độ tải xuống/tải lên băng rộng cố định lần lượt đạt 250 và 180 Mb/s."
    assert _read(text) == [("SPD-09", None, 250), ("SPD-10", None, 180)]


def test_years_listed_like_the_numbers() -> None:
    text = "Tỷ lệ dân số được phủ sóng 5G đạt 70%, 85% vào năm 2026 và 2027."
    assert _read(text) == [("MOB-04", 2026, 70), ("MOB-04", 2027, 85)]


def test_one_number_with_two_dates_is_two_targets() -> None:
    text = "Duy trì 100% thôn có sóng 4G đến năm 2027 và năm 2030."
    assert _read(text) == [("MOB-02", 2027, 100), ("MOB-02", 2030, 100)]


def test_a_period_is_one_date() -> None:
    assert _read("100% thôn có sóng 4G trong giai đoạn 2026 - 2030.") == [("MOB-02", 2030, 100)]


def test_both_halves_of_a_pair_of_speeds() -> None:
    text = "Tốc độ băng rộng di động (tải xuống/tải lên) đạt 80/30 Mb/s."
    assert _read(text) == [("SPD-01", None, 80), ("SPD-02", None, 30)]


def test_speed_that_a_share_of_tests_must_reach_is_two_targets() -> None:
    found = read_statements("Tốc độ tải xuống trung bình mạng 5G tối thiểu 100 Mb/s tại 95% số mẫu đo.")
    assert [(each.indicator, each.value) for each in found] == [("SPD-05", 100), ("SPD-06", 95)]
    assert found[1].conditions == ("tốc độ 100 Mb/s",)
