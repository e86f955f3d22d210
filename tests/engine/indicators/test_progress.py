"""Verdicts tell their calculation; what cannot be told says so."""

import datetime

import pytest

from hatangso.errors import InputError
from hatangso.indicators.progress import (
    CANNOT_TELL,
    LATE,
    MET,
    NOT_APPLICABLE,
    NOT_MET,
    ON_COURSE,
    Observation,
    Target,
    forecast,
    judge,
)

DUE = datetime.date(2030, 12, 31)


def at(year, value, low=None, high=None):
    return Observation(datetime.date(year, 12, 31), value, low, high)


def target(value=100.0, comparator=">=", **options):
    return Target(comparator, value, DUE, "%", **options)


def test_no_figure_cannot_be_told():
    assert judge(target(), [], as_of=datetime.date(2027, 1, 1)).verdict == CANNOT_TELL


def test_figures_after_the_day_are_not_looked_at():
    assert judge(target(), [at(2029, 100)], as_of=datetime.date(2027, 1, 1)).verdict == CANNOT_TELL


def test_not_applicable_is_not_a_failure():
    assert judge(target(applicable=False), [at(2026, 0)], as_of=DUE).verdict == NOT_APPLICABLE


def test_the_first_figure_serves_as_baseline():
    progress = judge(target(), [at(2025, 50), at(2027, 72)], as_of=datetime.date(2028, 1, 15))
    assert progress.verdict == ON_COURSE
    assert progress.expected == pytest.approx(70, abs=0.1)
    assert "Còn phải tăng 28 %" in progress.words


def test_95_percent_of_the_pace_is_the_line():
    base = (datetime.date(2025, 12, 31), 50.0)
    almost = judge(target(baseline=base), [at(2027, 69.1)], as_of=datetime.date(2028, 1, 15))
    short = judge(target(baseline=base), [at(2027, 68.8)], as_of=datetime.date(2028, 1, 15))
    assert (almost.verdict, short.verdict) == (ON_COURSE, LATE)


def test_an_interval_across_the_line_cannot_be_told():
    assert judge(target(80), [at(2027, 83, 75, 90)], as_of=datetime.date(2028, 1, 1)).verdict == CANNOT_TELL
    assert judge(target(80), [at(2027, 88, 82, 93)], as_of=datetime.date(2028, 1, 1)).verdict == MET


def test_after_the_due_day_a_fresh_figure_decides():
    after = datetime.date(2031, 2, 1)
    assert judge(target(), [at(2030, 100)], as_of=after).verdict == MET
    assert judge(target(), [at(2030, 99)], as_of=after).verdict == NOT_MET
    assert judge(target(80), [at(2030, 78, 70, 85)], as_of=after).verdict == CANNOT_TELL


def test_reached_too_late_is_said():
    progress = judge(target(), [at(2030, 90), at(2031, 100)], as_of=datetime.date(2032, 1, 5))
    assert progress.verdict == NOT_MET
    assert "Đến 31/12/2031 mới được 100 %" in progress.words


def test_strictly_more_is_not_reached_by_the_value_itself():
    assert judge(target(50, ">"), [at(2030, 50)], as_of=datetime.date(2031, 1, 5)).verdict == NOT_MET


def test_forecast_of_a_straight_line_is_the_line():
    line = forecast([at(2024, 10), at(2025, 20), at(2026, 30), at(2027, 40)], DUE)
    assert line is not None
    assert line.value == pytest.approx(70, abs=0.1)
    assert line.high - line.low < 0.5


def test_three_figures_make_no_forecast():
    assert forecast([at(2024, 10), at(2025, 20), at(2026, 30)], DUE) is None


def test_a_wrong_comparator_is_refused():
    with pytest.raises(InputError, match="Dấu so sánh"):
        target(comparator="≥")


def test_the_source_of_the_baseline_and_the_forecast_are_told_in_words():
    start = (datetime.date(2024, 12, 31), 10.0)
    aim = target(100, baseline=start, baseline_source="số gốc ghi trong kế hoạch")
    progress = judge(aim, [at(2026, 60)], as_of=datetime.date(2027, 1, 15))
    assert "Từ 10 % (số gốc ghi trong kế hoạch, 31/12/2024)" in progress.words
    line = forecast([at(2024, 70), at(2025, 80), at(2026, 90), at(2027, 99)], DUE)
    assert "được 100 %" in line.words(aim) and "4 kỳ" in line.words(aim)  # a share is never told above 100
