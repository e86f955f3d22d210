"""Tables written with tabs and pipes, broken over pages."""

from __future__ import annotations

from hatangso.plans.building import document_from_text
from hatangso.plans.document import Document

ANNEX = (
    "PHỤ LỤC\n\nTT\tNội dung\tMục tiêu\tChủ trì\tThời gian\n"
    "I\tBƯU CHÍNH\t\t\t\n"
    '1\tMở điểm bưu điện\t<ul style="a">- Mở 01 điểm.- Nâng cấp.</ul>\tBưu điện tỉnh\t2024 - 2030\n\n'
    "2\tNâng cấp hạ tầng và\tNâng cấp\tSở A\t2025\n\n\n"
    "\tcơ sở dữ liệu\t<p>- Thêm mục.</p>\tvà Sở B\t\n"
    "TT\tNội dung\tMục tiêu\tChủ trì\tThời gian\n"
    "3\tBa\t\tSở C\t\n--\t--\t--\t--\t--\n"
)


def rows(document: Document) -> list[dict[int, str]]:
    (table,) = document.tables
    return [
        {column: cell.text for column, cell in document.cells(document.clause(row)).items()}
        for row in table.rows
    ]


def test_a_row_broken_over_a_page_is_one_row_and_a_repeated_heading_is_dropped() -> None:
    document = document_from_text(ANNEX)
    found = rows(document)
    assert [row[1] for row in found] == ["I", "1", "2", "3"]
    assert found[2][2] == "Nâng cấp hạ tầng và cơ sở dữ liệu"
    assert found[2][3] == "Nâng cấp\n- Thêm mục."
    assert found[2][4] == "Sở A và Sở B"
    assert document.tables[0].columns == ("TT", "Nội dung", "Mục tiêu", "Chủ trì", "Thời gian")


def test_cells_have_ids_and_spans_of_their_own() -> None:
    document = document_from_text(ANNEX)
    cell = document.clause("pl1.r2.c4")
    assert (cell.row, cell.column, cell.text) == (2, 4, "Bưu điện tỉnh")
    assert document.original(cell.where) == "Bưu điện tỉnh"


def test_a_pipe_table_with_counting_row_is_read() -> None:
    text = "I. NHIỆM VỤ\n\n| STT | Nhiệm vụ | Cơ quan chủ trì |\n|---|---|---|\n| (1) | (2) | (3) |\n| 1 | Phủ sóng | Sở A |\n"
    assert rows(document_from_text(text)) == [{1: "1", 2: "Phủ sóng", 3: "Sở A"}]


def test_a_letterhead_written_as_a_table_is_read_as_lines() -> None:
    text = "ỦY BAN NHÂN DÂN | CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM |\nSố: 1/KH-UBND | Huế, ngày 1 tháng 2 năm 2026 |\nKẾ HOẠCH\nMột\nI. MỤC TIÊU\n"
    document = document_from_text(text)
    assert not document.tables
    assert document.clause("dau.3").text == "Số: 1/KH-UBND"
