"""One clause → statements, with what it inherits."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from hatangso.plans.deadlines import Deadline
from hatangso.plans.statements import Context, read_statements

_BY_2030 = Deadline(2030, date(2030, 12, 31), 0, 0)


def test_year_of_the_heading_is_inherited_and_a_written_one_wins() -> None:
    context = Context(deadline=_BY_2030)

    (inherited,) = read_statements("Mạng 5G phủ sóng 99% dân số", context)
    (written,) = read_statements("Năm 2027, mạng 5G phủ sóng 85% dân số", context)

    assert (inherited.year, written.year) == (2030, 2027)


def test_opening_date_governs_all_that_follows_until_the_next() -> None:
    text = "Đến năm 2025: 90% thôn có sóng 4G; 80% hộ có Internet. Đến năm 2030: 100% thôn có sóng 4G."

    assert [(each.value, each.year) for each in read_statements(text)] == [
        (90, 2025),
        (80, 2025),
        (100, 2030),
    ]


def test_number_of_a_year_before_the_plan_is_no_target() -> None:
    context = Context(deadline=_BY_2030, plan_year=2025)

    assert read_statements("Năm 2023 đạt 70% hộ có Internet", context) == ()


def test_value_of_a_past_year_beside_a_target_is_its_baseline() -> None:
    context = Context(deadline=_BY_2030, plan_year=2025)

    (statement,) = read_statements("Tỷ lệ hộ gia đình có Internet đạt 85% (năm 2024: 78,5%)", context)

    assert (statement.value, statement.year, statement.baseline) == (85, 2030, 78.5)


def test_shortened_clause_borrows_the_technology_of_the_sentence_before() -> None:
    text = "Trên 90% người dân đô thị được tiếp cận dịch vụ 5G. Tốc độ tải xuống trung bình tối thiểu 220 Mbit/s."

    assert [each.indicator for each in read_statements(text)] == ["MOB-05", "SPD-05"]


def test_heading_lends_the_network() -> None:
    context = Context(headings=("Mạng băng rộng cố định",))

    (statement,) = read_statements("Tốc độ tải xuống trung bình đạt 150 Mb/s", context)

    assert (statement.indicator, statement.statistic) == ("SPD-09", "mean")


def test_conditions_and_scope_are_kept_in_the_plan_s_own_words() -> None:
    (statement,) = read_statements(
        "100% UBND cấp xã sử dụng nền tảng số theo lộ trình của tỉnh (khi cấp tỉnh triển khai)"
    )

    assert "theo lộ trình của tỉnh" in statement.conditions
    assert "khi cấp tỉnh triển khai" in statement.conditions


def test_share_of_tests_that_must_pass_is_a_condition_of_the_speed() -> None:
    speed, share = read_statements(
        "Tốc độ tải xuống 4G trung bình tối thiểu 40 Mbit/s (tối thiểu 80% truy nhập có tốc độ đạt yêu cầu)"
    )

    assert speed.conditions == ("tối thiểu 80% truy nhập có tốc độ đạt yêu cầu",)
    assert (share.indicator, share.value) == ("SPD-04", 80)


def test_mean_said_once_holds_for_both_speeds() -> None:
    found = read_statements(
        "Tốc độ tải xuống trung bình tối thiểu 40 Mb/s cho mạng 4G và 100 Mb/s cho mạng 5G"
    )

    assert [each.statistic for each in found] == ["mean", "mean"]


def test_statistic_says_what_kind_of_figure_it_is() -> None:
    kinds = [
        read_statements(text)[0].statistic
        for text in (
            "Tốc độ mạng 5G theo trung vị đạt 100 Mb/s",
            "Tốc độ trung bình mạng 5G đạt 100 Mb/s",
            "100% thôn có sóng 4G",
            "Lắp đặt 20 trạm BTS",
        )
    ]

    assert kinds == ["median", "mean", "share", "count"]


def test_clause_far_longer_than_any_sentence_is_read_in_parts() -> None:
    text = "100% thôn có sóng 4G; 90% hộ có Internet. " * 150

    found = read_statements(text)

    assert len(found) == 300
    assert text[found[-1].start : found[-1].end] == "90% hộ có Internet"


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        alphabet="0123456789%.,;:()\n –và đến năm2025 đạt hộ thôn 5G Mb/s mỗi một tất cả lõm sóng",
        max_size=90,
    )
)
def test_any_text_gives_statements_inside_it(text: str) -> None:
    for statement in read_statements(text):
        assert 0 <= statement.start <= statement.end <= len(text)
        assert statement.comparator in {">=", ">", "<=", "<"}
