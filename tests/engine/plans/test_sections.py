"""Which headings open a section of targets."""

from __future__ import annotations

import pytest

from hatangso.plans.building import document_from_text
from hatangso.plans.sections import GENERAL, OTHER, PRESENT, TARGET, UNKNOWN, heading_kind, section_of


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("MỤC TIÊU", TARGET),
        ("Mục tiêu cụ thể đến năm 2025", TARGET),
        ("CHỈ TIÊU PHẤN ĐẤU", TARGET),
        ("QUAN ĐIỂM, MỤC TIÊU", TARGET),
        ("MỤC ĐÍCH, YÊU CẦU VÀ CÁC CHỈ TIÊU CHỦ YẾU", TARGET),
        ("Định hướng đến năm 2030", TARGET),
        ("Mục tiêu chung", GENERAL),
        ("Mục tiêu tổng quát", GENERAL),
        ("MỤC ĐÍCH, YÊU CẦU", OTHER),
        ("GIẢI PHÁP THỰC HIỆN MỤC TIÊU", OTHER),
        ("NHIỆM VỤ, GIẢI PHÁP", OTHER),
        ("TỔ CHỨC THỰC HIỆN", OTHER),
        ("Tầm nhìn đến năm 2050", OTHER),
        ("KINH PHÍ THỰC HIỆN", OTHER),
        ("THỰC TRẠNG", PRESENT),
        ("Tình hình triển khai năm 2024", PRESENT),
        ("Hạ tầng viễn thông băng rộng", UNKNOWN),
        ("Đến năm 2025:", UNKNOWN),
    ],
)
def test_heading(heading: str, kind: str) -> None:
    assert heading_kind(heading) == kind


def test_nearest_heading_that_says_it_decides() -> None:
    document = document_from_text(
        "KẾ HOẠCH\nPhát triển hạ tầng số xã Mẫu năm 2025\n\nI. MỤC ĐÍCH VÀ CHỈ TIÊU\n\n1. Mục đích\n\n- Đưa 90% hộ dùng Internet.\n\n"
        "2. Chỉ tiêu\n\na) Mạng cố định\n\n- 80% hộ có Internet cáp quang.\n"
    )
    kinds = {
        clause.text[:6]: section_of(document, clause) for clause in document.clauses if "%" in clause.text
    }

    assert kinds == {"Đưa 90": OTHER, "80% hộ": TARGET}
