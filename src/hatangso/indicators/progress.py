"""A target held against what is known: five verdicts from a published formula, each with its calculation in words.

The formula. Before the due day the straight line from the baseline (or, without one, the first figure) to the target
says where the figure should stand; the pace made is compared with the pace the line asks for, as Statistics Canada and
Open SDG do: at 95 % of it or more the target is on course, below it is late. Met is met when the figure itself (and,
where an interval is known, its worse end) satisfies the target. After the due day only met, not met and cannot tell
remain. A target to maintain is met as long as no period breaks it.
"""

from __future__ import annotations

import datetime
import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from hatangso.errors import InputError
from hatangso.vietnamese import format_number

MET, ON_COURSE, LATE, NOT_MET, CANNOT_TELL, NOT_APPLICABLE = (
    "met",
    "on_course",
    "late",
    "not_met",
    "cannot_tell",
    "not_applicable",
)
VERDICT_WORDS = {
    MET: "Đạt", ON_COURSE: "Có khả năng đạt", LATE: "Chậm", NOT_MET: "Không đạt",
    CANNOT_TELL: "Chưa đủ dữ liệu", NOT_APPLICABLE: "Không áp dụng",
}  # fmt: skip
COMPARATORS = (">=", ">", "<=", "<", "=")
_SIGNS = {">=": "≥", "<=": "≤"}
ON_COURSE_PACE = 0.95
DAYS_A_YEAR = 365.25
FEWEST_POINTS = 4


@dataclass(frozen=True)
class Target:
    """What must hold by ``due``. ``value`` in the unit of the figures; ``maintain``: it must hold in every period.

    ``baseline`` is where the path begins (day, value) and ``baseline_source`` who says so; without one the path
    begins at the first figure.
    """

    comparator: str
    value: float
    due: datetime.date
    unit: str = ""
    maintain: bool = False
    baseline: tuple[datetime.date, float] | None = None
    applicable: bool = True
    baseline_source: str = ""

    def __post_init__(self) -> None:
        if self.comparator not in COMPARATORS:
            raise InputError(
                f"Dấu so sánh '{self.comparator}'", expected="một trong " + " ".join(COMPARATORS)
            )
        if not math.isfinite(self.value):
            raise InputError("Giá trị mục tiêu", found=str(self.value), expected="một số")

    def holds(self, value: float) -> bool:
        """Say whether a figure satisfies the target."""
        tolerance = 1e-9 * max(1.0, abs(self.value))
        return {
            ">=": value >= self.value - tolerance, ">": value > self.value + tolerance,
            "<=": value <= self.value + tolerance, "<": value < self.value - tolerance,
            "=": abs(value - self.value) <= tolerance,
        }[self.comparator]  # fmt: skip

    @property
    def rising(self) -> bool:
        """Whether more is better."""
        return self.comparator in (">=", ">")


@dataclass(frozen=True)
class Observation:
    """A figure of the period that ends on ``day``; ``low`` and ``high`` bound it where it rests on a sample."""

    day: datetime.date
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Forecast:
    """Where a straight line through the figures arrives on the due day, with its prediction interval."""

    value: float
    low: float
    high: float
    confidence: float
    points: int

    def words(self, target: Target) -> str:
        """Say the forecast with its interval: never below zero, a percentage never above 100."""
        low, high = 0.0, 100.0 if target.unit == "%" else math.inf
        middle, least, most = (
            _number(min(max(number, low), high), target) for number in (self.value, self.low, self.high)
        )
        return (
            f"Nếu giữ đà như {self.points} kỳ qua, đến {target.due:%d/%m/%Y} được {middle} "
            f"(khoảng {format_number(100 * self.confidence, 0)} %: {least} đến {most})."
        )


