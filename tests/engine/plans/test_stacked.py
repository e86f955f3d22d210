"""Tables whose cells were copied one below the other."""

from __future__ import annotations

from hatangso.plans.building import document_from_text
from hatangso.plans.tasks import Task, read_tasks

PIPED = """PHỤ LỤC
DANH MỤC NHIỆM VỤ

TT
|
Nhiệm vụ
|
Cơ quan chủ trì
|
Cơ quan phối hợp
|
Thời gian hoàn
thành
|
I
|
HẠ TẦNG SỐ
|
1
|
Phủ sóng các
thôn lõm sóng
|
Sở Khoa học và
Công nghệ
|
UBND các xã;
Doanh nghiệp viễn thông
|
2026 - 2028
|
2
|
Ngầm hóa cáp
|
Sở Xây dựng
|
Sở Khoa học và Công nghệ
|
Hàng năm
|
"""
BARE = """PHỤ LỤC

STT

Nội dung

Cơ quan chủ trì

Cơ quan phối hợp

Thời gian

1

Phủ sóng các thôn lõm sóng

Sở Khoa học và Công nghệ

UBND các xã, phường

Doanh nghiệp viễn thông

2026 - 2028

2

Tuyên truyền

Sở Văn hóa

Thường xuyên

Nơi nhận:

- Lưu: VT.
"""


def tasks(text: str) -> list[Task]:
    return read_tasks(document_from_text(text))


def test_cells_ended_by_lone_pipes_are_put_into_rows() -> None:
    first, second = tasks(PIPED)
    assert (first.group, first.name, first.lead) == (
        "HẠ TẦNG SỐ",
        "Phủ sóng các thôn lõm sóng",
        ("Sở Khoa học và Công nghệ",),
    )
    assert (first.partners, first.last_year) == (("UBND các xã", "Doanh nghiệp viễn thông"), 2028)
    assert (second.number, second.lead, second.when) == (2, ("Sở Xây dựng",), "Hàng năm")


def test_bare_lines_are_parted_by_what_they_are() -> None:
    first, second = tasks(BARE)
    assert (first.name, first.lead, first.last_year) == (
        "Phủ sóng các thôn lõm sóng",
        ("Sở Khoa học và Công nghệ",),
        2028,
    )
    assert first.partners == ("UBND các xã, phường", "Doanh nghiệp viễn thông")
    assert (second.name, second.lead, second.partners, second.when) == (
        "Tuyên truyền",
        ("Sở Văn hóa",),
        (),
        "Thường xuyên",
    )


def test_the_span_of_a_stacked_cell_holds_its_words() -> None:
    document = document_from_text(PIPED)
    cell = document.clause("pl1.r2.c3")
    assert document.original(cell.where) == "Sở Khoa học và\nCông nghệ"
