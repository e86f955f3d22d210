"""What must not reach the public."""

from __future__ import annotations

import pytest

from hatangso.plans.building import document_from_text
from hatangso.plans.reading import plan_of, plan_to_json, public_plan
from hatangso.plans.secrecy import is_restricted, restricted_clauses

PLAN = (
    "KẾ HOẠCH\nPhát triển hạ tầng số năm 2026\n\nI. NHIỆM VỤ\n\n- Phủ sóng 100% thôn.\n\n- Duy trì mạng điện thoại Hệ đặc biệt phục vụ cơ quan Đảng, "
    "Nhà nước.\n\nPHỤ LỤC\n\nTT\tNhiệm vụ\tChủ trì\tThời gian\n1\tPhủ sóng\tSở A\t2026\n2\tMạng điện báo Hệ đặc biệt\tVăn phòng Tỉnh ủy\t2026\n"
)


@pytest.mark.parametrize(
    ("text", "restricted"),
    [
        ("Mạng điện báo Hệ đặc biệt phục vụ cơ quan Đảng, Nhà nước", True),
        ("MẠNG ĐIỆN THOẠI HỆ ĐẶC BIỆT", True),
        ("mạng liên lạc cơ yếu", True),
        ("điện thoại chuyên dùng phục vụ các cơ quan Đảng", True),
        ("Mạng truyền số liệu chuyên dùng phục vụ cơ quan Đảng, Nhà nước", False),
        ("Mạng viễn thông dùng riêng phục vụ cơ quan Đảng, Nhà nước", False),
        ("thôn đặc biệt khó khăn, có điện thoại", False),
        ("mỗi người dân có một điện thoại thông minh", False),
    ],
)
def test_the_rule_tells_special_networks_from_the_common_ones(text: str, restricted: bool) -> None:
    assert is_restricted(text) is restricted


def test_a_restricted_cell_takes_its_row_and_nothing_else() -> None:
    document = document_from_text(PLAN)
    assert restricted_clauses(document) == {
        "i.-2",
        "pl1.r2",
        "pl1.r2.c1",
        "pl1.r2.c2",
        "pl1.r2.c3",
        "pl1.r2.c4",
    }


def test_a_stamp_on_the_letterhead_takes_the_whole_document() -> None:
    document = document_from_text("MẬT\n\n" + PLAN)
    assert restricted_clauses(document) == {clause.id for clause in document.clauses}


def test_the_public_plan_holds_no_restricted_word_anywhere() -> None:
    plan = plan_of(document_from_text(PLAN))
    assert [task.number for task in plan.tasks if task.restricted] == [2]
    shown = public_plan(plan)
    assert [task.number for task in shown.tasks] == [1]
    words = (
        str(plan_to_json(shown)) + shown.document.source + " ".join(c.text for c in shown.document.clauses)
    )
    assert "đặc biệt" not in words.lower() and "Văn phòng Tỉnh ủy" not in words
    assert len(shown.document.source) == len(plan.document.source)
