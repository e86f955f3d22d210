"""Which date governs which number of a clause."""

from __future__ import annotations

import pytest

from hatangso.plans.deadlines import find_deadlines
from hatangso.plans.governing import governing_deadline
from hatangso.plans.segments import cut_paragraph


def _years(text: str) -> list[int | None]:
    dates = find_deadlines(text)
    segments = [segment for sentence in cut_paragraph(text) for segment in sentence.segments]
    found = [governing_deadline(text, segment, dates) for segment in segments]
    return [date.year if date else None for date in found]


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Đến năm 2025 đạt 60%, đến năm 2030 đạt 90% dân số", [2025, 2030]),
        ("Đạt 60% hộ năm 2026 và 90% hộ năm 2030", [2026, 2030]),
        ("Đến năm 2026: 90% thôn có sóng; 80% hộ có Internet", [2026, 2026]),
        ("90% thôn có sóng và 80% hộ có Internet vào năm 2027", [2027, 2027]),
        ("90% thôn có sóng; 80% hộ có Internet vào năm 2027", [None, 2027]),
        ("Tăng 10% số trạm so với năm 2024", [None]),
        ("90% thôn có sóng, tầm nhìn đến năm 2045 giữ vững", [None]),
    ],
)
def test_opening_date_looks_ahead_and_closing_date_looks_back(text: str, years: list[int | None]) -> None:
    assert _years(text) == years
