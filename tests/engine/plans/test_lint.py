"""What the linter asks about, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hatangso.plans import lint
from hatangso.plans.lint import PlanWarning, lint_plan
from tests.engine.plans.plan_texts import plan, plan_from

_HEAD = "KẾ HOẠCH\nPhát triển hạ tầng số xã Mẫu giai đoạn 2025 - 2026\n\n"


def _of(warnings: list[PlanWarning], code: str) -> list[PlanWarning]:
    return [warning for warning in warnings if warning.code == code]


def test_contradiction_quotes_both_places() -> None:
    found = _of(lint_plan(plan("targets_province_decision.txt")), lint.CONTRADICTION)

    (post,) = [warning for warning in found if "3 km/điểm" in warning.text]
    assert "mục II.3.b" in post.text and "Phụ lục" in post.text
    assert "tối đa 03 km/điểm" in post.text and "1,5 km" in post.text


def test_per_hundred_people_with_percent() -> None:
    (found,) = _of(lint_plan(plan("targets_commune_list.txt")), lint.PER_HUNDRED)

    assert "82 thuê bao/100 dân" in found.text
    assert found.where.clause == "ii.1.-1"


def test_share_above_a_hundred() -> None:
    (found,) = _of(
        lint_plan(plan_from(_HEAD + "I. MỤC TIÊU\n\n- Tỷ lệ hộ có Internet đạt 105%.\n")), lint.OVER_HUNDRED
    )

    assert "105%" in found.text


def test_missing_and_repeated_numbers_of_a_list() -> None:
    warnings = lint_plan(plan("targets_province_decision.txt"))
    jumps = [(each.where.clause, each.text) for each in _of(warnings, lint.MISSING_NUMBER)]

    assert [clause for clause, _ in jumps] == ["ii.2.d", "iii.3"]
    assert "“b)” sang “d)”" in jumps[0][1]


def test_letters_follow_the_vietnamese_order() -> None:
    letters = "".join(f"{letter}) 9{at}% thôn có sóng 4G.\n\n" for at, letter in enumerate("abcdđegh"))
    read = plan_from(_HEAD + "I. MỤC TIÊU\n\n" + letters)

    assert _of(lint_plan(read), lint.MISSING_NUMBER) == []


def test_targets_without_present_value_are_counted_once() -> None:
    (found,) = _of(lint_plan(plan("targets_province_decision.txt")), lint.NO_BASELINE)

    assert found.text.startswith("7 trong 8 chỉ tiêu")
    assert _of(lint_plan(plan("targets_ward_table.md")), lint.NO_BASELINE) == []


def test_task_without_a_lead() -> None:
    (found,) = _of(lint_plan(plan("targets_province_decision.txt")), lint.NO_LEAD)

    assert "số 2" in found.text and "Phát triển mạng di động 5G" in found.text


def test_offices_that_end_before_the_plan_does() -> None:
    found = _of(lint_plan(plan("targets_province_decision.txt")), lint.ENDED_OFFICE)

    assert any("Sở Khoa học và Công nghệ" in warning.text for warning in found)
    assert any("Ủy ban nhân dân huyện" in warning.text for warning in found)


def test_office_that_still_stands_on_the_day_asked_is_left_alone() -> None:
    read = plan("targets_province_decision.txt")

    assert _of(lint_plan(read, as_of=date(2024, 12, 31)), lint.ENDED_OFFICE) == []


def test_target_below_the_national_one_and_not_when_equal() -> None:
    found = _of(lint_plan(plan("targets_province_decision.txt")), lint.BELOW_NATIONAL)

    assert [warning.where.clause for warning in found] == ["ii.2.a"]
    assert "92%" in found[0].text and "100%" in found[0].text and "36/QĐ-TTg" in found[0].text


def test_target_below_the_plan_it_follows() -> None:
    province = plan_from(
        _HEAD + "I. MỤC TIÊU ĐẾN NĂM 2026\n\n- 95% thôn có sóng 4G.\n\n- Độ trễ không quá 40 ms.\n"
    )
    commune = plan_from(
        _HEAD + "I. MỤC TIÊU ĐẾN NĂM 2026\n\n- 90% thôn có sóng 4G.\n\n- Độ trễ không quá 50 ms.\n"
    )

    found = _of(lint_plan(commune, parent=province.targets), lint.BELOW_PARENT)

    assert [warning.where.clause for warning in found] == ["i.-1", "i.-2"]
    assert _of(lint_plan(province, parent=commune.targets), lint.BELOW_PARENT) == []


def test_dates_that_do_not_exist_or_are_over() -> None:
    (impossible,) = _of(lint_plan(plan("targets_province_decision.txt")), lint.IMPOSSIBLE_DATE)
    assert "31/11/2025" in impossible.text

    late = plan_from(
        "Số: 5/KH-UBND\n\nMẫu, ngày 20 tháng 10 năm 2025\n\n" + _HEAD + "I. MỤC TIÊU\n\n"
        "- Đến hết quý II/2025, 100% thôn có sóng 4G.\n"
    )
    (over,) = _of(lint_plan(late), lint.PAST_DEADLINE)
    assert "30/06/2025" in over.text and "20/10/2025" in over.text


def test_vague_number() -> None:
    (found,) = _of(
        lint_plan(plan_from(_HEAD + "I. MỤC TIÊU\n\n- Ngầm hóa 10 – 15% cáp viễn thông.\n")),
        lint.VAGUE_NUMBER,
    )

    assert "từ 10% trở lên" in found.text


def test_sentence_about_a_restricted_clause_stands_there_to_be_hidden_with_it() -> None:
    read = plan("targets_province_decision.txt")
    (_, other) = next(pair for pair in lint.find_contradictions(read) if pair[1].value == 1.5)

    found = _of(lint_plan(replace(read, restricted=frozenset({other.where.clause}))), lint.CONTRADICTION)

    assert [w.where.clause for w in found if "1,5 km" in w.text] == [other.where.clause]


def test_plan_without_any_fault_gets_no_warning() -> None:
    clean = plan_from(
        "KẾ HOẠCH\nPhát triển hạ tầng số xã Mẫu năm 2026\n\nI. MỤC TIÊU\n\n"
        "1. Tỷ lệ hộ có Internet đạt 96% (hiện tại là 91%).\n\n2. Tiếp tục duy trì 100% thôn có sóng 4G.\n"
    )

    assert lint_plan(clean) == []
