"""Working days: weekends, holidays, days made up for and swapped."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatangso import workdays
from hatangso.errors import InputError
from hatangso.lawfiles import read_entries
from tests.reference.lunar_calendar import lunar_date_to_solar

any_day = st.dates(min_value=date(2020, 2, 1), max_value=date(2050, 11, 1))


def test_the_lunar_days_of_the_law_agree_with_astronomy():
    for row in read_entries("lunar_days"):
        of_year = int(row["year"])
        assert row["new_year"] == lunar_date_to_solar(of_year, 1, 1).isoformat()
        assert row["ancestors_day"] == lunar_date_to_solar(of_year, 3, 10).isoformat()


def test_tet_of_2030_is_a_day_before_the_chinese_one():
    row = next(row for row in read_entries("lunar_days") if row["year"] == "2030")
    assert row["new_year"] == "2030-02-02"  # new moon before midnight in Hanoi, after it in Beijing


def test_the_days_of_tet_2025_are_off_and_the_days_around_are_not():
    off = [day for day in workdays.days_off(2025) if day.month in (1, 2)]
    assert off == [date(2025, 1, 1)] + [date(2025, 1, 27) + timedelta(days=step) for step in range(5)]
    assert workdays.next_working_day(date(2025, 1, 24)) == date(2025, 2, 3)


def test_a_holiday_on_a_weekend_is_made_up_for_on_the_next_working_day():
    off = workdays.days_off(2023)  # Giỗ Tổ on Saturday 29 April, 30 April on Sunday, 1 May on Monday
    assert off[date(2023, 5, 2)].name_vi == "nghỉ bù Giỗ Tổ Hùng Vương"
    assert off[date(2023, 5, 3)].name_vi == "nghỉ bù Ngày Chiến thắng"
    assert workdays.is_working_day(date(2023, 5, 4))


def test_a_swapped_day_is_off_and_its_saturday_is_worked():
    assert not workdays.is_working_day(date(2025, 5, 2))
    assert workdays.is_working_day(date(2025, 4, 26))


def test_the_second_day_of_2_september_exists_since_2021():
    assert date(2020, 9, 3) not in workdays.days_off(2020)
    assert date(2020, 9, 1) not in workdays.days_off(2020)
    assert {date(2021, 9, 2), date(2021, 9, 3)} <= workdays.days_off(2021).keys()


@pytest.mark.parametrize("of_year", [2021, 2022, 2023, 2024, 2025])
def test_the_choice_assumed_for_2_september_is_the_one_taken_in_known_years(of_year):
    pair = workdays.with_neighbour(date(of_year, 9, 2))
    known = next(entry["national_day"] for entry in read_entries("days_off") if entry["year"] == of_year)
    assert [day for day in pair if day.weekday() < 5] == [day for day in known if day in pair]


def test_a_year_whose_decision_is_not_known_says_that_it_assumes():
    off = workdays.days_off(2029)
    assert off[date(2029, 2, 13)].assumed  # the first day of Tết itself
    assert not off[date(2029, 4, 30)].assumed
    assert not workdays.days_off(2025)[date(2025, 1, 29)].assumed


def test_culture_day_is_off_since_2026_and_marked_unverified():
    assert workdays.days_off(2026)[date(2026, 11, 24)].unverified
    assert workdays.is_working_day(date(2025, 11, 24))


def test_working_days_are_counted_after_the_first_day_up_to_the_second():
    friday, monday = date(2025, 9, 12), date(2025, 9, 15)
    assert workdays.working_days_between(friday, monday) == 1
    assert workdays.working_days_between(monday, friday) == 0
    assert workdays.add_working_days(friday, 1) == monday
    assert workdays.add_working_days(monday, -1) == friday
    assert workdays.last_working_day(date(2025, 9, 14)) == friday


@given(any_day, st.integers(1, 15))
def test_adding_and_counting_working_days_agree(day, count):
    assert workdays.working_days_between(day, workdays.add_working_days(day, count)) == count


def test_a_year_without_lunar_days_is_refused_with_the_years_known():
    with pytest.raises(InputError, match="từ 2020 đến 2050"):
        workdays.is_working_day(date(2051, 3, 3))
