"""Months, quarters, half-years and years; the two reporting calendars; deadlines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache

from hatangso.errors import InputError
from hatangso.lawfiles import read_entries
from hatangso.vietnamese import fold
from hatangso.workdays import is_working_day, last_working_day, working_days_between

ADMINISTRATIVE = "administrative"
STATISTICAL = "statistical"


class Kind(Enum):
    """How long a period is; the value is the number of months."""

    MONTH = 1
    QUARTER = 3
    HALF_YEAR = 6
    YEAR = 12


@dataclass(frozen=True)
class Window:
    """The days a period's figures cover, both ends included."""

    start: date
    end: date

    def contains(self, day: date) -> bool:
        """Say whether the day lies in the window."""
        return self.start <= day <= self.end


@dataclass(frozen=True)
class Calendar:
    """A reporting calendar: where a period opens and closes, and when its report is due.

    ``start_month_offset`` -1 opens in the month before; ``end_day`` 0 closes on the last day of the month;
    ``due_day`` is a day of the period's last month, None where each form sets its own.
    """

    code: str
    name_vi: str
    name_en: str
    start_day: int
    start_month_offset: int
    end_day: int
    minimum_working_days: int
    due_scope_vi: str
    document: str
    article: str
    due_day: int | None = None
    unverified: str = ""


