"""Places of a plan in words."""

from __future__ import annotations

import pytest

from hatangso.plans.building import document_from_text
from hatangso.plans.document import Where
from hatangso.plans.places import place_of, quote


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        ("i.2.b.-1.-2", "mục I.2.b"),
        ("ii.1.đ", "mục II.1.đ"),
        ("dieu2", "Điều 2"),
        ("pl1.r7.c3", "Phụ lục 1, dòng 7"),
        ("i.2.t1.r2.c5", "bảng 1, dòng 2, mục I.2"),
        ("dau.1", "phần mở đầu, mục 1"),
    ],
)
def test_clause_id_in_words(clause: str, words: str) -> None:
    assert place_of(Where(clause, 0, 1)) == words


def test_quote_is_short_and_without_furniture() -> None:
    text = "KẾ HOẠCH\nThử\n\nI. MỤC TIÊU\n\n- " + "rất dài " * 40
    document = document_from_text(text)

    quoted = quote(document, Where("i", text.index("- rất"), len(text)))

    assert quoted.startswith("“rất dài")
    assert quoted.endswith("…”")
    assert len(quoted) < 130
