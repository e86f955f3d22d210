"""Markers of Vietnamese documents and where they belong in the tree."""

from __future__ import annotations

import pytest

from hatangso.plans.building import document_from_text
from hatangso.plans.numbering import from_roman, read_marker, to_roman


@pytest.mark.parametrize(
    ("text", "style", "numbers", "rest"),
    [
        ("I. MỤC TIÊU", "roman", (1,), "MỤC TIÊU"),
        ("IV- GIẢI PHÁP", "roman", (4,), "GIẢI PHÁP"),
        ("II - NHIỆM VỤ", "roman", (2,), "NHIỆM VỤ"),
        ("A. PHẦN CHUNG", "upper", (1,), "PHẦN CHUNG"),
        ("Điều 2. Hiệu lực", "dieu", (2,), "Hiệu lực"),
        ("PHẦN THỨ HAI: GIẢI PHÁP", "phan", (2,), "GIẢI PHÁP"),
        ("1. Mục đích", "number", (1,), "Mục đích"),
        ("2/ Yêu cầu", "number", (2,), "Yêu cầu"),
        ("3.1. Hạ tầng", "dotted2", (3, 1), "Hạ tầng"),
        ("3.1 Hạ tầng", "dotted2", (3, 1), "Hạ tầng"),
        ("I.2. Mục tiêu", "dotted2", (1, 2), "Mục tiêu"),
        ("đ) Mỗi người dân", "letter", (5,), "Mỗi người dân"),
        ("(1) Sở Tài chính", "(number)", (1,), "Sở Tài chính"),
        ("- 100% thôn", "dash", (), "100% thôn"),
        ("+ Tỷ lệ", "plus", (), "Tỷ lệ"),
        ("** Đến năm 2030:", "star", (), "Đến năm 2030:"),
        ("**2. Yêu cầu**", "number", (2,), "Yêu cầu**"),
    ],
)
def test_a_marker_is_read(text: str, style: str, numbers: tuple[int, ...], rest: str) -> None:
    marker = read_marker(text)
    assert marker is not None
    assert (marker.style, marker.numbers, text[marker.length :].strip()) == (style, numbers, rest)


@pytest.mark.parametrize(
    "text",
    ["38/QĐ-BTTTT ngày 14/01/2021", "3.890 trạm BTS", "10,81% hộ", "5G phủ sóng", "100% thôn", "2025 là năm", "30.11.2024 là hạn", "1.5 triệu người",
     "Điều chỉnh quy hoạch", "Phần mềm dùng chung", "Chương trình hành động", "Mục tiêu chung"],
)  # fmt: skip
def test_a_number_or_word_is_no_marker(text: str) -> None:
    assert read_marker(text) is None


def test_i_after_h_is_the_letter_and_i_alone_is_the_number() -> None:
    assert read_marker("i) Hạ tầng", letters_running=9).style == "letter"  # type: ignore[union-attr]
    assert read_marker("i) Hạ tầng").style == "lower-roman"  # type: ignore[union-attr]


def test_roman_numbers_go_both_ways() -> None:
    assert [from_roman(to_roman(number)) for number in range(1, 40)] == list(range(1, 40))
    assert from_roman("IIII") is None


def ids(text: str) -> list[str]:
    return [clause.id for clause in document_from_text(text).clauses]


def test_ids_follow_the_numbering_with_dd_between_d_and_e() -> None:
    text = "I. MỤC TIÊU\n\n1. Đến năm 2025\n\nd) Một.\n\nđ) Hai.\n\ne) Ba.\n\n2. Đến năm 2030\n\na) Bốn.\n\nII. NHIỆM VỤ\n"
    assert ids(text) == ["i", "i.1", "i.1.d", "i.1.đ", "i.1.e", "i.2", "i.2.a", "ii"]


def test_bullets_are_counted_below_their_heading_and_stars_may_head_dashes() -> None:
    text = "I. MỤC TIÊU\n\na) Hạ tầng\n\n* Đến năm 2025:\n\n- Một.\n\n- Hai.\n\n** Đến năm 2030:*\n\n- Ba.\n\nb) Bưu chính\n"
    assert ids(text) == ["i", "i.a", "i.a.-1", "i.a.-1.-1", "i.a.-1.-2", "i.a.-2", "i.a.-2.-1", "i.b"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "I. MỤC TIÊU\n3.1. Chung\n- Một.\n3.2. Riêng\nII. KHÁC\n",
            ["i", "i.3.1", "i.3.1.-1", "i.3.2", "ii"],
        ),
        ("1. Chung\n1.1. Một\na) Hai.\n1.2. Ba\n2. Bốn\n", ["1", "1.1", "1.1.a", "1.2", "2"]),
        ("PHẦN I\nI. MỘT\n1. Hai\nPHẦN II\nI. BA\n", ["phan1", "phan1.i", "phan1.i.1", "phan2", "phan2.i"]),
        ("A. CHUNG\nI. MỘT\nII. HAI\nB. RIÊNG\nI. BA\n", ["A", "A.i", "A.ii", "B", "B.i"]),
        ("I. MỘT\n2. Hai\n4. Bốn\n", ["i", "i.2", "i.4"]),
        ("I. MỘT\n1. Hai\n1. Hai nữa\n", ["i", "i.1", "i.1~2"]),
        ("I. MỘT\n1) Hai\na) Ba.\n2) Bốn\n", ["i", "i.1", "i.1.a", "i.2"]),
    ],
)
def test_styles_gaps_and_repeats_find_their_place(text: str, expected: list[str]) -> None:
    assert ids(text) == expected


def test_a_paragraph_after_bullets_belongs_to_the_clause_above_them() -> None:
    document = document_from_text("I. MỤC TIÊU\n\n- Một.\n\nĐoạn văn tiếp theo.\n")
    assert document.clause("i.p1").parent == "i"
    assert document.clause("i").children == ("i.-1", "i.p1")


def test_a_paragraph_after_dashes_stays_below_the_star_that_heads_them() -> None:
    document = document_from_text(
        "I. MỤC TIÊU\n\n* Đến năm 2025:\n\n- Một.\n\nĐạt 90% số hộ.\n\n* Đến năm 2030:\n"
    )
    assert [(clause.id, clause.parent) for clause in document.clauses][1:] == [
        ("i.-1", "i"),
        ("i.-1.-1", "i.-1"),
        ("i.-1.p1", "i.-1"),
        ("i.-2", "i"),
    ]
