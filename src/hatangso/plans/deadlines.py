"""By when: years, quarters, months and days in the headings and sentences of a plan."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from hatangso.vietnamese import fold_same_length

_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_YEAR = r"(?P<year>20[1-9]\d)"
_LEAD = r"(?P<lead>(?:(?:phan dau|tinh|ke|bat dau|den|toi|truoc|trong|vao|het|hoan thanh|cham nhat|muon nhat|cuoi|thoi diem|ngay|nam|tu)\s+)*)"
_DOCUMENT = re.compile(
    r"\b\d+\s*/\s*(?:\d{4}\s*/\s*)?[a-z]{2,}[\w&/.-]*(?:\s*(?:,\s*)?ngay\s+\d{1,2}\s*(?:/|-|thang)\s*\d{1,2}\s*(?:/|-|nam)\s*\d{4})?"
)
_FORMS = (
    (
        "day",
        re.compile(
            _LEAD + r"(?P<day>\d{1,2})\s*(?:/|-|\.|thang)\s*(?P<month>\d{1,2})\s*(?:/|-|\.|nam)\s*" + _YEAR
        ),
    ),
    ("quarter", re.compile(_LEAD + r"quy\s+(?P<quarter>iv|iii|ii|i|[1-4])\s*(?:/|nam|-)\s*" + _YEAR)),
    ("half", re.compile(_LEAD + r"(?:6|sau)\s+thang\s+(?P<half>dau|cuoi)\s+nam\s+" + _YEAR)),
    ("month", re.compile(_LEAD + r"thang\s+(?P<month>\d{1,2})\s*(?:/|nam|-)\s*" + _YEAR)),
    (
        "period",
        re.compile(
            _LEAD
            + r"(?:(?:giai doan|thoi ky)\s+)?(?:nam\s+)?(?P<from>20[0-9]\d)\s*(?:-|–|—|den nam|den)\s*(?:nam\s+)?"
            + _YEAR
        ),
    ),
    (
        "year",
        re.compile(
            r"(?P<lead>(?:(?:phan dau|tinh|ke|bat dau|den|toi|truoc|trong|vao|het|hoan thanh|cuoi|tu)\s+)*nam\s+)"
            + _YEAR
            + r"(?!\d)"
        ),
    ),
    (
        "year",
        re.compile(
            _LEAD + r"(?<![\d.,/])" + _YEAR + r"(?!\d|[.,]\d|\s*(?:nguoi|dan\b|tram|ho\b|km|m\b|%|diem))"
        ),
    ),
)
_BASE = re.compile(
    r"(?:so voi|\bgap (?:doi|ruoi|ba|[\d.,\w]+ lan)|\bbang [\d.,]+ lan|cung ky|hien trang|thoi diem|tinh den|ke tu|hien nay|nam goc)(?:\s+(?:cuoi|nam|thang|cung ky|thoi diem|het|muc))*\s*$"
)
_VISION = re.compile(r"tam nhin(?:\s+(?:den|chien luoc|nam))*\s*$")
_ORIENTATION = re.compile(r"(?:dinh huong|huong toi|huong den)(?:\s+(?:den|toi|nam))*\s*$")


@dataclass(frozen=True, slots=True)
class Deadline:
    """A date in a text.

    Parameters
    ----------
    year : the year; the last one of a period
    due : the last day on which it is met: 31 December unless a day, month or quarter is written
    start, end : span in the text, leading words included
    role : ``due``, ``base`` ("so với năm 2024"), ``vision`` ("tầm nhìn 2050") or ``orientation``
    first : the first year of a period, else None
    precise : a day, month, quarter or half-year is written
    """

    year: int
    due: date | None
    start: int
    end: int
    role: str = "due"
    first: int | None = None
    precise: bool = False


@lru_cache(maxsize=4096)
def find_deadlines(text: str) -> tuple[Deadline, ...]:
    """Return the dates of ``text`` in order, without those that belong to a cited document.

    An impossible date ("31/11/2025") keeps its year and has no due day.

    Parameters
    ----------
    text : a heading or sentence, NFC
    """
    if "20" not in text:
        return ()
    folded = fold_same_length(text)
    folded = _DOCUMENT.sub(lambda found: "#" * len(found.group()), folded)
    found: list[Deadline] = []
    for form, pattern in _FORMS:
        for match in pattern.finditer(folded):
            if form == "day" and re.match(r"\s*cua\s", folded[match.end() :]):
                continue
            if not any(match.start() < other.end and other.start < match.end() for other in found):
                found.append(_deadline(form, match, folded))
    return tuple(sorted(found, key=lambda deadline: deadline.start))


def heading_year(text: str) -> Deadline | None:
    """Return the date a heading sets for what stands below it, None when it names none or several.

    "Mục tiêu đến năm 2025, tầm nhìn đến năm 2030" sets 2025; "Giai đoạn 2026–2030" sets 2030;
    "Mục tiêu đến năm 2025 và năm 2030" leaves it to the lines below.
    """
    dates = [deadline for deadline in find_deadlines(text) if deadline.role == "due"]
    if not dates:
        loose = [d for d in find_deadlines(text) if d.role == "orientation"]
        return loose[0] if len(loose) == 1 else None
    if len({deadline.year for deadline in dates}) > 1:
        narrowed = [deadline for deadline in dates if deadline.first is None]
        return narrowed[0] if len(narrowed) == 1 and len(dates) == 2 else None
    return dates[0]


def _deadline(form: str, match: re.Match[str], folded: str) -> Deadline:
    year = int(match.group("year"))
    ahead = folded[max(0, match.start() - 40) : match.start()] + match.group("lead")
    role = "due"
    if _BASE.search(ahead):
        role = "base"
    elif _VISION.search(ahead):
        role = "vision"
    elif _ORIENTATION.search(ahead):
        role = "orientation"
    first = int(match.group("from")) if form == "period" else None
    due = _due(form, match, year)
    precise = form in {"day", "quarter", "half", "month"}
    return Deadline(year, due, match.start(), match.end(), role, first, precise)


def _due(form: str, match: re.Match[str], year: int) -> date | None:
    if form == "day":
        return _day(year, int(match.group("month")), int(match.group("day")))
    if form == "month":
        return _month_end(year, int(match.group("month")))
    if form == "quarter":
        return _month_end(year, 3 * _QUARTERS[match.group("quarter")])
    if form == "half" and match.group("half") == "dau":
        return date(year, 6, 30)
    return date(year, 12, 31)


def _month_end(year: int, month: int) -> date | None:
    return _day(year, month, calendar.monthrange(year, month)[1]) if 1 <= month <= 12 else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
