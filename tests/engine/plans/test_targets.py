"""The targets of whole plans."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from hatangso.plans.building import document_from_text
from hatangso.plans.reading import plan_of, read_plan
from hatangso.plans.targets import Target
from tests.engine.plans.plan_texts import plan, plan_from

_HEAD = "KẾ HOẠCH\nPhát triển hạ tầng số xã Mẫu giai đoạn 2025 - 2030\n\n"


def _short(target: Target) -> tuple[object, ...]:
    return target.indicator, target.year, target.comparator, target.value


def test_list_of_values_without_years_takes_the_end_of_the_period() -> None:
    assert [_short(target) for target in plan("targets_commune_list.txt").targets] == [
        ("MOB-14", 2025, ">=", 82),
        ("USE-02", 2025, ">=", 88),
        ("SPD-01", 2025, ">=", 42),
        ("MOB-01", 2025, ">=", 100),
        ("PAS-01", 2025, ">=", 14),
        ("FIX-05", 2025, ">=", 18),
        ("FIX-03", 2025, ">=", 76),
        ("SPD-09", 2025, ">=", 95),
    ]


def test_decision_that_wraps_a_plan() -> None:
    targets = plan("targets_province_decision.txt").targets

    assert [_short(target) for target in targets] == [
        ("FIX-02", 2025, ">=", 92),
        ("FIX-03", 2025, ">=", 80),
        ("SPD-03", 2025, ">=", 40),
        ("SPD-04", 2025, ">=", 80),
        ("GOV-01", 2025, ">=", 100),
        ("MOB-04", 2030, ">=", 99),
        ("MOB-05", 2030, ">", 90),
        ("POS-03", 2030, "<=", 3),
        (None, 2030, "=", None),
    ]


def test_prose_with_several_targets_in_one_sentence() -> None:
    targets = plan("targets_district_prose.txt").targets

    assert [_short(target) for target in targets] == [
        ("MOB-01", 2025, ">=", 98),
        ("FIX-01", 2025, ">=", 92),
        ("GAP-01", 2025, "<=", 0),
        ("MOB-04", 2025, ">=", 30),
        ("MOB-08", 2025, ">=", 100),
        ("GOV-01", 2025, ">=", 100),
        ("FIX-14", 2025, ">=", 100),
    ]
    assert targets[-1].due == date(2025, 9, 30)
    assert targets[-2].maintain


def test_purpose_tasks_money_and_organisation_give_no_targets() -> None:
    for name in ("targets_commune_list.txt", "targets_district_prose.txt", "targets_province_decision.txt"):
        sections = {target.where.clause.split(".")[0] for target in plan(name).targets}
        assert sections == {"ii"}, name


def test_section_on_how_things_stand_gives_baselines() -> None:
    by_code = {target.indicator: target for target in plan("targets_province_decision.txt").targets}

    assert by_code["FIX-03"].baseline == 71.4
    assert by_code["FIX-02"].baseline is None


def test_words_and_place_of_a_target_are_those_of_the_source() -> None:
    read = plan("targets_province_decision.txt")
    for target in read.targets:
        assert read.document.original(target.where).split()[:3] == target.text.split()[:3]


def test_same_target_said_twice_is_kept_once_but_two_sides_of_it_are_two() -> None:
    read = plan_from(
        _HEAD + "I. MỤC TIÊU\n\n- 100% xã có điểm phục vụ bưu chính có người phục vụ.\n\n"
        "- 100% xã có điểm bưu chính có người phục vụ; 100% điểm phục vụ bưu chính có kết nối Internet.\n\n"
        "- 100% điểm phục vụ bưu chính phục vụ được dịch vụ công trực tuyến.\n"
    )

    assert [target.indicator for target in read.targets] == ["POS-01", "POS-04", "POS-04"]


def test_event_without_a_number_is_qualitative_but_intentions_are_not() -> None:
    read = plan_from(
        _HEAD + "I. MỤC TIÊU ĐẾN NĂM 2030\n\n- Sẵn sàng thử nghiệm mạng di động 6G.\n\n"
        "- Phối hợp phủ sóng kết nối IoT tại các khu công nghiệp.\n\n"
        "- Tăng cường ứng dụng công nghệ số trong các lĩnh vực.\n\n"
        "- Hoàn thành phê duyệt quy hoạch hạ tầng kỹ thuật viễn thông thụ động.\n"
    )

    assert [(t.indicator, t.comparator, t.value, t.qualitative) for t in read.targets] == [
        (None, "=", None, True),
        (None, "=", None, True),
        ("PAS-09", "=", None, True),
    ]


def test_level_told_by_comparison_only_is_qualitative_and_keeps_its_indicator() -> None:
    read = plan_from(_HEAD + "I. MỤC TIÊU\n\n- Tốc độ băng rộng di động đạt mức khá của thị xã.\n")

    assert [(t.indicator, t.value, t.qualitative) for t in read.targets] == [("SPD-01", None, True)]


def test_bare_values_under_a_line_that_names_the_indicator() -> None:
    read = plan_from(
        _HEAD
        + "I. MỤC TIÊU\n\n- Tỷ lệ dân số được phủ sóng 5G:\n\n+ Năm 2026: 60%.\n\n+ Năm 2030: trên 95%.\n"
    )

    assert [_short(target) for target in read.targets] == [
        ("MOB-04", 2026, ">=", 60),
        ("MOB-04", 2030, ">", 95),
    ]


def test_paragraphs_after_a_dated_one_share_its_date() -> None:
    read = plan_from(
        _HEAD + "I. MỤC TIÊU\n\nĐến hết năm 2026, 90% thôn có sóng 4G.\n\nTỷ lệ hộ có Internet đạt 85%.\n\n"
        "Đến năm 2030, 100% thôn có sóng 4G.\n"
    )

    assert [target.year for target in read.targets] == [2026, 2026, 2030]


def test_plan_without_a_heading_of_targets_is_read_where_nothing_forbids_it() -> None:
    read = plan_from(
        _HEAD
        + "I. NỘI DUNG\n\n- 90% thôn có sóng 4G, chiếm 35% ngân sách.\n\nII. KINH PHÍ\n\n- 60% hộ có Internet.\n"
    )

    assert [_short(target) for target in read.targets][:1] == [("MOB-02", 2030, ">=", 90)]
    assert all(target.where.clause.startswith("i.") for target in read.targets)


def test_number_no_indicator_fits_is_kept_in_a_section_of_targets() -> None:
    read = plan_from(
        _HEAD + "I. MỤC TIÊU\n\n- 85% cán bộ được tập huấn.\n\n- Hình thành 02 trung tâm dữ liệu.\n"
    )

    assert [(t.indicator, t.value, t.unit) for t in read.targets] == [(None, 85, "%"), (None, 2, "trung tâm")]


def test_reading_is_deterministic() -> None:
    text = "KẾ HOẠCH\nHạ tầng số năm 2025\n\nI. MỤC TIÊU\n\n- 90% thôn có sóng 4G; 80% hộ có Internet cáp quang.\n"

    assert plan_of(document_from_text(text)).targets == plan_of(document_from_text(text)).targets


@pytest.mark.shared
@pytest.mark.parametrize("name", ["dak-nong-2024-2030", "hon-quan-2025-2030", "huong-tra-2024"])
def test_real_plans_are_read_as_a_careful_reader_would(name: str, shared: Callable[[str], Path]) -> None:
    truth = json.loads(shared(f"plans/{name}.truth.json").read_text(encoding="utf-8"))["targets"]
    read = list(read_plan(shared(f"plans/{name}.txt")).targets)
    found = 0
    left = list(read)
    for wanted in truth:
        hit = next((target for target in left if _agrees(target, wanted)), None)
        if hit is not None:
            left.remove(hit)
            found += 1

    assert 2 * found / (len(read) + len(truth)) >= 0.95


def _agrees(target: Target, wanted: dict[str, object]) -> bool:
    indicators = wanted["indicators"]
    assert isinstance(indicators, list)
    return (
        target.indicator in indicators
        and target.year == wanted["year"]
        and target.comparator == wanted["comparator"]
        and target.value == wanted["value"]
    )


@pytest.mark.parametrize(
    "present",
    ["(năm 2025 là 18,3%)", "(cuối năm 2025 chỉ đạt 18,3%)", "(năm 2025: 18,3%)", "(tăng từ 18,3% năm 2025)"],
)
def test_a_past_value_in_brackets_is_the_baseline_not_the_target(present: str) -> None:
    head = "KẾ HOẠCH\nHạ tầng số năm 2026\n\nXã A, ngày 05 tháng 02 năm 2026\n\nII. MỤC TIÊU ĐẾN NĂM 2027\n"
    (target,) = plan_from(f"{head}- Tỷ lệ dùng chung vị trí trạm BTS đạt trên 22,5% {present}.\n").targets
    found = (target.indicator, target.comparator, target.value, target.year, target.baseline)
    assert found == ("PAS-01", ">", 22.5, 2027, 18.3)


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("Có 1.250 trạm 5G, bằng ít nhất 60% số trạm 4G.", [("MOB-11", ">=", 1250), ("MOB-10", ">=", 60)]),
        ("Không còn thuê bao chỉ sử dụng 2G.", [("MOB-15", "<=", 0)]),
        ("Giảm điểm cáp treo mất an toàn từ 25 điểm (năm 2025) xuống còn 3 điểm.", [("PAS-06", "<=", 3)]),
        ("Số thuê bao băng rộng cố định/100 dân đạt 19,5 thuê bao.", [("FIX-05", ">=", 19.5)]),
        ("Tốc độ Internet di động gấp 2 lần năm 2024.", [("SPD-08", ">=", 2)]),
        ("Hạ tầng số thuộc nhóm 15 địa phương dẫn đầu cả nước.", [(None, "=", None)]),
        ("Hạ tầng số xếp hạng thứ 9 cả nước.", [(None, "=", None)]),
    ],
)
def test_what_the_new_plans_say_differently_is_read(
    line: str, read: list[tuple[str | None, str, float | None]]
) -> None:
    plan = plan_from(f"KẾ HOẠCH\nHạ tầng số năm 2026\n\nII. MỤC TIÊU\n- {line}\n")
    assert [(each.indicator, each.comparator, each.value) for each in plan.targets] == read
    assert {each.year for each in plan.targets} == {2026}


def test_what_is_to_be_removed_is_counted_in_its_own_unit() -> None:
    head = "KẾ HOẠCH\nHạ tầng số năm 2026\n\nII. MỤC TIÊU\n"
    wires, villages = plan_from(
        f"{head}- Xử lý 100% điểm cáp treo mất an toàn.\n- Xóa 100% thôn trắng sóng di động.\n"
    ).targets
    assert (wires.indicator, wires.value, wires.unit) == ("PAS-06", 0, "điểm")
    assert (villages.indicator, villages.value, villages.unit) == ("GAP-01", 0, "thôn")
