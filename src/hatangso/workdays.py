"""Vietnamese working days: weekends, holidays, compensating days and swapped days, as dated data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

from hatangso.errors import InputError
from hatangso.lawfiles import Entry, read_entries

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True)
class DayOff:
    """Why nobody works on a weekday; ``assumed`` = the year's decision is not known, the usual choice was taken."""

    day: date
    name_vi: str
    assumed: bool = False
    unverified: str = ""


def is_working_day(day: date) -> bool:
    """Say whether offices work on a day: Monday to Friday without days off, and Saturdays swapped to work."""
    if day in _swapped_to_work(day.year):
        return True
    return day.weekday() < _SATURDAY and day not in days_off(day.year)


@lru_cache(maxsize=64)
def days_off(year: int) -> Mapping[date, DayOff]:
    """Return the weekdays of a year on which offices are closed, with the reason.

    A holiday on a Saturday or Sunday is made up for on the next working day (Labour Code 45/2019/QH14,
    art. 111). The days of Tết and the second day of 2 September follow the year's decision where it is known;
    otherwise one day before Tết and four from it on, and the neighbour of 2 September that makes the longer
    break, marked ``assumed``.

    Raises
    ------
    InputError
        when the lunar days of the year are not in ``law/lunar_days.csv``.
    """
    decided = next((entry for entry in read_entries("days_off") if entry["year"] == year), None)
    off: dict[date, DayOff] = {}
    make_up: list[tuple[date, DayOff]] = []
    for holiday in _holidays(year):
        for day in _dates(holiday, year, decided):
            reason = DayOff(
                day,
                holiday["name_vi"],
                assumed=decided is None and holiday["days"] > 1,
                unverified=holiday.get("unverified", ""),
            )
            if day.weekday() < _SATURDAY:
                off[day] = reason
            else:
                make_up.append((day, reason))
    for day, reason in make_up:
        following = _next_free(day, off)
        off[following] = DayOff(following, f"nghỉ bù {reason.name_vi}", reason.assumed, reason.unverified)
    for day in (decided or {}).get("swapped_off", ()):
        off[day] = DayOff(day, "nghỉ hoán đổi", unverified=(decided or {}).get("unverified", ""))
    return MappingProxyType(dict(sorted(off.items())))


def next_working_day(day: date) -> date:
    """Return the first working day after a day."""
    return add_working_days(day, 1)


def last_working_day(day: date) -> date:
    """Return the day itself if offices work, else the nearest working day before."""
    while not is_working_day(day):
        day -= _DAY
    return day


def add_working_days(day: date, count: int) -> date:
    """Return the ``count``-th working day after a day (negative: before)."""
    step = _DAY if count > 0 else -_DAY
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day):
            day += step
    return day


def working_days_between(after: date, until: date) -> int:
    """Count the working days after ``after`` up to and with ``until``; 0 when ``until`` is not later."""
    days = max((until - after).days, 0)
    return sum(is_working_day(after + step * _DAY) for step in range(1, days + 1))


def _holidays(year: int) -> Iterator[Entry]:
    """Yield the holidays in force on the day they fall in the year (solar) or at its start (lunar)."""
    for entry in read_entries("holidays"):
        solar = entry["calendar"] == "solar"
        day = date(year, entry["month"], entry["day"]) if solar else date(year, 1, 20)
        if entry["from"] <= day and ("until" not in entry or day < entry["until"]):
            yield entry


def _dates(holiday: Entry, year: int, decided: Entry | None) -> tuple[date, ...]:
    if holiday["calendar"] == "lunar":
        lunar = _lunar(year)
        if holiday["days"] == 1:
            return (date.fromisoformat(lunar["ancestors_day"]),)
        new_year = date.fromisoformat(lunar["new_year"])
        return tuple(decided["new_year"] if decided else (new_year + step * _DAY for step in range(-1, 4)))
    day = date(year, holiday["month"], holiday["day"])
    if holiday["days"] == 1:
        return (day,)
    return tuple(decided["national_day"]) if decided else with_neighbour(day)


def with_neighbour(day: date) -> tuple[date, date]:
    """Return 2 September with the day beside it that makes the longer break; the day before when equal."""
    before, after = (day - _DAY, day), (day, day + _DAY)
    return after if _break_length(after) > _break_length(before) else before


def _break_length(pair: tuple[date, date]) -> int:
    off = {day: DayOff(day, "") for day in pair if day.weekday() < _SATURDAY}
    for day in pair:
        if day.weekday() >= _SATURDAY:
            following = _next_free(day, off)
            off[following] = DayOff(following, "")
    free = {pair[0] + step * _DAY for step in range(-7, 8)}
    free = {day for day in free if day.weekday() >= _SATURDAY or day in off}
    start = pair[0]
    while start - _DAY in free:
        start -= _DAY
    end = start
    while end + _DAY in free:
        end += _DAY
    return (end - start).days + 1


def _next_free(day: date, off: Mapping[date, DayOff]) -> date:
    while day.weekday() >= _SATURDAY or day in off:
        day += _DAY
    return day


@lru_cache(maxsize=64)
def _swapped_to_work(year: int) -> frozenset[date]:
    return frozenset(
        day
        for entry in read_entries("days_off")
        if entry["year"] == year
        for day in entry.get("swapped_to_work", ())
    )


def _lunar(year: int) -> Entry:
    rows = read_entries("lunar_days")
    for row in rows:
        if row["year"] == str(year):
            return row
    raise InputError(
        f"Lịch nghỉ năm {year}",
        found="chưa có ngày âm lịch của năm này",
        expected=f"năm từ {rows[0]['year']} đến {rows[-1]['year']}",
        remedy="Bổ sung ngày mùng 1 Tết và Giỗ Tổ vào law/lunar_days.csv",
    )
