"""Tasks from tables and marked passages, and what each office is given to do."""

from __future__ import annotations

import pytest

from hatangso.plans.building import document_from_text
from hatangso.plans.secrecy import restricted_clauses
from hatangso.plans.tasks import Assignment, Task, read_assignments, read_tasks, read_years, split_items

ANNEX = (
    "PHỤ LỤC\n\nTT\tNỘI DUNG\tMỤC TIÊU, QUY MÔ\tĐƠN VỊ CHỦ TRÌ\tĐƠN VỊ PHỐI HỢP\tTHỜI GIAN\n"
    "I\tBƯU CHÍNH\t\t\t\t\n"
    "1\tMở điểm bưu điện\t- Mở 01 điểm.- Nâng cấp 04 điểm.\tBưu điện tỉnh\t\t2024 - 2030\n"
    "II HẠ TẦNG SỐ\t\t\t\t\t\n"
    "2\tPhủ sóng\tThống kê\tSở A; Các doanh nghiệp\tUBND các huyện, thành phố X\tHàng năm\n"
    "3\tMạng điện thoại Hệ đặc biệt\tDuy trì\tSở A\tVăn phòng Tỉnh ủy\tQuý IV/2025\n"
)
ORGANISATION = """I. MỤC TIÊU

1. Chung

II. TỔ CHỨC THỰC HIỆN

1. Sở Xây dựng

- Rà soát quy hoạch.

- Cấp phép nhanh.

2. Các sở, ban, ngành: Theo chức năng phối hợp thực hiện.

3. Văn phòng Tỉnh ủy

- Quản lý mạng điện báo hệ đặc biệt.

- Theo dõi chung.
"""


def tasks(text: str) -> list[Task]:
    document = document_from_text(text)
    return read_tasks(document, restricted_clauses(document))


def assignments(text: str) -> list[Assignment]:
    document = document_from_text(text)
    return read_assignments(document, restricted_clauses(document))


def test_a_task_table_gives_number_group_items_offices_and_years() -> None:
    first, second, third = tasks(ANNEX)
    assert (first.number, first.group, first.name) == (1, "BƯU CHÍNH", "Mở điểm bưu điện")
    assert first.items == ("Mở 01 điểm.", "Nâng cấp 04 điểm.")
    assert (first.lead, first.partners, first.first_year, first.last_year) == (
        ("Bưu điện tỉnh",),
        (),
        2024,
        2030,
    )
    assert (second.group, second.lead) == ("HẠ TẦNG SỐ", ("Sở A", "Các doanh nghiệp"))
    assert (second.partners, second.when, second.last_year) == (
        ("UBND các huyện, thành phố X",),
        "Hàng năm",
        None,
    )
    assert (third.restricted, third.first_year, third.last_year) == (True, None, 2025)
    assert not second.restricted


def test_a_table_of_indicators_holds_no_tasks() -> None:
    table = "PHỤ LỤC\n\nTT\tChỉ tiêu\tĐơn vị tính\tNăm 2025\tNăm 2030\n1\tTỷ lệ hộ có cáp quang\t%\t90\t100\n"
    assert tasks(table) == []


def test_one_column_for_both_offices_is_parted_by_its_marks() -> None:
    table = "PHỤ LỤC\n\nTT\tNhiệm vụ\tĐơn vị thực hiện\tThời gian\n1\tPhủ sóng\tChủ trì: Sở A; Phối hợp: UBND xã\tNăm 2026\n"
    (task,) = tasks(table)
    assert (task.lead, task.partners, task.first_year, task.last_year) == (
        ("Sở A",),
        ("UBND xã",),
        2026,
        2026,
    )


def test_marks_on_lines_of_their_own_belong_to_the_clause_above() -> None:
    text = (
        "III. NHIỆM VỤ\n\n1. Phủ sóng các thôn lõm sóng\n\n- Rà soát danh sách.\n\n- Đơn vị chủ trì: Phòng Văn hóa - Xã hội.\n\n"
        "- Đơn vị phối hợp: các doanh nghiệp viễn thông.\n\n- Thời gian thực hiện: 2026 - 2027.\n"
    )
    (task,) = tasks(text)
    assert (task.number, task.name, task.items) == (1, "Phủ sóng các thôn lõm sóng", ("Rà soát danh sách.",))
    assert (task.lead, task.first_year, task.last_year) == (("Phòng Văn hóa - Xã hội",), 2026, 2027)
    assert task.where.clause == "iii.1"


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2024 - 2030", (2024, 2030)),
        ("Từ năm 2025 đến năm 2027", (2025, 2027)),
        ("Năm 2026", (2026, 2026)),
        ("Đến năm 2030", (None, 2030)),
        ("Trước 31/12/2025", (None, 2025)),
        ("Quý IV/2025", (None, 2025)),
        ("Từ năm 2026", (2026, None)),
        ("Thường xuyên", (None, None)),
    ],
)
def test_years_are_read_as_written(text: str, years: tuple[int | None, int | None]) -> None:
    assert read_years(text) == years


def test_items_are_parted_at_lines_and_dashes_but_not_inside_words() -> None:
    assert split_items("- Kinh tế - xã hội.- Đầu tư.\n+ Ba") == ("Kinh tế - xã hội.", "Đầu tư.", "Ba")


def test_each_office_gets_its_items_and_restricted_ones_stand_apart() -> None:
    found = [(each.office, each.items, each.restricted) for each in assignments(ORGANISATION)]
    assert found == [
        ("Sở Xây dựng", ("Rà soát quy hoạch.", "Cấp phép nhanh."), False),
        ("Các sở, ban, ngành", ("Theo chức năng phối hợp thực hiện.",), False),
        ("Văn phòng Tỉnh ủy", ("Theo dõi chung.",), False),
        ("Văn phòng Tỉnh ủy", ("Quản lý mạng điện báo hệ đặc biệt.",), True),
    ]


def test_an_article_that_charges_an_office_is_an_assignment() -> None:
    text = "QUYẾT ĐỊNH\n\nBan hành Kế hoạch\n\nCăn cứ Luật Viễn thông;\n\nQUYẾT ĐỊNH:\n\nĐiều 1. Giao Sở A chủ trì thực hiện.\n"
    (found,) = assignments(text)
    assert (found.office, found.items, found.where.clause) == ("Sở A", ("chủ trì thực hiện.",), "dieu1")