@dataclass(frozen=True)
class Progress:
    """verdict : one of the five words or not applicable; ``words`` tells the calculation
    expected : where the line stands on the day of the latest figure; pace : made / asked for
    needed_per_year : what is still to gain each year, in the unit of the figure
    broken_in : periods (last days) in which a target to maintain did not hold
    """

    verdict: str
    words: str
    latest: Observation | None = None
    expected: float | None = None
    pace: float | None = None
    needed_per_year: float | None = None
    forecast: Forecast | None = None
    broken_in: tuple[datetime.date, ...] = ()


def judge(
    target: Target, observations: Sequence[Observation], *, as_of: datetime.date, grace_days: int = 183
) -> Progress:
    """Judge a target on a day.

    Parameters
    ----------
    observations : figures in any order; those after ``as_of`` are not looked at
    grace_days : how much older than the due day the last figure may be to decide the outcome
    """
    if not target.applicable:
        return Progress(NOT_APPLICABLE, "Địa bàn không có đối tượng của chỉ tiêu này.")
    known = sorted((item for item in observations if item.day <= as_of), key=lambda item: item.day)
    wanted = f"mục tiêu {_SIGNS.get(target.comparator, target.comparator)} {_number(target.value, target)} đến {target.due:%d/%m/%Y}"
    if not known:
        return Progress(CANNOT_TELL, f"Chưa có số liệu nào; {wanted}.")
    if target.maintain:
        return _maintained(target, known, wanted)
    deciding = [item for item in known if item.day <= target.due] if as_of > target.due else known
    latest = deciding[-1] if deciding else known[-1]
    if as_of > target.due:
        return _after_due(target, deciding, known[-1], wanted, grace_days)
    if _surely(target, latest):
        return Progress(
            MET, f"{_said(latest, target)}: đã đạt {wanted}.", latest, forecast=forecast(known, target.due)
        )
    if target.holds(latest.value):
        return Progress(
            CANNOT_TELL, f"{_said(latest, target)} nhưng khoảng tin cậy còn vắt qua {wanted}.", latest
        )
    return _on_the_way(target, known, wanted)


def forecast(
    observations: Sequence[Observation], due: datetime.date, *, confidence: float = 0.8
) -> Forecast | None:
    """Extend a least-squares line to the due day; None with fewer than four figures or no spread in time."""
    if len(observations) < FEWEST_POINTS:
        return None
    days = np.array([(item.day - observations[0].day).days for item in observations], float)
    values = np.array([item.value for item in observations])
    spread = float(((days - days.mean()) ** 2).sum())
    if spread == 0:
        return None
    slope = float(((days - days.mean()) * (values - values.mean())).sum()) / spread
    residual = values - values.mean() - slope * (days - days.mean())
    count = len(values)
    ahead = (due - observations[0].day).days - days.mean()
    middle = float(values.mean() + slope * ahead)
    error = math.sqrt(float((residual**2).sum()) / (count - 2) * (1 + 1 / count + ahead**2 / spread))
    half = _student_quantile(confidence, count - 2) * error
    return Forecast(middle, middle - half, middle + half, confidence, count)


@functools.lru_cache(maxsize=512)
def _student_quantile(confidence: float, degrees: int) -> float:
    """Half the width of a two-sided interval of Student's t, in standard errors."""
    return float(stats.t.ppf(0.5 + confidence / 2, degrees))


def _maintained(target: Target, known: Sequence[Observation], wanted: str) -> Progress:
    broken = tuple(item.day for item in known if not target.holds(item.value))
    latest = known[-1]
    if not target.holds(latest.value):
        return Progress(
            NOT_MET,
            f"{_said(latest, target)}: không giữ được mức phải duy trì ({wanted}).",
            latest,
            broken_in=broken,
        )
    if broken:
        days = ", ".join(f"{day:%d/%m/%Y}" for day in broken)
        return Progress(
            NOT_MET,
            f"Nay {_said(latest, target)} nhưng đã có kỳ không giữ được mức phải duy trì: {days}.",
            latest,
            broken_in=broken,
        )
    return Progress(MET, f"{_said(latest, target)}: giữ được ở tất cả {len(known)} kỳ ({wanted}).", latest)


