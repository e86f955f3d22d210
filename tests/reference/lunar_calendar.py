"""The Vietnamese lunar calendar from astronomy, slow and plain: new moons and the sun's longitude at UTC+7.

A lunar month begins on the day (in Hanoi) of the new moon; month 11 holds the winter solstice; when twelve
whole months do not fit between two months 11, the first one without a major solar term is a leap month.
Series after J. Meeus, Astronomical Algorithms, chapters 25 and 49 (leading terms; good to a few minutes).
"""

from __future__ import annotations

import math
from datetime import date, timedelta

_UNIX_ORDINAL = date(2000, 1, 1).toordinal()
_HANOI_HOURS = 7


def lunar_date_to_solar(year: int, month: int, day: int) -> date:
    """Return the solar day of a day of an ordinary (not leap) lunar month of the lunar ``year``."""
    starts = _months_between(_month_11(year - 1), _month_11(year))
    months = _numbered(starts, _month_11(year))
    return months[month] + timedelta(days=day - 1)


def _numbered(starts: list[date], end: date) -> dict[int, date]:
    """Give each month start after month 11 its number, leaving the leap month out."""
    leap_year = len(starts) == 13
    numbered: dict[int, date] = {}
    number, leap_found = 11, False
    for index, start in enumerate(starts):
        following = starts[index + 1] if index + 1 < len(starts) else end
        if index and leap_year and not leap_found and _major_term(start) == _major_term(following):
            leap_found = True
            continue
        if index:
            number = number % 12 + 1
        numbered[number] = start
    return numbered


def _month_11(year: int) -> date:
    """Return the first day of the lunar month that holds the winter solstice of the solar ``year``."""
    index = round((year + 0.99 - 2000) * 12.3685)
    start = _new_moon_day(index + 2)
    while _major_term(start) >= 9 or start > date(year, 12, 31):
        index -= 1
        start = _new_moon_day(index + 2)
    return start


def _months_between(first: date, last: date) -> list[date]:
    index = round((first.toordinal() - _UNIX_ORDINAL) / 29.530588) - 2
    days = [_new_moon_day(index + step) for step in range(18)]
    return [day for day in days if first <= day < last]


def _major_term(day: date) -> int:
    """Return the number (0–11) of the 30° sector of the sun at the start of the day in Hanoi; 9 begins at 270°."""
    return int(_sun_longitude(_julian_day(day) - _HANOI_HOURS / 24) // 30)


def _julian_day(day: date) -> float:
    return day.toordinal() + 1721424.5


def _sun_longitude(julian: float) -> float:
    """Return the apparent longitude of the sun in degrees."""
    century = (julian - 2451545.0) / 36525
    mean = 280.46646 + 36000.76983 * century
    anomaly = math.radians(357.52911 + 35999.05029 * century)
    centre = (
        (1.914602 - 0.004817 * century) * math.sin(anomaly)
        + 0.019993 * math.sin(2 * anomaly)
        + 0.000289 * math.sin(3 * anomaly)
    )
    node = math.radians(125.04 - 1934.136 * century)
    return (mean + centre - 0.00569 - 0.00478 * math.sin(node)) % 360


def _new_moon_day(index: int) -> date:
    """Return the day in Hanoi of the new moon ``index`` lunations after that of 6 January 2000."""
    julian = _new_moon(index) - 70 / 86400 + _HANOI_HOURS / 24
    return date.fromordinal(math.floor(julian + 0.5) - 1721425 + 0)


def _new_moon(index: int) -> float:
    century = index / 1236.85
    mean = 2451550.09766 + 29.530588861 * index + 0.00015437 * century**2
    eccentricity = 1 - 0.002516 * century
    sun = math.radians(2.5534 + 29.10535670 * index)
    moon = math.radians(201.5643 + 385.81693528 * index + 0.0107582 * century**2)
    latitude = math.radians(160.7108 + 390.67050284 * index - 0.0016118 * century**2)
    node = math.radians(124.7746 - 1.56375588 * index)
    return (
        mean
        - 0.40720 * math.sin(moon)
        + 0.17241 * eccentricity * math.sin(sun)
        + 0.01608 * math.sin(2 * moon)
        + 0.01039 * math.sin(2 * latitude)
        + 0.00739 * eccentricity * math.sin(moon - sun)
        - 0.00514 * eccentricity * math.sin(moon + sun)
        + 0.00208 * eccentricity**2 * math.sin(2 * sun)
        - 0.00111 * math.sin(moon - 2 * latitude)
        - 0.00057 * math.sin(moon + 2 * latitude)
        + 0.00056 * eccentricity * math.sin(2 * moon + sun)
        - 0.00042 * math.sin(3 * moon)
        + 0.00042 * eccentricity * math.sin(sun + 2 * latitude)
        + 0.00038 * eccentricity * math.sin(sun - 2 * latitude)
        - 0.00024 * eccentricity * math.sin(2 * moon - sun)
        - 0.00017 * math.sin(node)
    )
