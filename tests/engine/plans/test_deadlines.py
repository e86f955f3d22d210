"""Years, quarters, months and days."""

from __future__ import annotations

from datetime import date

import pytest

from hatangso.plans.deadlines import find_deadlines, heading_year


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("đến năm 2025", date(2025, 12, 31)),
        ("đến hết năm 2026", date(2026, 12, 31)),
        ("Đến 2030", date(2030, 12, 31)),
        ("đến hết quý III/2025", date(2025, 9, 30)),
        ("quý 1 năm 2026", date(2026, 3, 31)),
        ("6 tháng đầu năm 2026", date(2026, 6, 30)),
        ("từ tháng 9/2024", date(2024, 9, 30)),
        ("trước 30/6/2026", date(2026, 6, 30)),
        ("trước ngày 15 tháng 11 năm 2025", date(2025, 11, 15)),
        ("giai đoạn 2025–2030", date(2030, 12, 31)),
    ],
)
def test_last_day_of_a_written_time(text: str, due: date) -> None:
    assert [deadline.due for deadline in find_deadlines(text)] == [due]


def test_dates_of_cited_documents_are_not_deadlines() -> None:
    assert find_deadlines("theo Quyết định số 38/QĐ-BTTTT ngày 14/01/2021 của Bộ") == ()


def test_year_of_comparison_and_vision_do_not_govern() -> None:
    roles = [each.role for each in find_deadlines("so với năm 2024, đến năm 2030, tầm nhìn đến năm 2050")]

    assert roles == ["base", "due", "vision"]


def test_impossible_day_keeps_its_year() -> None:
    (found,) = find_deadlines("trước ngày 31/11/2025")

    assert (found.year, found.due) == (2025, None)


@pytest.mark.parametrize(
    ("heading", "year"),
    [
        ("Mục tiêu đến năm 2025, tầm nhìn đến năm 2030", 2025),
        ("Mục tiêu đến năm 2025, định hướng đến năm 2030", 2025),
        ("Định hướng đến năm 2030", 2030),
        ("Giai đoạn 2026 - 2030", 2030),
        ("MỤC TIÊU, CHỈ TIÊU NĂM 2024", 2024),
        ("Mục tiêu đến năm 2025 và năm 2030", None),
        ("Tầm nhìn đến năm 2050", None),
        ("Mục tiêu cụ thể", None),
    ],
)
def test_year_a_heading_sets(heading: str, year: int | None) -> None:
    found = heading_year(heading)

    assert (found.year if found else None) == year
