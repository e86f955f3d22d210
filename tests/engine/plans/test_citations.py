"""Documents cited in legal bases."""

from __future__ import annotations

import datetime as dt

from hatangso.plans.citations import likeness, read_citations, read_day


def test_several_documents_in_one_paragraph_are_parted() -> None:
    text = (
        "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015; Nghị quyết số 71/NQ-CP ngày 01/4/2025 của "
        "Chính phủ về chương trình hành động và Quyết định số 10-QĐ/TU của Tỉnh ủy;"
    )
    found = [(each.kind, each.number, each.date, each.issuer) for each in read_citations(text)]
    assert found == [
        ("Luật", None, dt.date(2015, 6, 19), "Quốc hội"),
        ("Nghị quyết", "71/NQ-CP", dt.date(2025, 4, 1), "Chính phủ"),
        ("Quyết định", "10-QĐ/TU", None, "Tỉnh ủy"),
    ]


def test_spans_hold_the_words_that_cite() -> None:
    text = "Thực hiện Kế hoạch số 5/KH-UBND ngày 1/2/2026 của UBND tỉnh;"
    (found,) = read_citations(text)
    assert text[found.start : found.end] == "Kế hoạch số 5/KH-UBND ngày 1/2/2026 của UBND tỉnh"


def test_blanks_inside_a_number_are_closed_and_an_impossible_day_is_none() -> None:
    (found,) = read_citations("Căn cứ Quyết định số 1236 /QĐ - TTg ngày 31/02/2025")
    assert (found.number, found.date, found.issuer) == ("1236/QĐ-TTg", None, "Thủ tướng Chính phủ")
    assert read_day("ngày 30/11/2024") == dt.date(2024, 11, 30)


def test_likeness_counts_word_pairs_of_the_subject_only() -> None:
    title = "Phát triển hạ tầng số huyện A giai đoạn 2025 - 2030"
    assert likeness("về việc phát triển hạ tầng số trên địa bàn tỉnh", title) == 1.0
    assert likeness("về cải cách thủ tục hành chính", title) == 0.0
