"""Names of offices in headings and lists."""

from __future__ import annotations

import pytest

from hatangso.plans.offices import begins_with_office, office_of_heading, part_offices


@pytest.mark.parametrize(
    ("text", "office", "rest"),
    [
        ("Sở Xây dựng", "Sở Xây dựng", ""),
        ("Giao Sở Tài chính chủ trì, phối hợp", "Sở Tài chính", "chủ trì, phối hợp"),
        ("Phòng Kinh tế: Tham mưu bố trí vốn", "Phòng Kinh tế", "Tham mưu bố trí vốn"),
        ("Đề nghị Ủy ban MTTQ Việt Nam xã tuyên truyền", "Ủy ban MTTQ Việt Nam xã", "tuyên truyền"),
        (
            "Các cơ quan, tổ chức, cá nhân có trách nhiệm phối hợp",
            "Các cơ quan, tổ chức, cá nhân",
            "có trách nhiệm phối hợp",
        ),
    ],
)
def test_an_office_is_cut_from_the_words_that_follow(text: str, office: str, rest: str) -> None:
    assert office_of_heading(text) == (office, rest)


def test_a_heading_on_a_subject_names_no_office() -> None:
    assert office_of_heading("Hạ tầng viễn thông và Internet") is None
    assert not begins_with_office("Sợi quang")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("UBND các huyện, thành phố Gia Nghĩa; doanh nghiệp viễn thông", ["UBND các huyện, thành phố Gia Nghĩa", "doanh nghiệp viễn thông"]),
        ("Các Sở, Ban, ngành", ["Các Sở, Ban, ngành"]),
        ("Sở Xây dựng, Sở Tài chính, UBND các xã, phường", ["Sở Xây dựng", "Sở Tài chính", "UBND các xã, phường"]),
        ("Doanh nghiệp được giao (VNPT; Viettel)", ["Doanh nghiệp được giao (VNPT; Viettel)"]),
        ("Các Sở: Tài chính; Nội vụ; UBND các xã", ["Các Sở: Tài chính", "Sở Nội vụ", "UBND các xã"]),
        ("- Sở A;\n- Phòng B.", ["Sở A", "Phòng B"]),
        ("", []),
    ],
)  # fmt: skip
def test_lists_of_offices_are_parted_where_a_new_one_begins(text: str, expected: list[str]) -> None:
    assert part_offices(text) == expected
