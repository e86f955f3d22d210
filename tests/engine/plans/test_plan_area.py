"""The code of a plan's area on its day."""

from __future__ import annotations

import datetime as dt

import pytest

from hatangso.plans.plan_area import code_of_area


def on(year: int, month: int = 1, day: int = 1) -> tuple[dt.date, dt.date]:
    return dt.date(year, month, day), dt.date(year, month, day)


@pytest.mark.parametrize(
    ("area_type", "name", "days", "code"),
    [
        ("tỉnh", "Đắk Nông", on(2024, 8, 21), "67"),
        ("tỉnh", "Đak Nông", on(2024, 8, 21), "67"),
        ("huyện", "Hớn Quản", on(2025, 3, 1), "694"),
        ("huyện", "Hớn Quản", on(2025, 8, 1), None),  # the district level had ended
        ("huyện", "Hớn Quản", (dt.date(2025, 1, 1), dt.date(2025, 12, 31)), "694"),
        ("thị xã", "Hương Trà", on(2024, 5, 6), "480"),
        ("tỉnh", "Sông Lam", None, None),
    ],
)
def test_kind_name_and_day_decide(
    area_type: str, name: str, days: tuple[dt.date, dt.date] | None, code: str | None
) -> None:
    assert code_of_area(area_type, name, days=days) == code


def test_of_many_communes_of_one_name_the_province_named_in_the_plan_decides() -> None:
    assert code_of_area("xã", "Tân Hưng", days=on(2024)) is None
    hinted = code_of_area(
        "xã", "Tân Hưng", days=on(2024), hints="Kế hoạch số 1/KH-UBND của UBND huyện Hớn Quản"
    )
    assert hinted is not None and len(hinted) == 5