@dataclass(frozen=True)
class Period:
    """A month, quarter, half-year or year: ``Period(Kind.QUARTER, 2025, 3)``.

    Parameters
    ----------
    kind : how long it is
    year : calendar year it is named after, 1900 to 2200
    number : 1–12 for months, 1–4 for quarters, 1–2 for half-years, 1 for a year
    """

    kind: Kind
    year: int
    number: int = 1

    def __post_init__(self) -> None:
        most = 12 // self.kind.value
        if not 1900 <= self.year <= 2200:
            raise InputError(f"Kỳ báo cáo năm {self.year}", expected="năm từ 1900 đến 2200")
        if not 1 <= self.number <= most:
            raise InputError(
                f"Kỳ báo cáo thứ {self.number} của năm {self.year}", expected=f"số từ 1 đến {most}"
            )

    def __lt__(self, other: Period) -> bool:
        return self._order() < other._order()

    def __str__(self) -> str:
        return self.name_vi

    @property
    def code(self) -> str:
        """The code: ``2025-09``, ``2025Q3``, ``2025H1``, ``2025``."""
        match self.kind:
            case Kind.MONTH:
                return f"{self.year}-{self.number:02d}"
            case Kind.QUARTER:
                return f"{self.year}Q{self.number}"
            case Kind.HALF_YEAR:
                return f"{self.year}H{self.number}"
            case _:
                return str(self.year)

    @property
    def name_vi(self) -> str:
        """The name as an office writes it: ``quý III/2025``, ``6 tháng đầu năm 2026``."""
        match self.kind:
            case Kind.MONTH:
                return f"tháng {self.number} năm {self.year}"
            case Kind.QUARTER:
                return f"quý {_ROMAN[self.number - 1]}/{self.year}"
            case Kind.HALF_YEAR:
                return f"6 tháng {'đầu' if self.number == 1 else 'cuối'} năm {self.year}"
            case _:
                return f"năm {self.year}"

    @property
    def name_en(self) -> str:
        """The English name: ``third quarter of 2025``."""
        match self.kind:
            case Kind.MONTH:
                return f"{date(self.year, self.number, 1):%B} {self.year}"
            case Kind.QUARTER:
                return f"{('first', 'second', 'third', 'fourth')[self.number - 1]} quarter of {self.year}"
            case Kind.HALF_YEAR:
                return f"{('first', 'second')[self.number - 1]} half of {self.year}"
            case _:
                return str(self.year)

    @property
    def first_month(self) -> int:
        """The first month of the period, 1–12."""
        return (self.number - 1) * self.kind.value + 1

    @property
    def last_month(self) -> int:
        """The last month of the period, 1–12."""
        return self.number * self.kind.value

    def next(self, steps: int = 1) -> Period:
        """Return the period ``steps`` later, of the same kind (negative: earlier)."""
        per_year = 12 // self.kind.value
        years, number = divmod(self.number - 1 + steps, per_year)
        return Period(self.kind, self.year + years, number + 1)

    def previous(self, steps: int = 1) -> Period:
        """Return the period ``steps`` earlier, of the same kind."""
        return self.next(-steps)

    def until(self, last: Period) -> Iterator[Period]:
        """Yield this period and the following ones of its kind up to and with ``last``."""
        if last.kind is not self.kind:
            raise InputError(
                f"Dãy kỳ từ {self.name_vi} đến {last.name_vi}",
                found="hai loại kỳ",
                expected="cùng một loại kỳ",
            )
        period = self
        while not last < period:
            yield period
            period = period.next()

    def parts(self, kind: Kind) -> tuple[Period, ...]:
        """Return the shorter periods it is made of: the three months of a quarter."""
        if kind.value > self.kind.value:
            raise InputError(f"Chia {self.name_vi}", expected="một loại kỳ ngắn hơn hoặc bằng")
        first = Period(kind, self.year, (self.first_month - 1) // kind.value + 1)
        return tuple(first.next(step) for step in range(self.kind.value // kind.value))

    def covers(self, other: Period) -> bool:
        """Say whether the other period lies wholly inside: a year covers its quarters and itself."""
        same_year = self.year == other.year
        return same_year and self.first_month <= other.first_month and other.last_month <= self.last_month

    def window(self, calendar: str = ADMINISTRATIVE) -> Window:
        """Return the days its figures cover in a reporting calendar.

        In the administrative calendar (Decree 09/2019/NĐ-CP, art. 12) September 2025 runs from 15 August to
        14 September; in the statistical one (Decree 60/2018/NĐ-CP) from the 1st to the 30th.
        """
        rule = reporting_calendar(calendar)
        opening = Period(Kind.MONTH, self.year, self.first_month).next(rule.start_month_offset)
        closing_month = Period(Kind.MONTH, self.year, self.last_month)
        if rule.end_day:
            end = date(self.year, closing_month.number, rule.end_day)
        else:
            following = closing_month.next()
            end = date(following.year, following.number, 1) - timedelta(days=1)
        return Window(date(opening.year, opening.number, rule.start_day), end)

    def contains(self, day: date, calendar: str = ADMINISTRATIVE) -> bool:
        """Say whether a day's figures belong to this period in a reporting calendar."""
        return self.window(calendar).contains(day)

    def _order(self) -> tuple[int, int, int]:
        return self.year, self.first_month, self.kind.value


@dataclass(frozen=True)
class Deadline:
    """When figures close and the report is due.

    ``submit_by`` is the last working day not after ``due``: who sends on it is never late. ``due`` is None in
    the statistical calendar, where each form sets its own day.
    """

    period: Period
    closing: date
    due: date | None
    submit_by: date | None
    working_days: int | None
    document: str
    article: str
    unverified: str = ""


@dataclass(frozen=True)
class DueWarning:
    """A fault in a report's date: a code for programs, a sentence for people."""

    code: str
    text_vi: str


def month(year: int, number: int) -> Period:
    """Return a month: ``month(2025, 9)``."""
    return Period(Kind.MONTH, year, number)


def quarter(year: int, number: int) -> Period:
    """Return a quarter: ``quarter(2025, 3)``."""
    return Period(Kind.QUARTER, year, number)


def half_year(year: int, number: int) -> Period:
    """Return a half-year: ``half_year(2026, 1)`` is the first six months."""
    return Period(Kind.HALF_YEAR, year, number)


def year(number: int) -> Period:
    """Return a year."""
    return Period(Kind.YEAR, number)


def parse_period(text: str) -> Period:
    """Read a period as offices write it, or its code.

    ``quý III/2025``, ``Q3/2025``, ``6 tháng đầu năm 2026``, ``tháng 9 năm 2024``, ``09/2024``, ``năm 2025``,
    ``2025Q3``, ``2025-09``, ``2025H1``, ``2025``. Diacritics and case do not matter.

    Raises
    ------
    InputError
        when the text is none of these, or names two periods.
    """
    folded = fold(text).strip(" .,;:")
    for pattern, kind in _WRITTEN:
        match = pattern.fullmatch(folded)
        if match:
            return Period(kind, int(match["year"]), _number(match.groupdict().get("number"), kind))
    raise InputError(
        f"Kỳ báo cáo '{text}'",
        found="không đọc được",
        expected="viết như quý III/2025, 6 tháng đầu năm 2026, tháng 9 năm 2024, năm 2025 hay 2025Q3",
    )


def period_of(day: date, kind: Kind, calendar: str = ADMINISTRATIVE) -> Period:
    """Return the period of a kind to which a day's figures belong.

    In the administrative calendar 20 September 2025 belongs to October 2025, and 20 December to the next year.
    """
    guess = Period(kind, day.year, (day.month - 1) // kind.value + 1)
    return guess if guess.contains(day, calendar) else guess.next()


@lru_cache(maxsize=8)
def reporting_calendar(code: str) -> Calendar:
    """Return a reporting calendar: ``administrative`` (15th to 14th) or ``statistical`` (calendar months)."""
    for entry in read_entries("calendars"):
        if entry["code"] == code:
            known = {key: cell for key, cell in entry.items() if key not in {"from", "until"}}
            return Calendar(**{"article": "", **known})
    raise InputError(
        f"Lịch báo cáo '{code}'", found="không có", expected=f"{ADMINISTRATIVE} hoặc {STATISTICAL}"
    )


def deadline(period: Period, calendar: str = ADMINISTRATIVE) -> Deadline:
    """Return when a period's figures close and its report is due.

    Administrative: closing on the 14th, due on the 25th of the last month (Decree 09/2019/NĐ-CP, art. 12–13:
    ministries and provinces to the Government; lower levels as the document that asks for the report says).
    """
    rule = reporting_calendar(calendar)
    closing = period.window(calendar).end
    due = date(period.year, period.last_month, rule.due_day) if rule.due_day else None
    return Deadline(
        period=period,
        closing=closing,
        due=due,
        submit_by=last_working_day(due) if due else None,
        working_days=working_days_between(closing, due) if due else None,
        document=rule.document,
        article=rule.article,
        unverified=rule.unverified,
    )


def due_warnings(due: date, period: Period, calendar: str = ADMINISTRATIVE) -> tuple[DueWarning, ...]:
    """Say what is wrong with the day on which a plan wants the report of a period.

    ``before_closing``: figures are not closed yet; ``too_soon``: fewer working days after closing than the rule
    asks; ``day_off``: nobody works that day; ``after_rule``: later than the day the rule sets for ministries
    and provinces.
    """
    rule = reporting_calendar(calendar)
    standing = deadline(period, calendar)
    written, closing = f"{due:%d/%m/%Y}", f"{standing.closing:%d/%m/%Y}"
    warnings = []
    if due <= standing.closing:
        warnings.append(
            DueWarning(
                "before_closing",
                f"Hạn gửi {written} trước khi chốt số liệu {period.name_vi} ({closing}, {rule.document}): "
                "số liệu gửi đi chưa đủ kỳ.",
            )
        )
    elif working_days_between(standing.closing, due) < rule.minimum_working_days:
        warnings.append(
            DueWarning(
                "too_soon",
                f"Từ ngày chốt số liệu {closing} đến hạn gửi {written} chưa đủ {rule.minimum_working_days} "
                f"ngày làm việc ({rule.document}).",
            )
        )
    if not is_working_day(due):
        before = last_working_day(due)
        warnings.append(
            DueWarning(
                "day_off",
                f"Hạn gửi {written} là ngày nghỉ; ngày làm việc gần nhất trước đó: {before:%d/%m/%Y}.",
            )
        )
    if standing.due and due > standing.due:
        warnings.append(
            DueWarning(
                "after_rule",
                f"Hạn gửi {written} sau ngày {standing.due:%d/%m/%Y} mà {rule.document} đặt cho bộ, tỉnh.",
            )
        )
    return tuple(warnings)


_ROMAN = ("I", "II", "III", "IV")
_YEAR = r"(?P<year>(?:19|20|21)\d\d)"
_OF_YEAR = rf"(?:\s*/\s*|\s*-\s*|\s+nam\s+|\s+)(?:nam\s+)?{_YEAR}"
_WRITTEN: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (re.compile(rf"{_YEAR}-(?P<number>\d\d)"), Kind.MONTH),
    (re.compile(rf"{_YEAR}-?q(?P<number>\d)"), Kind.QUARTER),
    (re.compile(rf"{_YEAR}-?h(?P<number>\d)"), Kind.HALF_YEAR),
    (re.compile(rf"(?:thang\s+|t\.?\s*)?(?P<number>\d\d?)\s*[/-]\s*{_YEAR}"), Kind.MONTH),
    (re.compile(rf"(?:thang\s+|t\.?\s*)(?P<number>\d\d?){_OF_YEAR}"), Kind.MONTH),
    (re.compile(rf"(?:quy\s+|q\.?\s*)(?P<number>[ivx]+|\d){_OF_YEAR}"), Kind.QUARTER),
    (re.compile(rf"(?:0?6|sau)\s+thang\s+(?P<number>dau|cuoi){_OF_YEAR}"), Kind.HALF_YEAR),
    (re.compile(rf"nua\s+(?P<number>dau|cuoi){_OF_YEAR}"), Kind.HALF_YEAR),
    (re.compile(rf"(?:ca\s+)?nam\s+{_YEAR}"), Kind.YEAR),
    (re.compile(_YEAR), Kind.YEAR),
)


def _number(written: str | None, kind: Kind) -> int:
    if written is None:
        return 1
    if written.isdigit():
        return int(written)
    if kind is Kind.HALF_YEAR:
        return 1 if written == "dau" else 2
    return _ROMAN.index(written.upper()) + 1 if written.upper() in _ROMAN else 0
