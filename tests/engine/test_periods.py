"""Periods: reading, order, parts, windows and deadlines."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatangso import periods
from hatangso.errors import InputError
from hatangso.periods import ADMINISTRATIVE, STATISTICAL, Kind, Period, half_year, month, quarter, year

any_period = st.builds(
    lambda kind, of_year, part: Period(kind, of_year, part % (12 // kind.value) + 1),
    st.sampled_from(Kind),
    st.integers(2021, 2049),
    st.integers(0, 11),
)


# One row: as written, the code.
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("quý III/2025", "2025Q3"),
        ("Quý 3 năm 2025", "2025Q3"),
        ("QUY IV-2025", "2025Q4"),
        ("Q1/2026", "2026Q1"),
        ("6 tháng đầu năm 2026", "2026H1"),
        ("06 tháng cuối năm 2025", "2025H2"),
        ("sáu tháng đầu năm 2025", "2025H1"),
        ("tháng 9 năm 2024", "2024-09"),
        ("tháng 09/2024", "2024-09"),
        ("T9/2024", "2024-09"),
        ("09/2024", "2024-09"),
        ("năm 2025", "2025"),
        ("cả năm 2025", "2025"),
        (" 2025. ", "2025"),
    ],
)
def test_a_period_is_read_as_offices_write_it(text, code):
    assert periods.parse_period(text).code == code


@pytest.mark.parametrize(
    "text", ["", "quý V/2025", "quý 0/2025", "tháng 13 năm 2025", "9 tháng năm 2025", "2025Q5", "ba"]
)
def test_what_is_no_period_is_refused_with_a_sentence(text):
    with pytest.raises(InputError, match=r"Kỳ báo cáo.*cần"):
        periods.parse_period(text)


@given(any_period)
def test_code_and_vietnamese_name_are_read_back(period):
    assert periods.parse_period(period.code) == period
    assert periods.parse_period(period.name_vi) == period


@given(any_period, st.integers(-30, 30))
def test_next_and_previous_undo_each_other(period, steps):
    assert period.next(steps).previous(steps) == period


def test_the_quarter_after_the_fourth_is_the_first_of_the_next_year():
    assert quarter(2025, 4).next() == quarter(2026, 1)
    assert month(2025, 1).previous() == month(2024, 12)
    assert half_year(2025, 1).next(3) == half_year(2026, 2)


def test_a_year_has_its_parts_in_order():
    assert [part.code for part in year(2025).parts(Kind.QUARTER)] == ["2025Q1", "2025Q2", "2025Q3", "2025Q4"]
    assert [part.code for part in quarter(2025, 3).parts(Kind.MONTH)] == ["2025-07", "2025-08", "2025-09"]
    with pytest.raises(InputError, match="ngắn hơn"):
        month(2025, 7).parts(Kind.YEAR)


def test_a_row_of_periods_includes_both_ends():
    assert [period.code for period in quarter(2025, 3).until(quarter(2026, 1))] == [
        "2025Q3",
        "2025Q4",
        "2026Q1",
    ]
    assert list(quarter(2025, 3).until(quarter(2025, 2))) == []
    with pytest.raises(InputError, match="cùng một loại kỳ"):
        list(quarter(2025, 3).until(year(2026)))


def test_periods_sort_by_start_then_by_length():
    mixed = [year(2025), month(2025, 4), quarter(2025, 1), month(2025, 1)]
    assert [period.code for period in sorted(mixed)] == ["2025-01", "2025Q1", "2025", "2025-04"]


def test_a_year_covers_its_months_but_a_quarter_not_the_next():
    assert year(2025).covers(month(2025, 12))
    assert quarter(2025, 1).covers(quarter(2025, 1))
    assert not quarter(2025, 1).covers(month(2025, 4))
    assert not year(2025).covers(month(2026, 1))


@given(any_period)
@pytest.mark.parametrize("calendar", [ADMINISTRATIVE, STATISTICAL])
def test_windows_follow_each_other_without_gap_or_overlap(calendar, period):
    assert (period.next().window(calendar).start - period.window(calendar).end).days == 1


@given(any_period)
@pytest.mark.parametrize("calendar", [ADMINISTRATIVE, STATISTICAL])
def test_every_day_of_a_window_belongs_to_its_period(calendar, period):
    window = period.window(calendar)
    for day in (window.start, window.end):
        assert periods.period_of(day, period.kind, calendar) == period


def test_a_period_that_cannot_be_is_refused_when_built():
    with pytest.raises(InputError, match="từ 1 đến 4"):
        quarter(2025, 5)
    with pytest.raises(InputError, match="1900"):
        year(25)


def test_an_unknown_calendar_is_refused():
    with pytest.raises(InputError, match="administrative hoặc statistical"):
        year(2025).window("lunar")


def test_the_statistical_calendar_sets_no_day_of_its_own():
    deadline = periods.deadline(quarter(2025, 3), STATISTICAL)
    assert (deadline.closing, deadline.due, deadline.submit_by) == (date(2025, 9, 30), None, None)
    assert deadline.document == "60/2018/NĐ-CP"


def test_a_deadline_names_its_document_and_what_is_not_verified():
    deadline = periods.deadline(year(2025))
    assert deadline.document == "09/2019/NĐ-CP"
    assert "Điều 13" in deadline.article
    assert deadline.unverified


def test_too_few_working_days_between_closing_and_due_is_said():
    # 14 September 2025 is a Sunday: nothing lies between it and itself, Monday is the first working day.
    codes = [warning.code for warning in periods.due_warnings(date(2025, 9, 15), quarter(2025, 3))]
    assert codes == []
    # 14 March 2025 is a Friday; Sunday the 16th leaves no working day.
    warnings = periods.due_warnings(date(2025, 3, 16), quarter(2025, 1))
    assert [warning.code for warning in warnings] == ["too_soon", "day_off"]
    assert "chưa đủ 1 ngày làm việc" in warnings[0].text_vi
