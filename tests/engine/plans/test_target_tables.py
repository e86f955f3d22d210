"""Tables of indicators with values to reach."""

from __future__ import annotations

from hatangso.plans.document import Table
from hatangso.plans.target_tables import is_target_table, is_task_table, present_value, target_lines
from tests.engine.plans.plan_texts import plan


def _table(*columns: str) -> Table:
    return Table("t1", None, "body", columns, ())


def test_columns_tell_targets_from_tasks() -> None:
    assert is_target_table(_table("STT", "Chỉ tiêu", "Đơn vị tính", "Năm 2025", "Năm 2030"))
    assert is_target_table(_table("TT", "Nội dung", "ĐVT", "Hiện trạng", "Mục tiêu"))
    assert not is_target_table(
        _table("TT", "Nội dung", "Mục tiêu, quy mô", "Đơn vị chủ trì", "Thời gian thực hiện")
    )
    assert is_task_table(_table("TT", "Nội dung", "Mục tiêu", "Cơ quan chủ trì"))
    assert not is_target_table(_table("STT", "Họ và tên", "Chức vụ"))


def test_one_target_for_each_value_with_unit_year_and_present_value() -> None:
    targets = plan("targets_ward_table.md").targets

    read = [(t.indicator, t.year, t.comparator, t.value, t.unit, t.baseline) for t in targets]

    assert read == [
        ("MOB-04", 2026, ">=", 80, "%", 61.5),
        ("MOB-04", 2030, ">=", 99, "%", 61.5),
        ("FIX-03", 2026, ">=", 85, "%", 78),
        ("FIX-03", 2030, ">=", 95, "%", 78),
        ("SPD-09", 2026, ">=", 150, "Mb/s", 120),
        ("SPD-09", 2030, ">", 300, "Mb/s", 120),
        ("PAS-06", 2026, "<=", 10, "điểm", 24),
        ("PAS-06", 2030, "<=", 0, "điểm", 24),
        ("USE-04", 2026, ">", 50, "%", 35.2),
        ("USE-04", 2030, ">", 70, "%", 35.2),
    ]


def test_group_rows_and_cells_are_kept_with_each_line() -> None:
    document = plan("targets_ward_table.md").document

    lines = list(target_lines(document, document.tables[0]))

    assert lines[0].group == ("Hạ tầng viễn thông",)
    assert lines[-1].group == ("Sử dụng dịch vụ",)
    assert lines[0].cell.text == "80"


def test_present_value_of_a_cell() -> None:
    assert present_value("71,4 %") == 71.4
    assert present_value("chưa có") is None