def _after_due(
    target: Target, deciding: Sequence[Observation], newest: Observation, wanted: str, grace_days: int
) -> Progress:
    latest = deciding[-1] if deciding else newest
    if (target.due - latest.day).days > grace_days:
        return Progress(
            CANNOT_TELL,
            f"Số liệu cuối trước hạn là của {latest.day:%d/%m/%Y}, quá xa hạn để kết luận; {wanted}.",
            latest,
        )
    if _surely(target, latest):
        return Progress(MET, f"{_said(latest, target)}: đạt {wanted}.", latest)
    if target.holds(latest.value) or _perhaps(target, latest):
        return Progress(CANNOT_TELL, f"{_said(latest, target)}; khoảng tin cậy vắt qua {wanted}.", latest)
    later = (
        f" Đến {newest.day:%d/%m/%Y} mới được {_number(newest.value, target)}."
        if newest.day > target.due
        else ""
    )
    return Progress(NOT_MET, f"{_said(latest, target)}: không đạt {wanted}.{later}", latest)


def _on_the_way(target: Target, known: Sequence[Observation], wanted: str) -> Progress:
    latest = known[-1]
    left = (target.due - latest.day).days / DAYS_A_YEAR
    missing = target.value - latest.value
    needed = missing / left if left > 0 else None
    start = target.baseline or ((known[0].day, known[0].value) if len(known) > 1 else None)
    source = target.baseline_source or ("" if target.baseline else "số liệu đầu tiên")
    tail = f" Còn phải {'tăng' if missing > 0 else 'giảm'} {_number(abs(missing), target)}" + (
        f", mỗi năm {_number(abs(needed), target)}." if needed is not None else "."
    )
    if start is None or start[0] >= latest.day or start[0] >= target.due:
        return Progress(
            CANNOT_TELL,
            f"{_said(latest, target)}; {wanted}; chưa có số gốc nên chưa so được tiến độ.{tail}",
            latest,
            needed_per_year=needed,
        )
    base_day, base = start
    passed = (latest.day - base_day).days / (target.due - base_day).days
    expected = base + (target.value - base) * passed
    asked = expected - base
    pace = (latest.value - base) / asked if abs(asked) > 1e-12 else math.inf
    verdict = ON_COURSE if pace >= ON_COURSE_PACE else LATE
    words = (
        f"Từ {_number(base, target)} ({f'{source}, ' if source else ''}{base_day:%d/%m/%Y}) đến {wanted}, đường thẳng đòi hỏi {_number(expected, target)} vào {latest.day:%d/%m/%Y}; "
        f"thực tế {_number(latest.value, target)}: bằng {format_number(100 * pace, 0)} % bước phải đi "
        f"({'từ' if verdict == ON_COURSE else 'dưới'} {format_number(100 * ON_COURSE_PACE, 0)} % là {VERDICT_WORDS[verdict].lower()}).{tail}"
    )
    return Progress(verdict, words, latest, expected, pace, needed, forecast(known, target.due))


def _surely(target: Target, item: Observation) -> bool:
    worse = item.low if target.rising else item.high
    return target.holds(item.value) and (worse is None or target.holds(worse))


def _perhaps(target: Target, item: Observation) -> bool:
    better = item.high if target.rising else item.low
    return better is not None and target.holds(better)


def _said(item: Observation, target: Target) -> str:
    text = f"{_number(item.value, target)} ngày {item.day:%d/%m/%Y}"
    if item.low is not None and item.high is not None:
        text += f" (khoảng {_number(item.low, target)} đến {_number(item.high, target)})"
    return text


def _number(value: float, target: Target) -> str:
    return format_number(round(value, 2)) + (f" {target.unit}" if target.unit else "")
