"""The rules of validity that one row can decide, as numbers for compiled code: reason, group slot and period of each row."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
from numba import njit

from hatangso.errors import InputError
from hatangso.speed.validity import MOBILE, ValidityRule

REASONS = (
    "missing_speed", "impossible_value", "too_old", "outside_hours", "poor_location", "wifi_on_mobile", "no_area",
    "duplicate", "dominating_device",
)  # fmt: skip
ROW_REASONS = REASONS[:-2]  # those that one row decides
_COUNTS = 1 + len(REASONS)
NO_TIME = np.iinfo(np.int64).min
_MEASURES = ("download_mbps", "upload_mbps", "latency_ms", "jitter_ms")
_EPOCH = datetime.date(1970, 1, 1)
_HOUR = 3_600_000_000  # microseconds


@dataclass(frozen=True)
class RowRules:
    """Numbers of the rules; a rule that is not in force has limits nothing breaks.

    limits : lowest and highest of download, upload (Mb/s), latency, jitter (ms); missing values break no limit
    mobile_highest_mbps : highest download on a mobile technology
    oldest, newest : first and last day that count, None = any
    first_hour, last_hour : only tests from ``first_hour`` until before ``last_hour`` count
    accuracy_m : the largest error of place that counts
    """

    limits: tuple[tuple[float, float], ...] = (
        (0.01, 10_000.0),
        (0.01, 10_000.0),
        (0.1, 10_000.0),
        (0.0, np.inf),
    )
    mobile_highest_mbps: float = 4_000.0
    oldest: datetime.date | None = None
    newest: datetime.date | None = None
    first_hour: int = 6
    last_hour: int = 22
    accuracy_m: float = 100.0
    refuse_wifi: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.first_hour < self.last_hour <= 24:
            raise InputError(
                f"Khung giờ {self.first_hour}-{self.last_hour}", expected="hai giờ tăng dần từ 0 đến 24"
            )
        if len(self.limits) != len(_MEASURES) or any(low > high for low, high in self.limits):
            raise InputError("Giới hạn của lần đo", found=str(self.limits), expected="bốn cặp số tăng dần")

    def numbers(self) -> np.ndarray:
        """Return the rules as the float64 array the compiled judge reads."""
        oldest = -np.inf if self.oldest is None else (self.oldest - _EPOCH).days
        newest = np.inf if self.newest is None else (self.newest - _EPOCH).days
        hours = (self.first_hour, self.last_hour)
        pairs = [bound for pair in self.limits for bound in pair]
        return np.array([*hours, oldest, newest, self.mobile_highest_mbps, *pairs], dtype=np.float64)


def row_rules(rules: tuple[ValidityRule, ...], *, as_of: datetime.date) -> RowRules:
    """Return the numbers of rules in force: those of :func:`hatangso.speed.validity.select_valid` one row decides.

    Duplicates and dominating devices are decided by several rows and are no part of it.
    """
    known = {rule.kind: rule.parameters for rule in rules}
    ranges = known.get("range", {"limits": {}})
    hours = known.get("hours", {"first_hour": 0, "last_hour": 24})
    mobile = ranges.get("mobile_limits", {}).get("download_mbps", (0.0, np.inf))
    age = known.get("age")
    return RowRules(
        limits=tuple(tuple(map(float, ranges["limits"].get(name, (0.0, np.inf)))) for name in _MEASURES),  # type: ignore[misc]
        mobile_highest_mbps=float(mobile[1]),
        oldest=as_of - datetime.timedelta(days=int(age["days"])) if age else None,
        newest=as_of if age else None,
        first_hour=int(hours["first_hour"]),
        last_hour=int(hours["last_hour"]),
        accuracy_m=float(known.get("accuracy", {"metres": np.inf})["metres"]),
        refuse_wifi="wifi_on_mobile" in known,
    )


def is_mobile(technology: str) -> bool:
    """Say whether a technology is one of mobile networks."""
    return technology in MOBILE


@njit(cache=True, inline="always")
def _month_of(day):  # pragma: no cover - compiled
    """Months since year 0 of a day counted from 1970-01-01. Source: H. Hinnant, chrono-compatible date algorithms."""
    shifted = day + 719_468
    era = shifted // 146_097
    of_era = shifted - era * 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    return (year + era * 400) * 12 + (5 * of_year + 2) // 153 + 2


@njit(cache=True, nogil=True)
def range_of(microseconds):  # pragma: no cover - compiled
    """Return the first and the last hour since 1970 of moments, missing ones left out; (0, -1) when all are missing."""
    low, high = np.int64(2**62), np.int64(-(2**62))
    for value in microseconds:
        if value != NO_TIME:
            low, high = min(low, value), max(high, value)
    if high < low:
        return np.int64(0), np.int64(-1)
    return low // _HOUR, high // _HOUR


@njit(cache=True, nogil=True)
def periods_of_hours(first, last, step, numbers):  # pragma: no cover - compiled
    """Return for each hour its period, -3 when too old, -4 when outside the hours; int32 (last - first + 1,)."""
    periods = np.empty(last - first + 1, np.int32)
    for place in range(periods.shape[0]):
        day = (first + place) // 24
        of_day = first + place - 24 * day
        if day < numbers[2] or day > numbers[3]:
            periods[place] = -3
        elif of_day < numbers[0] or of_day >= numbers[1]:
            periods[place] = -4
        elif step == 0:
            periods[place] = 0
        else:
            periods[place] = _month_of(day) // step
    return periods


@njit(cache=True, inline="always")
def _hours_after(first_hour, moment):  # pragma: no cover - compiled
    """Return how many hours a moment lies after the first one; without a sign, which makes dividing cheap."""
    return np.uint64(moment - first_hour * _HOUR) // np.uint64(_HOUR)


@njit(cache=True, inline="always")
def _breaks(values, index, low, high):  # pragma: no cover - compiled
    return (values[index] < low) | (values[index] > high)


@njit(cache=True, nogil=True)
def judge_rows(columns, rows, tables, target, numbers):  # pragma: no cover - compiled
    """Say which rows hold what one row must hold; their areas are not asked for.

    Parameters
    ----------
    columns : (moments, microseconds since 1970 by the clock on the wall int64 (n,), :data:`NO_TIME` when missing;
        operator index; technology index; (download, upload, latency, jitter), each (n,) or empty when not read;
        flags uint8 (n,) or empty: 1 + the place in :data:`REASONS` of what else is wrong, else 0; longitude; latitude)
    rows : (first, last): rows first … last − 1 are judged
    tables : (first hour; period of each hour from there on, negative = rejected; place of each operator index;
        place of each technology index; highest download of each technology index), of missing ones the last
    target : (row int32, place int32, period int32, longitude float64, latitude float64), each (last − first + 1,):
        of the rows that are kept, those first; place is that of the operator plus that of the technology
    numbers : those of :meth:`RowRules.numbers`

    Returns
    -------
    int64 (1 + reasons,): rows kept, and rows rejected for each of :data:`REASONS`
    """
    counts = np.zeros(_COUNTS, np.int64)
    left = np.empty(target[0].shape[0], np.int32)
    kept = _keep(columns, rows, tables, (target[0], left), numbers)
    _explain(columns, left[: rows[1] - rows[0] - kept], tables, numbers, counts)
    counts[0] = kept
    moments, operators, technologies, _values, _flags, lon, lat = columns
    first_hour, periods, operator_place, technology_place, _highest = tables
    row, place, period, x, y = target
    for at in range(kept):
        index = row[at]
        period[at] = periods[_hours_after(first_hour, moments[index])]
        place[at] = operator_place[operators[index]] + technology_place[technologies[index]]
        x[at], y[at] = lon[index], lat[index]
    return counts


@njit(cache=True, inline="always")
def _keep(columns, rows, tables, target, numbers):  # pragma: no cover - compiled
    """Part the rows into those that break no rule and those that do; no branch depends on a row, so it is fast."""
    moments, _operators, technologies, (download, upload, latency, jitter), flags, _lon, _lat = columns
    first_hour, periods, _operator_place, _technology_place, highest = tables
    row, left = target
    has_upload, has_latency, has_jitter = upload.shape[0] > 0, latency.shape[0] > 0, jitter.shape[0] > 0
    has_flags = flags.shape[0] > 0
    kept, first = 0, rows[0]
    for index in range(first, rows[1]):
        found = -3
        if moments[index] != NO_TIME:
            found = periods[_hours_after(first_hour, moments[index])]
        good = (found >= 0) & (download[index] >= numbers[5])
        good &= download[index] <= highest[technologies[index]]
        if has_upload:
            good &= not _breaks(upload, index, numbers[7], numbers[8])
        if has_latency:
            good &= not _breaks(latency, index, numbers[9], numbers[10])
        if has_jitter:
            good &= not _breaks(jitter, index, numbers[11], numbers[12])
        if has_flags:
            good &= flags[index] == 0
        row[kept], left[index - first - kept] = index, index
        kept += good
    return kept


@njit(cache=True, inline="always")
def _explain(columns, left, tables, numbers, counts):  # pragma: no cover - compiled
    """Count the first reason of each row that breaks a rule."""
    moments, _operators, technologies, (download, upload, latency, jitter), flags, _lon, _lat = columns
    first_hour, periods, _operator_place, _technology_place, highest = tables
    for at in range(left.shape[0]):
        index, found = left[at], -3
        if moments[index] != NO_TIME:
            found = periods[_hours_after(first_hour, moments[index])]
        if download[index] != download[index]:
            reason = 1
        elif (
            download[index] < numbers[5]
            or download[index] > highest[technologies[index]]
            or (upload.shape[0] > 0 and _breaks(upload, index, numbers[7], numbers[8]))
            or (latency.shape[0] > 0 and _breaks(latency, index, numbers[9], numbers[10]))
            or (jitter.shape[0] > 0 and _breaks(jitter, index, numbers[11], numbers[12]))
        ):
            reason = 2
        elif found < 0:
            reason = -found
        else:
            reason = int(flags[index])
        counts[reason] += 1


@njit(cache=True, nogil=True)
def hours_met(moments, first_hour, met):  # pragma: no cover - compiled
    """Mark in ``met``, bool (hours,), the hours from ``first_hour`` on in which there are moments."""
    for moment in moments:
        if moment != NO_TIME:
            met[moment // _HOUR - first_hour] = True
