"""Values of one plan that do not agree."""

from __future__ import annotations

from hatangso.plans.contradictions import find_contradictions
from tests.engine.plans.plan_texts import plan, plan_from

_HEAD = "KẾ HOẠCH\nPhát triển hạ tầng số xã Mẫu giai đoạn 2025 - 2030\n\nI. MỤC TIÊU ĐẾN NĂM 2030\n\n"


def test_text_against_annex() -> None:
    pairs = find_contradictions(plan("targets_province_decision.txt"))

    assert [(a.indicator, a.value, b.indicator, b.value) for a, b in pairs] == [
        ("POS-03", 3, "POS-03", 1.5),
        ("MOB-04", 99, "MOB-04", 85),
    ]


def test_same_words_with_other_values_clash_but_other_subjects_do_not() -> None:
    clash = plan_from(_HEAD + "- 90% thôn có sóng 4G.\n\n- Tỷ lệ thôn có sóng 4G đạt 95%.\n")
    apart = plan_from(_HEAD + "- 90% trường học, bệnh viện có sóng 5G.\n\n- 80% nhà ga, cảng có sóng 5G.\n")

    assert len(find_contradictions(clash)) == 1
    assert find_contradictions(apart) == []


def test_steps_over_the_years_are_no_contradiction() -> None:
    steps = plan_from(_HEAD + "- Năm 2026: 90% thôn có sóng 4G.\n\n- Năm 2030: 100% thôn có sóng 4G.\n")

    assert find_contradictions(steps) == []


def test_how_things_stand_is_no_demand() -> None:
    read = plan_from(_HEAD + "- 100% thôn có sóng 4G.\n\nII. THỰC TRẠNG\n\n- 80% thôn có sóng 4G.\n")

    assert find_contradictions(read) == []
