"""How places, figures and findings are written out."""

from __future__ import annotations

import pytest

from hatangso_web.plans.wording import clause_words, figure, summary_of


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        ("ii.1.đ.-2", "II.1.đ, gạch đầu dòng thứ 2"),
        ("pl1.r7", "Phụ lục 1, dòng 7"),
        ("dieu2", "Điều 2"),
        ("c.1", "C.1"),
        ("", ""),
    ],
)
def test_a_clause_is_said_as_people_say_it(clause: str, words: str) -> None:
    assert clause_words(clause) == words


def test_a_figure_is_written_with_a_decimal_comma() -> None:
    assert figure(">=", 1234.5, "Mb/s") == "≥\u00a01.234,5\u00a0Mb/s"
    assert figure("=", None, "%") == ""


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("target", {"indicator": None, "qualitative": True, "year": 2030}, ("Chỉ tiêu chưa có trong danh mục: định tính", "đến năm 2030")),
        ("task", {"number": 7, "name": "Phủ sóng", "lead": [], "from": 2026, "until": 2028}, ("7. Phủ sóng", "chưa rõ cơ quan chủ trì · 2026 - 2028")),
        ("duty", {"who": "Các xã", "to": "UBND tỉnh", "day": 5, "month": 6, "every": "year"}, ("Các xã → UBND tỉnh", "05/06 · hằng năm")),
        ("basis", {"number": "36/QĐ-TTg", "date": "2024-01-11", "issuer": "Thủ tướng"}, ("36/QĐ-TTg · 11/01/2024", "Thủ tướng")),
    ],
)  # fmt: skip
def test_a_finding_is_said_in_one_line(kind: str, value: dict, words: tuple[str, str]) -> None:
    assert summary_of(kind, value) == words
